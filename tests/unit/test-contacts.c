/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contacts.h"
#include "tests/unit/phone-stage.h"

static void
tell_presence (Stage *self, const char *address, NodePresence presence, const UserKey *key)
{
  stage_tell (self, &(NodeEvent){
                      .type = NODE_EVENT_PRESENCE,
                      .presence = { .address = address, .presence = presence, .user_key = key } });
}

static void
tell_request (Stage *self, const char *address, const UserKey *key)
{
  stage_tell (self,
              &(NodeEvent){
                .type = NODE_EVENT_REQUEST,
                .request = { .address = address, .display_name = "Farid", .user_key = key } });
}

/* Whether the phone said "VERB ADDRESS REST". */
static bool
said (const char *verb, const char *address, const char *rest)
{
  g_autofree char *line = g_strconcat (verb, " ", address, rest, NULL);

  return stage_said (line);
}

static void
test_adding_subscribes_and_stays (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL;
  PealContact *contact;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, " Bob@Home ", "  Bob Ruiz ", NULL);
  g_assert_cmpstr (peal_contact_get_address (contact), ==, bob);
  g_assert_cmpstr (peal_contact_get_display_address (contact), ==, "bob@home");
  g_assert_cmpstr (peal_contact_get_name (contact), ==, "Bob Ruiz");
  g_assert_true (said ("subscribe", bob, ""));
  g_assert_true (peal_phone_add_contact (self->phone, "bob", NULL, NULL) == contact);
  peal_contact_set_favourite (contact, true);
  g_assert_true (said ("subscribe", bob, " favourite"));

  stage_restart (self);
  g_assert_true (said ("subscribe", bob, " favourite"));
  contact = peal_phone_find_contact (self->phone, bob);
  g_assert_cmpstr (peal_contact_get_name (contact), ==, "Bob Ruiz");
  g_assert_true (peal_contact_get_is_favourite (contact));
  peal_contact_rename (contact, "Robert");
  stage_restart (self);
  contact = peal_phone_find_contact (self->phone, bob);
  g_assert_cmpstr (peal_contact_get_name (contact), ==, "Robert");
  peal_contact_rename (contact, "  ");
  g_assert_cmpstr (peal_contact_get_name (contact), ==, "bob");
}

static void
test_relayed_always (Stage *self, gconstpointer data)
{
  g_autofree char *bob = NULL;
  PealContact *contact;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  g_assert_false (peal_contact_get_is_relayed (contact));
  g_assert_false (said ("relay", bob, ""));
  peal_contact_set_relayed (contact, true);
  g_assert_true (said ("relay", bob, ""));
  stage_restart (self);
  g_assert_true (said ("relay", bob, ""));
  contact = peal_phone_find_contact (self->phone, bob);
  g_assert_true (peal_contact_get_is_relayed (contact));
  peal_phone_remove_contact (self->phone, contact);
  g_assert_true (said ("unrelay", bob, ""));
  peal_phone_undo_remove (self->phone);
  g_assert_true (said ("relay", bob, ""));
  peal_contact_set_relayed (peal_phone_find_contact (self->phone, bob), false);
  g_assert_true (said ("unrelay", bob, ""));
  stage_restart (self);
  g_assert_false (said ("relay", bob, ""));
}

