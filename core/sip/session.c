/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/session-private.h"
#include <string.h>

/* A call: one leg when it comes, one for each device of the callee when we make it. All those carry
 * the same Call-ID and From tag, so that a device can tell that they are one call. The first 2xx
 * wins and the others are cancelled, with the reason that spares them a missed call (RFC 3326).
 * ENDED is told at once; legs that still wait for a last answer linger on unseen. */

enum { NO_ANSWER_S = 45 }; /* the caller's patience */

#define REASON_ELSEWHERE "SIP;cause=200;text=\"Call completed elsewhere\""

void
session_emit (const Session *self, const Leg *leg, SipEvent event)
{
  event.call = self->call;
  event.peer = leg != NULL ? &leg->peer : NULL;
  event.address = self->address;
  if (leg != NULL && leg->pair != NULL && leg->pair->address != NULL) {
    event.address = leg->pair->address;
    event.user_key = &leg->pair->user_key;
  }
  user_agent_emit (self->ua, event);
}

/* Tells it once, and lets nothing more happen. */
static void
finish (Session *self, SessionEnd end, int status)
{
  if (self->is_ended)
    return;
  self->is_ended = true;
  timer_stop (&self->timer);
  user_agent_reap_later (self->ua);
  session_emit (self, self->chosen,
                (SipEvent){ .type = SIP_EVENT_ENDED, .end = end, .status = status });
}

static void
end_legs (Session *self, const Leg *but, int status, const char *reason)
{
  list_for_each (&self->legs, link)
  {
    Leg *leg = list_element (link, Leg, link);

    if (leg != but)
      leg_end (leg, status, reason);
  }
}

static Session *
find_session (const UserAgent *ua, uint32_t call)
{
  list_for_each (&ua->sessions, link)
  {
    Session *session = list_element (link, Session, link);

    if (session->call == call && !session->is_ended)
      return session;
  }
  return NULL;
}

static Leg *
find_device (const Session *self, const NodeId *device)
{
  list_for_each (&self->legs, link)
  {
    Leg *leg = list_element (link, Leg, link);

    if (node_id_equal (&leg->peer, device))
      return leg;
  }
  return NULL;
}

/* The leg of a call that has only one, or has chosen one. */
static Leg *
find_only_leg (const UserAgent *ua, uint32_t call, Session **ret_session)
{
  Session *self = find_session (ua, call);

  if (self != NULL && ret_session != NULL)
    *ret_session = self;
  return self != NULL ? self->chosen : NULL;
}

static void
on_session_timer (Timer *timer, void *owner)
{
  Session *self = owner;

  end_legs (self, NULL, 480, NULL);
  finish (self, self->is_incoming ? SESSION_END_CANCELLED : SESSION_END_NO_ANSWER, 480);
}

Session *
session_begin (UserAgent *ua, uint32_t call, const char *address, bool is_incoming)
{
  Session *self = g_new0 (Session, 1);

  self->ua = ua;
  self->call = call;
  self->address = g_strdup (address);
  self->is_incoming = is_incoming;
  list_init (&self->legs);
  timer_init (&self->timer, on_session_timer, self);
  list_append (&ua->sessions, &self->link);
  return self;
}

static void
session_free (Session *self)
{
  list_for_each (&self->legs, link) leg_free (list_element (link, Leg, link));
  list_remove (&self->link);
  timer_stop (&self->timer);
  g_free (self->address);
  g_free (self->call_id);
  g_free (self->local_tag);
  g_free (self);
}

static void
reap_legs (Session *self)
{
  list_for_each (&self->legs, link)
  {
    Leg *leg = list_element (link, Leg, link);

    if (leg->state != LEG_GONE)
      continue;
    if (self->chosen == leg)
      self->chosen = NULL;
    leg_free (leg);
  }
}

void
session_reap (UserAgent *ua, bool is_all)
{
  list_for_each (&ua->sessions, link)
  {
    Session *self = list_element (link, Session, link);

    reap_legs (self);
    if (is_all || (self->is_ended && list_is_empty (&self->legs)))
      session_free (self);
  }
}

/* ---- Why a call ended ---- */

/* The higher the rank, the more a status says of several; the rest is between. */
static const struct {
  int status;
  SessionEnd end;
  unsigned rank;
} endings[] = {
  { 404, SESSION_END_NOT_FOUND, 1 },   { 410, SESSION_END_NOT_FOUND, 1 },
  { 503, SESSION_END_UNREACHABLE, 2 }, { 408, SESSION_END_UNREACHABLE, 2 },
  { 488, SESSION_END_NO_CODEC, 4 },    { 415, SESSION_END_NO_CODEC, 4 },
  { 403, SESSION_END_REFUSED, 5 },     { 480, SESSION_END_NO_ANSWER, 6 },
  { 487, SESSION_END_NO_ANSWER, 6 },   { 486, SESSION_END_BUSY, 7 },
  { 604, SESSION_END_NOT_FOUND, 8 },   { 606, SESSION_END_NO_CODEC, 8 },
  { 302, SESSION_END_MOVED, 3 },       { 600, SESSION_END_BUSY, 9 },
  { 603, SESSION_END_DECLINED, 9 },
};

