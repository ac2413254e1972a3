/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

/* RFC 4475 behind the gate: the answer of a phone that owns the Request-URI to a peer whose
 * certificate has the user of From. 0: none. */
static const struct {
  const char *name;
  const char *caller;
  const char *callee;
  int status;
} torture[] = {
  { "esc02", "resource@example.com", "user@example.com", 416 }, /* R-URI without a user */
  { "lwsdisp", "caller@example.com", "user@example.com", 200 },
  { "semiuri", "caller@example.org", "user;par=u@example.net@example.com", 200 },
  { "transports", "caller@example.com", "user@example.com", 200 },
  { "mpart01", "fluffy@example.com", "kumiko@example.org", 405 },
  { "unreason", "user@example.com", "user@example.com", 0 },
  { "noreason", "user@example.com", "user@example.com", 0 },
  { "unkscm", "caller@example.net", "user@example.com", 416 },
  { "unksm2", "caller@example.net", "user@example.com", 403 },
  { "bext01", "caller@example.net", "user@example.com", 420 },
  { "invut", "caller@example.net", "user@example.com", 403 }, /* Contact is another's */
  { "regaut01", "j.user@example.com", "user@example.com", 416 },
  { "zeromf", "caller@example.net", "user@example.com", 200 },
  { "cparam01", "watson@example.com", "user@example.com", 416 },
  { "bcast", "user@example.com", "user@example.com", 0 },
  { "sdp01", "caller@example.net", "user@example.com", 403 },
  { "badvers", "caller@example.net", "user@example.com", 505 },
  { "scalar02", "caller@example.net", "user@example.com", 400 },
  /* RFC 5118's cases in messages of our own. */
  { "ipv6-good", "carol@example.net", "dave@example.net", 416 }, /* R-URI without a user */
  { "ipv6-bad", "carol@example.net", "dave@example.net", 400 },
  { "port-ambiguous", "carol@example.net", "dave@example.net", 416 },
  { "port-unambiguous", "carol@example.net", "dave@example.net", 416 },
  { "via-received-param-with-delim", "carol@example.net", "dave@example.net", 200 },
  { "via-received-param-no-delim", "carol@example.net", "dave@example.net", 200 },
  { "ipv6-in-sdp", "carol@example.net", "dave@example.net", 403 }, /* Contact is no GRUU */
  { "mult-ip-in-header", "carol@example.net", "dave@example.net", 404 },
  { "mult-ip-in-sdp", "carol@example.net", "dave@example.net", 403 },
  { "ipv4-mapped-ipv6", "carol@example.net", "dave@example.net", 403 },
  { "ipv6-bug-abnf-3-colons", "carol@example.net", "dave@example.net", 404 },
};

static int
last_status (const SipPhone *phone)
{
  const char *answer = sip_phone_received (phone, "SIP/2.0 ");

  return answer != NULL ? (int) g_ascii_strtoull (answer + 8, NULL, 10) : 0;
}

static void
test_torture (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (torture); i++) {
    g_autoptr (SipWorld) world = sip_world_new ();
    SipPhone *caller = sip_world_add_stranger (world, torture[i].caller);
    SipPhone *callee = sip_world_add (world, torture[i].callee);
    g_autofree char *path = g_strdup_printf (SIP_TORTURE "/%s.dat", torture[i].name);
    g_autofree char *text = NULL;
    gsize size;

    g_test_message ("%s", torture[i].name);
    g_assert_true (g_file_get_contents (path, &text, &size, NULL));
    sip_world_link (caller, callee);
    user_agent_receive (callee->ua, &caller->id, (Bytes){ (const uint8_t *) text, size });
    sip_world_run (world, 1);
    g_assert_cmpint (last_status (caller), ==, torture[i].status);
  }
}

static const struct {
  const char *method;
  const char *headers;
  int status;
} methods[] = {
  { "OPTIONS", "", 200 },   { "OPTIONS", "Require: 100rel\r\n", 420 },
  { "INVITE", "", 488 },    { "INVITE", "Content-Type: text/plain\r\n", 488 },
  { "BYE", "", 481 },       { "NOTIFY", "", 481 },
  { "CANCEL", "", 481 },    { "SUBSCRIBE", "Event: dialog\r\n", 489 },
  { "SUBSCRIBE", "", 489 }, { "SUBSCRIBE", "Event: presence\r\n", 202 },
  { "REGISTER", "", 405 },  { "MESSAGE", "", 405 },
  { "REFER", "", 405 },     { "PUBLISH", "", 405 },
  { "NONSENSE", "", 501 },  { "ACK", "", 0 },
};

