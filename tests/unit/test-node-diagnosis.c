/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/error.h"
#include "tests/unit/node-stage.h"

static NodeStage *
stage_of_three (void)
{
  NodeStage *stage = node_stage_new (3);

  node_stage_start (stage);
  return stage;
}

static const Finding *
diagnose (NodeStage *stage, const char *address, const NodeId *id, bool is_path)
{
  NodeDiagnosisOptions options = { .address = address, .is_path = is_path };
  StagePhone *phone = &stage->phones[0];
  unsigned before = phone->diagnoses;

  if (id != NULL)
    options.node_id = *id;
  g_assert_cmpuint (node_diagnose (node_stage_node (stage, 0), &options), !=, 0);
  node_stage_run (stage, 15 * TIME_SECOND);
  g_assert_cmpuint (phone->diagnoses, ==, before + 1);
  return phone->findings.items;
}

static void
test_person (void)
{
  g_autoptr (NodeStage) stage = stage_of_three ();
  const NodeId *bob = sim_peer_id (stage->phones[1].peer);
  const Finding *finding = diagnose (stage, node_stage_address (stage, 1), NULL, false);

  g_assert_cmpint (stage->phones[0].diagnosis_end, ==, NODE_CALL_END_NONE);
  g_assert_cmpuint (finding->code, ==, RELOAD_OK);
  g_assert_true (node_id_equal (&finding->node_id, bob));
  g_assert_cmpuint (finding->hops, >=, 1);
  g_assert_cmpfloat (finding->rtt_ms, >, 0);
}

static void
test_path (void)
{
  g_autoptr (NodeStage) stage = stage_of_three ();
  const NodeId *carol = sim_peer_id (stage->phones[2].peer);
  const Finding *finding = diagnose (stage, NULL, carol, true);

  g_assert_true (stage->phones[0].findings.is_complete);
  g_assert_true (node_id_equal (&finding[stage->phones[0].findings.count - 1].node_id, carol));
}

static void
test_nobody (void)
{
  g_autoptr (NodeStage) stage = stage_of_three ();

  diagnose (stage, "nobody@" SIM_INSTANCE, NULL, false);
  g_assert_cmpint (stage->phones[0].diagnosis_end, ==, NODE_CALL_END_NO_SUCH_NAME);
  g_assert_cmpuint (stage->phones[0].findings.count, ==, 0);
}

static void
test_dead (void)
{
  g_autoptr (NodeStage) stage = stage_of_three ();
  NodeId bob = *sim_peer_id (stage->phones[1].peer);
  const Finding *finding;

  sim_peer_kill (stage->phones[1].peer);
  finding = diagnose (stage, NULL, &bob, false);
  g_assert_cmpuint (finding->code, ==, RELOAD_REQUEST_TIMEOUT);
  g_assert_cmpint (node_problem_of (finding->code), ==, NODE_PROBLEM_NO_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-diagnosis/ping/a-person-is-looked-up-first", test_person);
  g_test_add_func ("/node-diagnosis/ping/there-is-nobody", test_nobody);
  g_test_add_func ("/node-diagnosis/ping/a-dead-node-does-not-answer", test_dead);
  g_test_add_func ("/node-diagnosis/path/ends-at-the-node", test_path);
  return g_test_run ();
}
