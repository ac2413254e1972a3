/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/phone.h"
#include <glib/gstdio.h>

/* Whole phones in one process, over loopback: real overlay, SIP, ICE and DTLS; only the sound is
 * made of plain datagrams.
 *
 *   alice: creates "home", invites      bob: joins by the invitation
 *        \______ 127.0.0.1 ______________/
 */

/* ---- Media whose sound is a byte ---- */

typedef struct Speaker {
  CallMedia media;
  const CallMediaEvents *events;
  void *user_data;
  guint talking;
  unsigned heard;
  uint8_t said;
  uint8_t last_heard;
} Speaker;

struct CallMediaSession {
  Speaker *speaker;
};

static const MediaCodec *
codecs (void *media, size_t *ret_count)
{
  static const MediaCodec opus = {
    .name = "opus", .clock_rate = 48000, .channels = 2, .payload_type = 111
  };

  *ret_count = 1;
  return &opus;
}

static CallMediaSession *
session_new (void *media,
             const CallMediaOptions *options,
             const CallMediaEvents *events,
             void *user_data)
{
  CallMediaSession *session = g_new0 (CallMediaSession, 1);

  session->speaker = media;
  session->speaker->events = events;
  session->speaker->user_data = user_data;
  return session;
}

static gboolean
on_frame (gpointer user_data)
{
  Speaker *self = user_data;
  uint8_t frame[14] = { 0x80, self->said };

  self->events->send (self->user_data, (Bytes){ frame, sizeof frame });
  return G_SOURCE_CONTINUE;
}

static void
session_free (CallMediaSession *session)
{
  g_clear_handle_id (&session->speaker->talking, g_source_remove);
  g_free (session);
}

static void
session_start (CallMediaSession *session,
               const SrtpKeys *keys,
               const MediaCodec *list,
               size_t count)
{
  g_assert_cmpstr (list[0].name, ==, "opus");
  if (session->speaker->talking == 0)
    session->speaker->talking = g_timeout_add (20, on_frame, session->speaker);
}

static void
session_receive (CallMediaSession *session, Bytes datagram)
{
  Speaker *self = session->speaker;

  g_assert_cmpuint (datagram.size, ==, 14);
  self->last_heard = datagram.data[1];
  if (self->heard++ == 0)
    self->events->first_sound (self->user_data);
}

static void
session_set_direction (CallMediaSession *session, bool is_sending, bool is_receiving)
{
}

static void
session_set_muted (CallMediaSession *session, bool is_muted)
{
}

static void
session_send_digit (CallMediaSession *session, char digit)
{
}

static void
set_tone (void *media, CallMediaTone tone)
{
}

static GPtrArray *
devices (void *media)
{
  return g_ptr_array_new ();
}

static void
watch_devices (void *media, void (*changed) (void *user_data), void *user_data)
{
}

static void
speaker_init (Speaker *self, uint8_t said)
{
  *self = (Speaker){ .said = said,
                     .media = { .media = self,
                                .codecs = codecs,
                                .session_new = session_new,
                                .session_free = session_free,
                                .session_start = session_start,
                                .session_receive = session_receive,
                                .session_set_direction = session_set_direction,
                                .session_set_muted = session_set_muted,
                                .session_send_digit = session_send_digit,
                                .set_tone = set_tone,
                                .devices = devices,
                                .watch_devices = watch_devices } };
}

/* ---- Phones ---- */

typedef struct Agent {
  char *folder;
  Speaker speaker;
  PealPhone *phone;
} Agent;

static void
switch_on (Agent *self)
{
  PealPhoneOptions options = { .state_path = self->folder,
                               .media = &self->speaker.media,
                               .listen = "127.0.0.1:0",
                               .is_user = true,
                               .log_level = g_getenv ("PEAL_LOG") ? 4 : 1 };
  g_autoptr (GError) error = NULL;

  self->phone = peal_phone_new (&options, &error);
  g_assert_no_error (error);
}

static void
switch_off (Agent *self)
{
  peal_phone_stop (self->phone);
  g_clear_object (&self->phone);
}

