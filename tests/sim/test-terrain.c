/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/terrain.h"
#include "tests/sim/trial.h"

#include <string.h>

/* The made-up Internet is as far and as wide as the real one, and an overlay lives on it. */

enum { SITES = 400 };

static int
compare (gconstpointer a, gconstpointer b)
{
  uint64_t one = *(const uint64_t *) a;
  uint64_t two = *(const uint64_t *) b;

  return one < two ? -1 : one > two;
}

/* A round trip as so large a share of all pairs have at most, in milliseconds. */
static double
quantile (const GArray *trips, double share)
{
  return (double) g_array_index (trips, uint64_t, (guint) (share * trips->len)) / TIME_MS;
}

static void
test_round_trips (void)
{
  g_autofree Site *sites = terrain_new (SITES, 1);
  g_autoptr (GArray) trips = g_array_new (FALSE, FALSE, sizeof (uint64_t));

  for (unsigned i = 0; i < SITES; i++)
    for (unsigned k = 0; k < i; k++) {
      uint64_t trip = terrain_delay (&sites[i], &sites[k]) + terrain_delay (&sites[k], &sites[i]);
      g_array_append_val (trips, trip);
    }
  g_array_sort (trips, compare);
  g_test_message ("round trips: %.0f %.0f %.0f %.0f ms at 5, 50, 90, 99 %%", quantile (trips, 0.05),
                  quantile (trips, 0.5), quantile (trips, 0.9), quantile (trips, 0.99));
  g_assert_cmpfloat (quantile (trips, 0.5), >=, 70);
  g_assert_cmpfloat (quantile (trips, 0.5), <=, 95);
  g_assert_cmpfloat (quantile (trips, 0.9), >=, 155);
  g_assert_cmpfloat (quantile (trips, 0.9), <=, 205);
  g_assert_cmpfloat (quantile (trips, 0.99), >=, 280);
  g_assert_cmpfloat (quantile (trips, 0.99), <=, 450);
}

static void
test_seed (void)
{
  g_autofree Site *one = terrain_new (SITES, 1);
  g_autofree Site *same = terrain_new (SITES, 1);
  g_autofree Site *other = terrain_new (SITES, 2);
  unsigned open = 0;

  for (unsigned i = 0; i < SITES; i++) {
    g_assert_cmpint (one[i].x_us, ==, same[i].x_us);
    g_assert_cmpuint (one[i].loss, ==, same[i].loss);
    open += one[i].is_open;
  }
  g_assert_true (one[0].is_open && other[0].is_open);
  g_assert_cmpint (one[0].x_us, !=, other[0].x_us);
  g_assert_cmpuint (open, >, SITES / 8);
  g_assert_cmpuint (open, <, SITES / 2);
}

static void
test_uplink (void)
{
  Site site = { .uplink = 100000 };
  uint64_t first = terrain_send (&site, TIME_SECOND, 935);

  g_assert_cmpuint (first, ==, 10 * TIME_MS);
  g_assert_cmpuint (terrain_send (&site, TIME_SECOND, 935), ==, 2 * first);
  g_assert_cmpuint (terrain_send (&site, TIME_SECOND + 5 * first, 935), ==, first);
  for (unsigned i = 0; i < 110; i++)
    terrain_send (&site, 2 * TIME_SECOND, 935);
  g_assert_cmpuint (terrain_send (&site, 2 * TIME_SECOND, 935), ==, TIME_NEVER);
  g_assert_cmpuint (terrain_send (&site, 3 * TIME_SECOND, 935), !=, TIME_NEVER);
}

static Trial *
run (const Plan *plan)
{
  Trial *trial = trial_new (plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_test_message ("%u of %u found, half of them within %u ms", trial->survey->found,
                  trial->survey->asked, survey_ms_quantile (trial->survey, 0.5));
  g_assert_cmpuint (trial->survey->found, >, 0);
  g_assert_cmpuint (trial->survey->wrong, ==, 0);
  g_assert_cmpstr (complaint, ==, NULL);
  return trial;
}

static void
test_joining (void)
{
  const Plan plan = { .peers = 40, .minutes = 0.5, .seed = 1, .is_internet = TRUE };
  g_autoptr (Trial) trial = run (&plan);
  g_autoptr (Trial) again = trial_new (&plan);

  g_assert_cmpuint (trial->survey->found, ==, trial->survey->asked);
  trial_run (again, NULL);
  g_assert_cmpuint (again->messages, ==, trial->messages);
}

/* Peers come and go, many for long and most for short; who returns finds those in the open. */
static void
test_sessions (void)
{
  const Plan plan = { .peers = 200,
                      .minutes = 2,
                      .seed = 2,
                      .median_session = 10,
                      .is_heavy_tailed = TRUE,
                      .is_internet = TRUE,
                      .is_constructed = TRUE };
  g_autoptr (Trial) trial = run (&plan);

  g_assert_cmpfloat (trial->survey->within_4, >=, 0.99 * survey_ended (trial->survey));
}

/* Those whom ICE does not bring together are clients, and are found all the same. */
static void
test_hard_routers (void)
{
  const Plan plan = { .peers = 30, .minutes = 1, .seed = 3, .secluded = 0.2, .is_internet = TRUE };
  g_autoptr (Trial) trial = run (&plan);

  g_assert_cmpuint (trial->survey->found, ==, trial->survey->asked);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terrain/round-trips-are-those-of-the-internet", test_round_trips);
  g_test_add_func ("/terrain/the-same-seed-is-the-same-terrain", test_seed);
  g_test_add_func ("/terrain/an-uplink-sends-one-after-another-and-has-a-queue", test_uplink);
  g_test_add_func ("/terrain/peers-behind-routers-join-by-those-in-the-open", test_joining);
  g_test_add_func ("/terrain/heavy-tailed-sessions-leave-the-ring-whole", test_sessions);
  g_test_add_func ("/terrain/who-is-behind-a-hard-router-is-found", test_hard_routers);
  return g_test_run ();
}
