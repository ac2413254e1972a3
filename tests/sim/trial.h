/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trial.h: one run of a simulated overlay: peers come, look each other up, and suffer what the plan
 * says; then the checkers judge. */
#pragma once
#include "tests/sim/fault.h"
#include "tests/sim/gang.h"
#include "tests/sim/ledger.h"
#include "tests/sim/rider.h"
#include "tests/sim/roll.h"
#include "tests/sim/survey.h"
#include "tests/sim/watch.h"

typedef struct Plan {
  int peers;
  double minutes;
  int64_t seed;
  double median_session; /* minutes; 0: nobody leaves */
  double kill_half_at;   /* seconds; 0: never */
  int fixed;             /* seconds, see SimOptions */
  double loss;
  double trouble;    /* share of datagrams that fail, come twice or late; and of failures to keep */
  double secluded;   /* share of peers that no one calls at, and no two of which get together */
  double malicious;  /* share of peers that have turned */
  AttackKind attack; /* and to what */
  double bare;       /* share of peers that know RFC 6940 alone */
  double riders;     /* share of peers that take and do not give, see rider.h */
  double cut_from;   /* seconds; both 0: never */
  double cut_to;
  gboolean is_heavy_tailed; /* the sessions */
  gboolean is_internet;     /* see terrain.h */
  gboolean is_greedy;       /* the riders */
  gboolean is_alone;        /* the rest, in the same world: its riders do not come */
  gboolean is_plain;        /* RFC 6940 without its hardening */
  gboolean has_second_places;
  gboolean is_constructed;
  gboolean has_ledger; /* which counts in the place of the watch */
  void (*init_signer) (Signer *signer, const char *user, void *user_data); /* see SimOptions */
  void *signer_data;
  SimTapFunc tap; /* sees all that is sent, from the first peer on; likewise. May be NULL */
  void *tap_data;
  FaultKind fault; /* that the checkers must see */
} Plan;

typedef struct Trial {
  Plan plan;
  SimWorld *world;
  Survey *survey;
  Ledger *ledger; /* owned; NULL unless it is wanted */
  Watch *watch;   /* owned; NULL when there is a ledger */
  Fault *fault;   /* owned; may be NULL */
  Gang *gang;     /* owned; NULL when nobody has turned */
  Riders *riders; /* owned; NULL when there are none */
  Roll *roll;     /* owned; NULL when nobody comes and goes */
  uint64_t wall_us;
  uint64_t virtual_us;
  uint64_t messages;
  uint64_t bytes;
  GHashTable *unheard;       /* owned; see gang_unheard(); NULL when nobody has turned */
  double messages_of_lookup; /* all links that a Fetch or a question for the way went over */
  double finger_share;       /* of theirs, at the end */
  double bare_share;         /* of fingers, of peers that know RFC 6940 alone, likewise */
  uint64_t messages_asking;  /* since all had joined */
  uint64_t bytes_asking;
  uint64_t bytes_of_lookups; /* of these, Fetches and their answers; 0 with a ledger */
  size_t memory;             /* at the end, of the simulator too */
  size_t memory_before;      /* when all had joined, a peer */
} Trial;

/* Told now and then how much of the minutes is over, 0..1. */
typedef void (*TrialProgressFunc) (double share);

Trial *trial_new (const Plan *plan);
void trial_free (Trial *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trial, trial_free)

/* `progress` may be NULL. */
void trial_run (Trial *self, TrialProgressFunc progress);

/* Those that belong into the ring: all that run, but those that are clients for good reason. */
unsigned trial_peers (const Trial *self);

/* The plan's peers but for riders. */
unsigned trial_rest (const Trial *self);

/* Registrations of peers that are on the air, which nobody holds. */
unsigned trial_records_lost (Trial *self);

/* Gives the ring a while of quiet and looks at all of it. NULL when everything is as it must be;
 * else what is not, to be freed with g_free(). */
char *trial_judge (Trial *self);
