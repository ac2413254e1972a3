/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/calls.h"
#include "tests/unit/phone-stage.h"

static PealCall *
dial (Stage *self, const char *typed)
{
  g_autoptr (GError) error = NULL;
  PealCall *call = peal_phone_dial (self->phone, typed, &error);

  g_assert_no_error (error);
  return call;
}

/* RFC 7904, 4.1: what was typed names one device; its letters are no address's. */
static void
test_dialled_device (Stage *self, gconstpointer data)
{
  stage_create (self);
  dial (self, "sip:bob@home;gr=AbC~");
  stage_assert_said ("device AbC~");
  dial (self, "carol@home");
  stage_assert_not_said ("device");
}

static void
test_dialled (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL, *expected = NULL;
  PealCall *call;
  PealHistoryEntry *entry;
  PealCallFacts facts;

  stage_create (self);
  bob = stage_address (self, "bob");
  expected = g_strdup_printf ("call %s", bob);
  call = dial (self, "bob@home");
  g_assert_cmpstr (peal_call_get_address (call), ==, bob);
  g_assert_cmpstr (stage_text (call, "state-text"), ==, "Looking for bob…");
  stage_assert_said (expected);

  stage_tell_call (self, 1, NODE_CALL_CONNECTING, 0, bob);
  g_assert_cmpstr (stage_text (call, "state-text"), ==, "Connecting…");
  stage_tell_call (self, 1, NODE_CALL_RINGING, 0, bob);
  g_assert_cmpstr (stage_text (call, "state-text"), ==, "Ringing…");
  stage_assert_said ("tone ringback");
  entry = stage_item (peal_phone_get_history (self->phone), 0);

  stage_tell_call (self, 1, NODE_CALL_UP, 0, bob);
  stage_assert_said ("tone none");
  stage_tell_media (self, 1, 44);
  stage_assert_said ("sound starts with opus");
  self->media_events->send (self->media_data, bytes_of_text ("srtp"));
  stage_assert_said ("send 44 srtp");
  stage_receive (self, 45, "stray");
  stage_assert_not_said ("hear stray");
  stage_receive (self, 44, "voice");
  stage_assert_said ("hear voice");
  self->media_events->first_sound (self->media_data);
  facts = peal_call_get_facts (call);
  g_assert_cmpint (facts.ring_ms, >=, 0);
  g_assert_cmpint (facts.answer_to_sound_ms, >=, 0);
  g_assert_true (facts.is_encrypted && facts.is_direct);
  g_assert_cmpstr (stage_text (call, "security-text"), ==, "Encrypted");
  g_assert_cmpstr (stage_text (call, "path-text"), ==, "direct connection");

  peal_call_end (call);
  stage_assert_said ("end 1");
  stage_tell_call (self, 1, NODE_CALL_ENDED, NODE_CALL_END_HUNG_UP, bob);
  g_assert_cmpuint (self->sessions, ==, 0);
  g_assert_true (g_str_has_prefix (stage_text (call, "end-text"), "Call ended · "));
  g_assert_true (g_str_has_prefix (stage_text (entry, "text"), "Call, "));
  peal_call_close (call);
  g_assert_cmpuint (stage_count (peal_phone_get_calls (self->phone)), ==, 0);
}

static void
test_nothing_is_heard_before_the_answer (Stage *self, gconstpointer data)
{
  stage_create (self);
  dial (self, "bob");
  stage_tell_call (self, 1, NODE_CALL_RINGING, 0, NULL);
  stage_tell_media (self, 1, 44);
  stage_receive (self, 44, "early");
  stage_assert_not_said ("sound starts with opus");
  stage_tell_call (self, 1, NODE_CALL_UP, 0, NULL);
  stage_assert_said ("sound starts with opus");
  stage_tell_call (self, 1, NODE_CALL_ENDED, NODE_CALL_END_LOST, NULL);
}

