/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "walk"
#include "core/overlay/walk.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/walk-map.h"

#include <string.h>

/* A peer on the way that drops what it should pass on (threats 2.1) is walked around:
 *
 *   step    a peer on this side of the target: a link of ours, or named by another step. It is
 *           asked along the path by which it was learned, [p1 ... pk], where it would send what is
 *           for the target.
 *   holder  a peer behind the target, as named by a step before it: the owner, and the next two,
 *           which keep copies.
 *
 * An answer shows that every peer before the one that gave it passes messages on. Silence tells of
 * the last of these that had not shown it yet, or, if all had, that nobody is there. What was asked
 * in vain through a bad step is asked through another that named the same; who named the bad step
 * is asked whom else it knows, by a RouteQuery for the ID just before that step, or, near the
 * target, straight for what lies behind it. So is who named a step that leads to nobody but holders
 * who have nothing or keep silent: it may lie (threats 2.2). Among all that can be asked, the
 * question counts that promises to need the fewest further ones.
 *
 * Every tick the request goes to one more pair of a holder and a peer in front of it, until an
 * answer ends it all or the messages are used up. */

#define TICK (100 * TIME_MS)

/* After so long, and longer for each step of the way, something is lost; the answer still counts.
 */
#define LATE     (250 * TIME_MS)
#define PER_STEP (50 * TIME_MS)

enum {
  OWN_LINKS = 10,  /* to start from: the nearest to the target */
  AT_ONCE = 3,     /* questions under way */
  ASKED = 10,      /* questions to one step: it may lie */
  WITNESSES = 3,   /* that must agree on who is the owner */
  COPIES = 3,      /* that are worth to be looked for, the owner included */
  FIRST_REACH = 2, /* see reached() */
  LAST_REACH = 6,
  NEAR = 7, /* peers: who is so near knows those behind the target */
};

#define NAMER_WITHIN 8.0 /* peers; see is_near() */

/* What ways cost (walk_map_toll()): nobody was lost on those that are worth the request, and what
 * costs so much more than a question under way has time. A step that did not name the holder may
 * have no link to it; one has its reasons for whom it names (DOUBT, each time that was in vain). */
#define GOOD    3.9
#define DOUBT   2.0
#define SLACK   3.0
#define STRANGE 3.0

typedef enum Purpose {
  PURPOSE_WAY,     /* to the target */
  PURPOSE_AROUND,  /* a step: about the ID just before it */
  PURPOSE_BEHIND,  /* the target: about IDs from well behind it back to its owner */
  PURPOSE_HOLDER,  /* not the step, but a holder that it named: who comes next */
  PURPOSE_REQUEST, /* no question, but the request itself, by that step to a holder */
} Purpose;

typedef struct Query {
  Walk *walk;
  int step;
  int before; /* the step before it on the way that was taken */
  int named;  /* the step that it was answered with, or WALK_NOBODY */
  Purpose purpose;
  NodeId about;
  double cost;    /* that it promised to have; see cost_of() */
  unsigned reach; /* how far behind, in doublings */
  uint64_t late_at;
  bool is_late;
  bool is_over;
} Query;

struct Walk {
  Overlay *overlay;
  WalkMap map;
  bool is_resource;
  bool wants_copies;
  WalkFunc found;
  void *owner;
  Query queries[LIMIT_WALK_QUERIES + LIMIT_WALK_REQUESTS];
  unsigned query_count;
  unsigned request_count; /* of these */
  Timer timer;
};

/* ---- Asking ---- */

static void on_route_answered (void *owner, const Answer *answer);

static Query *
note_message (Walk *self, int step, int before, Purpose purpose)
{
  Query *query = &self->queries[self->query_count++];
  *query = (Query){
    .walk = self,
    .step = step,
    .before = before,
    .named = WALK_NOBODY,
    .purpose = purpose,
    .late_at = overlay_now (self->overlay) + LATE + self->map.steps[step].depth * PER_STEP,
  };
  if (before != WALK_NOBODY && purpose != PURPOSE_REQUEST)
    self->map.steps[before].pending++;
  return query;
}

