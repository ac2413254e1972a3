/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/socket.h"

#include "tests/unit/fake-node.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const texts[] = { "127.0.0.1:6084", "[::1]:6084", "192.0.2.7:1",
                                     "[2001:db8::5]:65535" };

static void
test_system_form (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    struct sockaddr_storage system;
    Address in;
    Address out;
    g_assert_true (address_from_text (texts[i], &in));
    g_assert_cmpuint (socket_address_to_system (&in, &system), >, 0);
    g_assert_true (socket_address_from_system (&system, &out));
    g_assert_true (address_equal (&in, &out));
  }
}

static ssize_t
receive (int fd, uint8_t *bytes, size_t size, Address *from, Address *local)
{
  ssize_t received;

  while ((received = socket_receive (fd, bytes, size, from, local)) < 0)
    g_assert_cmpint (errno, ==, EAGAIN);
  return received;
}

/* IPv4 and IPv6 reach one socket; each gets its answer from the address it wrote to. */
static void
test_dual_stack (void)
{
  const char *const targets[] = { "127.0.0.1:0", "127.0.0.2:0", "[::1]:0" };
  Address any = { .family = ADDRESS_IPV6 };
  int server = socket_bind (SOCK_DGRAM, &any, false);

  if (server < 0) {
    g_test_skip ("no IPv6");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++) {
    Address to;
    Address from;
    Address local;
    uint8_t bytes[16];
    int client;
    g_assert_true (address_from_text (targets[i], &to));
    to.port = socket_address (server).port;
    client = socket_connect (SOCK_DGRAM, &to, NULL);
    g_assert_cmpint (client, >=, 0);
    g_assert_cmpint (send (client, "hello", 5, 0), ==, 5);
    g_assert_cmpint (receive (server, bytes, sizeof bytes, &from, &local), ==, 5);
    g_assert_cmpint (from.family, ==, to.family);
    g_assert_cmpmem (local.bytes, 16, to.bytes, 16);
    g_assert_true (socket_send (server, bytes_of_text ("you"), &from, &local));
    g_assert_cmpint (receive (client, bytes, sizeof bytes, &from, NULL), ==, 3);
    close (client);
  }
  close (server);
}

static void
test_busy (void)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int types[] = { SOCK_DGRAM, SOCK_STREAM };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    Address taken;
    int first = socket_bind (types[i], &address, types[i] == SOCK_STREAM);
    g_assert_cmpint (first, >=, 0);
    taken = socket_address (first);
    g_assert_cmpint (socket_bind (types[i], &taken, types[i] == SOCK_STREAM), ==, -1);
    g_assert_cmpint (errno, ==, EADDRINUSE);
    close (first);
  }
}

static void
test_own_addresses (void)
{
  Address own[64];
  size_t count = socket_own_addresses (own, G_N_ELEMENTS (own));
  size_t reachable;

  g_assert_cmpuint (count, >=, 1);
  g_assert_true (address_is_loopback (&own[count - 1]));
  g_assert_cmpuint (socket_own_addresses (own, 1), ==, 1);
  reachable = socket_reachable_addresses (ADDRESS_IPV4, own, G_N_ELEMENTS (own));
  for (size_t i = 0; i < reachable; i++)
    g_assert_cmpint (own[i].family, ==, ADDRESS_IPV4);
}

static void
test_own_networks (void)
{
  OwnNetwork own[OWN_NETWORKS_MAX];
  size_t count = socket_own_networks (own, OWN_NETWORKS_MAX);
  const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  bool is_found = false;

  for (size_t i = 0; i < count; i++)
    is_found |= address_equal (&own[i].address, &loopback) && own[i].bits == 8;
  g_assert_true (is_found);
  g_assert_cmpuint (socket_own_networks (own, 1), ==, 1);
}

typedef struct Datagrams {
  unsigned count;
  size_t longest;
  Address from;
} Datagrams;

static void
on_datagram (void *user_data, const Address *from, const Address *local, Bytes datagram)
{
  Datagrams *heard = user_data;

  heard->count++;
  heard->longest = MAX (heard->longest, datagram.size);
  heard->from = *from;
}

/* Whoever sends without end gets a turn and no more. */
static void
test_turns (void)
{
  enum { SENT = 40, TURN = 32, SIZE_MAX_HEARD = 100 };

  const uint8_t bytes[SIZE_MAX_HEARD + 20] = { 0 };
  Address to;
  Datagrams heard = { 0 };
  Address own;
  int server, client;

  g_assert_true (address_from_text ("127.0.0.1:0", &to));
  server = socket_bind (SOCK_DGRAM, &to, false);
  to = socket_address (server);
  client = socket_connect (SOCK_DGRAM, &to, NULL);
  own = socket_address (client);
  for (size_t i = 0; i < SENT; i++)
    g_assert_cmpint (send (client, bytes, i < TURN ? 1 : sizeof bytes, 0), >, 0);
  socket_hear (server, SIZE_MAX_HEARD, on_datagram, &heard);
  g_assert_cmpuint (heard.count, ==, TURN);
  g_assert_cmpuint (heard.longest, ==, 1);
  socket_hear (server, SIZE_MAX_HEARD, on_datagram, &heard);
  g_assert_cmpuint (heard.count, ==, SENT);
  g_assert_cmpuint (heard.longest, ==, SIZE_MAX_HEARD);
  g_assert_true (address_equal (&heard.from, &own));
  close (client);
  close (server);
}

static void
test_read (void)
{
  uint8_t bytes[4];
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  g_assert_cmpint (socket_read (ends[0], bytes, sizeof bytes), ==, 0);
  g_assert_cmpint (send (ends[1], "peals", 5, 0), ==, 5);
  g_assert_cmpint (socket_read (ends[0], bytes, sizeof bytes), ==, 4);
  g_assert_cmpint (socket_read (ends[0], bytes, sizeof bytes), ==, 1);
  close (ends[1]);
  g_assert_cmpint (socket_read (ends[0], bytes, sizeof bytes), ==, -1);
  close (ends[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/system-form-and-back", test_system_form);
  g_test_add_func ("/socket/answers-come-from-where-it-was-asked", test_dual_stack);
  g_test_add_func ("/socket/datagrams-have-turns", test_turns);
  g_test_add_func ("/socket/connection-is-read", test_read);
  g_test_add_func ("/socket/busy-port", test_busy);
  g_test_add_func ("/socket/own-addresses", test_own_addresses);
  g_test_add_func ("/socket/own-networks", test_own_networks);
  return g_test_run ();
}
