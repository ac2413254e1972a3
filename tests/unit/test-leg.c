/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/sdp.h"
#include "tests/unit/sip-world.h"
#include <string.h>

/* One phone against a stranger whose every word the test chooses. */
typedef struct Duel {
  SipWorld *world;
  SipPhone *alice;
  SipPhone *bob; /* the stranger */
} Duel;

static void
set_up (Duel *duel, const void *data)
{
  duel->world = sip_world_new ();
  duel->alice = sip_world_add (duel->world, "alice");
  duel->bob = sip_world_add_stranger (duel->world, "bob");
  sip_world_link (duel->alice, duel->bob);
}

static void
tear_down (Duel *duel, const void *data)
{
  sip_world_free (duel->world);
}

static char *
write_sdp (SipPhone *phone, MediaSetup setup)
{
  MediaDescription media;

  sip_phone_describe (phone, &media);
  media.setup = setup;
  media.direction = MEDIA_SENDRECV;
  media.codecs[0] =
    (MediaCodec){ .name = "PCMA", .clock_rate = 8000, .channels = 1, .payload_type = 8 };
  media.codec_count = 1;
  return sdp_write_offer (&(SdpIdentity){ 1, 1 }, &media);
}

/* Bob answers what Alice said last with this method. */
static void
answer (Duel *duel, const char *method, const char *status, const char *contact, const char *sdp)
{
  const char *request = sip_phone_received (duel->bob, method);
  g_autofree char *via = sip_header (request, "Via");
  g_autofree char *from = sip_header (request, "From");
  g_autofree char *to = sip_header (request, "To");
  g_autofree char *call_id = sip_header (request, "Call-ID");
  g_autofree char *cseq = sip_header (request, "CSeq");
  g_autofree char *text =
    g_strdup_printf ("SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
                     "Contact: <sip:%s>\r\n%sContent-Length: %zu\r\n\r\n%s",
                     status, via, from, to, strstr (to, "tag=") == NULL ? ";tag=b" : "", call_id,
                     cseq, contact, sdp != NULL ? "Content-Type: application/sdp\r\n" : "",
                     sdp != NULL ? strlen (sdp) : 0, sdp != NULL ? sdp : "");

  sip_phone_speak (duel->bob, duel->alice, text);
}

static void
call_bob (Duel *duel)
{
  sip_phone_call (duel->alice, duel->bob, NULL, NULL);
  sip_world_run (duel->world, 0.1);
}

static unsigned
count_received (const SipPhone *phone, const char *start)
{
  unsigned count = 0;

  for (guint i = 0; i < phone->inbox->len; i++)
    count += g_str_has_prefix (phone->inbox->pdata[i], start);
  return count;
}

static void
test_repeated_answer (Duel *duel, const void *data)
{
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTIVE);

  call_bob (duel);
  answer (duel, "INVITE", "200 OK", duel->bob->address, sdp);
  answer (duel, "INVITE", "200 OK", duel->bob->address, sdp);
  sip_assert_story (duel->alice, "media up");
  g_assert_cmpuint (count_received (duel->bob, "ACK"), ==, 2);
}

static void
test_wrong_contact (Duel *duel, const void *data)
{
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTIVE);

  call_bob (duel);
  answer (duel, "INVITE", "180 Ringing", "mallory@x", NULL);
  answer (duel, "INVITE", "200 OK", "mallory@x", sdp);
  sip_assert_story (duel->alice, "ended:refused");
  g_assert_nonnull (sip_phone_received (duel->bob, "BYE"));
}

static void
test_useless_answer (Duel *duel, const void *data)
{
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTPASS);

  call_bob (duel);
  answer (duel, "INVITE", "200 OK", duel->bob->address, data != NULL ? sdp : NULL);
  sip_assert_story (duel->alice, "ended:no-codec");
  g_assert_nonnull (sip_phone_received (duel->bob, "ACK"));
  g_assert_nonnull (sip_phone_received (duel->bob, "BYE"));
}

static void
test_late_answer (Duel *duel, const void *data)
{
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTIVE);

  call_bob (duel);
  answer (duel, "INVITE", "180 Ringing", duel->bob->address, NULL);
  session_end (duel->alice->ua, duel->alice->call);
  sip_world_run (duel->world, 0.1);
  g_assert_nonnull (sip_phone_received (duel->bob, "CANCEL"));
  answer (duel, "INVITE", "200 OK", duel->bob->address, sdp);
  sip_assert_story (duel->alice, "ringing ended:cancelled");
  g_assert_nonnull (sip_phone_received (duel->bob, "BYE"));
}

/* Neither CANCEL nor INVITE is ever answered. */
static void
test_silence_after_cancel (Duel *duel, const void *data)
{
  call_bob (duel);
  answer (duel, "INVITE", "180 Ringing", duel->bob->address, NULL);
  session_end (duel->alice->ua, duel->alice->call);
  sip_world_run (duel->world, 70);
  g_assert_false (user_agent_needs_link (duel->alice->ua, &duel->bob->id));
}

static void
invite_alice (Duel *duel, const char *branch)
{
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTPASS);
  g_autofree char *text = g_strdup_printf (
    "INVITE sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK%s\r\nFrom: <sip:%s>;tag=b\r\n"
    "To: <sip:%s>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:%s>\r\n"
    "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
    duel->alice->address, branch, duel->bob->address, duel->alice->address, duel->bob->address,
    strlen (sdp), sdp);

  sip_phone_speak (duel->bob, duel->alice, text);
}

