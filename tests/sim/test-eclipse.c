/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "tests/sim/census.h"
#include "tests/sim/choice.h"
#include "tests/sim/gang.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* Attackers who want to be all that one victim knows of the overlay. SIM_SEED: another seed than
 * the usual one. */

#define PATIENCE  (5 * TIME_MINUTE)
#define HOME_SOON (10 * TIME_SECOND)

static Chord *
chord_of (const SimPeer *peer)
{
  return peer->node->overlay->topology.self;
}

static bool
has_link (const SimPeer *peer, const NodeId *other)
{
  return connection_table_find (peer->node->overlay->connections, other) != NULL;
}

static SimWorld *
world_of (unsigned peers)
{
  SimOptions options = {
    .peers = peers, .seed = choice_seed (), .latency_ms = 10, .jitter_ms = 30
  };

  g_test_message ("SIM_SEED=%" G_GUINT64_FORMAT, choice_seed ());
  return sim_world_new (&options);
}

/* One after the other, each with the first of them as its hint. */
static void
start_ring (SimWorld *world, unsigned first, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    sim_peer_start (sim_world_peer (world, first + i), &first, i > 0);
    sim_world_run (world, 200 * TIME_MS);
  }
}

/* ---- All slots for links from outside ---- */

static unsigned
count_incoming (const SimPeer *peer)
{
  unsigned count = 0;

  connection_table_for_each (peer->node->overlay->connections, connection)
  {
    count += connection->kind == CONNECTION_INCOMING && !connection->is_closed;
  }
  return count;
}

/* A member that nobody knew calls, and then says nothing. */
static void
call_at (SimPeer *victim, uint32_t link)
{
  g_autofree char *user = g_strdup_printf ("member%u@" SIM_INSTANCE, link);
  NodeId id;
  Signer signer;

  victim->ports.random_bytes (victim, id.bytes, sizeof id.bytes);
  sim_signer_init (&signer, &id, user);
  node_link_up (victim->node, link, certificate_ref (signer.own), (LinkTraits){ 0 });
  sim_signer_clear (&signer);
}

static void
expect_neighbors (const SimPeer *peer, const NodeId *ids, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    g_assert_true (routing_table_is_neighbor (chord_of (peer)->table, &ids[i]));
    g_assert_true (has_link (peer, &ids[i]));
  }
}

/* A list may be full before the nearest are on it. */
static bool
is_settled (SimWorld *world, void *user_data)
{
  return census_is_one_ring (world, NULL) &&
         census_right_tables (world) == sim_world_running (world);
}

static void
test_links (void)
{
  enum { PEERS = 24, LINKS = 10000, FIRST = LINK_FIRST_INCOMING + 1000000 };

  g_autoptr (SimWorld) world = world_of (PEERS);
  SimPeer *victim = sim_world_peer (world, PEERS / 2);
  NodeId neighbors[2 * LIMIT_NEIGHBORS];
  size_t before, behind;
  const NodeId *ids;

  start_ring (world, 0, PEERS);
  g_assert_true (sim_world_run_until (world, is_settled, NULL, PATIENCE));
  ids = routing_table_predecessors (chord_of (victim)->table, &before);
  memcpy (neighbors, ids, before * sizeof *ids);
  ids = routing_table_successors (chord_of (victim)->table, &behind);
  memcpy (neighbors + before, ids, behind * sizeof *ids);
  g_assert_cmpuint (before + behind, ==, 2 * LIMIT_NEIGHBORS);
  for (unsigned i = 0; i < LINKS; i++) {
    call_at (victim, FIRST + i);
    sim_world_run (world, 10 * TIME_MS);
    g_assert_cmpuint (count_incoming (victim), <=, LIMIT_LINKS_INCOMING);
    expect_neighbors (victim, neighbors, before + behind);
  }
  g_assert_true (census_is_one_ring (world, NULL));
}

/* ---- All hints at the start ---- */

enum { ATTACKERS = 24, OTHERS = 24, VICTIM = ATTACKERS + OTHERS };

typedef struct Scene {
  SimWorld *world;
  Gang *gang;
  SimPeer *victim;
  SimPeer *before, *behind; /* its true neighbors */
  unsigned found;           /* by it */
} Scene;

