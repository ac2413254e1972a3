/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node.h"
#include "tests/sim/sim-signer.h"
#include "tests/unit/document-edit.h"
#include "tests/unit/node-stage.h"

#include <string.h>

static NodeStage *
stage_of (unsigned phones)
{
  NodeStage *stage = node_stage_new (phones);

  node_stage_start (stage);
  return stage;
}

/* ---- On the air ---- */

static void
test_states (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (2);

  g_assert_cmpint (stage->phones[0].peer->state, ==, NODE_OFF);
  node_stage_start_phone (stage, 0);
  node_stage_run (stage, TIME_MS);
  g_assert_cmpint (stage->phones[0].peer->state, ==, NODE_LOOKING);
  g_assert_true (node_stage_wait_state (stage, 0, NODE_ALONE, 10 * TIME_SECOND));
  node_stage_start_phone (stage, 1);
  g_assert_true (node_stage_wait_state (stage, 0, NODE_READY, 20 * TIME_SECOND));
  g_assert_true (node_stage_wait_state (stage, 1, NODE_READY, 20 * TIME_SECOND));
  node_stop (node_stage_node (stage, 1));
  g_assert_cmpint (stage->phones[1].peer->state, ==, NODE_OFF);
  g_assert_true (node_stage_wait_state (stage, 0, NODE_ALONE, TIME_MINUTE));
}

/* The same identity twice: the second notices. */
static void
test_duplicate (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);
  SimPeer *copy = stage->phones[2].peer;

  node_stage_start_phone (stage, 0);
  g_assert_true (node_stage_wait_state (stage, 0, NODE_ALONE, 10 * TIME_SECOND));
  node_stage_start_phone (stage, 1);
  g_assert_true (node_stage_wait_state (stage, 1, NODE_READY, 20 * TIME_SECOND));
  sim_signer_clear (&copy->signer);
  sim_signer_init (&copy->signer, sim_peer_id (stage->phones[1].peer),
                   node_stage_address (stage, 1));
  node_stage_start_phone (stage, 2);
  g_assert_true (node_stage_wait_state (stage, 2, NODE_DUPLICATE, TIME_MINUTE));
  node_stage_run (stage, TIME_MINUTE);
  g_assert_cmpint (stage->phones[1].peer->state, ==, NODE_READY);
}

/* A document that asks for what nobody here can do: all leave, and say so. */
static void
test_unsupported (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  const Configuration *first = sim_world_configuration (stage->world);
  g_autofree char *document =
    document_edit (first, 2, "<topology-plugin>CHORD-SELF-TUNING", "<topology-plugin>PASTRY",
                   &stage->phones[0].peer->signer);

  g_assert_false (node_update_configuration (node_stage_node (stage, 0), bytes_of_text (document)));
  g_assert_true (node_stage_wait_state (stage, 0, NODE_UNSUPPORTED, TIME_SECOND));
  g_assert_true (node_stage_wait_state (stage, 1, NODE_ALONE, TIME_MINUTE));
  /* Its owner may mend it. */
  node_start (node_stage_node (stage, 0));
  g_assert_true (node_stage_wait_state (stage, 0, NODE_READY, TIME_MINUTE));
}

/* For the whole ring: they have one document. */
static void
test_expired (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (2);
  Configuration *configuration = sim_world_configuration (stage->world);

  node_stage_start (stage);
  configuration->expiration_s = 1;
  g_assert_true (node_stage_wait_state (stage, 1, NODE_EXPIRED, 2 * TIME_MINUTE));
  configuration->expiration_s = INT64_MAX;
  g_assert_true (node_stage_wait_state (stage, 1, NODE_READY, 2 * TIME_MINUTE));
}

/* Two that joined a moment ago are asked for a name whose only device has just left, whatever
 * overtakes what on the way. */
