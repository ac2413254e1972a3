/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account-private.h: how the phone keeps a PealAccount up to date. */
#pragma once
#include "core/phone/account.h"
#include "core/phone/words.h"

typedef struct PealAccountStart {
  const char *label;
  const char *instance_name;
  const char *user; /* the part of the address before the @ */
  const char *display_name;
} PealAccountStart;

PealAccount *peal_account_new (const PealAccountStart *start);

void peal_account_show_key_words (PealAccount *self, const char *words);
void peal_account_show_label (PealAccount *self, const char *label);
void peal_account_show_state (PealAccount *self, PealAccountState state, unsigned peers);

/* Copied. */
void peal_account_show_reach (PealAccount *self, const WordsReach *reach);

/* Lines on how others come in, and a command that would let them; both may be empty. */
void peal_account_show_outside (PealAccount *self, const char *lines, const char *remedy);