static void
test_no_ack (Duel *duel, const void *data)
{
  duel->alice->answers = true;
  invite_alice (duel, "1");
  sip_world_run (duel->world, 31);
  sip_assert_story (duel->alice, "incoming");
  g_assert_cmpuint (count_received (duel->bob, "SIP/2.0 200"), ==, 10);
  sip_world_run (duel->world, 5);
  sip_assert_story (duel->alice, "ended:lost");
  g_assert_nonnull (sip_phone_received (duel->bob, "BYE"));
}

static void
test_repeated_invite (Duel *duel, const void *data)
{
  duel->alice->answers = true;
  invite_alice (duel, "1");
  invite_alice (duel, "1");
  sip_assert_story (duel->alice, "incoming");
  g_assert_cmpuint (count_received (duel->bob, "SIP/2.0 200"), ==, 2);
  invite_alice (duel, "2");
  sip_assert_story (duel->alice, "");
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 482"));
}

static void
say_in_dialog (Duel *duel, const char *method, unsigned cseq)
{
  const char *reply = sip_phone_received (duel->bob, "SIP/2.0 200");
  g_autofree char *from = sip_header (reply, "From");
  g_autofree char *to = sip_header (reply, "To");
  g_autofree char *text = g_strdup_printf (
    "%s sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK%s%u\r\nFrom: %s\r\nTo: %s\r\n"
    "Call-ID: 1\r\nCSeq: %u %s\r\nContact: <sip:%s>\r\nContent-Length: 0\r\n\r\n",
    method, duel->alice->address, method, cseq, from, to, cseq, method, duel->bob->address);

  sip_phone_speak (duel->bob, duel->alice, text);
}

static void
test_in_dialog (Duel *duel, const void *data)
{
  duel->alice->answers = true;
  invite_alice (duel, "1");
  say_in_dialog (duel, "ACK", 1);
  sip_assert_story (duel->alice, "incoming up");
  say_in_dialog (duel, "INFO", 2); /* of no package */
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 469"));
  say_in_dialog (duel, "UPDATE", 5);
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 405"));
  say_in_dialog (duel, "BYE", 4); /* from before */
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 500"));
  say_in_dialog (duel, "INVITE", 6);
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 488"));
  sip_assert_story (duel->alice, "");
  say_in_dialog (duel, "BYE", 7);
  sip_assert_story (duel->alice, "ended:hung-up");
}

/* The person hangs up in the very moment of ringing. */
static void
test_bye_while_ringing (Duel *duel, const void *data)
{
  g_autofree char *ringing = NULL;

  invite_alice (duel, "1");
  sip_assert_story (duel->alice, "incoming");
  ringing = g_strdup (sip_phone_received (duel->bob, "SIP/2.0 180"));
  memcpy (ringing, "SIP/2.0 200", 11); /* the dialog is the same */
  g_ptr_array_add (duel->bob->inbox, g_steal_pointer (&ringing));
  say_in_dialog (duel, "BYE", 2);
  sip_assert_story (duel->alice, "ended:cancelled");
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 487"));
}

/* What comes back for a re-INVITE ends the call, or leaves it as it was. */
static void
test_reoffer_refused (Duel *duel, const void *data)
{
  const char *status = data;
  bool is_fatal = status[0] == '4';
  g_autofree char *sdp = write_sdp (duel->bob, MEDIA_SETUP_ACTIVE);

  call_bob (duel);
  answer (duel, "INVITE", "200 OK", duel->bob->address, sdp);
  sip_assert_story (duel->alice, "media up");
  session_hold (duel->alice->ua, duel->alice->call, true);
  answer (duel, "INVITE", status, duel->bob->address, NULL);
  if (status[0] == '2')
    sip_assert_story (duel->alice, "ended:no-codec");
  else
    sip_assert_story (duel->alice, is_fatal ? "ended:lost" : "hold:");
  sip_world_run (duel->world, 60);
}

static void
test_ring_for_ever (Duel *duel, const void *data)
{
  invite_alice (duel, "1");
  sip_world_run (duel->world, 179);
  sip_assert_story (duel->alice, "incoming");
  sip_world_run (duel->world, 2);
  sip_assert_story (duel->alice, "ended:cancelled");
  g_assert_nonnull (sip_phone_received (duel->bob, "SIP/2.0 480"));
}

#define add(path, data, test) g_test_add ((path), Duel, (data), set_up, (test), tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/leg/every-200-gets-its-ack", NULL, test_repeated_answer);
  add ("/sip/leg/threat-4.8-the-answerer-is-who-its-certificate-says", NULL, test_wrong_contact);
  add ("/sip/leg/an-answer-without-sdp-is-hung-up-on", NULL, test_useless_answer);
  add ("/sip/leg/threat-4.4-an-answer-must-choose-its-role", "actpass", test_useless_answer);
  add ("/sip/leg/an-answer-after-cancel-is-hung-up-on", NULL, test_late_answer);
  add ("/sip/leg/silence-after-cancel-is-an-end", NULL, test_silence_after_cancel);
  add ("/sip/leg/a-200-is-repeated-until-its-ack", NULL, test_no_ack);
  add ("/sip/leg/a-repeated-invite-rings-once", NULL, test_repeated_invite);
  add ("/sip/leg/requests-within-a-call", NULL, test_in_dialog);
  add ("/sip/leg/bye-while-it-rings-is-a-missed-call", NULL, test_bye_while_ringing);
  add ("/sip/leg/an-offer-to-a-lost-call-ends-it", "481 x", test_reoffer_refused);
  add ("/sip/leg/an-offer-that-times-out-ends-it", "408 x", test_reoffer_refused);
  add ("/sip/leg/an-offer-accepted-without-sdp-ends-it", "200 x", test_reoffer_refused);
  add ("/sip/leg/an-offer-that-is-refused-changes-nothing", "504 x", test_reoffer_refused);
  add ("/sip/leg/nobody-rings-for-ever", NULL, test_ring_for_ever);
  return g_test_run ();
}
