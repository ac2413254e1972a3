/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "tests/sim/census.h"

#include <stdlib.h>
#include <string.h>

/* Phones that nobody reaches, in an overlay of peers that anybody can. */

enum { OPEN = 6, SECLUDED = 6, ALL = OPEN + SECLUDED, SEEDS = 3 };

#define SETTLED (60 * TIME_SECOND)
#define MENDED  (10 * TIME_SECOND) /* a lost home or spare */
#define RUNG    (8 * TIME_SECOND)
#define AT_WALL (10 * TIME_SECOND) /* a first time */

/* Again, where the ring has it now. */
#define REGISTERED (5 * TIME_SECOND)

static bool
is_client (SimWorld *world, unsigned index)
{
  SimPeer *peer = sim_world_peer (world, index);

  return peer->node != NULL && node_is_client (peer->node);
}

static unsigned
count_clients (SimWorld *world)
{
  unsigned count = 0;

  for (unsigned i = 0; i < sim_world_size (world); i++)
    count += is_client (world, i);
  return count;
}

/* All are on the air, and those that are no clients make one ring. */
static bool
is_settled (SimWorld *world, void *user_data)
{
  unsigned peers = sim_world_running (world) - count_clients (world);

  for (unsigned i = 0; i < sim_world_size (world); i++)
    if (sim_world_peer (world, i)->node != NULL && sim_world_peer (world, i)->state != NODE_READY)
      return false;
  return census_right_successors (world) == peers && census_right_owners (world) == peers;
}

static void
start (SimWorld *world, unsigned from, unsigned to)
{
  for (unsigned i = from; i < to; i++) {
    unsigned hint = sim_world_random (world, CLAMP (i, 1, OPEN));
    sim_peer_start (sim_world_peer (world, i), &hint, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : TIME_SECOND);
  }
}

/* Six open peers; of the others those that would tear the ring have become clients. */
static SimWorld *
world_of (unsigned seed)
{
  SimOptions options = { .peers = ALL, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };
  SimWorld *world = sim_world_new (&options);

  for (unsigned i = OPEN; i < ALL; i++)
    sim_world_peer (world, i)->is_secluded = true;
  start (world, 0, OPEN);
  start (world, OPEN, ALL);
  if (!sim_world_run_until (world, is_settled, NULL, 3 * SETTLED)) {
    census_print (world);
    g_test_message ("seed %u: %u clients, not settled", seed, count_clients (world));
    g_test_fail ();
  }
  return world;
}

typedef struct Ringing {
  const SimPeer *callee;
  bool is_heard;
} Ringing;

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Ringing *ringing = user_data;

  if (peer == ringing->callee && event->type == NODE_EVENT_CALL_INCOMING)
    ringing->is_heard = true;
}

static bool
is_heard (SimWorld *world, void *user_data)
{
  return ((Ringing *) user_data)->is_heard;
}

static void
expect_call (SimWorld *world, unsigned from, unsigned to)
{
  SimPeer *caller = sim_world_peer (world, from);
  Ringing ringing = { .callee = sim_world_peer (world, to) };
  uint32_t call;

  sim_world_set_event_func (world, on_event, &ringing);
  call = node_call (caller->node, &(NodeCallOptions){ .address = ringing.callee->user });
  g_assert_true (sim_world_run_until (world, is_heard, &ringing, RUNG));
  node_call_end (caller->node, call);
  sim_world_run (world, TIME_SECOND);
  sim_world_set_event_func (world, NULL, NULL);
}

static unsigned
some_client (SimWorld *world)
{
  for (unsigned i = OPEN; i < ALL; i++)
    if (is_client (world, i))
      return i;
  g_assert_not_reached ();
}

static void
test_called (void)
{
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    g_autoptr (SimWorld) world = world_of (seed);

    g_test_message ("seed %u: %u clients", seed, count_clients (world));
    g_assert_cmpuint (count_clients (world), >=, 2);
    for (unsigned i = 0; i < OPEN; i++)
      g_assert_false (is_client (world, i));
    for (unsigned i = OPEN; i < ALL; i++) {
      expect_call (world, i % OPEN, i);
      expect_call (world, i, (i + 1) % OPEN);
    }
  }
}