static void
agent_init (Agent *self, uint8_t said)
{
  self->folder = g_dir_make_tmp ("peal-agent-XXXXXX", NULL);
  speaker_init (&self->speaker, said);
  switch_on (self);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      remove_folder (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

static void
agent_clear (Agent *self)
{
  switch_off (self);
  remove_folder (self->folder);
  g_free (self->folder);
}

static gboolean
on_too_long (gpointer what)
{
  g_error ("this never came: %s", (const char *) what);
  return G_SOURCE_REMOVE;
}

/* Runs until the condition holds; a minute is for the slowest machine under a sanitizer. */
#define wait_for(condition)                                                       \
  do {                                                                            \
    guint limit = g_timeout_add_seconds (60, on_too_long, (gpointer) #condition); \
                                                                                  \
    while (!(condition))                                                          \
      g_main_context_iteration (NULL, TRUE);                                      \
    g_source_remove (limit);                                                      \
  } while (0)

/* The list keeps it. */
static gpointer
item (GListModel *list, guint position)
{
  gpointer object = g_list_model_get_item (list, position);

  if (object)
    g_object_unref (object);
  return object;
}

static PealAccountState
state_of (Agent *self)
{
  PealAccount *account = item (peal_phone_get_accounts (self->phone), 0);

  return peal_account_get_state (account);
}

static PealCall *
call_of (Agent *self)
{
  return item (peal_phone_get_calls (self->phone), 0);
}

static bool
is_in_state (Agent *self, PealCallState state)
{
  PealCall *call = call_of (self);

  return call && peal_call_get_state (call) == state;
}

static PealPresence
presence_of (Agent *self)
{
  PealContact *contact = item (peal_phone_get_contacts (self->phone), 0);

  return contact ? peal_contact_get_presence (contact) : PEAL_PRESENCE_NOT_CONFIRMED;
}

static void
create (Agent *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (peal_phone_create (self->phone, "home", "alice", "Alice", &error));
  g_assert_no_error (error);
}

static void
join_as (Agent *self, Agent *host, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *invitation =
    peal_phone_invite (host->phone, item (peal_phone_get_accounts (host->phone), 0), &error);

  g_assert_no_error (error);
  g_assert_nonnull (peal_phone_join (self->phone, invitation, name, "Bob", &error));
  g_assert_no_error (error);
}

static void
meet (Agent *alice, Agent *bob)
{
  create (alice);
  join_as (bob, alice, "bob");
  wait_for (state_of (bob) == PEAL_ACCOUNT_READY && state_of (alice) == PEAL_ACCOUNT_READY);
}

static void
befriend (Agent *alice, Agent *bob)
{
  g_autoptr (GError) error = NULL;
  GListModel *requests = peal_phone_get_requests (bob->phone);

  peal_phone_add_contact (alice->phone, "bob@home", "Bob", &error);
  g_assert_no_error (error);
  wait_for (g_list_model_get_n_items (requests) == 1);
  peal_request_accept (item (requests, 0));
  wait_for (presence_of (alice) == PEAL_PRESENCE_AVAILABLE);
  wait_for (presence_of (bob) == PEAL_PRESENCE_AVAILABLE);
}

/* What has been dialled just now is answered. */
static void
talk_on (Agent *caller, Agent *callee)
{
  wait_for (is_in_state (callee, PEAL_CALL_RINGING));
  wait_for (is_in_state (caller, PEAL_CALL_RINGING));
  peal_call_answer (call_of (callee));
  wait_for (is_in_state (caller, PEAL_CALL_UP) && is_in_state (callee, PEAL_CALL_UP));
  wait_for (caller->speaker.heard > 5 && callee->speaker.heard > 5);
  g_assert_cmpuint (caller->speaker.last_heard, ==, callee->speaker.said);
  g_assert_cmpuint (callee->speaker.last_heard, ==, caller->speaker.said);
}

static void
talk (Agent *caller, const char *typed, Agent *callee)
{
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (peal_phone_dial (caller->phone, typed, &error));
  g_assert_no_error (error);
  talk_on (caller, callee);
}

static void
hang_up (Agent *self, Agent *other)
{
  peal_call_end (call_of (self));
  wait_for (is_in_state (self, PEAL_CALL_ENDED) && is_in_state (other, PEAL_CALL_ENDED));
  peal_call_close (call_of (self));
  peal_call_close (call_of (other));
  self->speaker.heard = other->speaker.heard = 0;
}

static void
assert_history (Agent *self, guint count, bool is_incoming)
{
  GListModel *history = peal_phone_get_history (self->phone);
  gboolean incoming, is_missed;
  guint duration;

  g_assert_cmpuint (g_list_model_get_n_items (history), ==, count);
  g_object_get (item (history, 0), "is-incoming", &incoming, "is-missed", &is_missed, "duration",
                &duration, NULL);
  g_assert_cmpint (incoming, ==, is_incoming);
  g_assert_false (is_missed);
  g_assert_cmpuint (duration, >, 0);
}

static void
test_strangers_call (void)
{
  Agent alice, bob;

  agent_init (&alice, 'a');
  agent_init (&bob, 'b');
  meet (&alice, &bob);
  talk (&alice, "bob@home", &bob);
  hang_up (&alice, &bob);
  assert_history (&alice, 1, false);
  assert_history (&bob, 1, true);
  agent_clear (&alice);
  agent_clear (&bob);
}

static void
test_buddies_call_and_come_back (void)
{
  Agent alice, bob;

  agent_init (&alice, 'a');
  agent_init (&bob, 'b');
  meet (&alice, &bob);
  befriend (&alice, &bob);
  talk (&bob, "alice", &alice);
  wait_for (presence_of (&alice) == PEAL_PRESENCE_IN_CALL);
  hang_up (&alice, &bob);
  wait_for (presence_of (&alice) == PEAL_PRESENCE_AVAILABLE);

  switch_off (&bob);
  wait_for (presence_of (&alice) != PEAL_PRESENCE_AVAILABLE);
  switch_on (&bob);
  wait_for (presence_of (&bob) == PEAL_PRESENCE_AVAILABLE);
  wait_for (presence_of (&alice) == PEAL_PRESENCE_AVAILABLE);
  talk (&alice, "bob", &bob);
  hang_up (&bob, &alice);
  assert_history (&alice, 2, false);
  assert_history (&bob, 2, true);
  agent_clear (&alice);
  agent_clear (&bob);
}

static void
assert_end (Agent *self, const char *words)
{
  g_autofree char *text = NULL;

  wait_for (is_in_state (self, PEAL_CALL_ENDED));
  g_object_get (call_of (self), "end-text", &text, NULL);
  g_assert_cmpstr (text, ==, words);
  peal_call_close (call_of (self));
}

static void
test_ends_say_why (void)
{
  Agent alice, bob;

  agent_init (&alice, 'a');
  agent_init (&bob, 'b');
  meet (&alice, &bob);

  peal_phone_dial (alice.phone, "nobody", NULL);
  assert_end (&alice, "Nobody called “nobody” is in “home”.");

  peal_phone_dial (alice.phone, "bob", NULL);
  wait_for (is_in_state (&bob, PEAL_CALL_RINGING));
  peal_call_decline (call_of (&bob));
  assert_end (&alice, "bob declined");
  assert_end (&bob, "You declined");

  peal_phone_dial (alice.phone, "bob", NULL);
  wait_for (is_in_state (&bob, PEAL_CALL_RINGING));
  peal_call_end (call_of (&alice));
  assert_end (&alice, "Call ended");
  assert_end (&bob, "Missed call from alice");
  g_assert_cmpuint (peal_phone_get_missed (bob.phone), ==, 1);
  agent_clear (&alice);
  agent_clear (&bob);
}

static void
test_another_under_a_known_name (void)
{
  Agent alice, bob, mallory;
  PealContact *contact;
  gboolean is_key_changed;

  agent_init (&alice, 'a');
  agent_init (&bob, 'b');
  meet (&alice, &bob);
  befriend (&alice, &bob);
  switch_off (&bob);
  agent_init (&mallory, 'm');
  join_as (&mallory, &alice, "bob");
  wait_for (state_of (&mallory) == PEAL_ACCOUNT_NAME_TAKEN);

  peal_phone_dial (alice.phone, "bob", NULL);
  wait_for (is_in_state (&alice, PEAL_CALL_ENDED));
  g_assert_cmpint (peal_call_get_remedy (call_of (&alice)), ==, PEAL_CALL_REMEDY_COMPARE);
  peal_call_close (call_of (&alice));
  contact = item (peal_phone_get_contacts (alice.phone), 0);
  g_object_get (contact, "is-key-changed", &is_key_changed, NULL);
  g_assert_true (is_key_changed);
  g_assert_null (call_of (&mallory));

  /* Talking to whoever has the new key trusts nobody; words that match do. */
  g_assert_nonnull (peal_phone_dial_new_key (alice.phone, peal_contact_get_address (contact)));
  talk_on (&alice, &mallory);
  g_assert_cmpint (peal_call_get_security (call_of (&alice)), ==, PEAL_CALL_SECURITY_KEY_CHANGED);
  wait_for (*peal_call_get_words (call_of (&alice)));
  g_assert_true (peal_contact_get_is_key_changed (contact));
  peal_call_compared (call_of (&alice), true);
  g_assert_false (peal_contact_get_is_key_changed (contact));
  g_assert_cmpint (peal_call_get_security (call_of (&alice)), ==, PEAL_CALL_SECURITY_VERIFIED);
  hang_up (&alice, &mallory);
  agent_clear (&mallory);
  switch_on (&bob);
  agent_clear (&bob);
  agent_clear (&alice);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phones/strangers-call", test_strangers_call);
  g_test_add_func ("/phones/buddies-call-and-come-back", test_buddies_call_and_come_back);
  g_test_add_func ("/phones/ends-say-why", test_ends_say_why);
  g_test_add_func ("/phones/threat-4.15-another-under-a-known-name",
                   test_another_under_a_known_name);
  return g_test_run ();
}