enum { RANK_OTHER = 3 };

static unsigned
status_rank (int status)
{
  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    if (endings[i].status == status)
      return endings[i].rank;
  return status == 0 ? 0 : RANK_OTHER;
}

static SessionEnd
status_end (const Session *self)
{
  if (self->best_status == 408 && self->has_rung)
    return SESSION_END_NO_ANSWER;
  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    if (endings[i].status == self->best_status)
      return endings[i].end;
  return SESSION_END_FAILED;
}

/* ---- What legs report ---- */

void
session_leg_rings (Leg *leg)
{
  Session *self = leg->session;

  leg->is_ringing_told = true;
  if (!self->has_rung)
    timer_start (&self->timer, self->ua->ports->timers, NO_ANSWER_S * TIME_SECOND);
  self->has_rung = true;
  session_emit (self, leg, (SipEvent){ .type = SIP_EVENT_RINGING, .status = 180 });
}

void
session_leg_media (Leg *leg, SipEventType type)
{
  session_emit (leg->session, leg,
                (SipEvent){ .type = type, .media = &leg->remote, .is_server = !leg->is_active });
}

static void
tell_gone (Session *self, const Leg *but)
{
  list_for_each (&self->legs, link)
  {
    Leg *leg = list_element (link, Leg, link);

    if (leg != but && !self->is_ended && (leg->state == LEG_GONE || leg->state == LEG_CANCELLED) &&
        !leg->is_told_gone) {
      leg->is_told_gone = true;
      session_emit (self, leg, (SipEvent){ .type = SIP_EVENT_LEG_GONE });
    }
  }
}

void
session_leg_answered (Leg *leg)
{
  Session *self = leg->session;

  self->chosen = leg;
  self->is_up = true;
  timer_stop (&self->timer);
  end_legs (self, leg, 480, REASON_ELSEWHERE);
  tell_gone (self, leg);
  if (!self->is_ended)
    session_emit (self, leg, (SipEvent){ .type = SIP_EVENT_UP, .status = 200 });
  if (!self->is_ended)
    comparison_up (leg);
}

static bool
has_hope (const Session *self)
{
  list_for_each (&self->legs, link)
  {
    const Leg *leg = list_element (link, Leg, link);

    if (leg->state != LEG_GONE && leg->state != LEG_CANCELLED)
      return true;
  }
  return false;
}

void
session_leg_failed (Leg *leg, int status)
{
  Session *self = leg->session;

  leg_gone (leg);
  if (self->is_ended)
    return;
  if (status_rank (status) > status_rank (self->best_status))
    self->best_status = status;
  /* 6xx speaks for the person, not for the device (RFC 3261, 21.6). */
  if (status >= 600)
    end_legs (self, leg, 480, NULL);
  if (has_hope (self))
    tell_gone (self, NULL);
  else
    finish (self, status_end (self), self->best_status);
}

void
session_leg_ended (Leg *leg, SessionEnd end, int status)
{
  leg_gone (leg);
  finish (leg->session, end, status);
}

void
session_leg_hold (Leg *leg)
{
  session_emit (leg->session, leg,
                (SipEvent){ .type = SIP_EVENT_HOLD,
                            .is_local = leg->is_held,
                            .is_remote = leg->is_held_by_peer });
}

void
session_leg_words (Leg *leg, const uint16_t *words)
{
  const Session *self = leg->session;

  if (!self->is_ended)
    user_agent_emit (self->ua, (SipEvent){ .type = SIP_EVENT_WORDS,
                                           .call = self->call,
                                           .peer = &leg->peer,
                                           .address = leg->pair->address,
                                           .user_key = &leg->comparison.peer_key,
                                           .words = words });
}

/* ---- Messages in dialogs ---- */

static Leg *
find_leg (Pair *pair, const SipMessage *request)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->state != LEG_GONE && dialog_has_request (&leg->dialog, request))
      return leg;
  }
  return NULL;
}