enum { BUDDIES = 50 };

static void
on_look_up (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  unsigned *found = user_data;

  *found += event->type == NODE_EVENT_LOOKUP && event->lookup.device_count > 0;
}

static bool
are_all_found (SimWorld *world, void *user_data)
{
  return *(const unsigned *) user_data == BUDDIES;
}

static uint64_t
count_refused (SimWorld *world)
{
  uint64_t refused = 0;

  for (unsigned i = 0; i < ALL; i++)
    refused += sim_world_peer (world, i)->node->overlay->counters.over_rate;
  return refused;
}

/* Whoever comes with many buddies wants to know at once which of them are there. */
static void
test_buddies (void)
{
  g_autoptr (SimWorld) world = world_of (1);
  SimPeer *client = sim_world_peer (world, some_client (world));
  uint64_t refused = count_refused (world);
  unsigned found = 0;

  sim_world_set_event_func (world, on_look_up, &found);
  for (unsigned i = 0; i < BUDDIES; i++)
    node_lookup (client->node, sim_world_peer (world, i % ALL)->user);
  g_assert_true (sim_world_run_until (world, are_all_found, &found, RUNG));
  sim_world_set_event_func (world, NULL, NULL);
  g_assert_cmpuint (count_refused (world), ==, refused);
  expect_call (world, client->index, 0);
}

typedef struct Place {
  const char *role;
  bool is_found;
  NodeId id;
} Place;

static void
on_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  Place *place = user_data;

  if (strcmp (role, place->role) != 0)
    return;
  place->is_found = true;
  place->id = *id;
}

static void
on_any_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  Place *place = user_data;

  place->is_found = place->is_found || node_id_equal (id, &place->id);
}

static SimPeer *
peer_in (SimWorld *world, unsigned client, const char *role)
{
  Place place = { .role = role };

  node_peers (sim_world_peer (world, client)->node, on_peer, &place);
  for (unsigned i = 0; i < ALL && place.is_found; i++)
    if (node_id_equal (sim_peer_id (sim_world_peer (world, i)), &place.id))
      return sim_world_peer (world, i);
  return NULL;
}

/* Whose home would have to be one that he cannot reach either has a spare alone. */
static bool
has_place (SimWorld *world, unsigned client, const char *role)
{
  const NodeId *id = sim_peer_id (sim_world_peer (world, client));

  return strcmp (role, "home") != 0 || !census_owner_of (world, id)->is_secluded;
}

typedef struct Loss {
  unsigned client;
  const char *role;
  const SimPeer *lost;
} Loss;

static bool
is_mended (SimWorld *world, void *user_data)
{
  const Loss *loss = user_data;
  const SimPeer *peer = peer_in (world, loss->client, loss->role);

  return peer != NULL && peer != loss->lost;
}

/* Another takes the place of that peer, who has just died. */
static void
expect_mended (SimWorld *world, unsigned seed, Loss loss)
{
  uint64_t began = sim_world_now (world);

  g_assert_true (sim_world_run_until (world, is_mended, &loss, MENDED));
  g_test_message ("seed %u: another %s after %.1f s", seed, loss.role,
                  (double) (sim_world_now (world) - began) / TIME_SECOND);
}

/* The peer in that place dies, and somebody else calls soon after. */
static void
test_lost (gconstpointer role)
{
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    g_autoptr (SimWorld) world = world_of (seed);
    unsigned client = some_client (world);
    SimPeer *lost = peer_in (world, client, role);
    unsigned caller = 0;

    sim_world_run (world, 20 * TIME_SECOND);
    lost = peer_in (world, client, role);
    g_assert_nonnull (lost);
    while (sim_world_peer (world, caller) == lost)
      caller++;
    sim_peer_kill (lost);
    if (has_place (world, client, role))
      expect_mended (world, seed, (Loss){ client, role, lost });
    else
      sim_world_run (world, MENDED);
    expect_call (world, caller, client);
  }
}

