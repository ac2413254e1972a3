/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/line.h"
#include "tests/unit/phone-stage.h"

static char *
invite (Stage *self)
{
  g_autoptr (GError) error = NULL;
  char *text =
    peal_phone_invite (self->phone, stage_item (peal_phone_get_accounts (self->phone), 0), &error);

  g_assert_no_error (error);
  return text;
}

/* An invitation to somebody else's overlay. */
static char *
invitation_at (const char *address)
{
  Invitation invitation = { .instance_name = "club-abcdefgh.peal.alt",
                            .label = "club",
                            .inviter = "Chidi",
                            .has_secret = true,
                            .peer_count = 1 };

  memset (invitation.configuration_hash, 1, sizeof invitation.configuration_hash);
  memset (invitation.secret, 2, sizeof invitation.secret);
  invitation.peers[0].transport = LINK_TRANSPORT_DTLS;
  g_assert_true (address_from_text (address, &invitation.peers[0].address));
  return invitation_to_text (&invitation);
}

static char *
foreign_invitation (void)
{
  return invitation_at ("192.0.2.44:6084");
}

static void
test_names (Stage *self, gconstpointer data)
{
  const char *const good[] = { "alice", "Alice", "a.b-c", "7" };
  const char *const bad[] = { "", "al ice", "-alice", "alice@home", "älice" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_null (peal_phone_check_name (good[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_cmpstr (peal_phone_check_name (bad[i]), ==, "Use letters, digits, dots and dashes.");
    g_assert_null (peal_phone_create (self->phone, "home", bad[i], "A", &error));
    g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME);
  }
}

static void
test_invitation_tells_all (Stage *self, gconstpointer data)
{
  g_autofree char *text = NULL, *label = NULL, *inviter = NULL;
  Address learned;
  Invitation invitation;

  stage_create (self);
  g_assert_true (address_from_text ("192.0.2.8:6084", &learned));
  stage_tell (self,
              &(NodeEvent){ .type = NODE_EVENT_PEER_LISTENING,
                            .peer = { .address = learned, .transport = LINK_TRANSPORT_TLS } });
  text = invite (self);
  g_assert_true (peal_phone_read_invitation (text, &label, &inviter, NULL));
  g_assert_cmpstr (label, ==, "home");
  g_assert_cmpstr (inviter, ==, "Alice");
  g_assert_true (invitation_from_text (text, &invitation));
  g_assert_cmpuint (invitation.peer_count, ==, 2);
  g_assert_true (address_equal (&invitation.peers[1].address, &learned));
}

static void
test_joining (Stage *self, gconstpointer data)
{
  g_autofree char *text = foreign_invitation ();
  g_autoptr (GError) error = NULL;
  PealAccount *account = peal_phone_join (self->phone, text, "Bob", "Bob", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (peal_account_get_address (account), ==, "bob@club-abcdefgh.peal.alt");
  stage_assert_said ("bootstrap 192.0.2.44:6084");
  stage_restart (self);
  stage_assert_said ("bootstrap 192.0.2.44:6084");
  g_assert_null (peal_phone_join (self->phone, text, "bob", "Bob", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION);
}

/* Its secret keys the links over which the document is to come. */
static void
test_joining_by_secret (Stage *self, gconstpointer data)
{
  g_autofree char *plain = foreign_invitation ();
  g_autofree char *text = NULL;
  Invitation invitation;

  g_assert_true (invitation_from_text (plain, &invitation));
  g_strlcpy (invitation.shared_secret, "tell nobody", sizeof invitation.shared_secret);
  text = invitation_to_text (&invitation);
  g_assert_nonnull (peal_phone_join (self->phone, text, "bob", "Bob", NULL));
  stage_assert_said ("links keyed by \"tell nobody\"");
  stage_restart (self);
  stage_assert_said ("links keyed by \"tell nobody\"");
}

static void
test_owning_by_secret (Stage *self, gconstpointer data)
{
  PealAccount *account = peal_phone_create_shared (self->phone, "lodge", "anna", "Anna", NULL);
  g_autofree char *text = peal_phone_invite (self->phone, account, NULL);
  g_autofree char *said = NULL;
  Invitation invitation;

  g_assert_true (invitation_from_text (text, &invitation));
  g_assert_true (invitation.has_secret);
  g_assert_cmpuint (strlen (invitation.shared_secret), ==, 32);
  said = g_strdup_printf ("links keyed by \"%s\"", invitation.shared_secret);
  stage_assert_said (said);
}

static void
test_name_taken_makes_room_for_another (Stage *self, gconstpointer data)
{
  g_autofree char *text = foreign_invitation ();
  PealAccount *account = peal_phone_join (self->phone, text, "bob", "Bob", NULL);

  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_NAME_TAKEN });
  stage_tell_state (self, NODE_READY, 4);
  g_assert_cmpint (peal_account_get_state (account), ==, PEAL_ACCOUNT_NAME_TAKEN);
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==,
                   "Someone is already called bob@club. Try bob2.");
  account = peal_phone_join (self->phone, text, "bob2", "Bob", NULL);
  g_assert_cmpstr (peal_account_get_display_address (account), ==, "bob2@club");
  stage_restart (self);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->phone)), ==, 1);
}