static void
test_answered (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealCall *call;

  stage_create (self);
  bob = stage_address (self, "bob");
  stage_tell_incoming (self, 0x80000001, bob, &key);
  call = stage_item (peal_phone_get_calls (self->phone), 0);
  g_assert_true (peal_call_get_is_incoming (call));
  g_assert_cmpstr (stage_text (call, "state-text"), ==, "bob is calling");
  stage_assert_said ("tone ring");
  peal_call_answer (call);
  stage_assert_said ("answer 2147483649");
  stage_tell_call (self, 0x80000001, NODE_CALL_UP, 0, bob);
  stage_assert_said ("presence 7");
  peal_call_set_muted (call, true);
  stage_assert_said ("muted 1");
  peal_call_send_digit (call, '5');
  stage_assert_said ("digit 5");
  stage_tell_call (self, 0x80000001, NODE_CALL_ENDED, NODE_CALL_END_HUNG_UP, bob);
  stage_assert_said ("presence 4");
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 0);
}

static void
test_missed (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealContact *contact;
  g_autoptr (GListModel) with = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", "Bob", NULL);
  with = peal_phone_history_with (self->phone, bob);
  stage_tell_incoming (self, 0x80000001, bob, &key);
  stage_tell_call (self, 0x80000001, NODE_CALL_ENDED, NODE_CALL_END_CANCELLED, bob);
  g_assert_cmpstr (stage_text (contact, "detail"), ==, "1 missed call");
  g_assert_cmpuint (stage_count (with), ==, 1);
  g_assert_cmpstr (stage_text (stage_item (with, 0), "text"), ==, "Missed call");
  g_assert_cmpstr (stage_text (stage_item (peal_phone_get_calls (self->phone), 0), "end-text"), ==,
                   "Missed call from Bob");

  stage_restart (self);
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 1);
  peal_phone_mark_seen (self->phone, bob);
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 0);
  stage_restart (self);
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 0);
  g_assert_cmpuint (stage_count (peal_phone_get_history (self->phone)), ==, 1);
}

static void
test_declined_is_not_missed (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  stage_tell_incoming (self, 0x80000001, bob, NULL);
  peal_call_decline (stage_item (peal_phone_get_calls (self->phone), 0));
  stage_assert_said ("decline 2147483649");
  stage_tell_call (self, 0x80000001, NODE_CALL_ENDED, NODE_CALL_END_DECLINED, bob);
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 0);
}

static void
test_one_is_talked_on (Stage *self, gconstpointer data)
{
  g_autofree char *carol = NULL;

  stage_create (self);
  carol = stage_address (self, "carol");
  stage_tell_incoming (self, 0x80000001, carol, NULL);
  dial (self, "bob");
  stage_tell_call (self, 1, NODE_CALL_UP, 0, NULL);
  peal_call_answer (stage_item (peal_phone_get_calls (self->phone), 1));
  stage_assert_said ("hold 1");
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_HOLD,
                                  .hold = { .call = 1, .is_local = true } });
  stage_assert_said ("direction 0 0");
  stage_tell_call (self, 0x80000001, NODE_CALL_UP, 0, carol);
  peal_call_set_held (stage_item (peal_phone_get_calls (self->phone), 0), false);
  stage_assert_said ("hold 2147483649");
}

static void
test_who_talks_is_busy (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL, *carol = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  carol = stage_address (self, "carol");
  dial (self, "bob");
  stage_tell_incoming (self, 0x80000001, bob, NULL); /* who calls us at the same moment rings */
  g_assert_cmpuint (stage_count (peal_phone_get_calls (self->phone)), ==, 2);
  stage_tell_call (self, 1, NODE_CALL_UP, 0, NULL);
  stage_tell_incoming (self, 0x80000002, carol, NULL);
  stage_assert_said ("decline 2147483650 busy");
  g_assert_cmpuint (stage_count (peal_phone_get_calls (self->phone)), ==, 2);
  stage_tell_call (self, 0x80000002, NODE_CALL_ENDED, NODE_CALL_END_BUSY, carol);
  g_assert_cmpuint (peal_phone_get_missed (self->phone), ==, 1);
}

