/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

/* An answered call. */
static void
set_up (SipTwo *two, const void *data)
{
  sip_two_set_up (two, data);
  two->bob->answers = true;
  sip_phone_call (two->alice, two->bob, NULL, NULL);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "ringing media up");
  sip_assert_story (two->bob, "incoming up");
}

static void
hold (SipPhone *phone, bool is_held)
{
  session_hold (phone->ua, phone->call, is_held);
}

static void
test_hold (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "hold:we");
  sip_assert_story (two->bob, "hold:they");
  g_assert_nonnull (strstr (sip_phone_received (two->bob, "INVITE"), "a=sendonly"));
  g_assert_nonnull (strstr (sip_phone_received (two->alice, "SIP/2.0 200"), "a=recvonly"));
  hold (two->alice, false);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "hold:");
  sip_assert_story (two->bob, "hold:");
  hold (two->alice, false);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "");
}

static void
test_hold_by_both (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  sip_world_run (two->world, 1);
  hold (two->bob, true);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "hold:we hold:wethey");
  sip_assert_story (two->bob, "hold:they hold:wethey");
  g_assert_nonnull (strstr (sip_phone_received (two->bob, "SIP/2.0 200"), "a=inactive"));
  hold (two->alice, false);
  sip_world_run (two->world, 1);
  hold (two->bob, false);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "hold:they hold:");
  sip_assert_story (two->bob, "hold:we hold:");
}

static void
test_glare (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  hold (two->bob, true);
  sip_world_run (two->world, 0.1);
  g_assert_nonnull (sip_phone_received (two->alice, "SIP/2.0 491"));
  g_assert_nonnull (sip_phone_received (two->bob, "SIP/2.0 491"));
  sip_world_run (two->world, 10);
  g_assert_true (g_str_has_suffix (two->alice->story->str, "hold:wethey"));
  g_assert_true (g_str_has_suffix (two->bob->story->str, "hold:wethey"));
}

static void
test_change_of_mind (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  hold (two->alice, false);
  sip_world_run (two->world, 10);
  sip_assert_story (two->alice, "hold:we hold:");
  sip_assert_story (two->bob, "hold:they hold:");
}

static void
test_roles_stay (SipTwo *two, const void *data)
{
  hold (two->bob, true);
  sip_world_run (two->world, 1);
  g_assert_nonnull (strstr (sip_phone_received (two->alice, "INVITE"), "a=setup:actpass"));
  g_assert_nonnull (strstr (sip_phone_received (two->bob, "SIP/2.0 200"), "a=setup:passive"));
  hold (two->alice, true);
  sip_world_run (two->world, 1);
  g_assert_nonnull (strstr (sip_phone_received (two->alice, "SIP/2.0 200"), "a=setup:active"));
}

static void
test_ice_restart (SipTwo *two, const void *data)
{
  SipPhone *first = data == NULL ? two->alice : two->bob;
  SipPhone *second = data == NULL ? two->bob : two->alice;
  bool was_server = first->is_server;
  MediaDescription media;

  sip_phone_describe (first, &media);
  session_restart (first->ua, first->call, &media);
  sip_world_run (two->world, 1);
  sip_assert_story (first, "media");
  sip_assert_story (second, "offer media");
  g_assert_cmpstr (second->media.ice.ufrag, ==, media.ice.ufrag);
  g_assert_true (first->is_server == was_server);
  g_assert_true (second->is_server == !was_server);
}

/* Nobody is disturbed by an offer that is refused, and the next one has its chance. */
static void
test_refused (SipTwo *two, const void *data)
{
  MediaDescription media;

  sip_phone_describe (two->alice, &media);
  two->bob->refuses_offers = true;
  session_restart (two->alice->ua, two->alice->call, &media);
  sip_world_run (two->world, 1);
  g_assert_nonnull (sip_phone_received (two->alice, "SIP/2.0 488"));
  two->bob->refuses_offers = false;
  sip_phone_describe (two->alice, &media);
  session_restart (two->alice->ua, two->alice->call, &media);
  sip_world_run (two->world, 1);
  g_assert_cmpstr (two->bob->media.ice.ufrag, ==, media.ice.ufrag);
}

