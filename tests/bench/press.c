/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "core/overlay/redir-tree.h"
#include "core/wire/fetch.h"
#include "tests/bench/guest.h"

#include <stdio.h>

/* Several phones press one peer, over the links that they have to it, each in turn:
 * press FOLDER INVITATION NODE-ID PID GUESTS. Requests are made at their times whether the earlier
 * ones have been answered or not. The rate is doubled until one in a hundred takes longer than half
 * a second, or fails, and does so again; then what is between is tried. Of each of the five things
 * that a peer does a line of JSON tells the highest rate that went well, its 99th percentile, and
 * the share of a processor that the pressed process (PID) used at it. */

enum {
  STEP_S = 10, /* far longer than what a limit lets through at once */
  LATE_MS = 500,
  GRACE_S = 2,
  REST_S = 2,
  TICK_MS = 1,
  HALVINGS = 3,
  RATE_FIRST = 4,
  RATE_MAX = 20000,
  RECORDS = 32, /* of each guest, at places of the pressed peer */
  SERVICES_MAX = 10000000,
};

typedef struct Press Press;

/* One request. */
typedef struct Shot {
  Press *press;
  unsigned guest;
  gint64 since;
  Publication **record; /* being stored; NULL: it is no Store */
  bool is_ended;
} Shot;

typedef struct Member {
  Guest *guest;
  Overlay *overlay;
  Publication *records[RECORDS]; /* owned */
  bool is_busy[RECORDS];
  bool is_attaching;
} Member;

typedef struct Operation {
  const char *name;
  bool (*fire) (Press *self, Shot *shot);
  bool (*has_ended) (const Shot *shot, bool *ret_is_good); /* NULL: an answer tells */
} Operation;

struct Press {
  Member *members;
  unsigned member_count;
  NodeId target;
  int pid;
  NodeId held;       /* a place of the target with a value in it */
  GPtrArray *shots;  /* of the step; owned */
  GArray *latencies; /* ms */
  const Operation *operation;
  double rate;
  gint64 start;
  unsigned fired, failed;
};

static void
end_shot (Shot *shot, bool is_good)
{
  Press *self = shot->press;
  double took_ms = (double) (g_get_monotonic_time () - shot->since) / 1000;
  Member *member = &self->members[shot->guest];

  shot->is_ended = true;
  if (is_good)
    g_array_append_val (self->latencies, took_ms);
  else
    self->failed++;
  if (shot->record != NULL)
    member->is_busy[shot->record - member->records] = false;
}

static void
on_answered (void *owner, const Answer *answer)
{
  end_shot (owner, answer->code == RELOAD_OK);
}

static Member *
member_of (const Shot *shot)
{
  return &shot->press->members[shot->guest];
}

static void
request (Shot *shot, Request *what)
{
  what->tries = 1;
  what->answered = on_answered;
  what->owner = shot;
  transport_request (member_of (shot)->overlay->transport, what);
}

/* ---- The five ---- */

static bool
fire_register (Press *self, Shot *shot)
{
  Member *member = member_of (shot);

  for (unsigned i = 0; i < RECORDS; i++)
    if (!member->is_busy[i]) {
      member->is_busy[i] = true;
      shot->record = &member->records[i];
      publication_start (member->records[i]);
      return true;
    }
  return false;
}

static bool
register_has_ended (const Shot *shot, bool *ret_is_good)
{
  *ret_is_good = publication_is_stored (*shot->record);
  return publication_is_settled (*shot->record);
}

static bool
fire_fetch (Press *self, Shot *shot)
{
  Destination to = destination_of_resource (node_id_bytes (&self->held));
  StoredDataSpecifier specifier = { .kind = KIND_REDIR, .model = DATA_MODEL_DICTIONARY };
  FetchReq body = { .resource = node_id_bytes (&self->held), .specifiers = { &specifier, 1 } };

  request (shot, &(Request){ .code = MESSAGE_FETCH_REQ,
                             .body = &body,
                             .destinations = &to,
                             .destination_count = 1 });
  return true;
}

/* A Ping of the next guest, through the pressed peer and back. */
static bool
fire_transit (Press *self, Shot *shot)
{
  const Member *other = &self->members[(shot->guest + 1) % self->member_count];
  Destination to[] = { destination_of_node (&self->target),
                       destination_of_node (&other->overlay->id) };
  PingReq body = { .padding = { NULL, 0 } };

  request (shot, &(Request){ .code = MESSAGE_PING_REQ,
                             .body = &body,
                             .destinations = to,
                             .destination_count = G_N_ELEMENTS (to) });
  return true;
}

