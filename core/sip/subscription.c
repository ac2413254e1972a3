/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/pidf.h"
#include "core/sip/user-agent-private.h"
#include <string.h>

/* Whom we watch: a Buddy is a person, with one subscription for each device (RFC 6665, 4.1).
 *
 *   SUBSCRIBE -> 200 or 202 -> NOTIFY pending -> NOTIFY active ... -> NOTIFY terminated
 *                `-> 403: refused        refreshed at half time
 *
 * A NOTIFY may overtake the 200: the dialog is known by our own tag. When the link is lost, what we
 * know stands for UNCONFIRMED_S and then becomes PRESENCE_UNKNOWN; a new link asks again. */

enum { EXPIRES_S = 3600, EXPIRES_MIN_S = 60, UNCONFIRMED_S = 30 };

typedef struct Buddy {
  ListLink link; /* in UserAgent.buddies */
  UserAgent *ua;
  char *address;       /* owned */
  PresenceState state; /* as told last */
  bool is_told;        /* a state was told at all */
  bool is_gone;
  ListLink subscriptions;
} Buddy;

typedef struct Subscription {
  ListLink link;      /* in Buddy.subscriptions */
  ListLink pair_link; /* in Pair.subscriptions */
  Buddy *buddy;
  Pair *pair;
  Dialog dialog;
  PresenceState state;
  uint32_t cseq;    /* of our latest SUBSCRIBE */
  bool is_open;     /* a SUBSCRIBE is out */
  bool is_ended;    /* the dialog is over; a new one may be begun */
  bool is_gone;     /* to be freed */
  bool is_doubtful; /* the link was lost since it was confirmed */
  Timer refresh;
  Timer unconfirmed;
} Subscription;

/* ---- What is known of a person ---- */

/* The states are ordered so that the greatest tells the most. */
static PresenceState
judge (const Buddy *buddy, const UserKey **ret_user_key)
{
  PresenceState state = list_is_empty (&buddy->subscriptions) ? PRESENCE_OFFLINE : PRESENCE_UNKNOWN;

  list_for_each (&buddy->subscriptions, link)
  {
    const Subscription *subscription = list_element (link, Subscription, link);

    if (subscription->is_gone || subscription->state <= state)
      continue;
    state = subscription->state;
    *ret_user_key = &subscription->pair->user_key;
  }
  return state;
}

static bool
is_forgotten (const Buddy *buddy)
{
  list_for_each (&buddy->subscriptions, link)
  {
    if (!list_element (link, Subscription, link)->is_gone)
      return false;
  }
  return true;
}

static void
tell (Buddy *buddy)
{
  const UserKey *user_key = NULL;
  PresenceState state = is_forgotten (buddy) ? PRESENCE_OFFLINE : judge (buddy, &user_key);

  if (buddy->is_gone || (buddy->is_told && buddy->state == state))
    return;
  buddy->state = state;
  buddy->is_told = true;
  user_agent_emit (buddy->ua, (SipEvent){ .type = SIP_EVENT_PRESENCE,
                                          .address = buddy->address,
                                          .user_key = user_key,
                                          .presence = state });
}

static void
set_state (Subscription *self, PresenceState state)
{
  timer_stop (&self->unconfirmed);
  self->is_doubtful = false;
  self->state = state;
  tell (self->buddy);
}

/* ---- SUBSCRIBE ---- */

static void
send_subscribe (Subscription *self, unsigned expires_s)
{
  g_autofree char *headers =
    g_strdup_printf ("Event: presence\r\nExpires: %u\r\nAccept: " PIDF_CONTENT_TYPE "\r\n",
                     expires_s);
  uint32_t transaction = pair_request (self->pair, &self->dialog,
                                       &(SipRequest){ .method = "SUBSCRIBE", .headers = headers });

  self->cseq = self->dialog.local_cseq;
  self->is_open = transaction != 0;
  if (transaction == 0)
    self->is_ended = true;
}

static void
begin (Subscription *self)
{
  UserAgent *ua = self->buddy->ua;
  char call_id[DIALOG_TOKEN_SIZE], tag[DIALOG_TOKEN_SIZE];

  dialog_clear (&self->dialog);
  dialog_begin (&self->dialog, &ua->identity, dialog_token (ua->ports, call_id),
                dialog_token (ua->ports, tag), self->buddy->address, self->buddy->address);
  self->is_ended = false;
  send_subscribe (self, EXPIRES_S);
}

static void
end (Subscription *self, PresenceState state)
{
  self->is_ended = true;
  self->is_open = false;
  timer_stop (&self->refresh);
  set_state (self, state);
}

static void
on_refresh_timer (Timer *timer, void *owner)
{
  Subscription *self = owner;

  if (!self->is_ended && !self->is_open)
    send_subscribe (self, EXPIRES_S);
}

