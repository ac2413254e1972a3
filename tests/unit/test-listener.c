/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/listener.h"

#include "core/os/signer.h"
#include "core/os/socket.h"
#include "tests/unit/fake-node.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static World *
world_at (const Peer *peer, const char *listen, GError **error)
{
  const WorldOptions options = {
    .signer = peer->signer, .trust = &peer->trust, .listen = listen, .log_level = LOG_LEVEL_ERROR
  };

  return world_new (&options, error);
}

static void
test_busy (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (GError) error = NULL;
  char text[ADDRESS_TEXT_SIZE];

  address_to_text (&bob->address, text);
  g_assert_null (world_at (bob, text, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

/* TCP free, UDP taken. */
static void
test_half_busy (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (GError) error = NULL;
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  char text[ADDRESS_TEXT_SIZE];
  unsigned before = open_files ();
  int udp = socket_bind (SOCK_DGRAM, &address, false);

  address = socket_address (udp);
  g_assert_null (world_at (bob, address_to_text (&address, text), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  close (udp);
  g_assert_cmpuint (open_files (), ==, before);
}

static void
test_bad_text (void)
{
  const char *const texts[] = { "", "example.org:6084", "127.0.0.1:99999", "192.0.2.1:0" };
  g_autoptr (Peer) bob = peer_member ();

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (world_at (bob, texts[i], &error));
    g_assert_nonnull (error);
  }
}

/* Whoever comes second gets the next port. */
static void
test_next_free (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (World) first = world_at (bob, NULL, NULL);
  g_autoptr (World) second = world_at (bob, NULL, NULL);
  Address a[32];
  Address b[32];

  if (first == NULL || second == NULL) {
    g_test_skip ("every port is taken");
    return;
  }
  g_assert_cmpuint (world_listening (first, a, 32), >=, 1);
  g_assert_cmpuint (world_listening (second, b, 32), >=, 1);
  g_assert_cmpuint (a[0].port, >=, 6084);
  g_assert_cmpuint (b[0].port, >, a[0].port);
}

/* ---- Strangers ---- */

static bool
is_closed (int fd)
{
  uint8_t byte;
  ssize_t size = recv (fd, &byte, 1, 0);

  return size == 0 || (size < 0 && errno == ECONNRESET);
}

static unsigned
count_closed (const int *fds, unsigned count)
{
  unsigned closed = 0;

  for (unsigned i = 0; i < count; i++)
    closed += is_closed (fds[i]);
  return closed;
}

/* They connect, say one byte and wait; a member still gets in once their time is up. */
static void
test_slow_loris (void)
{
  enum { COUNT = LIMIT_HANDSHAKES + 10 };

  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  Timers *timers = bob->ports->timers;
  unsigned files = open_files ();
  int fds[COUNT];

  for (unsigned i = 0; i < COUNT; i++)
    fds[i] = socket_connect (SOCK_STREAM, &bob->address, NULL);
  while (count_closed (fds, COUNT) < COUNT - LIMIT_HANDSHAKES)
    g_main_context_iteration (NULL, FALSE);
  for (unsigned i = 0; i < COUNT; i++)
    (void) !send (fds[i], "\x16", 1, MSG_NOSIGNAL);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  timers_advance (timers, timers_now (timers) + LIMIT_HANDSHAKE_S * TIME_SECOND, SIZE_MAX);
  for (unsigned i = 0; i < COUNT; i++)
    close (fds[i]);
  g_assert_cmpuint (open_files (), ==, files);
  alice->ports->link_connect (alice->ports->world, 1, LINK_TRANSPORT_TLS, &bob->address);
  wait_for (&peer_heard (alice, 1)->up, 1);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 0); /* its own half comes a moment later */
}

static void
test_not_tls (void)
{
  g_autoptr (Peer) bob = peer_member ();
  int fd = socket_connect (SOCK_STREAM, &bob->address, NULL);

  wait_ms (5);
  g_assert_cmpint (send (fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), ==, 18);
  while (!is_closed (fd))
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/busy-is-an-error", test_busy);
  g_test_add_func ("/listener/half-busy-is-an-error", test_half_busy);
  g_test_add_func ("/listener/no-address", test_bad_text);
  g_test_add_func ("/listener/next-free-port", test_next_free);
  g_test_add_func ("/listener/threat-5.9-slow-strangers", test_slow_loris);
  g_test_add_func ("/listener/what-is-no-tls-is-closed", test_not_tls);
  return g_test_run ();
}
