/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/authority.h"
#include "core/os/private-file.h"
#include "core/overlay/configuration.h"
#include "core/phone/enrolment.h"
#include "core/phone/registrar.h"
#include "core/phone/renewal.h"
#include "tests/unit/identity-stage.h"
#include "tests/unit/phone-stage.h"

#include <sys/socket.h>

/* Anna owns an enrolled overlay and serves it over loopback; Bob has a phone of his own. */

typedef struct Club {
  Stage anna;
  char *folder; /* Bob's */
  PealPhone *bob;
  char *url, *listen;
  PealAccount *account; /* what came of the last attempt to join */
  GError *error;
  bool is_answered;
} Club;

#define DAY_S ((int64_t) 24 * 3600)

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* A port that nobody has now. The owner writes it into the configuration before the server is
 * there. */
static char *
free_place (void)
{
  g_autoptr (GSocket) socket =
    g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_strdup_printf ("127.0.0.1:%u",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

static void
start_bob (Club *self)
{
  const PealPhoneOptions options = { .state_path = self->folder,
                                     .listen = "127.0.0.1:6085",
                                     .is_user = true };
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->bob);
  self->bob = peal_phone_new (&options, &error);
  g_assert_no_error (error);
}

static void
serve (Club *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (peal_phone_serve (self->anna.phone, self->listen, &error));
  g_assert_no_error (error);
}

static void
set_up (Club *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  stage_set_up (&self->anna, NULL);
  self->folder = g_dir_make_tmp ("peal-bob-XXXXXX", NULL);
  self->listen = free_place ();
  self->url = g_strdup_printf ("https://%s", self->listen);
  g_assert_nonnull (
    peal_phone_create_enrolled (self->anna.phone, "club", NULL, self->url, "Anna", &error));
  g_assert_no_error (error);
  serve (self);
  start_bob (self);
}

static void
tear_down (Club *self, gconstpointer data)
{
  g_clear_error (&self->error);
  g_clear_object (&self->bob);
  stage_remove_folder (self->folder);
  stage_tear_down (&self->anna, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (self->folder);
  g_free (self->url);
  g_free (self->listen);
}

static void
on_joined (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Club *self = user_data;

  self->account = peal_phone_enrol_finish (PEAL_PHONE (object), result, &self->error);
  self->is_answered = true;
}

static void
join (Club *self, const char *invitation, const char *name, const char *code)
{
  const PealEnrolment options = { invitation, name, "Bob", code };

  g_clear_error (&self->error);
  self->account = NULL;
  self->is_answered = false;
  peal_phone_enrol_async (self->bob, &options, NULL, on_joined, self);
  while (!self->is_answered)
    g_main_context_iteration (NULL, TRUE);
}

static char *
invite (Club *self, const char *name, bool is_device, char **ret_code)
{
  g_autoptr (GError) error = NULL;
  char *text = peal_phone_add_user (self->anna.phone, name, is_device, ret_code, &error);

  g_assert_no_error (error);
  return text;
}

static void
assert_failed (Club *self, PealPhoneError code, const char *words)
{
  g_assert_null (self->account);
  g_assert_error (self->error, PEAL_PHONE_ERROR, (int) code);
  g_assert_cmpstr (self->error->message, ==, words);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 0);
}

static KeychainAccount *
keys_of (PealPhone *phone)
{
  return keychain_get_accounts (phone->keychain)->pdata[0];
}

/* ---- Joining ---- */

static void
test_joining (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "Bob", false, NULL);
  g_autofree char *label = NULL, *inviter = NULL, *name = NULL, *code = NULL;
  g_autoptr (GError) error = NULL;
  int64_t left_s;

  g_assert_true (peal_phone_read_invitation (text, &label, &inviter, NULL));
  g_assert_cmpstr (label, ==, "club");
  g_assert_cmpstr (inviter, ==, "anna");
  g_assert_true (peal_phone_read_enrolment (text, &name, &code));
  g_assert_cmpstr (name, ==, "bob");
  g_assert_cmpuint (strlen (code), ==, 19);

  g_assert_null (peal_phone_join (self->bob, text, "bob", "Bob", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CODE);
  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
  g_assert_cmpstr (peal_account_get_display_address (self->account), ==, "bob@club");
  g_assert_true (enrolment_is_good (keys_of (self->bob), &left_s));
  g_assert_cmpint (left_s, >, 89 * DAY_S);

  /* What is kept is enough, with the server off. */
  stage_restart (&self->anna);
  start_bob (self);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 1);
}

