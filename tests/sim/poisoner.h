/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poisoner.h: wants to be in everybody's tables (threats 2.3). */
#pragma once
#include "tests/sim/gang.h"

/* Whoever attaches to a place by way of a member is led to the member that is next behind it. */
bool poisoner_takes (const Gang *gang, Overheard *message);

/* Whom a member says to be around a peer: `count` on each side, the nearest first. */
typedef void (*PoisonFunc) (
  const Gang *gang, const NodeId *peer, NodeId *before, NodeId *behind, size_t count);

/* A member, as chance has it, tells everybody it has a link to. */
void poisoner_tell (Gang *gang, PoisonFunc name);

/* One member after the other tells everybody it has a link to that only members are around them. */
void poisoner_step (Gang *gang);
