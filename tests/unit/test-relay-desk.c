/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-desk.h"

#include "core/base/limits.h"
#include "core/os/ice.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "core/os/world-private.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A real relay on loopback: coturn's client is the judge of what it says, libnice's of whether a
 * call can be made through it. */

typedef struct Desk {
  Peer *peer; /* whose keys the listener shows */
  Loop *loop;
  Tls *tls;
  Listener *listener;
  RelayDesk *desk;
  Address address;
  RelayCredential credential;
  int echo; /* on another loopback address than the relay's own */
  GSource *readable;
  unsigned echoed;
  const char *tls_option; /* of coturn's client; NULL: UDP */
} Desk;

static void
on_stun (void *owner, const Path *from, Bytes datagram)
{
  relay_desk_hear (((Desk *) owner)->desk, from, datagram);
}

static const ListenerEvents listener_events = { .stun = on_stun };

static gboolean
on_echo (int fd, GIOCondition condition, void *user_data)
{
  Desk *self = user_data;
  uint8_t bytes[2048];
  Address from;
  ssize_t size;

  while ((size = socket_receive (fd, bytes, sizeof bytes, &from, NULL)) >= 0) {
    self->echoed++;
    socket_send (fd, (Bytes){ bytes, (size_t) size }, &from, NULL);
  }
  return G_SOURCE_CONTINUE;
}

static void
setup (Desk *self, gconstpointer data)
{
  static const Address other = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 2 } };
  const NodeId node = { { 1 } };

  self->peer = peer_member ();
  self->loop = loop_new ();
  self->tls = tls_new (self->peer->signer, signer_private_key (self->peer->signer),
                       signer_x509 (self->peer->signer));
  self->listener =
    listener_new (self->loop, self->tls, "127.0.0.1:0", &listener_events, self, NULL);
  self->address = *listener_address (self->listener);
  self->desk = relay_desk_new (self->loop, self->listener, 0);
  relay_admit (relay_desk_relay (self->desk), &node, &self->credential);
  self->echo = socket_bind (SOCK_DGRAM, &other, false);
  self->readable = loop_watch (self->loop, self->echo, G_IO_IN, on_echo, self);
}

static void
teardown (Desk *self, gconstpointer data)
{
  loop_unwatch (&self->readable);
  close (self->echo);
  relay_desk_free (self->desk);
  listener_free (self->listener);
  tls_free (self->tls);
  loop_free (self->loop);
  peer_free (self->peer);
}

/* ---- coturn ---- */

typedef struct Run {
  GSubprocess *tool;
  char *said;
  unsigned is_over;
} Run;

static void
on_said (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, &self->said, NULL, NULL);
  self->is_over = 1;
}

static void
run_begin (Run *self, const Desk *desk, const char *option, const char *password)
{
  g_autofree char *port = g_strdup_printf ("%u", desk->address.port);
  g_autofree char *echo = g_strdup_printf ("%u", socket_address (desk->echo).port);
  const char *const arguments[] = { "turnutils_uclient",
                                    "-c",
                                    "-v",
                                    "-p",
                                    port,
                                    "-u",
                                    desk->credential.user,
                                    "-w",
                                    password,
                                    "-e",
                                    "127.0.0.2",
                                    "-r",
                                    echo,
                                    "-n",
                                    "10",
                                    "-l",
                                    "160",
                                    "-z",
                                    "5",
                                    option,
                                    desk->tls_option != NULL ? desk->tls_option : "-c",
                                    "127.0.0.1",
                                    NULL };
  g_autoptr (GError) error = NULL;

  self->tool =
    g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                       &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (self->tool, NULL, NULL, on_said, self);
}

static void
run_end (Run *self, const char *expected)
{
  wait_for (&self->is_over, 1);
  if (strstr (self->said, expected) == NULL)
    g_test_message ("%s", self->said);
  g_assert_nonnull (strstr (self->said, expected));
  g_free (self->said);
  g_object_unref (self->tool);
}

static bool
is_missing (const char *tool)
{
  g_autofree char *path = g_find_program_in_path (tool);

  if (path == NULL)
    g_test_skip ("coturn's tools are not installed");
  return path == NULL;
}