static bool
is_anybody_off (SimWorld *world)
{
  for (unsigned i = OPEN; i < ALL; i++)
    if (sim_world_peer (world, i)->state != NODE_READY)
      return true;
  return false;
}

/* Becoming a peer takes nobody off the air. */
static bool
has_no_clients (SimWorld *world, void *user_data)
{
  g_assert_false (is_anybody_off (world));
  return count_clients (world) == 0 && is_settled (world, NULL);
}

/* Their router lets people in now: within its ten minutes each joins. */
static void
test_promoted (void)
{
  g_autoptr (SimWorld) world = world_of (1);

  for (unsigned i = OPEN; i < ALL; i++)
    sim_world_peer (world, i)->is_secluded = false;
  g_assert_true (sim_world_run_until (world, has_no_clients, NULL, 15 * TIME_MINUTE));
  expect_call (world, 0, OPEN);
}

/* ---- Standing peers ---- */

enum { RING = 40, APART = 12, DEMOTED_SEEDS = 6 };

#define GIVEN_WAY         (40 * TIME_SECOND)
#define GIVEN_WAY_AT_HOME (5 * TIME_MINUTE)

static bool
are_linked (SimWorld *world, unsigned one, unsigned other)
{
  Place place = { .id = *sim_peer_id (sim_world_peer (world, other)) };

  node_peers (sim_world_peer (world, one)->node, on_any_peer, &place);
  return place.is_found;
}

static int
compare_ids (const void *a, const void *b)
{
  const SimPeer *const *left = a, *const *right = b;

  return node_id_compare (sim_peer_id (*left), sim_peer_id (*right));
}

/* All of them, as they stand in the ring. */
static void
sort_ring (SimWorld *world, SimPeer **ret_ring)
{
  for (unsigned i = 0; i < RING; i++)
    ret_ring[i] = sim_world_peer (world, i);
  qsort (ret_ring, RING, sizeof *ret_ring, compare_ids);
}

/* `more` are not there yet. */
static SimWorld *
ring_of (unsigned seed, unsigned more)
{
  SimOptions options = { .peers = RING + more, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };
  SimWorld *world = sim_world_new (&options);

  for (unsigned i = 0; i < RING; i++) {
    sim_peer_start (sim_world_peer (world, i), &(unsigned){ 0 }, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : TIME_SECOND);
  }
  g_assert_true (sim_world_run_until (world, is_settled, NULL, 3 * SETTLED));
  return world;
}

typedef struct Pair {
  SimPeer *left;
  SimPeer *right;
} Pair;

/* Whose Node-ID is the smaller one. */
static bool
has_smaller_given_way (const Pair *pair)
{
  bool is_left = node_id_compare (sim_peer_id (pair->left), sim_peer_id (pair->right)) < 0;

  return node_is_client ((is_left ? pair->left : pair->right)->node);
}

static bool
is_one_client (SimWorld *world, void *user_data)
{
  return count_clients (world) == 1 && is_settled (world, NULL) &&
         has_smaller_given_way (user_data);
}

static void
seclude (SimPeer *peer)
{
  peer->is_secluded = true;
  node_network_changed (peer->node);
}

/* All between the two go, one after the other. */
static void
part (SimWorld *world, SimPeer **ring, unsigned first)
{
  for (unsigned i = first + 1; i < first + APART; i++) {
    sim_peer_stop (ring[i]);
    sim_world_run (world, TIME_SECOND);
  }
}

/* Two of a ring, far from each other, come to networks whose routers let nobody in. Then all
 * between them go, one after the other, and the two cannot be linked: the smaller Node-ID gives
 * way, whoever of the two asks for links. */
