/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

/* Alice watches Bob, who has accepted her. */
static void
watch (SipTwo *two)
{
  two->bob->decision = PRESENCE_ACCEPTED;
  sip_phone_watch (two->alice, two->bob);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:available");
}

static void
test_request (SipTwo *two, const void *data)
{
  sip_phone_watch (two->alice, two->bob);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:pending");
  sip_assert_story (two->bob, "request");
  g_assert_cmpstr (two->bob->name, ==, "alice");
  presence_decided (two->bob->ua, two->alice->address, &two->alice->user_key, PRESENCE_ACCEPTED);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:available");
  presence_set_own (two->bob->ua, PRESENCE_IN_CALL);
  sip_world_run (two->world, 1);
  presence_set_own (two->bob->ua, PRESENCE_AWAY);
  sip_world_run (two->world, 1);
  presence_set_own (two->bob->ua, PRESENCE_DO_NOT_DISTURB);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "presence:in-call presence:away presence:busy");
  presence_decided (two->bob->ua, two->alice->address, &two->alice->user_key, PRESENCE_REJECTED);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "presence:refused");
  presence_set_own (two->bob->ua, PRESENCE_AVAILABLE);
  sip_world_run (two->world, 1);
  sip_assert_story (two->alice, "");
}

static void
test_rejected (SipTwo *two, const void *data)
{
  two->bob->decision = PRESENCE_REJECTED;
  sip_phone_watch (two->alice, two->bob);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:refused");
  sip_assert_story (two->bob, "");
}

static void
test_ask_again (SipTwo *two, const void *data)
{
  test_rejected (two, NULL);
  two->bob->decision = PRESENCE_ACCEPTED;
  sip_phone_watch (two->alice, two->bob);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:available");
}

static void
test_refresh (SipTwo *two, const void *data)
{
  g_autofree char *first = NULL, *again = NULL;

  watch (two);
  first = sip_header (sip_phone_received (two->bob, "SUBSCRIBE"), "CSeq");
  sip_world_run (two->world, 1790);
  again = sip_header (sip_phone_received (two->bob, "SUBSCRIBE"), "CSeq");
  g_assert_cmpstr (first, ==, again);
  sip_world_run (two->world, 20);
  g_free (again);
  again = sip_header (sip_phone_received (two->bob, "SUBSCRIBE"), "CSeq");
  g_assert_cmpstr (again, ==, "2 SUBSCRIBE");
  sip_world_run (two->world, 24 * 3600);
  sip_assert_story (two->alice, "");
}

static void
test_lost_link (SipTwo *two, const void *data)
{
  watch (two);
  two->bob->is_cut = true;
  sip_world_unlink (two->alice, two->bob, true);
  sip_world_run (two->world, 29);
  sip_assert_story (two->alice, "");
  sip_world_run (two->world, 2);
  sip_assert_story (two->alice, "presence:unknown");
  two->bob->is_cut = false;
  sip_phone_watch (two->alice, two->bob);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:available");
}

static void
test_idle_link (SipTwo *two, const void *data)
{
  watch (two);
  sip_world_unlink (two->alice, two->bob, false);
  sip_world_run (two->world, 300);
  sip_assert_story (two->alice, "");
  presence_set_own (two->bob->ua, PRESENCE_AWAY);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:away");
}

static void
test_stop (SipTwo *two, const void *data)
{
  watch (two);
  user_agent_stop (two->bob->ua);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:offline");
}

/* The other device started anew and knows nothing of us. */
static void
test_restarted (SipTwo *two, const void *data)
{
  watch (two);
  sip_world_unlink (two->alice, two->bob, true);
  user_agent_free (two->bob->ua);
  two->world->phone_count--;
  {
    char *address = two->bob->address;
    GString *story = two->bob->story;
    GPtrArray *inbox = two->bob->inbox;

    two->bob = sip_world_add (two->world, "bob");
    g_free (address);
    g_string_free (story, TRUE);
    g_ptr_array_unref (inbox);
  }
  two->bob->decision = PRESENCE_ACCEPTED;
  sip_world_link (two->alice, two->bob);
  sip_world_run (two->world, 3);
  g_assert_nonnull (sip_phone_received (two->alice, "SIP/2.0 481"));
  presence_set_own (two->bob->ua, PRESENCE_AWAY);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "presence:away");
}

