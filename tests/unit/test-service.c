/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/service.h"

#include "tests/unit/phone-stage.h"

typedef struct Answer {
  PealService *service;
  GError *error;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->service = peal_phone_find_service_finish (PEAL_PHONE (source), result, &answer->error);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
find (Stage *self, const char *typed, ServiceFound *found, Answer *answer)
{
  NodeEvent event = { .type = NODE_EVENT_SERVICE };

  event.service.search = 1;
  event.service.found = found;
  peal_phone_find_service_async (self->phone, typed, NULL, on_answer, answer);
  stage_tell (self, &event);
  settle ();
}

static void
test_found (Stage *self, gconstpointer data)
{
  Answer answer = { 0 };
  ServiceFound found = { .was_answered = true,
                         .is_found = true,
                         .provider = { { 0xab } },
                         .fetches = 2,
                         .duration_ms = 40,
                         .namespace = "turn-server" };

  stage_create (self);
  find (self, "turn-server@home", &found, &answer);
  stage_assert_said ("service turn-server");
  g_assert_no_error (answer.error);
  g_assert_cmpstr (answer.service->name, ==, "turn-server");
  g_assert_cmpstr (answer.service->node_id, ==, "ab000000000000000000000000000000");
  g_assert_cmpuint (answer.service->fetches, ==, 2);
  g_assert_cmpuint (answer.service->duration_ms, ==, 40);
  peal_service_free (answer.service);
}

static void
test_nobody (Stage *self, gconstpointer data)
{
  Answer answer = { 0 };
  ServiceFound found = { .was_answered = true, .namespace = "voice-mail" };

  stage_create (self);
  find (self, "voice-mail", &found, &answer);
  g_assert_cmpstr (answer.error->message, ==, "Nobody offers “voice-mail” in “home” now.");
  g_error_free (answer.error);
}

static void
test_silence (Stage *self, gconstpointer data)
{
  Answer answer = { 0 };
  ServiceFound found = { .namespace = "voice-mail" };

  stage_create (self);
  find (self, "voice-mail", &found, &answer);
  g_assert_cmpstr (answer.error->message, ==, "No network connection");
  g_error_free (answer.error);
}

static void
test_nowhere (Stage *self, gconstpointer data)
{
  Answer none = { 0 }, elsewhere = { 0 };

  peal_phone_find_service_async (self->phone, "voice-mail", NULL, on_answer, &none);
  settle ();
  stage_create (self);
  peal_phone_find_service_async (self->phone, "voice-mail@work", NULL, on_answer, &elsewhere);
  settle ();
  g_assert_cmpstr (none.error->message, ==, "You are in no network yet");
  g_assert_cmpstr (elsewhere.error->message, ==, "You are not in a network called “work”.");
  g_error_free (none.error);
  g_error_free (elsewhere.error);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/service/a-provider-is-told", test_found);
  ADD ("/service/nobody-offers-it", test_nobody);
  ADD ("/service/nobody-answers", test_silence);
  ADD ("/service/in-a-network-of-ours-only", test_nowhere);
  return g_test_run ();
}