/* RFC 8842, 5: it says whether the DTLS association is the one of before. */
static void
test_tls_id (SipTwo *two, const void *data)
{
  MediaDescription media;

  sip_phone_describe (two->alice, &media);
  g_strlcpy (media.tls_id, "an-association-of-alice", sizeof media.tls_id);
  session_restart (two->alice->ua, two->alice->call, &media);
  sip_world_run (two->world, 1);
  g_assert_cmpstr (two->bob->media.tls_id, ==, media.tls_id);
}

static void
test_both_restart (SipTwo *two, const void *data)
{
  MediaDescription media;

  sip_phone_describe (two->alice, &media);
  session_restart (two->alice->ua, two->alice->call, &media);
  sip_phone_describe (two->bob, &media);
  session_restart (two->bob->ua, two->bob->call, &media);
  sip_world_run (two->world, 10);
  g_assert_true (strstr (two->alice->story->str, "media") != NULL);
  g_assert_true (strstr (two->bob->story->str, "media") != NULL);
}

/* A wish without a link waits for the next one. */
static void
test_hold_without_link (SipTwo *two, const void *data)
{
  sip_world_unlink (two->alice, two->bob, true);
  hold (two->alice, true);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "lost mended hold:we");
  sip_assert_story (two->bob, "lost mended hold:they");
}

/* The link goes away under a re-INVITE, and its answer with it. */
static void
test_link_lost_under_offer (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  sip_world_run (two->world, 0.007);
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 10);
  sip_assert_story (two->alice, "lost mended hold:we");
  sip_assert_story (two->bob, "hold:they lost mended");
}

static void
test_hang_up_under_offer (SipTwo *two, const void *data)
{
  hold (two->alice, true);
  session_end (two->bob->ua, two->bob->call);
  sip_world_run (two->world, 60);
  sip_assert_story (two->alice, "ended:hung-up");
  sip_assert_story (two->bob, "ended:hung-up");
}

/* What a man with the link, but without the key of the call, would need. */
static void
test_new_fingerprint (SipTwo *two, const void *data)
{
  MediaDescription media;

  sip_phone_describe (two->alice, &media);
  media.fingerprint[0] ^= 1;
  session_restart (two->alice->ua, two->alice->call, &media);
  sip_world_run (two->world, 3);
  g_assert_nonnull (sip_phone_received (two->alice, "SIP/2.0 488"));
  sip_assert_story (two->bob, "");
}

#define add(path, data, test) g_test_add ((path), SipTwo, (data), set_up, (test), sip_two_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/renegotiation/hold-and-take-back", NULL, test_hold);
  add ("/sip/renegotiation/both-may-hold", NULL, test_hold_by_both);
  add ("/sip/renegotiation/glare-is-tried-again", NULL, test_glare);
  add ("/sip/renegotiation/the-last-wish-counts", NULL, test_change_of_mind);
  add ("/sip/renegotiation/dtls-roles-stay", NULL, test_roles_stay);
  add ("/sip/renegotiation/the-caller-restarts-ice", NULL, test_ice_restart);
  add ("/sip/renegotiation/the-callee-restarts-ice", "callee", test_ice_restart);
  add ("/sip/renegotiation/a-refused-restart-does-no-harm", NULL, test_refused);
  add ("/sip/renegotiation/the-association-is-named", NULL, test_tls_id);
  add ("/sip/renegotiation/both-restart-ice-at-once", NULL, test_both_restart);
  add ("/sip/renegotiation/a-wish-waits-for-the-link", NULL, test_hold_without_link);
  add ("/sip/renegotiation/an-offer-survives-its-link", NULL, test_link_lost_under_offer);
  add ("/sip/renegotiation/hanging-up-ends-an-offer", NULL, test_hang_up_under_offer);
  add ("/sip/renegotiation/threat-4.4-no-new-key-within-a-call", NULL, test_new_fingerprint);
  return g_test_run ();
}
