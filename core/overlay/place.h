/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place.h: where a peer may listen, and what is known of it. */
#pragma once
#include "core/base/list.h"
#include "core/overlay/race.h"

enum {
  PLACE_FAILURES_MAX = 15, /* that are counted */
  PLACE_VALUE_SIZE = 25,
};

typedef struct Place {
  ListLink all;
  Way way; /* the last to lead there: it is tried first */
  Address address;
  bool has_peer;
  bool is_kept;     /* attached once: written to disk */
  bool is_restored; /* in an earlier run, and not in this one */
  NodeId peer;
  unsigned failures; /* since its peer was there, in this life or earlier ones */
  uint32_t seen_s;   /* when it was there, in Unix seconds; 0: never */
  unsigned tries;    /* in vain, on this network */
  bool had_turn;     /* on this network */
  uint64_t next_try;
  uint64_t heard_at; /* discovery or an invitation named it */
  Race *race;        /* owned; NULL: it is not being tried */
} Place;

/* What is kept of it, but for its peer. */
void place_write (const Place *self, uint8_t ret_value[PLACE_VALUE_SIZE]);
bool place_read (Place *self, Bytes value);

/* Whether it is to be tried before `other`. */
bool place_is_better (const Place *self, const Place *other);
bool place_is_of (const Place *self, const NodeId *peer);