static void
on_bye (Leg *leg, uint32_t transaction)
{
  bool is_answered = leg->state == LEG_ANSWERED || leg->state == LEG_UP;

  pair_reply_status (leg->pair, transaction, 200);
  if (leg->state == LEG_INCOMING || leg->is_asked)
    leg_reply (leg, &(SipReply){ .status = 487 });
  if (is_answered || leg->state == LEG_INCOMING)
    session_leg_ended (leg, is_answered ? SESSION_END_HUNG_UP : SESSION_END_CANCELLED, 0);
}

/* The link was replaced while the answer was on its way, and the request sent again. */
static void
on_repeated (Leg *leg, uint32_t transaction, const SipMessage *request)
{
  if (strcmp (request->method, "INVITE") != 0) {
    pair_reply_status (leg->pair, transaction, 200);
    return;
  }
  sip_stack_forget (leg->pair->stack, transaction);
  if (leg->answer_text != NULL)
    pair_send (leg->pair, bytes_of_text (leg->answer_text));
}

bool
session_on_request (Pair *pair, uint32_t transaction, const SipMessage *request)
{
  Leg *leg = find_leg (pair, request);

  if (leg == NULL)
    return false;
  if (request->cseq == leg->dialog.remote_cseq)
    on_repeated (leg, transaction, request);
  else if (!dialog_advance (&leg->dialog, request))
    pair_reply_status (pair, transaction, 500);
  else if (strcmp (request->method, "BYE") == 0)
    on_bye (leg, transaction);
  else if (strcmp (request->method, "INVITE") == 0)
    leg_on_reinvite (leg, transaction, request);
  else if (strcmp (request->method, "INFO") == 0)
    comparison_on_info (leg, transaction, request);
  else
    pair_reply (pair, transaction,
                &(SipReply){ .status = strcmp (request->method, "OPTIONS") == 0 ? 200 : 405,
                             .headers = SIP_ALLOW });
  return true;
}

void
session_on_ack (Pair *pair, const SipMessage *ack)
{
  Leg *leg = find_leg (pair, ack);

  if (leg != NULL)
    leg_on_ack (leg, ack);
}

void
session_on_cancel (Pair *pair, uint32_t transaction, const SipMessage *cancel)
{
  g_autofree char *cause = message_parameter (cancel->reason, "cause");
  bool is_elsewhere = message_has_token (cancel->reason, "SIP") && g_strcmp0 (cause, "200") == 0;

  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->invite != transaction || leg->state == LEG_GONE)
      continue;
    if (leg->state == LEG_INCOMING) {
      leg_reply (leg, &(SipReply){ .status = 487 });
      session_leg_ended (leg, is_elsewhere ? SESSION_END_ELSEWHERE : SESSION_END_CANCELLED, 487);
    } else if (leg->is_asked) {
      leg->is_asked = false;
      timer_stop (&leg->timer);
      leg_reply (leg, &(SipReply){ .status = 487 });
    }
    return;
  }
}

bool
session_on_response (Pair *pair, const SipMessage *response)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->state == LEG_GONE || !dialog_has_response (&leg->dialog, response))
      continue;
    if (!comparison_on_response (leg, response))
      leg_on_response (leg, response);
    return true;
  }
  return false;
}

/* ---- Links ---- */

unsigned
session_count_legs (const Pair *pair)
{
  unsigned count = 0;

  list_for_each (&pair->legs, link) count += list_element (link, Leg, pair_link)->state != LEG_GONE;
  return count;
}

bool
session_uses (const Pair *pair)
{
  return session_count_legs (pair) > 0;
}

void
session_on_link_up (Pair *pair)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->state == LEG_GONE)
      continue;
    if (leg->session->is_lost) {
      leg->session->is_lost = false;
      session_emit (leg->session, leg, (SipEvent){ .type = SIP_EVENT_MENDED });
    }
    leg_reoffer (leg);
    comparison_on_link_up (leg);
  }
}

void
session_on_link_down (Pair *pair)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->state != LEG_UP || !leg->session->is_up || leg->session->is_lost)
      continue;
    leg->session->is_lost = true;
    session_emit (leg->session, leg, (SipEvent){ .type = SIP_EVENT_LOST });
  }
}

void
session_on_link_lost (Pair *pair)
{
  list_for_each (&pair->legs, link)
  {
    Leg *leg = list_element (link, Leg, pair_link);

    if (leg->state == LEG_UP || leg->state == LEG_ANSWERED)
      session_leg_ended (leg, SESSION_END_LOST, 0);
    else if (leg->state == LEG_INCOMING)
      session_leg_ended (leg, SESSION_END_CANCELLED, 0);
  }
}

/* ---- Public ---- */