/* `holder`: the question goes on to that one; else NULL. */
static Query *
ask_through (Walk *self, int step, const NodeId *holder, Purpose purpose, const NodeId *about)
{
  RouteQueryReq body = { .destination = self->is_resource
                                          ? destination_of_resource (node_id_bytes (about))
                                          : destination_of_node (about) };
  Destination path[LIMIT_WALK_PATH];
  size_t count = walk_map_path (&self->map, step, path);
  WalkStep *asked = &self->map.steps[step];
  Query *query;

  if (asked->asked == ASKED || self->query_count - self->request_count == LIMIT_WALK_QUERIES)
    return NULL;
  query = note_message (self, step, holder != NULL ? step : asked->before, purpose);
  query->about = *about;
  query->cost = walk_map_toll (&self->map, asked->before) + walk_map_hops (&self->map, &asked->id);
  asked->asked += holder == NULL;
  asked->open++;
  if (asked->state == WALK_STEP_WAITING)
    asked->state = WALK_STEP_ASKED;
  if (holder != NULL)
    path[count++] = destination_of_node (holder);
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_ROUTE_QUERY_REQ,
                                                 .body = &body,
                                                 .destinations = path,
                                                 .destination_count = count,
                                                 .tries = 1,
                                                 .answered = on_route_answered,
                                                 .owner = query,
                                               });
  return query;
}

static Query *
ask (Walk *self, int step, Purpose purpose, const NodeId *about)
{
  return ask_through (self, step, NULL, purpose, about);
}

/* Whoever comes next keeps a copy, and the answer shows that the step passes messages on. */
static void
ask_holder (Walk *self, int step, const NodeId *holder)
{
  NodeId about = node_id_add_power (holder, 0);

  if (self->wants_copies && self->map.holder_count < COPIES)
    ask_through (self, step, holder, PURPOSE_HOLDER, &about);
}

static NodeId
just_before (const NodeId *id)
{
  static const NodeId one = { .bytes = { [NODE_ID_SIZE - 1] = 1 } };

  return node_id_distance (&one, id);
}

/* So many times one or two peers behind the target. */
static NodeId
reached (const Walk *self, unsigned reach)
{
  const Topology *topology = &self->overlay->topology;
  unsigned peers = topology->plugin->estimate (topology->self);
  unsigned power = 128 + 1 - MIN (g_bit_storage (peers), 128u);
  NodeId id = self->map.target;

  while (reach-- > 0)
    id = node_id_add_power (&id, MIN (power, 126u));
  return id;
}

static void
ask_from_behind (Walk *self, int step, const NodeId *about, unsigned reach)
{
  Query *query = ask (self, step, PURPOSE_BEHIND, about);

  if (query != NULL)
    query->reach = reach;
}

/* From so far behind the target back to what was reached before. */
static void
ask_behind (Walk *self, int step, unsigned reach)
{
  NodeId about = reached (self, reach);

  ask_from_behind (self, step, &about, reach);
}

/* Nor is whoever leads to such, and to nobody else. Each names one that is nearer to the target. */
static bool
is_of_no_use (const Walk *self, int step)
{
  const WalkStep *last = &self->map.steps[step];

  while (!walk_step_is_bad (last) && !walk_map_is_spent (&self->map, step)) {
    if (!last->is_exhausted || last->named_last == WALK_NOBODY)
      return false;
    step = last->named_last;
    last = &self->map.steps[step];
  }
  return true;
}

/* Whom it named is of no use, or what it named were holders, and it may know others. */
static bool
is_to_be_asked_again (const Walk *self, const WalkStep *step)
{
  return step->state == WALK_STEP_ANSWERED && step->open == 0 && !step->is_exhausted &&
         step->asked < ASKED &&
         (step->named_last != WALK_NOBODY ? is_of_no_use (self, step->named_last)
                                          : step->has_named && self->wants_copies);
}

/* Whoever has named many that were of no use may have done so on purpose. */
static double
doubt_of (const Walk *self, int step)
{
  double doubt = 0;

  for (; step != WALK_NOBODY; step = self->map.steps[step].before)
    doubt += DOUBT * self->map.steps[step].useless;
  return doubt;
}

static double
cost_of (const Walk *self, int i)
{
  const WalkStep *step = &self->map.steps[i];
  double cost = walk_map_toll (&self->map, step->before) + walk_map_hops (&self->map, &step->id) +
                doubt_of (self, i);

  return step->state == WALK_STEP_WAITING ? cost : cost + walk_step_toll (step) + step->asked;
}

static void
ask_again (Walk *self, int i)
{
  WalkStep *step = &self->map.steps[i];
  NodeId about;

  step->useless += step->named_last != WALK_NOBODY;
  if (step->named_last == WALK_NOBODY ||
      (self->wants_copies &&
       walk_map_peers_between (&self->map, &step->id, &self->map.target) <= NEAR)) {
    step->is_exhausted = true;
    ask_behind (self, i, FIRST_REACH);
    return;
  }
  about = just_before (&self->map.steps[step->named_last].id);
  step->is_exhausted = ask (self, i, PURPOSE_AROUND, &about) == NULL;
}

