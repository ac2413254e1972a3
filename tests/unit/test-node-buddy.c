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
subscribe (NodeStage *stage, unsigned phone, unsigned buddy, const UserKey *pin)
{
  node_subscribe (node_stage_node (stage, phone), node_stage_address (stage, buddy), pin, false);
}

static void
accept (NodeStage *stage, unsigned phone, unsigned buddy, NodeAcceptance decision)
{
  node_accept (node_stage_node (stage, phone), node_stage_address (stage, buddy),
               node_stage_key (stage, buddy), decision);
}

static void
expect (NodeStage *stage, unsigned phone, unsigned buddy, NodePresence presence)
{
  g_assert_true (stage->phones[phone].knows_presence[buddy]);
  g_assert_cmpint (stage->phones[phone].presence[buddy], ==, presence);
}

/* Both have accepted each other and see each other. */
static NodeStage *
stage_of_friends (void)
{
  NodeStage *stage = stage_of (2);

  accept (stage, 0, 1, NODE_ACCEPTANCE_ACCEPTED);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 0, 1, node_stage_key (stage, 1));
  subscribe (stage, 1, 0, node_stage_key (stage, 0));
  node_stage_run (stage, 5 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);
  expect (stage, 1, 0, NODE_PRESENCE_AVAILABLE);
  return stage;
}

/* ---- Requests ---- */

static void
test_request (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  const StagePhone *asked = &stage->phones[1];

  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (asked->requests, ==, 1);
  g_assert_cmpstr (asked->request, ==, node_stage_address (stage, 0));
  g_assert_cmpmem (&asked->request_key, USER_KEY_SIZE, node_stage_key (stage, 0), USER_KEY_SIZE);
  expect (stage, 0, 1, NODE_PRESENCE_PENDING);
}

static void
test_accept (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  node_stage_run (stage, 2 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);
  g_assert_cmpmem (&stage->phones[0].presence_key[1], USER_KEY_SIZE, node_stage_key (stage, 1),
                   USER_KEY_SIZE);
}

static void
test_refuse (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  accept (stage, 1, 0, NODE_ACCEPTANCE_REFUSED);
  node_stage_run (stage, 2 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_REFUSED);
}

/* Who was refused asks again in vain, and nobody is bothered. */
static void
test_refused_before (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  accept (stage, 1, 0, NODE_ACCEPTANCE_REFUSED);
  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_REFUSED);
  g_assert_cmpuint (stage->phones[1].requests, ==, 0);
}

/* What was decided about a person is not what holds for the next one of that name. */
static void
test_acceptance_is_of_a_key (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);

  node_stage_rename (stage, 2, 1, "another person");
  node_stage_start (stage);
  accept (stage, 0, 1, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 2, 0, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect (stage, 2, 0, NODE_PRESENCE_PENDING);
  g_assert_cmpuint (stage->phones[0].requests, ==, 1);
}

/* Without a pin nobody of one name is asked, and none who comes is taken for the one meant. */
static void
test_several_owners (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);

  node_stage_rename (stage, 2, 1, "another person");
  node_stage_start (stage);
  /* What was stored while the ring came together finds its owners. */
  node_stage_run (stage, 20 * TIME_SECOND);
  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, TIME_MINUTE);
  expect (stage, 0, 1, NODE_PRESENCE_UNKNOWN);
  g_assert_true (stage->phones[0].is_ambiguous[1]);
  g_assert_cmpuint (stage->phones[1].requests + stage->phones[2].requests, ==, 0);
  subscribe (stage, 2, 0, NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[2].requests, ==, 0);
  subscribe (stage, 0, 1, node_stage_key (stage, 1));
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[1].requests, ==, 1);
  g_assert_cmpuint (stage->phones[2].requests, ==, 0);
}

/* The person comes on the air later than the request. */
static void
test_absent (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);

  node_stage_start_phone (stage, 0);
  node_stage_start_phone (stage, 2);
  g_assert_true (node_stage_wait_state (stage, 0, NODE_READY, TIME_MINUTE));
  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, TIME_MINUTE);
  node_stage_start_phone (stage, 1);
  node_stage_run (stage, 5 * TIME_MINUTE);
  g_assert_cmpuint (stage->phones[1].requests, ==, 1);
  expect (stage, 0, 1, NODE_PRESENCE_PENDING);
}

