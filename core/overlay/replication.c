/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "replication"
#include "core/overlay/replication.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"

#include <string.h>

/* A round looks at every resource once:
 *
 *   we are responsible             copies to those of the replica set that are new;
 *                                  to all of it when we were not before
 *   no longer, but a replica       kept; the peer that is responsible now is given it once
 *   neither                        given to the responsible peer, and dropped when that has it
 *
 * Rounds come soon after a peer came, and 30 s after one was lost, so that a better match may show
 * itself first (10.7.1). Where peers stay for minutes that would be too long: once in so many such
 * times the two others with a copy go as well, and a better match does not wait so long to be seen.
 * A peer that holds something newer is asked for it. A copy that is refused, because the other side
 * does not see the change yet, or gets lost makes another round, after a pause that grows until a
 * round has nothing refused. What is not ours, and what its owner has refused to the last, is
 * dropped: we were too far away when that range became his, and who signed it stores it there
 * himself. */

#define SOON            (50 * TIME_MS)
#define HOLD_DOWN       (30 * TIME_SECOND)
#define HOLD_DOWN_LEAST (4 * TIME_SECOND)
#define RETRY_FIRST     (1 * TIME_SECOND)

enum {
  COPIES = 2,
  HOLDS_OF_LIFE = 128,
  RETRY_DOUBLINGS = 6,
  AROUND = LIMIT_CERTIFICATE_SIZE + 512, /* of a message: all but values and their certificates */
};

struct Replication {
  Overlay *overlay;
  Timer timer;
  ListLink copies;         /* under way */
  NodeId replicas[COPIES]; /* who had copies after the last round */
  size_t replica_count;
  bool has_range;
  NodeId range_start;  /* of what we were responsible for in the last round */
  NodeId widest;       /* the farthest start of our range since then */
  bool has_gifts;      /* one was refused: the next round looks at all */
  bool has_failed;     /* since the last round: a copy */
  unsigned failures;   /* rounds, one after the other */
  uint64_t held_until; /* no round before, but for a peer that came; 0: none waits */
};

/* One resource, or a part of it, on its way to one peer. */
typedef struct Copy {
  ListLink all;
  Replication *replication;
  NodeId resource;
  NodeId peer;
  uint8_t replica_number;
  uint64_t since; /* values older than that are there already */
  size_t first;   /* where this part of the resource begins */
  bool is_gift;   /* that peer is responsible, we are not */
  bool is_merged; /* with what that peer had newer */
} Copy;

static void
copy_free (Copy *copy)
{
  list_remove (&copy->all);
  transport_cancel_owner (copy->replication->overlay->transport, copy);
  g_free (copy);
}

static bool
is_kept (Replication *self, const NodeId *resource)
{
  Topology *topology = &self->overlay->topology;

  return topology->plugin->is_responsible (topology->self, resource) ||
         topology->plugin->is_replica (topology->self, resource);
}

static void
start_round (Replication *self, uint64_t delay)
{
  if (!timer_is_set (&self->timer) ||
      timer_left (&self->timer, self->overlay->ports->timers) > delay)
    timer_start (&self->timer, self->overlay->ports->timers, delay);
}

static void
start_round_soon (Replication *self)
{
  self->held_until = 0;
  start_round (self, SOON);
}

static uint64_t
hold_down_time (const Replication *self)
{
  const Topology *topology = &self->overlay->topology;
  uint64_t lifetime = topology->plugin->lifetime (topology->self);

  return CLAMP (lifetime / HOLDS_OF_LIFE, HOLD_DOWN_LEAST, HOLD_DOWN);
}

/* From the first loss on, unless a round is due already. */
static void
hold_down (Replication *self)
{
  uint64_t now = timers_now (self->overlay->ports->timers);
  uint64_t pause = hold_down_time (self);

  if (self->held_until > now || (timer_is_set (&self->timer) &&
                                 timer_left (&self->timer, self->overlay->ports->timers) <= SOON))
    return;
  self->held_until = now + pause;
  timer_start (&self->timer, self->overlay->ports->timers, pause);
}

