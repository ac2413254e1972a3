/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

static void
test_typed (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL, *full = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  full = g_strconcat ("sip:", bob, NULL);

  const char *const typed[] = { "bob",           "bob@home",      " BOB@Home ", "sip:bob@home",
                                "sips:bob@home", "peal:bob@home", "b%6fb@home", full };

  for (size_t i = 0; i < G_N_ELEMENTS (typed); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *address = peal_phone_resolve (self->phone, typed[i], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (address, ==, bob);
  }
}

static void
test_refused (Stage *self, gconstpointer data)
{
  const struct {
    const char *typed;
    PealPhoneError code;
    const char *words;
  } rows[] = {
    { "bob@work", PEAL_PHONE_ERROR_UNKNOWN_OVERLAY, "You are not in a network called “work”." },
    { "b b", PEAL_PHONE_ERROR_BAD_NAME, "Use letters, digits, dots and dashes." },
    { "", PEAL_PHONE_ERROR_BAD_NAME, "Use letters, digits, dots and dashes." },
    { "112", PEAL_PHONE_ERROR_EMERGENCY,
      "Peal cannot call emergency services. Use a mobile or landline phone." },
  };

  stage_create (self);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (peal_phone_dial (self->phone, rows[i].typed, &error));
    g_assert_error (error, PEAL_PHONE_ERROR, (int) rows[i].code);
    g_assert_cmpstr (error->message, ==, rows[i].words);
  }
}

static void
test_without_account (Stage *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (peal_phone_dial (self->phone, "bob", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_UNKNOWN_OVERLAY);
}

typedef struct Answer {
  PealLookup *lookup;
  GError *error;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->lookup = peal_phone_lookup_finish (PEAL_PHONE (source), result, &answer->error);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_lookup (Stage *self, gconstpointer data)
{
  Answer found = { 0 }, lost = { 0 }, stopped = { 0 };
  NodeEvent event = { .type = NODE_EVENT_LOOKUP };
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  peal_phone_lookup_async (self->phone, "bob", NULL, on_answer, &found);
  peal_phone_lookup_async (self->phone, "bob", NULL, on_answer, &lost);
  peal_phone_lookup_async (self->phone, "bob", NULL, on_answer, &stopped);
  event.lookup.address = bob;
  event.lookup.lookup = 2;
  event.lookup.end = NODE_CALL_END_NO_SUCH_NAME;
  stage_tell (self, &event);
  event.lookup.lookup = 1;
  event.lookup.end = NODE_CALL_END_NONE;
  event.lookup.device_count = 1;
  event.lookup.devices[0].node_id.bytes[0] = 0xab;
  event.lookup.hops = 3;
  stage_tell (self, &event);
  peal_phone_stop (self->phone);
  settle ();

  g_assert_no_error (found.error);
  g_assert_cmpstr (found.lookup->node_ids[0], ==, "ab000000000000000000000000000000");
  g_assert_null (found.lookup->node_ids[1]);
  g_assert_cmpuint (found.lookup->hops, ==, 3);
  g_assert_error (lost.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL);
  g_assert_cmpstr (lost.error->message, ==, "Nobody called “bob” is in “home”.");
  g_assert_error (stopped.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL);
  peal_lookup_free (found.lookup);
  g_error_free (lost.error);
  g_error_free (stopped.error);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/dialling/typed", test_typed);
  ADD ("/dialling/refused", test_refused);
  ADD ("/dialling/without-account", test_without_account);
  ADD ("/dialling/lookup", test_lookup);
  return g_test_run ();
}
