/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

/* Knocking at a network nearby. For asking a server see test-registrar.c, which has one. */

typedef struct Answer {
  PealAccount *account;
  char *invitation;
  GError *error;
} Answer;

static void
answer_clear (Answer *self)
{
  g_free (self->invitation);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/* What the network nearby would give. */
static char *
make_invitation (bool is_enrolled)
{
  Invitation invitation = { .instance_name = "club-abcdefgh.peal.alt",
                            .label = "club",
                            .inviter = "Chidi",
                            .has_secret = !is_enrolled,
                            .is_enrolled = is_enrolled,
                            .peer_count = 1 };

  invitation.peers[0].transport = LINK_TRANSPORT_DTLS;
  g_assert_true (address_from_text ("192.0.2.44:6084", &invitation.peers[0].address));
  if (is_enrolled)
    g_strlcpy (invitation.server, "https://club.example/", sizeof invitation.server);
  return invitation_to_text (&invitation);
}

static void
on_joined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->account = peal_phone_join_nearby_finish (PEAL_PHONE (source), result, &answer->invitation,
                                                   &answer->error);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
knock (Stage *self, const char *name, GCancellable *cancellable, Answer *answer)
{
  stage_hear ("club-abcdefgh.peal.alt", "club", 3);
  peal_phone_join_nearby_async (self->phone, stage_item (peal_phone_get_nearby (self->phone), 0),
                                name, "Bob", cancellable, on_joined, answer);
}

static void
test_let_in (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };
  g_autofree char *text = make_invitation (false);

  knock (self, "Bob", NULL, &answer);
  stage_assert_said ("knock as bob");
  stage_invite (text);
  settle ();
  g_assert_no_error (answer.error);
  g_assert_cmpstr (peal_account_get_display_address (answer.account), ==, "bob@club");
  g_assert_null (answer.invitation);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->phone)), ==, 1);
  g_assert_cmpuint (stage_count (peal_phone_get_nearby (self->phone)), ==, 0);
}

static void
assert_stays_out (Stage *self, const Answer *answer)
{
  g_assert_null (answer->account);
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->phone)), ==, 0);
}

static void
test_not_let_in (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };

  knock (self, "bob", NULL, &answer);
  stage_invite (NULL);
  settle ();
  g_assert_error (answer.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_NOT_LET_IN);
  g_assert_null (answer.invitation);
  assert_stays_out (self, &answer);
}

static void
test_code_wanted (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };
  g_autofree char *text = make_invitation (true);

  knock (self, "bob", NULL, &answer);
  stage_invite (text);
  settle ();
  g_assert_error (answer.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CODE);
  g_assert_cmpstr (answer.error->message, ==, "“club” asks for a code. Ask its owner for one.");
  g_assert_cmpstr (answer.invitation, ==, text);
  assert_stays_out (self, &answer);
}

static void
test_bad_name (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };

  knock (self, "not a name", NULL, &answer);
  settle ();
  g_assert_error (answer.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME);
  assert_stays_out (self, &answer);
}

static void
test_given_up (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  knock (self, "bob", cancellable, &answer);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_stays_out (self, &answer);
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->account = peal_phone_enrol_finish (PEAL_PHONE (source), result, &answer->error);
}

/* Where DNS knows no name, an invitation must say where the server is. */
static void
test_no_server (Stage *self, gconstpointer data)
{
  g_auto (Answer) answer = { NULL };
  g_autofree char *text = make_invitation (true), *without = NULL;
  PealEnrolment options = { .name = "bob", .display_name = "Bob", .code = "abcd" };
  Invitation invitation;

  g_assert_true (invitation_from_text (text, &invitation));
  invitation.server[0] = '\0';
  without = invitation_to_text (&invitation);
  options.invitation = without;
  peal_phone_enrol_async (self->phone, &options, NULL, on_enrolled, &answer);
  settle ();
  g_assert_error (answer.error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION);
  assert_stays_out (self, &answer);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/joining/let-in", test_let_in);
  ADD ("/joining/not-let-in", test_not_let_in);
  ADD ("/joining/a-code-is-wanted", test_code_wanted);
  ADD ("/joining/bad-name", test_bad_name);
  ADD ("/joining/asking-can-be-given-up", test_given_up);
  ADD ("/joining/no-server-to-ask", test_no_server);
  return g_test_run ();
}