static void
test_first_key_is_pinned (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5), other = stage_key (6);
  g_autofree char *bob = NULL;
  PealContact *contact;
  gboolean is_key_changed;
  gint64 began = g_get_real_time () / G_USEC_PER_SEC;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &key);
  g_assert_true (said ("subscribe", bob, " key 5"));
  g_assert_cmpint (peal_contact_get_presence (contact), ==, PEAL_PRESENCE_AVAILABLE);

  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &other);
  g_object_get (contact, "is-key-changed", &is_key_changed, NULL);
  g_assert_true (is_key_changed);
  g_assert_cmpint (peal_contact_get_presence (contact), ==, PEAL_PRESENCE_NOT_CONFIRMED);

  stage_restart (self);
  contact = peal_phone_find_contact (self->phone, bob);
  g_object_get (contact, "is-key-changed", &is_key_changed, NULL);
  g_assert_true (is_key_changed);
  g_assert_cmpint (peal_contact_get_key_since (contact), >=, began);
  peal_contact_accept_key (contact);
  g_assert_cmpint (peal_contact_get_key_since (contact), ==, 0);
  g_assert_true (said ("subscribe", bob, " key 6"));
  g_object_get (contact, "is-key-changed", &is_key_changed, NULL);
  g_assert_false (is_key_changed);
}

static void
test_request_accepted (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (9);
  g_autofree char *farid = NULL;
  GListModel *requests = peal_phone_get_requests (self->phone);
  PealRequest *request;

  stage_create (self);
  farid = stage_address (self, "farid");
  tell_request (self, farid, &key);
  tell_request (self, farid, &key);
  g_assert_cmpuint (stage_count (requests), ==, 1);
  request = stage_item (requests, 0);
  g_assert_cmpstr (stage_text (request, "text"), ==, "farid@home wants to add you");
  peal_request_accept (request);
  g_assert_true (said ("accepted", farid, " key 9"));
  g_assert_cmpuint (stage_count (requests), ==, 0);
  g_assert_cmpstr (peal_contact_get_name (peal_phone_find_contact (self->phone, farid)), ==,
                   "Farid");

  stage_restart (self);
  g_assert_true (said ("accepted", farid, " key 9"));
}

static void
test_request_refused_stays_refused (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (9);
  g_autofree char *farid = NULL;

  stage_create (self);
  farid = stage_address (self, "farid");
  tell_request (self, farid, &key);
  peal_request_refuse (stage_item (peal_phone_get_requests (self->phone), 0));
  g_assert_true (said ("refused", farid, " key 9"));
  g_assert_null (peal_phone_find_contact (self->phone, farid));
  stage_restart (self);
  tell_request (self, farid, &key);
  g_assert_true (said ("refused", farid, " key 9"));
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 0);
}

static void
test_request_of_a_contact_needs_no_question (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (9);
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  tell_request (self, bob, &key);
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 0);
  g_assert_true (said ("accepted", bob, " key 9"));
}

static void
test_request_with_another_key_is_no_request (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (9), other = stage_key (8);
  g_autofree char *farid = NULL;

  stage_create (self);
  farid = stage_address (self, "farid");
  tell_request (self, farid, &key);
  peal_request_accept (stage_item (peal_phone_get_requests (self->phone), 0));
  tell_request (self, farid, &other);
  g_assert_false (said ("accepted", farid, " key 8"));
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 0);
}

/* Who asked to be added as Bob with one key is not the Bob whose words were compared in a call. */
static void
test_request_goes_when_another_key_is_pinned (Stage *self, gconstpointer data)
{
  UserKey asked = stage_key (5), compared = stage_key (6);
  GListModel *requests = peal_phone_get_requests (self->phone);
  g_autoptr (PealRequest) request = NULL;
  Contacts *contacts;
  g_autofree char *bob = NULL;

  stage_create (self);
  contacts = self->phone->contacts;
  bob = stage_address (self, "bob");
  tell_request (self, bob, &asked);
  request = g_object_ref (stage_item (requests, 0));
  contacts_compared (contacts, bob, &compared, true);
  g_assert_cmpuint (stage_count (requests), ==, 0);
  peal_request_accept (request);
  g_assert_cmpint (contacts_trust (contacts, bob, &asked), ==, PEAL_TRUST_NONE);
  g_assert_cmpint (contacts_trust (contacts, bob, &compared), ==, PEAL_TRUST_VERIFIED);
  g_assert_null (peal_phone_find_contact (self->phone, bob));
}

