/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/session-private.h"
#include <string.h>

/* One device of the other side: one INVITE, its dialog, and the media described in it.
 *
 *   WAITING -> CALLING -> PROCEEDING -> UP -> GONE        a call that we make
 *                 `-----------`-> CANCELLED -> GONE
 *   INCOMING -> ANSWERED -> UP -> GONE                    one that comes
 *
 * A 2xx is end-to-end: it is sent again until its ACK comes, whatever the link below does (RFC
 * 3261, 13.3.1.4), and the ACK again for every 2xx. CANCEL must wait for a 1xx (9.1). */

#define T1          (500 * TIME_MS)
#define T2          (4 * TIME_SECOND)
#define ANSWER_LAST (64 * T1)

static void
on_leg_timer (Timer *timer, void *owner)
{
  Leg *self = owner;

  if (self->state == LEG_CANCELLED) {
    sip_stack_forget (self->pair->stack, self->invite);
    leg_gone (self);
    return;
  }
  leg_on_timer (self);
}

static void
on_resend_timer (Timer *timer, void *owner)
{
  Leg *self = owner;
  const Timers *timers = self->session->ua->ports->timers;

  if (timers_now (timers) - self->answered_at >= ANSWER_LAST) {
    leg_bye (self);
    session_leg_ended (self, SESSION_END_LOST, 408);
    return;
  }
  /* Without a link it would only fill the queue. */
  if (self->pair->state == PAIR_LINK_UP)
    pair_send (self->pair, bytes_of_text (self->answer_text));
  self->resend_delay = MIN (2 * self->resend_delay, T2);
  timer_start (&self->resend, self->session->ua->ports->timers, self->resend_delay);
}

Leg *
leg_new (Session *session, const NodeId *peer, const char *address)
{
  Leg *self = g_new0 (Leg, 1);
  const NodePorts *ports = session->ua->ports;

  self->session = session;
  self->peer = *peer;
  self->address = g_strdup (address);
  ports->random_bytes (ports->world, (uint8_t *) &self->sdp.session_id, sizeof (uint64_t));
  timer_init (&self->timer, on_leg_timer, self);
  timer_init (&self->resend, on_resend_timer, self);
  list_append (&session->legs, &self->link);
  return self;
}

void
leg_free (Leg *self)
{
  list_remove (&self->link);
  list_remove (&self->pair_link);
  timer_stop (&self->timer);
  timer_stop (&self->resend);
  dialog_clear (&self->dialog);
  g_free (self->address);
  g_free (self->branch);
  g_free (self->ack);
  g_free (self->answer_text);
  g_free (self->offer);
  g_free (self->early_answer);
  g_free (self);
}

void
leg_attach (Leg *self, Pair *pair)
{
  self->pair = pair;
  list_append (&pair->legs, &self->pair_link);
}

void
leg_gone (Leg *self)
{
  self->state = LEG_GONE;
  timer_stop (&self->timer);
  timer_stop (&self->resend);
  user_agent_reap_later (self->session->ua);
}

/* ---- Sending ---- */

bool
leg_send_invite (Leg *self, const char *sdp)
{
  self->invite = pair_request (self->pair, &self->dialog,
                               &(SipRequest){ .method = "INVITE",
                                              .headers = SIP_ALLOW,
                                              .content_type = "application/sdp",
                                              .body = sdp });
  self->invite_cseq = self->dialog.local_cseq;
  return self->invite != 0;
}

/* An ACK of a 2xx is no transaction: it goes out as it is. */
void
leg_send_ack (Leg *self)
{
  UserAgent *ua = self->session->ua;

  g_free (self->ack);
  self->ack = dialog_write (&self->dialog, ua->ports, &ua->identity,
                            &(SipRequest){ .method = "ACK", .cseq = self->invite_cseq });
  pair_send (self->pair, bytes_of_text (self->ack));
}

void
leg_bye (Leg *self)
{
  pair_request (self->pair, &self->dialog, &(SipRequest){ .method = "BYE" });
}

void
leg_reply (Leg *self, const SipReply *reply)
{
  SipReply full = *reply;

  full.to_tag = self->dialog.local_tag;
  if (full.status > 100 && full.status < 300)
    full.contact = self->session->ua->identity.contact;
  sip_stack_reply (self->pair->stack, self->invite, &full, NULL);
}

void
leg_send_answer (Leg *self, const char *sdp)
{
  UserAgent *ua = self->session->ua;
  SipReply reply = { .status = 200,
                     .to_tag = self->dialog.local_tag,
                     .contact = ua->identity.contact,
                     .headers = SIP_ALLOW SIP_RECV_INFO,
                     .content_type = "application/sdp",
                     .body = bytes_of_text (sdp) };

  g_clear_pointer (&self->answer_text, g_free);
  if (!sip_stack_reply (self->pair->stack, self->invite, &reply, &self->answer_text))
    return;
  self->answer_cseq = self->dialog.remote_cseq;
  self->answered_at = timers_now (ua->ports->timers);
  self->resend_delay = T1;
  timer_start (&self->resend, ua->ports->timers, T1);
}

