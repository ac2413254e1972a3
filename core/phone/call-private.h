/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-private.h: how the phone keeps a PealCall up to date. */
#pragma once
#include "core/phone/call.h"

/* What a person asks of a call goes to its owner; the peal_call_show_*() functions bring the
 * outcome back. */
typedef struct PealCallActions {
  void (*answer) (gpointer owner, PealCall *self);
  void (*decline) (gpointer owner, PealCall *self);
  void (*end) (gpointer owner, PealCall *self);
  void (*close) (gpointer owner, PealCall *self);
  void (*set_muted) (gpointer owner, PealCall *self, bool is_muted);
  void (*set_held) (gpointer owner, PealCall *self, bool is_held);
  void (*send_digit) (gpointer owner, PealCall *self, char digit);
  void (*compared) (gpointer owner, PealCall *self, bool is_match);
} PealCallActions;

typedef struct PealCallStart {
  guint id;
  const char *address;
  const char *display_address;
  const char *name;
  bool is_incoming;
} PealCallStart;

PealCall *
peal_call_new (const PealCallStart *start, const PealCallActions *actions, gpointer owner);

/* From now on its functions do nothing; for an owner that goes away. */
void peal_call_detach (PealCall *self);

void peal_call_show_state (PealCall *self, PealCallState state);

/* Ends it for good. */
void peal_call_show_end (PealCall *self, const char *text, const char *hint, PealCallRemedy remedy);

/* A forwarded call: somebody else than the dialled person answers. */
void peal_call_show_other (PealCall *self, const char *display_address, const char *name);
void peal_call_show_duration (PealCall *self, unsigned seconds);

/* Until a lost call is given up; 0 when that is not known. */
void peal_call_show_left (PealCall *self, unsigned seconds);
void peal_call_show_muted (PealCall *self, bool is_muted);
void peal_call_show_hold (PealCall *self, bool is_held, bool is_held_by_peer);
void peal_call_show_security (PealCall *self, PealCallSecurity security, const char *text);
void peal_call_show_words (PealCall *self, const char *words);

/* Before the call's end is shown. Copied. */
void peal_call_show_choices (PealCall *self, const PealCallChoice *choices, size_t count);
void peal_call_show_path (PealCall *self, const char *text);

/* 0..1 each. */
void peal_call_show_levels (PealCall *self, double microphone, double speaker);

/* See signs.h; kept. */
void peal_call_show_signs (PealCall *self, GPtrArray *signs);
void peal_call_show_quality (PealCall *self, PealCallQuality quality, const char *details);

/* NULL or empty: nothing to warn of. `remedy`: what to do about it. */
void peal_call_show_warning (PealCall *self, const char *text, PealCallRemedy remedy);
void peal_call_show_facts (PealCall *self, const PealCallFacts *facts);
bool peal_call_get_is_held (PealCall *self);
unsigned peal_call_get_duration (PealCall *self);
