/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

static void
test_call (SipTwo *two, const void *data)
{
  uint32_t call = sip_phone_call (two->alice, two->bob, NULL, NULL);

  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing");
  sip_assert_story (two->bob, "incoming");
  g_assert_cmpstr (two->bob->name, ==, "alice");
  g_assert_false (two->bob->is_server);
  two->bob->answers = true;
  {
    MediaDescription media;

    sip_phone_describe (two->bob, &media);
    session_answer (two->bob->ua, two->bob->call, &media);
  }
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "media up");
  sip_assert_story (two->bob, "up");
  g_assert_true (two->alice->is_server);
  g_assert_cmpuint (two->alice->media.codec_count, ==, 3);
  g_assert_cmpstr (two->alice->media.codecs[0].name, ==, "opus");
  sip_world_run (two->world, 600);
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "ended:hung-up");
  sip_assert_story (two->bob, "ended:hung-up");
  sip_world_run (two->world, 60);
  g_assert_false (user_agent_needs_link (two->alice->ua, &two->bob->id));
  g_assert_false (user_agent_needs_link (two->bob->ua, &two->alice->id));
}

static void
test_callee_hangs_up (SipTwo *two, const void *data)
{
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media up");
  sip_assert_story (two->bob, "incoming up");
  session_end (two->bob->ua, two->bob->call);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:hung-up");
  sip_assert_story (two->bob, "ended:hung-up");
}

static void
test_early_answer (SipTwo *two, const void *data)
{
  g_autofree char *early = NULL;
  const char *ringing, *answer;

  two->bob->rings_early = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media");
  session_answer (two->bob->ua, two->bob->call, NULL);
  while (sip_phone_received (two->alice, "SIP/2.0 200") == NULL)
    sip_world_run (two->world, 0.001);
  answer = sip_phone_received (two->alice, "SIP/2.0 200");
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "up");
  ringing = sip_phone_received (two->alice, "SIP/2.0 180");
  g_assert_cmpstr (strstr (ringing, "\r\n\r\n"), ==, strstr (answer, "\r\n\r\n"));
}

static void
test_cancel (SipTwo *two, const void *data)
{
  uint32_t call = sip_phone_call (two->alice, two->bob, NULL, NULL);

  sip_world_run (two->world, 3);
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing ended:cancelled");
  sip_assert_story (two->bob, "incoming ended:cancelled");
}

static void
test_cancel_before_link (SipTwo *two, const void *data)
{
  uint32_t call = sip_phone_call (two->alice, two->bob, NULL, NULL);

  sip_world_run (two->world, 0.1);
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 60);
  sip_assert_story (two->alice, "ended:cancelled");
  sip_assert_story (two->bob, "");
}

static void
test_cancel_before_ringing (SipTwo *two, const void *data)
{
  uint32_t call;

  two->bob->rings = false;
  sip_world_link (two->alice, two->bob);
  call = sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 1);
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 1);
  sip_assert_story (two->bob, "incoming");
  session_ring (two->bob->ua, two->bob->call, NULL);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "ended:cancelled");
  sip_assert_story (two->bob, "ended:cancelled");
}

static void
test_decline (SipTwo *two, const void *data)
{
  bool is_busy = data != NULL;

  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  session_decline (two->bob->ua, two->bob->call, is_busy);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, is_busy ? "ringing ended:busy" : "ringing ended:declined");
  sip_assert_story (two->bob, is_busy ? "incoming ended:busy" : "incoming ended:declined");
  g_assert_cmpint (two->alice->status, ==, is_busy ? 486 : 603);
}

static void
test_no_answer (SipTwo *two, const void *data)
{
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 45);
  sip_assert_story (two->alice, "ringing");
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "ended:no-answer");
  sip_assert_story (two->bob, "incoming ended:cancelled");
}

static void
test_unreachable (SipTwo *two, const void *data)
{
  two->bob->is_cut = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:unreachable");
}