static void
test_busy (Stage *self, gconstpointer data)
{
  PealCall *call;

  stage_create (self);
  call = dial (self, "bob");
  stage_tell_call (self, 1, NODE_CALL_ENDED, NODE_CALL_END_BUSY, NULL);
  stage_assert_said ("tone busy");
  g_assert_cmpstr (stage_text (call, "end-text"), ==, "bob is busy");
  g_assert_cmpstr (stage_text (stage_item (peal_phone_get_history (self->phone), 0), "text"), ==,
                   "No answer");
}

static void
test_key_changed (Stage *self, gconstpointer data)
{
  UserKey first = stage_key (1), other = stage_key (2);
  g_autofree char *bob = NULL, *expected = NULL;
  PealCall *call;
  PealContact *contact;
  NodeEvent event = { .type = NODE_EVENT_CALL_STATE };

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", "Bob", NULL);
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_PRESENCE,
                                  .presence = { .address = bob,
                                                .presence = NODE_PRESENCE_AVAILABLE,
                                                .user_key = &first } });
  call = dial (self, "bob");
  expected = g_strdup_printf ("call %s pinned 1", bob);
  stage_assert_said (expected);
  event.call.call = 1;
  event.call.state = NODE_CALL_ENDED;
  event.call.end = NODE_CALL_END_KEY_CHANGED;
  event.call.address = bob;
  event.call.user_key = &other;
  stage_tell (self, &event);
  g_assert_true (g_str_has_prefix (stage_text (call, "end-text"), "Bob's key has changed since "));
  g_assert_cmpint (peal_call_get_remedy (call), ==, PEAL_CALL_REMEDY_COMPARE);

  /* Calling whoever has it trusts nobody; words that match do. */
  g_assert_nonnull (peal_phone_dial_new_key (self->phone, bob));
  g_clear_pointer (&expected, g_free);
  expected = g_strdup_printf ("call %s pinned 2", bob);
  stage_assert_said (expected);
  g_assert_true (peal_contact_get_is_key_changed (contact));
  contacts_compared (self->phone->contacts, bob, &other, true);
  g_assert_null (peal_phone_dial_new_key (self->phone, bob));
  g_clear_pointer (&expected, g_free);
  expected = g_strdup_printf ("subscribe %s key 2", bob);
  stage_assert_said (expected);
}

static void
test_history_survives_a_crash (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL;
  g_autoptr (Store) other = NULL;
  g_autoptr (GPtrArray) calls = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  stage_tell_incoming (self, 0x80000001, bob, NULL);
  /* What another process finds on the disk while it rings. */
  other = store_new (self->folder, NULL);
  calls = store_calls (other, 9);
  g_assert_cmpuint (calls->len, ==, 1);
  g_assert_true (((StoreCall *) calls->pdata[0])->is_missed);
}

/* Neither the disk nor the devices hold up what is sent; and what was asked for meanwhile counts.
 */
static void
test_rings_before_devices_open (Stage *self, gconstpointer data)
{
  GListModel *history;
  PealCall *call;

  stage_create (self);
  history = peal_phone_get_history (self->phone);
  call = dial (self, "bob");
  g_assert_cmpuint (stage_count (history), ==, 0);
  g_assert_cmpuint (self->sessions, ==, 0);
  peal_call_set_muted (call, true);
  stage_assert_not_said ("muted 1");
  stage_tell_call (self, 1, NODE_CALL_RINGING, 0, NULL);
  stage_assert_said ("muted 1");
  g_assert_cmpuint (stage_count (history), ==, 1);
  g_assert_cmpuint (self->sessions, ==, 1);
}

