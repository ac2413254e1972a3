/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/roll.h"

#include "core/overlay/hash.h"
#include "tests/sim/census.h"

/* Only of those who have been on the air for a while: a registration takes a moment to come to its
 * place. Whoever goes takes its absence along. */

#define LOOK    (5 * TIME_SECOND)
#define SETTLED (30 * TIME_SECOND)
#define MISSED  (30 * TIME_SECOND)

struct Absence {
  uint64_t since; /* its owner holds none; 0: it does */
  bool was_held;  /* by anybody, when the roll was called last */
  bool is_missed; /* and has been counted */
};

Roll *
roll_new (SimWorld *world)
{
  Roll *self = g_new0 (Roll, 1);

  self->world = world;
  self->absences = g_new0 (Absence, sim_world_size (world));
  self->next_at = sim_world_now (world);
  return self;
}

void
roll_free (Roll *self)
{
  if (self == NULL)
    return;
  g_free (self->absences);
  g_free (self);
}

static bool
is_settled (const SimPeer *peer, uint64_t now)
{
  return peer->node != NULL && peer->state == NODE_READY && !peer->is_rider &&
         peer->ready_at + SETTLED <= now;
}

static void
look_at (Roll *self, const SimPeer *peer, const GPtrArray *ring, GHashTable *held)
{
  Absence *absence = &self->absences[peer->index];
  NodeId place = resource_id_of (bytes_of_text (peer->user));
  uint64_t now = sim_world_now (self->world);
  bool is_held = g_hash_table_contains (held, &place);

  self->watched += LOOK;
  self->lost += absence->was_held && !is_held;
  absence->was_held = is_held;
  if (census_holds (census_owner_in (ring, &place), &place)) {
    absence->since = 0;
    absence->is_missed = false;
    return;
  }
  if (absence->since == 0)
    absence->since = now;
  if (now - absence->since > MISSED && !absence->is_missed) {
    absence->is_missed = true;
    self->missed++;
  }
}

void
roll_step (Roll *self)
{
  uint64_t now = sim_world_now (self->world);
  g_autoptr (GPtrArray) ring = NULL;
  g_autoptr (GHashTable) held = NULL;

  if (now < self->next_at)
    return;
  self->next_at = now + LOOK;
  ring = census_ring (self->world);
  held = census_held (self->world);
  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    if (is_settled (peer, now))
      look_at (self, peer, ring, held);
    else
      self->absences[i] = (Absence){ .since = 0 };
  }
}

double
roll_lost_per_hour (const Roll *self)
{
  return self->watched > 0 ? self->lost * (double) TIME_HOUR / (double) self->watched : 0;
}
