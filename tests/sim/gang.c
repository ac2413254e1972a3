/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/gang.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "tests/sim/archive.h"
#include "tests/sim/census.h"
#include "tests/sim/conjurer.h"
#include "tests/sim/dropper.h"
#include "tests/sim/liar.h"
#include "tests/sim/misrouter.h"
#include "tests/sim/poisoner.h"
#include "tests/sim/recorder.h"

enum { COPIES = 3 };

static const char *const names[ATTACK_KINDS] = { "drop",    "misroute", "lie",     "poison",
                                                 "conjure", "stale",    "eclipse", "replay" };

AttackKind
attack_of_name (const char *name)
{
  AttackKind kind = ATTACK_DROP;

  while (kind < ATTACK_KINDS && g_strcmp0 (names[kind], name) != 0)
    kind++;
  return kind;
}

const char *
attack_name (AttackKind kind)
{
  return names[kind];
}

static void
turn_anybody (SimWorld *world, Gang *gang, unsigned wanted)
{
  while (wanted > 0) {
    SimPeer *peer = sim_world_peer (world, sim_world_random (world, sim_world_size (world)));
    if (peer->node == NULL || peer->gang != NULL || peer == gang->victim)
      continue;
    peer->gang = gang;
    wanted--;
  }
}

/* Half of them before the victim, half behind it. */
static void
turn_around (const GPtrArray *ring, Gang *gang, unsigned wanted)
{
  guint at = sim_world_random (gang->world, ring->len);

  gang->victim = g_ptr_array_index (ring, at);
  for (unsigned i = 0; i < wanted && i + 1 < ring->len; i++) {
    guint offset = i % 2 == 0 ? 1 + i / 2 : ring->len - 1 - i / 2;
    ((SimPeer *) g_ptr_array_index (ring, (at + offset) % ring->len))->gang = gang;
  }
}

Gang *
gang_new (SimWorld *world, AttackKind kind, double share)
{
  Gang *self = g_new0 (Gang, 1);
  unsigned wanted = (unsigned) (share * sim_world_running (world));
  g_autoptr (GPtrArray) ring = census_ring (world);

  self->world = world;
  self->kind = kind;
  self->members = g_ptr_array_new ();
  if (kind == ATTACK_ECLIPSE)
    turn_around (ring, self, wanted / 2);
  turn_anybody (world, self, kind == ATTACK_ECLIPSE ? wanted - wanted / 2 : wanted);
  for (guint i = 0; i < ring->len; i++)
    if (((SimPeer *) g_ptr_array_index (ring, i))->gang == self)
      g_ptr_array_add (self->members, g_ptr_array_index (ring, i));
  if (kind == ATTACK_STALE)
    self->archive = archive_new (world);
  if (kind == ATTACK_REPLAY)
    self->recorder = recorder_new ();
  return self;
}

void
gang_free (Gang *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->members->len; i++)
    ((SimPeer *) g_ptr_array_index (self->members, i))->gang = NULL;
  g_ptr_array_unref (self->members);
  archive_free (self->archive);
  recorder_free (self->recorder);
  g_free (self);
}

void
gang_step (Gang *self)
{
  if (self->members->len == 0)
    return;
  if (self->kind == ATTACK_POISON || self->kind == ATTACK_ECLIPSE)
    poisoner_step (self);
  if (self->kind == ATTACK_CONJURE)
    conjurer_step (self);
  if (self->recorder != NULL)
    recorder_step (self->recorder, self);
}

static bool
takes (Gang *self, Overheard *message)
{
  switch (self->kind) {
  case ATTACK_DROP:
    return dropper_takes (message);
  case ATTACK_MISROUTE:
    return misrouter_takes (self, message);
  case ATTACK_LIE:
    return liar_denies (self, message) || liar_leads_astray (self, message);
  case ATTACK_POISON:
    return poisoner_takes (self, message) || liar_leads_astray (self, message) ||
           message->code == MESSAGE_FETCH_REQ;
  case ATTACK_CONJURE:
    return conjurer_takes (self, message);
  case ATTACK_STALE:
    return archive_answers (self->archive, self, message);
  case ATTACK_ECLIPSE:
    return liar_denies (self, message) || poisoner_takes (self, message) ||
           liar_leads_astray (self, message);
  case ATTACK_REPLAY:
    recorder_hears (self->recorder, message);
    return false;
  case ATTACK_KINDS:
    break;
  }
  return false;
}

