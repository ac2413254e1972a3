/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/display-name.h"
#include "core/sip/pidf.h"
#include "core/sip/user-agent-private.h"
#include <string.h>

/* Who watches us: at most one subscription for each pair, since a device needs no second one; a new
 * one takes the place of the old (RFC 6665, 4.2). Until the person has decided it is pending and is
 * told nothing but that. */

enum { EXPIRES_S = 3600, EXPIRES_MIN_S = 60 };

typedef struct Watcher {
  Pair *pair;
  Dialog dialog;
  PresenceDecision decision;
  bool is_gone;
  uint32_t cseq; /* of our latest NOTIFY */
  Timer expiry;
} Watcher;

/* ---- NOTIFY ---- */

static void
notify (Watcher *self, const char *state, PresenceState presence)
{
  const SipIdentity *identity = &self->pair->ua->identity;
  g_autofree char *body = NULL;
  g_autofree char *headers =
    g_strdup_printf ("Event: presence\r\nSubscription-State: %s\r\n", state);

  if (presence != PRESENCE_UNKNOWN)
    body = pidf_write (identity->address, identity->contact, presence);
  pair_request (self->pair, &self->dialog,
                &(SipRequest){ .method = "NOTIFY",
                               .headers = headers,
                               .content_type = PIDF_CONTENT_TYPE,
                               .body = body });
  self->cseq = self->dialog.local_cseq;
}

static unsigned
seconds_left (const Watcher *self)
{
  const Timers *timers = self->pair->ua->ports->timers;

  if (!timer_is_set (&self->expiry))
    return 0;
  return (unsigned) (timer_left (&self->expiry, timers) / TIME_SECOND);
}

static void
notify_state (Watcher *self)
{
  bool is_accepted = self->decision == PRESENCE_ACCEPTED;
  g_autofree char *state =
    g_strdup_printf ("%s;expires=%u", is_accepted ? "active" : "pending", seconds_left (self));

  notify (self, state, is_accepted ? self->pair->ua->presence : PRESENCE_UNKNOWN);
}

static void
gone (Watcher *self)
{
  self->is_gone = true;
  timer_stop (&self->expiry);
  user_agent_reap_later (self->pair->ua);
}

static void
terminate (Watcher *self, const char *reason, PresenceState presence)
{
  g_autofree char *state = g_strdup_printf ("terminated;reason=%s", reason);

  notify (self, state, presence);
  gone (self);
}

static void
on_expiry_timer (Timer *timer, void *owner)
{
  terminate (owner, "timeout", PRESENCE_UNKNOWN);
}

/* ---- Life ---- */

static Watcher *
watcher_of (const Pair *pair)
{
  return pair->watcher != NULL && !pair->watcher->is_gone ? pair->watcher : NULL;
}

static void
watcher_free (Pair *pair)
{
  timer_stop (&pair->watcher->expiry);
  dialog_clear (&pair->watcher->dialog);
  g_clear_pointer (&pair->watcher, g_free);
}

void
watcher_reap (Pair *pair, bool is_all)
{
  if (pair->watcher != NULL && (is_all || pair->watcher->is_gone))
    watcher_free (pair);
}

static unsigned
count_pending (const UserAgent *ua)
{
  unsigned count = 0;

  list_for_each (&ua->pairs, link)
  {
    const Watcher *watcher = watcher_of (list_element (link, Pair, link));

    count += watcher != NULL && watcher->decision == PRESENCE_UNDECIDED;
  }
  return count;
}

/* ---- SUBSCRIBE ---- */

static unsigned
grant (const SipMessage *subscribe)
{
  if (subscribe->expires < 0)
    return EXPIRES_S;
  return (unsigned) CLAMP (subscribe->expires, EXPIRES_MIN_S, EXPIRES_S);
}

static void
accept (Watcher *self, uint32_t transaction, const SipMessage *subscribe)
{
  UserAgent *ua = self->pair->ua;
  unsigned expires_s = subscribe->expires == 0 ? 0 : grant (subscribe);
  g_autofree char *headers = g_strdup_printf ("Expires: %u\r\n", expires_s);
  SipReply reply = { .status = self->decision == PRESENCE_ACCEPTED ? 200 : 202,
                     .to_tag = self->dialog.local_tag,
                     .contact = ua->identity.contact,
                     .headers = headers };

  sip_stack_reply (self->pair->stack, transaction, &reply, NULL);
  if (expires_s == 0) {
    terminate (self, "timeout",
               self->decision == PRESENCE_ACCEPTED ? ua->presence : PRESENCE_UNKNOWN);
    return;
  }
  timer_start (&self->expiry, ua->ports->timers, expires_s * TIME_SECOND);
  notify_state (self);
}

