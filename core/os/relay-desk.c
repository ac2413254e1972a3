/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-desk.h"

#include "core/base/limits.h"
#include "core/os/socket.h"

#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Each allocation has a socket bound to the very address that its client spoke to, so that what
 * leaves it comes from where the client says it does. */

enum { OWN_ADDRESSES_MAX = 64, DATAGRAMS_PER_TURN = 32, PORT_TRIES = 32 };

typedef struct RelaySocket {
  int fd;
  GSource *readable;
  RelayAllocation *allocation;
} RelaySocket;

struct RelayDesk {
  Loop *loop;
  Listener *listener;
  Relay *relay;
  Address own[OWN_ADDRESSES_MAX]; /* of this machine */
  size_t own_count;
};

static uint64_t
on_wall_clock (void *world)
{
  return (uint64_t) g_get_real_time () / G_USEC_PER_SEC;
}

static void
on_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  int result = RAND_bytes (ret_bytes, (int) size);

  g_assert (result == 1);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  RelaySocket *self = user_data;

  for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
    uint8_t bytes[LIMIT_RELAY_DATAGRAM + 1];
    Address from;
    ssize_t size = socket_receive (fd, bytes, sizeof bytes, &from, NULL);
    if (size < 0)
      break;
    relay_hear_peer (self->allocation, &from, (Bytes){ bytes, (size_t) size });
  }
  return G_SOURCE_CONTINUE;
}

static bool
host_for (const RelayClient *client, AddressFamily family, Address *ret_host)
{
  Address all[OWN_ADDRESSES_MAX];
  size_t count;

  *ret_host = client->local;
  ret_host->port = 0;
  if (client->local.family == family)
    return true;
  count = socket_reachable_addresses (ADDRESS_IPV6, all, OWN_ADDRESSES_MAX);
  for (size_t i = 0; i < count; i++) {
    *ret_host = all[i];
    if (all[i].family == family &&
        address_is_private (&all[i]) == address_is_private (&client->local))
      return true;
  }
  return false;
}

static int
bind_as_wished (const Address *host, const RelayWish *wish)
{
  for (int i = 0; i < PORT_TRIES; i++) {
    int fd = socket_bind (SOCK_DGRAM, host, false);
    if (fd < 0 || !wish->is_even || socket_address (fd).port % 2 == 0)
      return fd;
    close (fd);
  }
  return -1;
}

static void *
on_open (void *world,
         const RelayWish *wish,
         const RelayClient *client,
         RelayAllocation *allocation,
         Address *ret_relayed)
{
  RelayDesk *self = world;
  RelaySocket *relayed;
  Address host;
  int fd = host_for (client, wish->family, &host) ? bind_as_wished (&host, wish) : -1;

  if (fd < 0)
    return NULL;
  relayed = g_new0 (RelaySocket, 1);
  relayed->fd = fd;
  relayed->allocation = allocation;
  relayed->readable = loop_watch (self->loop, fd, G_IO_IN, on_readable, relayed);
  *ret_relayed = socket_address (fd);
  return relayed;
}

static void
on_close (void *world, void *socket)
{
  RelaySocket *relayed = socket;

  loop_unwatch (&relayed->readable);
  close (relayed->fd);
  g_free (relayed);
}

static bool
on_is_own (void *world, const Address *address)
{
  const RelayDesk *self = world;

  for (size_t i = 0; i < self->own_count; i++)
    if (self->own[i].family == address->family &&
        memcmp (self->own[i].bytes, address->bytes, sizeof address->bytes) == 0)
      return true;
  return false;
}

static void
on_to_client (void *world, const RelayClient *client, Bytes bytes)
{
  RelayDesk *self = world;
  const Path path = { .peer = client->peer, .local = client->local };

  listener_send (self->listener, &path, bytes);
}

static void
on_to_peer (void *world, void *socket, const Address *peer, Bytes datagram)
{
  const RelaySocket *relayed = socket;

  socket_send (relayed->fd, datagram, peer, NULL);
}

static const RelayPorts relay_ports = { on_wall_clock, on_random_bytes, on_open,   on_close,
                                        on_is_own,     on_to_client,    on_to_peer };

RelayDesk *
relay_desk_new (Loop *loop, Listener *listener, uint32_t bytes_per_s)
{
  RelayDesk *self = g_new0 (RelayDesk, 1);

  self->loop = loop;
  self->listener = listener;
  self->relay = relay_new (loop_timers (loop), &relay_ports, self, bytes_per_s);
  relay_desk_network_changed (self);
  return self;
}

void
relay_desk_free (RelayDesk *self)
{
  if (self == NULL)
    return;
  relay_free (self->relay);
  g_free (self);
}

void
relay_desk_hear (RelayDesk *self, const Path *from, Bytes datagram)
{
  const RelayClient client = { .peer = from->peer, .local = from->local };

  relay_hear (self->relay, &client, datagram);
}

void
relay_desk_network_changed (RelayDesk *self)
{
  self->own_count = socket_own_addresses (self->own, OWN_ADDRESSES_MAX);
}

Relay *
relay_desk_relay (RelayDesk *self)
{
  return self->relay;
}
