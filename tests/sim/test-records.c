/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/roll.h"

/* An hour in which peers come and go, with sessions of ten minutes, half of which end in a crash
 * (threats 3.8). Visitors have left their certificates with the residents before it begins: nobody
 * stores these again. The residents' own registrations are refreshed as ever. */

enum { RESIDENTS = 16, VISITORS = 60, RECORDS = 2 * VISITORS };

#define HOUR     (60 * TIME_MINUTE)
#define STEP     (500 * TIME_MS)
#define LOOK     (5 * TIME_SECOND)
#define SETTLED  (30 * TIME_SECOND)
#define MISSED   (30 * TIME_SECOND)
#define FAREWELL (600 * TIME_MS)

typedef struct Fixture {
  SimWorld *world;
  NodeId records[RECORDS];
  uint64_t missing_since[RESIDENTS]; /* 0: its registration is where look-ups lead to */
  uint64_t longest;
} Fixture;

static bool
is_ready (SimWorld *world, void *user_data)
{
  return ((SimPeer *) user_data)->state == NODE_READY;
}

/* Joins, stores its certificate at its name and at its Node-ID, and leaves for good. */
static void
visit (Fixture *self, unsigned number)
{
  SimPeer *peer = sim_world_peer (self->world, RESIDENTS + number);
  unsigned hint = sim_world_random (self->world, RESIDENTS);

  sim_peer_start (peer, &hint, 1);
  g_assert_true (sim_world_run_until (self->world, is_ready, peer, TIME_MINUTE));
  sim_world_run (self->world, TIME_SECOND);
  self->records[2 * number] = resource_id_of (bytes_of_text (peer->user));
  self->records[2 * number + 1] = resource_id_of (node_id_bytes (sim_peer_id (peer)));
  node_stop (peer->node);
  sim_world_run (self->world, FAREWELL);
  sim_peer_kill (peer);
}

static unsigned
count_held (Fixture *self)
{
  unsigned held = 0;

  for (unsigned i = 0; i < RECORDS; i++)
    held += census_holders (self->world, &self->records[i]) > 0;
  return held;
}

static void
look (Fixture *self)
{
  uint64_t now = sim_world_now (self->world);

  for (unsigned i = 0; i < RESIDENTS; i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    NodeId id = resource_id_of (bytes_of_text (peer->user));
    bool is_there =
      peer->node != NULL && peer->state == NODE_READY && peer->ready_at + SETTLED <= now;

    if (!is_there || census_owner_holds (self->world, &id, 0))
      self->missing_since[i] = 0;
    else if (self->missing_since[i] == 0)
      self->missing_since[i] = now;
    if (self->missing_since[i] != 0)
      self->longest = MAX (self->longest, now - self->missing_since[i] + LOOK);
  }
}

/* The residents that are off when the hour is over come back. */
static void
gather (Fixture *self)
{
  for (unsigned i = 0; i < RESIDENTS; i++)
    if (sim_world_peer (self->world, i)->node == NULL)
      sim_peer_start (sim_world_peer (self->world, i), NULL, 0);
  sim_world_run (self->world, TIME_MINUTE);
}

static void
test_hour (void)
{
  SimOptions options = {
    .peers = RESIDENTS + VISITORS, .seed = 1, .latency_ms = 10, .jitter_ms = 30
  };
  Fixture self = { .world = sim_world_new (&options) };
  g_autoptr (Churn) churn = NULL;
  g_autoptr (Roll) roll = NULL;
  unsigned held;

  churn_join (self.world, 0, RESIDENTS, 200 * TIME_MS);
  sim_world_run (self.world, SETTLED);
  for (unsigned i = 0; i < VISITORS; i++)
    visit (&self, i);
  g_assert_cmpuint (count_held (&self), ==, RECORDS);
  churn = churn_new (self.world, CHURN_EXPONENTIAL, 10 * TIME_MINUTE);
  churn_spare (churn, RESIDENTS);
  roll = roll_new (self.world);
  for (uint64_t at = 0; at < HOUR; at += STEP) {
    churn_step (churn);
    sim_world_run (self.world, STEP);
    roll_step (roll);
    if (at % LOOK == 0)
      look (&self);
  }
  gather (&self);
  g_clear_pointer (&churn, churn_free);
  held = count_held (&self);
  g_test_message ("%u of %u records are held; a registration was missed for %" G_GUINT64_FORMAT
                  " s at most",
                  held, RECORDS, self.longest / TIME_SECOND);
  g_test_message ("of the residents' registrations %.2e are lost in an hour",
                  roll_lost_per_hour (roll));
  g_assert_cmpuint (RECORDS - held, <, RECORDS / 100 + 1);
  g_assert_cmpuint (self.longest, <=, MISSED);
  g_assert_cmpuint (roll->lost, ==, 0);
  sim_world_free (self.world);
}

static void
call_roll (SimWorld *world, Roll *roll, uint64_t duration)
{
  for (uint64_t at = 0; at < duration; at += STEP) {
    sim_world_run (world, STEP);
    roll_step (roll);
  }
}

/* Everybody loses the registration of one: so does the roll, once, and misses it while nobody has
 * it again. */
static void
test_roll (void)
{
  SimOptions options = { .peers = RESIDENTS, .seed = 1, .latency_ms = 10, .jitter_ms = 30 };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  g_autoptr (Roll) roll = NULL;
  NodeId place = resource_id_of (bytes_of_text (sim_world_peer (world, 3)->user));

  churn_join (world, 0, RESIDENTS, 200 * TIME_MS);
  sim_world_run (world, TIME_MINUTE);
  roll = roll_new (world);
  call_roll (world, roll, TIME_MINUTE);
  g_assert_cmpuint (roll->lost, ==, 0);
  g_assert_cmpuint (roll->watched, >, 0);
  for (unsigned i = 0; i < RESIDENTS; i++)
    storage_drop (sim_world_peer (world, i)->node->overlay->storage, &place);
  call_roll (world, roll, TIME_MINUTE);
  g_assert_cmpuint (roll->lost, ==, 1);
  g_assert_cmpuint (roll->missed, ==, 1);
  g_assert_cmpfloat (roll_lost_per_hour (roll), >, 1.0 / RESIDENTS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/threat-3.8-an-hour-of-coming-and-going", test_hour);
  g_test_add_func ("/records/what-nobody-holds-is-missed", test_roll);
  return g_test_run ();
}