static void
start_round_again (Replication *self)
{
  uint64_t now = timers_now (self->overlay->ports->timers);
  uint64_t pause = RETRY_FIRST << MIN (self->failures - 1, (unsigned) RETRY_DOUBLINGS);

  start_round (self, self->held_until > now ? MAX (pause, self->held_until - now) : pause);
}

/* The next round sends to that peer again. */
static void
forget_copies_of (Replication *self, const Copy *copy)
{
  size_t kept = 0;

  for (size_t i = 0; i < self->replica_count; i++)
    if (!node_id_equal (&self->replicas[i], &copy->peer))
      self->replicas[kept++] = self->replicas[i];
  self->replica_count = kept;
  self->has_gifts = self->has_gifts || copy->is_gift;
}

static bool
is_other_part (const Copy *copy, const Copy *other)
{
  return other != copy && other->is_gift && node_id_equal (&other->resource, &copy->resource) &&
         node_id_equal (&other->peer, &copy->peer);
}

/* Nothing is dropped before all parts of it have arrived, */
static bool
is_last_part (const Copy *copy)
{
  list_for_each (&copy->replication->copies,
                 l) if (is_other_part (copy, list_element (l, Copy, all))) return false;
  return true;
}

/* and nothing at all when one of them has not. */
static void
keep_other_parts (const Copy *copy)
{
  list_for_each (&copy->replication->copies, l)
  {
    Copy *other = list_element (l, Copy, all);
    if (is_other_part (copy, other))
      other->is_gift = false;
  }
}

static size_t send_copy (Copy *copy);

/* A resource may have more than one message can carry: it goes in parts, all at once. */
static StorageCut
cut_of (const Copy *copy)
{
  size_t size_max = overlay_message_size_max (copy->replication->overlay);

  return (StorageCut){
    .since = copy->since,
    .room = size_max > AROUND ? size_max - AROUND : 0,
    .first = copy->first,
  };
}

static void
on_arrived (Copy *copy)
{
  Replication *self = copy->replication;

  if (copy->is_gift && is_last_part (copy) && !is_kept (self, &copy->resource))
    storage_drop (self->overlay->storage, &copy->resource);
  copy_free (copy);
}

/* Then both have the newest of everything: what is newer here goes there once more. */
static void
on_newer_fetched (void *owner, const Answer *answer)
{
  Copy *copy = owner;
  Overlay *overlay = copy->replication->overlay;
  FetchAns body;

  copy->is_merged = true;
  if (answer_decode (answer, overlay, MESSAGE_FETCH_REQ, &body) &&
      storage_merge (overlay->storage, &copy->resource, &body, answer->offer) > 0)
    send_copy (copy);
  else
    on_arrived (copy);
}

/* That peer holds something newer, and one Store is taken whole or not at all (7.4.1.1). */
static void
fetch_newer (Copy *copy)
{
  Overlay *overlay = copy->replication->overlay;
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  StorageCut cut = cut_of (copy);
  StoreKindDataList held =
    storage_copy (overlay->storage, &copy->resource, &cut, arena, certificates);
  StoredDataSpecifier *specifiers = arena_new_array (arena, StoredDataSpecifier, held.count);
  ArrayRange all = { 0, ARRAY_INDEX_LAST };
  FetchReq body = {
    .resource = node_id_bytes (&copy->resource),
    .specifiers = { specifiers, 0 },
  };
  Destination to = destination_of_node (&copy->peer);

  for (size_t i = 0; i < held.count; i++) {
    const ConfigurationKind *kind = configuration_kind (overlay->configuration, held.items[i].kind);
    StoredDataSpecifier *specifier = &specifiers[body.specifiers.count];
    if (kind == NULL)
      continue;
    *specifier = (StoredDataSpecifier){ .kind = kind->id, .model = kind->data_model };
    if (kind->data_model == DATA_MODEL_ARRAY)
      specifier->indices = (ArrayRangeList){ &all, 1 };
    body.specifiers.count++;
  }
  transport_request (overlay->transport, &(Request){
                                           .code = MESSAGE_FETCH_REQ,
                                           .body = &body,
                                           .destinations = &to,
                                           .destination_count = 1,
                                           .tries = 3,
                                           .answered = on_newer_fetched,
                                           .owner = copy,
                                         });
}