static void
on_unconfirmed_timer (Timer *timer, void *owner)
{
  Subscription *self = owner;

  self->state = PRESENCE_UNKNOWN;
  tell (self->buddy);
}

static void
refresh_in (Subscription *self, int64_t expires_s)
{
  uint64_t seconds = (uint64_t) CLAMP (expires_s, EXPIRES_MIN_S, EXPIRES_S);

  timer_start (&self->refresh, self->buddy->ua->ports->timers, seconds * TIME_SECOND / 2);
}

static void
on_success (Subscription *self, const SipMessage *response)
{
  if (response->to_tag == NULL || self->is_ended)
    return;
  dialog_learn (&self->dialog, response, response->to_tag);
  refresh_in (self, response->expires >= 0 ? response->expires : EXPIRES_S);
  if (response->status == 202 && self->state == PRESENCE_UNKNOWN)
    set_state (self, PRESENCE_PENDING);
}

static void
on_failure (Subscription *self, int status)
{
  bool is_first = self->dialog.remote_tag == NULL;

  if (status == 403 || status == 603)
    end (self, PRESENCE_REFUSED);
  else if (status == 481 && !is_first)
    begin (self); /* they have forgotten us: as if for the first time */
  else if (status == 404 || status == 410 || status == 480)
    end (self, PRESENCE_OFFLINE);
  else
    end (self, PRESENCE_UNKNOWN);
}

bool
subscription_on_response (Pair *pair, const SipMessage *response)
{
  list_for_each (&pair->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, pair_link);

    if (self->is_gone || !dialog_has_response (&self->dialog, response) ||
        strcmp (response->method, "SUBSCRIBE") != 0)
      continue;
    if (response->cseq != self->cseq || response->status < 200)
      return true;
    self->is_open = false;
    if (response->status < 300)
      on_success (self, response);
    else
      on_failure (self, response->status);
    return true;
  }
  return false;
}

/* ---- NOTIFY ---- */

static void
on_active (Subscription *self, const SipMessage *notify)
{
  PresenceState state = PRESENCE_UNKNOWN;

  if (g_strcmp0 (notify->content_type, PIDF_CONTENT_TYPE) == 0)
    state = pidf_read (notify->body);
  if (state != PRESENCE_UNKNOWN)
    set_state (self, state);
}

static void
on_terminated (Subscription *self, const SipMessage *notify)
{
  g_autofree char *reason = message_parameter (notify->subscription_state, "reason");

  if (g_strcmp0 (reason, "rejected") == 0)
    end (self, PRESENCE_REFUSED);
  else if (g_strcmp0 (reason, "probation") == 0 || g_strcmp0 (reason, "noresource") == 0)
    end (self, PRESENCE_OFFLINE);
  else
    end (self, PRESENCE_UNKNOWN);
}

static void
take_notify (Subscription *self, const SipMessage *notify)
{
  if (self->dialog.remote_tag == NULL)
    dialog_learn (&self->dialog, notify, notify->from_tag);
  if (message_has_token (notify->subscription_state, "active"))
    on_active (self, notify);
  else if (message_has_token (notify->subscription_state, "pending"))
    set_state (self, PRESENCE_PENDING);
  else if (message_has_token (notify->subscription_state, "terminated"))
    on_terminated (self, notify);
}

static int
check_notify (Subscription *self, const SipMessage *notify)
{
  if (strcmp (notify->method, "NOTIFY") != 0)
    return 405;
  if (!message_has_token (notify->event, "presence"))
    return 489;
  if (notify->subscription_state == NULL || notify->from_tag == NULL)
    return 400;
  /* The buddy alone speaks of the buddy. */
  if (g_strcmp0 (self->pair->address, self->buddy->address) != 0)
    return 403;
  return dialog_advance (&self->dialog, notify) ? 200 : 500;
}

bool
subscription_on_notify (Pair *pair, uint32_t transaction, const SipMessage *notify)
{
  list_for_each (&pair->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, pair_link);
    bool is_repeated;
    int status;

    if (self->is_gone || self->is_ended || !dialog_has_request (&self->dialog, notify))
      continue;
    is_repeated = notify->cseq == self->dialog.remote_cseq;
    status = is_repeated ? 200 : check_notify (self, notify);
    pair_reply (pair, transaction, &(SipReply){ .status = status, .headers = SIP_ALLOW });
    if (status == 200 && !is_repeated)
      take_notify (self, notify);
    return true;
  }
  return false;
}

/* ---- Links ---- */

void
subscription_on_link_up (Pair *pair)
{
  list_for_each (&pair->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, pair_link);

    if (!self->is_gone && !self->is_ended && self->is_doubtful && !self->is_open)
      send_subscribe (self, EXPIRES_S);
  }
}