static bool
is_under_way (const Query *query)
{
  return query->purpose != PURPOSE_REQUEST && !query->is_over && !query->is_late;
}

/* Of the best question under way; G_MAXDOUBLE when there is none. */
static double
cost_under_way (const Walk *self)
{
  double best = G_MAXDOUBLE;

  for (unsigned i = 0; i < self->query_count; i++) {
    const Query *query = &self->queries[i];
    if (is_under_way (query))
      best = MIN (best, query->cost);
  }
  return best;
}

static bool
ask_next (Walk *self)
{
  int best = WALK_NOBODY;

  for (int i = 0; i < self->map.step_count; i++)
    if ((self->map.steps[i].state == WALK_STEP_WAITING ||
         is_to_be_asked_again (self, &self->map.steps[i])) &&
        (best == WALK_NOBODY || cost_of (self, i) < cost_of (self, best)))
      best = i;
  if (best == WALK_NOBODY || cost_of (self, best) > cost_under_way (self) + SLACK)
    return false;
  if (self->map.steps[best].state == WALK_STEP_WAITING)
    return ask (self, best, PURPOSE_WAY, &self->map.target) != NULL;
  ask_again (self, best);
  return true;
}

/* The best of those that named `step` and are not at fault. */
static void
find_another_way (Walk *self, int step)
{
  int best = WALK_NOBODY;

  for (unsigned i = 0; i < self->query_count; i++) {
    int namer = self->queries[i].step;
    if (self->queries[i].named == step && !walk_step_is_bad (&self->map.steps[namer]) &&
        !walk_map_leads_through (&self->map, namer, &self->map.steps[step].id) &&
        (best == WALK_NOBODY ||
         walk_map_toll (&self->map, namer) < walk_map_toll (&self->map, best)))
      best = namer;
  }
  if (best != WALK_NOBODY)
    walk_map_lead_to (&self->map, step, best);
}

/* Somebody before the step drops what it should pass on, or nobody is there. */
static void
on_late (Walk *self, Query *query)
{
  WalkStep *step = &self->map.steps[query->step];
  WalkStep *before = query->before != WALK_NOBODY ? &self->map.steps[query->before] : NULL;

  query->is_late = true;
  if (query->purpose == PURPOSE_REQUEST) {
    walk_map_miss (&self->map, &query->about); /* holders may keep silent */
    return;
  }
  if (before != NULL) {
    before->pending--;
    before->losses++;
    if (walk_step_is_bad (before))
      doubts_note (&self->overlay->doubts, &before->id, overlay_now (self->overlay));
  }
  step->open--;
  if (step->state != WALK_STEP_ASKED)
    return;
  step->state = WALK_STEP_FAILED;
  if (before != NULL && !before->passes)
    find_another_way (self, query->step);
}

static void
believe (Walk *self, WalkStep *step)
{
  step->passes = true;
  doubts_forget (&self->overlay->doubts, &step->id);
}

static void
on_back (Walk *self, Query *query)
{
  query->is_over = true;
  for (int i = query->before; i != WALK_NOBODY; i = self->map.steps[i].before)
    believe (self, &self->map.steps[i]);
  if (!query->is_late) {
    self->map.steps[query->step].open--;
    if (query->before != WALK_NOBODY)
      self->map.steps[query->before].pending--;
  }
  self->map.steps[query->step].state = WALK_STEP_ANSWERED;
}

/* Whoever sends straight to the owner of a place is the peer before it: from farther away there is
 * always somebody between. */
static bool
is_near (const Walk *self, const NodeId *id)
{
  return walk_map_peers_between (&self->map, id, &self->map.target) <= NAMER_WITHIN ||
         walk_map_peers_between (&self->map, &self->map.target, id) <= NAMER_WITHIN;
}

/* `named` lies at or behind the target. */
static void
on_holder_named (Walk *self, const Query *query, const NodeId *named)
{
  if (self->is_resource && !is_near (self, &self->map.steps[query->step].id)) {
    self->map.steps[query->step].is_liar = true;
    return;
  }
  walk_map_add_holder (&self->map, query->step, self->is_resource ? named : &self->map.target);
  if (query->purpose != PURPOSE_BEHIND)
    ask_holder (self, query->step, named);
}

/* The last one before the ID that it was asked about, of those behind the target; when there is
 * none it names another, which may be its first successor. Who knows too few, or nobody that is of
 * use, is asked about more. */
