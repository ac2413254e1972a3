/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "walk"
#include "core/overlay/walk.h"

#include "core/overlay/overlay-private.h"

#include <string.h>

/* A peer on the way that drops what it should pass on (threats 2.1) is walked around:
 *
 *   step    a peer on this side of the target, or a little behind it: a link of ours, or named by
 *           another step. It is asked along the path by which it was learned, [p1 ... pk], where it
 *           would send what is for the target.
 *   holder  a peer behind the target, as named by a step before it: the owner, and the next two,
 *           which keep copies.
 *
 * A step that does not answer makes the one that named it doubtful, too: that one may answer for
 * itself and drop the rest. Who names a doubtful step is asked whom else it knows, by a RouteQuery
 * for the ID just before that step; what lies behind the owner shows itself in the same manner.
 * Every tick one more step is asked and the request goes to one more pair of a holder and a peer
 * in front of it, until an answer ends it all or the steps are used up. */

#define TICK (100 * TIME_MS)
#define LATE (400 * TIME_MS) /* the answer still counts */

/* No step has more than so many questions put, or holders named: it may lie. */
enum { ASKED = 8, NAMED = 6 };

enum {
  OWN_LINKS = 8,    /* to start from: the nearest to the target */
  AT_ONCE = 3,      /* questions under way */
  DETOURS = 2,      /* asked for around one doubtful step */
  QUERIES_MAX = 35, /* while no holder is known; the other messages carry the request */
  QUERIES = 24,     /* afterwards */
  HOLDERS = 8,
  COPIES = 3, /* that are worth to be looked for, the owner included */
  REACH = 4,
  NOBODY = -1,
};

typedef enum StepState { STEP_WAITING, STEP_ASKED, STEP_ANSWERED, STEP_FAILED } StepState;

typedef struct Step {
  NodeId id;
  int before;     /* the step that named it; NOBODY for a link of ours */
  size_t depth;   /* entries of the path to it, itself included */
  int named_last; /* the step that it named, or NOBODY */
  StepState state;
  unsigned asked;
  unsigned named; /* holders */
  int losses;     /* what was asked of it, or through it as the last one before, and got lost */
} Step;

typedef enum Purpose {
  PURPOSE_WAY,    /* to the target */
  PURPOSE_AROUND, /* a step: about the ID just before it */
  PURPOSE_BEHIND, /* the target: about IDs from well behind it back to its owner */
} Purpose;

typedef struct Query {
  Walk *walk;
  int step;
  int before; /* the step before it on the way that was taken */
  Purpose purpose;
  NodeId about;
  unsigned reach; /* how far behind, in doublings */
  uint64_t asked_at;
  bool is_late;
  bool is_over;
} Query;

typedef struct Holder {
  NodeId id;
  uint64_t tried; /* a set of steps */
  unsigned tries;
} Holder;

struct Walk {
  Overlay *overlay;
  NodeId target;
  bool is_resource;
  bool wants_copies;
  WalkFunc found;
  void *owner;
  Step steps[LIMIT_WALK_PEERS];
  int step_count;
  Holder holders[HOLDERS]; /* the nearest behind the target first */
  size_t holder_count;
  Query queries[LIMIT_WALK_QUERIES];
  unsigned sent; /* queries and requests */
  unsigned query_count;
  Timer timer;
};

G_STATIC_ASSERT (LIMIT_WALK_PEERS <= 64);
G_STATIC_ASSERT (LIMIT_WALK_PATH <= LIMIT_DESTINATIONS);

static double
peers_between (const Walk *self, const NodeId *from, const NodeId *to)
{
  const Topology *topology = &self->overlay->topology;
  NodeId distance = node_id_distance (from, to);

  return node_id_fraction (&distance) * topology->plugin->estimate (topology->self);
}

/* How many peers lie between a step and the target. One behind the target knows of it only what
 * its own neighbors are. */
