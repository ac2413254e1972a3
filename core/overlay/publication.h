/* SPDX-License-Identifier: GPL-3.0-or-later */
/* publication.h: a value of ours that we keep stored in the overlay. */
#pragma once
#include "core/overlay/transport.h"
#include "core/wire/data.h"

struct Overlay;

typedef struct Publication Publication;

typedef struct PublicationOptions {
  NodeId resource;
  uint32_t kind;
  bool is_shared; /* one of several writers of an array: finds a place of its own there */
  Bytes key;      /* of a dictionary; copied */
  Bytes value;    /* copied */
  uint32_t lifetime_s;
  uint32_t refresh_s; /* ± 20 % */
} PublicationOptions;

Publication *publication_new (struct Overlay *overlay, const PublicationOptions *options);
void publication_free (Publication *self);

/* Stores it now, and again and again. */
void publication_start (Publication *self);

/* Another value (copied) takes its place, at once when it is published already. */
void publication_set_value (Publication *self, Bytes value);

/* Stores again what is stored, at some moment from now on until that time is over: who is
 * responsible for it may have changed. */
void publication_refresh (Publication *self, uint64_t within);

/* Stores "nonexistent" in its place, once (RFC 6940, 7.4.1.3), and keeps quiet from then on. `done`
 * (may be NULL) is told when that has been answered, or will not be; never from inside the call. */
void publication_withdraw (Publication *self, void (*done) (void *owner), void *owner);

/* Whether the responsible peer has confirmed it. */
bool publication_is_stored (const Publication *self);

/* Whether there is nothing to wait for: stored, refused again and again, or of a Kind that this
 * overlay does not have. */
bool publication_is_settled (const Publication *self);
