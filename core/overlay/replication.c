/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "replication"
#include "core/overlay/replication.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/store.h"

/* A round looks at every resource once:
 *
 *   we are responsible             copies to those of the replica set that are new
 *   no longer, but a replica       kept; the new responsible peer is given it once
 *   neither                        given to the responsible peer, then dropped
 *
 * Rounds come soon after a peer came, and 30 s after one was lost, so that a better match may show
 * itself first (10.7.1). */

#define SOON      (50 * TIME_MS)
#define HOLD_DOWN (30 * TIME_SECOND)

enum { COPIES = 2 };

struct Replication {
  Overlay *overlay;
  Timer timer;
  NodeId replicas[COPIES]; /* who had copies after the last round */
  size_t replica_count;
};

static void
on_copied (void *owner, const Answer *answer)
{
  Replication *self = owner;

  if (answer->code != RELOAD_OK)
    log_debug (self->overlay->ports, "a copy was refused: %u", answer->code);
}

static void
send_copy (Replication *self,
           const NodeId *resource,
           const Destination *to,
           uint8_t replica_number,
           AnswerFunc answered)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  StoreReq body = {
    .resource = node_id_bytes (resource),
    .replica_number = replica_number,
    .kind_data = storage_copy (self->overlay->storage, resource, arena, certificates),
  };

  if (body.kind_data.count == 0)
    return;
  self->overlay->counters.copies_sent++;
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_STORE_REQ,
                                                 .body = &body,
                                                 .destinations = to,
                                                 .destination_count = 1,
                                                 .certificates = certificates,
                                                 .tries = 3,
                                                 .answered = answered,
                                                 .owner = self,
                                               });
}

static void
copy_to (Replication *self, const NodeId *resource, const NodeId *peer, uint8_t replica_number)
{
  Destination to = destination_of_node (peer);

  send_copy (self, resource, &to, replica_number, on_copied);
}

void
replication_stored (Replication *self, const NodeId *resource)
{
  Topology *topology = &self->overlay->topology;
  NodeId peers[COPIES];
  size_t count = topology->plugin->replicas (topology->self, peers, COPIES);

  for (size_t i = 0; i < count; i++)
    copy_to (self, resource, &peers[i], (uint8_t) (i + 1));
}

static bool
had_copies (const Replication *self, const NodeId *peer)
{
  for (size_t i = 0; i < self->replica_count; i++)
    if (node_id_equal (&self->replicas[i], peer))
      return true;
  return false;
}

/* What is not ours any more, for the peer that is responsible now (6.4.2.3). It is sent straight to
 * it when we have a link, for only a neighbor's word counts there. */
static void
give_back (Replication *self, const NodeId *resource)
{
  Topology *topology = &self->overlay->topology;
  NodeId next;

  if (topology->plugin->next_hop (topology->self, resource, NULL, &next))
    copy_to (self, resource, &next, 1);
}

typedef struct Round {
  Replication *replication;
  NodeId replicas[COPIES];
  size_t count;
  NodeId gives_to; /* of misplaced resources: the first successor */
} Round;

static void
visit (void *user_data, const NodeId *resource)
{
  Round *round = user_data;
  Replication *self = round->replication;
  Topology *topology = &self->overlay->topology;

  if (topology->plugin->is_responsible (topology->self, resource)) {
    for (size_t i = 0; i < round->count; i++)
      if (!had_copies (self, &round->replicas[i]))
        copy_to (self, resource, &round->replicas[i], (uint8_t) (i + 1));
  } else if (!topology->plugin->is_replica (topology->self, resource)) {
    give_back (self, resource);
    storage_drop (self->overlay->storage, resource);
  }
}

static void
on_round (Timer *timer, void *owner)
{
  Replication *self = owner;
  Topology *topology = &self->overlay->topology;
  Round round = { .replication = self };

  if (topology->plugin->state (topology->self) != TOPOLOGY_JOINED)
    return;
  round.count = topology->plugin->replicas (topology->self, round.replicas, COPIES);
  storage_for_each (self->overlay->storage, visit, &round);
  self->replica_count = round.count;
  for (size_t i = 0; i < round.count; i++)
    self->replicas[i] = round.replicas[i];
}

void
replication_topology_changed (Replication *self, RoutingChange change)
{
  Topology *topology = &self->overlay->topology;
  NodeId peers[COPIES];
  size_t count = topology->plugin->replicas (topology->self, peers, COPIES);
  bool has_lost = false;
  uint64_t delay;

  if ((change & (ROUTING_REPLICAS | ROUTING_RANGE | ROUTING_PREDECESSOR)) == 0)
    return;
  for (size_t i = 0; i < self->replica_count; i++) {
    bool is_there = false;
    for (size_t k = 0; k < count; k++)
      is_there = is_there || node_id_equal (&self->replicas[i], &peers[k]);
    has_lost = has_lost || !is_there;
  }
  delay = has_lost && count == self->replica_count ? HOLD_DOWN : SOON;
  /* Two of three copies gone is no time to wait. */
  if (count == 0 || (has_lost && self->replica_count == COPIES && !had_copies (self, &peers[0]) &&
                     (count < 2 || !had_copies (self, &peers[1]))))
    delay = SOON;
  if (!timer_is_set (&self->timer) || timer_left (&self->timer) > delay)
    timer_start (&self->timer, self->overlay->ports->timers, delay);
}

void
replication_skip_hold_down (Replication *self)
{
  timer_start (&self->timer, self->overlay->ports->timers, SOON);
}

static void
visit_hand_over (void *user_data, const NodeId *resource)
{
  Round *round = user_data;

  copy_to (round->replication, resource, &round->gives_to, 1);
}

void
replication_hand_over (Replication *self, const NodeId *joining)
{
  Round round = { .replication = self, .gives_to = *joining };

  storage_for_each (self->overlay->storage, visit_hand_over, &round);
}

void
replication_hand_over_all (Replication *self)
{
  Round round = { .replication = self };
  Topology *topology = &self->overlay->topology;

  if (topology->plugin->replicas (topology->self, round.replicas, COPIES) == 0)
    return;
  round.gives_to = round.replicas[0];
  storage_for_each (self->overlay->storage, visit_hand_over, &round);
}

Replication *
replication_new (Overlay *overlay)
{
  Replication *self = g_new0 (Replication, 1);

  self->overlay = overlay;
  timer_init (&self->timer, on_round, self);
  return self;
}

void
replication_free (Replication *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  g_free (self);
}
