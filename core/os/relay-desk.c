/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-desk.h"

#include "core/base/limits.h"
#include "core/base/token-bucket.h"
#include "core/os/private-file.h"
#include "core/os/relay-connection.h"
#include "core/os/socket.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Each allocation has a socket bound to the very address that its client spoke to, so that what
 * leaves it comes from where the client says it does.
 *
 * A client's connection over TCP or TLS is looked at every LOOK: one without an allocation, or too
 * slow for what is sent to it, is closed, and its allocation goes with it. */

enum { OWN_ADDRESSES_MAX = 64, PORT_TRIES = 32 };

static const uint64_t LOOK = LIMIT_HANDSHAKE_S * TIME_SECOND;

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
  GHashTable *guests; /* owned, by the numbers of their streams */
  uint32_t last_stream;
  TokenBucket answers; /* Binding requests over streams */
  GPtrArray *ended;    /* RelayConnections to be freed in the next turn */
  Timer sweep;
};

typedef struct Guest {
  RelayDesk *desk;
  RelayClient client;
  RelayConnection *connection; /* owned */
  Timer look;
} Guest;

static uint64_t
on_wall_clock (void *world)
{
  return (uint64_t) g_get_real_time () / G_USEC_PER_SEC;
}

static void
on_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  private_random (ret_bytes, size);
}

static void
on_datagram (void *user_data, const Address *from, const Address *local, Bytes datagram)
{
  relay_hear_peer (((RelaySocket *) user_data)->allocation, from, datagram);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  socket_hear (fd, LIMIT_RELAY_DATAGRAM + 1, on_datagram, user_data);
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
  const Guest *guest = g_hash_table_lookup (self->guests, GUINT_TO_POINTER (client->stream));

  if (client->stream == 0)
    listener_send (self->listener, &path, bytes);
  else if (guest != NULL)
    relay_connection_send (guest->connection, bytes);
}

static void
on_to_peer (void *world, void *socket, const Address *peer, Bytes datagram)
{
  const RelaySocket *relayed = socket;

  socket_send (relayed->fd, datagram, peer, NULL);
}

static const RelayPorts relay_ports = { on_wall_clock, on_random_bytes, on_open,   on_close,
                                        on_is_own,     on_to_client,    on_to_peer };

/* ---- Over TCP and TLS ---- */

static void
guest_free (Guest *guest)
{
  RelayDesk *self = guest->desk;

  timer_stop (&guest->look);
  relay_connection_close (guest->connection);
  g_ptr_array_add (self->ended, guest->connection);
  timer_start (&self->sweep, loop_timers (self->loop), 0);
  g_free (guest);
}

static void
desk_dismiss (RelayDesk *self, Guest *guest)
{
  relay_drop (self->relay, &guest->client);
  g_hash_table_remove (self->guests, GUINT_TO_POINTER (guest->client.stream));
}

static void
answer_binding (RelayDesk *self, const Guest *guest, Bytes request)
{
  uint8_t reply[STUN_REPLY_SIZE];
  uint64_t now = timers_now (loop_timers (self->loop));
  size_t size;

  if (!token_bucket_take (&self->answers, now, LIMIT_STUN_PER_S, LIMIT_STUN_BURST))
    return;
  size = stun_answer_binding (request, &guest->client.peer, reply);
  if (size > 0)
    relay_connection_send (guest->connection, (Bytes){ reply, size });
}

static void
on_message (void *owner, RelayConnection *connection, Bytes message)
{
  Guest *guest = owner;

  if (stun_is_binding (message))
    answer_binding (guest->desk, guest, message);
  else
    relay_hear (guest->desk->relay, &guest->client, message);
}

static void
on_down (void *owner, RelayConnection *connection)
{
  Guest *guest = owner;

  desk_dismiss (guest->desk, guest);
}

static const RelayConnectionEvents connection_events = { on_message, on_down };

static void
on_look (Timer *timer, void *owner)
{
  Guest *guest = owner;
  RelayDesk *self = guest->desk;

  if (!relay_serves (self->relay, &guest->client) || relay_connection_is_stuck (guest->connection))
    desk_dismiss (self, guest);
  else
    timer_start (timer, loop_timers (self->loop), LOOK);
}

static bool
desk_has_room (const RelayDesk *self, const Address *from)
{
  GHashTableIter iter;
  void *value;
  unsigned count = 0;

  if (g_hash_table_size (self->guests) >= LIMIT_RELAY_STREAMS)
    return false;
  g_hash_table_iter_init (&iter, self->guests);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Address *peer = &((const Guest *) value)->client.peer;
    count +=
      peer->family == from->family && memcmp (peer->bytes, from->bytes, sizeof peer->bytes) == 0;
  }
  return count < LIMIT_RELAY_STREAMS_HOST;
}

static Guest *
guest_new (RelayDesk *self, const Address *from)
{
  Guest *guest = g_new0 (Guest, 1);

  do
    guest->client.stream = ++self->last_stream;
  while (guest->client.stream == 0 ||
         g_hash_table_contains (self->guests, GUINT_TO_POINTER (guest->client.stream)));
  guest->desk = self;
  guest->client.peer = *from;
  g_hash_table_insert (self->guests, GUINT_TO_POINTER (guest->client.stream), guest);
  timer_init (&guest->look, on_look, guest);
  timer_start (&guest->look, loop_timers (self->loop), LOOK);
  return guest;
}

static void
on_sweep (Timer *timer, void *owner)
{
  RelayDesk *self = owner;

  g_ptr_array_set_size (self->ended, 0);
}

void
relay_desk_take_tcp (RelayDesk *self, const Address *from, int fd)
{
  Guest *guest;

  if (!desk_has_room (self, from)) {
    close (fd);
    return;
  }
  guest = guest_new (self, from);
  guest->connection = relay_connection_new (self->loop, fd, &connection_events, guest);
  guest->client.local = relay_connection_local (guest->connection);
}

/* The stream may be in the middle of something: it is freed in the next turn. */
void
relay_desk_take_tls (RelayDesk *self, const Address *from, TlsStream *stream)
{
  bool has_room = desk_has_room (self, from);
  Guest *guest = guest_new (self, from);

  guest->connection = relay_connection_new_tls (self->loop, stream, &connection_events, guest);
  guest->client.local = relay_connection_local (guest->connection);
  if (!has_room)
    desk_dismiss (self, guest);
}

/* ---- The desk ---- */

RelayDesk *
relay_desk_new (Loop *loop, Listener *listener, uint32_t bytes_per_s)
{
  RelayDesk *self = g_new0 (RelayDesk, 1);

  self->loop = loop;
  self->listener = listener;
  self->guests = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) guest_free);
  self->ended = g_ptr_array_new_with_free_func ((GDestroyNotify) relay_connection_free);
  timer_init (&self->sweep, on_sweep, self);
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
  g_hash_table_unref (self->guests);
  timer_stop (&self->sweep);
  g_ptr_array_unref (self->ended);
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