static bool
is_outdated (const Copy *copy, ReloadCode code)
{
  return (code == RELOAD_DATA_TOO_OLD || code == RELOAD_GENERATION_COUNTER_TOO_LOW) &&
         !copy->is_merged;
}

static void
on_refused (Copy *copy, ReloadCode code)
{
  Replication *self = copy->replication;

  log_debug (self->overlay->ports, "a copy was refused: %u", code);
  keep_other_parts (copy);
  if (copy->is_gift && code == RELOAD_FORBIDDEN && self->failures >= RETRY_DOUBLINGS &&
      !is_kept (self, &copy->resource)) {
    storage_drop (self->overlay->storage, &copy->resource);
  } else {
    self->failures += !self->has_failed;
    self->has_failed = true;
    forget_copies_of (self, copy);
    start_round_again (self);
  }
  copy_free (copy);
}

static void
on_copied (void *owner, const Answer *answer)
{
  Copy *copy = owner;

  if (is_outdated (copy, answer->code)) {
    fetch_newer (copy);
  } else if (answer->code == RELOAD_FORBIDDEN || answer->code == RELOAD_REQUEST_TIMEOUT) {
    on_refused (copy, answer->code);
  } else if (answer->code == RELOAD_OK || answer->code == RELOAD_DATA_TOO_OLD) {
    on_arrived (copy);
  } else {
    keep_other_parts (copy);
    copy_free (copy);
  }
}

/* Frees it when there is nothing left to send. */
/* Returns where the next part begins; 0: there is none. */
static size_t
send_copy (Copy *copy)
{
  Overlay *overlay = copy->replication->overlay;
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  StorageCut cut = cut_of (copy);
  StoreReq body = {
    .resource = node_id_bytes (&copy->resource),
    .replica_number = copy->replica_number,
    .kind_data = storage_copy (overlay->storage, &copy->resource, &cut, arena, certificates),
  };
  Destination to = destination_of_node (&copy->peer);

  if (body.kind_data.count == 0) {
    copy_free (copy);
    return 0;
  }
  overlay->counters.copies_sent++;
  transport_request (overlay->transport, &(Request){
                                           .code = MESSAGE_STORE_REQ,
                                           .body = &body,
                                           .destinations = &to,
                                           .destination_count = 1,
                                           .certificates = certificates,
                                           .tries = 3,
                                           .answered = on_copied,
                                           .owner = copy,
                                         });
  return cut.next;
}

static void
copy_since (Replication *self, const Copy *what)
{
  size_t next = 0;

  do {
    Copy *copy = g_memdup2 (what, sizeof *what);
    copy->replication = self;
    copy->first = next;
    list_append (&self->copies, &copy->all);
    next = send_copy (copy);
  } while (next > 0);
}

static void
copy_to (Replication *self,
         const NodeId *resource,
         const NodeId *peer,
         uint8_t replica_number,
         bool is_gift)
{
  copy_since (self, &(Copy){
                      .resource = *resource,
                      .peer = *peer,
                      .replica_number = replica_number,
                      .is_gift = is_gift,
                    });
}

void
replication_stored (Replication *self, const NodeId *resource)
{
  Topology *topology = &self->overlay->topology;
  NodeId peers[COPIES];
  size_t count = topology->plugin->replicas (topology->self, peers, COPIES);

  for (size_t i = 0; i < count; i++)
    copy_since (self, &(Copy){
                        .resource = *resource,
                        .peer = peers[i],
                        .replica_number = (uint8_t) (i + 1),
                        .since = overlay_now (self->overlay),
                      });
}

static bool
had_copies (const Replication *self, const NodeId *peer)
{
  for (size_t i = 0; i < self->replica_count; i++)
    if (node_id_equal (&self->replicas[i], peer))
      return true;
  return false;
}

/* What is not ours any more, for the peer that is responsible now (6.4.2.3), if that is a neighbor:
 * only a neighbor's word counts there. What a far ring has left with us its owner stores anew. */
static void
give_back (Replication *self, const NodeId *resource)
{
  Topology *topology = &self->overlay->topology;
  NodeId owner;

  if (topology->plugin->owner (topology->self, resource, &owner))
    copy_to (self, resource, &owner, 1, true);
  else
    storage_drop (self->overlay->storage, resource);
}

