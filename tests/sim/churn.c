/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/churn.h"

#include <math.h>

#define FAREWELL (500 * TIME_MS)

/* A peer is off a quarter as long as it is on. */
enum { OFF_SHARE = 4, CROWD = 200, KNOWN = 8 };

/* Of Pareto's law. Just above one: a few sessions are longer than all others together. */
#define TAIL 1.1

typedef struct Session {
  uint64_t ends_at;
  uint64_t begins_at;
  bool says_goodbye;
  bool is_leaving;
} Session;

struct Churn {
  SimWorld *world;
  ChurnLaw law;
  uint64_t median;
  unsigned count;
  Session *sessions;
};

/* A ring takes in a share of itself each second, so a large one may grow faster. */
static uint64_t
pause_at (unsigned size, uint64_t pause)
{
  return size > CROWD ? pause * CROWD / size : pause;
}

/* One before it whose listener others get to: the first one's, if nobody else's. */
static unsigned
hint_for (SimWorld *world, unsigned index)
{
  unsigned hint = index > 0 ? sim_world_random (world, index) : 0;

  while (hint > 0 && !sim_peer_is_open (sim_world_peer (world, hint)))
    hint--;
  return hint;
}

void
churn_join (SimWorld *world, unsigned first, unsigned count, uint64_t pause)
{
  for (unsigned i = first; i < first + count; i++) {
    unsigned hint = hint_for (world, i);
    sim_peer_start (sim_world_peer (world, i), &hint, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : pause_at (i, pause));
  }
}

void
churn_join_at_once (SimWorld *world, uint64_t within)
{
  unsigned count = sim_world_size (world);
  g_autofree unsigned *all = g_new (unsigned, count);

  for (unsigned i = 0; i < count; i++)
    all[i] = i;
  for (unsigned i = 0; i < count; i++) {
    sim_peer_start (sim_world_peer (world, i), all, count);
    sim_world_run (world, within / count);
  }
}

unsigned
churn_kill (SimWorld *world, double share)
{
  unsigned killed = 0;

  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    if (peer->node == NULL || sim_world_random (world, 1000000) >= share * 1000000)
      continue;
    sim_peer_kill (peer);
    killed++;
  }
  return killed;
}

/* Exponential, or with a heavy tail, with that median. */
static uint64_t
draw (Churn *self, ChurnLaw law, uint64_t median)
{
  double uniform = (sim_world_random (self->world, 1000000) + 0.5) / 1000000;

  switch (law) {
  case CHURN_EXPONENTIAL:
    return (uint64_t) (-log (uniform) / G_LN2 * (double) median);
  case CHURN_HEAVY_TAILED:
    return (uint64_t) (pow (2 * uniform, -1 / TAIL) * (double) median);
  }
  g_assert_not_reached ();
}

static void
begin (Churn *self, Session *session)
{
  uint64_t now = sim_world_now (self->world);

  session->ends_at = now + draw (self, self->law, self->median);
  session->says_goodbye = sim_world_random (self->world, 2) == 0;
  session->is_leaving = false;
}

static void
count_host (KeepTable table, Bytes key, Bytes value, void *count)
{
  *(unsigned *) count += table == KEEP_HOST;
}

/* Whoever was there for a day knows many: rings that are made leave nobody on disks, and a short
 * session in one of them few. */
static void
come_back (Churn *self, SimPeer *peer)
{
  unsigned hints[KNOWN];
  unsigned known = 0;

  if (peer->disk != NULL)
    sim_disk_for_each (peer->disk, count_host, &known);
  for (unsigned i = known; i < KNOWN; i++)
    hints[i] = hint_for (self->world, self->count);
  sim_peer_start (peer, hints + MIN (known, KNOWN), known < KNOWN ? KNOWN - known : 0);
}

static void
end (Churn *self, Session *session, SimPeer *peer)
{
  uint64_t now = sim_world_now (self->world);

  if (session->says_goodbye && !session->is_leaving) {
    node_stop (peer->node);
    session->is_leaving = true;
    session->ends_at = now + FAREWELL;
    return;
  }
  sim_peer_kill (peer);
  session->begins_at = now + draw (self, CHURN_EXPONENTIAL, self->median / OFF_SHARE);
}

void
churn_step (Churn *self)
{
  uint64_t now = sim_world_now (self->world);

  for (unsigned i = 0; i < self->count; i++) {
    SimPeer *peer = sim_world_peer (self->world, i);
    Session *session = &self->sessions[i];
    if (peer->node != NULL && session->ends_at <= now) {
      end (self, session, peer);
    } else if (peer->node == NULL && session->begins_at <= now) {
      come_back (self, peer);
      begin (self, session);
    }
  }
}

Churn *
churn_new (SimWorld *world, ChurnLaw law, uint64_t median_session)
{
  Churn *self = g_new0 (Churn, 1);

  self->world = world;
  self->law = law;
  self->median = median_session;
  self->count = sim_world_size (world);
  self->sessions = g_new0 (Session, sim_world_size (world));
  for (unsigned i = 0; i < sim_world_size (world); i++)
    begin (self, &self->sessions[i]);
  return self;
}

void
churn_spare (Churn *self, unsigned first)
{
  self->count = MIN (self->count, first);
}

void
churn_free (Churn *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < self->count; i++)
    if (self->sessions[i].is_leaving && sim_world_peer (self->world, i)->node != NULL)
      sim_peer_kill (sim_world_peer (self->world, i));
  g_free (self->sessions);
  g_free (self);
}