static void
test_silent (SipTwo *two, const void *data)
{
  SipPhone *mute = sip_world_add_stranger (two->world, "mute");

  sip_phone_call (two->alice, mute, NULL, NULL);
  sip_world_run (two->world, 31);
  sip_assert_story (two->alice, "");
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:unreachable");
}

static void
test_refused (SipTwo *two, const void *data)
{
  two->bob->decision = PRESENCE_REJECTED;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:refused");
  sip_assert_story (two->bob, "");
}

static void
test_no_codec (SipTwo *two, const void *data)
{
  static const MediaCodec g722 = {
    .name = "G722", .clock_rate = 8000, .channels = 1, .payload_type = 9
  };

  user_agent_set_codecs (two->bob->ua, &g722, 1);
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:no-codec");
  sip_assert_story (two->bob, "");
}

/* ---- Several devices ---- */

static void
test_fork (SipTwo *two, const void *data)
{
  SipPhone *second = sip_world_add (two->world, "bob");
  SipPhone *third = sip_world_add (two->world, "bob");
  g_autofree char *first_id = NULL, *second_id = NULL, *first_via = NULL, *second_via = NULL;
  MediaDescription media;
  uint32_t call = sip_phone_call (two->alice, two->bob, second, third);

  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing ringing ringing");
  first_id = sip_header (sip_phone_received (two->bob, "INVITE"), "Call-ID");
  second_id = sip_header (sip_phone_received (second, "INVITE"), "Call-ID");
  g_assert_cmpstr (first_id, ==, second_id);
  first_via = sip_header (sip_phone_received (two->bob, "INVITE"), "Via");
  second_via = sip_header (sip_phone_received (second, "INVITE"), "Via");
  g_assert_cmpstr (first_via, !=, second_via);
  sip_phone_describe (second, &media);
  session_answer (second->ua, second->call, &media);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "media gone gone up");
  sip_assert_story (two->bob, "incoming ended:elsewhere");
  sip_assert_story (second, "incoming up");
  sip_assert_story (third, "incoming ended:elsewhere");
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ended:hung-up");
  sip_assert_story (second, "ended:hung-up");
}

static void
test_fork_declined (SipTwo *two, const void *data)
{
  SipPhone *second = sip_world_add (two->world, "bob");

  sip_phone_call (two->alice, two->bob, second, NULL);
  sip_world_run (two->world, 3);
  session_decline (second->ua, second->call, false);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing ringing ended:declined");
  sip_assert_story (two->bob, "incoming ended:cancelled");
}

static void
test_fork_one_busy (SipTwo *two, const void *data)
{
  SipPhone *second = sip_world_add (two->world, "bob");
  SipPhone *third = sip_world_add (two->world, "bob");

  third->is_cut = true;
  sip_phone_call (two->alice, two->bob, second, third);
  sip_world_run (two->world, 3);
  session_decline (second->ua, second->call, true);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "gone ringing ringing gone");
  session_decline (two->bob->ua, two->bob->call, true);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "ended:busy");
}

/* SipTwo answer in the same moment: one is hung up on. */
static void
test_fork_race (SipTwo *two, const void *data)
{
  SipPhone *second = sip_world_add (two->world, "bob");

  two->bob->answers = second->answers = true;
  sip_phone_call (two->alice, two->bob, second, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media gone up");
  sip_assert_story (two->bob, "incoming up");
  sip_assert_story (second, "incoming up ended:hung-up");
}

static void
test_skip (SipTwo *two, const void *data)
{
  SessionDevice device = { .node_id = two->bob->id };

  session_invite (two->alice->ua, 99, two->bob->address, &device, 1);
  session_skip (two->alice->ua, 99, &two->bob->id);
  sip_assert_story (two->alice, "ended:unreachable");
  session_invite (two->alice->ua, 100, two->bob->address, NULL, 0);
  sip_assert_story (two->alice, "ended:unreachable");
}

/* ---- Links ---- */

static void
test_link_replaced (SipTwo *two, const void *data)
{
  uint32_t call;

  two->bob->answers = true;
  call = sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media up");
  sip_world_unlink (two->alice, two->bob, true);
  sip_assert_story (two->alice, "lost");
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "mended");
  sip_assert_story (two->bob, "incoming up lost mended");
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 3);
  sip_assert_story (two->bob, "ended:hung-up");
}