static void
test_used_invitation (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);

  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
  g_clear_object (&self->bob);
  stage_remove_folder (self->folder);
  start_bob (self);
  join (self, text, "bob", NULL);
  assert_failed (self, PEAL_PHONE_ERROR_CODE, "This invitation has been used. Ask for a new one.");
}

static void
test_codes_typed (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);
  g_autofree char *code = NULL, *capitals = NULL;
  g_autofree char *other = invite (self, "carol", false, &code);
  const char *const wrong = "This code is not right. Check it, or ask for a new one.";

  join (self, text, "bob", "abcd");
  assert_failed (self, PEAL_PHONE_ERROR_CODE, wrong);
  join (self, text, "bob", code);
  assert_failed (self, PEAL_PHONE_ERROR_CODE, wrong);
  capitals = g_ascii_strup (code, -1);
  join (self, text, "carol", capitals);
  g_assert_no_error (self->error);
}

static void
test_name_taken (Club *self, gconstpointer data)
{
  PealAccount *club = stage_item (peal_phone_get_accounts (self->anna.phone), 0);
  g_autofree char *text = peal_phone_invite (self->anna.phone, club, NULL);
  g_autofree char *name = NULL;

  g_assert_true (peal_phone_read_enrolment (text, &name, NULL));
  g_assert_cmpstr (name, ==, "");
  join (self, text, "anna", NULL);
  assert_failed (self, PEAL_PHONE_ERROR_NAME_TAKEN,
                 "Someone is already called anna@club. Try anna2.");
  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
}

static void
test_server_away (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);

  stage_restart (&self->anna);
  join (self, text, "bob", NULL);
  assert_failed (self, PEAL_PHONE_ERROR_SERVER,
                 "The server of “club” does not answer. Try again later.");
}

static void
test_other_server (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);
  g_autofree char *forged = NULL;
  Invitation invitation;

  g_assert_true (invitation_from_text (text, &invitation));
  invitation.root_hash[3] ^= 1;
  forged = invitation_to_text (&invitation);
  join (self, forged, "bob", NULL);
  assert_failed (self, PEAL_PHONE_ERROR_SERVER,
                 "The server of “club” could not be checked, so nothing was sent to it.");
  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
}

static void
test_giving_up (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const PealEnrolment options = { text, "bob", "Bob", NULL };

  peal_phone_enrol_async (self->bob, &options, cancellable, on_joined, self);
  g_cancellable_cancel (cancellable);
  while (!self->is_answered)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 0);
}

/* Whoever comes in from the local network gets no code by that. */
static void
test_knocking_gives_no_code (Club *self, gconstpointer data)
{
  Line *line = phone_find_line (self->anna.phone, keys_of (self->anna.phone)->instance_name);
  g_autofree char *text = line_invite (line);
  g_autofree char *none = NULL, *code = NULL;
  g_autofree char *other = invite (self, "bob", false, &code);

  g_assert_true (peal_phone_read_enrolment (text, NULL, &none));
  g_assert_cmpstr (none, ==, "");
  join (self, text, "bob", NULL);
  assert_failed (self, PEAL_PHONE_ERROR_CODE, "“club” asks for a code. Ask its owner for one.");
  join (self, text, "bob", code);
  g_assert_no_error (self->error);
}

/* ---- Owning ---- */

