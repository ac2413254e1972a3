/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/answer-cache.h"

#include "core/base/limits.h"

static const NodeId alice = { { 1 } };
static const NodeId bob = { { 2 } };

static void
give (AnswerCache *cache, const NodeId *from, uint64_t id, uint8_t what)
{
  g_autoptr (GByteArray) contents = g_byte_array_append (g_byte_array_new (), &what, 1);

  answer_cache_open (cache, from, id);
  g_assert_null (answer_cache_find (cache, from, id)->contents);
  answer_cache_close (cache, from, id, contents, NULL);
}

static void
test_found (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);

  give (cache, &alice, 7, 'a');
  give (cache, &bob, 7, 'b');
  g_assert_cmpuint (answer_cache_find (cache, &alice, 7)->contents->data[0], ==, 'a');
  g_assert_cmpuint (answer_cache_find (cache, &bob, 7)->contents->data[0], ==, 'b');
  g_assert_null (answer_cache_find (cache, &alice, 8));
  answer_cache_drop (cache, &alice, 7);
  answer_cache_drop (cache, &alice, 7);
  g_assert_null (answer_cache_find (cache, &alice, 7));
  answer_cache_close (cache, &alice, 7, answer_cache_find (cache, &bob, 7)->contents, NULL);
  g_assert_null (answer_cache_find (cache, &alice, 7));
}

static void
test_age (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);

  give (cache, &alice, 7, 'a');
  timers_advance (timers, 15 * TIME_SECOND, 1);
  g_assert_nonnull (answer_cache_find (cache, &alice, 7));
  timers_advance (timers, LIMIT_ANSWER_CACHE_S * TIME_SECOND, 1);
  g_assert_null (answer_cache_find (cache, &alice, 7));
}

static void
test_limit (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);

  for (uint64_t id = 0; id < LIMIT_ANSWER_CACHE; id++) {
    answer_cache_find (cache, &alice, id);
    answer_cache_open (cache, &alice, id);
  }
  g_assert_null (answer_cache_find (cache, &alice, 0));
  g_assert_nonnull (answer_cache_find (cache, &alice, LIMIT_ANSWER_CACHE - 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answer-cache/an-answer-is-for-one-request-of-one-node", test_found);
  g_test_add_func ("/answer-cache/rfc6940-6.2.1-8-kept-as-long-as-a-request-lives", test_age);
  g_test_add_func ("/answer-cache/threat-1.4-only-so-many", test_limit);
  return g_test_run ();
}