static void
test_demoted (void)
{
  for (unsigned seed = 1; seed <= DEMOTED_SEEDS; seed++) {
    g_autoptr (SimWorld) world = ring_of (seed, 0);
    SimPeer *ring[RING];
    unsigned first = 0;
    uint64_t began;
    Pair pair;

    sort_ring (world, ring);
    while (are_linked (world, ring[first]->index, ring[first + APART]->index))
      first++;
    pair = (Pair){ ring[first], ring[first + APART] };
    seclude (pair.left);
    seclude (pair.right);
    part (world, ring, first);
    began = sim_world_now (world);
    g_assert_true (sim_world_run_until (world, is_one_client, &pair, GIVEN_WAY));
    g_test_message ("seed %u: a client after %.1f s", seed,
                    (double) (sim_world_now (world) - began) / TIME_SECOND);
    expect_call (world, ring[(first + APART + 1) % RING]->index, pair.left->index);
    expect_call (world, ring[(first + APART + 1) % RING]->index, pair.right->index);
  }
}

/* Somebody new in the home of that one, by whom he comes: he calls at a listener that nobody from
 * elsewhere gets to. */
static void
add_mate (SimWorld *world, unsigned mate, SimPeer *host)
{
  SimPeer *peer = sim_world_peer (world, mate);

  peer->is_secluded = true;
  peer->home = host->home = mate;
  sim_peer_start (peer, &host->index, 1);
}

static bool
has_somebody_given_way (SimWorld *world, void *user_data)
{
  const Pair *pair = user_data;

  return (node_is_client (pair->left->node) || node_is_client (pair->right->node)) &&
         is_settled (world, NULL);
}

/* The same of two who are not alone at home: that one's own people can call says nothing of the
 * others. */
static void
test_demoted_at_home (void)
{
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    g_autoptr (SimWorld) world = ring_of (seed, 2);
    SimPeer *ring[RING];
    unsigned first = 0;
    uint64_t began;
    Pair pair;

    sort_ring (world, ring);
    while (are_linked (world, ring[first]->index, ring[first + APART]->index))
      first++;
    pair = (Pair){ ring[first], ring[first + APART] };
    seclude (pair.left);
    seclude (pair.right);
    add_mate (world, RING, pair.left);
    add_mate (world, RING + 1, pair.right);
    sim_world_run (world, 20 * TIME_SECOND);
    part (world, ring, first);
    began = sim_world_now (world);
    g_assert_true (sim_world_run_until (world, has_somebody_given_way, &pair, GIVEN_WAY_AT_HOME));
    g_test_message ("seed %u: a client after %.1f s", seed,
                    (double) (sim_world_now (world) - began) / TIME_SECOND);
    expect_call (world, ring[(first + APART + 1) % RING]->index, pair.left->index);
    expect_call (world, ring[(first + APART + 1) % RING]->index, pair.right->index);
  }
}

static bool
has_two_clients (SimWorld *world, void *user_data)
{
  return count_clients (world) == 2;
}

static bool
is_looking (SimWorld *world, void *user_data)
{
  NodeState state = sim_world_peer (world, 0)->state;

  return state != NODE_ALONE && state != NODE_READY;
}

/* Firewalls that let no datagram through, and one peer, which relays: none can be linked to it but
 * by TCP, so there is no ring but its own, and it looks for none behind its clients. */
static void
test_ring_of_one (void)
{
  SimOptions options = { .peers = 3, .seed = 1, .latency_ms = 10, .jitter_ms = 20 };
  g_autoptr (SimWorld) world = sim_world_new (&options);

  sim_world_peer (world, 1)->is_walled = true;
  sim_world_peer (world, 2)->is_walled = true;
  start (world, 0, 3);
  g_assert_true (sim_world_run_until (world, has_two_clients, NULL, SETTLED));
  g_assert_false (sim_world_run_until (world, is_looking, NULL, 10 * TIME_MINUTE));
  g_assert_true (sim_world_run_until (world, has_two_clients, NULL, SETTLED));
  expect_call (world, 1, 2);
  expect_call (world, 2, 1);
}