static void
test_bad_invitation (Stage *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (peal_phone_join (self->phone, "peal:join/AAAA", "bob", "Bob", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION);
}

static void
test_newcomers (Stage *self, gconstpointer data)
{
  GListModel *requests = peal_phone_get_requests (self->phone);
  PealRequest *request;

  stage_create (self);
  stage_knock (self, 11, "chidi", "Chidi's computer");
  stage_assert_said ("let in 11");
  peal_phone_set_open (self->phone, false);
  stage_knock (self, 12, "chidi", "Chidi's computer");
  stage_assert_not_said ("let in 12");
  request = stage_item (requests, 0);
  g_assert_cmpint (peal_request_get_kind (request), ==, PEAL_REQUEST_NEWCOMER);
  g_assert_cmpstr (stage_text (request, "text"), ==, "Chidi's computer wants to join “home”.");
  peal_request_accept (request);
  stage_assert_said ("let in 12");
  stage_knock (self, 13, "eve", "Eve's computer");
  peal_request_refuse (stage_item (requests, 0));
  stage_assert_said ("turn away 13");
  g_assert_cmpuint (stage_count (requests), ==, 0);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

static void
meet (Stage *self, const char *address)
{
  NodeEvent event = { .type = NODE_EVENT_PEER_LISTENING,
                      .peer = { .transport = LINK_TRANSPORT_DTLS } };

  g_assert_true (address_from_text (address, &event.peer.address));
  stage_tell (self, &event);
}

/* Whoever is met on the local network does not push out those whom everybody can reach. */
static void
test_fresh_peers (Stage *self, gconstpointer data)
{
  const char *const expected[] = { "192.0.2.2:6084", "192.0.2.1:6084", "10.0.0.5:6084",
                                   "10.0.0.6:6084" };
  g_autofree char *text = NULL;
  Invitation invitation;

  stage_create (self);
  meet (self, "192.0.2.1:6084");
  meet (self, "10.0.0.5:6084");
  meet (self, "192.0.2.2:6084");
  for (unsigned i = 0; i < 30; i++) {
    g_autofree char *address = g_strdup_printf ("10.0.0.%u:6084", 6 + i % 3);
    meet (self, address);
  }
  meet (self, "10.0.0.6:6084");
  meet (self, "10.0.0.5:6084");
  text = invite (self);
  g_assert_true (invitation_from_text (text, &invitation));
  g_assert_cmpuint (invitation.peer_count, ==, 1 + G_N_ELEMENTS (expected));
  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++) {
    char address[ADDRESS_TEXT_SIZE];
    g_assert_cmpstr (address_to_text (&invitation.peers[1 + i].address, address), ==, expected[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/membership/names", test_names);
  ADD ("/membership/invitation-tells-all", test_invitation_tells_all);
  ADD ("/membership/an-invitation-names-first-whom-all-can-reach", test_fresh_peers);
  ADD ("/membership/joining", test_joining);
  ADD ("/membership/joining-where-links-have-a-secret", test_joining_by_secret);
  ADD ("/membership/owning-where-links-have-a-secret", test_owning_by_secret);
  ADD ("/membership/name-taken-makes-room-for-another", test_name_taken_makes_room_for_another);
  ADD ("/membership/bad-invitation", test_bad_invitation);
  ADD ("/membership/newcomers", test_newcomers);
  return g_test_run ();
}
