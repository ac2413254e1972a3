/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-end.h"
#include "core/phone/contact-private.h"
#include "core/phone/words.h"

static const PealCallActions actions = { 0 };

static PealCall *
call_new (bool is_incoming)
{
  return peal_call_new (&(PealCallStart){ .id = 7,
                                          .address = "bob@home-x.peal.alt",
                                          .display_address = "bob@home",
                                          .name = "Bob",
                                          .is_incoming = is_incoming },
                        &actions, NULL);
}

static void
test_missed (void)
{
  static const struct {
    bool is_incoming;
    CallEnd how;
    bool is_missed;
  } rows[] = {
    { true, { .end = NODE_CALL_END_CANCELLED }, true },
    { true, { .end = NODE_CALL_END_LOST }, true },
    { true, { .end = NODE_CALL_END_DECLINED }, false },
    { true, { .end = NODE_CALL_END_ELSEWHERE }, false },
    { true, { .end = NODE_CALL_END_HUNG_UP, .is_answered = true }, false },
    { false, { .end = NODE_CALL_END_NO_ANSWER }, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (PealCall) call = call_new (rows[i].is_incoming);

    g_assert_cmpint (call_end_is_missed (call, &rows[i].how), ==, rows[i].is_missed);
  }
}

static PealCallRemedy
remedy_of (PealContact *contact, CallEnd how)
{
  g_autoptr (PealCall) call = call_new (false);

  call_end_show (call, contact, &how);
  g_assert_cmpint (peal_call_get_state (call), ==, PEAL_CALL_ENDED);
  return peal_call_get_remedy (call);
}

static void
test_remedies (void)
{
  g_autoptr (PealContact) bob = peal_contact_new ("bob@home", "bob@home", "Bob", NULL, NULL);
  CallEnd unknown = { .end = NODE_CALL_END_NO_SUCH_NAME };
  CallEnd differed = { .end = NODE_CALL_END_HUNG_UP, .is_answered = true, .is_doubtful = true };

  g_assert_cmpint (remedy_of (NULL, unknown), ==, PEAL_CALL_REMEDY_ADD_FOR_LATER);
  g_assert_cmpint (remedy_of (bob, unknown), ==, PEAL_CALL_REMEDY_CALL_AGAIN);
  g_assert_cmpint (remedy_of (bob, differed), ==, PEAL_CALL_REMEDY_CALL_AGAIN);
  differed.is_doubtful = false;
  g_assert_cmpint (remedy_of (bob, differed), ==, PEAL_CALL_REMEDY_NONE);
}

static char *
hint_of (PealContact *contact, bool has_relays)
{
  g_autoptr (PealCall) call = call_new (false);
  char *hint;

  call_end_show (call, contact,
                 &(CallEnd){ .end = NODE_CALL_END_NO_MEDIA_PATH, .has_relays = has_relays });
  g_object_get (call, "end-hint", &hint, NULL);
  return hint;
}

/* Only who is called by relays alone misses them. */
static void
test_want_of_a_relay_is_told (void)
{
  g_autoptr (PealContact) bob = peal_contact_new ("bob@home", "bob@home", "Bob", NULL, NULL);
  g_autofree char *plain = hint_of (bob, false), *without = NULL, *with = NULL;

  peal_contact_show_relayed (bob, true);
  without = hint_of (bob, false);
  with = hint_of (bob, true);
  g_assert_cmpstr (without, ==, words_no_relay ());
  g_assert_cmpstr (plain, !=, without);
  g_assert_cmpstr (with, ==, plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call-end/missed", test_missed);
  g_test_add_func ("/call-end/remedies", test_remedies);
  g_test_add_func ("/call-end/want-of-a-relay-is-told", test_want_of_a_relay_is_told);
  return g_test_run ();
}
