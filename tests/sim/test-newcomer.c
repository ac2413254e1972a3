/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/construction.h"

#include <string.h>

/* Phones that nobody reaches come into a large overlay, one after the other. Whoever looks one of
 * them up as soon as it is registered finds a way to it. */

enum { SETTLED_PEERS = 300, NEWCOMERS = 6, ALL = SETTLED_PEERS + NEWCOMERS, CALLERS = 3 };

#define REST       (30 * TIME_SECOND)
#define REGISTERED (10 * TIME_SECOND)
#define RUNG       (8 * TIME_SECOND)

/* A ring of the settled ones, who have never heard of the others. */
static SimWorld *
settled_world (uint64_t seed)
{
  SimOptions options = {
    .peers = ALL, .seed = seed, .latency_ms = 20, .jitter_ms = 60, .is_diskless = true
  };
  SimWorld *world = sim_world_new (&options);

  construction_build (world);
  construction_store (world);
  for (unsigned i = SETTLED_PEERS; i < ALL; i++)
    sim_peer_stop (sim_world_peer (world, i));
  sim_world_run (world, REST);
  return world;
}

/* One of those that test_secluded() leaves open. */
static unsigned
some_open (SimWorld *world)
{
  return sim_world_random (world, SETTLED_PEERS / 3) * 3 + 1;
}

static void
on_fact (const char *name, uint64_t value, void *user_data)
{
  if (strcmp (name, "registered") == 0)
    *(bool *) user_data = value != 0;
}

/* As far as it knows, and will tell people. */
static bool
is_registered (SimWorld *world, void *user_data)
{
  const SimPeer *peer = user_data;
  bool is_stored = false;

  node_facts (peer->node, on_fact, &is_stored);
  return peer->state == NODE_READY && is_stored;
}

typedef struct Ringing {
  SimPeer *callee;
  unsigned calls; /* that have rung there */
} Ringing;

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Ringing *ringing = user_data;

  if (peer == ringing->callee && event->type == NODE_EVENT_CALL_INCOMING)
    ringing->calls++;
}

static bool
have_rung (SimWorld *world, void *user_data)
{
  return ((Ringing *) user_data)->calls == CALLERS;
}

/* Somebody between whom and the newcomer there is a way: in the simulator, which has no relays,
 * another one behind a wall, or one who can be reached. */
static SimPeer *
choose_caller (SimWorld *world, unsigned newcomer, unsigned number)
{
  if (sim_world_peer (world, newcomer)->is_walled)
    return sim_world_peer (world, newcomer - 1 - number);
  return sim_world_peer (world, some_open (world));
}

/* Several call at once, in the moment in which the registration stands. */
static void
expect_calls (SimWorld *world, unsigned newcomer)
{
  Ringing ringing = { .callee = sim_world_peer (world, newcomer) };
  SimPeer *callers[CALLERS];
  uint32_t calls[CALLERS];
  uint64_t began = sim_world_now (world);

  sim_world_set_event_func (world, on_event, &ringing);
  for (unsigned i = 0; i < CALLERS; i++) {
    callers[i] = choose_caller (world, newcomer, i);
    calls[i] = node_call (callers[i]->node, &(NodeCallOptions){ .address = ringing.callee->user });
  }
  g_assert_true (sim_world_run_until (world, have_rung, &ringing, RUNG));
  g_test_message ("all rang after %.1f s", (double) (sim_world_now (world) - began) / TIME_SECOND);
  for (unsigned i = 0; i < CALLERS; i++)
    node_call_end (callers[i]->node, calls[i]);
  sim_world_run (world, TIME_SECOND);
  sim_world_set_event_func (world, NULL, NULL);
}

static void
on_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  *(bool *) user_data |= strcmp (role, "spare") == 0;
}

/* That what is registered leads through. */
static bool
has_spare (const SimPeer *client)
{
  bool is_found = false;

  node_peers (client->node, on_peer, &is_found);
  return is_found;
}

static void
arrive (SimWorld *world, unsigned newcomer)
{
  SimPeer *peer = sim_world_peer (world, newcomer);
  unsigned hint = some_open (world);
  uint64_t began = sim_world_now (world);

  sim_peer_start (peer, &hint, 1);
  g_assert_true (sim_world_run_until (world, is_registered, peer, REGISTERED));
  g_test_message ("a %s, registered after %.1f s", node_is_client (peer->node) ? "client" : "peer",
                  (double) (sim_world_now (world) - began) / TIME_SECOND);
  g_assert_true (!node_is_client (peer->node) || has_spare (peer));
}

/* Those before it are behind such routers too, so that some of its neighbors may be. */
static void
test_secluded (void)
{
  g_autoptr (SimWorld) world = settled_world (1);

  for (unsigned i = 0; i < SETTLED_PEERS; i += 3)
    sim_world_peer (world, i)->is_secluded = true;
  for (unsigned i = SETTLED_PEERS; i < ALL; i++) {
    sim_world_peer (world, i)->is_secluded = true;
    arrive (world, i);
    expect_calls (world, i);
  }
}

static void
test_walled (void)
{
  g_autoptr (SimWorld) world = settled_world (2);

  for (unsigned i = SETTLED_PEERS; i < ALL; i++) {
    sim_world_peer (world, i)->is_walled = true;
    arrive (world, i);
    g_assert_true (node_is_client (sim_world_peer (world, i)->node));
    if (i >= SETTLED_PEERS + CALLERS)
      expect_calls (world, i);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/newcomer/behind-a-router-is-called-once-registered", test_secluded);
  g_test_add_func ("/newcomer/behind-a-wall-is-called-once-registered", test_walled);
  return g_test_run ();
}
