/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/ice.h"
#include "core/os/ports.h"

#include "core/os/socket.h"
#include "tests/unit/fake-mirror.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <unistd.h>

/* Where that is allowed the tests run in a network of their own: it has an address beside loopback,
 * as not every place has where tests run. */

#define INSIDE "PEAL_ICE_INSIDE"
#define NETWORK                                                      \
  "ip link set lo up && ip link add near type veth peer name far &&" \
  "ip address add 192.0.2.1/24 dev near &&"                          \
  "ip link set near up && ip link set far up"

typedef struct End {
  Ice *ice;
  unsigned gathered;
  unsigned connected;
  unsigned failed;
  unsigned received;
  IceDescription local;
} End;

static void
on_gathered (void *owner, Ice *ice, const IceDescription *local)
{
  End *self = owner;

  self->gathered++;
  self->local = *local;
}

static void
on_connected (void *owner, Ice *ice)
{
  ((End *) owner)->connected++;
}

static void
on_receive (void *owner, Ice *ice, Bytes datagram)
{
  ((End *) owner)->received++;
}

static void
on_failed (void *owner, Ice *ice)
{
  ((End *) owner)->failed++;
}

static const IceEvents events = { on_gathered, on_connected, on_receive, on_failed };
static const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };

typedef struct Fixture {
  Loop *loop;
  End a;
  End b;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  const IceOptions controlling = { .is_controlling = true, .only = loopback };
  const IceOptions controlled = { .only = loopback };

  self->loop = loop_new ();
  self->a.ice = ice_new (self->loop, &controlling, &events, &self->a);
  self->b.ice = ice_new (self->loop, &controlled, &events, &self->b);
  g_assert_cmpuint (self->a.gathered, ==, 0); /* not from inside */
  wait_for (&self->a.gathered, 1);
  wait_for (&self->b.gathered, 1);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  ice_free (self->a.ice);
  ice_free (self->b.ice);
  loop_free (self->loop);
}

static void
test_description (Fixture *self, gconstpointer data)
{
  const IceDescription *local = &self->a.local;

  g_assert_cmpuint (strlen (local->ufrag), >=, 4);
  g_assert_cmpuint (strlen (local->password), >=, 22);
  g_assert_cmpuint (local->candidate_count, ==, 1);
  g_assert_cmpint (local->candidates[0].type, ==, CANDIDATE_HOST);
  g_assert_cmpint (local->candidates[0].related.family, ==, ADDRESS_NONE);
  g_assert_true (address_is_loopback (&local->candidates[0].address));
  g_assert_cmpuint (local->candidates[0].address.port, !=, 0);
  g_assert_cmpuint (local->candidates[0].priority, >, 0);
}

static void
test_both_ways (Fixture *self, gconstpointer data)
{
  ice_send (self->a.ice, bytes_of_text ("too early"));
  ice_check (self->a.ice, &self->b.local, true);
  ice_check (self->b.ice, &self->a.local, false);
  wait_for (&self->a.connected, 1);
  wait_for (&self->b.connected, 1);
  ice_send (self->a.ice, bytes_of_text ("hello"));
  ice_send (self->b.ice, bytes_of_text ("hello"));
  wait_for (&self->a.received, 1);
  wait_for (&self->b.received, 1);
  wait_ms (100); /* READY is told no second time */
  g_assert_cmpuint (self->a.connected, ==, 1);
  g_assert_cmpuint (self->a.failed, ==, 0);
}