static double
rank_of (const Walk *self, const NodeId *id)
{
  double before = peers_between (self, id, &self->target);
  double behind = peers_between (self, &self->target, id);

  return behind < LIMIT_NEIGHBORS / 2 ? MIN (before, behind) : before;
}

static int
find_step (const Walk *self, const NodeId *id)
{
  for (int i = 0; i < self->step_count; i++)
    if (node_id_equal (&self->steps[i].id, id))
      return i;
  return NOBODY;
}

/* The less the better: near the target, and nothing was lost on the way. */
static double
cost_of (const Walk *self, int step)
{
  int losses = 0;

  for (int i = step; i != NOBODY; i = self->steps[i].before)
    losses += self->steps[i].losses;
  return (1 + rank_of (self, &self->steps[step].id)) * (1 + 3 * losses);
}

static bool
leads_through (const Walk *self, int step, const NodeId *id)
{
  for (int i = step; i != NOBODY; i = self->steps[i].before)
    if (node_id_equal (&self->steps[i].id, id))
      return true;
  return false;
}

/* The path to a step; returns its length. */
static size_t
write_path (const Walk *self, int step, Destination *ret_path)
{
  size_t depth = self->steps[step].depth;

  for (int i = step; i != NOBODY; i = self->steps[i].before)
    ret_path[self->steps[i].depth - 1] = destination_of_node (&self->steps[i].id);
  return depth;
}

static void
add_step (Walk *self, const NodeId *id, int before)
{
  size_t depth = before == NOBODY ? 1 : self->steps[before].depth + 1;
  int i = find_step (self, id);

  if (depth >= LIMIT_WALK_PATH || node_id_equal (id, &self->overlay->id) ||
      (before != NOBODY && leads_through (self, before, id)))
    return;
  if (i == NOBODY && self->step_count < LIMIT_WALK_PEERS) {
    self->steps[self->step_count++] =
      (Step){ .id = *id, .before = before, .depth = depth, .named_last = NOBODY };
  } else if (i != NOBODY && self->steps[i].state == STEP_FAILED && self->steps[i].losses == 1 &&
             before != self->steps[i].before) {
    /* Once more, on a way that may be better. */
    self->steps[i].before = before;
    self->steps[i].depth = depth;
    self->steps[i].state = STEP_WAITING;
  }
}

static void
add_holder (Walk *self, int namer, const NodeId *id)
{
  NodeId distance = node_id_distance (&self->target, id);
  size_t place = 0;

  if (node_id_equal (id, &self->overlay->id) || self->steps[namer].named == NAMED)
    return;
  for (; place < self->holder_count; place++) {
    NodeId there = node_id_distance (&self->target, &self->holders[place].id);
    int order = node_id_compare (&distance, &there);
    if (order == 0)
      return;
    if (order < 0)
      break;
  }
  if (place == HOLDERS)
    return;
  self->steps[namer].named++;
  self->holder_count = MIN (self->holder_count + 1, (size_t) HOLDERS);
  memmove (&self->holders[place + 1], &self->holders[place],
           (self->holder_count - place - 1) * sizeof self->holders[0]);
  self->holders[place] = (Holder){ .id = *id };
}

/* ---- Asking ---- */

static void on_route_answered (void *owner, const Answer *answer);

static bool
is_holder (const Walk *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    if (node_id_equal (&self->holders[i].id, id))
      return true;
  return false;
}

static bool
was_asked (const Walk *self, int step, const NodeId *about)
{
  for (unsigned i = 0; i < self->query_count; i++)
    if (self->queries[i].step == step && node_id_equal (&self->queries[i].about, about))
      return true;
  return false;
}

