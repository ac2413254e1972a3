/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/flood.h"
#include "tests/sim/registrar.h"

/* The models that the phone's core is compared with do what is said of what they are models of. */

enum { PEERS = 300, QUERIES = 30 };

static double
found_by_flooding (Flood *flood, double *ret_messages)
{
  uint64_t before = flood_messages (flood);
  PostTally tally;
  double found;

  post_tally_init (&tally);
  flood_ask (flood, QUERIES, &tally);
  g_assert_cmpuint (tally.asked, ==, QUERIES);
  found = (double) tally.found / tally.asked;
  *ret_messages = (double) (flood_messages (flood) - before) / QUERIES;
  post_tally_clear (&tally);
  return found;
}

/* Each peer hears of each query, over all links but the one that it has heard it by. */
static void
test_flooding (void)
{
  g_autoptr (Flood) flood = flood_new (PEERS, 1);
  double messages;

  g_assert_cmpfloat (found_by_flooding (flood, &messages), >=, 0.95);
  g_test_message ("%.0f messages a query", messages);
  g_assert_cmpfloat (messages, >, 3 * PEERS);
  g_assert_cmpfloat (messages, <, 6 * PEERS);
}

static void
test_death (void)
{
  g_autoptr (Flood) flood = flood_new (PEERS, 2);
  double messages, found;

  flood_kill (flood, 0.5);
  found = found_by_flooding (flood, &messages);
  g_assert_cmpfloat (found, <, 1);
  flood_mend (flood);
  g_assert_cmpfloat (found_by_flooding (flood, &messages), >, found);
}

static void
test_sessions (void)
{
  g_autoptr (Flood) flood = flood_new (PEERS, 3);
  double messages;

  flood_churn (flood, 10 * TIME_MINUTE);
  g_assert_cmpfloat (found_by_flooding (flood, &messages), >=, 0.9);
}

static void
test_server (void)
{
  g_autoptr (Registrar) registrar = registrar_new (PEERS, 4);
  PostTally tally;

  post_tally_init (&tally);
  registrar_ask (registrar, QUERIES, &tally);
  g_assert_cmpuint (tally.found, ==, QUERIES);
  g_assert_cmpfloat (post_tally_ms (&tally, 0.5), >, 10);
  g_assert_cmpfloat (post_tally_ms (&tally, 0.5), <, 200);
  g_assert_cmpuint (registrar->post.messages, >=, 2 * QUERIES);
  g_assert_cmpuint (registrar->post.messages, <=, 3 * QUERIES);
  registrar->is_dead = true;
  registrar_ask (registrar, QUERIES, &tally);
  g_assert_cmpuint (tally.asked, ==, 2 * QUERIES);
  g_assert_cmpuint (tally.found, ==, QUERIES);
  post_tally_clear (&tally);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/comparison/flooding/everybody-is-asked", test_flooding);
  g_test_add_func ("/comparison/flooding/the-dead-are-in-the-way-until-links-are-mended",
                   test_death);
  g_test_add_func ("/comparison/flooding/peers-that-come-and-go-are-found", test_sessions);
  g_test_add_func ("/comparison/server/two-messages-and-nobody-when-it-is-dead", test_server);
  return g_test_run ();
}
