/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/session-private.h"
#include <string.h>

/* Offers within an answered call: hold, and new ICE after the network changed (RFC 3264, 8; RFC
 * 3261, 14). At most one offer is on its way. What the person wants is kept as a wish; when the way
 * is free, and again after glare, the wish is compared with what both have agreed on. */

enum { OFFER_ANSWER_S = 20 };

/* RFC 3261, 14.1: who made the Call-ID waits longer, so that one of both comes through. */
static uint64_t
glare_delay (const Leg *self)
{
  const NodePorts *ports = self->session->ua->ports;

  if (self->session->is_incoming)
    return 10 * TIME_MS * ports->random_below (ports->world, 201);
  return 10 * TIME_MS * (210 + ports->random_below (ports->world, 191));
}

static bool
is_free (const Leg *self)
{
  return self->state == LEG_UP && !self->is_offering && !self->is_asked &&
         self->answer_text == NULL && !timer_is_set (&self->timer) &&
         self->pair->state == PAIR_LINK_UP;
}

void
leg_reoffer (Leg *self)
{
  const UserAgent *ua = self->session->ua;
  g_autofree char *sdp = NULL;

  if (!is_free (self) || (self->wants_hold == self->is_held && !self->wants_restart))
    return;
  self->is_offering = true;
  self->offered_hold = self->wants_hold;
  self->offered_restart = self->wants_restart;
  self->local.setup = MEDIA_SETUP_ACTPASS;
  self->local.direction = self->wants_hold ? MEDIA_SENDONLY : MEDIA_SENDRECV;
  self->local.codec_count = ua->codec_count;
  for (size_t i = 0; i < ua->codec_count; i++)
    self->local.codecs[i] = ua->codecs[i];
  self->local.has_words = false; /* once, in the first INVITE */
  self->sdp.version++;
  sdp = sdp_write_offer (&self->sdp, &self->local);
  if (!leg_send_invite (self, sdp))
    self->is_offering = false;
}

static bool
is_held_by (const MediaDescription *remote)
{
  return (remote->direction & MEDIA_RECVONLY) == 0;
}

static void
tell_hold (Leg *self, bool is_held, bool is_held_by_peer)
{
  bool is_news = self->is_held != is_held || self->is_held_by_peer != is_held_by_peer;

  self->is_held = is_held;
  self->is_held_by_peer = is_held_by_peer;
  if (is_news)
    session_leg_hold (self);
}

static void
on_reoffer_success (Leg *self, const SipMessage *response)
{
  bool was_active = self->is_active;

  dialog_learn (&self->dialog, response, NULL);
  leg_send_ack (self);
  if (leg_read_answer (self, response->body) != 0) {
    leg_bye (self);
    session_leg_ended (self, SESSION_END_NO_CODEC, 488);
    return;
  }
  self->is_active = was_active; /* the DTLS association stays */
  if (self->offered_restart) {
    self->wants_restart = false;
    session_leg_media (self, SIP_EVENT_MEDIA);
  }
  if (self->state == LEG_UP)
    tell_hold (self, self->offered_hold, is_held_by (&self->remote));
  leg_reoffer (self);
}

void
leg_on_reoffer_response (Leg *self, const SipMessage *response)
{
  if (response->status < 200)
    return;
  self->is_offering = false;
  if (response->status < 300) {
    on_reoffer_success (self, response);
  } else if (response->status == 491) {
    timer_start (&self->timer, self->session->ua->ports->timers, glare_delay (self));
  } else if (response->status == 481 || response->status == 408) {
    leg_bye (self);
    session_leg_ended (self, SESSION_END_LOST, response->status);
  } else if (response->status != 503) { /* with the next link it is tried again */
    self->wants_hold = self->is_held;
    self->wants_restart = false;
    session_leg_hold (self);
  }
}

/* ---- Theirs ---- */

static bool
is_ice_restart (const IceDescription *old, const IceDescription *new)
{
  return strcmp (old->ufrag, new->ufrag) != 0 || strcmp (old->password, new->password) != 0;
}

static void
accept_offer (Leg *self)
{
  g_autofree char *sdp = NULL;

  self->local.has_words = false;
  sdp = leg_write_answer (self);
  leg_send_answer (self, sdp);
  tell_hold (self, self->is_held, is_held_by (&self->remote));
}

static int
check_reinvite (const Leg *self)
{
  if (self->is_asked)
    return 500;
  if (self->is_offering || self->answer_text != NULL)
    return 491;
  return self->state == LEG_UP ? 0 : 500;
}

/* The transaction is not the leg's yet: one that waits must keep its own. */
static void
refuse (Leg *self, uint32_t transaction, int status)
{
  const NodePorts *ports = self->session->ua->ports;
  g_autofree char *headers =
    status == 500 ? g_strdup_printf ("Retry-After: %u\r\n", ports->random_below (ports->world, 11))
                  : g_strdup (status == 415 ? "Accept: application/sdp\r\n" : "");

  pair_reply (self->pair, transaction, &(SipReply){ .status = status, .headers = headers });
}

void
leg_on_reinvite (Leg *self, uint32_t transaction, const SipMessage *invite)
{
  g_autofree MediaDescription *remote = g_new0 (MediaDescription, 1);
  UserAgent *ua = self->session->ua;
  int status = check_reinvite (self);

  if (status == 0)
    status = leg_read_offer (ua, invite, remote);
  /* The other end of a call does not change: no new key in the middle of it. */
  if (status == 0 &&
      memcmp (remote->fingerprint, self->remote.fingerprint, sizeof remote->fingerprint) != 0)
    status = 488;
  if (status != 0) {
    refuse (self, transaction, status);
    return;
  }
  self->invite = transaction;
  self->is_asked = is_ice_restart (&self->remote.ice, &remote->ice);
  self->remote = *remote;
  g_free (self->offer);
  self->offer = g_strndup ((const char *) invite->body.data, invite->body.size);
  if (!self->is_asked) {
    accept_offer (self);
    return;
  }
  timer_start (&self->timer, ua->ports->timers, OFFER_ANSWER_S * TIME_SECOND);
  session_leg_media (self, SIP_EVENT_OFFER);
}

void
leg_describe (Leg *self, const MediaDescription *media)
{
  self->local.ice = media->ice;
  memcpy (self->local.fingerprint, media->fingerprint, sizeof media->fingerprint);
  memcpy (self->local.tls_id, media->tls_id, sizeof media->tls_id);
}

void
leg_answer_offer (Leg *self, const MediaDescription *answer)
{
  if (!self->is_asked || answer == NULL)
    return;
  self->is_asked = false;
  timer_stop (&self->timer);
  leg_describe (self, answer);
  accept_offer (self);
  session_leg_media (self, SIP_EVENT_MEDIA);
}

void
leg_refuse_offer (Leg *self)
{
  self->is_asked = false;
  timer_stop (&self->timer);
  leg_reply (self, &(SipReply){ .status = 488 });
  leg_reoffer (self);
}

/* The glare is over, or nobody answered their offer. */
void
leg_on_timer (Leg *self)
{
  if (self->is_asked)
    leg_refuse_offer (self);
  else
    leg_reoffer (self);
}