static Query *
ask (Walk *self, int step, Purpose purpose, const NodeId *about)
{
  RouteQueryReq body = { .destination = self->is_resource
                                          ? destination_of_resource (node_id_bytes (about))
                                          : destination_of_node (about) };
  Destination path[LIMIT_WALK_PATH];
  Query *query;

  if (self->sent == LIMIT_WALK_QUERIES || self->steps[step].asked == ASKED)
    return NULL;
  self->sent++;
  self->steps[step].asked++;
  query = &self->queries[self->query_count++];
  *query = (Query){
    .walk = self,
    .step = step,
    .before = self->steps[step].before,
    .purpose = purpose,
    .about = *about,
    .asked_at = overlay_now (self->overlay),
  };
  if (self->steps[step].state == STEP_WAITING)
    self->steps[step].state = STEP_ASKED;
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_ROUTE_QUERY_REQ,
                                                 .body = &body,
                                                 .destinations = path,
                                                 .destination_count = write_path (self, step, path),
                                                 .tries = 1,
                                                 .answered = on_route_answered,
                                                 .owner = query,
                                               });
  return query;
}

/* The nearest that was not asked yet, and to which nothing was lost on the way. */
static void
ask_next (Walk *self)
{
  int best = NOBODY;

  for (int i = 0; i < self->step_count; i++)
    if (self->steps[i].state == STEP_WAITING &&
        (best == NOBODY || cost_of (self, i) < cost_of (self, best)))
      best = i;
  if (best != NOBODY && self->query_count < (self->holder_count > 0 ? QUERIES : QUERIES_MAX))
    ask (self, best, PURPOSE_WAY, &self->target);
}

static NodeId
just_before (const NodeId *id)
{
  static const NodeId one = { .bytes = { [NODE_ID_SIZE - 1] = 1 } };

  return node_id_distance (&one, id);
}

static void
count_loss (Walk *self, const Query *query, int count)
{
  self->steps[query->step].losses += count;
  if (query->before != NOBODY)
    self->steps[query->before].losses += count;
}

/* Those who would go by that step are asked whom they know before it: the best two of them. */
static void
go_around (Walk *self, int avoided)
{
  NodeId about = just_before (&self->steps[avoided].id);

  for (unsigned asked = 0; asked < DETOURS; asked++) {
    int best = NOBODY;
    for (int i = 0; i < self->step_count; i++)
      if (self->steps[i].named_last == avoided && self->steps[i].losses == 0 &&
          !was_asked (self, i, &about) &&
          (best == NOBODY || cost_of (self, i) < cost_of (self, best)))
        best = i;
    if (best != NOBODY)
      ask (self, best, PURPOSE_AROUND, &about);
  }
}

/* Either the step is gone, or the one before it drops what it should pass on. */
static void
on_late (Walk *self, Query *query)
{
  Step *step = &self->steps[query->step];
  int before = step->before;

  query->is_late = true;
  count_loss (self, query, 1);
  if (step->state == STEP_ASKED)
    step->state = STEP_FAILED;
  for (int i = 0; i < self->step_count; i++)
    if (self->steps[i].named_last == query->step && i != before)
      add_step (self, &step->id, i);
  go_around (self, query->step);
  if (before != NOBODY)
    go_around (self, before);
  ask_next (self);
}

static void
ask_from_behind (Walk *self, int step, const NodeId *about, unsigned reach)
{
  Query *query = ask (self, step, PURPOSE_BEHIND, about);

  if (query != NULL)
    query->reach = reach;
}

/* About what lies within about one peer behind `id`, doubled as often as `reach` says. */
static void
ask_behind (Walk *self, int step, const NodeId *id, unsigned reach)
{
  const Topology *topology = &self->overlay->topology;
  unsigned peers = topology->plugin->estimate (topology->self);
  unsigned power = 128 + reach - MIN (g_bit_storage (peers), 128u);
  NodeId about = node_id_add_power (id, MIN (power, 127u));

  ask_from_behind (self, step, &about, reach);
}

/* `named` lies at or behind the target. Others are found from well behind the owner back to those
 * known, and then from farther behind, until there are enough. */