/* "-D": channels. "-s": Send indications. "-G": permissions and channels again and again. "-y": two
 * clients of the relay talk to each other. All at once, since they mostly wait. */
static void
test_coturn (void)
{
  static const char *const options[] = { "-D", "-s", "-G", "-y" };
  Desk desks[G_N_ELEMENTS (options)] = { 0 };
  Run runs[G_N_ELEMENTS (options)] = { 0 };

  if (is_missing ("turnutils_uclient"))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (options); i++) {
    setup (&desks[i], NULL);
    run_begin (&runs[i], &desks[i], options[i], desks[i].credential.password);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (options); i++) {
    run_end (&runs[i], "Total lost packets 0 (0.000000%)");
    if (strcmp (options[i], "-y") != 0)
      g_assert_cmpuint (desks[i].echoed, >=, 10);
    g_assert_cmpuint (relay_report (relay_desk_relay (desks[i].desk)).relayed, >=, 20);
    teardown (&desks[i], NULL);
  }
}

/* "-t": over TCP; "-S" with it: over TLS. Through the door of a whole world, where TLS and TURN
 * share one port. */
typedef struct StreamRun {
  Peer *bob;
  Desk desk; /* for what the client relays to */
  Run run;
} StreamRun;

static void
stream_run_begin (StreamRun *self, const char *tls, const char *option)
{
  static const NodeId node = { { 1 } };
  Address address;

  self->bob = peer_member ();
  g_assert_true (world_open_relay (self->bob->world, true, &address));
  setup (&self->desk, NULL);
  self->desk.address = self->bob->address;
  self->desk.tls_option = tls;
  relay_admit (relay_desk_relay (self->bob->world->relay_desk), &node, &self->desk.credential);
  run_begin (&self->run, &self->desk, option, self->desk.credential.password);
}

static void
stream_run_end (StreamRun *self)
{
  RelayReport report;

  run_end (&self->run, "Total lost packets 0 (0.000000%)");
  g_assert_cmpuint (self->desk.echoed, >=, 10);
  g_assert_true (world_relay_report (self->bob->world, &report));
  g_assert_cmpuint (report.relayed, >=, 20);
  teardown (&self->desk, NULL);
  peer_free (self->bob);
}

static void
test_coturn_streams (void)
{
  StreamRun runs[4] = { 0 };

  if (is_missing ("turnutils_uclient"))
    return;
  stream_run_begin (&runs[0], "-t", "-D");
  stream_run_begin (&runs[1], "-t", "-s");
  stream_run_begin (&runs[2], "-tS", "-D");
  stream_run_begin (&runs[3], "-tS", "-s");
  for (size_t i = 0; i < G_N_ELEMENTS (runs); i++)
    stream_run_end (&runs[i]);
}

static void
test_wrong_password (Desk *self, gconstpointer data)
{
  Run run = { 0 };

  if (is_missing ("turnutils_uclient"))
    return;
  run_begin (&run, self, "-s", "guessed");
  run_end (&run, "Cannot complete Allocation");
  g_assert_cmpuint (self->echoed, ==, 0);
  g_assert_cmpuint (relay_report (relay_desk_relay (self->desk)).allocations, ==, 0);
}

/* ---- libnice ---- */

typedef struct End {
  Ice *ice;
  unsigned gathered;
  unsigned connected;
  unsigned received;
  IceDescription local;
} End;

static void
on_gathered (void *owner, Ice *ice, const IceDescription *local)
{
  ((End *) owner)->local = *local;
  ((End *) owner)->gathered++;
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
}

static const IceEvents ice_events = { on_gathered, on_connected, on_receive, on_failed };

