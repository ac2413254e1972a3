/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/account-private.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* How others come in to this computer, and by an invitation to its network. The world has peers
 * knock (core/os/reach.h); here it becomes words. An invitation names others than us, too: one who
 * answers us at an address on the internet lets people in who cannot come to us. */

/* Of the tasks that wait for an answer of a line, those that wait for this. Nodes count from 1. */
enum { LOOKUP_OUTSIDE = 0 };

static WordsOutside
outside_of (Line *line)
{
  ReachReport report = world_reach (line_get_world (line));

  return (WordsOutside){ report.verdict, report.address.port, report.firewall };
}

char *
phone_outside_status (Line *line)
{
  WordsOutside outside = outside_of (line);

  return words_outside_status (&outside);
}

static void
show_outside (Line *line)
{
  WordsOutside outside = outside_of (line);
  RelayReport relay = { .web = RELAY_WEB_NOT_WANTED };
  g_autofree char *details = words_outside_details (&outside);
  g_autofree char *command = words_outside_command (&outside);
  g_autofree char *web = NULL;
  g_autofree char *lines = NULL;

  world_relay_report (line_get_world (line), &relay);
  web = words_relay_web (relay.web);
  lines = g_strconcat (details, *details && *web ? "\n" : "", web, NULL);
  peal_account_show_outside (line_get_account (line), lines, command ? command : "");
}

/* ---- Invitations ---- */

/* Whether it leads to somebody else who can be reached from elsewhere: not only we reach him. */
static bool
leads_to_others (Line *line, const Invitation *invitation)
{
  for (size_t i = 0; i < invitation->peer_count; i++)
    if (world_is_answered_at (line_get_world (line), &invitation->peers[i].address))
      return true;
  return false;
}

static PealInvitationCheck *
make_check (PealReach reach, char *words, char *more, char *command)
{
  PealInvitationCheck *check = g_new0 (PealInvitationCheck, 1);

  check->reach = reach;
  check->words = words;
  check->more = more ? more : g_strdup ("");
  check->command = command ? command : g_strdup ("");
  return check;
}

static PealInvitationCheck *
judge (Line *line, const Invitation *invitation)
{
  WordsOutside outside = outside_of (line);
  const char *label = invitation->label;
  const Address *first = invitation->peer_count > 0 ? &invitation->peers[0].address : NULL;
  bool is_closed = outside.verdict == REACH_CLOSED || outside.verdict == REACH_CLOSED_HERE;

  if (outside.verdict == REACH_OPEN)
    return make_check (PEAL_REACH_OPEN, g_strdup (words_invitation_open ()), NULL, NULL);
  if (leads_to_others (line, invitation))
    return make_check (PEAL_REACH_OPEN, g_strdup (words_invitation_open ()),
                       g_strdup (words_invitation_open_by_others ()), NULL);
  if (is_closed)
    return make_check (PEAL_REACH_CLOSED, words_invitation_closed (&outside),
                       words_invitation_closed_more (&outside), words_outside_command (&outside));
  if (invitation_is_local (invitation))
    return make_check (PEAL_REACH_NETWORK, words_invitation_local (label),
                       words_invitation_local_more (label, first), NULL);
  return make_check (PEAL_REACH_UNTRIED, g_strdup (words_invitation_untried ()), NULL, NULL);
}

static void
free_check (gpointer data)
{
  peal_invitation_check_free (data);
}

static void
return_check (GTask *task, Line *line)
{
  Invitation invitation;

  if (invitation_from_text (g_object_get_data (G_OBJECT (task), "invitation"), &invitation))
    g_task_return_pointer (task, judge (line, &invitation), free_check);
  else
    g_task_return_new_error (task, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION, "%s",
                             words_bad_invitation ());
  explicit_bzero (&invitation, sizeof invitation);
}

void
phone_on_outside (PealPhone *self, Line *line, bool is_tried)
{
  GTask *task;

  show_outside (line);
  phone_update_status (self);
  while (is_tried && (task = phone_take_lookup (self, line, LOOKUP_OUTSIDE))) {
    return_check (task, line);
    g_object_unref (task);
  }
}

void
peal_invitation_check_free (PealInvitationCheck *check)
{
  if (!check)
    return;
  g_free (check->words);
  g_free (check->more);
  g_free (check->command);
  g_free (check);
}

void
peal_phone_check_invitation_async (PealPhone *self,
                                   PealAccount *account,
                                   const char *invitation,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Line *line = phone_line_of_account (self, account);

  if (!line) {
    g_task_return_new_error (task, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_NETWORK, "%s",
                             words_no_network ());
    g_object_unref (task);
    return;
  }
  g_object_set_data_full (G_OBJECT (task), "invitation", g_strdup (invitation), g_free);
  phone_add_lookup (self, task, line, LOOKUP_OUTSIDE);
  world_check_reach (line_get_world (line));
}

PealInvitationCheck *
peal_phone_check_invitation_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
peal_phone_checking (void)
{
  return words_invitation_checking ();
}
