/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signs.h: what was found out about a call, in the order in which it is shown. */
#pragma once
#include "core/phone/call.h"

typedef struct PealCallSign {
  PealCallSignKind kind;
  char *value;
} PealCallSign;

/* Of PealCallSign. */
GPtrArray *signs_new (void);

/* Takes `value`. */
void signs_add (GPtrArray *self, PealCallSignKind kind, char *value);
void signs_add_all (GPtrArray *self, const GPtrArray *others);

/* After `first`, each with the words for it in a line of its own. `self` may be NULL. */
char *signs_to_words (const GPtrArray *self, const char *first);

/* See peal_call_get_signs(). */
char **signs_to_lines (const GPtrArray *self);