/* ---- Presence ---- */

static void
test_presence (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();
  static const NodePresence ours[] = {
    NODE_PRESENCE_AWAY,
    NODE_PRESENCE_DO_NOT_DISTURB,
    NODE_PRESENCE_IN_CALL,
    NODE_PRESENCE_AVAILABLE,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (ours); i++) {
    node_set_presence (node_stage_node (stage, 1), ours[i]);
    node_stage_run (stage, 10 * TIME_SECOND);
    expect (stage, 0, 1, ours[i]);
  }
}

static void
test_good_bye (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();

  sim_peer_stop (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 5 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_OFFLINE);
}

static void
test_vanished (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();

  sim_peer_kill (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 3 * TIME_MINUTE);
  g_assert_cmpint (stage->phones[0].presence[1], !=, NODE_PRESENCE_AVAILABLE);
}

static void
watch_too_many (Node *node)
{
  for (unsigned i = 0; i < LIMIT_BUDDY_LINKS; i++) {
    g_autofree char *name = g_strdup_printf ("friend%u@home-simsimsi.peal.alt", i);
    node_subscribe (node, name, NULL, false);
  }
}

/* Of more buddies than links are kept for, one without a link: he is not there any more, and then
 * his registration is not either. */
static void
test_vanished_unlinked (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Node *node = node_stage_node (stage, 0);

  watch_too_many (node);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 0, 1, node_stage_key (stage, 1));
  node_stage_run (stage, 3 * TIME_MINUTE);
  g_assert_false (
    overlay_has_application (node->overlay, sim_peer_id (sim_world_peer (stage->world, 1))));
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);
  node_stage_run (stage, 13 * TIME_MINUTE);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);

  sim_peer_kill (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 13 * TIME_MINUTE);
  g_assert_cmpint (stage->phones[0].presence[1], !=, NODE_PRESENCE_AVAILABLE);
  node_stage_run (stage, 13 * TIME_MINUTE);
  expect (stage, 0, 1, NODE_PRESENCE_OFFLINE);
}

/* Started anew before anybody missed it, and without a link: it has forgotten who watches it. */
static void
test_restarted_unlinked (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Node *node = node_stage_node (stage, 0);

  watch_too_many (node);
  accept (stage, 0, 1, NODE_ACCEPTANCE_ACCEPTED);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 0, 1, node_stage_key (stage, 1));
  subscribe (stage, 1, 0, node_stage_key (stage, 0));
  node_stage_run (stage, 3 * TIME_MINUTE);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);
  sim_peer_kill (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 5 * TIME_SECOND);
  node_stage_start_phone (stage, 1);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 1, 0, node_stage_key (stage, 0));
  node_set_presence (node_stage_node (stage, 1), NODE_PRESENCE_AWAY);
  g_assert_true (node_stage_wait_state (stage, 1, NODE_READY, TIME_MINUTE));
  node_stage_run (stage, 30 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_AWAY);
}

/* The first to be back on the air tells the other by its own subscription. */
static void
test_back_again (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();

  sim_peer_stop (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 30 * TIME_SECOND);
  node_stage_start_phone (stage, 1);
  accept (stage, 1, 0, NODE_ACCEPTANCE_ACCEPTED);
  subscribe (stage, 1, 0, node_stage_key (stage, 0));
  g_assert_true (node_stage_wait_state (stage, 1, NODE_READY, TIME_MINUTE));
  node_stage_run (stage, 20 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE);
  expect (stage, 1, 0, NODE_PRESENCE_AVAILABLE);
}

static void
test_unsubscribe (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();

  node_unsubscribe (node_stage_node (stage, 0), node_stage_address (stage, 1));
  node_unsubscribe (node_stage_node (stage, 0), "nobody@home-simsimsi.peal.alt");
  node_stage_run (stage, 5 * TIME_SECOND);
  node_set_presence (node_stage_node (stage, 1), NODE_PRESENCE_AWAY);
  node_stage_run (stage, 10 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_AVAILABLE); /* the last that was heard */
}

/* ---- Whose key it is ---- */

