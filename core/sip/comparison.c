/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/safety-words.h"
#include "core/sip/session-private.h"
#include <string.h>

/* The words that two people compare (core/crypto/safety-words.h), by commit and reveal:
 *
 *   caller  INVITE, SDP: a=peal-words: commitment  -->  callee
 *           <--  180 or 200, SDP: a=peal-words: the callee's nonce
 *           knows the words
 *           INFO: the caller's nonce  -->  checks it against the commitment, knows the words
 *
 * Each side counts the user key that the link had before it said its own part: who brings another
 * one afterwards changes nothing. A nonce that does not fit is never asked for a second time. INFO
 * is that of RFC 6086, with the package "peal-words"; what a lost link or a disorder of requests
 * swallows is sent again. */

enum { ATTEMPTS = 4 };

static void
make_nonce (Leg *self)
{
  const NodePorts *ports = self->session->ua->ports;

  ports->random_bytes (ports->world, self->comparison.nonce, SAFETY_NONCE_SIZE);
}

void
comparison_offer (Leg *self)
{
  make_nonce (self);
  safety_words_commit (self->comparison.nonce, self->local.words);
  self->local.has_words = true;
}

void
comparison_begin (Leg *self)
{
  Comparison *comparison = &self->comparison;

  comparison->is_open = self->remote.has_words;
  comparison->peer_key = self->pair->user_key;
  memcpy (comparison->commitment, self->remote.words, sizeof comparison->commitment);
  if (comparison->is_open)
    make_nonce (self);
}

void
comparison_answer (Leg *self)
{
  self->local.has_words = self->comparison.is_open;
  memcpy (self->local.words, self->comparison.nonce, sizeof self->local.words);
}

static void
send_nonce (Leg *self)
{
  Comparison *comparison = &self->comparison;
  g_autofree char *body = bytes_to_hex ((Bytes){ comparison->nonce, SAFETY_NONCE_SIZE });

  if (!comparison->is_open || comparison->is_sent || comparison->attempts++ >= ATTEMPTS)
    return;
  comparison->is_sent =
    pair_request (self->pair, &self->dialog,
                  &(SipRequest){ .method = "INFO",
                                 .headers = "Info-Package: peal-words\r\n"
                                            "Content-Disposition: Info-Package\r\n",
                                 .content_type = "text/plain",
                                 .body = body }) != 0;
  comparison->cseq = self->dialog.local_cseq;
}

void
comparison_up (Leg *self)
{
  Comparison *comparison = &self->comparison;
  uint16_t words[SAFETY_WORDS];

  if (self->session->is_incoming || !self->remote.has_words)
    return;
  comparison->is_open = true;
  comparison->peer_key = self->pair->user_key;
  safety_words_of_call (&(SafetyWordsInput){ .caller = &self->session->ua->user_key,
                                             .callee = &comparison->peer_key,
                                             .caller_nonce = comparison->nonce,
                                             .callee_nonce = self->remote.words },
                        words);
  send_nonce (self);
  session_leg_words (self, words);
}

static void
give_up (Leg *self)
{
  self->comparison.is_open = false;
  session_leg_words (self, NULL);
}

void
comparison_on_link_up (Leg *self)
{
  if (!self->session->is_incoming)
    send_nonce (self);
}

bool
comparison_on_response (Leg *self, const SipMessage *response)
{
  Comparison *comparison = &self->comparison;

  if (strcmp (response->method, "INFO") != 0)
    return false;
  if (!comparison->is_sent || response->cseq != comparison->cseq || response->status < 200)
    return true;
  comparison->is_sent = false;
  if (response->status < 300)
    comparison->is_open = false;
  else if (response->status == 500)
    send_nonce (self); /* another request overtook it */
  else if (response->status != 503 && response->status != 408)
    give_up (self);
  return true;
}

/* ---- The callee ---- */

static void
tell_opened (Leg *self, const uint8_t *nonce)
{
  Comparison *comparison = &self->comparison;
  uint16_t words[SAFETY_WORDS];

  comparison->is_open = false;
  comparison->is_opened = true;
  safety_words_of_call (&(SafetyWordsInput){ .caller = &comparison->peer_key,
                                             .callee = &self->session->ua->user_key,
                                             .caller_nonce = nonce,
                                             .callee_nonce = comparison->nonce },
                        words);
  session_leg_words (self, words);
}

static bool
is_expected (const Leg *self, const SipMessage *info)
{
  return message_has_token (info->info_package, "peal-words") && self->session->is_incoming &&
         (self->state == LEG_ANSWERED || self->state == LEG_UP) &&
         (self->comparison.is_open || self->comparison.is_opened);
}

void
comparison_on_info (Leg *self, uint32_t transaction, const SipMessage *info)
{
  Comparison *comparison = &self->comparison;
  g_autofree char *hex = NULL;
  uint8_t nonce[SAFETY_NONCE_SIZE], commitment[SAFETY_NONCE_SIZE];

  if (!is_expected (self, info)) {
    pair_reply (self->pair, transaction, &(SipReply){ .status = 469, .headers = SIP_RECV_INFO });
    return;
  }
  hex = g_strndup (info->body.size > 0 ? (const char *) info->body.data : "", info->body.size);
  if (!bytes_from_hex (hex, nonce, sizeof nonce)) {
    pair_reply_status (self->pair, transaction, 400);
    return;
  }
  safety_words_commit (nonce, commitment);
  if (memcmp (commitment, comparison->commitment, sizeof commitment) != 0) {
    self->session->ua->counters.identity++;
    pair_reply_status (self->pair, transaction, 403);
    if (comparison->is_open)
      give_up (self);
    return;
  }
  pair_reply_status (self->pair, transaction, 200);
  if (comparison->is_open)
    tell_opened (self, nonce);
}
