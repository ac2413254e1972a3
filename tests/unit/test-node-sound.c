/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "tests/unit/node-stage.h"

static NodeStage *
stage_of (unsigned phones)
{
  NodeStage *stage = node_stage_new (phones);

  node_stage_start (stage);
  return stage;
}

static void
test_stranger_learns_nothing (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_stage_ring (stage);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 0);
  node_call_answer (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 1);
}

static void
test_buddy_is_quick (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call;

  node_accept (node_stage_node (stage, 1), node_stage_address (stage, 0), node_stage_key (stage, 0),
               NODE_ACCEPTANCE_ACCEPTED);
  call = node_stage_ring (stage);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 1);
  g_assert_cmpuint (node_stage_seen (stage, 0, call)->media, ==, 0);
  node_call_answer (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number);
  node_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (node_stage_seen (stage, 0, call)->media, ==, 1);
  g_assert_cmpuint (node_stage_incoming (stage, 1)->media, ==, 1);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 1);
}

static void
test_lost_sound (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_talk (stage);
  const StageCall *here = node_stage_seen (stage, 0, call);
  const StageCall *there = node_stage_incoming (stage, 1);
  uint32_t former = here->link;

  node_link_down (node_stage_node (stage, 0), former, LINK_END_LOST);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpstr (here->story, ==, "LCRU");
  g_assert_cmpstr (there->story, ==, "RU");
  g_assert_cmpuint (here->media, ==, 2);
  g_assert_cmpuint (there->media, ==, 2);
  g_assert_cmpuint (here->link, !=, former);
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 1);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 1);
}

static void
test_lost_phone (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  uint32_t call = node_stage_talk (stage);
  const StageCall *seen = node_stage_seen (stage, 0, call);

  sim_peer_kill (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 20 * TIME_SECOND);
  g_assert_cmpstr (seen->story, ==, "LCRUX");
  node_stage_run (stage, 2 * TIME_MINUTE);
  g_assert_cmpstr (seen->story, ==, "LCRUXE");
  g_assert_cmpint (seen->end, ==, NODE_CALL_END_LOST);
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-sound/strangers-learn-no-address-before-the-answer",
                   test_stranger_learns_nothing);
  g_test_add_func ("/node-sound/buddies-are-connected-while-it-rings", test_buddy_is_quick);
  g_test_add_func ("/node-sound/a-lost-link-is-replaced", test_lost_sound);
  g_test_add_func ("/node-sound/a-vanished-phone-is-lost-then-over", test_lost_phone);
  return g_test_run ();
}