static void
test_leave (void)
{
  for (uint64_t seed = 1; seed <= 25; seed++) {
    g_autoptr (NodeStage) stage = node_stage_new_seeded (3, seed);
    const StagePhone *asking = &stage->phones[0];

    node_stage_start (stage);
    sim_peer_stop (sim_world_peer (stage->world, 1));
    node_stage_run (stage, 10 * TIME_SECOND);
    node_lookup (node_stage_node (stage, 0), node_stage_address (stage, 1));
    node_stage_run (stage, 10 * TIME_SECOND);
    g_assert_cmpuint (asking->lookups, ==, 1);
    g_assert_cmpuint (asking->lookup.lookup.device_count, ==, 0);
    g_assert_cmpint (asking->lookup.lookup.end, ==, NODE_CALL_END_OFFLINE);
  }
}

static bool
is_offline_after_breath (uint64_t seed)
{
  g_autoptr (NodeStage) stage = node_stage_new_seeded (3, seed);
  SimPeer *leaver = stage->phones[1].peer;

  node_stage_start (stage);
  node_stage_run (stage, 30 * TIME_SECOND);
  node_stop (leaver->node);
  node_free (leaver->node);
  leaver->node = NULL;
  sim_peer_kill (leaver);
  node_stage_run (stage, 10 * TIME_SECOND);
  node_lookup (node_stage_node (stage, 0), node_stage_address (stage, 1));
  node_stage_run (stage, 10 * TIME_SECOND);
  return stage->phones[0].lookup.lookup.end == NODE_CALL_END_OFFLINE;
}

/* Who has no time to wait says the same in one breath; what its Leave overtakes is not heard, and
 * nobody is left to say it again. */
static void
test_leave_at_once (void)
{
  unsigned offline = 0;

  for (uint64_t seed = 1; seed <= 25; seed++)
    offline += is_offline_after_breath (seed);
  g_assert_cmpuint (offline, >=, 18);
}

/* ---- Names ---- */

static void
test_name_taken (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);

  node_stage_rename (stage, 2, 1, "another person");
  node_stage_start (stage);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[0].names_taken, ==, 0);
  g_assert_cmpuint (stage->phones[1].names_taken + stage->phones[2].names_taken, >=, 1);
}

static void
test_second_device (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);

  node_stage_rename (stage, 2, 1, NULL);
  node_stage_start (stage);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[1].names_taken, ==, 0);
  g_assert_cmpuint (stage->phones[2].names_taken, ==, 0);
}

static const NodeEvent *
look_up (NodeStage *stage, const char *address)
{
  StagePhone *phone = &stage->phones[0];
  unsigned before = phone->lookups;
  uint32_t number = node_lookup (node_stage_node (stage, 0), address);

  g_assert_cmpuint (phone->lookups, ==, before); /* not from inside the call */
  node_stage_run (stage, TIME_MINUTE);
  g_assert_cmpuint (phone->lookups, ==, before + 1);
  g_assert_cmpuint (phone->lookup.lookup.lookup, ==, number);
  return &phone->lookup;
}

static void
test_lookup (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  const NodeEvent *event = look_up (stage, node_stage_address (stage, 1));

  g_assert_cmpint (event->lookup.end, ==, NODE_CALL_END_NONE);
  g_assert_cmpuint (event->lookup.device_count, ==, 1);
  g_assert_true (
    node_id_equal (&event->lookup.devices[0].node_id, sim_peer_id (stage->phones[1].peer)));
  g_assert_cmpmem (&event->lookup.devices[0].user_key, USER_KEY_SIZE, node_stage_key (stage, 1),
                   USER_KEY_SIZE);
  g_assert_cmpuint (event->lookup.duration_ms, <, 1000);
  event = look_up (stage, "nobody@home-simsimsi.peal.alt");
  g_assert_cmpint (event->lookup.end, ==, NODE_CALL_END_NO_SUCH_NAME);
  sim_peer_stop (stage->phones[1].peer);
  event = look_up (stage, node_stage_address (stage, 1));
  g_assert_cmpint (event->lookup.end, ==, NODE_CALL_END_OFFLINE);
}