/* The BYE goes down with its link, and is said again over the next. */
static void
test_link_lost_under_bye (SipTwo *two, const void *data)
{
  uint32_t call;

  two->bob->answers = true;
  call = sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->bob, "incoming up");
  session_end (two->alice->ua, call);
  sip_world_run (two->world, 0.001);
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 3);
  sip_assert_story (two->bob, "lost mended ended:hung-up");
  sip_world_run (two->world, 60);
  g_assert_false (user_agent_needs_link (two->alice->ua, &two->bob->id));
}

/* So goes the answer to an INVITE. */
static void
test_link_lost_under_refusal (SipTwo *two, const void *data)
{
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  session_decline (two->bob->ua, two->bob->call, false);
  sip_world_run (two->world, 0.001);
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing ended:declined");
  sip_assert_story (two->bob, "incoming ended:declined");
}

static void
test_lost_peer (SipTwo *two, const void *data)
{
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media up");
  two->alice->is_cut = two->bob->is_cut = true;
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 25);
  sip_assert_story (two->alice, "lost");
  sip_world_run (two->world, 15);
  sip_assert_story (two->alice, "ended:lost");
  sip_assert_story (two->bob, "incoming up lost ended:lost");
}

/* The overlay itself may need a moment to find another way. */
static void
test_mending_tries_again (SipTwo *two, const void *data)
{
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  two->alice->is_stranger_to_all = two->bob->is_stranger_to_all = true;
  sip_world_unlink (two->alice, two->bob, true);
  user_agent_link_failed (two->alice->ua, &two->bob->id, false);
  two->alice->is_stranger_to_all = false;
  sip_world_run (two->world, 0.2);
  g_assert_false (two->world->is_linked[two->alice->index][two->bob->index]);
  sip_world_run (two->world, 0.7); /* of which a link takes 0.5 */
  g_assert_true (two->world->is_linked[two->alice->index][two->bob->index]);
  sip_assert_story (two->alice, "ringing media up lost mended");
}

/* An attempt that failed late does not buy the next one more time than was promised. */
static void
test_mending_has_an_end (SipTwo *two, const void *data)
{
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  two->alice->is_stranger_to_all = two->bob->is_stranger_to_all = true;
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, SESSION_MEND_S - 6);
  user_agent_link_failed (two->alice->ua, &two->bob->id, false);
  sip_world_run (two->world, 5);
  sip_assert_story (two->alice, "ringing media up lost");
  sip_world_run (two->world, 1.5);
  sip_assert_story (two->alice, "ended:lost");
}

/* The caller vanishes while it rings: a missed call, not endless ringing. */
static void
test_lost_caller (SipTwo *two, const void *data)
{
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  two->alice->is_cut = two->bob->is_cut = true;
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 40);
  sip_assert_story (two->bob, "incoming ended:cancelled");
  sip_assert_story (two->alice, "ringing ended:unreachable");
}

static void
test_stop (SipTwo *two, const void *data)
{
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  user_agent_stop (two->alice->ua);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media up ended:hung-up");
  sip_assert_story (two->bob, "incoming up ended:hung-up");
}

/* ---- Attacks ---- */

