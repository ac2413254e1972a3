/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/doubts.h"

#include "core/base/limits.h"
#include "core/base/timers.h"

static NodeId
peer (unsigned number)
{
  return (NodeId){ { (uint8_t) (number >> 8), (uint8_t) number } };
}

static void
test_end (void)
{
  Doubts doubts = { 0 };
  NodeId one = peer (1), two = peer (2);

  g_assert_false (doubts_has (&doubts, &one, 0));
  doubts_note (&doubts, &one, 0);
  doubts_note (&doubts, &two, 4 * TIME_MINUTE);
  g_assert_true (doubts_has (&doubts, &one, 4 * TIME_MINUTE));
  g_assert_false (doubts_has (&doubts, &one, 6 * TIME_MINUTE));
  g_assert_true (doubts_has (&doubts, &two, 6 * TIME_MINUTE));
  doubts_note (&doubts, &one, 6 * TIME_MINUTE);
  g_assert_true (doubts_has (&doubts, &one, 6 * TIME_MINUTE));
  g_assert_cmpuint (doubts.count, ==, 2);
  doubts_clear (&doubts);
}

static void
test_forgotten (void)
{
  Doubts doubts = { 0 };
  NodeId one = peer (1), two = peer (2);

  doubts_forget (&doubts, &one);
  doubts_note (&doubts, &one, 0);
  doubts_note (&doubts, &two, 0);
  doubts_forget (&doubts, &one);
  g_assert_false (doubts_has (&doubts, &one, 0));
  g_assert_true (doubts_has (&doubts, &two, 0));
  doubts_clear (&doubts);
}

static void
test_many (void)
{
  Doubts doubts = { 0 };
  NodeId first = peer (0), second = peer (1);

  for (unsigned i = 0; i <= LIMIT_DOUBTS; i++) {
    NodeId id = peer (i);
    doubts_note (&doubts, &id, i);
    g_assert_true (doubts_has (&doubts, &id, i));
  }
  g_assert_cmpuint (doubts.count, ==, LIMIT_DOUBTS);
  g_assert_false (doubts_has (&doubts, &first, LIMIT_DOUBTS));
  g_assert_true (doubts_has (&doubts, &second, LIMIT_DOUBTS));
  doubts_clear (&doubts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/doubts/end-by-themselves", test_end);
  g_test_add_func ("/doubts/end-when-something-was-passed-on", test_forgotten);
  g_test_add_func ("/doubts/of-too-many-the-oldest-goes", test_many);
  return g_test_run ();
}
