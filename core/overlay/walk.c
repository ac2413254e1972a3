/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "walk"
#include "core/overlay/walk.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/walk-map.h"
#include "core/wire/chord.h"

#include <string.h>

/* A peer on the way that drops what it should pass on (threats 2.1) is walked around:
 *
 *   step    a peer around the target: a link of ours, or named by another step. It is asked along
 *           the path by which it was learned, [p1 ... pk], where it would send what is for the
 *           target, and whom it knows around it.
 *   holder  a peer just behind the target: its owner, and those who keep copies.
 *
 * An answer shows that every peer before the one that gave it passes messages on. Silence tells of
 * the last of these that had not shown it yet, or, if all had, that nobody is there. Who was asked
 * in vain through a bad step is asked through another that named it too. Nobody can make up a peer
 * that answers, so whoever lies can only leave out others (threats 2.2): the nearest of all that
 * anybody names count, and one that is near and honest names them all. Among those that can be
 * asked, the question counts that promises to need the fewest further ones; whoever named some that
 * had nobody new to name is believed less.
 *
 * Every tick the request goes to one more pair of a holder and a peer in front of it, by the way
 * that lost the fewest before, until an answer ends it all or the messages are used up. */

#define TICK (100 * TIME_MS)

/* After so long, and longer for each step of the way, something is lost; the answer still counts.
 */
#define LATE     (250 * TIME_MS)
#define PER_STEP (50 * TIME_MS)

enum {
  OWN_LINKS = 10,     /* to start from: the nearest to the target */
  AT_ONCE = 3,        /* questions under way */
  IN_VAIN = 5,        /* and when nothing came of the nearest holder */
  ASKED = 3,          /* one step, by other ways */
  WITNESSES = 3,      /* that must agree on who is the owner */
  COPIES = 3,         /* that are worth to be looked for, the owner included */
  REQUESTS_FIRST = 4, /* before much is known */
  QUESTIONS_EACH = 2, /* for each further request */
  AGAIN = 3,          /* holders are tried before the nearest is again */
};

/* What ways cost (walk_map_toll()): nobody was lost on those that are worth the request, and what
 * costs so much more than a question under way has time. A step that did not name the holder may
 * have no link to it; one has its reasons for whom it names (DOUBT, each time that was in vain). */
#define GOOD    3.9
#define DOUBT   1.0
#define SLACK   3.0
#define STRANGE 3.0

/* A question, or the request itself. */
typedef struct Query {
  Walk *walk;
  int step;   /* that is asked, or by which the request goes to a holder */
  int before; /* the step before the last on the way that was taken */
  bool is_request;
  NodeId holder; /* of the request */
  double cost;   /* that a question promised to have; see cost_of() */
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
note_message (Walk *self, int step, int before)
{
  Query *query = &self->queries[self->query_count++];
  *query = (Query){
    .walk = self,
    .step = step,
    .before = before,
    .late_at = overlay_now (self->overlay) + LATE + self->map.steps[step].depth * PER_STEP,
  };
  return query;
}

static void
note_question (Walk *self, int step, double cost)
{
  WalkStep *asked = &self->map.steps[step];

  note_message (self, step, asked->before)->cost = cost;
  asked->asked++;
  asked->state = WALK_STEP_ASKED;
  if (asked->before != WALK_NOBODY)
    self->map.steps[asked->before].pending++;
}

static void
ask (Walk *self, int step, double cost)
{
  static const uint8_t nobody[] = { 0, 0, 0, 0 }; /* before, and behind */
  MessageExtension vicinity = { .type = MESSAGE_EXTENSION_VICINITY,
                                .extension_contents = { nobody, sizeof nobody } };
  RouteQueryReq body = { .destination =
                           self->is_resource
                             ? destination_of_resource (node_id_bytes (&self->map.target))
                             : destination_of_node (&self->map.target) };
  Destination path[LIMIT_WALK_PATH];
  size_t count = walk_map_path (&self->map, step, path);

  note_question (self, step, cost);
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_ROUTE_QUERY_REQ,
                                                 .body = &body,
                                                 .destinations = path,
                                                 .destination_count = count,
                                                 .tries = 1,
                                                 .extensions = { &vicinity, 1 },
                                                 .answered = on_route_answered,
                                                 .owner = &self->queries[self->query_count - 1],
                                               });
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

  return walk_map_toll (&self->map, step->before) + walk_map_hops (&self->map, &step->id) +
         doubt_of (self, step->before);
}