void
subscription_on_link_lost (Pair *pair)
{
  list_for_each (&pair->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, pair_link);

    if (self->is_gone || self->is_doubtful)
      continue;
    self->is_doubtful = true;
    timer_start (&self->unconfirmed, pair->ua->ports->timers, UNCONFIRMED_S * TIME_SECOND);
  }
}

void
subscription_check (Pair *pair)
{
  list_for_each (&pair->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, pair_link);

    if (!self->is_gone && !self->is_ended && !self->is_open)
      send_subscribe (self, EXPIRES_S);
  }
}

/* ---- Life ---- */

static Buddy *
find_buddy (const UserAgent *ua, const char *address)
{
  list_for_each (&ua->buddies, link)
  {
    Buddy *buddy = list_element (link, Buddy, link);

    if (!buddy->is_gone && strcmp (buddy->address, address) == 0)
      return buddy;
  }
  return NULL;
}

static Buddy *
get_buddy (UserAgent *ua, const char *address)
{
  Buddy *buddy = find_buddy (ua, address);

  if (buddy != NULL)
    return buddy;
  buddy = g_new0 (Buddy, 1);
  buddy->ua = ua;
  buddy->address = g_strdup (address);
  list_init (&buddy->subscriptions);
  list_append (&ua->buddies, &buddy->link);
  return buddy;
}

static void
subscription_free (Subscription *self)
{
  list_remove (&self->link);
  list_remove (&self->pair_link);
  timer_stop (&self->refresh);
  timer_stop (&self->unconfirmed);
  dialog_clear (&self->dialog);
  g_free (self);
}

void
subscription_reap (UserAgent *ua, bool is_all)
{
  list_for_each (&ua->buddies, link)
  {
    Buddy *buddy = list_element (link, Buddy, link);

    list_for_each (&buddy->subscriptions, subscription_link)
    {
      Subscription *self = list_element (subscription_link, Subscription, link);

      if (is_all || self->is_gone)
        subscription_free (self);
    }
    if (is_all || buddy->is_gone) {
      list_remove (&buddy->link);
      g_free (buddy->address);
      g_free (buddy);
    }
  }
}

static Subscription *
find_subscription (const Buddy *buddy, const NodeId *device)
{
  list_for_each (&buddy->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, link);

    if (!self->is_gone && node_id_equal (&self->pair->peer, device))
      return self;
  }
  return NULL;
}

static void
forget (Subscription *self)
{
  self->is_gone = true;
  timer_stop (&self->refresh);
  timer_stop (&self->unconfirmed);
  user_agent_reap_later (self->buddy->ua);
}

static void
subscribe_to (Buddy *buddy, const NodeId *device)
{
  Subscription *self = find_subscription (buddy, device);
  Pair *pair;

  if (self != NULL && self->is_ended)
    begin (self);
  else if (self != NULL && self->is_doubtful && !self->is_open)
    send_subscribe (self, EXPIRES_S);
  if (self != NULL)
    return;
  pair = pair_get (buddy->ua, device);
  if (pair == NULL)
    return;
  self = g_new0 (Subscription, 1);
  self->buddy = buddy;
  self->pair = pair;
  timer_init (&self->refresh, on_refresh_timer, self);
  timer_init (&self->unconfirmed, on_unconfirmed_timer, self);
  list_append (&buddy->subscriptions, &self->link);
  list_append (&pair->subscriptions, &self->pair_link);
  begin (self);
}

static bool
has_device (const NodeId *devices, size_t count, const NodeId *device)
{
  for (size_t i = 0; i < count; i++)
    if (node_id_equal (&devices[i], device))
      return true;
  return false;
}

void
presence_subscribe (UserAgent *ua, const char *address, const NodeId *devices, size_t count)
{
  Buddy *buddy = get_buddy (ua, address);

  count = MIN (count, LIMIT_CALL_DEVICES);
  list_for_each (&buddy->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, link);

    if (!self->is_gone && !has_device (devices, count, &self->pair->peer))
      forget (self);
  }
  for (size_t i = 0; i < count; i++)
    subscribe_to (buddy, &devices[i]);
  if (count == 0)
    tell (buddy);
}

void
presence_doubt (UserAgent *ua, const NodeId *device)
{
  Pair *pair = pair_find (ua, device);

  if (pair != NULL && pair->state != PAIR_LINK_UP)
    subscription_on_link_lost (pair);
}

void
presence_unsubscribe (UserAgent *ua, const char *address)
{
  Buddy *buddy = find_buddy (ua, address);

  if (buddy == NULL)
    return;
  buddy->is_gone = true;
  list_for_each (&buddy->subscriptions, link)
  {
    Subscription *self = list_element (link, Subscription, link);

    if (!self->is_gone && !self->is_ended && self->dialog.remote_tag != NULL)
      send_subscribe (self, 0);
    forget (self);
  }
  user_agent_reap_later (ua);
}
