/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/comparison.h"

#include "tests/sim/churn.h"
#include "tests/sim/construction.h"
#include "tests/sim/flood.h"
#include "tests/sim/ledger.h"
#include "tests/sim/registrar.h"
#include "tests/sim/survey.h"

/* Messages are those that are sent for something: acknowledgements of links are left out, as they
 * are of the models. What a look-up costs is what was sent while there were look-ups, less what is
 * sent without them. Ours counts a look-up as found when it took less than four seconds, whatever
 * came later. */

#define SETTLED  (10 * TIME_SECOND)
#define IDLE     (30 * TIME_SECOND)
#define ASKED    (30 * TIME_SECOND)
#define STEP     (100 * TIME_MS)
#define SOON     (10 * TIME_SECOND)
#define LAST     (15 * TIME_SECOND)
#define NOTICED  (20 * TIME_SECOND)
#define SESSIONS (10 * TIME_MINUTE)

enum { QUERIES = 200, ASKED_A_STEP_MAX = 10 };

/* The shares of all that die. */
static const double deaths[] = { 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5 };

typedef struct Comparison {
  unsigned peers;
  uint64_t seed;
} Comparison;

static double
share (unsigned part, unsigned whole)
{
  return whole > 0 ? (double) part / whole : 0;
}

/* Begins a line. */
static void
print_head (const Comparison *self, const char *system, const char *event)
{
  g_print ("{\"system\": \"%s\", \"peers\": %u, \"seed\": %" G_GUINT64_FORMAT ", \"event\": \"%s\"",
           system, self->peers, self->seed, event);
}

static void
print_tally (PostTally *tally, double messages, double upkeep)
{
  g_print (", \"lookups\": %u, \"found\": %.4f, \"lookup_ms_p50\": %.0f, \"lookup_ms_p99\": %.0f, "
           "\"messages_per_lookup\": %.1f, \"messages_per_peer_s\": %.3f}\n",
           tally->asked, share (tally->found, tally->asked), post_tally_ms (tally, 0.5),
           post_tally_ms (tally, 0.99), messages / MAX (tally->asked, 1), upkeep);
}

static void
print_death (const Comparison *self, const char *system, double died, double found, double later)
{
  print_head (self, system, "death");
  g_print (", \"died\": %.2f, \"found\": %.4f, \"found_at_20_s\": %.4f}\n", died, found, later);
}

/* ---- The server ---- */

static void
server_at_rest (const Comparison *self)
{
  g_autoptr (Registrar) registrar = registrar_new (self->peers, self->seed);
  PostTally tally;

  post_tally_init (&tally);
  registrar_ask (registrar, QUERIES, &tally);
  print_head (self, "server", "rest");
  print_tally (&tally, (double) registrar->post.messages, registrar_upkeep (registrar));
  post_tally_clear (&tally);
}

/* Nothing else of it can die. */
static void
server_after_death (const Comparison *self)
{
  g_autoptr (Registrar) registrar = registrar_new (self->peers, self->seed);
  PostTally tally;

  post_tally_init (&tally);
  registrar->is_dead = true;
  registrar_ask (registrar, QUERIES, &tally);
  print_death (self, "server", 1, share (tally.found, tally.asked), 0);
  post_tally_clear (&tally);
}

/* ---- Flooding ---- */

static void
flood_once (const Comparison *self, Flood *flood, const char *event)
{
  uint64_t before = flood_messages (flood);
  PostTally tally;

  post_tally_init (&tally);
  flood_ask (flood, QUERIES, &tally);
  print_head (self, "flooding", event);
  print_tally (&tally, (double) (flood_messages (flood) - before), flood_upkeep (flood));
  post_tally_clear (&tally);
}

static double
found_by (Flood *flood)
{
  PostTally tally;
  double found;

  post_tally_init (&tally);
  flood_ask (flood, QUERIES, &tally);
  found = share (tally.found, tally.asked);
  post_tally_clear (&tally);
  return found;
}

static void
flooding_at_rest (const Comparison *self)
{
  g_autoptr (Flood) flood = flood_new (self->peers, self->seed);

  flood_once (self, flood, "rest");
}

static void
flooding_in_sessions (const Comparison *self)
{
  g_autoptr (Flood) flood = flood_new (self->peers, self->seed);

  flood_churn (flood, SESSIONS);
  flood_once (self, flood, "sessions");
}

static void
flooding_after_death (const Comparison *self, double died)
{
  g_autoptr (Flood) flood = flood_new (self->peers, self->seed);
  double found;

  flood_kill (flood, died);
  found = found_by (flood);
  flood_mend (flood);
  print_death (self, "flooding", died, found, found_by (flood));
}

/* ---- Ours ---- */

static SimWorld *
our_world (const Comparison *self)
{
  SimOptions options = { .peers = self->peers, .seed = self->seed, .is_internet = true };
  SimWorld *world = sim_world_new (&options);

  construction_build (world);
  construction_store (world);
  construction_note_places (world);
  sim_world_run (world, SETTLED);
  return world;
}