static void
meet (SimWorld *world, unsigned index, unsigned other)
{
  Address address = sim_peer_listener (sim_world_peer (world, other));

  node_add_bootstrap (sim_world_peer (world, index)->node, LINK_TRANSPORT_DTLS, &address);
}

/* Behind one wall they have a link to each other, and each passes on what the other asks: that
 * makes no ring for the one outside to look for, and does not hide the wall. */
static void
test_one_house (void)
{
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    SimOptions options = { .peers = 3, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };
    g_autoptr (SimWorld) world = sim_world_new (&options);
    const unsigned hint = 0;
    uint64_t began;

    start (world, 0, 1);
    began = sim_world_now (world);
    for (unsigned i = 1; i < 3; i++) {
      sim_world_peer (world, i)->is_walled = true;
      sim_peer_start (sim_world_peer (world, i), &hint, 1);
    }
    sim_world_run (world, 600 * TIME_MS);
    meet (world, 2, 1);
    g_assert_true (sim_world_run_until (world, has_two_clients, NULL, AT_WALL));
    g_test_message ("seed %u: two clients after %.1f s", seed,
                    (double) (sim_world_now (world) - began) / TIME_SECOND);
    g_assert_false (sim_world_run_until (world, is_looking, NULL, 10 * TIME_MINUTE));
    g_assert_true (sim_world_run_until (world, has_two_clients, NULL, SETTLED));
    expect_call (world, 1, 2);
    expect_call (world, 2, 1);
  }
}

/* They were alone in the house, and had a ring of their own, when its streams got out again. Nobody
 * relays here, so that they can call each other alone. */
static void
test_house_and_town (void)
{
  for (unsigned seed = 1; seed <= SEEDS; seed++) {
    SimOptions options = { .peers = OPEN + 2, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };
    g_autoptr (SimWorld) world = sim_world_new (&options);
    const unsigned other = OPEN;
    uint64_t began;

    start (world, 0, OPEN);
    for (unsigned i = OPEN; i < OPEN + 2; i++) {
      sim_world_peer (world, i)->is_walled = true;
      sim_peer_start (sim_world_peer (world, i), &other, i > OPEN);
    }
    sim_world_run (world, 20 * TIME_SECOND);
    g_assert_cmpuint (count_clients (world), ==, 0);
    began = sim_world_now (world);
    meet (world, OPEN, 0);
    meet (world, OPEN + 1, 1);
    g_assert_true (sim_world_run_until (world, is_settled, NULL, SETTLED));
    g_test_message ("seed %u: one ring after %.1f s", seed,
                    (double) (sim_world_now (world) - began) / TIME_SECOND);
    g_assert_true (is_client (world, OPEN) && is_client (world, OPEN + 1));
    sim_world_run (world, REGISTERED);
    expect_call (world, OPEN, OPEN + 1);
    expect_call (world, OPEN + 1, OPEN);
  }
}

/* Its clients try every ten minutes to become peers, in vain: there is nobody but the one that they
 * are linked to, and joining him would show. That they try is to be noticed by nobody. */
static void
test_undisturbed (void)
{
  SimOptions options = { .peers = 3, .seed = 1, .latency_ms = 10, .jitter_ms = 20 };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  uint64_t end;

  sim_world_peer (world, 1)->is_walled = true;
  sim_world_peer (world, 2)->is_walled = true;
  start (world, 0, 3);
  g_assert_true (sim_world_run_until (world, has_two_clients, NULL, SETTLED));
  sim_world_run (world, TIME_MINUTE);
  for (end = sim_world_now (world) + 11 * TIME_MINUTE; sim_world_now (world) < end;) {
    sim_world_run (world, TIME_SECOND);
    expect_call (world, 1, 2);
    expect_call (world, 2, 1);
    for (unsigned i = 1; i < 3; i++)
      g_assert_cmpint (sim_world_peer (world, i)->state, ==, NODE_READY);
    g_assert_cmpuint (count_clients (world), ==, 2);
  }
}