static bool
fire_attach (Press *self, Shot *shot)
{
  Member *member = member_of (shot);

  if (member->is_attaching)
    return false;
  member->is_attaching = true;
  overlay_want_application (member->overlay, &self->target);
  return true;
}

static bool
attach_has_ended (const Shot *shot, bool *ret_is_good)
{
  Member *member = member_of (shot);

  *ret_is_good = overlay_has_application (member->overlay, &shot->press->target);
  if (!*ret_is_good)
    return false;
  overlay_close_application (member->overlay, &shot->press->target);
  member->is_attaching = false;
  return true;
}

static bool
fire_update (Press *self, Shot *shot)
{
  Overlay *overlay = member_of (shot)->overlay;
  Chord *chord = overlay->topology.self;
  Connection *connection = chord_link_to (chord, &self->target);
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (chord->table, &successors);
  const NodeId *before = routing_table_predecessors (chord->table, &predecessors);
  ChordUpdate body = {
    .uptime = 1,
    .type = CHORD_UPDATE_NEIGHBORS,
    .predecessors = { (NodeId *) before, predecessors },
    .successors = { (NodeId *) after, successors },
  };
  Destination to = destination_of_node (&self->target);

  if (connection == NULL)
    return false;
  request (shot, &(Request){ .code = MESSAGE_UPDATE_REQ,
                             .body = &body,
                             .destinations = &to,
                             .destination_count = 1,
                             .hop = { .connection = connection->number } });
  return true;
}

static const Operation operations[] = {
  { "register", fire_register, register_has_ended },
  { "fetch", fire_fetch, NULL },
  { "transit", fire_transit, NULL },
  { "attach", fire_attach, attach_has_ended },
  { "update", fire_update, NULL },
};

/* ---- A step ---- */

static void
fire (Press *self)
{
  Shot *shot = g_new0 (Shot, 1);

  *shot = (Shot){ .press = self,
                  .guest = self->fired++ % self->member_count,
                  .since = g_get_monotonic_time () };
  if (self->operation->fire (self, shot)) {
    g_ptr_array_add (self->shots, shot);
  } else {
    self->failed++;
    g_free (shot);
  }
}

static void
look (Press *self)
{
  for (guint i = 0; i < self->shots->len; i++) {
    Shot *shot = g_ptr_array_index (self->shots, i);
    bool is_good;
    if (!shot->is_ended && self->operation->has_ended != NULL &&
        self->operation->has_ended (shot, &is_good))
      end_shot (shot, is_good);
    if (shot->is_ended)
      g_free (g_ptr_array_remove_index_fast (self->shots, i--));
  }
}

static gboolean
on_tick (gpointer user_data)
{
  Press *self = user_data;
  double elapsed_s = (double) (g_get_monotonic_time () - self->start) / G_USEC_PER_SEC;
  unsigned due = (unsigned) (MIN (elapsed_s, STEP_S) * self->rate);

  while (self->fired < due)
    fire (self);
  look (self);
  return G_SOURCE_CONTINUE;
}

static void
turn_until (gint64 end)
{
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
}

static void
give_up (Press *self)
{
  while (self->shots->len > 0) {
    Shot *shot = g_ptr_array_index (self->shots, 0);
    transport_cancel_owner (member_of (shot)->overlay->transport, shot);
    member_of (shot)->is_attaching = false;
    end_shot (shot, false);
    g_free (g_ptr_array_remove_index_fast (self->shots, 0));
  }
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return one < other ? -1 : one > other;
}

/* Of all that were made: what failed took for ever. */
static double
percentile_ms (Press *self)
{
  unsigned all = self->latencies->len + self->failed;
  unsigned place = all * 99 / 100;

  g_array_sort (self->latencies, compare);
  return place < self->latencies->len ? g_array_index (self->latencies, double, place) : G_MAXINT;
}

static double
processor_s (int pid)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) folder = g_dir_open (tasks, 0, NULL);
  const char *task;
  double used = 0;

  while (folder != NULL && (task = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (tasks, task, "schedstat", NULL), *text = NULL;
    if (g_file_get_contents (path, &text, NULL, NULL))
      used += g_ascii_strtod (text, NULL) / 1e9;
  }
  return used;
}

typedef struct Step {
  double rate, p99_ms, cpu_share;
} Step;

