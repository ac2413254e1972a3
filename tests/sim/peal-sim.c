/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/hash.h"
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/construction.h"
#include "tests/sim/dropper.h"
#include "tests/sim/survey.h"

#include <malloc.h>
#include <stdlib.h>

/* An overlay of that many peers for that many minutes, as an instrument: peers join one after
 * another, then look each other up, one look-up a second for every ten peers, while what the
 * options say befalls them. */

#define STEP    (100 * TIME_MS)
#define SETTLED (10 * TIME_SECOND)

/* More than that join for hours. */
enum { JOINING_MAX = 100000 };

typedef struct Plan {
  gint peers;
  gdouble minutes;
  gint64 seed;
  gdouble median_session; /* minutes; 0: nobody leaves */
  gdouble kill_half_at;   /* seconds; 0: never */
  gdouble loss;
  gdouble malicious; /* share of peers that drop what they should pass on */
  uint64_t cut_from; /* microseconds; both 0: never */
  uint64_t cut_to;
  gboolean is_untuned;
  gboolean is_constructed;
  gboolean is_json;
} Plan;

typedef struct Result {
  uint64_t wall_us;
  uint64_t messages;
  uint64_t bytes;
  uint64_t messages_asking; /* since all had joined */
  uint64_t bytes_asking;
  size_t memory; /* at the end, of the simulator too */
} Result;

static bool
read_partition (const char *text, Plan *plan)
{
  double from, to;
  char *end;

  if (text == NULL)
    return true;
  from = g_ascii_strtod (text, &end);
  if (*end != ':')
    return false;
  to = g_ascii_strtod (end + 1, &end);
  plan->cut_from = (uint64_t) (from * TIME_SECOND);
  plan->cut_to = (uint64_t) (to * TIME_SECOND);
  return *end == '\0' && 0 <= from && from < to;
}

static bool
read_options (int *argc, char ***argv, Plan *plan)
{
  g_autofree char *partition = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- an overlay in one process");
  const GOptionEntry entries[] = {
    { "peers", 0, 0, G_OPTION_ARG_INT, &plan->peers, "How many peers", "N" },
    { "minutes", 0, 0, G_OPTION_ARG_DOUBLE, &plan->minutes, "Virtual minutes", "M" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &plan->seed, "What chance starts from", "S" },
    { "median-session", 0, 0, G_OPTION_ARG_DOUBLE, &plan->median_session, "Churn", "MIN" },
    { "kill-half-at", 0, 0, G_OPTION_ARG_DOUBLE, &plan->kill_half_at, "Half of them die", "S" },
    { "partition", 0, 0, G_OPTION_ARG_STRING, &partition, "Cut in two, seconds", "FROM:TO" },
    { "malicious", 0, 0, G_OPTION_ARG_DOUBLE, &plan->malicious, "Peers that drop, 0..1", "SHARE" },
    { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &plan->loss, "Datagrams lost, 0..1", "SHARE" },
    { "untuned", 0, 0, G_OPTION_ARG_NONE, &plan->is_untuned, "Fixed periods", NULL },
    { "constructed", 0, 0, G_OPTION_ARG_NONE, &plan->is_constructed, "Nobody has to join", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &plan->is_json, "One JSON object", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error) && plan->peers >= 1 &&
      plan->minutes > 0 && read_partition (partition, plan))
    return true;
  g_printerr ("peal-sim: %s\n", error != NULL ? error->message : "that cannot be simulated");
  return false;
}

static void
befall (SimWorld *world, const Plan *plan, uint64_t at)
{
  if (plan->kill_half_at > 0 && at == (uint64_t) (plan->kill_half_at * 10) * STEP)
    churn_kill (world, 0.5);
  if (plan->cut_to > 0 && at == plan->cut_from / STEP * STEP)
    sim_world_cut (world, (unsigned) plan->peers / 2);
  if (plan->cut_to > 0 && at == plan->cut_to / STEP * STEP)
    sim_world_cut (world, 0);
}

static void
count_traffic (SimWorld *world, Result *result)
{
  result->messages = result->bytes = 0;
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    result->messages += sim_world_peer (world, i)->messages_sent;
    result->bytes += sim_world_peer (world, i)->bytes_sent;
  }
}

/* Registrations of peers that are on the air, which nobody holds. */
static unsigned
count_lost (SimWorld *world)
{
  g_autoptr (GHashTable) held = census_held (world);
  unsigned lost = 0;

  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    NodeId at = resource_id_of (bytes_of_text (peer->user));
    lost += peer->node != NULL && peer->state == NODE_READY &&
            peer->ready_at + SETTLED <= sim_world_now (world) && !g_hash_table_contains (held, &at);
  }
  return lost;
}