/* Those in the first places of the world, who have a ring of their own. */
static Gang *
gang_of_first (SimWorld *world, SimPeer *victim)
{
  Gang *gang = gang_new (world, ATTACK_ECLIPSE, 0);
  g_autoptr (GPtrArray) ring = census_ring (world);

  gang->victim = victim;
  for (guint i = 0; i < ring->len; i++) {
    SimPeer *peer = g_ptr_array_index (ring, i);
    if (peer->index >= ATTACKERS)
      continue;
    peer->gang = gang;
    g_ptr_array_add (gang->members, peer);
  }
  return gang;
}

static void
find_true_neighbors (Scene *self)
{
  g_autoptr (GPtrArray) ring = census_ring (self->world);
  guint at;

  for (guint i = ring->len; i-- > 0;)
    if (((SimPeer *) g_ptr_array_index (ring, i))->index < ATTACKERS)
      g_ptr_array_remove_index (ring, i);
  g_assert_true (g_ptr_array_find (ring, self->victim, &at));
  self->before = g_ptr_array_index (ring, (at + ring->len - 1) % ring->len);
  self->behind = g_ptr_array_index (ring, (at + 1) % ring->len);
}

static bool
are_neighbors (const SimPeer *one, const SimPeer *other)
{
  return one->state == NODE_READY &&
         routing_table_is_neighbor (chord_of (one)->table, sim_peer_id (other)) &&
         routing_table_is_neighbor (chord_of (other)->table, sim_peer_id (one)) &&
         has_link (one, sim_peer_id (other));
}

static bool
is_home (SimWorld *world, void *user_data)
{
  const Scene *scene = user_data;

  gang_step (scene->gang);
  return are_neighbors (scene->victim, scene->before) &&
         are_neighbors (scene->victim, scene->behind);
}

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  if (event->type == NODE_EVENT_LOOKUP)
    ((Scene *) user_data)->found += event->lookup.device_count > 0;
}

static bool
are_found (SimWorld *world, void *user_data)
{
  const Scene *scene = user_data;

  gang_step (scene->gang);
  return scene->found == OTHERS;
}

/* It was away. All that it is told of where others are is the attackers'; but it knows somebody
 * from before. */
static void
test_restart (void)
{
  g_autoptr (SimWorld) world = world_of (VICTIM + 1);
  Scene scene = { .world = world, .victim = sim_world_peer (world, VICTIM) };
  g_autoptr (Gang) gang = NULL;
  unsigned hints[ATTACKERS];
  uint64_t began;

  sim_world_cut (world, ATTACKERS);
  start_ring (world, 0, ATTACKERS);
  start_ring (world, ATTACKERS, OTHERS + 1);
  sim_world_run (world, TIME_MINUTE);
  g_assert_cmpint (scene.victim->state, ==, NODE_READY);
  find_true_neighbors (&scene);
  gang = scene.gang = gang_of_first (world, scene.victim);
  g_assert_cmpuint (gang->members->len, ==, ATTACKERS);
  sim_peer_kill (scene.victim);
  sim_world_run (world, TIME_MINUTE);
  scene.victim->is_between = true;
  for (unsigned i = 0; i < ATTACKERS; i++)
    hints[i] = i;
  began = sim_world_now (world);
  sim_world_set_event_func (world, on_event, &scene);
  sim_peer_start (scene.victim, hints, ATTACKERS);
  g_assert_true (sim_world_run_until (world, is_home, &scene, HOME_SOON));
  g_test_message ("in its place after %.1f s",
                  (double) (sim_world_now (world) - began) / TIME_SECOND);
  g_assert_cmpuint (gang->taken, >, 0);
  for (unsigned i = ATTACKERS; i < VICTIM; i++)
    node_lookup (scene.victim->node, sim_world_peer (world, i)->user);
  sim_world_run_until (world, are_found, &scene, TIME_MINUTE);
  g_test_message ("%u of %u found", scene.found, OTHERS);
  g_assert_cmpuint (scene.found, >=, OTHERS / 4); /* half of all whom it could ask are liars */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eclipse/threat-2.7-ten-thousand-links-and-the-neighbors-stay", test_links);
  g_test_add_func ("/eclipse/threat-2.7-false-hints-and-the-true-ring-is-found", test_restart);
  return g_test_run ();
}