static void
test_request_stays_when_its_key_is_pinned (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5);
  GListModel *requests = peal_phone_get_requests (self->phone);
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  tell_request (self, bob, &key);
  contacts_compared (self->phone->contacts, bob, &key, true);
  peal_request_accept (stage_item (requests, 0));
  g_assert_true (said ("accepted", bob, " key 5"));
  g_assert_cmpint (contacts_trust (self->phone->contacts, bob, &key), ==, PEAL_TRUST_VERIFIED);
}

static void
test_requests_have_a_limit (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (9);

  stage_create (self);
  for (int i = 0; i < 200; i++) {
    g_autofree char *user = g_strdup_printf ("stranger%d", i);
    g_autofree char *address = stage_address (self, user);

    tell_request (self, address, &key);
  }
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 100);
}

static void
test_list_is_sorted_as_people_come (Stage *self, gconstpointer data)
{
  GListModel *list = peal_phone_get_contacts (self->phone);
  g_autofree char *carol = NULL;

  stage_create (self);
  carol = stage_address (self, "carol");
  peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  peal_phone_add_contact (self->phone, "carol", NULL, NULL);
  peal_phone_add_contact (self->phone, "ada", NULL, NULL);
  g_assert_cmpstr (peal_contact_get_name (stage_item (list, 0)), ==, "ada");
  tell_presence (self, carol, NODE_PRESENCE_AVAILABLE, NULL);
  g_assert_cmpstr (peal_contact_get_name (stage_item (list, 0)), ==, "carol");
  tell_presence (self, carol, NODE_PRESENCE_OFFLINE, NULL);
  g_assert_cmpstr (peal_contact_get_name (stage_item (list, 2)), ==, "carol");
  g_assert_true (g_str_has_prefix (stage_text (stage_item (list, 2), "detail"), "seen "));
}

static void
test_removal_can_be_undone (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5);
  g_autofree char *bob = NULL;
  PealContact *contact;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", "Bob", NULL);
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &key);
  peal_phone_remove_contact (self->phone, contact);
  g_assert_true (said ("unsubscribe", bob, ""));
  g_assert_null (peal_phone_find_contact (self->phone, bob));
  peal_phone_undo_remove (self->phone);
  g_assert_true (said ("subscribe", bob, " key 5"));
  peal_phone_undo_remove (self->phone);
  contact = peal_phone_find_contact (self->phone, bob);
  g_assert_cmpstr (peal_contact_get_name (contact), ==, "Bob");
  peal_phone_remove_contact (self->phone, contact);
  stage_restart (self);
  g_assert_null (peal_phone_find_contact (self->phone, bob));
}

/* ... and who has asked with another key meanwhile is somebody else. */
static void
test_undone_removal_keeps_the_key (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5), other = stage_key (6);
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &key);
  peal_phone_remove_contact (self->phone, peal_phone_find_contact (self->phone, bob));
  tell_request (self, bob, &other);
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 1);
  peal_phone_undo_remove (self->phone);
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 0);
  g_assert_cmpmem (contacts_pin (self->phone->contacts, bob), sizeof key, &key, sizeof key);
}

/* ---- Whose key it is ---- */

static void
tell_ambiguous (Stage *self, const char *address)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_PRESENCE,
                                  .presence = { .address = address,
                                                .presence = NODE_PRESENCE_UNKNOWN,
                                                .is_ambiguous = true } });
}

static void
test_of_several_none_is_pinned (Stage *self, gconstpointer data)
{
  UserKey first = stage_key (5), chosen = stage_key (6);
  g_autofree char *bob = NULL;
  PealContact *contact;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  tell_ambiguous (self, bob);
  g_assert_true (peal_contact_get_is_ambiguous (contact));
  tell_request (self, bob, &first);
  g_assert_null (contacts_pin (self->phone->contacts, bob));
  g_assert_cmpuint (stage_count (peal_phone_get_requests (self->phone)), ==, 1);
  contacts_choose (self->phone->contacts, bob, &chosen);
  g_assert_true (said ("subscribe", bob, " key 6"));
  g_assert_false (peal_contact_get_is_ambiguous (contact));
  /* Once is for good. */
  contacts_choose (self->phone->contacts, bob, &first);
  g_assert_cmpint (contacts_pin (self->phone->contacts, bob)->bytes[0], ==, 6);
}

