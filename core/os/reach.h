/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reach.h: whether others can reach our listener by themselves: peers are asked to knock, and what
 * they find is put together. */
#pragma once
#include "core/base/limits.h"
#include "core/os/knock-message.h"
#include "core/os/ports.h"
#include "core/os/tls.h"

typedef struct Loop Loop;
typedef struct Reach Reach;

/* A peer that listens at `peer`, and the port at which it is to try. */
typedef struct ReachErrand {
  Address peer;
  uint16_t port;
} ReachErrand;

/* What it found. */
typedef struct ReachFinding {
  Address peer;
  KnockAnswer answer; /* of family ADDRESS_NONE while it has not tried, for whatever reason */
} ReachFinding;

/* `done` is called when all who were asked have answered or are given up. `from` (may be NULL;
 * outlives it) is the one address of ours to use. */
Reach *
reach_new (Loop *loop, Tls *tls, const Address *from, void (*done) (void *owner), void *owner);
void reach_free (Reach *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reach, reach_free)

/* At most LIMIT_KNOCKERS. Never from inside `done`, and not while it asks. */
void reach_ask (Reach *self, const ReachErrand *errands, size_t count);

/* What was found last is told to `done` once more, soon. Not while it asks. */
void reach_tell_again (Reach *self);
bool reach_is_asking (const Reach *self);

/* What was found when it was asked last. */
const ReachFinding *reach_findings (const Reach *self, size_t *ret_count);

/* What they mean for one who listens at `own`. */
ReachReport
reach_judge (const ReachFinding *findings, size_t count, const Address *own, size_t own_count);

/* Whether somebody at `peer` who sees us at `seen` is on the same network as we. */
bool reach_is_near (const Address *peer, const Address *seen);
