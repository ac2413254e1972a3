/* SPDX-License-Identifier: GPL-3.0-or-later */
/* duo.h: two sessions in one process, each other's network; a wire between them that loses. */
#pragma once
#include "core/phone/call-media.h"

typedef struct Phone {
  struct Duo *duo;
  CallMediaSession *session;
  SrtpKeys keys;
  GString *digits;
  GArray *faults; /* of CallMediaFault */
  CallMediaQuality quality;
  unsigned qualities, levels, first_sounds;
  double microphone_db, speaker_db; /* the loudest since duo_forget() */
  uint64_t sent_rtp, sent_rtcp;     /* datagrams; by RFC 5761's numbers */
  uint64_t sent_red;
} Phone;

typedef struct Duo {
  CallMedia *media;
  Phone a, b;
  double loss;        /* 0..1, both ways, of a seeded generator */
  unsigned jitter_ms; /* each datagram is held for up to so long; they overtake each other */
  GPtrArray *held;    /* of those datagrams */
  bool is_still;      /* all are held, both ways, until duo_go_on() */
  GRand *random;
  void (*tap) (struct Duo *duo, Phone *from, Bytes datagram); /* before loss; may be NULL */
  void *tap_data;
} Duo;

/* Opens both sessions; connects them only with duo_start(). */
Duo *duo_new (CallMedia *media, const CallMediaOptions *a, const CallMediaOptions *b);
void duo_free (Duo *self);
void duo_start (Duo *self);

/* Both ends' keys for a profile, fitting crosswise. */
void duo_make_keys (SrtpProfile profile, SrtpKeys *ret_a, SrtpKeys *ret_b);

/* Runs the main loop until the condition holds; fails the test after a minute. */
typedef bool (*DuoCondition) (Duo *self);
void duo_wait (Duo *self, DuoCondition condition);

/* Runs it while `phone` is told `count` more qualities: seconds of the session, not of the test. */
void duo_run (Duo *self, Phone *phone, unsigned count);

/* What waits comes at once, in order. */
void duo_go_on (Duo *self);
bool duo_has_fault (const Phone *phone, CallMediaFault fault);
void duo_forget (Duo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Duo, duo_free)