static void
test_long_search_opens_devices (Stage *self, gconstpointer data)
{
  stage_create (self);
  dial (self, "bob");
  while (self->sessions == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (stage_count (peal_phone_get_history (self->phone)), ==, 1);
  stage_tell_call (self, 1, NODE_CALL_RINGING, 0, NULL);
  stage_tell_call (self, 1, NODE_CALL_UP, 0, NULL);
  g_assert_cmpuint (stage_count (peal_phone_get_history (self->phone)), ==, 1);
  g_assert_cmpuint (self->sessions, ==, 1);
}

static void
test_stopping_ends_calls (Stage *self, gconstpointer data)
{
  PealCall *call;

  stage_create (self);
  call = dial (self, "bob");
  peal_phone_stop (self->phone);
  stage_assert_said ("end 1");
  g_assert_cmpint (peal_call_get_state (call), ==, PEAL_CALL_ENDED);
  g_assert_cmpstr (stage_text (call, "end-text"), ==, "No network connection");
}

static void
test_options (Stage *self, gconstpointer data)
{
  CallMediaOptions silent = { .is_silent = true };

  stage_create (self);
  peal_phone_set_call_options (self->phone, &silent);
  dial (self, "bob");
  stage_tell_call (self, 1, NODE_CALL_RINGING, 0, NULL);
  stage_assert_said ("devices silent");
  peal_phone_set_call_options (self->phone, NULL);
  g_assert_nonnull (peal_phone_dial_with (self->phone, "carol", &silent, NULL));
  stage_tell_call (self, 2, NODE_CALL_RINGING, 0, NULL);
  stage_assert_said ("devices silent");
  dial (self, "dave");
  stage_tell_call (self, 3, NODE_CALL_RINGING, 0, NULL);
  stage_assert_said ("devices open");
}

/* ---- Words ---- */

static PealCall *
talk (Stage *self, const char *bob, const UserKey *key)
{
  stage_tell_incoming (self, 0x80000001, bob, key);
  stage_tell_call (self, 0x80000001, NODE_CALL_UP, 0, bob);
  return stage_item (peal_phone_get_calls (self->phone), 0);
}

static void
tell_words (Stage *self, const UserKey *key, const uint16_t *words)
{
  stage_tell (self,
              &(NodeEvent){ .type = NODE_EVENT_CALL_WORDS,
                            .words = { .call = 0x80000001, .user_key = key, .words = words } });
}

static void
test_words_match (Stage *self, gconstpointer data)
{
  static const uint16_t words[] = { 0, 1, 2, 2047 };
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealContact *contact;
  PealCall *call;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", "Bob", NULL);
  call = talk (self, bob, &key);
  g_assert_cmpstr (peal_call_get_words (call), ==, "");
  tell_words (self, &key, words);
  g_assert_cmpstr (peal_call_get_words (call), ==, "abacus abbey ability zodiac");
  g_assert_cmpstr (stage_text (call, "security-text"), ==,
                   "Encrypted · compare words to be sure it is Bob");
  peal_call_compared (call, true);
  g_assert_cmpint (peal_call_get_security (call), ==, PEAL_CALL_SECURITY_VERIFIED);
  g_assert_cmpstr (stage_text (call, "security-text"), ==, "Encrypted and verified");
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  stage_tell_call (self, 0x80000001, NODE_CALL_ENDED, NODE_CALL_END_HUNG_UP, bob);
  peal_call_compared (call, false); /* it is over */
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  peal_call_close (call);

  call = talk (self, bob, &key);
  g_assert_cmpint (peal_call_get_security (call), ==, PEAL_CALL_SECURITY_VERIFIED);
}

static void
test_words_differ (Stage *self, gconstpointer data)
{
  static const uint16_t words[] = { 0, 1, 2, 3 };
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealContact *contact;
  PealCall *call;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", "Bob", NULL);
  call = talk (self, bob, &key);
  tell_words (self, &key, words);
  peal_call_compared (call, false);
  stage_assert_said ("end 2147483649");
  stage_tell_call (self, 0x80000001, NODE_CALL_ENDED, NODE_CALL_END_HUNG_UP, bob);
  g_assert_cmpstr (stage_text (call, "security-text"), ==,
                   "The words do not match: somebody may be listening between you and Bob.");
  g_assert_cmpint (peal_call_get_remedy (call), ==, PEAL_CALL_REMEDY_CALL_AGAIN);
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_DIFFERED);
  peal_call_close (call);

  call = talk (self, bob, &key); /* it is not forgotten */
  g_assert_cmpint (peal_call_get_security (call), ==, PEAL_CALL_SECURITY_DOUBTFUL);
}