static void
test_report (Fixture *self, gconstpointer data)
{
  PathReport report;

  ice_report (self->a.ice, &report);
  g_assert_cmpint (report.state, ==, PATH_GATHERING);
  g_assert_cmpuint (report.local_count, ==, 1);
  g_assert_cmpuint (report.remote_count, ==, 0);
  g_assert_false (report.has_pair);
  ice_check (self->a.ice, &self->b.local, true);
  ice_report (self->a.ice, &report);
  g_assert_cmpint (report.state, ==, PATH_CHECKING);
  ice_check (self->b.ice, &self->a.local, false);
  wait_for (&self->a.connected, 1);
  ice_report (self->a.ice, &report);
  g_assert_cmpint (report.state, ==, PATH_CONNECTED);
  g_assert_cmpuint (report.remote_count, ==, 1);
  g_assert_true (report.has_pair);
  g_assert_true (address_equal (&report.pair[0].address, &self->a.local.candidates[0].address));
  g_assert_true (address_equal (&report.pair[1].address, &self->b.local.candidates[0].address));
  g_assert_cmpuint (report.relay_count, ==, 0);
}

/* Both think that they control: RFC 8445, 7.3.1.1 settles it. */
static void
test_role_conflict (Fixture *self, gconstpointer data)
{
  ice_check (self->a.ice, &self->b.local, true);
  ice_check (self->b.ice, &self->a.local, true);
  wait_for (&self->a.connected, 1);
  wait_for (&self->b.connected, 1);
}

static void
test_wrong_password (Fixture *self, gconstpointer data)
{
  IceDescription forged = self->b.local;

  g_strlcpy (forged.password, "0123456789012345678901", sizeof forged.password);
  ice_check (self->a.ice, &forged, true);
  wait_ms (300);
  ice_send (self->a.ice, bytes_of_text ("hello"));
  wait_ms (20);
  g_assert_cmpuint (self->a.connected + self->b.connected + self->b.received, ==, 0);
}

/* Somebody here listens on loopback alone, we on every address that others may reach. */
static void
test_loopback_only (Fixture *self, gconstpointer data)
{
  Address own;
  const IceOptions options = { .is_controlling = true };
  End everywhere = { 0 };

  if (socket_reachable_addresses (ADDRESS_IPV6, &own, 1) == 0 || address_is_loopback (&own)) {
    g_test_skip ("there is no address but loopback");
    return;
  }
  everywhere.ice = ice_new (self->loop, &options, &events, &everywhere);
  wait_for (&everywhere.gathered, 1);
  ice_check (everywhere.ice, &self->b.local, true);
  ice_check (self->b.ice, &everywhere.local, false);
  wait_for (&everywhere.connected, 1);
  wait_for (&self->b.connected, 1);
  ice_free (everywhere.ice);
}

/* In a network of our own nobody else listens either. */
static void
test_no_streams (Fixture *self, gconstpointer data)
{
  static const char listening[] = " 0A ";
  static const char *const tables[] = { "/proc/self/net/tcp", "/proc/self/net/tcp6" };

  if (g_getenv (INSIDE) == NULL) {
    g_test_skip ("there is no network of our own");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++) {
    g_autofree char *sockets = NULL;

    if (g_file_get_contents (tables[i], &sockets, NULL, NULL))
      g_assert_null (strstr (sockets, listening));
  }
}

/* ---- STUN servers ---- */

static const Address nobody = { 0 };
static const Address outside = { .family = ADDRESS_IPV4, .bytes = { 203, 0, 113, 9 }, .port = 77 };

static void
gather_with (const Address *seen, End *end)
{
  g_autoptr (Loop) loop = loop_new ();
  g_autoptr (FakeMirror) mirror = fake_mirror_new (loop, seen);
  IceOptions options = { .only = loopback, .stun = fake_mirror_address (mirror) };

  end->ice = ice_new (loop, &options, &events, end);
  wait_for (&end->gathered, 1);
  g_assert_cmpuint (*fake_mirror_asked (mirror), >=, 1);
  ice_free (end->ice);
}

static void
test_server_reflexive (void)
{
  End end = { 0 };

  gather_with (&outside, &end);
  g_assert_cmpuint (end.local.candidate_count, ==, 2);
  g_assert_cmpint (end.local.candidates[1].type, ==, CANDIDATE_SERVER_REFLEXIVE);
  g_assert_true (address_equal (&end.local.candidates[1].address, &outside));
  g_assert_true (
    address_equal (&end.local.candidates[1].related, &end.local.candidates[0].address));
}