static int
check_subscribe (Pair *pair, const SipMessage *subscribe, PresenceDecision *ret_decision)
{
  UserAgent *ua = pair->ua;

  if (!message_has_token (subscribe->event, "presence"))
    return 489;
  if (subscribe->contact_uri == NULL)
    return 400;
  if (g_strcmp0 (subscribe->contact_address, pair->address) != 0) {
    ua->counters.identity++;
    return 403;
  }
  *ret_decision = ua->delegate->decide (ua->user_data, pair->address, &pair->user_key);
  if (*ret_decision == PRESENCE_REJECTED)
    return 403;
  if (*ret_decision == PRESENCE_UNDECIDED && watcher_of (pair) == NULL &&
      count_pending (ua) >= LIMIT_REQUESTS_PENDING)
    return 480;
  return 0;
}

static Watcher *
renew (Pair *pair, const SipMessage *subscribe, PresenceDecision decision)
{
  UserAgent *ua = pair->ua;
  Watcher *self;

  if (pair->watcher != NULL)
    watcher_free (pair);
  self = pair->watcher = g_new0 (Watcher, 1);
  self->pair = pair;
  self->decision = decision;
  dialog_accept (&self->dialog, ua->ports, &ua->identity, subscribe);
  timer_init (&self->expiry, on_expiry_timer, self);
  return self;
}

void
watcher_on_subscribe (Pair *pair, uint32_t transaction, const SipMessage *subscribe)
{
  PresenceDecision decision = PRESENCE_UNDECIDED;
  int status = check_subscribe (pair, subscribe, &decision);
  bool was_watched = watcher_of (pair) != NULL;
  g_autofree char *name = NULL;

  if (status != 0) {
    pair_reply (pair, transaction,
                &(SipReply){ .status = status,
                             .headers = status == 489 ? "Allow-Events: presence\r\n" : NULL });
    return;
  }
  accept (renew (pair, subscribe, decision), transaction, subscribe);
  /* Whoever begins anew has been started anew, perhaps: then it has forgotten our subscription. */
  if (was_watched)
    subscription_check (pair);
  if (decision != PRESENCE_UNDECIDED || subscribe->expires == 0)
    return;
  name = display_name_read (subscribe->from_name);
  user_agent_emit (pair->ua, (SipEvent){ .type = SIP_EVENT_REQUEST,
                                         .peer = &pair->peer,
                                         .address = pair->address,
                                         .display_name = name,
                                         .user_key = &pair->user_key });
}

bool
watcher_on_request (Pair *pair, uint32_t transaction, const SipMessage *request)
{
  Watcher *self = watcher_of (pair);

  if (self == NULL || !dialog_has_request (&self->dialog, request))
    return false;
  if (request->cseq != self->dialog.remote_cseq && !dialog_advance (&self->dialog, request))
    pair_reply_status (pair, transaction, 500);
  else if (strcmp (request->method, "SUBSCRIBE") != 0)
    pair_reply (pair, transaction, &(SipReply){ .status = 405, .headers = SIP_ALLOW });
  else
    accept (self, transaction, request);
  return true;
}

/* Who does not take our NOTIFY has forgotten us, or is no longer there. */
bool
watcher_on_response (Pair *pair, const SipMessage *response)
{
  Watcher *self = watcher_of (pair);

  if (self == NULL || !dialog_has_response (&self->dialog, response))
    return false;
  if (strcmp (response->method, "NOTIFY") == 0 && response->status >= 300)
    gone (self);
  return true;
}

/* ---- Our side ---- */

static bool
is_person (const Pair *pair, const char *address, const UserKey *user_key)
{
  return pair->address != NULL && strcmp (pair->address, address) == 0 &&
         memcmp (&pair->user_key, user_key, sizeof *user_key) == 0;
}

void
presence_decided (UserAgent *ua,
                  const char *address,
                  const UserKey *user_key,
                  PresenceDecision decision)
{
  list_for_each (&ua->pairs, link)
  {
    Pair *pair = list_element (link, Pair, link);
    Watcher *self = watcher_of (pair);

    if (self == NULL || self->decision == decision || !is_person (pair, address, user_key))
      continue;
    self->decision = decision;
    if (decision == PRESENCE_REJECTED)
      terminate (self, "rejected", PRESENCE_UNKNOWN);
    else
      notify_state (self);
  }
}

void
presence_set_own (UserAgent *ua, PresenceState presence)
{
  g_assert (presence >= PRESENCE_OFFLINE);
  if (ua->presence == presence)
    return;
  ua->presence = presence;
  list_for_each (&ua->pairs, link)
  {
    Watcher *self = watcher_of (list_element (link, Pair, link));

    if (self != NULL && self->decision == PRESENCE_ACCEPTED)
      notify_state (self);
  }
}

/* "probation": to be tried again later (RFC 6665, 4.1.3). */
void
watcher_end_all (UserAgent *ua)
{
  list_for_each (&ua->pairs, link)
  {
    Pair *pair = list_element (link, Pair, link);
    Watcher *self = watcher_of (pair);

    if (self == NULL || pair->state != PAIR_LINK_UP)
      continue;
    terminate (self, "probation",
               self->decision == PRESENCE_ACCEPTED ? PRESENCE_OFFLINE : PRESENCE_UNKNOWN);
  }
}