static void
test_words_forged (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealCall *call;

  stage_create (self);
  bob = stage_address (self, "bob");
  call = talk (self, bob, &key);
  tell_words (self, &key, NULL);
  g_assert_cmpstr (peal_call_get_words (call), ==, "");
  g_assert_cmpint (peal_call_get_security (call), ==, PEAL_CALL_SECURITY_DOUBTFUL);
  peal_call_compared (call, true);
  g_assert_cmpint (peal_call_get_security (call), ==, PEAL_CALL_SECURITY_DOUBTFUL);
}

static void
test_lost (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (3);
  g_autofree char *bob = NULL;
  PealCall *call;

  stage_create (self);
  bob = stage_address (self, "bob");
  call = talk (self, bob, &key);
  stage_tell_call (self, 0x80000001, NODE_CALL_LOST, 0, bob);
  g_assert_cmpstr (stage_text (call, "state-text"), ==, "Reconnecting… (32 s left, then ends)");
  stage_tell_call (self, 0x80000001, NODE_CALL_UP, 0, bob);
  g_assert_true (g_str_has_prefix (stage_text (call, "state-text"), "In call · "));
}

/* ---- Whom to call ---- */

static void
test_several_owners (Stage *self, gconstpointer data)
{
  UserKey owners[] = { stage_key (5), stage_key (6) };
  g_autofree char *bob = NULL, *expected = NULL;
  const PealCallChoice *choices;
  PealCall *call, *second;
  size_t count;

  stage_create (self);
  bob = stage_address (self, "bob");
  expected = g_strdup_printf ("call %s pinned 6", bob);
  call = dial (self, "bob");
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_STATE,
                                  .call = { .call = 1,
                                            .state = NODE_CALL_ENDED,
                                            .end = NODE_CALL_END_SEVERAL_OWNERS,
                                            .address = bob,
                                            .owners = owners,
                                            .owner_count = 2 } });
  g_assert_cmpint (peal_call_get_remedy (call), ==, PEAL_CALL_REMEDY_CHOOSE);
  g_assert_cmpstr (stage_text (call, "end-text"), ==,
                   "Several people are called bob@home. Whom do you want to call?");
  choices = peal_call_get_choices (call, &count);
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpstr (choices[0].words, !=, choices[1].words);
  g_assert_null (choices[0].name);
  g_assert_null (peal_phone_dial_choice (self->phone, call, 2));
  second = peal_phone_dial_choice (self->phone, call, 1);
  g_assert_nonnull (second);
  stage_assert_said (expected);
  g_assert_null (contacts_pin (self->phone->contacts, bob)); /* a stranger, for this call only */
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/calls/dialled", test_dialled);
  ADD ("/calls/rfc7904-4.1-1-a-device-that-was-typed", test_dialled_device);
  ADD ("/calls/nothing-is-heard-before-the-answer", test_nothing_is_heard_before_the_answer);
  ADD ("/calls/answered", test_answered);
  ADD ("/calls/missed", test_missed);
  ADD ("/calls/declined-is-not-missed", test_declined_is_not_missed);
  ADD ("/calls/one-is-talked-on", test_one_is_talked_on);
  ADD ("/calls/who-talks-is-busy", test_who_talks_is_busy);
  ADD ("/calls/busy", test_busy);
  ADD ("/calls/threat-4.15-key-changed", test_key_changed);
  ADD ("/calls/threat-5.1-history-survives-a-crash", test_history_survives_a_crash);
  ADD ("/calls/stopping-ends-calls", test_stopping_ends_calls);
  ADD ("/calls/words/that-match-verify", test_words_match);
  ADD ("/calls/words/that-differ-end-the-call", test_words_differ);
  ADD ("/calls/words/threat-4.15-forged-ones-warn", test_words_forged);
  ADD ("/calls/a-lost-one-says-how-long-it-is-sought", test_lost);
  ADD ("/calls/threat-4.15-of-several-owners-one-is-chosen", test_several_owners);
  ADD ("/calls/options", test_options);
  ADD ("/calls/rings-before-devices-open", test_rings_before_devices_open);
  ADD ("/calls/long-search-opens-devices", test_long_search_opens_devices);
  return g_test_run ();
}