static void
test_dead_server (void)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  End end = { 0 };

  gather_with (&nobody, &end);
  g_assert_cmpuint (end.local.candidate_count, ==, 1);
  g_assert_cmpuint (end.gathered, ==, 1);
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), >=, LIMIT_GATHER_MS / 1000.0 - 0.1);
}

/* ---- A victim ---- */

enum { PACKETS_MAX = 70, BYTES_MAX = 7000 };

/* As many candidates as we take, all of one host that never asked for them; an Attach that names
 * more is cut to these (threat 1.1). */
static void
test_reflector (Fixture *self, gconstpointer data)
{
  FakeMirror *ports[LIMIT_CANDIDATES];
  IceDescription remote = self->b.local;
  unsigned packets = 0;
  size_t bytes = 0;

  remote.candidate_count = LIMIT_CANDIDATES;
  for (unsigned i = 0; i < LIMIT_CANDIDATES; i++) {
    ports[i] = fake_mirror_new (self->loop, &nobody);
    remote.candidates[i] = remote.candidates[0];
    remote.candidates[i].address = fake_mirror_address (ports[i]);
    g_snprintf (remote.candidates[i].foundation, sizeof remote.candidates[i].foundation, "%u", i);
  }
  ice_check (self->a.ice, &remote, true);
  while (self->a.failed == 0)
    g_main_context_iteration (NULL, TRUE);
  for (unsigned i = 0; i < LIMIT_CANDIDATES; i++) {
    packets += *fake_mirror_asked (ports[i]);
    bytes += fake_mirror_asked_bytes (ports[i]);
    fake_mirror_free (ports[i]);
  }
  g_test_message ("%u packets, %zu bytes", packets, bytes);
  g_assert_cmpuint (packets, >=, LIMIT_CANDIDATES);
  g_assert_cmpuint (packets, <=, PACKETS_MAX);
  g_assert_cmpuint (bytes, <=, BYTES_MAX);
}

/* Starts this program again, inside; returns there, or where that is not allowed. */
static void
enter_network (char **argv)
{
  const char *how = geteuid () == 0 ? "unshare -n sh -c" : "unshare -rn sh -c";
  g_autofree char *probe = g_strdup_printf ("%s '%s'", how, NETWORK);
  g_autofree char *said = NULL;
  int status = -1;
  g_autofree char *start = g_strdup_printf ("exec %s '%s && exec \"$@\"' sh \"$@\"", how, NETWORK);
  g_autoptr (GStrvBuilder) again = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;

  if (g_getenv (INSIDE) != NULL || !g_spawn_command_line_sync (probe, &said, NULL, &status, NULL) ||
      status != 0)
    return;
  g_setenv (INSIDE, "1", TRUE);
  g_strv_builder_add_many (again, "sh", "-c", start, "sh", NULL);
  g_strv_builder_addv (again, (const char **) argv);
  arguments = g_strv_builder_end (again);
  execv ("/bin/sh", arguments);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  enter_network (argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("/ice/description", test_description);
  ADD ("/ice/both-ways", test_both_ways);
  ADD ("/ice/its-report-says-how-far-it-has-come", test_report);
  ADD ("/ice/role-conflict", test_role_conflict);
  ADD ("/ice/who-listens-on-loopback-alone-is-reached", test_loopback_only);
  ADD ("/ice/threat-4.5-wrong-password", test_wrong_password);
  ADD ("/ice/threat-4.2-no-stranger-can-connect-by-tcp", test_no_streams);
  ADD ("/ice/threat-3.6-a-victim-hears-little-of-us", test_reflector);
  g_test_add_func ("/ice/what-a-stun-server-sees-is-a-candidate", test_server_reflexive);
  g_test_add_func ("/ice/a-dead-stun-server-holds-nothing-up", test_dead_server);
  return g_test_run ();
}
