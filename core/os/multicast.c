/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/multicast.h"

#include "core/base/limits.h"
#include "core/os/socket.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The sockets are bound to the groups themselves, so that they never take datagrams meant for the
 * listener, which may have the same port. They share the port with other phones of this machine;
 * the kernel gives each a copy.
 *
 * One socket serves IPv4 on all interfaces. The IPv6 group has the scope of one link, so each
 * interface needs a socket of its own. */

enum { PORT = 6084, INTERFACES_MAX = 32 };

static const Address group_ipv4 = { .family = ADDRESS_IPV4,
                                    .bytes = { 239, 255, 77, 84 },
                                    .port = PORT };
static const Address group_ipv6 = { .family = ADDRESS_IPV6,
                                    .bytes = { 0xff, 0x12, [14] = 0x77, 0x84 },
                                    .port = PORT };

typedef struct Socket {
  int fd; /* or -1 */
  GSource *readable;
} Socket;

typedef struct Interface {
  unsigned index;
  struct in_addr address; /* what we speak from; left to itself the kernel shuns 127.0.0.1 */
  Socket ipv6;
  bool is_present;
} Interface;

struct Multicast {
  Loop *loop;
  Address only; /* family ADDRESS_NONE: everywhere */
  Socket ipv4;
  Interface interfaces[INTERFACES_MAX];
  size_t count;
  MulticastFunc func;
  void *user_data;
};

static void
on_datagram (void *user_data, const Address *from, const Address *local, Bytes datagram)
{
  Multicast *self = user_data;

  if (datagram.size <= LIMIT_DISCOVERY_SIZE)
    self->func (from, datagram, self->user_data);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  socket_hear (fd, LIMIT_DISCOVERY_SIZE + 1, on_datagram, user_data);
  return G_SOURCE_CONTINUE;
}

static bool
socket_join (Multicast *self, Socket *socket, const Address *group)
{
  socket->fd = socket_bind (SOCK_DGRAM, group, true);
  if (socket->fd >= 0)
    socket->readable = loop_watch (self->loop, socket->fd, G_IO_IN, on_readable, self);
  return socket->fd >= 0;
}

static void
socket_leave (Socket *socket)
{
  loop_unwatch (&socket->readable);
  if (socket->fd >= 0)
    close (socket->fd);
  socket->fd = -1;
}

/* Harmless where it is a member already. */
static void
join_ipv4 (Multicast *self, const Interface *interface)
{
  struct ip_mreqn member = { .imr_ifindex = (int) interface->index };

  memcpy (&member.imr_multiaddr, group_ipv4.bytes, 4);
  if (self->ipv4.fd >= 0)
    setsockopt (self->ipv4.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member);
}

static void
join_ipv6 (Multicast *self, Interface *interface)
{
  struct ipv6_mreq member = { .ipv6mr_interface = interface->index };
  Address group = group_ipv6;

  group.scope = interface->index;
  memcpy (&member.ipv6mr_multiaddr, group_ipv6.bytes, 16);
  if (interface->ipv6.fd >= 0 || !socket_join (self, &interface->ipv6, &group))
    return;
  if (setsockopt (interface->ipv6.fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &member, sizeof member) <
      0)
    socket_leave (&interface->ipv6);
}

/* Loopback too: two phones of one machine may have nothing else. */
static bool
is_wanted (const Multicast *self, const struct ifaddrs *entry)
{
  struct sockaddr_storage system = { 0 };
  Address address;

  if (entry->ifa_addr == NULL ||
      (entry->ifa_addr->sa_family != AF_INET && entry->ifa_addr->sa_family != AF_INET6) ||
      (entry->ifa_flags & IFF_UP) == 0 || (entry->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) == 0)
    return false;
  if (self->only.family == ADDRESS_NONE)
    return true;
  memcpy (&system, entry->ifa_addr,
          entry->ifa_addr->sa_family == AF_INET ? sizeof (struct sockaddr_in)
                                                : sizeof (struct sockaddr_in6));
  socket_address_from_system (&system, &address);
  return address.family == self->only.family &&
         memcmp (address.bytes, self->only.bytes, sizeof address.bytes) == 0;
}

static Interface *
interface_of (Multicast *self, unsigned index)
{
  Interface *interface;

  for (size_t i = 0; i < self->count; i++) {
    if (self->interfaces[i].index == index)
      return &self->interfaces[i];
  }
  if (self->count == INTERFACES_MAX)
    return NULL;
  interface = &self->interfaces[self->count++];
  *interface = (Interface){ .index = index, .ipv6 = { -1, NULL } };
  return interface;
}

/* One address of an interface is there. */
static void
note_address (Multicast *self, const struct ifaddrs *entry)
{
  unsigned index = if_nametoindex (entry->ifa_name);
  Interface *interface = index != 0 ? interface_of (self, index) : NULL;

  if (interface == NULL)
    return;
  interface->is_present = true;
  if (entry->ifa_addr->sa_family == AF_INET && interface->address.s_addr == 0) {
    interface->address = ((const struct sockaddr_in *) entry->ifa_addr)->sin_addr;
    join_ipv4 (self, interface);
  } else if (entry->ifa_addr->sa_family == AF_INET6) {
    join_ipv6 (self, interface);
  }
}

void
multicast_refresh (Multicast *self)
{
  struct ifaddrs *all = NULL;
  size_t kept = 0;

  if (getifaddrs (&all) < 0)
    return;
  for (size_t i = 0; i < self->count; i++) {
    self->interfaces[i].is_present = false;
    self->interfaces[i].address.s_addr = 0;
  }
  for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
    if (is_wanted (self, i))
      note_address (self, i);
  }
  freeifaddrs (all);
  for (size_t i = 0; i < self->count; i++) {
    if (self->interfaces[i].is_present)
      self->interfaces[kept++] = self->interfaces[i];
    else
      socket_leave (&self->interfaces[i].ipv6);
  }
  self->count = kept;
}

Multicast *
multicast_new (Loop *loop, const Address *only, MulticastFunc func, void *user_data)
{
  g_autoptr (Multicast) self = g_new0 (Multicast, 1);
  bool has_ipv4;

  self->loop = loop;
  self->func = func;
  self->user_data = user_data;
  if (only != NULL)
    self->only = *only;
  has_ipv4 = socket_join (self, &self->ipv4, &group_ipv4);
  multicast_refresh (self);
  return has_ipv4 || self->count > 0 ? g_steal_pointer (&self) : NULL;
}

void
multicast_free (Multicast *self)
{
  if (self == NULL)
    return;
  socket_leave (&self->ipv4);
  for (size_t i = 0; i < self->count; i++)
    socket_leave (&self->interfaces[i].ipv6);
  g_free (self);
}

static void
send_ipv4 (int fd, Bytes datagram, const Interface *interface)
{
  struct ip_mreqn from = { .imr_address = interface->address,
                           .imr_ifindex = (int) interface->index };

  if (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) == 0)
    socket_send (fd, datagram, &group_ipv4, NULL);
}

static void
send_ipv6 (int fd, Bytes datagram, const Interface *interface)
{
  Address group = group_ipv6;

  group.scope = interface->index;
  socket_send (fd, datagram, &group, NULL);
}

void
multicast_send (Multicast *self, Bytes datagram)
{
  for (size_t i = 0; i < self->count; i++) {
    const Interface *interface = &self->interfaces[i];
    if (self->ipv4.fd >= 0 && interface->address.s_addr != 0)
      send_ipv4 (self->ipv4.fd, datagram, interface);
    if (interface->ipv6.fd >= 0)
      send_ipv6 (interface->ipv6.fd, datagram, interface);
  }
}