static void
test_methods (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autoptr (SipWorld) world = sip_world_new ();
    SipPhone *caller = sip_world_add_stranger (world, "mallory");
    SipPhone *callee = sip_world_add (world, "bob");
    const char *answer;
    g_autofree char *text =
      g_strdup_printf ("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\n"
                       "From: <sip:%s>;tag=1\r\nTo: <sip:%s>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\n"
                       "Contact: <sip:%s>\r\n%sContent-Length: 0\r\n\r\n",
                       methods[i].method, callee->address, caller->address, callee->address,
                       methods[i].method, caller->address, methods[i].headers);

    g_test_message ("%s %s", methods[i].method, methods[i].headers);
    sip_world_link (caller, callee);
    sip_phone_speak (caller, callee, text);
    sip_world_run (world, 1);
    answer = sip_phone_received (caller, "SIP/2.0 ");
    g_assert_cmpint (last_status (caller), ==, methods[i].status);
    if (methods[i].status == 405)
      g_assert_nonnull (strstr (answer, "\r\nAllow: INVITE, ACK"));
    if (methods[i].status == 420)
      g_assert_nonnull (strstr (answer, "\r\nUnsupported: 100rel\r\n"));
  }
}

/* A long message goes in chunks, an idle pair is forgotten, a full queue drops. */
static void
test_queue (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  SipPhone *alice = sip_world_add (world, "alice");
  SipPhone *bob = sip_world_add (world, "bob");

  alice->is_stranger_to_all = true;
  for (unsigned i = 0; i < 40; i++)
    sip_phone_call (alice, bob, NULL, NULL);
  g_assert_cmpuint (user_agent_counters (alice->ua)->queue_dropped, ==, 8);
  g_assert_true (user_agent_needs_link (alice->ua, &bob->id));
  user_agent_link_failed (alice->ua, &bob->id, false);
  sip_world_run (world, 60);
  g_assert_false (user_agent_needs_link (alice->ua, &bob->id));
}

/* Who has just come is called as soon as there is a way; who does not come costs a moment. */
static void
test_arrival (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  SipPhone *alice = sip_world_add (world, "alice");
  SipPhone *bob = sip_world_add (world, "bob");

  bob->is_unknown = true;
  sip_phone_call (alice, bob, NULL, NULL);
  sip_world_run (world, 1);
  g_assert_true (user_agent_needs_link (alice->ua, &bob->id));
  sip_assert_story (alice, "");
  sip_world_run (world, 2);
  sip_assert_story (alice, "ended:unreachable");
  sip_phone_call (alice, bob, NULL, NULL);
  sip_world_run (world, 1.2);
  bob->is_unknown = false;
  sip_world_run (world, 2);
  g_assert_cmpuint (bob->incoming, ==, 1);
}

static void
test_rate (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  SipPhone *mallory = sip_world_add_stranger (world, "mallory");
  SipPhone *bob = sip_world_add (world, "bob");

  sip_world_link (mallory, bob);
  for (unsigned i = 0; i < 1000; i++)
    sip_phone_speak (mallory, bob, "X");
  g_assert_cmpuint (user_agent_counters (bob->ua)->flood, ==, 900);
  sip_world_run (world, 1);
  for (unsigned i = 0; i < 1000; i++)
    sip_phone_speak (mallory, bob, "X");
  g_assert_cmpuint (user_agent_counters (bob->ua)->flood, ==, 900 + 950);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/pair/threat-4.7-torture-messages-get-their-answers", test_torture);
  g_test_add_func ("/sip/pair/each-method-has-its-answer", test_methods);
  g_test_add_func ("/sip/pair/what-waits-for-a-link-is-bounded", test_queue);
  g_test_add_func ("/sip/pair/who-has-just-come-is-asked-for-again", test_arrival);
  g_test_add_func ("/sip/pair/threat-4.8-messages-of-a-peer-have-a-rate", test_rate);
  return g_test_run ();
}
