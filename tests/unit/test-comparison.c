/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/safety-words.h"
#include "core/sip/session.h"
#include "tests/unit/sip-world.h"

#include <string.h>

static void
set_up (SipTwo *two, const void *data)
{
  sip_two_set_up (two, data);
  two->bob->answers = true;
}

static void
assert_same_words (SipTwo *two, unsigned times)
{
  g_assert_cmpuint (two->alice->words_told, ==, times);
  g_assert_cmpuint (two->bob->words_told, ==, times);
  g_assert_true (two->alice->has_words && two->bob->has_words);
  g_assert_cmpmem (two->alice->words, sizeof two->alice->words, two->bob->words,
                   sizeof two->bob->words);
  g_assert_cmpmem (&two->alice->words_key, sizeof (UserKey), &two->bob->user_key, sizeof (UserKey));
  g_assert_cmpmem (&two->bob->words_key, sizeof (UserKey), &two->alice->user_key, sizeof (UserKey));
}

static void
test_same (SipTwo *two, const void *data)
{
  uint16_t first[SAFETY_WORDS];
  uint32_t call = sip_phone_call (two->alice, two->bob, NULL, NULL);

  sip_world_run (two->world, 3);
  assert_same_words (two, 1);
  memcpy (first, two->alice->words, sizeof first);
  session_hold (two->alice->ua, call, true);
  sip_world_run (two->world, 3);
  assert_same_words (two, 1); /* a re-INVITE has none */
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 40);
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  assert_same_words (two, 2);
  g_assert_true (memcmp (first, two->alice->words, sizeof first) != 0);
}

static void
test_early_answer (SipTwo *two, const void *data)
{
  two->bob->answers = false;
  two->bob->rings_early = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  g_assert_cmpuint (two->alice->words_told + two->bob->words_told, ==, 0);
  session_answer (two->bob->ua, two->bob->call, NULL);
  sip_world_run (two->world, 3);
  assert_same_words (two, 1);
}

/* The nonce is on its way when the link goes. */
static void
test_lost_link (SipTwo *two, const void *data)
{
  two->bob->answers = false;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  {
    MediaDescription media;

    sip_phone_describe (two->bob, &media);
    session_answer (two->bob->ua, two->bob->call, &media);
  }
  while (two->alice->words_told == 0)
    sip_world_run (two->world, 0.001);
  g_assert_cmpuint (two->bob->words_told, ==, 0);
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 10);
  assert_same_words (two, 1);
}

/* ---- Somebody who does not keep to it ---- */

typedef struct Forgery {
  const char *commitment; /* NULL: no attribute */
  const char *package;
  const char *nonce;
  const char *answer;
  unsigned words_told;
  bool has_words;
} Forgery;

#define NONCE      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER      "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define COMMITMENT "Yw3NKWbEM2aRElRIu7JbT/QSpJxzLbLIq8G4WBvXEN0="

static const Forgery forgeries[] = {
  { COMMITMENT, "peal-words", NONCE, "SIP/2.0 200", 1, true },
  { COMMITMENT, "peal-words", OTHER, "SIP/2.0 403", 1, false },
  { COMMITMENT, "peal-words", "0001", "SIP/2.0 400", 0, false },
  { COMMITMENT, "peal-words", "", "SIP/2.0 400", 0, false },
  { COMMITMENT, "dtmf", NONCE, "SIP/2.0 469", 0, false },
  { NULL, "peal-words", NONCE, "SIP/2.0 469", 0, false },
  { "Yw3NKWbE", "peal-words", NONCE, "SIP/2.0 469", 0, false },
  { COMMITMENT "\r\na=peal-words:" COMMITMENT, "peal-words", NONCE, "SIP/2.0 469", 0, false },
};

static void
invite (SipPhone *from, SipPhone *to, const char *commitment)
{
  g_autofree char *words =
    commitment != NULL ? g_strdup_printf ("a=peal-words:%s\r\n", commitment) : g_strdup ("");
  g_autofree char *sdp =
    g_strdup_printf ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
                     "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
                     "a=rtpmap:96 opus/48000/2\r\na=rtcp-mux\r\na=setup:actpass\r\n"
                     "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\n"
                     "a=fingerprint:sha-256 AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"
                     ":AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA\r\n%s",
                     words);
  g_autofree char *text = g_strdup_printf (
    "INVITE sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bKm\r\nMax-Forwards: 70\r\n"
    "From: <sip:%s>;tag=m\r\nTo: <sip:%s>\r\nCall-ID: m\r\nCSeq: 1 INVITE\r\n"
    "Contact: <sip:%s>\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
    to->address, from->address, to->address, from->address, strlen (sdp), sdp);

  sip_phone_speak (from, to, text);
}