static void
test_compared (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5), other = stage_key (6);
  g_autofree char *bob = NULL;
  PealContact *contact;
  Contacts *contacts;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  contacts = self->phone->contacts;
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &key);
  contacts_compared (contacts, bob, &key, false);
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_DIFFERED);
  contacts_compared (contacts, bob, &key, true);
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  g_assert_cmpint (contacts_trust (contacts, bob, &key), ==, PEAL_TRUST_VERIFIED);
  g_assert_cmpint (contacts_trust (contacts, bob, &other), ==, PEAL_TRUST_NONE);

  /* What is said of another key does not touch this one; trusting it unseen is no comparison. */
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &other);
  contacts_compared (contacts, bob, &other, false);
  g_assert_true (peal_contact_get_is_key_changed (contact));
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  stage_restart (self);
  contact = peal_phone_find_contact (self->phone, bob);
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  peal_contact_accept_key (contact);
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_NONE);
}

/* Whoever reads the same words is the right one, whichever key was known before. */
static void
test_compared_new_key (Stage *self, gconstpointer data)
{
  UserKey key = stage_key (5), other = stage_key (6);
  g_autofree char *bob = NULL;
  PealContact *contact;

  stage_create (self);
  bob = stage_address (self, "bob");
  contact = peal_phone_add_contact (self->phone, "bob", NULL, NULL);
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &key);
  tell_presence (self, bob, NODE_PRESENCE_AVAILABLE, &other);
  contacts_compared (self->phone->contacts, bob, &other, true);
  g_assert_false (peal_contact_get_is_key_changed (contact));
  g_assert_cmpint (peal_contact_get_trust (contact), ==, PEAL_TRUST_VERIFIED);
  g_assert_true (said ("subscribe", bob, " key 6"));
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/contacts/adding-subscribes-and-stays", test_adding_subscribes_and_stays);
  ADD ("/contacts/threat-4.13-who-never-learns-where-we-are", test_relayed_always);
  ADD ("/contacts/threat-4.15-first-key-is-pinned", test_first_key_is_pinned);
  ADD ("/contacts/request/accepted", test_request_accepted);
  ADD ("/contacts/request/refused-stays-refused", test_request_refused_stays_refused);
  ADD ("/contacts/request/of-a-contact-needs-no-question",
       test_request_of_a_contact_needs_no_question);
  ADD ("/contacts/request/threat-4.15-with-another-key-is-no-request",
       test_request_with_another_key_is_no_request);
  ADD ("/contacts/request/threat-4.15-goes-when-another-key-is-pinned",
       test_request_goes_when_another_key_is_pinned);
  ADD ("/contacts/request/stays-when-its-key-is-pinned", test_request_stays_when_its_key_is_pinned);
  ADD ("/contacts/request/have-a-limit", test_requests_have_a_limit);
  ADD ("/contacts/threat-4.15-of-several-none-is-pinned", test_of_several_none_is_pinned);
  ADD ("/contacts/words/are-kept-with-the-key", test_compared);
  ADD ("/contacts/words/that-match-make-a-new-key-the-right-one", test_compared_new_key);
  ADD ("/contacts/list-is-sorted-as-people-come", test_list_is_sorted_as_people_come);
  ADD ("/contacts/removal-can-be-undone", test_removal_can_be_undone);
  ADD ("/contacts/threat-4.15-undone-removal-keeps-the-key", test_undone_removal_keeps_the_key);
  return g_test_run ();
}
