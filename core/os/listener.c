/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/listener.h"

#include "core/base/limits.h"
#include "core/os/hello.h"
#include "core/os/socket.h"
#include "core/os/stun.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* One UDP socket serves all incoming DTLS associations; they are told apart by the address they
 * come from. A datagram from an unknown address is only ever a ClientHello (hello.h), or STUN,
 * which its first byte tells from all others (RFC 7983). */

enum {
  PORT_FIRST = 6084, /* RFC 6940, 14.4 */
  PORT_TRIES = 16,
  CONNECTIONS_PER_TURN = 8,
};

struct Listener {
  Loop *loop;
  int udp;
  int tcp;
  int web; /* at PORT_WEB; -1: none */
  Address address;
  GSource *datagrams;
  GSource *connections;
  GSource *web_connections;
  Hello *hello;
  GHashTable *paths; /* borrowed Path by its peer */
  const ListenerEvents *events;
  void *owner;
};

static unsigned
hash_of_address (const void *address)
{
  return address_hash (address);
}

static gboolean
address_is_same (const void *a, const void *b)
{
  return address_equal (a, b);
}

static void
listener_hear (Listener *self, const Path *from, Bytes datagram)
{
  Path *path = g_hash_table_lookup (self->paths, &from->peer);
  uint8_t reply[HELLO_REPLY_SIZE];
  size_t reply_size;
  SSL *ssl;

  if (stun_is_message (datagram) || stun_is_channel_data (datagram)) {
    if (self->events->stun != NULL)
      self->events->stun (self->owner, from, datagram);
    return;
  }
  if (path != NULL) {
    self->events->datagram (path->owner, datagram);
    return;
  }
  if (self->tcp < 0)
    return;
  ssl = hello_hear (self->hello, &from->peer, datagram, reply, &reply_size);
  if (ssl != NULL)
    self->events->hello (self->owner, from, ssl);
  else if (reply_size > 0)
    listener_send (self, from, (Bytes){ reply, reply_size });
}

static void
on_datagram (void *user_data, const Address *from, const Address *local, Bytes datagram)
{
  const Path path = { .peer = *from, .local = *local };

  listener_hear (user_data, &path, datagram);
}

static gboolean
on_datagrams (int fd, GIOCondition condition, void *user_data)
{
  socket_hear (fd, SOCKET_DATAGRAM_MAX, on_datagram, user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_connections (int fd, GIOCondition condition, void *user_data)
{
  Listener *self = user_data;

  for (int i = 0; i < CONNECTIONS_PER_TURN; i++) {
    Address from;
    int connection = socket_accept (fd, &from);
    if (connection < 0)
      break;
    self->events->accepted (self->owner, &from, connection);
  }
  return G_SOURCE_CONTINUE;
}

/* Both sockets on one port number, or none. TCP comes first: it decides who has the port, since UDP
 * has to share the first one with discovery (multicast.c). */
static bool
listener_bind (Listener *self, const Address *address)
{
  Address both = *address;

  self->tcp = socket_bind (SOCK_STREAM, address, true);
  if (self->tcp < 0)
    return false;
  both.port = socket_address (self->tcp).port;
  self->udp = socket_bind (SOCK_DGRAM, &both, both.port == PORT_FIRST);
  if (self->udp >= 0) {
    self->address = both;
    return true;
  }
  int reason = errno;
  close (self->tcp);
  self->tcp = -1;
  errno = reason;
  return false;
}

static bool
listener_bind_exactly (Listener *self, const char *listen)
{
  Address address;

  if (!address_from_text (listen, &address)) {
    errno = EINVAL;
    return false;
  }
  for (int i = 0; i < PORT_TRIES; i++) {
    if (listener_bind (self, &address))
      return true;
    if (address.port != 0 || errno != EADDRINUSE)
      return false;
  }
  return false;
}

static bool
listener_bind_next (Listener *self, AddressFamily family)
{
  for (uint16_t i = 0; i < PORT_TRIES; i++) {
    Address any = { .family = family, .port = (uint16_t) (PORT_FIRST + i) };
    if (listener_bind (self, &any))
      return true;
    if (errno != EADDRINUSE)
      return false;
  }
  return false;
}

Listener *
listener_new (Loop *loop,
              Tls *tls,
              const char *listen,
              const ListenerEvents *events,
              void *owner,
              GError **error)
{
  g_autoptr (Listener) self = g_new0 (Listener, 1);
  bool is_bound;

  self->loop = loop;
  self->events = events;
  self->owner = owner;
  self->udp = self->tcp = self->web = -1;
  self->paths = g_hash_table_new (hash_of_address, address_is_same);
  if (listen != NULL)
    is_bound = listener_bind_exactly (self, listen);
  else
    is_bound = listener_bind_next (self, ADDRESS_IPV6) || listener_bind_next (self, ADDRESS_IPV4);
  if (!is_bound) {
    int reason = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason), "%s: %s",
                 listen != NULL ? listen : "6084", g_strerror (reason));
    return NULL;
  }
  self->hello = hello_new (tls);
  self->datagrams = loop_watch (loop, self->udp, G_IO_IN, on_datagrams, self);
  self->connections = loop_watch (loop, self->tcp, G_IO_IN, on_connections, self);
  return g_steal_pointer (&self);
}

void
listener_free (Listener *self)
{
  if (self == NULL)
    return;
  loop_unwatch (&self->datagrams);
  listener_shut (self);
  if (self->udp >= 0)
    close (self->udp);
  hello_free (self->hello);
  g_hash_table_unref (self->paths);
  g_free (self);
}

const Address *
listener_address (const Listener *self)
{
  return &self->address;
}

size_t
listener_reachable (const Listener *self, Address *ret_addresses, size_t size)
{
  size_t count;

  if (size == 0)
    return 0;
  if (!address_is_unspecified (&self->address)) {
    ret_addresses[0] = self->address;
    return 1;
  }
  count = socket_reachable_addresses (self->address.family, ret_addresses, size);
  for (size_t i = 0; i < count; i++)
    ret_addresses[i].port = self->address.port;
  return count;
}

bool
listener_open_web (Listener *self)
{
  Address address = self->address;

  if (self->web >= 0)
    return true;
  address.port = PORT_WEB;
  self->web = socket_bind (SOCK_STREAM, &address, true);
  if (self->web < 0)
    return false;
  self->web_connections = loop_watch (self->loop, self->web, G_IO_IN, on_connections, self);
  return true;
}

void
listener_shut (Listener *self)
{
  loop_unwatch (&self->connections);
  if (self->tcp >= 0)
    close (self->tcp);
  self->tcp = -1;
  loop_unwatch (&self->web_connections);
  if (self->web >= 0)
    close (self->web);
  self->web = -1;
}

void
listener_add_path (Listener *self, Path *path)
{
  g_assert (g_hash_table_insert (self->paths, &path->peer, path));
}

void
listener_remove_path (Listener *self, Path *path)
{
  if (g_hash_table_lookup (self->paths, &path->peer) == path)
    g_hash_table_remove (self->paths, &path->peer);
}

void
listener_send (Listener *self, const Path *path, Bytes datagram)
{
  socket_send (self->udp, datagram, &path->peer, &path->local);
}
