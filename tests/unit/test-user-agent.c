/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

/* Frames from peers without a link, and links of peers that nobody asked for. */
static void
test_strangers (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  SipPhone *alice = sip_world_add (world, "alice");
  SipPhone *mallory = sip_world_add_stranger (world, "mallory");

  sip_phone_speak (mallory, alice, "OPTIONS sip:alice@x SIP/2.0\r\n\r\n");
  user_agent_link_down (alice->ua, &mallory->id, true);
  user_agent_link_failed (alice->ua, &mallory->id, false);
  g_assert_false (user_agent_needs_link (alice->ua, &mallory->id));
  g_assert_cmpuint (user_agent_counters (alice->ua)->received, ==, 0);
}

static void
test_many_peers (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  SipPhone *alice = sip_world_add (world, "alice");
  Certificate certificate = { .user = alice->address };
  NodeId peer = { { 0 } };

  for (unsigned i = 0; i < 1000; i++) {
    peer.bytes[0] = (uint8_t) i;
    peer.bytes[1] = (uint8_t) (i >> 8);
    user_agent_link_up (alice->ua, &peer, &certificate);
    user_agent_receive (alice->ua, &peer, bytes_of_text ("X"));
  }
  g_assert_cmpuint (user_agent_counters (alice->ua)->received, ==, LIMIT_SIP_PAIRS);
  peer = (NodeId){ { 0 } };
  user_agent_link_down (alice->ua, &peer, false);
  sip_world_run (world, 1); /* an idle pair without a link makes room */
  peer.bytes[2] = 1;
  user_agent_link_up (alice->ua, &peer, &certificate);
  user_agent_receive (alice->ua, &peer, bytes_of_text ("X"));
  g_assert_cmpuint (user_agent_counters (alice->ua)->received, ==, LIMIT_SIP_PAIRS + 1);
}

/* Freed in the middle of everything. */
static void
test_free (void)
{
  for (unsigned step = 0; step < 40; step++) {
    g_autoptr (SipWorld) world = sip_world_new ();
    SipPhone *alice = sip_world_add (world, "alice");
    SipPhone *bob = sip_world_add (world, "bob");

    bob->answers = true;
    sip_phone_watch (alice, bob);
    sip_phone_call (alice, bob, NULL, NULL);
    sip_world_run (world, 0.498 + step * 0.002);
    session_hold (alice->ua, alice->call, true);
    sip_world_run (world, step * 0.001);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/user-agent/strangers-without-a-link-are-not-heard", test_strangers);
  g_test_add_func ("/sip/user-agent/threat-4.8-peers-are-bounded", test_many_peers);
  g_test_add_func ("/sip/user-agent/may-be-freed-at-any-moment", test_free);
  return g_test_run ();
}