static bool
is_under_way (const Query *query)
{
  return !query->is_request && !query->is_over && !query->is_late;
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
  double cost = G_MAXDOUBLE;

  if (self->query_count - self->request_count == LIMIT_WALK_QUERIES)
    return false;
  for (int i = 0; i < self->map.step_count; i++) {
    const WalkStep *step = &self->map.steps[i];
    if (step->state == WALK_STEP_WAITING && step->asked < ASKED && cost_of (self, i) < cost) {
      best = i;
      cost = cost_of (self, i);
    }
  }
  if (best == WALK_NOBODY || cost > cost_under_way (self) + SLACK)
    return false;
  ask (self, best, cost);
  return true;
}

/* Somebody on the way keeps what it should pass on, or the holder is silent. */
static void
on_request_late (Walk *self, const Query *query)
{
  const WalkHolder *holder = walk_map_find_holder (&self->map, &query->holder);

  if (holder != NULL && holder->is_heard)
    return;
  walk_map_miss (&self->map, &query->holder);
  for (int i = query->before; i != WALK_NOBODY; i = self->map.steps[i].before)
    self->map.steps[i].drops++;
}

/* Somebody before the step drops what it should pass on, or nobody is there. */
static void
on_late (Walk *self, Query *query)
{
  WalkStep *step = &self->map.steps[query->step];
  WalkStep *before = query->before != WALK_NOBODY ? &self->map.steps[query->before] : NULL;

  query->is_late = true;
  if (query->is_request) {
    on_request_late (self, query);
    return;
  }
  if (before != NULL) {
    before->pending--;
    before->losses++;
    if (walk_step_is_bad (before))
      doubts_note (&self->overlay->doubts, &before->id, overlay_now (self->overlay));
  }
  if (step->state != WALK_STEP_ASKED)
    return;
  step->state = WALK_STEP_FAILED;
  if (before != NULL && !before->passes)
    walk_map_find_another_way (&self->map, query->step);
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
  if (!query->is_late && query->before != WALK_NOBODY)
    self->map.steps[query->before].pending--;
  self->map.steps[query->step].state = WALK_STEP_ANSWERED;
}

/* Returns whether that is news. */
static bool
on_named (Walk *self, int namer, const NodeId *id)
{
  bool is_holder =
    self->is_resource ? walk_map_may_hold (&self->map, id) : node_id_equal (id, &self->map.target);
  bool is_news = is_holder && walk_map_add_holder (&self->map, namer, id);

  return walk_map_add_step (&self->map, id, namer) || is_news;
}

static bool
on_list_named (Walk *self, int namer, const NodeIdList *list)
{
  bool is_news = false;

  for (size_t i = 0; i < MIN (list->count, (size_t) LIMIT_VICINITY); i++)
    is_news = on_named (self, namer, &list->items[i]) || is_news;
  return is_news;
}

static bool
on_vicinity (Walk *self, int namer, const Answer *answer)
{
  ChordVicinity vicinity;
  bool is_news = false;

  for (size_t i = 0; i < answer->extensions.count; i++) {
    const MessageExtension *extension = &answer->extensions.items[i];
    if (extension->type != MESSAGE_EXTENSION_VICINITY ||
        !chord_vicinity_decode (extension->extension_contents, answer->arena, &vicinity, NULL))
      continue;
    is_news = on_list_named (self, namer, &vicinity.behind) || is_news;
    is_news = on_list_named (self, namer, &vicinity.before) || is_news;
  }
  return is_news;
}

/* Who would send it to somebody behind that node has a link to it, if it is there. */
static bool
on_next (Walk *self, int namer, const NodeId *next)
{
  const NodeId *id = &self->map.steps[namer].id;

  if (!self->is_resource && node_id_in_arc (&self->map.target, id, next))
    next = &self->map.target;
  return on_named (self, namer, next);
}