static void
on_named_behind (Walk *self, const Query *query, const NodeId *named)
{
  unsigned reach = query->reach;
  bool is_behind = node_id_in_arc (&self->map.target, &self->map.steps[query->step].id, named);
  NodeId about = just_before (named);
  NodeId floor = reached (self, reach > FIRST_REACH ? reach - 1 : 0);

  if (is_behind && node_id_in_arc (named, &floor, &query->about)) {
    if (!node_id_equal (&about, &floor))
      ask_from_behind (self, query->step, &about, reach);
    return;
  }
  do
    floor = reached (self, ++reach);
  while (reach < LAST_REACH && is_behind && node_id_in_arc (&floor, &self->map.target, named));
  if (self->wants_copies && reach <= LAST_REACH &&
      (self->map.holder_count < COPIES || walk_map_is_spent (&self->map, query->step) ||
       !self->map.steps[query->step].has_named))
    ask_behind (self, query->step, reach);
}

/* Behind the one that was asked, or it tells nothing new. */
static void
on_next_holder (Walk *self, const Query *query, const NodeId *named)
{
  if (walk_map_has_holder (&self->map, named) ||
      node_id_in_arc (named, &self->map.target, &query->about))
    return;
  walk_map_add_holder (&self->map, query->step, named);
  ask_holder (self, query->step, named);
}

/* `named` lies before the target. */
static void
on_step_named (Walk *self, Query *query, const NodeId *named)
{
  WalkStep *namer = &self->map.steps[query->step];

  if (walk_map_peers_between (&self->map, named, &self->map.target) >=
        walk_map_peers_between (&self->map, &namer->id, &self->map.target) ||
      (query->purpose == PURPOSE_AROUND && !node_id_in_arc (named, &namer->id, &query->about))) {
    namer->is_exhausted = true; /* nobody routes away from the target */
    return;
  }
  walk_map_add_step (&self->map, named, query->step);
  namer->named_last = query->named = walk_map_find (&self->map, named);
}

static void
on_route_answered (void *owner, const Answer *answer)
{
  Query *query = owner;
  Walk *self = query->walk;
  WalkStep *step = &self->map.steps[query->step];
  ChordRouteQueryAns body;

  if (answer->code == RELOAD_REQUEST_TIMEOUT) {
    query->is_over = true;
    return;
  }
  on_back (self, query);
  if (!answer_decode (answer, self->overlay, MESSAGE_ROUTE_QUERY_REQ, &body))
    return;
  if (query->purpose == PURPOSE_HOLDER) {
    on_next_holder (self, query, &body.next_peer);
  } else if (!node_id_equal (&body.next_peer, &step->id)) {
    if (node_id_in_arc (&self->map.target, &step->id, &body.next_peer))
      on_holder_named (self, query, &body.next_peer);
    else if (query->purpose != PURPOSE_BEHIND)
      on_step_named (self, query, &body.next_peer);
  } else if (query->purpose == PURPOSE_WAY && self->is_resource && !is_near (self, &step->id)) {
    step->is_liar = true;
  } else if (query->purpose == PURPOSE_WAY) {
    /* It says that it is responsible; a neighbor before it will tell the same. */
    walk_map_add_holder (&self->map, query->step,
                         self->is_resource ? &step->id : &self->map.target);
  }
  if (query->purpose == PURPOSE_BEHIND)
    on_named_behind (self, query, &body.next_peer);
  if (self->map.holder_count == 0)
    ask_next (self);
}

/* ---- Sending ---- */

static double
toll_to_holder (const Walk *self, const WalkHolder *holder, int step)
{
  return walk_map_toll (&self->map, step) +
         ((holder->named_by & UINT64_C (1) << step) != 0 ? 0 : STRANGE);
}

/* The best step to send through to a holder. */
static int
choose_step (const Walk *self, const WalkHolder *holder)
{
  int best = WALK_NOBODY;

  for (int i = 0; i < self->map.step_count; i++) {
    const WalkStep *step = &self->map.steps[i];
    if (step->state != WALK_STEP_ANSWERED || (holder->tried & UINT64_C (1) << i) != 0 ||
        (!step->has_named && walk_map_rank (&self->map, &step->id) > LIMIT_NEIGHBORS) ||
        walk_map_leads_through (&self->map, step->before, &holder->id))
      continue;
    if (best == WALK_NOBODY ||
        toll_to_holder (self, holder, i) < toll_to_holder (self, holder, best))
      best = i;
  }
  return best;
}