/* ---- Who pays for what is sent ---- */

static bool
is_without_clients (SimWorld *world, void *user_data)
{
  return count_clients (world) == 0 && is_settled (world, NULL);
}

static bool
is_with_one_client (SimWorld *world, void *user_data)
{
  return count_clients (world) == 1 && is_settled (world, NULL);
}

static SimWorld *
world_of_open (unsigned peers)
{
  SimOptions options = { .peers = peers, .seed = 1, .latency_ms = 10, .jitter_ms = 20 };

  return sim_world_new (&options);
}

static void
start_metered (SimWorld *world, unsigned index)
{
  unsigned hint = 0;

  sim_peer_start (sim_world_peer (world, index), &hint, index > 0);
  node_set_metered (sim_world_peer (world, index)->node, true);
}

/* A peer that pays from now on gives way, and is called all the same; when it does not any more it
 * is a peer again. */
static void
test_metered_peer (void)
{
  g_autoptr (SimWorld) world = world_of_open (OPEN);
  SimPeer *payer = sim_world_peer (world, 2);

  start (world, 0, OPEN);
  g_assert_true (sim_world_run_until (world, is_without_clients, NULL, SETTLED));
  node_set_metered (payer->node, true);
  g_assert_true (sim_world_run_until (world, is_with_one_client, NULL, SETTLED));
  g_assert_true (is_client (world, 2));
  sim_world_run (world, REGISTERED);
  expect_call (world, 3, 2);
  expect_call (world, 2, 4);
  sim_world_run (world, 20 * TIME_MINUTE); /* of trials */
  g_assert_true (is_client (world, 2));
  node_set_metered (payer->node, false);
  g_assert_true (sim_world_run_until (world, is_without_clients, NULL, SETTLED));
}

static bool
has_one_client (SimWorld *world, void *user_data)
{
  return count_clients (world) == 1;
}

/* Who comes and pays is never asked to serve; with nobody to serve it, it is all there is. */
static void
test_metered_newcomer (void)
{
  g_autoptr (SimWorld) world = world_of_open (2);

  start_metered (world, 0);
  sim_world_run (world, 10 * TIME_SECOND);
  g_assert_false (is_client (world, 0));
  g_assert_cmpint (sim_world_peer (world, 0)->state, ==, NODE_ALONE);
  start_metered (world, 1);
  g_assert_true (sim_world_run_until (world, has_one_client, NULL, SETTLED));
  sim_world_run (world, REGISTERED);
  expect_call (world, 0, 1);
  expect_call (world, 1, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/who-cannot-be-reached-is-called-and-calls", test_called);
  g_test_add_func ("/client/fifty-looked-up-at-once-are-all-found", test_buddies);
  g_test_add_data_func ("/client/a-lost-home-is-mended-in-ten-seconds", "home", test_lost);
  g_test_add_data_func ("/client/a-lost-spare-is-mended-in-ten-seconds", "spare", test_lost);
  g_test_add_func ("/client/who-can-be-reached-again-is-a-peer", test_promoted);
  g_test_add_func ("/client/a-peer-that-two-rounds-leave-apart-is-one", test_demoted);
  g_test_add_func ("/client/neighbors-called-from-home-alone-give-way", test_demoted_at_home);
  g_test_add_func ("/client/trying-to-be-a-peer-disturbs-nothing", test_undisturbed);
  g_test_add_func ("/client/a-ring-of-one-stays-with-its-clients", test_ring_of_one);
  g_test_add_func ("/client/two-behind-one-wall-make-no-ring-of-their-own", test_one_house);
  g_test_add_func ("/client/a-ring-behind-a-wall-gives-way-to-that-outside", test_house_and_town);
  g_test_add_func ("/client/a-peer-that-pays-for-what-it-sends-gives-way", test_metered_peer);
  g_test_add_func ("/client/a-newcomer-that-pays-serves-nobody", test_metered_newcomer);
  return g_test_run ();
}