static void
end_begin (Desk *self, End *end, bool is_controlling, LinkExposure exposure, bool waits_for_room)
{
  /* Somebody far away, behind the most common network of all. */
  static const IceDescription remote = {
    .candidate_count = 2,
    .candidates = { { .type = CANDIDATE_HOST,
                      .address = { .family = ADDRESS_IPV4, .bytes = { 192, 168, 1, 7 } } },
                    { .type = CANDIDATE_SERVER_REFLEXIVE,
                      .address = { .family = ADDRESS_IPV4, .bytes = { 198, 51, 100, 7 } } } },
  };
  IceOptions options = { .is_controlling = is_controlling,
                         .exposure = exposure,
                         .remote = &remote,
                         .only = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } },
                         .relays = { { .address = self->address, .credential = self->credential } },
                         .relay_count = 1,
                         .waits_for_room = waits_for_room };

  *end = (End){ .ice = ice_new (self->loop, &options, &ice_events, end) };
}

static void
end_open (Desk *self, End *end, bool is_controlling, LinkExposure exposure)
{
  end_begin (self, end, is_controlling, exposure, false);
  wait_for (&end->gathered, 1);
}

/* No address of ours, not even as the related one of another. */
static void
expect_relayed (const Desk *self, const IceDescription *local)
{
  g_assert_cmpuint (local->candidate_count, ==, 1);
  g_assert_cmpint (local->candidates[0].type, ==, CANDIDATE_RELAYED);
  g_assert_cmpmem (local->candidates[0].address.bytes, 16, self->address.bytes, 16);
  for (size_t i = 0; i < sizeof local->candidates[0].related.bytes; i++)
    g_assert_cmpuint (local->candidates[0].related.bytes[i], ==, 0);
}

/* Until whoever had a place has said that it needs it no more. */
static void
wait_until_free (Relay *relay)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (relay_report (relay).allocations > 0) {
    wait_ms (1);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 30);
  }
}

static void
test_both_ways (Desk *self, gconstpointer data)
{
  Relay *relay = relay_desk_relay (self->desk);
  End a = { 0 };
  End b = { 0 };

  end_open (self, &a, true, LINK_EXPOSURE_RELAYED);
  end_open (self, &b, false, LINK_EXPOSURE_STRANGER);
  g_assert_cmpuint (relay_report (relay).allocations, ==, 2);
  expect_relayed (self, &a.local);
  expect_relayed (self, &b.local);
  ice_check (a.ice, &b.local, true);
  ice_check (b.ice, &a.local, false);
  wait_for (&a.connected, 1);
  wait_for (&b.connected, 1);
  while (a.received == 0 || b.received == 0) {
    ice_send (a.ice, bytes_of_text ("hello"));
    ice_send (b.ice, bytes_of_text ("hello"));
    wait_ms (5);
  }
  g_assert_cmpuint (relay_report (relay).relayed, >, 0);
  g_assert_false (ice_is_direct (a.ice) || ice_is_direct (b.ice));
  ice_free (a.ice);
  ice_free (b.ice);
  wait_until_free (relay);
}

/* A pair of hosts that reach each other needs no relay any more. */
static void
test_given_back (Desk *self, gconstpointer data)
{
  Relay *relay = relay_desk_relay (self->desk);
  End a = { 0 };
  End b = { 0 };

  end_open (self, &a, true, LINK_EXPOSURE_OPEN);
  end_open (self, &b, false, LINK_EXPOSURE_OPEN);
  ice_check (a.ice, &b.local, true);
  ice_check (b.ice, &a.local, false);
  wait_until_free (relay);
  g_assert_cmpuint (a.connected, ==, 1);
  a.received = b.received = 0;
  ice_send (a.ice, bytes_of_text ("hello"));
  ice_send (b.ice, bytes_of_text ("hello"));
  wait_for (&a.received, 1);
  wait_for (&b.received, 1);
  ice_free (a.ice);
  ice_free (b.ice);
}

static void
wait_for_refusals (Relay *relay, uint64_t count)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (relay_report (relay).refused < count) {
    wait_ms (1);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 30);
  }
}

/* What is left of another link goes while it waits. On a busy machine it may not wait long enough:
 * then it is tried again. */