/* The holder that was tried least, the nearest of these first. */
static WalkHolder *
choose_holder (Walk *self, int *ret_step)
{
  WalkHolder *best = NULL;

  for (size_t i = 0; i < self->map.holder_count; i++) {
    int step;
    if (self->map.holders[i].is_heard ||
        (best != NULL && best->tries <= self->map.holders[i].tries))
      continue;
    step = choose_step (self, &self->map.holders[i]);
    if (step == WALK_NOBODY || toll_to_holder (self, &self->map.holders[i], step) > GOOD)
      continue;
    best = &self->map.holders[i];
    *ret_step = step;
  }
  return best;
}

/* From just before the owner to whoever is responsible, else, and when that came to nothing, by
 * Node-ID. Returns whether there is a way that is worth it. */
static bool
send_one (Walk *self)
{
  Destination list[LIMIT_WALK_PATH];
  int step = WALK_NOBODY;
  WalkHolder *holder = choose_holder (self, &step);
  bool is_straight;
  size_t count;

  if (holder == NULL || self->request_count == LIMIT_WALK_REQUESTS)
    return false;
  is_straight = node_id_equal (&self->map.steps[step].id, &holder->id);
  note_message (self, step, is_straight ? self->map.steps[step].before : step, PURPOSE_REQUEST)
    ->about = holder->id;
  self->request_count++;
  count = walk_map_path (&self->map, step, list);
  if (self->is_resource && holder == self->map.holders && self->map.steps[step].has_named &&
      holder->tries == 0 && self->map.heard_count == 0)
    list[count++] = destination_of_resource (node_id_bytes (&self->map.target));
  else if (!is_straight)
    list[count++] = destination_of_node (&holder->id);
  holder->tried |= UINT64_C (1) << step;
  holder->tries++;
  self->found (self->owner, list, count);
  return true;
}

static unsigned
count_in_flight (const Walk *self)
{
  unsigned count = 0;

  for (unsigned i = 0; i < self->query_count; i++)
    count += is_under_way (&self->queries[i]);
  return count;
}

/* Those who were asked for the thing itself so far have nothing, or are silent. */
static bool
is_in_vain (const Walk *self)
{
  return self->map.holder_count > 0 && walk_map_is_passed (&self->map, &self->map.holders[0].id);
}

static void
on_tick (Timer *timer, void *owner)
{
  Walk *self = owner;
  uint64_t now = overlay_now (self->overlay);

  for (unsigned i = 0; i < self->query_count; i++) {
    Query *query = &self->queries[i];
    if (!query->is_over && !query->is_late && query->late_at <= now)
      on_late (self, query);
  }
  if (!send_one (self) || is_in_vain (self))
    while (count_in_flight (self) < AT_ONCE && ask_next (self))
      ;
  if (self->request_count < LIMIT_WALK_REQUESTS)
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
    if (is_way_out (connection) && walk_map_find (&self->map, &connection->peer) == WALK_NOBODY &&
        (best == NULL ||
         walk_map_rank (&self->map, &connection->peer) < walk_map_rank (&self->map, &best->peer)))
      best = connection;
  }
  if (best != NULL)
    walk_map_add_step (&self->map, &best->peer, WALK_NOBODY);
  return best != NULL;
}

Walk *
walk_new (Overlay *overlay, const WalkOptions *options)
{
  Walk *self = g_new0 (Walk, 1);

  self->overlay = overlay;
  self->map.overlay = overlay;
  self->is_resource = options->target->type == DESTINATION_RESOURCE;
  self->wants_copies = options->wants_copies;
  self->found = options->found;
  self->owner = options->owner;
  if (!self->is_resource)
    self->map.target = options->target->node_id;
  else if (!node_id_from_bytes (options->target->resource_id, &self->map.target))
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
walk_goes_on (const Walk *self)
{
  return self->request_count < LIMIT_WALK_REQUESTS &&
         self->query_count - self->request_count < LIMIT_WALK_QUERIES;
}

void
walk_hear (Walk *self, const NodeId *node)
{
  walk_map_hear (&self->map, node);
}

bool
walk_is_settled (const Walk *self)
{
  for (unsigned i = 0; i < self->query_count; i++)
    if (self->queries[i].purpose == PURPOSE_BEHIND && is_under_way (&self->queries[i]))
      return false;
  return walk_map_is_heard (&self->map, COPIES, WITNESSES);
}

bool
walk_is_copy (const Walk *self, const NodeId *node)
{
  for (size_t i = 1; i < self->map.holder_count; i++)
    if (self->map.holders[i].tries > 0 && node_id_equal (&self->map.holders[i].id, node))
      return true;
  return false;
}
