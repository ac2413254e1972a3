/* SPDX-License-Identifier: GPL-3.0-or-later */
/* liar.h: answers for places that are not its own (threats 2.2, 2.3). */
#pragma once
#include "core/wire/chord.h"
#include "tests/sim/gang.h"

/* Of a place that was asked for: nothing is there. */
bool liar_denies (const Gang *gang, Overheard *message);

/* A Ping of a place is answered by a member, and every RouteQuery leads to members: to the last of
 * them before the place, and from there to the next one behind it, as its owner. */
bool liar_leads_astray (const Gang *gang, Overheard *message);

/* Who answers for that place, if it is up to the gang. */
SimPeer *liar_speaker (const Gang *gang, const Overheard *message);

/* The place that a RouteQuery asks for; false of any other message. */
bool liar_reads_place (Overheard *message, NodeId *ret_place);

/* Answers it in the name of `speaker`: that is the next peer, and those are around the place; NULL:
 * nothing is said of that. */
void liar_tells (const Overheard *message,
                 const SimPeer *speaker,
                 const NodeId *next,
                 const ChordVicinity *vicinity);