static void
test_waits_for_room (Desk *self, gconstpointer data)
{
  Relay *relay = relay_desk_relay (self->desk);
  End ends[LIMIT_RELAY_ALLOCATIONS_NODE] = { 0 };
  End more = { 0 };

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    end_open (self, &ends[i], true, LINK_EXPOSURE_RELAYED);
  end_open (self, &more, true, LINK_EXPOSURE_RELAYED);
  g_assert_cmpuint (more.local.candidate_count, ==, 0);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE && more.local.candidate_count == 0; i++) {
    uint64_t refused = relay_report (relay).refused;
    ice_free (more.ice);
    end_begin (self, &more, true, LINK_EXPOSURE_RELAYED, true);
    wait_for_refusals (relay, refused + 2); /* a first request always is */
    ice_free (g_steal_pointer (&ends[i].ice));
    wait_for (&more.gathered, 1);
  }
  expect_relayed (self, &more.local);
  ice_free (more.ice);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    ice_free (ends[i].ice);
  wait_until_free (relay);
}

/* A full relay is asked as long as there is time, and stays one relay. */
static void
test_asked_again (Desk *self, gconstpointer data)
{
  Relay *relay = relay_desk_relay (self->desk);
  End ends[LIMIT_RELAY_ALLOCATIONS_NODE] = { 0 };
  End more = { 0 };
  PathReport report = { 0 };

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    end_open (self, &ends[i], true, LINK_EXPOSURE_RELAYED);
  end_begin (self, &more, true, LINK_EXPOSURE_RELAYED, true);
  wait_for (&more.gathered, 1);
  g_assert_cmpuint (more.local.candidate_count, ==, 0);
  ice_report (more.ice, &report);
  g_assert_cmpuint (report.relay_count, ==, 1);
  ice_free (more.ice);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    ice_free (ends[i].ice);
  wait_until_free (relay);
}

/* ---- Too many ---- */

/* Brings the connection of another client, in TLS or bare; the client's end of it. */
static int
bring (Desk *self, bool is_tls)
{
  static const TlsStreamEvents silent = { NULL, NULL, NULL };
  const Address from = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 9 }, .port = 1 };
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  if (is_tls)
    relay_desk_take_tls (self->desk, &from,
                         tls_stream_new (self->loop, ends[0], self->tls,
                                         tls_connection (self->tls, TLS_USE_STREAM, true), &silent,
                                         NULL));
  else
    relay_desk_take_tcp (self->desk, &from, ends[0]);
  return ends[1];
}

static bool
is_hung_up (int end)
{
  uint8_t byte;

  return socket_read (end, &byte, 1) < 0;
}

static void
expect_limit (Desk *self, bool is_tls)
{
  int ends[LIMIT_RELAY_STREAMS_HOST + 1];

  for (unsigned i = 0; i < G_N_ELEMENTS (ends); i++) {
    ends[i] = bring (self, is_tls);
    g_assert_true (is_hung_up (ends[i]) == (i == LIMIT_RELAY_STREAMS_HOST));
  }
  for (unsigned i = 0; i < G_N_ELEMENTS (ends); i++)
    close (ends[i]);
}

/* One address has as many connections as it may have, and not one more. */
static void
test_bare_streams_of_one_host (Desk *self, gconstpointer data)
{
  expect_limit (self, false);
}

static void
test_tls_streams_of_one_host (Desk *self, gconstpointer data)
{
  expect_limit (self, true);
}

#define ADD(path, func) g_test_add (path, Desk, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay-desk/coturn-finds-no-fault", test_coturn);
  g_test_add_func ("/relay-desk/coturn-finds-no-fault-over-tcp-and-tls", test_coturn_streams);
  ADD ("/relay-desk/threat-4.6-coturn-without-the-password", test_wrong_password);
  ADD ("/relay-desk/threat-4.13-ice-through-relays-alone-shows-no-address", test_both_ways);
  ADD ("/relay-desk/bare-streams-of-one-host-have-a-limit", test_bare_streams_of_one_host);
  ADD ("/relay-desk/tls-streams-of-one-host-have-a-limit", test_tls_streams_of_one_host);
  ADD ("/relay-desk/media-waits-for-room", test_waits_for_room);
  ADD ("/relay-desk/media-that-finds-no-room-has-asked-one-relay", test_asked_again);
  ADD ("/relay-desk/who-meets-directly-gives-the-relay-back", test_given_back);
  return g_test_run ();
}
