/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

typedef struct Two {
  SipWorld *world;
  SipPhone *alice;
  SipPhone *bob; /* a stranger */
} Two;

static void
set_up (Two *two, const void *data)
{
  two->world = sip_world_new ();
  two->alice = sip_world_add (two->world, "alice");
  two->bob = sip_world_add_stranger (two->world, "bob");
  sip_world_link (two->alice, two->bob);
}

static void
tear_down (Two *two, const void *data)
{
  sip_world_free (two->world);
}

static void
subscribe (Two *two, const char *number, const char *expires)
{
  g_autofree char *text = g_strdup_printf (
    "SUBSCRIBE sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK%s\r\n"
    "From: \"Bob\u202e\" <sip:%s>;tag=%s\r\nTo: <sip:%s>\r\nCall-ID: %s\r\nCSeq: 1 SUBSCRIBE\r\n"
    "Contact: <sip:%s>\r\nEvent: presence\r\nExpires: %s\r\nContent-Length: 0\r\n\r\n",
    two->alice->address, number, two->bob->address, number, two->alice->address, number,
    two->bob->address, expires);

  sip_phone_speak (two->bob, two->alice, text);
}

static void
assert_notified (Two *two, const char *state, bool has_body)
{
  const char *notify = sip_phone_received (two->bob, "NOTIFY");
  g_autofree char *value = notify != NULL ? sip_header (notify, "Subscription-state") : NULL;

  g_assert_cmpstr (value, ==, state);
  g_assert_true ((strstr (notify, "<presence") != NULL) == has_body);
}

static void
test_pending (Two *two, const void *data)
{
  subscribe (two, "1", "600");
  sip_assert_story (two->alice, "request");
  g_assert_cmpstr (two->alice->name, ==, "Bob");
  g_assert_nonnull (sip_phone_received (two->bob, "SIP/2.0 202"));
  assert_notified (two, "pending;expires=600", false);
  presence_decided (two->alice->ua, two->bob->address, &two->alice->user_key, PRESENCE_ACCEPTED);
  assert_notified (two, "pending;expires=600", false); /* that is another key */
  presence_decided (two->alice->ua, two->bob->address, &two->bob->user_key, PRESENCE_ACCEPTED);
  assert_notified (two, "active;expires=600", true);
}

static void
test_expiry (Two *two, const void *data)
{
  two->alice->decision = PRESENCE_ACCEPTED;
  subscribe (two, "1", "1");
  g_assert_nonnull (sip_phone_received (two->bob, "SIP/2.0 200"));
  assert_notified (two, "active;expires=60", true);
  sip_world_run (two->world, 27);
  presence_set_own (two->alice->ua, PRESENCE_AWAY);
  assert_notified (two, "active;expires=33", true);
}

static void
test_fetch (Two *two, const void *data)
{
  two->alice->decision = PRESENCE_ACCEPTED;
  subscribe (two, "1", "0");
  assert_notified (two, "terminated;reason=timeout", true);
  sip_assert_story (two->alice, "");
}

/* Who does not answer a NOTIFY is watched by nobody any more. */
static void
test_forgotten (Two *two, const void *data)
{
  guint count;

  two->alice->decision = PRESENCE_ACCEPTED;
  subscribe (two, "1", "3600");
  sip_world_run (two->world, 40);
  count = two->bob->inbox->len;
  presence_set_own (two->alice->ua, PRESENCE_AWAY);
  g_assert_cmpuint (two->bob->inbox->len, ==, count);
}

static void
test_replaced (Two *two, const void *data)
{
  guint count;

  two->alice->decision = PRESENCE_ACCEPTED;
  for (unsigned i = 0; i < 20; i++) {
    g_autofree char *number = g_strdup_printf ("%u", i);

    subscribe (two, number, "3600");
  }
  count = two->bob->inbox->len;
  presence_set_own (two->alice->ua, PRESENCE_AWAY);
  g_assert_cmpuint (two->bob->inbox->len, ==, count + 1);
}

/* A subscriber that answers, so that only time ends it. */
static void
test_timeout (Two *two, const void *data)
{
  two->alice->decision = PRESENCE_ACCEPTED;
  subscribe (two, "1", "60");
  {
    const char *notify = sip_phone_received (two->bob, "NOTIFY");
    g_autofree char *via = sip_header (notify, "Via");
    g_autofree char *from = sip_header (notify, "From");
    g_autofree char *to = sip_header (notify, "To");
    g_autofree char *call_id = sip_header (notify, "Call-ID");
    g_autofree char *cseq = sip_header (notify, "CSeq");
    g_autofree char *text =
      g_strdup_printf ("SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
                       "CSeq: %s\r\nContent-Length: 0\r\n\r\n",
                       via, from, to, call_id, cseq);

    sip_phone_speak (two->bob, two->alice, text);
  }
  sip_world_run (two->world, 59);
  assert_notified (two, "active;expires=60", true);
  sip_world_run (two->world, 2);
  assert_notified (two, "terminated;reason=timeout", false);
}

static void
test_stop (Two *two, const void *data)
{
  two->alice->decision = PRESENCE_ACCEPTED;
  subscribe (two, "1", "3600");
  user_agent_stop (two->alice->ua);
  assert_notified (two, "terminated;reason=probation", true);
  g_assert_nonnull (strstr (sip_phone_received (two->bob, "NOTIFY"), "closed"));
}

#define add(path, test) g_test_add ((path), Two, NULL, set_up, (test), tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sip/watcher/threat-4.15-only-the-same-key-is-accepted", test_pending);
  add ("/sip/watcher/expires-is-bounded-and-counted-down", test_expiry);
  add ("/sip/watcher/a-fetch-gets-one-answer", test_fetch);
  add ("/sip/watcher/silence-ends-a-subscription", test_forgotten);
  add ("/sip/watcher/threat-4.8-one-subscription-for-each-device", test_replaced);
  add ("/sip/watcher/time-ends-a-subscription", test_timeout);
  add ("/sip/watcher/stopping-tells-everybody", test_stop);
  return g_test_run ();
}
