/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/reach.h"

#include "core/os/loop.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "tests/unit/fake-node.h"

#include <sys/socket.h>
#include <unistd.h>

/* ---- What findings mean ---- */

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

#define OWN     "198.51.100.2:6084"
#define OWN_LAN "192.168.1.7:6084"
#define NAT     "203.0.113.9:6084"
#define NEAR    "192.168.1.8:6084"
#define FAR     "192.0.2.20:6084"
#define FAR_TOO "192.0.2.99:6084"

enum { BOTH = KNOCK_UDP | KNOCK_TCP };

typedef struct Row {
  const char *what;

  struct {
    const char *peer;
    const char *at; /* NULL: it has not tried */
    uint8_t ways;
  } found[3];

  ReachVerdict verdict;
  uint8_t ways;
  const char *address;
} Row;

static const Row rows[] = {
  { "nobody was asked", { { 0 } }, REACH_UNKNOWN, 0, NULL },
  { "nobody tried", { { FAR, NULL, 0 }, { NEAR, NULL, 0 } }, REACH_UNKNOWN, 0, NULL },
  { "open", { { FAR, OWN, BOTH } }, REACH_OPEN, BOTH, OWN },
  { "open by one way", { { FAR, OWN, KNOCK_UDP } }, REACH_OPEN, KNOCK_UDP, OWN },
  { "open to some", { { FAR, OWN, 0 }, { FAR_TOO, OWN, KNOCK_TCP } }, REACH_OPEN, KNOCK_TCP, OWN },
  { "closed", { { FAR, OWN, 0 }, { FAR_TOO, OWN, 0 } }, REACH_CLOSED, 0, OWN },
  { "closed elsewhere", { { FAR, OWN, 0 }, { NEAR, OWN_LAN, BOTH } }, REACH_CLOSED, 0, OWN },
  { "closed here", { { FAR, OWN, 0 }, { NEAR, OWN_LAN, 0 } }, REACH_CLOSED_HERE, 0, OWN_LAN },
  { "a router", { { FAR, NAT, 0 } }, REACH_NETWORK, 0, NAT },
  { "a router, a neighbor",
    { { FAR, NAT, 0 }, { NEAR, OWN_LAN, BOTH } },
    REACH_NETWORK,
    BOTH,
    OWN_LAN },
  { "a router, and closed here",
    { { FAR, NAT, 0 }, { NEAR, OWN_LAN, 0 } },
    REACH_CLOSED_HERE,
    0,
    OWN_LAN },
  { "a mapping that does not last", { { FAR, NAT, KNOCK_UDP } }, REACH_NETWORK, KNOCK_UDP, NAT },
  { "a router told by hand",
    { { FAR, NAT, BOTH }, { NEAR, OWN_LAN, BOTH } },
    REACH_OPEN,
    BOTH,
    NAT },
  { "a neighbor alone", { { NEAR, OWN_LAN, KNOCK_TCP } }, REACH_NETWORK, KNOCK_TCP, OWN_LAN },
  { "a neighbor with a public address",
    { { "198.51.100.77:6084", OWN, 0 } },
    REACH_CLOSED_HERE,
    0,
    OWN },
};

static void
test_judge (void)
{
  const Address own[] = { address_of (OWN), address_of (OWN_LAN) };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    ReachFinding findings[3] = { 0 };
    ReachReport report;
    size_t count = 0;
    for (; count < 3 && rows[i].found[count].peer != NULL; count++) {
      findings[count].peer = address_of (rows[i].found[count].peer);
      findings[count].answer.ways = rows[i].found[count].ways;
      if (rows[i].found[count].at != NULL)
        findings[count].answer.address = address_of (rows[i].found[count].at);
    }
    g_test_message ("%s", rows[i].what);
    report = reach_judge (findings, count, own, G_N_ELEMENTS (own));
    g_assert_cmpint (report.verdict, ==, rows[i].verdict);
    g_assert_true (report.by_udp == ((rows[i].ways & KNOCK_UDP) != 0));
    g_assert_true (report.by_tcp == ((rows[i].ways & KNOCK_TCP) != 0));
    if (rows[i].address != NULL) {
      Address expected = address_of (rows[i].address);
      g_assert_true (address_equal (&report.address, &expected));
    }
  }
}