static void
test_doubted (SipTwo *two, const void *data)
{
  watch (two);
  presence_doubt (two->alice->ua, &two->bob->id);
  sip_world_run (two->world, 60);
  sip_assert_story (two->alice, "");
  two->bob->is_cut = true;
  sip_world_unlink (two->alice, two->bob, false);
  presence_doubt (two->alice->ua, &two->bob->id);
  sip_world_run (two->world, 29);
  sip_assert_story (two->alice, "");
  sip_world_run (two->world, 2);
  sip_assert_story (two->alice, "presence:unknown");
}

static void
test_no_device (SipTwo *two, const void *data)
{
  watch (two);
  presence_subscribe (two->alice->ua, two->bob->address, NULL, 0);
  sip_assert_story (two->alice, "presence:offline");
}

static void
test_two_devices (SipTwo *two, const void *data)
{
  SipPhone *second = sip_world_add (two->world, "bob");
  NodeId devices[2] = { two->bob->id, second->id };

  two->bob->decision = second->decision = PRESENCE_ACCEPTED;
  presence_set_own (second->ua, PRESENCE_AWAY);
  presence_subscribe (two->alice->ua, two->bob->address, devices, 2);
  sip_world_run (two->world, 3);
  g_assert_true (g_str_has_suffix (two->alice->story->str, "presence:available"));
  presence_set_own (second->ua, PRESENCE_IN_CALL);
  sip_world_run (two->world, 3);
  g_assert_true (g_str_has_suffix (two->alice->story->str, "presence:in-call"));
  presence_subscribe (two->alice->ua, two->bob->address, devices, 1);
  presence_set_own (two->bob->ua, PRESENCE_DO_NOT_DISTURB);
  sip_world_run (two->world, 3);
  g_assert_true (g_str_has_suffix (two->alice->story->str, "presence:busy"));
}

static void
test_unsubscribe (SipTwo *two, const void *data)
{
  watch (two);
  presence_unsubscribe (two->alice->ua, two->bob->address);
  sip_world_run (two->world, 3);
  g_assert_nonnull (strstr (sip_phone_received (two->bob, "SUBSCRIBE"), "Expires: 0"));
  presence_set_own (two->bob->ua, PRESENCE_AWAY);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "");
}

/* Mallory has overheard the identifiers and tells lies about Bob. */
static void
test_forged_notify (SipTwo *two, const void *data)
{
  SipPhone *mallory = sip_world_add_stranger (two->world, "mallory");
  g_autofree char *from = NULL, *to = NULL, *call_id = NULL, *text = NULL;
  const char *notify;

  watch (two);
  sip_world_link (mallory, two->alice);
  notify = sip_phone_received (two->alice, "NOTIFY");
  from = sip_header (notify, "From");
  to = sip_header (notify, "To");
  call_id = sip_header (notify, "Call-ID");
  text = g_strdup_printf ("NOTIFY sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bKf\r\n"
                          "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 99 NOTIFY\r\n"
                          "Contact: <sip:%s>\r\nEvent: presence\r\n"
                          "Subscription-State: terminated;reason=rejected\r\n"
                          "Content-Length: 0\r\n\r\n",
                          two->alice->address, from, to, call_id, two->bob->address);
  sip_phone_speak (mallory, two->alice, text);
  sip_world_run (two->world, 3);
  sip_assert_story (two->alice, "");
  g_assert_nonnull (sip_phone_received (mallory, "SIP/2.0 481"));
}

#define add(path, test) g_test_add ((path), SipTwo, NULL, sip_two_set_up, (test), sip_two_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/subscription/pending-then-active-then-terminated", test_request);
  add ("/sip/subscription/refused", test_rejected);
  add ("/sip/subscription/may-ask-again", test_ask_again);
  add ("/sip/subscription/refreshed-at-half-time", test_refresh);
  add ("/sip/subscription/a-lost-link-is-unknown-after-30-s", test_lost_link);
  add ("/sip/subscription/an-idle-link-says-nothing", test_idle_link);
  add ("/sip/subscription/a-stopped-peer-is-offline", test_stop);
  add ("/sip/subscription/a-peer-that-forgot-us-is-asked-anew", test_restarted);
  add ("/sip/subscription/a-doubted-device-without-a-link-is-unknown", test_doubted);
  add ("/sip/subscription/no-device-is-offline", test_no_device);
  add ("/sip/subscription/of-two-devices-the-most-telling-counts", test_two_devices);
  add ("/sip/subscription/unsubscribing-ends-it", test_unsubscribe);
  add ("/sip/subscription/threat-4.8-a-third-party-cannot-notify", test_forged_notify);
  return g_test_run ();
}