static void
test_owner_is_a_member (Club *self, gconstpointer data)
{
  const KeychainAccount *keys = keys_of (self->anna.phone);
  g_autoptr (GPtrArray) users = peal_phone_list_users (self->anna.phone, NULL);
  const PealUser *user = users->pdata[0];
  g_autoptr (GError) error = NULL;

  g_assert_true (enrolment_is_good (keys, NULL));
  g_assert_cmpuint (users->len, ==, 1);
  g_assert_cmpstr (user->name, ==, "anna");
  g_assert_cmpuint (user->devices, ==, 1);
  g_assert_null (
    peal_phone_create_enrolled (self->anna.phone, "other", NULL, self->url, "anna", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
  g_clear_error (&error);
  g_assert_false (peal_phone_remove_user (self->anna.phone, "anna", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
}

static void
test_only_owners_can (Club *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (peal_phone_add_user (self->bob, "carol", false, NULL, &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
  g_clear_error (&error);
  g_assert_null (peal_phone_list_users (self->bob, &error));
  g_clear_error (&error);
  g_assert_null (peal_phone_get_document (self->bob, &error));
  g_clear_error (&error);
  g_assert_false (peal_phone_serve (self->bob, "127.0.0.1:0", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
}

static void
test_bad_servers (Club *self, gconstpointer data)
{
  const char *const bad[] = { "", "club.example", "http://club.example/", "https:///",
                              "https://user@club.example/" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (peal_phone_create_enrolled (self->bob, "club", NULL, bad[i], "bob", &error));
    g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
  }
}

static void
test_names_are_given_once (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (peal_phone_add_user (self->anna.phone, "bob", false, NULL, &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
  second = invite (self, "bob", true, NULL);
  g_assert_cmpstr (text, !=, second);
}

static void
test_removing_revokes (Club *self, gconstpointer data)
{
  g_autofree char *text = invite (self, "bob", false, NULL);
  g_autofree char *document = NULL, *element = NULL;
  g_autoptr (GError) error = NULL;
  char hex[33];
  Line *line;

  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
  line = phone_find_line (self->bob, keys_of (self->bob)->instance_name);
  g_assert_true (peal_phone_remove_user (self->anna.phone, "bob", &error));
  g_assert_no_error (error);
  document = peal_phone_get_document (self->anna.phone, NULL);
  element = g_strdup_printf ("<bad-node>%s</bad-node>",
                             node_id_to_hex (&line_get_signer (line)->own->node_ids[0], hex));
  g_assert_nonnull (strstr (document, element));
  g_assert_nonnull (strstr (document, "sequence=\"2\""));
  g_assert_false (peal_phone_remove_user (self->anna.phone, "bob", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
}

static void
test_signing (Club *self, gconstpointer data)
{
  g_autofree char *document = peal_phone_get_document (self->anna.phone, NULL);
  g_autoptr (GString) text = g_string_new (document);
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;

  g_string_replace (text, "<initial-ttl>40<", "<initial-ttl>41<", 0);
  g_assert_true (peal_phone_sign_document (self->anna.phone, text->str, &error));
  g_assert_no_error (error);
  again = peal_phone_get_document (self->anna.phone, NULL);
  g_assert_nonnull (strstr (again, "<initial-ttl>41<"));
  g_assert_false (peal_phone_sign_document (self->anna.phone, "<overlay/>", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER);
}

/* Who makes a network without a server signs its document. */
static void
test_signing_without_server (Club *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GString) text = NULL;

  g_assert_nonnull (peal_phone_create (self->bob, "home", "bob", "Bob", &error));
  g_assert_no_error (error);
  document = peal_phone_get_document (self->bob, &error);
  g_assert_no_error (error);
  text = g_string_new (document);
  g_string_replace (text, "<initial-ttl>40<", "<initial-ttl>41<", 0);
  g_assert_true (peal_phone_sign_document (self->bob, text->str, &error));
  g_assert_no_error (error);
  again = peal_phone_get_document (self->bob, NULL);
  g_assert_nonnull (strstr (again, "<initial-ttl>41<"));
}

/* ---- Renewing ---- */

static Authority *
load_authority (Club *self, const char *instance_name)
{
  g_autofree char *key_name = g_strconcat (instance_name, ".key", NULL);
  g_autofree char *root_name = g_strconcat (instance_name, ".root", NULL);
  g_autofree char *key_path = g_build_filename (self->anna.folder, "authority", key_name, NULL);
  g_autofree char *root_path = g_build_filename (self->anna.folder, "authority", root_name, NULL);
  g_autofree char *pem = NULL, *root = NULL;
  g_autoptr (PrivateKey) key = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (key_path, &pem, NULL, NULL));
  g_assert_true (g_file_get_contents (root_path, &root, &size, NULL));
  key = private_key_from_pem (bytes_of_text (pem));
  return authority_load (key, (Bytes){ (uint8_t *) root, size });
}

/* The certificate of a phone's account becomes one that was made so many days ago. */
static void
grow_old (Club *self, PealPhone *phone, int64_t days)
{
  KeychainAccount *keys = keys_of (phone);
  g_autoptr (Authority) authority = load_authority (self, keys->instance_name);
  Line *line = phone_find_line (phone, keys->instance_name);
  const Certificate *own = line_get_signer (line)->own;
  g_autofree char *address = g_strdup_printf ("%s@%s", keys->user, keys->instance_name);

  g_clear_pointer (&keys->certificate, g_bytes_unref);
  keys->certificate = authority_issue (authority, keys->device_key, address, own->node_ids, 1,
                                       now_s () - days * DAY_S);
  g_assert_true (keychain_save (phone->keychain, keys, NULL));
}

static bool
is_young (PealPhone *phone)
{
  int64_t left_s;

  return enrolment_is_good (keys_of (phone), &left_s) && left_s > 89 * DAY_S;
}

static void
test_owner_renews (Club *self, gconstpointer data)
{
  grow_old (self, self->anna.phone, 70);
  stage_restart (&self->anna);
  g_assert_true (is_young (self->anna.phone));
  grow_old (self, self->anna.phone, 100);
  stage_restart (&self->anna);
  g_assert_true (is_young (self->anna.phone));
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->anna.phone)), ==, 1);
}

static void
bring_bob_in (Club *self)
{
  g_autofree char *text = invite (self, "bob", false, NULL);

  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
}

static NodeId
id_of (PealPhone *phone)
{
  Line *line = phone_find_line (phone, keys_of (phone)->instance_name);

  return line_get_signer (line)->own->node_ids[0];
}

static void
test_member_renews (Club *self, gconstpointer data)
{
  NodeId before, after;

  bring_bob_in (self);
  before = id_of (self->bob);
  grow_old (self, self->bob, 70);
  start_bob (self);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 1);
  while (!is_young (self->bob))
    g_main_context_iteration (NULL, TRUE);
  start_bob (self);
  g_assert_true (is_young (self->bob));
  after = id_of (self->bob);
  g_assert_true (node_id_equal (&before, &after));
}

static Line *
line_of (PealPhone *phone)
{
  return phone_find_line (phone, keys_of (phone)->instance_name);
}

static void
assert_state (PealPhone *phone, PealAccountState state, const char *words)
{
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (phone)), ==, 1);
  g_assert_cmpint (peal_account_get_state (stage_item (peal_phone_get_accounts (phone), 0)), ==,
                   (int) state);
  g_assert_cmpstr (peal_phone_get_status (phone), ==, words);
}

static void
test_ended (Club *self, gconstpointer data)
{
  bring_bob_in (self);
  grow_old (self, self->bob, 100);
  start_bob (self);
  g_assert_null (line_of (self->bob));
  assert_state (self->bob, PEAL_ACCOUNT_ENDED,
                "Your certificate for “club” has ended, and its server does not answer.");
  while (!line_of (self->bob))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_young (self->bob));
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 1);
}

static void
test_ends_soon (Club *self, gconstpointer data)
{
  bring_bob_in (self);
  grow_old (self, self->bob, 84);
  stage_restart (&self->anna); /* the server is off */
  start_bob (self);
  g_assert_cmpstr (peal_phone_get_status (self->bob), ==, "Your certificate ends in 6 days");
}

/* ---- Configurations ---- */

/* The owner's document says when it ends. */
static void
let_it_end (Club *self, int64_t days)
{
  g_autofree char *document = peal_phone_get_document (self->anna.phone, NULL);
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (now_s () + days * DAY_S + 3600);
  g_autofree char *begin =
    g_date_time_format (end, "<configuration expiration=\"%Y-%m-%dT%H:%M:%SZ\" ");
  g_autoptr (GRegex) old = g_regex_new (" expiration=\"[^\"]*\"", 0, 0, NULL);
  g_autofree char *endless = g_regex_replace_literal (old, document, -1, 0, "", 0, NULL);
  g_autoptr (GString) text = g_string_new (endless);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_string_replace (text, "<configuration ", begin, 0), ==, 1);
  g_assert_true (peal_phone_sign_document (self->anna.phone, text->str, &error));
  g_assert_no_error (error);
}

static void
tell_alone (PealPhone *phone)
{
  const NodeEvent event = { .type = NODE_EVENT_STATE, .state = { .state = NODE_ALONE } };

  stage_tell_line (line_of (phone), &event);
}

static void
await_sequence (PealPhone *phone, unsigned sequence)
{
  while (line_get_configuration (line_of (phone))->sequence != sequence)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_configuration_ends (Club *self, gconstpointer data)
{
  bring_bob_in (self);
  let_it_end (self, 3);
  tell_alone (self->bob);
  await_sequence (self->bob, 2);
  g_assert_cmpstr (peal_phone_get_status (self->bob), ==,
                   "“club” ends in 3 days. Ask whoever runs it to renew it.");
  /* Nothing has to happen for the next one, but time. */
  let_it_end (self, 300);
  start_bob (self);
  await_sequence (self->bob, 3);
  g_assert_null (renewal_status (line_of (self->bob)));
  /* What was asked for is kept. */
  stage_restart (&self->anna);
  start_bob (self);
  await_sequence (self->bob, 3);
}

static void
test_refresh_times (void)
{
  const int64_t end = now_s () + 1000 * DAY_S;
  int64_t first = INT64_MAX, last = 0;

  for (unsigned i = 0; i < 100; i++) {
    g_autoptr (KeychainAccount) keys = keychain_account_new ("club-abcdefgh.peal.alt");
    int64_t time;

    keys->certificate = g_bytes_new (&i, sizeof i);
    time = enrolment_refresh_time_s (keys, end);
    g_assert_cmpint (time, ==, enrolment_refresh_time_s (keys, end));
    first = MIN (first, time);
    last = MAX (last, time);
    g_assert_cmpint (enrolment_refresh_time_s (keys, INT64_MAX), ==, INT64_MAX);
  }
  g_assert_cmpint (first, >=, end - 21 * DAY_S);
  g_assert_cmpint (last, <=, end - 7 * DAY_S);
  g_assert_cmpint (last - first, >, 7 * DAY_S);
}

/* Nobody can tell him but the server: members let him in no more. */
static void
test_revoked (Club *self, gconstpointer data)
{
  const char *const words = "The owner of “club” has removed you from it.";
  g_autofree char *text = invite (self, "robert", false, NULL);
  g_autoptr (GError) error = NULL;

  bring_bob_in (self);
  g_assert_true (peal_phone_remove_user (self->anna.phone, "bob", &error));
  g_assert_no_error (error);
  tell_alone (self->bob);
  while (line_of (self->bob))
    g_main_context_iteration (NULL, TRUE);
  assert_state (self->bob, PEAL_ACCOUNT_REVOKED, words);
  start_bob (self);
  assert_state (self->bob, PEAL_ACCOUNT_REVOKED, words);
  join (self, text, "robert", NULL);
  g_assert_no_error (self->error);
  g_assert_nonnull (line_of (self->bob));
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 1);
}

/* The identity file takes a person to another device, which needs a code of its own. */
static void
test_restored (Club *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->anna.folder, "bob.peal-identity", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  bring_bob_in (self);
  g_assert_true (stage_export (self->bob, path, "correct horse", &error));
  g_clear_object (&self->bob);
  stage_remove_folder (self->folder);
  start_bob (self);
  g_assert_true (stage_import (self->bob, path, "correct horse", &error));
  g_assert_no_error (error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_state (self->bob, PEAL_ACCOUNT_CODE_NEEDED,
                "“club” asks for a code. Ask its owner for one.");
  start_bob (self);
  assert_state (self->bob, PEAL_ACCOUNT_CODE_NEEDED,
                "“club” asks for a code. Ask its owner for one.");
  text = invite (self, "bob", true, NULL);
  join (self, text, "bob", NULL);
  g_assert_no_error (self->error);
  g_assert_nonnull (line_of (self->bob));
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->bob)), ==, 1);
}