static void
on_holder_named (Walk *self, const Query *query, const NodeId *named)
{
  bool is_known = is_holder (self, named);
  NodeId about = just_before (named);
  unsigned reach = query->reach;

  add_holder (self, query->step, self->is_resource ? named : &self->target);
  if (query->purpose == PURPOSE_WAY && self->wants_copies) {
    ask_behind (self, query->step, named, 0);
  } else if (query->purpose == PURPOSE_BEHIND && !is_known) {
    ask_from_behind (self, query->step, &about, reach);
  } else if (query->purpose == PURPOSE_BEHIND && self->wants_copies &&
             self->holder_count < COPIES && reach < REACH) {
    ask_behind (self, query->step, &self->holders[0].id, reach + 1);
  }
}

/* `named` lies before the target. */
static void
on_step_named (Walk *self, const Query *query, const NodeId *named)
{
  const NodeId *namer = &self->steps[query->step].id;
  int known = find_step (self, named);
  NodeId about = just_before (named);

  if (peers_between (self, named, &self->target) >= peers_between (self, namer, &self->target))
    return; /* nobody routes away from the target */
  if (query->purpose == PURPOSE_AROUND && !node_id_in_arc (named, namer, &query->about)) {
    /* Nobody comes before those to be avoided: they are its successors, and it knows more. */
    ask_behind (self, query->step, &self->target, 0);
    return;
  }
  if (known != NOBODY && self->steps[known].losses > 0)
    ask (self, query->step, PURPOSE_AROUND, &about);
  else if (known != NOBODY && query->purpose == PURPOSE_AROUND &&
           !was_asked (self, known, &query->about))
    ask (self, known, PURPOSE_AROUND, &query->about);
  add_step (self, named, query->step);
  if (query->purpose == PURPOSE_WAY)
    self->steps[query->step].named_last = find_step (self, named);
  if (self->holder_count == 0)
    ask_next (self);
}

static void
on_route_answered (void *owner, const Answer *answer)
{
  Query *query = owner;
  Walk *self = query->walk;
  Step *step = &self->steps[query->step];
  ChordRouteQueryAns body;

  query->is_over = true;
  if (answer->code == RELOAD_REQUEST_TIMEOUT)
    return;
  if (query->is_late)
    count_loss (self, query, -1);
  step->state = STEP_ANSWERED;
  if (!answer_decode (answer, self->overlay, MESSAGE_ROUTE_QUERY_REQ, &body))
    return;
  if (!node_id_equal (&body.next_peer, &step->id)) {
    if (node_id_in_arc (&self->target, &step->id, &body.next_peer))
      on_holder_named (self, query, &body.next_peer);
    else if (query->purpose != PURPOSE_BEHIND)
      on_step_named (self, query, &body.next_peer);
  } else if (query->purpose == PURPOSE_WAY) {
    /* It says that it is responsible; a neighbor before it will tell the same. */
    add_holder (self, query->step, self->is_resource ? &step->id : &self->target);
  }
}

/* ---- Sending ---- */

/* The best step to send through to a holder. */
static int
choose_step (const Walk *self, const Holder *holder)
{
  int best = NOBODY;

  for (int i = 0; i < self->step_count; i++) {
    const Step *step = &self->steps[i];
    if (step->state != STEP_ANSWERED || (holder->tried & UINT64_C (1) << i) != 0 ||
        (step->named == 0 && rank_of (self, &step->id) > LIMIT_NEIGHBORS) ||
        leads_through (self, step->before, &holder->id))
      continue;
    if (best == NOBODY || cost_of (self, i) < cost_of (self, best))
      best = i;
  }
  return best;
}

/* The holder that was tried least, the nearest of these first. */
static Holder *
choose_holder (Walk *self, int *ret_step)
{
  Holder *best = NULL;

  for (size_t i = 0; i < self->holder_count; i++) {
    int step;
    if (best != NULL && best->tries <= self->holders[i].tries)
      continue;
    step = choose_step (self, &self->holders[i]);
    if (step == NOBODY)
      continue;
    best = &self->holders[i];
    *ret_step = step;
  }
  return best;
}