static void
test_near (void)
{
  static const struct {
    const char *a;
    const char *b;
    bool is_near;
  } pairs[] = { { FAR, FAR_TOO, true },
                { FAR, OWN, false },
                { "[2001:db8::1]:1", "[2001:db8::2]:2", true },
                { "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false },
                { "[2001:db8::1]:1", FAR, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    Address a = address_of (pairs[i].a);
    Address b = address_of (pairs[i].b);
    g_assert_true (reach_is_near (&a, &b) == pairs[i].is_near);
  }
}

/* ---- Asking ---- */

typedef struct Fixture {
  Peer *alice;
  Loop *loop;
  Tls *tls;
  Reach *reach;
  unsigned done;
} Fixture;

static void
on_done (void *owner)
{
  Fixture *self = owner;

  g_assert_false (reach_is_asking (self->reach));
  self->done++;
}

static void
setup (Fixture *self, gconstpointer data)
{
  self->alice = peer_member ();
  self->loop = loop_new ();
  self->tls = tls_new (self->alice->signer, signer_private_key (self->alice->signer),
                       signer_x509 (self->alice->signer));
  self->reach = reach_new (self->loop, self->tls, NULL, on_done, self);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  reach_free (self->reach);
  tls_free (self->tls);
  loop_free (self->loop);
  peer_free (self->alice);
}

static void
test_ask (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) carol = peer_member ();
  Address nobody = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd = socket_bind (SOCK_STREAM, &nobody, false);
  const ReachFinding *findings;
  size_t count;

  nobody = socket_address (fd);
  close (fd);
  reach_ask (self->reach,
             (const ReachErrand[]){ { bob->address, self->alice->address.port },
                                    { carol->address, carol->address.port },
                                    { nobody, self->alice->address.port } },
             3);
  g_assert_true (reach_is_asking (self->reach));
  wait_for (&self->done, 1);
  findings = reach_findings (self->reach, &count);
  g_assert_cmpuint (count, ==, 3);
  g_assert_cmpuint (findings[0].answer.ways, ==, BOTH);
  g_assert_true (address_equal (&findings[0].answer.address, &self->alice->address));
  g_assert_cmpuint (findings[1].answer.ways, ==, BOTH);
  g_assert_cmpint (findings[2].answer.address.family, ==, ADDRESS_NONE);
}

static void
test_again (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = peer_member ();
  const ReachErrand errand = { bob->address, self->alice->address.port };
  const ReachFinding *findings;
  size_t count;

  reach_ask (self->reach, &errand, 1);
  wait_for (&self->done, 1);
  reach_tell_again (self->reach);
  wait_for (&self->done, 2);
  findings = reach_findings (self->reach, &count);
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpuint (findings[0].answer.ways, ==, BOTH);
  reach_ask (self->reach, &errand, 1); /* too soon for bob */
  wait_for (&self->done, 3);
  findings = reach_findings (self->reach, &count);
  g_assert_cmpint (findings[0].answer.address.family, ==, ADDRESS_NONE);
}

static void
test_nobody (Fixture *self, gconstpointer data)
{
  size_t count;

  reach_ask (self->reach, NULL, 0);
  wait_for (&self->done, 1);
  reach_findings (self->reach, &count);
  g_assert_cmpuint (count, ==, 0);
}

static void
test_teardown (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = peer_member ();
  const ReachErrand errand = { bob->address, self->alice->address.port };

  for (unsigned turns = 0; turns < 24; turns += 2) {
    reach_ask (self->reach, &errand, 1);
    for (unsigned i = 0; i < turns; i++)
      g_main_context_iteration (NULL, FALSE);
    reach_free (self->reach);
    self->reach = reach_new (self->loop, self->tls, NULL, on_done, self);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reach/what-findings-mean", test_judge);
  g_test_add_func ("/reach/who-is-near", test_near);
  g_test_add ("/reach/peers-knock", Fixture, NULL, setup, test_ask, teardown);
  g_test_add ("/reach/told-again-and-asked-again", Fixture, NULL, setup, test_again, teardown);
  g_test_add ("/reach/nobody-to-ask", Fixture, NULL, setup, test_nobody, teardown);
  g_test_add ("/reach/freed-at-every-step", Fixture, NULL, setup, test_teardown, teardown);
  return g_test_run ();
}