static void
on_route_answered (void *owner, const Answer *answer)
{
  Query *query = owner;
  Walk *self = query->walk;
  WalkStep *step = &self->map.steps[query->step];
  ChordRouteQueryAns body;
  bool is_news = false;

  if (answer->code == RELOAD_REQUEST_TIMEOUT) {
    query->is_over = true;
    return;
  }
  on_back (self, query);
  if (!answer_decode (answer, self->overlay, MESSAGE_ROUTE_QUERY_REQ, &body))
    return;
  if (self->is_resource && walk_map_may_hold (&self->map, &step->id))
    walk_map_add_holder (&self->map, query->step, &step->id);
  walk_map_reach (&self->map, &step->id);
  is_news = on_vicinity (self, query->step, answer);
  is_news = on_next (self, query->step, &body.next_peer) || is_news;
  if (!is_news && step->before != WALK_NOBODY)
    self->map.steps[step->before].useless++;
  if (self->map.holder_count == 0)
    ask_next (self);
}

/* ---- Sending ---- */

static double
toll_to_holder (const Walk *self, const WalkHolder *holder, int step)
{
  return walk_map_request_toll (&self->map, step) +
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
        walk_map_rank (&self->map, &step->id) > LIMIT_NEIGHBORS ||
        walk_map_leads_through (&self->map, step->before, &holder->id))
      continue;
    if (best == WALK_NOBODY ||
        toll_to_holder (self, holder, i) < toll_to_holder (self, holder, best))
      best = i;
  }
  return best;
}

/* The nearest first, and once more before those that are much farther. */
static WalkHolder *
choose_holder (Walk *self, int *ret_step)
{
  size_t count =
    self->wants_copies ? walk_map_worth (&self->map, COPIES) : MIN (self->map.holder_count, 2u);
  WalkHolder *best = NULL;
  size_t turn = G_MAXSIZE;

  for (size_t i = 0; i < count; i++) {
    size_t its_turn = i + self->map.holders[i].tries * AGAIN;
    int step;
    if (self->map.holders[i].is_heard || its_turn >= turn)
      continue;
    step = choose_step (self, &self->map.holders[i]);
    if (step == WALK_NOBODY || walk_map_toll (&self->map, step) > GOOD)
      continue;
    best = &self->map.holders[i];
    turn = its_turn;
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
  Query *query;
  bool is_straight;
  size_t count;

  if (holder == NULL || self->request_count == LIMIT_WALK_REQUESTS)
    return false;
  is_straight = node_id_equal (&self->map.steps[step].id, &holder->id);
  query = note_message (self, step, is_straight ? self->map.steps[step].before : step);
  query->is_request = true;
  query->holder = holder->id;
  self->request_count++;
  count = walk_map_path (&self->map, step, list);
  if (self->is_resource && holder == self->map.holders && !is_straight && holder->tries == 0 &&
      self->map.heard_count == 0)
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

/* What is found out by questions makes the next request better than the last. */
static bool
may_send (const Walk *self)
{
  unsigned questions = self->query_count - self->request_count;

  return self->request_count < REQUESTS_FIRST + questions / QUESTIONS_EACH ||
         count_in_flight (self) == 0;
}

static void
on_tick (Timer *timer, void *owner)
{
  Walk *self = owner;
  uint64_t now = overlay_now (self->overlay);
  bool is_in_vain;

  for (unsigned i = 0; i < self->query_count; i++) {
    Query *query = &self->queries[i];
    if (!query->is_over && !query->is_late && query->late_at <= now)
      on_late (self, query);
  }
  is_in_vain = walk_map_is_in_vain (&self->map);
  if (!may_send (self) || !send_one (self) || is_in_vain)
    while (count_in_flight (self) < (is_in_vain ? IN_VAIN : AT_ONCE) && ask_next (self))
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
  for (unsigned i = 0; i < AT_ONCE && ask_next (self); i++)
    ;
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