#define ADD(path, func) g_test_add ("/registrar/" path, Club, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("joining/works-and-is-kept", test_joining);
  ADD ("joining/an-invitation-serves-once", test_used_invitation);
  ADD ("joining/codes-that-are-typed", test_codes_typed);
  ADD ("joining/names-that-are-taken", test_name_taken);
  ADD ("joining/server-away", test_server_away);
  ADD ("joining/threat-1.7-another-server", test_other_server);
  ADD ("joining/giving-up", test_giving_up);
  ADD ("joining/knocking-gives-no-code", test_knocking_gives_no_code);
  ADD ("owning/the-owner-is-a-member", test_owner_is_a_member);
  ADD ("owning/only-the-owner-can", test_only_owners_can);
  ADD ("owning/servers-that-cannot-be", test_bad_servers);
  ADD ("owning/names-are-given-once", test_names_are_given_once);
  ADD ("owning/removing-revokes", test_removing_revokes);
  ADD ("owning/signing-an-edited-document", test_signing);
  ADD ("owning/signing-needs-no-server", test_signing_without_server);
  ADD ("renewing/the-owner-needs-no-server", test_owner_renews);
  ADD ("renewing/a-member-asks-the-server", test_member_renews);
  ADD ("renewing/an-ended-certificate-comes-back", test_ended);
  ADD ("renewing/what-ends-soon-is-told", test_ends_soon);
  ADD ("configuration/rfc6940-11.1-3-is-asked-for-before-it-ends", test_configuration_ends);
  g_test_add_func ("/registrar/configuration/rfc6940-11.1-3-members-ask-at-times-of-their-own",
                   test_refresh_times);
  ADD ("configuration/who-was-removed-is-told", test_revoked);
  ADD ("joining/an-identity-file-needs-a-code", test_restored);
  return g_test_run ();
}
