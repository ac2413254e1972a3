/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include "tests/unit/phone-stage.h"

/* What is said of how others come in, after what knocks have found. */

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

static void
find (ReachVerdict verdict, const char *at)
{
  ReachReport report = { .verdict = verdict, .firewall = FIREWALL_UFW, .address = address_of (at) };

  report.by_udp = report.by_tcp = verdict == REACH_OPEN;
  stage_reach (&report);
}

static char *
invitation_at (const char *address)
{
  Invitation invitation = {
    .instance_name = "home-abcdefgh.peal.alt", .label = "home", .has_secret = true, .peer_count = 1
  };

  invitation.peers[0] = (InvitationPeer){ LINK_TRANSPORT_DTLS, address_of (address) };
  return invitation_to_text (&invitation);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **checked = user_data;

  *checked = g_object_ref (result);
}

/* Of an invitation that names somebody at `address`. */
static PealInvitationCheck *
check (Stage *self, const char *address, ReachVerdict verdict, const char *at)
{
  g_autofree char *invitation = invitation_at (address);
  PealAccount *account = stage_item (peal_phone_get_accounts (self->phone), 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PealInvitationCheck *found;

  peal_phone_check_invitation_async (self->phone, account, invitation, NULL, on_checked, &result);
  stage_assert_said ("knock here");
  g_assert_null (result);
  find (verdict, at);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  found = peal_phone_check_invitation_finish (self->phone, result, &error);
  g_assert_no_error (error);
  return found;
}

static void
test_open (Stage *self, gconstpointer data)
{
  g_autoptr (PealInvitationCheck) found = NULL;

  stage_create (self);
  found = check (self, "192.0.2.7:6084", REACH_OPEN, "192.0.2.7:6084");
  g_assert_cmpint (found->reach, ==, PEAL_REACH_OPEN);
  g_assert_cmpstr (found->words, ==, "People elsewhere can come in by this.");
  g_assert_cmpstr (found->more, ==, "");
}

static void
test_others (Stage *self, gconstpointer data)
{
  g_autoptr (PealInvitationCheck) found = NULL;

  stage_create (self);
  stage_answer_at ("198.51.100.9:6084");
  found = check (self, "198.51.100.9:6084", REACH_CLOSED, "192.0.2.7:6084");
  g_assert_cmpint (found->reach, ==, PEAL_REACH_OPEN);
  g_assert_cmpstr (found->more, !=, "");
}

static void
test_network (Stage *self, gconstpointer data)
{
  g_autoptr (PealInvitationCheck) found = NULL;

  stage_create (self);
  found = check (self, "192.168.1.2:6084", REACH_NETWORK, "192.168.1.2:6084");
  g_assert_cmpint (found->reach, ==, PEAL_REACH_NETWORK);
  g_assert_cmpstr (found->words, ==,
                   "Nobody in “home” can be reached from outside this network; the invitation "
                   "works only here.");
  g_assert_nonnull (strstr (found->more, "192.168.1.2:6084"));
  g_assert_cmpstr (found->command, ==, "");
}

static void
test_closed (Stage *self, gconstpointer data)
{
  g_autoptr (PealInvitationCheck) found = NULL;

  stage_create (self);
  found = check (self, "192.0.2.7:6085", REACH_CLOSED, "192.0.2.7:6085");
  g_assert_cmpint (found->reach, ==, PEAL_REACH_CLOSED);
  g_assert_cmpstr (found->words, ==,
                   "Nobody could reach this computer. A firewall of this computer or of the router "
                   "keeps others out (port 6085).");
  g_assert_cmpstr (found->command, ==, "sudo ufw allow 6085");
  g_assert_nonnull (strstr (found->more, found->command));
}

static void
test_untried (Stage *self, gconstpointer data)
{
  g_autoptr (PealInvitationCheck) found = NULL;

  stage_create (self);
  found = check (self, "192.0.2.7:6084", REACH_UNKNOWN, "192.0.2.7:6084");
  g_assert_cmpint (found->reach, ==, PEAL_REACH_UNTRIED);
  g_assert_cmpstr (found->words, ==,
                   "Nobody could try yet whether people elsewhere can come in by this.");
}

/* Who waits for it when the account goes hears so. */
static void
test_gone (Stage *self, gconstpointer data)
{
  g_autofree char *invitation = invitation_at ("192.0.2.7:6084");
  PealAccount *account = stage_create (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  peal_phone_check_invitation_async (self->phone, account, invitation, NULL, on_checked, &result);
  peal_phone_stop (self->phone);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (peal_phone_check_invitation_finish (self->phone, result, &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL);
}

static void
test_firewall (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);

  stage_tell_state (self, NODE_READY, 3);
  g_assert_cmpstr (stage_text (account, "remedy"), ==, "");
  find (REACH_CLOSED_HERE, "192.168.1.2:6084");
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==,
                   "This computer's firewall keeps others out (port 6084).");
  g_assert_cmpstr (stage_text (account, "details"), ==,
                   "Ready · “home”: 2 people connected\n"
                   "This computer's firewall keeps others out (port 6084).\n"
                   "The firewall of this computer is ufw. This command opens it: "
                   "sudo ufw allow 6084");
  g_assert_cmpstr (stage_text (account, "remedy"), ==, "sudo ufw allow 6084");
  find (REACH_OPEN, "192.168.1.2:6084");
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "Ready · “home”: 2 people connected");
  g_assert_cmpstr (stage_text (account, "remedy"), ==, "");
}

static void
test_words (void)
{
  static const Firewall firewalls[] = { FIREWALL_UNKNOWN, FIREWALL_UFW, FIREWALL_FIREWALLD,
                                        FIREWALL_NFTABLES };

  for (size_t i = 0; i < G_N_ELEMENTS (firewalls); i++)
    for (ReachVerdict verdict = REACH_UNKNOWN; verdict <= REACH_CLOSED_HERE; verdict++) {
      WordsOutside outside = { verdict, 6099, firewalls[i] };
      bool is_closed = verdict == REACH_CLOSED || verdict == REACH_CLOSED_HERE;
      bool has_command = firewalls[i] == FIREWALL_UFW || firewalls[i] == FIREWALL_FIREWALLD;
      g_autofree char *details = words_outside_details (&outside);
      g_autofree char *command = words_outside_command (&outside);
      g_assert_true ((command != NULL) == (is_closed && has_command));
      g_assert_true ((strstr (details, "6099") != NULL) == is_closed);
      if (command != NULL)
        g_assert_nonnull (strstr (details, command));
    }
}

static void
test_web (void)
{
  for (RelayWeb web = RELAY_WEB_NOT_WANTED; web <= RELAY_WEB_FAILED; web++) {
    g_autofree char *text = words_relay_web (web);
    g_assert_true ((strstr (text, "443") != NULL) == (web != RELAY_WEB_NOT_WANTED));
  }
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/outside/invitation/open", test_open);
  ADD ("/outside/invitation/open-by-others", test_others);
  ADD ("/outside/invitation/this-network-only", test_network);
  ADD ("/outside/invitation/closed", test_closed);
  ADD ("/outside/invitation/nobody-could-try", test_untried);
  ADD ("/outside/invitation/the-network-is-left-meanwhile", test_gone);
  ADD ("/outside/a-firewall-is-named-with-a-way-out", test_firewall);
  g_test_add_func ("/outside/words", test_words);
  g_test_add_func ("/outside/port-443", test_web);
  return g_test_run ();
}
