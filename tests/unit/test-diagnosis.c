/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/diagnosis.h"

#include "tests/unit/phone-stage.h"

typedef struct Answer {
  PealDiagnosis *diagnosis;
  GError *error;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->diagnosis = peal_phone_diagnose_finish (PEAL_PHONE (source), result, &answer->error);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_findings (Stage *self, gconstpointer data)
{
  Answer answer = { 0 };
  Findings findings = { .count = 2, .is_complete = true };
  NodeEvent event = { .type = NODE_EVENT_DIAGNOSIS };

  stage_create (self);
  peal_phone_diagnose_async (self->phone, " bb000000000000000000000000000000 ", true, NULL,
                             on_answer, &answer);
  findings.items[0].node_id.bytes[0] = 0xaa;
  findings.items[0].code = 0x19;
  findings.items[1].node_id.bytes[0] = 0xbb;
  findings.items[1].hops = 2;
  findings.items[1].known = 1 << DIAGNOSTIC_APP_UPTIME;
  findings.items[1].numbers[DIAGNOSTIC_APP_UPTIME] = 5;
  event.diagnosis.diagnosis = 1;
  event.diagnosis.target.bytes[0] = 0xbb;
  event.diagnosis.findings = &findings;
  stage_tell (self, &event);
  settle ();

  g_assert_no_error (answer.error);
  g_assert_true (answer.diagnosis->is_reached);
  g_assert_cmpuint (answer.diagnosis->count, ==, 2);
  g_assert_cmpstr (answer.diagnosis->target, ==, "bb000000000000000000000000000000");
  g_assert_cmpstr (answer.diagnosis->findings[0].error, ==, "Error_Loop_Detected");
  g_assert_cmpstr (answer.diagnosis->findings[0].problem, ==,
                   "The question goes round in a circle.");
  g_assert_null (answer.diagnosis->findings[1].error);
  g_assert_cmpuint (answer.diagnosis->findings[1].fact_count, ==, 1);
  g_assert_cmpstr (answer.diagnosis->findings[1].facts[0].name, ==, "app_uptime_s");
  peal_diagnosis_free (answer.diagnosis);
}

static void
test_nobody (Stage *self, gconstpointer data)
{
  Answer nobody = { 0 }, elsewhere = { 0 }, stopped = { 0 };
  NodeEvent event = { .type = NODE_EVENT_DIAGNOSIS };
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  peal_phone_diagnose_async (self->phone, "bob", false, NULL, on_answer, &nobody);
  peal_phone_diagnose_async (self->phone, "bob@work", false, NULL, on_answer, &elsewhere);
  peal_phone_diagnose_async (self->phone, "bob", false, NULL, on_answer, &stopped);
  event.diagnosis.diagnosis = 1;
  event.diagnosis.address = bob;
  event.diagnosis.end = NODE_CALL_END_NO_SUCH_NAME;
  stage_tell (self, &event);
  peal_phone_stop (self->phone);
  settle ();

  g_assert_cmpstr (nobody.error->message, ==, "Nobody called “bob” is in “home”.");
  g_assert_error (elsewhere.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_UNKNOWN_OVERLAY);
  g_assert_error (stopped.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL);
  g_error_free (nobody.error);
  g_error_free (elsewhere.error);
  g_error_free (stopped.error);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/diagnosis/each-finding-is-told", test_findings);
  ADD ("/diagnosis/there-is-nobody", test_nobody);
  return g_test_run ();
}