/* Nothing but the construction can be wrong before time starts. */
static void
construct (SimWorld *world)
{
  unsigned size = sim_world_size (world);

  construction_build (world);
  if (!census_is_one_ring (world, NULL) || census_right_tables (world) != size)
    g_error ("%u of %u tables are right", census_right_tables (world), size);
}

static void
run (SimWorld *world, const Plan *plan, Survey *survey, Result *result)
{
  uint64_t length = (uint64_t) (plan->minutes * TIME_MINUTE);
  int64_t started = g_get_monotonic_time ();
  g_autoptr (Churn) churn = NULL;
  Result joined;
  double asking = 0;

  if (plan->is_constructed)
    construct (world);
  else
    churn_join (world, 0, (unsigned) plan->peers, STEP);
  sim_world_run (world, SETTLED);
  count_traffic (world, &joined);
  if (plan->malicious > 0)
    dropper_turn (world, plan->malicious);
  if (plan->median_session > 0)
    churn = churn_new (world, (uint64_t) (plan->median_session * TIME_MINUTE));
  for (uint64_t at = 0; at < length; at += STEP) {
    befall (world, plan, at);
    for (asking += plan->peers / 100.0; asking >= 1; asking--)
      survey_ask (survey, SETTLED);
    if (churn != NULL)
      churn_step (churn);
    sim_world_run (world, STEP);
  }
  count_traffic (world, result);
  result->wall_us = (uint64_t) (g_get_monotonic_time () - started);
  result->memory = mallinfo2 ().uordblks;
  result->messages_asking = result->messages - joined.messages;
  result->bytes_asking = result->bytes - joined.bytes;
}

static double
share (unsigned part, unsigned whole)
{
  return whole > 0 ? (double) part / whole : 0;
}

static void
print (SimWorld *world, const Plan *plan, const Survey *survey, const Result *result)
{
  const char *start = plan->is_json ? "{\"" : "";
  const char *next = plan->is_json ? ", \"" : "\n";
  const char *is = plan->is_json ? "\": " : " ";
  const char *quote = plan->is_json ? "\"" : "";
  double wall_s = (double) result->wall_us / TIME_SECOND;
  double peer_s = plan->peers * plan->minutes * 60;
  unsigned running = sim_world_running (world);

  g_print ("%speers%s%d", start, is, plan->peers);
  g_print ("%svirtual_s%s%.1f", next, is, (double) sim_world_now (world) / TIME_SECOND);
  g_print ("%swall_s%s%.2f", next, is, wall_s);
  g_print ("%smessages%s%" G_GUINT64_FORMAT, next, is, result->messages);
  g_print ("%smessages_per_wall_s%s%.0f", next, is, (double) result->messages / wall_s);
  g_print ("%sbytes_per_peer%s%.0f", next, is, (double) result->memory / plan->peers);
  g_print ("%slookups%s%u", next, is, survey->asked);
  g_print ("%sfirst_try%s%.4f", next, is, share (survey->first_try, survey->asked));
  g_print ("%swithin_4%s%.4f", next, is, share (survey->within_4, survey->asked));
  g_print ("%swrong_owner%s%.4f", next, is, share (survey->wrong, survey->asked));
  g_print ("%shops_mean%s%.2f", next, is, survey_hops_mean (survey));
  g_print ("%shops_p99%s%u", next, is, survey_hops_quantile (survey, 0.99));
  g_print ("%smessages_per_peer_s%s%.2f", next, is, (double) result->messages_asking / peer_s);
  g_print ("%sbytes_per_peer_s%s%.1f", next, is, (double) result->bytes_asking / peer_s);
  g_print ("%sright_successors%s%.4f", next, is, share (census_right_successors (world), running));
  g_print ("%srecords_lost%s%u", next, is, count_lost (world));
  g_print ("%strace_hash%s%s%016" G_GINT64_MODIFIER "x%s%s\n", next, is, quote,
           sim_world_trace (world), quote, plan->is_json ? "}" : "");
}

int
main (int argc, char **argv)
{
  Plan plan = { .peers = 100, .minutes = 1, .seed = 1 };
  SimOptions options = { .latency_ms = 10, .jitter_ms = 40 };
  g_autoptr (SimWorld) world = NULL;
  g_autoptr (Survey) survey = NULL;
  Result result;

  if (!read_options (&argc, &argv, &plan))
    return 2;
  plan.is_constructed = plan.is_constructed || plan.peers > JOINING_MAX;
  options.peers = (unsigned) plan.peers;
  options.seed = (uint64_t) plan.seed;
  options.loss = plan.loss;
  options.is_untuned = plan.is_untuned;
  options.is_diskless = plan.median_session == 0;
  world = sim_world_new (&options);
  survey = survey_new (world);
  run (world, &plan, survey, &result);
  print (world, &plan, survey, &result);

  return 0;
}
