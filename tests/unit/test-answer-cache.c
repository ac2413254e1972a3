/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/answer-cache.h"

#include "core/base/limits.h"

static const NodeId alice = { { 1 } };
static const NodeId bob = { { 2 } };

static void
give (AnswerCache *cache, const NodeId *from, uint64_t id, uint8_t what)
{
  answer_cache_open (cache, from, id);
  g_assert_cmpuint (answer_cache_find (cache, from, id)->contents.size, ==, 0);
  answer_cache_close (cache, from, id, (Bytes){ &what, 1 }, NULL);
}

static void
test_found (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);

  give (cache, &alice, 7, 'a');
  give (cache, &bob, 7, 'b');
  g_assert_cmpuint (answer_cache_find (cache, &alice, 7)->contents.data[0], ==, 'a');
  g_assert_cmpuint (answer_cache_find (cache, &bob, 7)->contents.data[0], ==, 'b');
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

static unsigned
count (AnswerCache *cache, const NodeId *from, unsigned most)
{
  unsigned found = 0;

  for (unsigned i = 1; i <= most; i++)
    found += answer_cache_find (cache, from, i) != NULL;
  return found;
}

static void
test_flood (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);

  answer_cache_open (cache, &alice, 1);
  for (unsigned i = 1; i <= 10 * LIMIT_ANSWER_CACHE; i++)
    answer_cache_open (cache, &bob, i);
  g_assert_cmpuint (count (cache, &bob, 10 * LIMIT_ANSWER_CACHE), ==, LIMIT_ANSWER_CACHE_SENDER);
  g_assert_nonnull (answer_cache_find (cache, &bob, 10 * LIMIT_ANSWER_CACHE));
  g_assert_nonnull (answer_cache_find (cache, &alice, 1));
}

static void
test_limit (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (AnswerCache) cache = answer_cache_new (timers);
  unsigned found = 0;

  for (unsigned i = 0; i < 2 * LIMIT_ANSWER_CACHE; i++) {
    NodeId from = { { 3, (uint8_t) (i >> 8), (uint8_t) i } };
    answer_cache_open (cache, &from, 1);
  }
  for (unsigned i = 0; i < 2 * LIMIT_ANSWER_CACHE; i++) {
    NodeId from = { { 3, (uint8_t) (i >> 8), (uint8_t) i } };
    found += count (cache, &from, 1);
  }
  g_assert_cmpuint (found, ==, LIMIT_ANSWER_CACHE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answer-cache/an-answer-is-for-one-request-of-one-node", test_found);
  g_test_add_func ("/answer-cache/rfc6940-6.2.1-8-kept-as-long-as-a-request-lives", test_age);
  g_test_add_func ("/answer-cache/threat-1.4-a-flood-pushes-out-the-flooders-own", test_flood);
  g_test_add_func ("/answer-cache/threat-1.4-only-so-many", test_limit);
  return g_test_run ();
}
