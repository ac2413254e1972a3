/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-redir.h"

#include "tests/unit/redir-stage.h"

static RedirStage *
stage_of (uint8_t id, RedirUsage **ret_usage)
{
  RedirStage *stage = redir_stage_new (id);

  redir_stage_clear (stage);
  *ret_usage = stage->overlay->overlay->redir_usage;
  return stage;
}

static void
test_provide (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);

  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_stage_run (stage, TIME_SECOND);
  g_assert_cmpstr (stage->stored->str, ==, "2.0 1.0 0.0 ");
  g_assert_cmpuint (redir_usage_stored (usage), ==, 3);
}

static void
test_withdraw (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);

  redir_usage_withdraw (usage, REDIR_NAMESPACE);
  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_stage_run (stage, TIME_SECOND);
  redir_usage_withdraw (usage, REDIR_NAMESPACE);
  redir_stage_run (stage, TIME_SECOND);
  g_assert_false (redir_stage_holds (stage, 2));
  g_assert_cmpuint (redir_usage_stored (usage), ==, 0);
  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_stage_run (stage, TIME_SECOND);
  g_assert_true (redir_stage_holds (stage, 2));
}

/* Whoever comes back into the ring enters all its services anew, but what it gave up. */
static void
test_start (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);

  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_usage_provide (usage, "voice-mail");
  redir_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (redir_usage_stored (usage), ==, 6);
  redir_usage_withdraw (usage, "voice-mail");
  redir_stage_run (stage, TIME_SECOND);
  redir_usage_start (usage);
  g_assert_cmpuint (redir_usage_stored (usage), ==, 0);
  redir_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (redir_usage_stored (usage), ==, 3);
}

static void
test_leave (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);

  redir_usage_provide (usage, REDIR_NAMESPACE);
  redir_stage_run (stage, TIME_SECOND);
  overlay_stop (stage->overlay->overlay);
  redir_stage_run (stage, TIME_SECOND);
  for (unsigned level = 0; level <= 2; level++)
    g_assert_false (redir_stage_holds (stage, level));
}

static void
test_find (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);
  NodeId key = redir_stage_id (0x50);

  redir_stage_enter (stage, 2, 0x70);
  redir_usage_find (usage, 1, REDIR_NAMESPACE, &key);
  redir_usage_find (usage, 2, "voice-mail", &key);
  redir_stage_run (stage, 2 * TIME_SECOND);
  g_assert_cmpuint (stage->overlay->services, ==, 2);
  g_assert_false (stage->overlay->service.is_found);
  g_assert_cmphex (stage->overlay->service.provider.bytes[0], ==, 0);
}

/* Searches under way end with the overlay, without a word. */
static void
test_freed (void)
{
  RedirUsage *usage;
  g_autoptr (RedirStage) stage = stage_of (0x20, &usage);
  NodeId key = redir_stage_id (0x50);

  redir_usage_find (usage, 1, REDIR_NAMESPACE, &key);
  redir_usage_provide (usage, REDIR_NAMESPACE);
  overlay_stage_run (stage->overlay, 10 * TIME_MS);
  g_assert_cmpuint (stage->overlay->services, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage-redir/provide/once-is-enough", test_provide);
  g_test_add_func ("/usage-redir/provide/is-taken-back-and-given-again", test_withdraw);
  g_test_add_func ("/usage-redir/provide/is-entered-anew-after-a-join", test_start);
  g_test_add_func ("/usage-redir/provide/is-gone-before-we-leave-rfc7374-4.6-1", test_leave);
  g_test_add_func ("/usage-redir/find/each-search-has-its-answer", test_find);
  g_test_add_func ("/usage-redir/find/ends-with-the-overlay", test_freed);
  return g_test_run ();
}