void
session_invite (
  UserAgent *ua, uint32_t call, const char *address, const SessionDevice *devices, size_t count)
{
  Session *self = session_begin (ua, call, address, false);
  char token[DIALOG_TOKEN_SIZE];

  g_assert ((call & SESSION_INCOMING) == 0);
  self->call_id = g_strdup (dialog_token (ua->ports, token));
  self->local_tag = g_strdup (dialog_token (ua->ports, token));
  for (size_t i = 0; i < MIN (count, LIMIT_CALL_DEVICES); i++)
    if (find_device (self, &devices[i].node_id) == NULL)
      leg_new (self, &devices[i].node_id,
               devices[i].address != NULL ? devices[i].address : address);
  if (list_is_empty (&self->legs))
    finish (self, SESSION_END_UNREACHABLE, 0);
}

void
session_offer (UserAgent *ua, uint32_t call, const NodeId *device, const MediaDescription *media)
{
  Session *self = find_session (ua, call);
  Leg *leg = self != NULL ? find_device (self, device) : NULL;

  if (leg == NULL || leg->state != LEG_WAITING)
    return;
  if (!timer_is_set (&self->timer))
    timer_start (&self->timer, ua->ports->timers, NO_ANSWER_S * TIME_SECOND);
  leg_invite (leg, media);
}

void
session_skip (UserAgent *ua, uint32_t call, const NodeId *device)
{
  Session *self = find_session (ua, call);
  Leg *leg = self != NULL ? find_device (self, device) : NULL;

  if (leg != NULL && leg->state == LEG_WAITING)
    session_leg_failed (leg, 503);
}

void
session_ring (UserAgent *ua, uint32_t call, const MediaDescription *answer)
{
  Leg *leg = find_only_leg (ua, call, NULL);

  if (leg != NULL && leg->state == LEG_INCOMING)
    leg_ring (leg, answer);
}

void
session_answer (UserAgent *ua, uint32_t call, const MediaDescription *answer)
{
  Leg *leg = find_only_leg (ua, call, NULL);

  if (leg == NULL)
    return;
  if (leg->state != LEG_INCOMING) {
    leg_answer_offer (leg, answer);
    return;
  }
  g_return_if_fail (answer != NULL || leg->early_answer != NULL);
  leg_answer (leg, answer);
}

void
session_refuse (UserAgent *ua, uint32_t call)
{
  Leg *leg = find_only_leg (ua, call, NULL);

  if (leg != NULL && leg->is_asked)
    leg_refuse_offer (leg);
}

void
session_decline (UserAgent *ua, uint32_t call, bool is_busy)
{
  Session *self;
  Leg *leg = find_only_leg (ua, call, &self);

  if (leg == NULL || leg->state != LEG_INCOMING)
    return;
  leg_end (leg, is_busy ? 486 : 603, NULL);
  finish (self, is_busy ? SESSION_END_BUSY : SESSION_END_DECLINED, is_busy ? 486 : 603);
}

void
session_redirect (UserAgent *ua, uint32_t call, const char *address)
{
  Session *self;
  Leg *leg = find_only_leg (ua, call, &self);
  g_autofree char *uri = g_strconcat ("sip:", address, NULL);

  if (leg == NULL || leg->state != LEG_INCOMING)
    return;
  leg_reply (leg, &(SipReply){ .status = 302, .contact = uri });
  leg_gone (leg);
  finish (self, SESSION_END_MOVED, 302);
}

static void
end_session (Session *self)
{
  SessionEnd end = self->is_incoming ? SESSION_END_DECLINED : SESSION_END_CANCELLED;

  if (self->is_up || (self->chosen != NULL && self->chosen->state == LEG_ANSWERED))
    end = SESSION_END_HUNG_UP;
  end_legs (self, NULL, 603, NULL);
  finish (self, end, 0);
}

void
session_end (UserAgent *ua, uint32_t call)
{
  Session *self = find_session (ua, call);

  if (self != NULL)
    end_session (self);
}

void
session_end_all (UserAgent *ua)
{
  list_for_each (&ua->sessions, link)
  {
    Session *session = list_element (link, Session, link);

    if (!session->is_ended)
      end_session (session);
  }
}

void
session_hold (UserAgent *ua, uint32_t call, bool is_held)
{
  Leg *leg = find_only_leg (ua, call, NULL);

  if (leg == NULL || (leg->state != LEG_UP && leg->state != LEG_ANSWERED))
    return;
  leg->wants_hold = is_held;
  leg_reoffer (leg);
}

void
session_restart (UserAgent *ua, uint32_t call, const MediaDescription *media)
{
  Leg *leg = find_only_leg (ua, call, NULL);

  if (leg == NULL || leg->state != LEG_UP || leg->is_asked)
    return;
  leg_describe (leg, media);
  leg->wants_restart = true;
  leg->offered_restart = false; /* the answer to an offer that is out is not for this */
  leg_reoffer (leg);
}
