/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"
#include "tests/sim/comparison.h"
#include "tests/sim/identities.h"
#include "tests/sim/sample.h"
#include "tests/sim/trial.h"

#include <unistd.h>

/* The instrument: one run as the options say, or, with --for, one after another with chance in
 * place of the options, until one of them fails or the time is up. Whatever fails says how to see
 * it again. */

/* More than that join for hours. */
enum { JOINING_MAX = 100000, PEERS_DRAWN = 150, BAR = 50, COMPARED_MIN = 10, RATE_MAX = 65536 };

enum { FIXED_BY_DEFAULT = 60 }; /* seconds: data/overlay/home.xml */

typedef struct Options {
  Plan plan;
  uint64_t duration_us; /* of a nightly run; 0: one run */
  gboolean is_json;
  char *comparison; /* owned; may be NULL */
  gboolean has_progress;
  char *capture; /* owned; may be NULL */
  char *rate;    /* of its sample, "1/100"; owned, may be NULL */
  Sample *sample;
  gboolean has_real_signatures;
  gboolean has_real_sizes; /* the same run, but for the signatures */
  Identities *identities;
} Options;

static bool
read_partition (const char *text, Plan *plan)
{
  char *end;

  if (text == NULL)
    return true;
  plan->cut_from = g_ascii_strtod (text, &end);
  if (*end != ':')
    return false;
  plan->cut_to = g_ascii_strtod (end + 1, &end);
  return *end == '\0' && 0 <= plan->cut_from && plan->cut_from < plan->cut_to;
}

/* 90s, 30m, 8h. */
static bool
read_duration (const char *text, uint64_t *ret_us)
{
  static const struct {
    const char *name;
    uint64_t us;
  } units[] = { { "s", TIME_SECOND }, { "m", TIME_MINUTE }, { "h", TIME_HOUR } };

  char *end;
  double number;

  if (text == NULL)
    return true;
  number = g_ascii_strtod (text, &end);
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].name) == 0) {
      *ret_us = (uint64_t) (number * (double) units[i].us);
      return number > 0;
    }
  return false;
}

static bool
read_sample (Options *options)
{
  guint64 rate = 1;

  if (options->rate != NULL &&
      !(g_str_has_prefix (options->rate, "1/") &&
        g_ascii_string_to_unsigned (options->rate + 2, 10, 1, RATE_MAX, &rate, NULL)))
    return false;
  if (options->capture == NULL)
    return options->rate == NULL;
  options->sample = sample_new ((unsigned) rate);
  options->plan.tap = sample_tap;
  options->plan.tap_data = options->sample;
  return !options->plan.has_ledger && options->duration_us == 0;
}

static bool
read_fault (const char *name, Plan *plan)
{
  plan->fault = name != NULL ? fault_of_name (name) : FAULT_NONE;
  return plan->fault != FAULT_KINDS;
}

static bool
read_attack (const char *name, Plan *plan)
{
  plan->attack = name != NULL ? attack_of_name (name) : ATTACK_DROP;
  return plan->attack != ATTACK_KINDS;
}

/* Riders come to a ring that stands; see rider.c for how long they stay what they are. */
static bool
can_ride (const Plan *plan)
{
  return plan->riders == 0 ||
         (0 < plan->riders && plan->riders < 1 && plan->is_constructed && plan->minutes < 9);
}