typedef struct Round {
  Replication *replication;
  NodeId replicas[COPIES];
  size_t count;
  NodeId gives_to;
  bool is_joining;    /* it stands before us: what lies between us stays */
  bool has_gifts;     /* all that is not ours is to be given away, */
  bool has_range;     /* else what has ceased to be: before this round */
  NodeId range_start; /* our range started there */
  NodeId widest;      /* or, for a while, there */
} Round;

static void
visit (void *user_data, const NodeId *resource)
{
  Round *round = user_data;
  Replication *self = round->replication;
  Topology *topology = &self->overlay->topology;
  const NodeId *own = &self->overlay->id;
  bool was_ours = round->has_range && node_id_in_arc (resource, &round->widest, own);
  bool is_inherited = round->has_range && !node_id_in_arc (resource, &round->range_start, own);

  if (topology->plugin->is_responsible (topology->self, resource)) {
    for (size_t i = 0; i < round->count; i++)
      if (is_inherited || !had_copies (self, &round->replicas[i]))
        copy_to (self, resource, &round->replicas[i], (uint8_t) (i + 1), false);
  } else if (round->has_gifts || was_ours ||
             !topology->plugin->is_replica (topology->self, resource)) {
    give_back (self, resource);
  }
}

static void
on_round (Timer *timer, void *owner)
{
  Replication *self = owner;
  Topology *topology = &self->overlay->topology;
  Round round = {
    .replication = self,
    .has_gifts = self->has_gifts || !self->has_range,
    .has_range = self->has_range,
    .range_start = self->range_start,
    .widest = self->widest,
  };

  if (topology->plugin->state (topology->self) != TOPOLOGY_JOINED)
    return;
  self->has_gifts = false;
  if (!self->has_failed)
    self->failures = 0;
  self->has_failed = false;
  self->has_range = topology->plugin->range_start (topology->self, &self->range_start);
  self->widest = self->range_start;
  round.count = topology->plugin->replicas (topology->self, round.replicas, COPIES);
  storage_for_each (self->overlay->storage, visit, &round);
  self->replica_count = round.count;
  memcpy (self->replicas, round.replicas, sizeof self->replicas);
}

void
replication_topology_changed (Replication *self, RoutingChange change)
{
  Topology *topology = &self->overlay->topology;
  NodeId peers[COPIES];
  NodeId start;
  size_t count = topology->plugin->replicas (topology->self, peers, COPIES);
  bool has_lost = false;

  if (self->has_range && topology->plugin->range_start (topology->self, &start) &&
      !node_id_in_arc (&start, &self->widest, &self->overlay->id))
    self->widest = start;
  if ((change & (ROUTING_REPLICAS | ROUTING_RANGE | ROUTING_PREDECESSOR)) == 0)
    return;
  for (size_t i = 0; i < self->replica_count; i++) {
    bool is_there = false;
    for (size_t k = 0; k < count; k++)
      is_there = is_there || node_id_equal (&self->replicas[i], &peers[k]);
    has_lost = has_lost || !is_there;
  }
  /* Two of three copies gone is no time to wait. */
  if (has_lost && count == self->replica_count && count > 0 &&
      (self->replica_count < COPIES || had_copies (self, &peers[0]) ||
       (count == COPIES && had_copies (self, &peers[1]))))
    hold_down (self);
  else
    start_round_soon (self);
}

void
replication_skip_hold_down (Replication *self)
{
  start_round_soon (self);
}

static void
visit_hand_over (void *user_data, const NodeId *resource)
{
  Round *round = user_data;

  if (!round->is_joining ||
      !node_id_in_arc (resource, &round->gives_to, &round->replication->overlay->id))
    copy_to (round->replication, resource, &round->gives_to, 1, false);
}

void
replication_hand_over (Replication *self, const NodeId *joining)
{
  Round round = { .replication = self, .gives_to = *joining, .is_joining = true };

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
  list_init (&self->copies);
  timer_init (&self->timer, on_round, self);
  return self;
}

void
replication_free (Replication *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  list_for_each (&self->copies, l) copy_free (list_element (l, Copy, all));
  g_free (self);
}