static char *
write_invite (SipPhone *from, SipPhone *to, unsigned number, const char *from_address)
{
  MediaDescription media;
  g_autofree char *sdp = NULL;

  sip_phone_describe (from, &media);
  sdp = g_strdup_printf ("v=0\r\no=- %u 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
                         "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
                         "a=rtpmap:96 opus/48000/2\r\na=rtcp-mux\r\na=setup:actpass\r\n"
                         "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\n"
                         "a=fingerprint:sha-256 AA%s\r\n",
                         number,
                         ":AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"
                         ":AA:AA:AA:AA:AA:AA:AA:AA:AA");
  return g_strdup_printf ("INVITE sip:%s SIP/2.0\r\n"
                          "Via: SIP/2.0/TLS x;branch=z9hG4bKm%u\r\nMax-Forwards: 70\r\n"
                          "From: <sip:%s>;tag=m%u\r\nTo: <sip:%s>\r\nCall-ID: m%u\r\n"
                          "CSeq: 1 INVITE\r\nContact: <sip:%s>\r\n"
                          "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
                          to->address, number, from_address, number, to->address, number,
                          from_address, strlen (sdp), sdp);
}

static void
test_flood (SipTwo *two, const void *data)
{
  SipPhone *mallory = sip_world_add_stranger (two->world, "mallory");

  sip_world_link (mallory, two->bob);
  for (unsigned i = 0; i < 5000; i++) {
    g_autofree char *invite = write_invite (mallory, two->bob, i, mallory->address);

    sip_phone_speak (mallory, two->bob, invite);
    sip_world_run (two->world, 0.001);
  }
  g_assert_cmpuint (two->bob->incoming, ==, 3);
  g_assert_cmpuint (user_agent_counters (two->bob->ua)->flood, >, 4000);
}

static void
test_many_callers (SipTwo *two, const void *data)
{
  for (unsigned i = 0; i < 4; i++) {
    g_autofree char *user = g_strdup_printf ("%cory", (char) ('m' + (char) i));
    SipPhone *caller = sip_world_add_stranger (two->world, user);

    sip_world_link (caller, two->bob);
    for (unsigned j = 0; j < 3; j++) {
      g_autofree char *invite = write_invite (caller, two->bob, 10 * i + j, caller->address);

      sip_phone_speak (caller, two->bob, invite);
    }
  }
  g_assert_cmpuint (two->bob->incoming, ==, LIMIT_CALLS_RINGING);
  g_assert_cmpuint (user_agent_counters (two->bob->ua)->invites_refused, ==, 7);
}

static void
test_wrong_from (SipTwo *two, const void *data)
{
  SipPhone *mallory = sip_world_add_stranger (two->world, "mallory");
  g_autofree char *invite = write_invite (mallory, two->bob, 1, two->alice->address);

  sip_world_link (mallory, two->bob);
  sip_phone_speak (mallory, two->bob, invite);
  sip_world_run (two->world, 1);
  sip_assert_story (two->bob, "");
  g_assert_nonnull (sip_phone_received (mallory, "SIP/2.0 403"));
}

/* Mallory has overheard the identifiers of a call and says everything with them. */
static void
test_third_party (SipTwo *two, const void *data)
{
  static const char *const methods[] = { "BYE",     "INVITE", "CANCEL",  "ACK",       "REFER",
                                         "INFO",    "UPDATE", "NOTIFY",  "SUBSCRIBE", "MESSAGE",
                                         "OPTIONS", "PRACK",  "PUBLISH", "REGISTER",  "NONSENSE" };
  SipPhone *mallory = sip_world_add_stranger (two->world, "mallory");
  g_autofree char *from = NULL, *to = NULL, *call_id = NULL;
  const char *answer;

  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->bob, "incoming up");
  sip_world_link (mallory, two->bob);
  sip_world_link (mallory, two->alice);
  answer = sip_phone_received (two->alice, "SIP/2.0 200");
  from = sip_header (answer, "From");
  to = sip_header (answer, "To");
  call_id = sip_header (answer, "Call-ID");
  sip_assert_story (two->alice, "ringing media up");
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autofree char *to_bob =
      g_strdup_printf ("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bKa%zu\r\n"
                       "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 9 %s\r\n"
                       "Contact: <sip:%s>\r\nContent-Length: 0\r\n\r\n",
                       methods[i], two->bob->address, i, from, to, call_id, methods[i],
                       mallory->address);
    g_autofree char *to_alice =
      g_strdup_printf ("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bKb%zu\r\n"
                       "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 9 %s\r\n"
                       "Contact: <sip:%s>\r\nContent-Length: 0\r\n\r\n",
                       methods[i], two->alice->address, i, to, from, call_id, methods[i],
                       mallory->address);

    sip_phone_speak (mallory, two->bob, to_bob);
    sip_phone_speak (mallory, two->alice, to_alice);
    sip_world_run (two->world, 1);
    g_assert_null (sip_phone_received (mallory, "SIP/2.0 200"));
  }
  sip_world_run (two->world, 60);
  sip_assert_story (two->alice, "");
  sip_assert_story (two->bob, "");
  g_assert_cmpuint (user_agent_counters (two->bob->ua)->unknown_dialog, >=, 12);
  session_end (two->bob->ua, two->bob->call);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "ended:hung-up");
}