bool
gang_takes (Gang *self, SimPeer *member, uint32_t link, Bytes frame)
{
  g_auto (Overheard) message;
  bool is_taken = overheard_read (&message, member, link, frame) && takes (self, &message);

  self->taken += is_taken;
  return is_taken;
}

static bool
is_kept (const Gang *self, const GPtrArray *ring, const SimPeer *peer, unsigned places)
{
  for (unsigned p = 0; p < places; p++) {
    NodeId place =
      p == 0 ? resource_id_of (bytes_of_text (peer->user)) : resource_id_of_second (peer->user);
    for (unsigned k = 0; k < COPIES; k++) {
      const SimPeer *holder = census_owner_in (ring, &place);
      if (holder->gang != self)
        return true;
      place = node_id_add_power (sim_peer_id (holder), 0);
    }
  }
  return false;
}

GHashTable *
gang_unheard (const Gang *self, unsigned places)
{
  GHashTable *unheard = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) ring = census_ring (self->world);

  for (unsigned i = 0; i < sim_world_size (self->world); i++)
    if (!is_kept (self, ring, sim_world_peer (self->world, i), places))
      g_hash_table_add (unheard, sim_world_peer (self->world, i));
  return unheard;
}

double
gang_ceiling (const Gang *self, unsigned places)
{
  g_autoptr (GHashTable) unheard = gang_unheard (self, places);

  return 1 - (double) g_hash_table_size (unheard) / sim_world_size (self->world);
}

void
gang_take_fingers (Gang *self)
{
  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    Chord *chord = peer->node != NULL ? peer->node->overlay->topology.self : NULL;
    NodeId fingers[LIMIT_FINGERS];
    size_t count =
      chord != NULL && peer->gang != self ? routing_table_fingers (chord->table, fingers) : 0;
    const NodeId *lost = count > 0 ? &fingers[sim_world_random (self->world, count)] : NULL;
    if (lost == NULL || routing_table_is_neighbor (chord->table, lost))
      continue;
    routing_table_remove (chord->table, lost);
    chord_fingers_start (chord, sim_world_random (self->world, TIME_SECOND));
  }
}

double
gang_share_of_fingers (const Gang *self, GangFunc func, void *user_data)
{
  g_autoptr (GPtrArray) ring = census_ring (self->world);
  unsigned all = 0, such = 0;

  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    const Chord *chord = peer->node != NULL ? peer->node->overlay->topology.self : NULL;
    NodeId fingers[LIMIT_FINGERS];
    size_t count = chord != NULL && peer->gang != self && !peer->is_bare
                     ? routing_table_fingers (chord->table, fingers)
                     : 0;
    for (size_t k = 0; k < count; k++)
      such += func (census_owner_in (ring, &fingers[k]), user_data);
    all += (unsigned) count;
  }
  return all > 0 ? (double) such / all : 0;
}

static bool
is_member (const SimPeer *peer, void *user_data)
{
  return peer->gang == user_data;
}

double
gang_finger_share (const Gang *self)
{
  return gang_share_of_fingers (self, is_member, (Gang *) self);
}

SimPeer *
gang_behind (const Gang *self, const NodeId *place)
{
  return census_owner_in (self->members, place);
}

bool
gang_has (const Gang *self, const NodeId *peer)
{
  return node_id_equal (sim_peer_id (gang_behind (self, peer)), peer);
}

SimPeer *
gang_before (const Gang *self, const NodeId *place)
{
  const GPtrArray *members = self->members;
  SimPeer *behind = gang_behind (self, place);
  guint at;

  g_ptr_array_find ((GPtrArray *) members, behind, &at);
  return g_ptr_array_index (members, (at + members->len - 1) % members->len);
}

void
gang_list_behind (const Gang *self, const NodeId *place, NodeId *ret_ids, size_t count)
{
  NodeId at = *place;

  for (size_t i = 0; i < count; i++) {
    ret_ids[i] = *sim_peer_id (gang_behind (self, &at));
    at = node_id_add_power (&ret_ids[i], 0);
  }
}

void
gang_list_before (const Gang *self, const NodeId *place, NodeId *ret_ids, size_t count)
{
  NodeId at = *place;

  for (size_t i = 0; i < count; i++)
    at = ret_ids[i] = *sim_peer_id (gang_before (self, &at));
}