static void
speak_info (SipPhone *from, SipPhone *to, unsigned cseq, const char *package, const char *body)
{
  g_autofree char *to_header = sip_header (sip_phone_received (from, "SIP/2.0 200 OK"), "To");
  g_autofree char *text = g_strdup_printf (
    "INFO sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bKi%u\r\nMax-Forwards: 70\r\n"
    "From: <sip:%s>;tag=m\r\nTo: %s\r\nCall-ID: m\r\nCSeq: %u INFO\r\nInfo-Package: %s\r\n"
    "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
    to->address, cseq, from->address, to_header, cseq, package, strlen (body), body);

  sip_phone_speak (from, to, text);
}

static SipPhone *
call_as_stranger (SipTwo *two, const char *commitment)
{
  SipPhone *mallory = sip_world_add_stranger (two->world, "mallory");

  sip_world_link (mallory, two->bob);
  invite (mallory, two->bob, commitment);
  sip_world_run (two->world, 1);
  g_assert_nonnull (sip_phone_received (mallory, "SIP/2.0 200 OK"));
  return mallory;
}

static void
test_forgery (SipTwo *two, const void *data)
{
  const Forgery *forgery = data;
  SipPhone *mallory = call_as_stranger (two, forgery->commitment);

  speak_info (mallory, two->bob, 2, forgery->package, forgery->nonce);
  sip_world_run (two->world, 1);
  g_assert_nonnull (sip_phone_received (mallory, forgery->answer));
  g_assert_cmpuint (two->bob->words_told, ==, forgery->words_told);
  g_assert_true (two->bob->has_words == forgery->has_words);
}

/* After a wrong nonce the right one comes too late; the right one said twice is told once. */
static void
test_one_try (SipTwo *two, const void *data)
{
  SipPhone *mallory = call_as_stranger (two, COMMITMENT);

  speak_info (mallory, two->bob, 2, "peal-words", OTHER);
  speak_info (mallory, two->bob, 3, "peal-words", NONCE);
  sip_world_run (two->world, 1);
  g_assert_nonnull (sip_phone_received (mallory, "SIP/2.0 469"));
  g_assert_cmpuint (two->bob->words_told, ==, 1);
  g_assert_false (two->bob->has_words);
}

static void
test_repeated (SipTwo *two, const void *data)
{
  SipPhone *mallory = call_as_stranger (two, COMMITMENT);

  speak_info (mallory, two->bob, 2, "peal-words", NONCE);
  speak_info (mallory, two->bob, 3, "peal-words", NONCE);
  speak_info (mallory, two->bob, 4, "peal-words", OTHER);
  sip_world_run (two->world, 1);
  g_assert_nonnull (sip_phone_received (mallory, "SIP/2.0 403"));
  g_assert_cmpuint (two->bob->words_told, ==, 1);
  g_assert_true (two->bob->has_words);
}

/* Another certificate of the same device, with another user key, between commitment and opening:
 * the words speak for the key that called. */
static void
test_key_exchanged (SipTwo *two, const void *data)
{
  SipPhone *mallory = call_as_stranger (two, COMMITMENT);
  UserKey called = mallory->user_key;

  memset (mallory->user_key.bytes, 'x', USER_KEY_SIZE);
  sip_world_link (mallory, two->bob);
  speak_info (mallory, two->bob, 2, "peal-words", NONCE);
  sip_world_run (two->world, 1);
  g_assert_cmpuint (two->bob->words_told, ==, 1);
  g_assert_cmpmem (&two->bob->words_key, sizeof called, &called, sizeof called);
}

#define add(path, data, test) g_test_add ((path), SipTwo, (data), set_up, (test), sip_two_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/comparison/both-have-the-same-words-and-others-next-time", NULL, test_same);
  add ("/sip/comparison/an-early-answer-tells-none-before-the-call-is-up", NULL, test_early_answer);
  add ("/sip/comparison/a-lost-link-does-not-lose-the-words", NULL, test_lost_link);
  for (size_t i = 0; i < G_N_ELEMENTS (forgeries); i++) {
    g_autofree char *path = g_strdup_printf ("/sip/comparison/threat-4.15-forgery-%zu", i);

    add (path, &forgeries[i], test_forgery);
  }
  add ("/sip/comparison/threat-4.15-a-forged-nonce-has-one-try", NULL, test_one_try);
  add ("/sip/comparison/a-nonce-said-twice-is-told-once", NULL, test_repeated);
  add ("/sip/comparison/threat-4.15-a-key-exchanged-meanwhile-does-not-count", NULL,
       test_key_exchanged);
  return g_test_run ();
}