static bool
read_options (int *argc, char ***argv, Options *options)
{
  Plan *plan = &options->plan;
  g_autofree char *partition = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *fault = NULL;
  g_autofree char *attack = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- an overlay in one process");
  const GOptionEntry entries[] = {
    { "peers", 0, 0, G_OPTION_ARG_INT, &plan->peers, "How many peers", "N" },
    { "minutes", 0, 0, G_OPTION_ARG_DOUBLE, &plan->minutes, "Virtual minutes", "M" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &plan->seed, "What chance starts from", "S" },
    { "median-session", 0, 0, G_OPTION_ARG_DOUBLE, &plan->median_session, "Churn", "MIN" },
    { "heavy-tailed", 0, 0, G_OPTION_ARG_NONE, &plan->is_heavy_tailed, "Its sessions", NULL },
    { "internet", 0, 0, G_OPTION_ARG_NONE, &plan->is_internet, "Its delays and losses", NULL },
    { "kill-half-at", 0, 0, G_OPTION_ARG_DOUBLE, &plan->kill_half_at, "Half of them die", "S" },
    { "partition", 0, 0, G_OPTION_ARG_STRING, &partition, "Cut in two, seconds", "FROM:TO" },
    { "malicious", 0, 0, G_OPTION_ARG_DOUBLE, &plan->malicious, "Peers that have turned, 0..1",
      "SHARE" },
    { "attack", 0, 0, G_OPTION_ARG_STRING, &attack,
      "drop, misroute, lie, poison, conjure, stale, eclipse, replay", "KIND" },
    { "plain", 0, 0, G_OPTION_ARG_NONE, &plan->is_plain, "RFC 6940 and no more", NULL },
    { "bare", 0, 0, G_OPTION_ARG_DOUBLE, &plan->bare, "Peers of RFC 6940 alone, 0..1", "SHARE" },
    { "second-places", 0, 0, G_OPTION_ARG_NONE, &plan->has_second_places, "Two for a name", NULL },
    { "riders", 0, 0, G_OPTION_ARG_DOUBLE, &plan->riders, "Peers that serve nobody, 0..1",
      "SHARE" },
    { "greedy", 0, 0, G_OPTION_ARG_NONE, &plan->is_greedy, "They ask for all they get", NULL },
    { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &plan->loss, "Datagrams lost, 0..1", "SHARE" },
    { "trouble", 0, 0, G_OPTION_ARG_DOUBLE, &plan->trouble, "Rare mishaps, 0..1", "SHARE" },
    { "secluded", 0, 0, G_OPTION_ARG_DOUBLE, &plan->secluded, "Hard routers, 0..1", "SHARE" },
    { "fixed", 0, 0, G_OPTION_ARG_INT, &plan->fixed, "Updates of all others, not tuned", "S" },
    { "constructed", 0, 0, G_OPTION_ARG_NONE, &plan->is_constructed, "Nobody has to join", NULL },
    { "fault", 0, 0, G_OPTION_ARG_STRING, &fault, "ttl, loop, record, memory", "NAME" },
    { "ledger", 0, 0, G_OPTION_ARG_NONE, &plan->has_ledger, "What the messages are", NULL },
    { "for", 0, 0, G_OPTION_ARG_STRING, &duration, "Random runs: 60s, 30m, 8h", "TIME" },
    { "compare", 0, 0, G_OPTION_ARG_STRING, &options->comparison, "Two models: rest, trouble",
      "WHEN" },
    { "progress", 0, 0, G_OPTION_ARG_NONE, &options->has_progress, "Even to a file", NULL },
    { "capture", 0, 0, G_OPTION_ARG_FILENAME, &options->capture, "What is sent", "FILE.pcap" },
    { "real-signatures", 0, 0, G_OPTION_ARG_NONE, &options->has_real_signatures, "Real keys",
      NULL },
    { "real-sizes", 0, 0, G_OPTION_ARG_NONE, &options->has_real_sizes, "Signatures as long as real",
      NULL },
    { "sample", 0, 0, G_OPTION_ARG_STRING, &options->rate, "Only a part of it", "1/N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->is_json, "One JSON object", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error) && plan->peers >= 1 &&
      plan->minutes > 0 && plan->fixed >= 0 && (plan->secluded == 0 || !plan->is_constructed) &&
      can_ride (plan) && read_partition (partition, plan) &&
      read_duration (duration, &options->duration_us) && read_fault (fault, plan) &&
      read_attack (attack, plan) && read_sample (options))
    return true;
  g_printerr ("peal-sim: %s\n", error != NULL ? error->message : "that cannot be simulated");
  return false;
}

static double
share (unsigned part, unsigned whole)
{
  return whole > 0 ? (double) part / whole : 0;
}

static void
print (Trial *trial, bool is_json)
{
  const Plan *plan = &trial->plan;
  const Survey *survey = trial->survey;
  const Riders *riders = trial->riders;
  const char *start = is_json ? "{\"" : "";
  const char *next = is_json ? ", \"" : "\n";
  const char *is = is_json ? "\": " : " ";
  const char *quote = is_json ? "\"" : "";
  double wall_s = (double) trial->wall_us / TIME_SECOND;
  double peer_s = trial_rest (trial) * plan->minutes * 60;

  g_print ("%speers%s%d", start, is, plan->peers);
  g_print ("%sseed%s%" G_GINT64_FORMAT, next, is, plan->seed);
  g_print ("%smedian_session%s%g", next, is, plan->median_session);
  g_print ("%smalicious%s%g", next, is, plan->malicious);
  g_print ("%sriders%s%g", next, is, plan->is_alone ? 0 : plan->riders);
  g_print ("%svirtual_s%s%.1f", next, is, (double) trial->virtual_us / TIME_SECOND);
  g_print ("%swall_s%s%.2f", next, is, wall_s);
  g_print ("%smessages%s%" G_GUINT64_FORMAT, next, is, trial->messages);
  g_print ("%smessages_per_wall_s%s%.0f", next, is, (double) trial->messages / wall_s);
  g_print ("%sbytes_per_peer%s%.0f", next, is, (double) trial->memory / plan->peers);
  g_print ("%slookups%s%u", next, is, survey->asked);
  g_print ("%sfirst_try%s%.4f", next, is, share (survey->first_try, survey_ended (survey)));
  g_print ("%swithin_4%s%.4f", next, is, share (survey->within_4, survey_ended (survey)));
  g_print ("%sfound%s%.4f", next, is, share (survey->found, survey_ended (survey)));
  g_print ("%sfound_of_kept%s%.4f", next, is,
           share (survey->found, survey->asked - survey->asked_unheard));
  g_print ("%skept%s%.4f", next, is, 1 - share (survey->asked_unheard, survey->asked));
  g_print ("%sfound_by_victim%s%.4f", next, is, share (survey->by.found, survey->by.asked));
  g_print ("%sfound_of_victim%s%.4f", next, is, share (survey->of.found, survey->of.asked));
  g_print ("%smessages_per_lookup%s%.1f", next, is, trial->messages_of_lookup);
  g_print ("%sfinger_share%s%.4f", next, is, trial->finger_share);
  g_print ("%sbare_share%s%.4f", next, is, trial->bare_share);
  g_print ("%swrong_owner%s%.4f", next, is, share (survey->wrong, survey_ended (survey)));
  g_print ("%shops_mean%s%.2f", next, is, survey_hops_mean (survey));
  g_print ("%shops_p99%s%u", next, is, survey_hops_quantile (survey, 0.99));
  g_print ("%slookup_ms_p50%s%u", next, is, survey_ms_quantile (survey, 0.5));
  g_print ("%slookup_ms_p99%s%u", next, is, survey_ms_quantile (survey, 0.99));
  g_print ("%smessages_per_peer_s%s%.2f", next, is, (double) trial->messages_asking / peer_s);
  g_print ("%srefused%s%" G_GUINT64_FORMAT, next, is, riders != NULL ? riders_refused (riders) : 0);
  g_print ("%srode%s%.4f", next, is, riders != NULL ? share (survey->ridden, riders->asked) : 0);
  g_print ("%sbytes_per_peer_s%s%.1f", next, is, (double) trial->bytes_asking / peer_s);
  g_print ("%slookup_bytes_per_peer_s%s%.1f", next, is, (double) trial->bytes_of_lookups / peer_s);
  g_print ("%slost_per_hour%s%.2e", next, is,
           trial->roll != NULL ? roll_lost_per_hour (trial->roll) : 0);
  g_print ("%smissed%s%u", next, is, trial->roll != NULL ? trial->roll->missed : 0);
  g_print ("%sright_successors%s%.4f", next, is,
           share (census_right_successors (trial->world), trial_peers (trial)));
  g_print ("%srecords_lost%s%u", next, is, trial_records_lost (trial));
  g_print ("%strace_hash%s%s%016" G_GINT64_MODIFIER "x%s%s\n", next, is, quote,
           sim_world_trace (trial->world), quote, is_json ? "}" : "");
}

/* For people at a terminal. */
static void
show_progress (double done)
{
  static const char bar[BAR + 1] = "##################################################";

  g_printerr ("\r[%-*.*s] %3.0f %%", BAR, (int) (done * BAR), bar, 100 * done);
}

/* NULL where nobody looks at it. */
static TrialProgressFunc
progress_of (const Options *options)
{
  bool is_watched = options->has_progress || isatty (STDERR_FILENO) != 0;

  return is_watched && options->duration_us == 0 ? show_progress : NULL;
}

static void
clear_progress (TrialProgressFunc progress)
{
  if (progress != NULL)
    g_printerr ("\r%*s\r", BAR + 8, "");
}

static void
print_command (const Plan *plan)
{
  g_printerr ("  peal-sim --peers %d --minutes %g --seed %" G_GINT64_FORMAT, plan->peers,
              plan->minutes, plan->seed);
  if (plan->median_session > 0)
    g_printerr (" --median-session %g", plan->median_session);
  if (plan->kill_half_at > 0)
    g_printerr (" --kill-half-at %g", plan->kill_half_at);
  if (plan->cut_to > 0)
    g_printerr (" --partition %g:%g", plan->cut_from, plan->cut_to);
  if (plan->malicious > 0)
    g_printerr (" --malicious %g --attack %s", plan->malicious, attack_name (plan->attack));
  if (plan->riders > 0)
    g_printerr (" --riders %g%s", plan->riders, plan->is_greedy ? " --greedy" : "");
  if (plan->is_plain)
    g_printerr (" --plain");
  if (plan->bare > 0)
    g_printerr (" --bare %g", plan->bare);
  if (plan->has_second_places)
    g_printerr (" --second-places");
  if (plan->loss > 0)
    g_printerr (" --loss %g", plan->loss);
  if (plan->trouble > 0)
    g_printerr (" --trouble %g", plan->trouble);
  if (plan->secluded > 0)
    g_printerr (" --secluded %g", plan->secluded);
  if (plan->fault != FAULT_NONE)
    g_printerr (" --fault %s", fault_name (plan->fault));
  if (plan->fixed > 0)
    g_printerr (" --fixed %d", plan->fixed);
  g_printerr ("%s%s%s\n", plan->is_heavy_tailed ? " --heavy-tailed" : "",
              plan->is_internet ? " --internet" : "", plan->is_constructed ? " --constructed" : "");
}

/* Whether it went as it must. */
static bool
try_plan (const Plan *plan, const Options *options)
{
  g_autoptr (Trial) trial = trial_new (plan);
  g_autofree char *complaint = NULL;
  TrialProgressFunc progress = progress_of (options);

  trial_run (trial, progress);
  clear_progress (progress);
  complaint = trial_judge (trial);
  print (trial, options->is_json);
  if (trial->ledger != NULL)
    ledger_print (trial->ledger, plan->peers * plan->minutes * 60);
  if (complaint == NULL)
    return true;
  g_printerr ("peal-sim: %s. Again:\n", complaint);
  print_command (plan);
  return false;
}

/* With riders the same world without them comes first. */
static bool
try_with_riders (const Plan *plan, const Options *options)
{
  Plan alone = *plan;

  alone.is_alone = TRUE;
  return (plan->riders == 0 || try_plan (&alone, options)) && try_plan (plan, options);
}

static Plan
draw_plan (GRand *chance)
{
  Plan plan = {
    .peers = g_rand_int_range (chance, 2, PEERS_DRAWN),
    .minutes = g_rand_int_range (chance, 1, 4),
    .seed = g_rand_int_range (chance, 0, G_MAXINT32),
    .is_heavy_tailed = g_rand_int_range (chance, 0, 2) == 0,
    .is_internet = g_rand_int_range (chance, 0, 2) == 0,
    .fixed = g_rand_int_range (chance, 0, 4) == 0 ? FIXED_BY_DEFAULT : 0,
    .is_constructed = g_rand_int_range (chance, 0, 4) == 0,
    .loss = g_rand_int_range (chance, 0, 2) * 0.02,
    .trouble = g_rand_int_range (chance, 0, 2) * 0.05,
  };

  switch (g_rand_int_range (chance, 0, 5)) {
  case 0:
    plan.median_session = g_rand_int_range (chance, 2, 20);
    break;
  case 1:
    plan.kill_half_at = g_rand_int_range (chance, 1, 50);
    break;
  case 2:
    plan.cut_from = g_rand_int_range (chance, 1, 20);
    plan.cut_to = plan.cut_from + g_rand_int_range (chance, 1, 35);
    break;
  case 3:
    plan.malicious = 0.05 * g_rand_int_range (chance, 1, 5);
    break;
  default:
    break;
  }
  return plan;
}

static bool
try_for_a_while (const Options *options)
{
  int64_t end = g_get_monotonic_time () + (int64_t) options->duration_us;
  GRand *chance = g_rand_new_with_seed ((guint32) options->plan.seed);
  bool is_good = true;

  while (is_good && g_get_monotonic_time () < end) {
    Plan plan = draw_plan (chance);
    is_good = try_plan (&plan, options);
  }
  g_rand_free (chance);
  return is_good;
}

/* False for what cannot be compared. */
static bool
compare (const Options *options)
{
  const char *when = options->comparison;
  const Plan *plan = &options->plan;
  TrialProgressFunc progress = progress_of (options);

  if (plan->peers < COMPARED_MIN)
    return false;
  if (strcmp (when, "rest") == 0) {
    comparison_print_rest ((unsigned) plan->peers, (uint64_t) plan->seed);
  } else if (strcmp (when, "trouble") == 0) {
    comparison_print_trouble ((unsigned) plan->peers, (uint64_t) plan->seed, progress);
    clear_progress (progress);
  } else {
    return false;
  }
  return true;
}

/* Thousands of peers are spread over more memory than the processor has pages at hand for, unless
 * pages are large. The C library takes that from its environment, before main(). */
static void
begin_with_large_pages (char **argv)
{
  if (g_getenv ("GLIBC_TUNABLES") == NULL &&
      g_setenv ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", false))
    execv ("/proc/self/exe", argv);
}

/* All that was asked for; what main() returns. */
static int
run (Options *options)
{
  Plan *plan = &options->plan;
  bool is_good;

  if (options->comparison != NULL)
    return compare (options) ? 0 : 2;
  if (options->has_real_signatures || options->has_real_sizes) {
    options->identities =
      identities_new (SIM_INSTANCE, (uint64_t) plan->seed,
                      options->has_real_signatures ? IDENTITY_REAL : IDENTITY_OF_REAL_SIZE);
    plan->init_signer = identities_init_signer;
    plan->signer_data = options->identities;
  }
  plan->is_constructed = plan->is_constructed || plan->peers > JOINING_MAX;
  is_good = options->duration_us > 0 ? try_for_a_while (options) : try_with_riders (plan, options);
  if (options->sample == NULL || sample_write (options->sample, options->capture))
    return is_good ? 0 : 1;
  g_printerr ("peal-sim: %s cannot be written\n", options->capture);
  return 2;
}

int
main (int argc, char **argv)
{
  Options options = { .plan = { .peers = 100, .minutes = 1, .seed = 1 } };
  int status;

  begin_with_large_pages (argv);
  status = read_options (&argc, &argv, &options) ? run (&options) : 2;
  sample_free (options.sample);
  identities_free (options.identities);
  g_free (options.comparison);
  g_free (options.capture);
  g_free (options.rate);
  return status;
}