#define add(path, data, test) \
  g_test_add ((path), SipTwo, (data), sip_two_set_up, (test), sip_two_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/session/a-call-rings-is-answered-and-hung-up", NULL, test_call);
  add ("/sip/session/the-callee-may-hang-up", NULL, test_callee_hangs_up);
  add ("/sip/session/an-early-answer-is-repeated-in-the-200", NULL, test_early_answer);
  add ("/sip/session/the-caller-gives-up", NULL, test_cancel);
  add ("/sip/session/nobody-hears-of-a-call-given-up-before-the-link", NULL,
       test_cancel_before_link);
  add ("/sip/session/a-cancel-waits-for-the-first-answer", NULL, test_cancel_before_ringing);
  add ("/sip/session/declined", NULL, test_decline);
  add ("/sip/session/busy", "busy", test_decline);
  add ("/sip/session/no-answer-in-45-s-of-ringing", NULL, test_no_answer);
  add ("/sip/session/no-link-is-unreachable", NULL, test_unreachable);
  add ("/sip/session/silence-for-32-s-is-unreachable", NULL, test_silent);
  add ("/sip/session/who-was-rejected-does-not-ring", NULL, test_refused);
  add ("/sip/session/no-common-codec", NULL, test_no_codec);
  add ("/sip/session/three-devices-ring-and-one-answers", NULL, test_fork);
  add ("/sip/session/declined-on-one-device-is-declined", NULL, test_fork_declined);
  add ("/sip/session/busy-on-one-device-rings-on-another", NULL, test_fork_one_busy);
  add ("/sip/session/of-two-answers-the-first-counts", NULL, test_fork_race);
  add ("/sip/session/a-call-without-devices-ends", NULL, test_skip);
  add ("/sip/session/a-new-link-takes-over-a-call", NULL, test_link_replaced);
  add ("/sip/session/a-bye-survives-its-link", NULL, test_link_lost_under_bye);
  add ("/sip/session/a-refusal-survives-its-link", NULL, test_link_lost_under_refusal);
  add ("/sip/session/a-peer-that-vanishes-ends-the-call", NULL, test_lost_peer);
  add ("/sip/session/a-link-that-failed-is-tried-again-at-once", NULL, test_mending_tries_again);
  add ("/sip/session/a-lost-link-is-sought-for-so-long-and-no-longer", NULL,
       test_mending_has_an_end);
  add ("/sip/session/a-caller-that-vanishes-is-a-missed-call", NULL, test_lost_caller);
  add ("/sip/session/stopping-hangs-up", NULL, test_stop);
  add ("/sip/session/threat-4.8-a-flood-of-calls-rings-three-times", NULL, test_flood);
  add ("/sip/session/threat-4.8-at-most-five-calls-ring", NULL, test_many_callers);
  add ("/sip/session/threat-4.8-from-must-be-the-certificates-user", NULL, test_wrong_from);
  add ("/sip/session/threat-4.8-a-third-party-has-no-effect", NULL, test_third_party);
  return g_test_run ();
}