/* Whether it went well. */
static bool
try_once (Press *self, double rate, Step *ret_step)
{
  double used = processor_s (self->pid);
  guint tick = g_timeout_add (TICK_MS, on_tick, self);
  Step step = { .rate = rate };

  self->fired = self->failed = 0;
  self->rate = rate;
  self->start = g_get_monotonic_time ();
  turn_until (self->start + STEP_S * G_USEC_PER_SEC);
  step.cpu_share = (processor_s (self->pid) - used) / STEP_S;
  turn_until (self->start + (STEP_S + GRACE_S) * G_USEC_PER_SEC);
  g_source_remove (tick);
  give_up (self);
  step.p99_ms = percentile_ms (self);
  g_printerr ("%s %.0f/s: 99 of 100 within %.1f ms, %u failed\n", self->operation->name, rate,
              step.p99_ms, self->failed);
  g_array_set_size (self->latencies, 0);
  turn_until (g_get_monotonic_time () + REST_S * G_USEC_PER_SEC);
  if (step.p99_ms > LATE_MS)
    return false;
  *ret_step = step;
  return true;
}

/* What else runs on this machine may have stood in the way once. */
static bool
try_rate (Press *self, double rate, Step *ret_step)
{
  return try_once (self, rate, ret_step) || try_once (self, rate, ret_step);
}

static Step
raise_rate (Press *self)
{
  Step best = { 0 };
  double rate = RATE_FIRST, low, high;

  while (rate < RATE_MAX && try_rate (self, rate, &best))
    rate *= 2;
  low = best.rate;
  high = rate;
  for (unsigned i = 0; i < HALVINGS && low > 0; i++) {
    rate = (low + high) / 2;
    if (try_rate (self, rate, &best))
      low = rate;
    else
      high = rate;
  }
  return best;
}

/* ---- Before ---- */

/* The first peer that comes at or behind a place answers for it. */
static bool
is_of_target (const Press *self, const NodeId *place)
{
  NodeId to_target = node_id_distance (place, &self->target);

  for (unsigned i = 0; i < self->member_count; i++) {
    NodeId to_other = node_id_distance (place, &self->members[i].overlay->id);
    if (node_id_compare (&to_other, &to_target) < 0)
      return false;
  }
  return true;
}

/* A service whose record belongs to the pressed peer. */
static char *
find_service (const Press *self, unsigned *next)
{
  for (;;) {
    g_autofree char *service = g_strdup_printf ("press-%u", (*next)++);
    NodeId place = guest_place (service);
    if (is_of_target (self, &place))
      return g_steal_pointer (&service);
    if (*next > SERVICES_MAX)
      g_error ("the pressed peer has next to no range: try again");
  }
}

static void
make_records (Press *self)
{
  unsigned next = 0;

  for (unsigned i = 0; i < self->member_count; i++)
    for (unsigned k = 0; k < RECORDS; k++) {
      g_autofree char *service = find_service (self, &next);
      self->members[i].records[k] = guest_record (self->members[i].guest, service);
      self->held = guest_place (service);
    }
  publication_start (self->members[self->member_count - 1].records[RECORDS - 1]);
  while (!publication_is_settled (self->members[self->member_count - 1].records[RECORDS - 1]))
    g_main_context_iteration (NULL, TRUE);
}

static void
press_clear (Press *self)
{
  for (unsigned i = 0; i < self->member_count; i++) {
    for (unsigned k = 0; k < RECORDS; k++)
      publication_free (self->members[i].records[k]);
    guest_free (self->members[i].guest);
  }
  g_free (self->members);
  g_ptr_array_unref (self->shots);
  g_array_unref (self->latencies);
}

int
main (int argc, char **argv)
{
  Press self = { .shots = g_ptr_array_new (),
                 .latencies = g_array_new (FALSE, FALSE, sizeof (double)) };

  if (argc != 6 || !node_id_from_hex (argv[3], &self.target))
    return 2;
  self.pid = (int) g_ascii_strtoll (argv[4], NULL, 10);
  self.member_count = (unsigned) g_ascii_strtoull (argv[5], NULL, 10);
  self.members = g_new0 (Member, self.member_count);
  for (unsigned i = 0; i < self.member_count; i++) {
    g_autofree char *name = g_strdup_printf ("guest%u", i);
    g_autofree char *state = g_build_filename (argv[1], name, NULL);
    self.members[i].guest = guest_new (state, argv[2], name);
    self.members[i].overlay = guest_overlay (self.members[i].guest);
  }
  turn_until (g_get_monotonic_time () + STEP_S * G_USEC_PER_SEC);
  make_records (&self);
  for (size_t i = 0; i < G_N_ELEMENTS (operations); i++) {
    Step best;
    self.operation = &operations[i];
    best = raise_rate (&self);
    printf ("{\"name\": \"%s\", \"per_s\": %.1f, \"p99_ms\": %.1f, \"cpu_share\": %.3f}\n",
            operations[i].name, best.rate, best.p99_ms, best.cpu_share);
    fflush (stdout);
  }
  press_clear (&self);
  return 0;
}
