/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "sip"
#include "core/sip/gate.h"
#include "core/sip/user-agent-private.h"
#include <string.h>

/* Everything between us and one peer. The dialogs live longer than the link: when it goes down
 * under a call, a new one is asked for, again and again for SESSION_MEND_S, and wait meanwhile. A
 * fresh request does not wait that long: when no link can be made it fails with 503. Only when
 * nobody knows the peer it is asked for again at once, for ARRIVAL.
 *
 *   DOWN --something to send--> WANTED --up--> UP --down--> DOWN, or WANTED when a call needs it
 *                                  `--failed--> DOWN, and WANTED again after a pause while
 *                                               a call needs it
 *
 * Requests are believed only inside the dialogs of this very pair, or when From is the user that
 * the link's certificate names: nobody can end or begin a call of somebody else. */

/* Doubled from one to the other: an overlay that has just lost somebody soon finds another way. */
static const uint64_t MEND_PAUSE_MIN = 250 * TIME_MS;
static const uint64_t MEND_PAUSE_MAX = 2 * TIME_SECOND;

/* Who has just come into the overlay is registered a moment before all others know the way. */
static const uint64_t ARRIVAL = 1500 * TIME_MS;

#define TOKEN (TIME_SECOND / LIMIT_SIP_MESSAGES_PER_S)

/* ---- Sending ---- */

static void
send_frame (Bytes frame, void *user_data)
{
  Pair *self = user_data;

  self->ua->delegate->send (self->ua->user_data, &self->peer, frame);
}

/* For an attempt at a link: what is left of the time in which it must succeed. */
static uint64_t
patience (const Pair *self)
{
  uint64_t whole = SESSION_MEND_S * TIME_SECOND;
  uint64_t waited = timers_now (self->ua->ports->timers) - self->lost_at;

  return self->lost_at == 0 ? whole : whole - MIN (waited, whole);
}

static void
want_link (Pair *self)
{
  if (self->state != PAIR_LINK_DOWN)
    return;
  timer_stop (&self->mend);
  self->state = PAIR_LINK_WANTED;
  self->wanted_at = timers_now (self->ua->ports->timers);
  timer_start (&self->failure, self->ua->ports->timers, patience (self));
  self->ua->delegate->want_link (self->ua->user_data, &self->peer);
}

void
pair_send (Pair *self, Bytes text)
{
  if (text.size == 0 || text.size > LIMIT_SIP_SIZE)
    return;
  if (self->state == PAIR_LINK_UP) {
    chunk_write (text, self->message_number++, send_frame, self);
    return;
  }
  if (self->waiting.length >= LIMIT_SIP_WAITING_PAIR) {
    self->ua->counters.queue_dropped++;
    return;
  }
  g_queue_push_tail (&self->waiting, g_bytes_new (text.data, text.size));
  if (!timer_is_set (&self->mend))
    want_link (self);
}

static void
send_waiting (Pair *self)
{
  GBytes *message;

  while (self->state == PAIR_LINK_UP && (message = g_queue_pop_head (&self->waiting)) != NULL) {
    Bytes text;

    text.data = g_bytes_get_data (message, &text.size);
    pair_send (self, text);
    g_bytes_unref (message);
  }
}

bool
pair_forget_waiting (Pair *self, const char *call_id)
{
  g_autofree char *header = g_strdup_printf ("\r\nCall-ID: %s\r\n", call_id);
  guint before = self->waiting.length;

  for (GList *at = self->waiting.head, *next; at != NULL; at = next) {
    gsize size;
    const void *text = g_bytes_get_data (at->data, &size);

    next = at->next;
    if (memmem (text, size, header, strlen (header)) == NULL)
      continue;
    g_bytes_unref (at->data);
    g_queue_delete_link (&self->waiting, at);
  }
  return self->waiting.length < before;
}

static void
drop_waiting (Pair *self)
{
  self->ua->counters.queue_dropped += self->waiting.length;
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
}

uint32_t
pair_request (Pair *self, Dialog *dialog, const SipRequest *request)
{
  g_autofree char *text = dialog_write (dialog, self->ua->ports, &self->ua->identity, request);

  return sip_stack_request (self->stack, text);
}

void
pair_reply (Pair *self, uint32_t transaction, const SipReply *reply)
{
  SipReply tagged = *reply;
  char tag[DIALOG_TOKEN_SIZE];

  if (tagged.to_tag == NULL)
    tagged.to_tag = dialog_token (self->ua->ports, tag);
  sip_stack_reply (self->stack, transaction, &tagged, NULL);
}

void
pair_reply_status (Pair *self, uint32_t transaction, int status)
{
  pair_reply (self, transaction, &(SipReply){ .status = status });
}

/* ---- What comes out of the stack ---- */

static void
on_send (void *user_data, Bytes text)
{
  pair_send (user_data, text);
}

static void
on_bye (Pair *self, uint32_t transaction, const SipMessage *request)
{
  pair_reply_status (self, transaction, 481);
}