/* ---- Media ---- */

/* Ours as an offer; the person's wish for hold is applied by who sends it. */
static void
describe_offer (Leg *self, const MediaDescription *media)
{
  const UserAgent *ua = self->session->ua;

  self->local = *media;
  self->local.setup = MEDIA_SETUP_ACTPASS;
  self->local.direction = MEDIA_SENDRECV;
  self->local.codec_count = ua->codec_count;
  for (size_t i = 0; i < ua->codec_count; i++)
    self->local.codecs[i] = ua->codecs[i];
}

/* RFC 8842, 5.3: who answers "actpass" takes the active part, and keeps it. */
char *
leg_write_answer (Leg *self)
{
  const UserAgent *ua = self->session->ua;
  MediaDirection wanted = self->is_held ? MEDIA_SENDONLY : MEDIA_SENDRECV;

  self->local.setup = self->is_active ? MEDIA_SETUP_ACTIVE : MEDIA_SETUP_PASSIVE;
  self->local.direction = sdp_answer_direction (self->remote.direction, wanted);
  self->local.codec_count =
    sdp_common_codecs (&self->remote, ua->codecs, ua->codec_count, true, self->local.codecs);
  self->sdp.version++;
  return sdp_write_answer (&self->sdp, &self->local, bytes_of_text (self->offer));
}

int
leg_read_answer (Leg *self, Bytes sdp)
{
  g_autofree MediaDescription *answer = g_new0 (MediaDescription, 1);
  const UserAgent *ua = self->session->ua;
  int status = sdp_read (sdp, answer);

  if (status != 0)
    return status;
  answer->codec_count =
    sdp_common_codecs (answer, ua->codecs, ua->codec_count, false, answer->codecs);
  if (answer->codec_count == 0 || answer->setup == MEDIA_SETUP_ACTPASS)
    return 488;
  self->is_active = answer->setup == MEDIA_SETUP_PASSIVE;
  self->remote = *answer;
  return 0;
}

int
leg_read_offer (UserAgent *ua, const SipMessage *invite, MediaDescription *ret_remote)
{
  int status;

  if (invite->body.size == 0)
    return 488;
  if (g_strcmp0 (invite->content_type, "application/sdp") != 0)
    return 415;
  status = sdp_read (invite->body, ret_remote);
  if (status != 0)
    return status;
  ret_remote->codec_count =
    sdp_common_codecs (ret_remote, ua->codecs, ua->codec_count, false, ret_remote->codecs);
  return ret_remote->codec_count > 0 ? 0 : 488;
}

/* ---- A call that we make ---- */

void
leg_invite (Leg *self, const MediaDescription *media)
{
  Session *session = self->session;
  Pair *pair = pair_get (session->ua, &self->peer);
  g_autofree char *sdp = NULL;

  if (pair == NULL) {
    session_leg_failed (self, 503);
    return;
  }
  leg_attach (self, pair);
  dialog_begin (&self->dialog, &session->ua->identity, session->call_id, session->local_tag,
                session->address, self->address);
  describe_offer (self, media);
  comparison_offer (self);
  sdp = sdp_write_offer (&self->sdp, &self->local);
  self->state = LEG_CALLING;
  if (!leg_send_invite (self, sdp))
    session_leg_failed (self, 500);
}

static void
send_cancel (Leg *self)
{
  if (!self->is_cancel_sent)
    self->is_cancel_sent = sip_stack_cancel (self->pair->stack, self->invite, self->cancel_reason);
}

static void
cancel (Leg *self, const char *reason)
{
  self->cancel_reason = reason;
  self->state = LEG_CANCELLED;
  timer_start (&self->timer, self->session->ua->ports->timers, ANSWER_LAST);
  if (pair_forget_waiting (self->pair, self->dialog.call_id)) {
    sip_stack_forget (self->pair->stack, self->invite);
    leg_gone (self);
    return;
  }
  send_cancel (self);
}

/* The answerer must be who its certificate says (RFC 7904, 5.1). */
static bool
is_genuine (const Leg *self, const SipMessage *response)
{
  return response->contact_address != NULL && self->pair->address != NULL &&
         strcmp (response->contact_address, self->pair->address) == 0;
}

/* A 2xx that nobody wants is accepted and ended at once (RFC 3261, 13.2.2.4). */
static void
hang_up_answer (Leg *self, const SipMessage *response)
{
  dialog_learn (&self->dialog, response, response->to_tag);
  leg_send_ack (self);
  leg_bye (self);
}

