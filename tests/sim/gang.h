/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gang.h: peers of a simulated world that have turned, all in the same way. They keep their links
 * and their places in the ring, run the phone's own core, and tell each other everything they know:
 * who belongs to them, and their keys. What they do with the messages that reach them is the
 * attack. */
#pragma once
#include "tests/sim/overheard.h"

typedef enum AttackKind {
  ATTACK_DROP,     /* drops what it should pass on, and withholds what it holds */
  ATTACK_MISROUTE, /* passes it on to the wrong peers, and to each other */
  ATTACK_LIE,      /* answers for places that are not theirs: nothing is there */
  ATTACK_POISON,   /* names each other for every place in the tables, and drops what comes of it */
  ATTACK_CONJURE,  /* names peers that do not exist, and withholds what it holds */
  ATTACK_STALE,    /* answers with what people have signed long ago */
  ATTACK_ECLIPSE,  /* half of them all around one victim; lies to everybody, and shuts it in */
  ATTACK_REPLAY,   /* sends again what it has seen */
  ATTACK_KINDS
} AttackKind;

/* ATTACK_KINDS when there is none of that name. */
AttackKind attack_of_name (const char *name);
const char *attack_name (AttackKind kind);

typedef struct Gang {
  SimWorld *world;
  AttackKind kind;
  GPtrArray *members;        /* in the order of the ring, owned; of SimPeer, borrowed */
  SimPeer *victim;           /* of an eclipse; NULL */
  struct Archive *archive;   /* owned; NULL unless it answers with what is old */
  struct Recorder *recorder; /* owned; NULL unless it says again what was said */
  uint64_t taken;            /* messages that their nodes did not see */
} Gang;

/* So large a share of the running peers turns, as chance has it. */
Gang *gang_new (SimWorld *world, AttackKind kind, double share);
void gang_free (Gang *self); /* before the world */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gang, gang_free)

/* What its members do of their own accord, ten times a second. */
void gang_step (Gang *self);

/* Whether the member's node does not see what is in that frame. */
bool gang_takes (Gang *self, SimPeer *member, uint32_t link, Bytes frame);

/* Those of whose registrations no one who has not turned keeps a copy, if each is kept in so many
 * places; a set of SimPeer, the caller's. */
GHashTable *gang_unheard (const Gang *self, unsigned places);

/* The share of all others: more cannot be found. */
double gang_ceiling (const Gang *self, unsigned places);

/* All others lose a finger, and look for a new one. */
void gang_take_fingers (Gang *self);

/* The share of such peers among the fingers of all others that know more than RFC 6940. */
typedef bool (*GangFunc) (const SimPeer *peer, void *user_data);
double gang_share_of_fingers (const Gang *self, GangFunc func, void *user_data);

/* The share of its members. */
double gang_finger_share (const Gang *self);

bool gang_has (const Gang *self, const NodeId *peer);

/* The member that comes next behind that place, and the last one before it. */
SimPeer *gang_behind (const Gang *self, const NodeId *place);
SimPeer *gang_before (const Gang *self, const NodeId *place);

/* So many of them, the nearest first. */
void gang_list_behind (const Gang *self, const NodeId *place, NodeId *ret_ids, size_t count);
void gang_list_before (const Gang *self, const NodeId *place, NodeId *ret_ids, size_t count);