static void
on_options (Pair *self, uint32_t transaction, const SipMessage *request)
{
  pair_reply (self, transaction,
              &(SipReply){ .status = 200,
                           .contact = self->ua->identity.contact,
                           .headers = SIP_ALLOW "Accept: application/sdp\r\n"
                                                "Allow-Events: presence\r\n" });
}

/* Methods outside a dialog. Those without a handler are known, but not for us. */
static const struct {
  const char *name;
  void (*handle) (Pair *self, uint32_t transaction, const SipMessage *request);
} sip_methods[] = {
  { "INVITE", session_on_invite },
  { "SUBSCRIBE", watcher_on_subscribe },
  { "OPTIONS", on_options },
  { "BYE", on_bye },
  { "NOTIFY", on_bye },
  { "REGISTER", NULL },
  { "PUBLISH", NULL },
  { "MESSAGE", NULL },
  { "INFO", NULL },
  { "REFER", NULL },
  { "UPDATE", NULL },
  { "PRACK", NULL },
};

static void
handle_method (Pair *self, uint32_t transaction, const SipMessage *request)
{
  int status = 501;

  for (size_t i = 0; i < G_N_ELEMENTS (sip_methods); i++) {
    if (strcmp (request->method, sip_methods[i].name) != 0)
      continue;
    if (sip_methods[i].handle != NULL) {
      sip_methods[i].handle (self, transaction, request);
      return;
    }
    status = 405;
  }
  pair_reply (self, transaction, &(SipReply){ .status = status, .headers = SIP_ALLOW });
}

/* A call may be for somebody else of this overlay, whose registration names our device (RFC 7904,
 * 3.2). */
static bool
is_for_us (const Pair *self, const SipMessage *request)
{
  const char *own = self->ua->identity.address;
  const char *domain = strchr (request->target_address, '@');

  if (strcmp (request->target_address, own) == 0)
    return true;
  return strcmp (request->method, "INVITE") == 0 && g_strcmp0 (domain, strchr (own, '@')) == 0;
}

/* What is wrong with a request outside a dialog, in the order of RFC 3261, 8.2; 0 when nothing is.
 */
static int
check_request (Pair *self, const SipMessage *request)
{
  if (request->from_address == NULL || self->address == NULL ||
      strcmp (request->from_address, self->address) != 0) {
    self->ua->counters.identity++;
    return 403;
  }
  if (request->from_tag == NULL)
    return 400;
  if (request->target_address == NULL)
    return 416;
  if (!is_for_us (self, request))
    return 404;
  return request->require != NULL && request->require[0] != '\0' ? 420 : 0;
}

static void
refuse (Pair *self, uint32_t transaction, const SipMessage *request, int status)
{
  g_autofree char *unsupported =
    status == 420 ? g_strdup_printf ("Unsupported: %s\r\n", request->require) : NULL;

  pair_reply (self, transaction, &(SipReply){ .status = status, .headers = unsupported });
}

static void
on_request (void *user_data, uint32_t transaction, const SipMessage *request)
{
  Pair *self = user_data;
  int status;

  if (request->to_tag != NULL) {
    if (session_on_request (self, transaction, request) ||
        watcher_on_request (self, transaction, request) ||
        subscription_on_notify (self, transaction, request))
      return;
    self->ua->counters.unknown_dialog++;
    pair_reply_status (self, transaction, 481);
    return;
  }
  status = check_request (self, request);
  if (status != 0)
    refuse (self, transaction, request, status);
  else
    handle_method (self, transaction, request);
}

static void
on_ack (void *user_data, const SipMessage *ack)
{
  session_on_ack (user_data, ack);
}

static void
on_cancel (void *user_data, uint32_t transaction, const SipMessage *cancel)
{
  session_on_cancel (user_data, transaction, cancel);
}

static void
on_response (void *user_data, const SipMessage *response)
{
  Pair *self = user_data;

  if (!session_on_response (self, response) && !subscription_on_response (self, response))
    watcher_on_response (self, response);
}

static const SipStackEvents stack_events = {
  .send = on_send,
  .request = on_request,
  .ack = on_ack,
  .cancel = on_cancel,
  .response = on_response,
};

/* ---- Life ---- */

static void
fail (Pair *self)
{
  uint64_t now = timers_now (self->ua->ports->timers);

  self->state = PAIR_LINK_DOWN;
  drop_waiting (self);
  /* What comes of the failures may want to say something more: not before the pause is over. */
  self->mend_pause = CLAMP (2 * self->mend_pause, MEND_PAUSE_MIN, MEND_PAUSE_MAX);
  timer_start (&self->mend, self->ua->ports->timers, self->mend_pause);
  sip_stack_fail (self->stack);
  subscription_on_link_lost (self);
  if (self->lost_at == 0)
    self->lost_at = now;
  if (now - self->lost_at >= SESSION_MEND_S * TIME_SECOND)
    session_on_link_lost (self);
  if (!session_uses (self) && self->waiting.length == 0) {
    timer_stop (&self->mend);
    self->lost_at = 0;
  }
  user_agent_reap_later (self->ua);
}

