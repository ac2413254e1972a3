/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call.h: one call, from dialling or ringing to its last word.
 *
 * Properties:
 *   address, display-address, name   the other side
 *   is-incoming, state (PealCallState), state-text (the words of the table: "Ringing…")
 *   end-text ("Bob declined"), end-hint (what can be done about it, may be empty)
 *   duration (uint, seconds since it was answered, notified each second)
 *   is-muted, is-held, is-held-by-peer
 *   security (PealCallSecurity), security-text, path-text ("direct connection"), is-key-changed
 *   words (to be compared with the other side's, empty when there are none)
 *   microphone-level, speaker-level (double, 0..1, for level bars)
 *   quality (PealCallQuality), quality-text
 *   warning-text ("You can't hear Bob: nothing is arriving"), notified with its remedy
 *   details (lines for the popover and Copy: codec, path, loss, jitter, RTT, bit rate, cipher; of a
 *   call that failed, what is known of that; and the signs below)
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef enum PealCallState {
  PEAL_CALL_LOOKING,
  PEAL_CALL_CONNECTING,
  PEAL_CALL_RINGING,
  PEAL_CALL_UP,
  PEAL_CALL_RECONNECTING,
  PEAL_CALL_ENDED,
} PealCallState;

typedef enum PealCallQuality {
  PEAL_CALL_QUALITY_UNKNOWN,
  PEAL_CALL_QUALITY_GOOD,
  PEAL_CALL_QUALITY_FAIR,
  PEAL_CALL_QUALITY_POOR,
} PealCallQuality;

typedef enum PealCallSecurity {
  PEAL_CALL_SECURITY_NONE,
  PEAL_CALL_SECURITY_ENCRYPTED,
  PEAL_CALL_SECURITY_VERIFIED,    /* words were compared, in this call or before */
  PEAL_CALL_SECURITY_DOUBTFUL,    /* the words differed, or were tampered with */
  PEAL_CALL_SECURITY_KEY_CHANGED, /* another key than before */
} PealCallSecurity;

/* What a window may offer when a call could not be made, or when its sound does not work. */
typedef enum PealCallRemedy {
  PEAL_CALL_REMEDY_NONE,
  PEAL_CALL_REMEDY_ADD_FOR_LATER, /* nobody of that name yet */
  PEAL_CALL_REMEDY_ASK_AGAIN,     /* not confirmed */
  PEAL_CALL_REMEDY_COMPARE,       /* the key has changed */
  PEAL_CALL_REMEDY_CHOOSE,        /* several people have that name: see the choices */
  PEAL_CALL_REMEDY_CALL_AGAIN,
  PEAL_CALL_REMEDY_CHOOSE_MICROPHONE, /* during a call */
  PEAL_CALL_REMEDY_SOUND_SETTINGS,    /* during a call */
} PealCallRemedy;

#define PEAL_TYPE_CALL (peal_call_get_type ())
G_DECLARE_FINAL_TYPE (PealCall, peal_call, PEAL, CALL, GObject)

guint peal_call_get_id (PealCall *self); /* unique in this run; names the notification */
const char *peal_call_get_address (PealCall *self);
const char *peal_call_get_display_address (PealCall *self);
const char *peal_call_get_name (PealCall *self);
bool peal_call_get_is_incoming (PealCall *self);
PealCallState peal_call_get_state (PealCall *self);
PealCallRemedy peal_call_get_remedy (PealCall *self);
PealCallRemedy peal_call_get_warning_remedy (PealCall *self);
PealCallSecurity peal_call_get_security (PealCall *self);
const char *peal_call_get_words (PealCall *self);

/* Somebody who has the dialled name. */
typedef struct PealCallChoice {
  char *name;  /* of a contact who has that key; NULL */
  char *words; /* that name the key */
} PealCallChoice;

const PealCallChoice *peal_call_get_choices (PealCall *self, size_t *ret_count);

/* The people have compared `words`. A match verifies the other side's key; words that differ end
 * the call. */
void peal_call_compared (PealCall *self, bool is_match);

void peal_call_answer (PealCall *self);
void peal_call_decline (PealCall *self);

/* Ends it whatever its state; harmless on an ended one. */
void peal_call_end (PealCall *self);

/* Takes an ended call out of the phone's list (its window was closed). */
void peal_call_close (PealCall *self);
void peal_call_set_muted (PealCall *self, bool is_muted);
void peal_call_set_held (PealCall *self, bool is_held);
void peal_call_send_digit (PealCall *self, char digit);

/* What a call has measured of itself; times are -1 while it has not come to that. */
typedef struct PealCallFacts {
  int ring_ms;            /* from dialling to the first ringing */
  int answer_to_sound_ms; /* from the answer to the first sound decoded here */
  bool is_encrypted;      /* SRTP with keys by DTLS whose certificate was checked */
  bool is_direct;         /* no relay in between */
  double loss_received;   /* 0..1 */
  double rtt_ms;
} PealCallFacts;

PealCallFacts peal_call_get_facts (PealCall *self);

/* What those who look for a fault may want to know. */
typedef enum PealCallSignKind {
  PEAL_CALL_SIGN_CHECKS, /* of pairs of candidates */
  PEAL_CALL_SIGN_PAIR,   /* the one in use */
  PEAL_CALL_SIGN_LOCAL,
  PEAL_CALL_SIGN_REMOTE,
  PEAL_CALL_SIGN_RELAY,
  PEAL_CALL_SIGN_SENT, /* our sound, as the other side reports */
  PEAL_CALL_SIGN_RECEIVED,
  PEAL_CALL_SIGN_WAY, /* a peer on the way through the network */
} PealCallSignKind;

/* Each in a line of its own, "local host 192.0.2.1:5000", not for translation; ends with NULL.
 * (transfer full) */
char **peal_call_get_signs (PealCall *self);
