/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-private.h"
#include "ui/call-controls.h"

static void
on_answer (gpointer owner, PealCall *call)
{
  *(unsigned *) owner += 1;
}

static const PealCallActions call_actions = { .answer = on_answer };

static PealCall *
make_call (bool is_incoming, gpointer owner)
{
  const PealCallStart start = { 1, "bob@home", "bob@home", "Bob", is_incoming };
  return peal_call_new (&start, &call_actions, owner);
}

/* Somebody types on while a call comes in: the first half second answers nothing. */
static void
test_typing_answers_nothing (void)
{
  unsigned answered = 0;
  g_autoptr (PealCall) call = make_call (true, &answered);
  GActionGroup *controls = peal_call_controls_new (call);

  peal_call_show_state (call, PEAL_CALL_RINGING);
  g_assert_false (g_action_group_get_action_enabled (controls, "answer"));
  g_assert_false (g_action_group_get_action_enabled (controls, "decline"));
  g_action_group_activate_action (controls, "answer", NULL);
  g_assert_cmpuint (answered, ==, 0);

  while (!g_action_group_get_action_enabled (controls, "answer"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_action_group_get_action_enabled (controls, "decline"));
  g_action_group_activate_action (controls, "answer", NULL);
  g_assert_cmpuint (answered, ==, 1);
  g_object_unref (controls);
  peal_call_detach (call);
}

static void
assert_enabled (GActionGroup *controls, bool mute, bool hold, bool end)
{
  g_assert_cmpint (g_action_group_get_action_enabled (controls, "mute"), ==, mute);
  g_assert_cmpint (g_action_group_get_action_enabled (controls, "hold"), ==, hold);
  g_assert_cmpint (g_action_group_get_action_enabled (controls, "end"), ==, end);
  g_assert_false (g_action_group_get_action_enabled (controls, "answer"));
}

static void
test_states (void)
{
  g_autoptr (PealCall) call = make_call (false, NULL);
  GActionGroup *controls = peal_call_controls_new (call);

  assert_enabled (controls, true, false, true);
  peal_call_show_state (call, PEAL_CALL_RINGING);
  assert_enabled (controls, true, false, true);
  peal_call_show_state (call, PEAL_CALL_UP);
  assert_enabled (controls, true, true, true);
  peal_call_show_end (call, "Call ended", "", PEAL_CALL_REMEDY_NONE);
  assert_enabled (controls, false, false, false);
  g_object_unref (controls);
  peal_call_detach (call);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/call-controls/typing-answers-nothing", test_typing_answers_nothing);
  g_test_add_func ("/ui/call-controls/each-is-enabled-while-it-makes-sense", test_states);
  return g_test_run ();
}