/* Look-ups by a tenth of all each second, but not too many. */
static void
ask (SimWorld *world, Survey *survey, Churn *churn, uint64_t duration)
{
  double a_step = MIN (sim_world_size (world) / 100.0, ASKED_A_STEP_MAX);
  double asking = 0;

  for (uint64_t at = 0; at < duration; at += STEP) {
    for (asking += a_step; asking >= 1; asking--)
      survey_ask (survey, churn != NULL ? SETTLED : 0);
    if (churn != NULL)
      churn_step (churn);
    sim_world_run (world, STEP);
  }
}

static double
within_4 (const Survey *survey)
{
  return share (survey->within_4, survey_ended (survey));
}

static uint64_t
sum_of_messages (SimWorld *world)
{
  uint64_t messages = 0;

  for (unsigned i = 0; i < sim_world_size (world); i++)
    messages += sim_world_peer (world, i)->messages_sent;
  return messages;
}

/* What a peer sends in a second of quiet, acknowledgements and signs of life among it. */
typedef struct Upkeep {
  double messages;
  double bytes;
  double meant; /* of those messages, all but what links say to each other */
} Upkeep;

static Upkeep
measure_upkeep (SimWorld *world, Churn *churn)
{
  g_autoptr (Ledger) ledger = ledger_new (world);
  uint64_t messages = sum_of_messages (world);
  uint64_t bytes = sim_world_bytes_sent (world);
  double peer_seconds = (double) sim_world_size (world) * IDLE / TIME_SECOND;

  for (uint64_t at = 0; at < IDLE; at += STEP) {
    if (churn != NULL)
      churn_step (churn);
    sim_world_run (world, STEP);
  }
  return (Upkeep){
    .messages = (double) (sum_of_messages (world) - messages) / peer_seconds,
    .bytes = (double) (sim_world_bytes_sent (world) - bytes) / peer_seconds,
    .meant = (double) ledger_messages (ledger) / peer_seconds,
  };
}

static void
ours_once (const Comparison *self, uint64_t median_session, const char *event)
{
  g_autoptr (SimWorld) world = our_world (self);
  g_autoptr (Survey) survey = survey_new (world);
  g_autoptr (Churn) churn =
    median_session > 0 ? churn_new (world, CHURN_EXPONENTIAL, median_session) : NULL;
  Upkeep upkeep = measure_upkeep (world, churn);
  g_autoptr (Ledger) ledger = ledger_new (world);
  double seconds = (double) (ASKED + LAST) / TIME_SECOND;
  double messages;

  ask (world, survey, churn, ASKED);
  sim_world_run (world, LAST);
  messages = (double) ledger_messages (ledger) - upkeep.meant * self->peers * seconds;
  print_head (self, "peal", event);
  g_print (", \"lookups\": %u, \"found\": %.4f, \"lookup_ms_p50\": %u, \"lookup_ms_p99\": %u, "
           "\"hops_mean\": %.2f, \"hops_p99\": %u, \"messages_per_lookup\": %.1f, "
           "\"messages_per_peer_s\": %.3f, \"bytes_per_peer_s\": %.1f}\n",
           survey->asked, within_4 (survey), survey_ms_quantile (survey, 0.5),
           survey_ms_quantile (survey, 0.99), survey_hops_mean (survey),
           survey_hops_quantile (survey, 0.99), messages / MAX (survey->asked, 1), upkeep.messages,
           upkeep.bytes);
}

/* Who asks in the first ten seconds, and who from 20 s on. */
static void
ours_after_death (const Comparison *self, double died)
{
  g_autoptr (SimWorld) world = our_world (self);
  g_autoptr (Survey) survey = survey_new (world);
  double found;

  churn_kill (world, died);
  ask (world, survey, NULL, SOON);
  sim_world_run (world, NOTICED - SOON);
  found = within_4 (survey);
  survey_reset (survey);
  ask (world, survey, NULL, SOON);
  sim_world_run (world, LAST);
  print_death (self, "peal", died, found, within_4 (survey));
}

void
comparison_print_rest (unsigned peers, uint64_t seed)
{
  Comparison self = { .peers = peers, .seed = seed };

  server_at_rest (&self);
  flooding_at_rest (&self);
  ours_once (&self, 0, "rest");
}

void
comparison_print_trouble (unsigned peers, uint64_t seed, void (*progress) (double done))
{
  Comparison self = { .peers = peers, .seed = seed };

  flooding_in_sessions (&self);
  ours_once (&self, SESSIONS, "sessions");
  server_after_death (&self);
  for (size_t i = 0; i < G_N_ELEMENTS (deaths); i++) {
    if (progress != NULL)
      progress ((double) i / G_N_ELEMENTS (deaths));
    flooding_after_death (&self, deaths[i]);
    ours_after_death (&self, deaths[i]);
  }
}
