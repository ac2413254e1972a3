/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/passage.h"

#include "core/base/limits.h"

static ForwardingHeader
header_of (uint64_t transaction_id, Destination *to)
{
  return (ForwardingHeader){ .transaction_id = transaction_id,
                             .fragment = FRAGMENT_ONLY,
                             .destination_list = { to, 1 } };
}

static void
test_known (void)
{
  Passages *passages = passages_new ();
  NodeId bob = { { 1 } };
  NodeId eve = { { 2 } };
  Destination to_bob = destination_of_node (&bob);
  Destination to_eve = destination_of_node (&eve);
  ForwardingHeader header = header_of (7, &to_bob);
  ForwardingHeader other = header_of (7, &to_eve);
  ForwardingHeader piece = header_of (7, &to_bob);

  piece.fragment = FRAGMENT_ALWAYS | 500;
  g_assert_false (passages_know (passages, &header));
  passages_note (passages, &header, 3);
  g_assert_true (passages_know (passages, &header));
  g_assert_false (passages_know (passages, &other));
  g_assert_false (passages_know (passages, &piece));
  g_assert_cmpuint (passages_way_back (passages, &other), ==, 3);
  header.transaction_id = 8;
  g_assert_false (passages_know (passages, &header));
  g_assert_cmpuint (passages_way_back (passages, &header), ==, 0);
  passages_free (passages);
}

static void
test_answers (void)
{
  Passages *passages = passages_new ();
  NodeId bob = { { 1 } };
  Destination to = destination_of_node (&bob);
  ForwardingHeader header = header_of (7, &to);

  passages_note (passages, &header, 0);
  g_assert_cmpuint (passages_way_back (passages, &header), ==, 0);
  passages_note (passages, &header, 5);
  g_assert_cmpuint (passages_way_back (passages, &header), ==, 5);
  passages_free (passages);
}

static void
test_bounded (void)
{
  Passages *passages = passages_new ();
  NodeId bob = { { 1 } };
  Destination to = destination_of_node (&bob);
  unsigned known = 0;

  for (unsigned i = 1; i <= 10 * LIMIT_PASSAGES; i++) {
    ForwardingHeader header = header_of (i, &to);
    passages_note (passages, &header, 1);
  }
  for (unsigned i = 1; i <= 10 * LIMIT_PASSAGES; i++) {
    ForwardingHeader header = header_of (i, &to);
    known += passages_know (passages, &header);
    g_assert_true (passages_know (passages, &header) || i <= 9 * LIMIT_PASSAGES);
  }
  g_assert_cmpuint (known, <=, 2 * LIMIT_PASSAGES);
  passages_free (passages);
}

static void
test_tidied (void)
{
  Passages *passages = passages_new ();
  NodeId bob = { { 1 } };
  Destination to = destination_of_node (&bob);
  ForwardingHeader header = header_of (7, &to);

  passages_note (passages, &header, 3);
  passages_tidy (passages);
  g_assert_true (passages_know (passages, &header));
  g_assert_cmpuint (passages_way_back (passages, &header), ==, 3);
  passages_tidy (passages);
  g_assert_false (passages_know (passages, &header));
  passages_free (passages);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/passage/a-piece-and-where-it-went-are-known", test_known);
  g_test_add_func ("/passage/answers-tell-no-way-back", test_answers);
  g_test_add_func ("/passage/threat-1.9-the-last-ones-are-remembered", test_bounded);
  g_test_add_func ("/passage/what-is-long-past-is-forgotten", test_tidied);
  return g_test_run ();
}