static void
test_lookup_off_the_air (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (2);

  node_stage_start_phone (stage, 0);
  g_assert_cmpint (look_up (stage, node_stage_address (stage, 1))->lookup.end, !=,
                   NODE_CALL_END_NONE);
}

/* ---- Looking at it ---- */

typedef struct Facts {
  GHashTable *names;
  uint64_t registered;
  uint64_t state;
} Facts;

static void
on_fact (const char *name, uint64_t value, void *user_data)
{
  Facts *facts = user_data;

  g_assert_true (g_hash_table_add (facts->names, g_strdup (name)));
  if (strcmp (name, "registered") == 0)
    facts->registered = value;
  if (strcmp (name, "state") == 0)
    facts->state = value;
}

static void
test_facts (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Facts facts = { .names = names };

  node_facts (node_stage_node (stage, 0), on_fact, &facts);
  g_assert_cmpuint (facts.registered, ==, 1);
  g_assert_cmpuint (facts.state, ==, NODE_READY);
  g_assert_true (g_hash_table_contains (names, "bad_signature"));
  g_assert_true (g_hash_table_contains (names, "sip_malformed"));
}

/* Its last words get lost on the way; it says them again. */
static void
test_leave_loss (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Node *node = node_stage_node (stage, 0);

  node_stage_run (stage, 10 * TIME_SECOND);
  sim_world_cut (stage->world, 1);
  node_stop (node);
  node_stage_run (stage, 30 * TIME_MS);
  g_assert_false (node_is_quiet (node));
  sim_world_cut (stage->world, 0);
  node_stage_run (stage, 470 * TIME_MS);
  g_assert_true (node_is_quiet (node));
  sim_peer_kill (stage->phones[0].peer);
  node_lookup (node_stage_node (stage, 1), node_stage_address (stage, 0));
  node_stage_run (stage, 2 * TIME_SECOND);
  g_assert_cmpuint (stage->phones[1].lookups, ==, 1);
  g_assert_cmpint (stage->phones[1].lookup.lookup.end, ==, NODE_CALL_END_OFFLINE);
}

/* Whatever is under way when a phone is switched off. */
static void
test_free (void)
{
  for (uint64_t ms = 0; ms < 2000; ms += 40) {
    g_autoptr (NodeStage) stage = stage_of (2);
    Node *node = node_stage_node (stage, 0);

    node_subscribe (node, node_stage_address (stage, 1), NULL, true);
    node_lookup (node, node_stage_address (stage, 1));
    node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);
    node_stage_run (stage, ms * TIME_MS);
    sim_peer_kill (stage->phones[ms % 80 == 0].peer);
    node_stage_run (stage, TIME_MINUTE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node/states/are-told-as-they-are", test_states);
  g_test_add_func ("/node/leave/rfc6940-7.4.1.3-1-the-registration-is-gone-at-once", test_leave);
  g_test_add_func ("/node/leave/without-waiting-for-anybody", test_leave_at_once);
  g_test_add_func ("/node/leave/what-was-lost-is-said-again", test_leave_loss);
  g_test_add_func ("/node/states/rfc6940-11.1-31-who-cannot-do-what-is-asked-leaves",
                   test_unsupported);
  g_test_add_func ("/node/states/what-has-expired-is-told", test_expired);
  g_test_add_func ("/node/states/a-second-copy-of-an-identity-stops", test_duplicate);
  g_test_add_func ("/node/name/taken-by-another-person-is-told", test_name_taken);
  g_test_add_func ("/node/name/a-second-device-is-no-other-person", test_second_device);
  g_test_add_func ("/node/lookup/finds-who-is-there-and-tells-who-is-not", test_lookup);
  g_test_add_func ("/node/lookup/off-the-air-finds-nobody", test_lookup_off_the_air);
  g_test_add_func ("/node/facts/have-names-of-their-own", test_facts);
  g_test_add_func ("/node/free/at-any-moment-of-a-call", test_free);
  return g_test_run ();
}