static void
on_mend_timer (Timer *timer, void *owner)
{
  Pair *self = owner;

  if (self->state == PAIR_LINK_WANTED)
    self->ua->delegate->want_link (self->ua->user_data, &self->peer);
  else
    want_link (self);
}

static void
on_failure_timer (Timer *timer, void *owner)
{
  fail (owner);
}

Pair *
pair_find (const UserAgent *ua, const NodeId *peer)
{
  list_for_each (&ua->pairs, link)
  {
    Pair *pair = list_element (link, Pair, link);

    if (node_id_equal (&pair->peer, peer))
      return pair;
  }
  return NULL;
}

Pair *
pair_get (UserAgent *ua, const NodeId *peer)
{
  Pair *self = pair_find (ua, peer);

  if (self != NULL)
    return self;
  if (ua->pair_count >= LIMIT_SIP_PAIRS)
    return NULL;
  self = g_new0 (Pair, 1);
  self->ua = ua;
  self->peer = *peer;
  self->tokens = LIMIT_SIP_MESSAGES_BURST * TOKEN;
  self->tokens_at = timers_now (ua->ports->timers);
  timer_init (&self->failure, on_failure_timer, self);
  timer_init (&self->mend, on_mend_timer, self);
  g_queue_init (&self->waiting);
  self->chunks = chunk_reader_new (ua->ports->timers);
  self->stack = sip_stack_new (ua->ports, &stack_events, self);
  list_init (&self->legs);
  list_init (&self->subscriptions);
  list_append (&ua->pairs, &self->link);
  ua->pair_count++;
  return self;
}

void
pair_free (Pair *self)
{
  g_assert (list_is_empty (&self->legs) && list_is_empty (&self->subscriptions));
  g_assert (self->watcher == NULL);
  list_remove (&self->link);
  self->ua->pair_count--;
  timer_stop (&self->failure);
  timer_stop (&self->mend);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  chunk_reader_free (self->chunks);
  sip_stack_free (self->stack);
  g_free (self->address);
  g_free (self);
}

bool
pair_is_busy (const Pair *self)
{
  return !list_is_empty (&self->legs) || self->waiting.length > 0 ||
         !sip_stack_is_idle (self->stack);
}

bool
pair_is_idle (const Pair *self)
{
  return self->state == PAIR_LINK_DOWN && !pair_is_busy (self) &&
         list_is_empty (&self->subscriptions) && self->watcher == NULL;
}

/* ---- Links ---- */

void
pair_link_up (Pair *self, const Certificate *certificate)
{
  g_free (self->address);
  self->address = g_strdup (certificate->user);
  self->user_key = certificate->user_key;
  chunk_reader_clear (self->chunks);
  timer_stop (&self->failure);
  timer_stop (&self->mend);
  if (self->state == PAIR_LINK_UP)
    sip_stack_repeat (self->stack);
  self->state = PAIR_LINK_UP;
  self->lost_at = 0;
  self->mend_pause = 0;
  send_waiting (self);
  session_on_link_up (self);
  subscription_on_link_up (self);
}

void
pair_link_down (Pair *self, bool is_lost)
{
  if (self->state != PAIR_LINK_UP)
    return;
  self->state = PAIR_LINK_DOWN;
  chunk_reader_clear (self->chunks);
  sip_stack_repeat (self->stack); /* what was on its way may be lost */
  if (is_lost)
    subscription_on_link_lost (self);
  if (session_uses (self)) {
    self->lost_at = timers_now (self->ua->ports->timers);
    session_on_link_down (self);
    want_link (self);
  }
  user_agent_reap_later (self->ua);
}

void
pair_link_failed (Pair *self, bool may_come)
{
  Timers *timers = self->ua->ports->timers;

  if (self->state != PAIR_LINK_WANTED)
    return;
  if (may_come && timers_now (timers) < self->wanted_at + ARRIVAL)
    timer_start (&self->mend, timers, MEND_PAUSE_MIN);
  else
    timer_start (&self->failure, timers, 0);
}

/* Credit grows with time; each message costs TOKEN of it. */
static bool
take_token (Pair *self)
{
  uint64_t now = timers_now (self->ua->ports->timers);

  self->tokens = MIN (self->tokens + (now - self->tokens_at), LIMIT_SIP_MESSAGES_BURST * TOKEN);
  self->tokens_at = now;
  if (self->tokens < TOKEN)
    return false;
  self->tokens -= TOKEN;
  return true;
}

void
pair_receive (Pair *self, Bytes frame)
{
  SipCounters *counters = &self->ua->counters;
  Bytes text;

  if (self->state != PAIR_LINK_UP || !chunk_reader_add (self->chunks, frame, &text))
    return;
  counters->received++;
  if (!take_token (self)) {
    counters->flood++;
    return;
  }
  if (sip_stack_receive (self->stack, text) != GATE_GOOD)
    counters->malformed++;
}