/* Takes the SDP of a 180 or 200, the first that comes; false when it is of no use. */
static bool
take_answer (Leg *self, const SipMessage *response)
{
  if (self->is_media_told)
    return true;
  if (response->body.size == 0 || leg_read_answer (self, response->body) != 0)
    return false;
  self->is_media_told = true;
  session_leg_media (self, SIP_EVENT_MEDIA);
  return true;
}

static void
on_progress (Leg *self, const SipMessage *response)
{
  bool has_rung = response->status == 180 || response->status == 183;

  self->state = LEG_PROCEEDING;
  if (response->to_tag == NULL || !has_rung || !is_genuine (self, response))
    return;
  dialog_learn (&self->dialog, response, response->to_tag);
  if (!self->is_ringing_told)
    session_leg_rings (self);
  if (self->state == LEG_PROCEEDING && response->body.size > 0)
    take_answer (self, response);
}

static void
on_success (Leg *self, const SipMessage *response)
{
  if (response->to_tag == NULL || !is_genuine (self, response)) {
    self->session->ua->counters.identity++;
    hang_up_answer (self, response);
    session_leg_failed (self, 403);
    return;
  }
  dialog_learn (&self->dialog, response, response->to_tag);
  leg_send_ack (self);
  self->state = LEG_UP;
  if (!take_answer (self, response)) {
    leg_bye (self);
    session_leg_failed (self, 488);
    return;
  }
  if (self->state == LEG_UP)
    session_leg_answered (self);
}

static void
on_first_response (Leg *self, const SipMessage *response)
{
  if (response->status < 200)
    on_progress (self, response);
  else if (response->status < 300)
    on_success (self, response);
  else
    session_leg_failed (self, response->status);
}

static void
on_cancelled_response (Leg *self, const SipMessage *response)
{
  if (response->status < 200) {
    send_cancel (self);
    return;
  }
  if (response->status < 300)
    hang_up_answer (self, response);
  leg_gone (self);
}

void
leg_on_response (Leg *self, const SipMessage *response)
{
  if (strcmp (response->method, "INVITE") != 0 || response->cseq != self->invite_cseq)
    return;
  switch (self->state) {
  case LEG_CALLING:
  case LEG_PROCEEDING:
    on_first_response (self, response);
    break;
  case LEG_CANCELLED:
    on_cancelled_response (self, response);
    break;
  case LEG_UP:
    if (self->is_offering)
      leg_on_reoffer_response (self, response);
    else if (response->status / 100 == 2 && self->ack != NULL)
      pair_send (self->pair, bytes_of_text (self->ack));
    break;
  case LEG_WAITING:
  case LEG_INCOMING:
  case LEG_ANSWERED:
  case LEG_GONE:
    break;
  }
}

/* ---- A call that comes ---- */

void
leg_ring (Leg *self, const MediaDescription *answer)
{
  SipReply reply = { .status = 180 };

  if (answer != NULL && self->early_answer == NULL) {
    self->local = *answer;
    comparison_answer (self);
    self->early_answer = leg_write_answer (self);
  }
  if (self->early_answer != NULL) {
    reply.content_type = "application/sdp";
    reply.body = bytes_of_text (self->early_answer);
  }
  leg_reply (self, &reply);
}

void
leg_answer (Leg *self, const MediaDescription *answer)
{
  if (self->early_answer == NULL) {
    self->local = *answer;
    comparison_answer (self);
    self->early_answer = leg_write_answer (self);
  }
  self->state = LEG_ANSWERED;
  leg_send_answer (self, self->early_answer);
}

void
leg_on_ack (Leg *self, const SipMessage *ack)
{
  if (self->answer_text == NULL || ack->cseq != self->answer_cseq)
    return;
  g_clear_pointer (&self->answer_text, g_free);
  timer_stop (&self->resend);
  if (self->state != LEG_ANSWERED) {
    leg_reoffer (self);
    return;
  }
  self->state = LEG_UP;
  session_leg_answered (self);
}

/* ---- Both ---- */

void
leg_end (Leg *self, int status, const char *reason)
{
  switch (self->state) {
  case LEG_CALLING:
  case LEG_PROCEEDING:
    cancel (self, reason);
    return;
  case LEG_INCOMING:
    leg_reply (self, &(SipReply){ .status = status });
    break;
  case LEG_ANSWERED:
  case LEG_UP:
    if (self->is_asked)
      leg_reply (self, &(SipReply){ .status = 487 });
    leg_bye (self);
    break;
  case LEG_CANCELLED:
    return;
  case LEG_WAITING:
  case LEG_GONE:
    break;
  }
  leg_gone (self);
}