static void
test_key_changed (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  UserKey former = { { 4, 1, 2, 3 } };

  subscribe (stage, 0, 1, &former);
  node_stage_run (stage, 10 * TIME_SECOND);
  expect (stage, 0, 1, NODE_PRESENCE_OFFLINE);
  g_assert_cmpmem (&stage->phones[0].presence_key[1], USER_KEY_SIZE, node_stage_key (stage, 1),
                   USER_KEY_SIZE);
  g_assert_cmpuint (stage->phones[1].requests, ==, 0);
}

/* A link of somebody who only calls himself so does not make him the buddy. */
static void
test_impostor_calls (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  UserKey former = { { 4, 1, 2, 3 } };

  subscribe (stage, 0, 1, &former);
  subscribe (stage, 1, 0, NULL);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[0].requests, ==, 1);
  g_assert_cmpuint (stage->phones[1].requests, ==, 0);
}

/* ---- Links ---- */

static void
test_kept_link (void)
{
  g_autoptr (NodeStage) stage = stage_of_friends ();
  Node *node = node_stage_node (stage, 0);

  node_stage_run (stage, 5 * TIME_MINUTE);
  g_assert_true (node_buddy_keeps_link (node, sim_peer_id (sim_world_peer (stage->world, 1))));
  g_assert_true (
    overlay_has_application (node->overlay, sim_peer_id (sim_world_peer (stage->world, 1))));
}

static void
test_idle_link (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  Node *node = node_stage_node (stage, 0);
  const NodeId *other = sim_peer_id (sim_world_peer (stage->world, 1));
  uint32_t call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);

  node_stage_run (stage, 5 * TIME_SECOND);
  node_call_end (node, call);
  node_stage_run (stage, TIME_SECOND);
  g_assert_true (overlay_has_application (node->overlay, other));
  g_assert_false (node_buddy_keeps_link (node, other));
  node_stage_run (stage, 5 * TIME_MINUTE);
  g_assert_false (overlay_has_application (node->overlay, other));
}

/* The favourites' links are kept before all others. */
static void
test_favourites (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  Node *node = node_stage_node (stage, 0);
  const NodeId *other = sim_peer_id (sim_world_peer (stage->world, 1));

  watch_too_many (node);
  subscribe (stage, 0, 1, NULL);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_false (node_buddy_keeps_link (node, other));
  node_subscribe (node, node_stage_address (stage, 1), NULL, true);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_true (node_buddy_keeps_link (node, other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-buddy/request/arrives-and-is-pending", test_request);
  g_test_add_func ("/node-buddy/request/accepted-shows-presence", test_accept);
  g_test_add_func ("/node-buddy/request/refused-is-told", test_refuse);
  g_test_add_func ("/node-buddy/request/refused-once-bothers-nobody", test_refused_before);
  g_test_add_func ("/node-buddy/request/a-decision-is-about-a-key", test_acceptance_is_of_a_key);
  g_test_add_func ("/node-buddy/request/waits-for-who-is-absent", test_absent);
  g_test_add_func ("/node-buddy/request/of-several-owners-none-is-asked-blindly",
                   test_several_owners);
  g_test_add_func ("/node-buddy/presence/every-kind-is-told", test_presence);
  g_test_add_func ("/node-buddy/presence/good-bye-is-offline", test_good_bye);
  g_test_add_func ("/node-buddy/presence/who-vanished-is-not-available", test_vanished);
  g_test_add_func ("/node-buddy/presence/who-vanished-without-a-link-is-missed",
                   test_vanished_unlinked);
  g_test_add_func ("/node-buddy/presence/who-was-started-anew-is-asked-anew",
                   test_restarted_unlinked);
  g_test_add_func ("/node-buddy/presence/who-is-back-is-seen", test_back_again);
  g_test_add_func ("/node-buddy/presence/unsubscribed-nothing-is-told", test_unsubscribe);
  g_test_add_func ("/node-buddy/key/a-changed-one-is-told-and-not-asked", test_key_changed);
  g_test_add_func ("/node-buddy/key/an-impostor-who-calls-is-not-the-buddy", test_impostor_calls);
  g_test_add_func ("/node-buddy/links/a-buddy-keeps-his", test_kept_link);
  g_test_add_func ("/node-buddy/links/one-that-nobody-needs-is-closed", test_idle_link);
  g_test_add_func ("/node-buddy/links/favourites-come-first", test_favourites);
  return g_test_run ();
}
