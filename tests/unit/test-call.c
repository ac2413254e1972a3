/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-private.h"

typedef struct Asked {
  unsigned answers, ends, digits;
} Asked;

static void
on_answer (gpointer owner, PealCall *self)
{
  ((Asked *) owner)->answers++;
}

static void
on_end (gpointer owner, PealCall *self)
{
  ((Asked *) owner)->ends++;
}

static void
on_digit (gpointer owner, PealCall *self, char digit)
{
  ((Asked *) owner)->digits++;
}

static const PealCallActions actions = {
  .answer = on_answer,
  .end = on_end,
  .send_digit = on_digit,
};

static PealCall *
call_new (bool is_incoming, Asked *asked)
{
  return peal_call_new (&(PealCallStart){ .id = 7,
                                          .address = "bob@home-x.peal.alt",
                                          .display_address = "bob@home",
                                          .name = "Bob",
                                          .is_incoming = is_incoming },
                        &actions, asked);
}

static void
test_only_what_the_state_allows_is_asked (void)
{
  Asked asked = { 0 };
  g_autoptr (PealCall) self = call_new (true, &asked);

  peal_call_send_digit (self, '1');
  peal_call_answer (self);
  peal_call_show_state (self, PEAL_CALL_UP);
  peal_call_answer (self);
  peal_call_send_digit (self, '1');
  peal_call_send_digit (self, 'x');
  peal_call_end (self);
  peal_call_show_end (self, "Call ended", "", PEAL_CALL_REMEDY_NONE);
  peal_call_end (self);
  g_assert_cmpuint (asked.answers, ==, 1);
  g_assert_cmpuint (asked.digits, ==, 1);
  g_assert_cmpuint (asked.ends, ==, 1);
}

static void
test_ended_stays_ended (void)
{
  Asked asked = { 0 };
  g_autoptr (PealCall) self = call_new (false, &asked);
  g_autofree char *text = NULL, *hint = NULL;

  peal_call_show_end (self, "Bob is busy", "", PEAL_CALL_REMEDY_CALL_AGAIN);
  peal_call_show_end (self, "Bob declined", "", PEAL_CALL_REMEDY_NONE);
  peal_call_show_state (self, PEAL_CALL_UP);
  g_assert_cmpint (peal_call_get_state (self), ==, PEAL_CALL_ENDED);
  g_assert_cmpint (peal_call_get_remedy (self), ==, PEAL_CALL_REMEDY_CALL_AGAIN);
  g_object_get (self, "state-text", &text, "end-hint", &hint, NULL);
  g_assert_cmpstr (text, ==, "Bob is busy");
  g_assert_cmpstr (hint, ==, "");
}

static void
test_every_property_reads (void)
{
  Asked asked = { 0 };
  g_autoptr (PealCall) self = call_new (false, &asked);
  guint count;
  g_autofree GParamSpec **specs =
    g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &count);

  g_assert_cmpuint (count, ==, 23);
  for (guint i = 0; i < count; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    g_object_get_property (G_OBJECT (self), specs[i]->name, &value);
    if (G_VALUE_HOLDS_STRING (&value))
      g_assert_nonnull (g_value_get_string (&value));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/only-what-the-state-allows-is-asked",
                   test_only_what_the_state_allows_is_asked);
  g_test_add_func ("/call/ended-stays-ended", test_ended_stays_ended);
  g_test_add_func ("/call/every-property-reads", test_every_property_reads);
  return g_test_run ();
}