/* Whoever the request was sent through may have dropped it. */
static void
doubt_all (Walk *self)
{
  uint64_t tried = 0;

  for (size_t i = 0; i < self->holder_count; i++)
    tried |= self->holders[i].tried;
  for (int i = 0; i < self->step_count; i++)
    if ((tried & UINT64_C (1) << i) != 0 && self->steps[i].losses == 0) {
      self->steps[i].losses++;
      go_around (self, i);
    }
}

/* From just before the owner to whoever is responsible, else by Node-ID. */
static void
send_one (Walk *self)
{
  Destination list[LIMIT_WALK_PATH];
  int step = NOBODY;
  Holder *holder = choose_holder (self, &step);
  size_t count;

  if (holder == NULL)
    doubt_all (self);
  if (holder == NULL || self->sent == LIMIT_WALK_QUERIES)
    return;
  count = write_path (self, step, list);
  if (self->is_resource && holder == self->holders && self->steps[step].named > 0)
    list[count++] = destination_of_resource (node_id_bytes (&self->target));
  else if (!node_id_equal (&self->steps[step].id, &holder->id))
    list[count++] = destination_of_node (&holder->id);
  holder->tried |= UINT64_C (1) << step;
  holder->tries++;
  self->sent++;
  self->found (self->owner, list, count);
}

static unsigned
count_in_flight (const Walk *self)
{
  unsigned count = 0;

  for (unsigned i = 0; i < self->query_count; i++)
    count += !self->queries[i].is_over && !self->queries[i].is_late;
  return count;
}

static void
on_tick (Timer *timer, void *owner)
{
  Walk *self = owner;
  uint64_t now = overlay_now (self->overlay);

  for (unsigned i = 0; i < self->query_count; i++) {
    Query *query = &self->queries[i];
    if (!query->is_over && !query->is_late && query->asked_at + LATE <= now)
      on_late (self, query);
  }

  if (count_in_flight (self) < AT_ONCE)
    ask_next (self);
  send_one (self);
  if (self->sent < LIMIT_WALK_QUERIES)
    timer_start (timer, self->overlay->ports->timers, TICK);
}

static bool
is_way_out (const Connection *connection)
{
  return connection->is_up && connection->is_peer && !connection->is_closed &&
         connection->kind != CONNECTION_APPLICATION && !link_is_suspected (&connection->link);
}

/* The best of our links that is no step yet; false when there is none. */
static bool
add_own_link (Walk *self)
{
  const Connection *best = NULL;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (is_way_out (connection) && find_step (self, &connection->peer) == NOBODY &&
        (best == NULL || rank_of (self, &connection->peer) < rank_of (self, &best->peer)))
      best = connection;
  }
  if (best != NULL)
    add_step (self, &best->peer, NOBODY);
  return best != NULL;
}

Walk *
walk_new (Overlay *overlay, const WalkOptions *options)
{
  Walk *self = g_new0 (Walk, 1);

  self->overlay = overlay;
  self->is_resource = options->target->type == DESTINATION_RESOURCE;
  self->wants_copies = options->wants_copies;
  self->found = options->found;
  self->owner = options->owner;
  if (!self->is_resource)
    self->target = options->target->node_id;
  else if (!node_id_from_bytes (options->target->resource_id, &self->target))
    g_assert_not_reached ();
  timer_init (&self->timer, on_tick, self);
  for (unsigned i = 0; i < OWN_LINKS && add_own_link (self); i++)
    ;
  for (unsigned i = 0; i < AT_ONCE; i++)
    ask_next (self);
  timer_start (&self->timer, overlay->ports->timers, TICK);
  return self;
}

void
walk_free (Walk *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  for (unsigned i = 0; i < self->query_count; i++)
    transport_cancel_owner (self->overlay->transport, &self->queries[i]);
  g_free (self);
}

bool
walk_is_copy (const Walk *self, const NodeId *node)
{
  for (size_t i = 1; i < self->holder_count; i++)
    if (self->holders[i].tries > 0 && node_id_equal (&self->holders[i].id, node))
      return true;
  return false;
}
