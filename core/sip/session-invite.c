/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/display-name.h"
#include "core/sip/gruu.h"
#include "core/sip/session-private.h"
#include <string.h>

/* An INVITE that comes: whether it may ring here, and the call that it becomes. Who is refused
 * already, who calls again and again, and who is not who he says, makes no sound. */

enum { RING_MAX_S = 180 }; /* our patience, should the caller have none */

static unsigned
count_ringing (const UserAgent *ua)
{
  unsigned count = 0;

  list_for_each (&ua->sessions, link)
  {
    const Session *session = list_element (link, Session, link);

    count += session->is_incoming && !session->is_up && !session->is_ended;
  }
  return count;
}

/* LIMIT_SIP_INVITE_BURST calls of one person in that many periods; and no more of all than we
 * remember. */
static bool
admit (const Pair *pair)
{
  UserAgent *ua = pair->ua;
  const UserKey *caller = &pair->user_key;
  uint64_t now = timers_now (ua->ports->timers);
  uint64_t window = LIMIT_SIP_INVITE_PERIOD_S * LIMIT_SIP_INVITE_BURST * TIME_SECOND;
  RecentInvite *slot;
  unsigned count = 0;

  if (ua->recent == NULL)
    ua->recent = g_new0 (RecentInvite, LIMIT_SIP_INVITES_RECENT);
  slot = &ua->recent[ua->recent_next % LIMIT_SIP_INVITES_RECENT];
  if (count_ringing (ua) >= LIMIT_CALLS_RINGING ||
      session_count_legs (pair) >= LIMIT_SIP_DIALOGS_PAIR)
    return false;
  for (size_t i = 0; i < MIN (ua->recent_next, LIMIT_SIP_INVITES_RECENT); i++)
    count += now - ua->recent[i].at < window &&
             memcmp (&ua->recent[i].caller, caller, sizeof *caller) == 0;
  if (count >= LIMIT_SIP_INVITE_BURST ||
      (ua->recent_next >= LIMIT_SIP_INVITES_RECENT && now - slot->at < window))
    return false;
  *slot = (RecentInvite){ .at = now, .caller = *caller };
  ua->recent_next++;
  return true;
}

/* Where the dialog's requests will go must be the very device that calls. */
static bool
is_genuine_contact (const Pair *pair, const SipMessage *message)
{
  Route route;

  if (message->contact_address == NULL || strcmp (message->contact_address, pair->address) != 0)
    return false;
  return message->contact_gr == NULL ||
         (gruu_read (message->contact_gr, &route) && node_id_equal (&route.device, &pair->peer));
}

static int
check_invite (Pair *pair, const SipMessage *invite, MediaDescription *ret_remote)
{
  UserAgent *ua = pair->ua;

  if (invite->contact_uri == NULL)
    return 400;
  if (!is_genuine_contact (pair, invite)) {
    ua->counters.identity++;
    return 403;
  }
  if (ua->delegate->decide (ua->user_data, pair->address, &pair->user_key) == PRESENCE_REJECTED)
    return 403;
  if (!admit (pair)) {
    ua->counters.invites_refused++;
    return 486;
  }
  return leg_read_offer (ua, invite, ret_remote);
}

/* An INVITE of a call that is here already: the same again, or by a second way (8.2.2.2). */
static bool
is_repeated (Pair *pair, uint32_t transaction, const SipMessage *invite)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (g_strcmp0 (leg->dialog.call_id, invite->call_id) != 0 ||
        g_strcmp0 (leg->dialog.remote_tag, invite->from_tag) != 0 || leg->branch == NULL)
      continue;
    if (strcmp (leg->branch, invite->branch) != 0) {
      pair_reply_status (pair, transaction, 482);
      return true;
    }
    sip_stack_forget (pair->stack, transaction);
    if (leg->answer_text != NULL)
      pair_send (pair, bytes_of_text (leg->answer_text));
    return true;
  }
  return false;
}

static void
begin_incoming (Pair *pair,
                uint32_t transaction,
                const SipMessage *invite,
                MediaDescription *remote)
{
  UserAgent *ua = pair->ua;
  uint32_t call = SESSION_INCOMING | (++ua->calls_received & ~SESSION_INCOMING);
  Session *self = session_begin (ua, call, pair->address, true);
  Leg *leg = leg_new (self, &pair->peer, pair->address);
  g_autofree char *name = display_name_read (invite->from_name);

  leg_attach (leg, pair);
  dialog_accept (&leg->dialog, ua->ports, &ua->identity, invite);
  leg->state = LEG_INCOMING;
  leg->invite = transaction;
  leg->branch = g_strdup (invite->branch);
  leg->offer = g_strndup ((const char *) invite->body.data, invite->body.size);
  leg->remote = *remote;
  leg->is_active = remote->setup != MEDIA_SETUP_ACTIVE;
  comparison_begin (leg);
  self->chosen = leg;
  timer_start (&self->timer, ua->ports->timers, RING_MAX_S * TIME_SECOND);
  session_emit (self, leg,
                (SipEvent){ .type = SIP_EVENT_INCOMING,
                            .display_name = name,
                            .media = &leg->remote,
                            .is_server = !leg->is_active });
}

void
session_on_invite (Pair *pair, uint32_t transaction, const SipMessage *invite)
{
  g_autofree MediaDescription *remote = g_new0 (MediaDescription, 1);
  int status;

  if (is_repeated (pair, transaction, invite))
    return;
  status = check_invite (pair, invite, remote);
  if (status == 0)
    begin_incoming (pair, transaction, invite, remote);
  else
    pair_reply (pair, transaction,
                &(SipReply){ .status = status,
                             .headers = status == 415 ? "Accept: application/sdp\r\n" : NULL });
}
