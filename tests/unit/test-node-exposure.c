/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "tests/unit/node-stage.h"

/* What bob, phone 1, shows of himself in the links that his node asks the world for. */

static void (*gather) (void *world, uint32_t link, const LinkSetup *setup);

typedef struct Shown {
  const SimPeer *peer;
  unsigned links[LINK_PURPOSE_MEDIA + 1];
  LinkExposure last[LINK_PURPOSE_MEDIA + 1];
} Shown;

static Shown shown;

static void
on_gather (void *world, uint32_t link, const LinkSetup *setup)
{
  if (world == shown.peer) {
    shown.links[setup->purpose]++;
    shown.last[setup->purpose] = setup->exposure;
  }
  gather (world, link, setup);
}

static NodeStage *
stage_of (unsigned phones)
{
  NodeStage *stage = node_stage_new (phones);

  shown = (Shown){ .peer = sim_world_peer (stage->world, 1) };
  gather = shown.peer->ports.link_gather;
  for (unsigned i = 0; i < phones; i++)
    sim_world_peer (stage->world, i)->ports.link_gather = on_gather;
  node_stage_start (stage);
  return stage;
}

static void
accept_alice (NodeStage *stage)
{
  node_accept (node_stage_node (stage, 1), node_stage_address (stage, 0), node_stage_key (stage, 0),
               NODE_ACCEPTANCE_ACCEPTED);
}

static void
test_stranger (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_stage_ring (stage);
  g_assert_cmpuint (shown.links[LINK_PURPOSE_APPLICATION], ==, 1);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_STRANGER);
  g_assert_cmpuint (shown.links[LINK_PURPOSE_MEDIA], ==, 0);
  node_call_answer (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number);
  node_stage_run (stage, TIME_SECOND);
  g_assert_cmpint (shown.last[LINK_PURPOSE_MEDIA], ==, LINK_EXPOSURE_OPEN);
}

static void
test_strict (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_hide (node_stage_node (stage, 1), true);
  node_stage_ring (stage);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_STRICT);
}

static void
test_buddy (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  accept_alice (stage);
  node_hide (node_stage_node (stage, 1), true);
  node_stage_talk (stage);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_OPEN);
  g_assert_cmpint (shown.last[LINK_PURPOSE_MEDIA], ==, LINK_EXPOSURE_OPEN);
}

/* The same name with another key has not been accepted. */
static void
test_impostor (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  node_accept (node_stage_node (stage, 1), node_stage_address (stage, 0), node_stage_key (stage, 2),
               NODE_ACCEPTANCE_ACCEPTED);
  node_stage_ring (stage);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_STRANGER);
}

/* The caller has nothing to hide from whom they call. */
static void
test_we_call (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_hide (node_stage_node (stage, 1), true);
  node_stage_call (stage, 1, node_stage_address (stage, 0), NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (shown.links[LINK_PURPOSE_APPLICATION], ==, 1);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_OPEN);
  g_assert_cmpint (shown.last[LINK_PURPOSE_MEDIA], ==, LINK_EXPOSURE_OPEN);
}

/* A link that is replaced while people talk is no stranger's any more. */
static void
test_mended (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_stage_talk (stage);
  overlay_close_application (sim_world_peer (stage->world, 0)->node->overlay,
                             sim_peer_id (sim_world_peer (stage->world, 1)));
  user_agent_link_down (sim_world_peer (stage->world, 0)->node->user_agent,
                        sim_peer_id (sim_world_peer (stage->world, 1)), true);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (shown.links[LINK_PURPOSE_APPLICATION], >=, 2);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_OPEN);
}

static void
expect_relayed (void)
{
  g_assert_cmpuint (shown.links[LINK_PURPOSE_APPLICATION], >=, 1);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_RELAYED);
  g_assert_cmpint (shown.last[LINK_PURPOSE_MEDIA], ==, LINK_EXPOSURE_RELAYED);
}

/* Accepted, and yet not to know where we are: whoever calls. */
static void
test_always_incoming (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  accept_alice (stage);
  node_relay_always (node_stage_node (stage, 1), node_stage_address (stage, 0), true);
  node_stage_talk (stage);
  expect_relayed ();
}

static void
test_always_outgoing (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  node_relay_always (node_stage_node (stage, 1), node_stage_address (stage, 0), true);
  node_forward (node_stage_node (stage, 1), "carol@" SIM_INSTANCE);
  node_forward (node_stage_node (stage, 1), NULL);
  node_stage_call (stage, 1, node_stage_address (stage, 0), NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_relayed ();
}

/* The link for presence that stands is made anew when the person changes their mind. */
static void
test_always_presence (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  Node *bob = node_stage_node (stage, 1);
  unsigned links;

  accept_alice (stage);
  node_subscribe (bob, node_stage_address (stage, 0), node_stage_key (stage, 0), false);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_OPEN);
  links = shown.links[LINK_PURPOSE_APPLICATION];
  node_relay_always (bob, node_stage_address (stage, 0), true);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (shown.links[LINK_PURPOSE_APPLICATION], >, links);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_RELAYED);
  node_relay_always (bob, node_stage_address (stage, 0), false);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpint (shown.last[LINK_PURPOSE_APPLICATION], ==, LINK_EXPOSURE_OPEN);
}

#define ADD(path, func) g_test_add_func ("/node-exposure/" path, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("threat-4.13-a-stranger-sees-relays-until-the-answer", test_stranger);
  ADD ("threat-4.13-or-nothing", test_strict);
  ADD ("threat-4.13-an-accepted-buddy-sees-all", test_buddy);
  ADD ("threat-4.13-a-name-is-not-enough", test_impostor);
  ADD ("whom-we-call-sees-all", test_we_call);
  ADD ("whom-we-talk-to-sees-all", test_mended);
  ADD ("relay-always/when-they-call", test_always_incoming);
  ADD ("relay-always/when-we-call", test_always_outgoing);
  ADD ("relay-always/presence-too", test_always_presence);
  return g_test_run ();
}
