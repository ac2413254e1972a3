/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/multicast.h"

#include "core/os/socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The sockets are bound to the groups themselves, so that they never take datagrams meant for the
 * listener, which may have the same port. They share the port with other phones of this machine;
 * the kernel gives each a copy. */

enum { PORT = 6084 };

static const Address group_ipv4 = { .family = ADDRESS_IPV4,
                                    .bytes = { 239, 255, 77, 84 },
                                    .port = PORT };
static const Address group_ipv6 = { .family = ADDRESS_IPV6,
                                    .bytes = { 0xff, 0x12, [14] = 0x77, 0x84 },
                                    .port = PORT };

static const int on = 1;

typedef struct Interface {
  unsigned index;
  struct in_addr ipv4; /* what we speak from there; left to itself the kernel shuns 127.0.0.1 */
} Interface;

struct Multicast {
  int ipv4;
  int ipv6;
  Address only; /* family ADDRESS_NONE: everywhere */
  Interface interfaces[MULTICAST_INTERFACES];
  size_t count;
};

static int
group_open (const Address *group)
{
  int fd = socket_bind (SOCK_DGRAM, group, true);

  if (fd < 0 || group->family != ADDRESS_IPV6)
    return fd;
  setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &on, sizeof on);
  setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &on, sizeof on);
  return fd;
}

/* Fails harmlessly where it is a member already. */
static void
group_join (Multicast *self, unsigned interface)
{
  struct ip_mreqn ipv4 = { .imr_ifindex = (int) interface };
  struct ipv6_mreq ipv6 = { .ipv6mr_interface = interface };

  memcpy (&ipv4.imr_multiaddr, group_ipv4.bytes, 4);
  memcpy (&ipv6.ipv6mr_multiaddr, group_ipv6.bytes, 16);
  if (self->ipv4 >= 0)
    setsockopt (self->ipv4, IPPROTO_IP, IP_ADD_MEMBERSHIP, &ipv4, sizeof ipv4);
  if (self->ipv6 >= 0)
    setsockopt (self->ipv6, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &ipv6, sizeof ipv6);
}

/* Loopback too: two phones of one machine may have nothing else. */
static bool
is_wanted (const Multicast *self, const struct ifaddrs *entry)
{
  struct sockaddr_storage system = { 0 };
  Address address;

  if (entry->ifa_addr == NULL || (entry->ifa_flags & IFF_UP) == 0 ||
      (entry->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK)) == 0)
    return false;
  if (self->only.family == ADDRESS_NONE)
    return true;
  if (entry->ifa_addr->sa_family != AF_INET && entry->ifa_addr->sa_family != AF_INET6)
    return false;
  memcpy (&system, entry->ifa_addr,
          entry->ifa_addr->sa_family == AF_INET ? sizeof (struct sockaddr_in)
                                                : sizeof (struct sockaddr_in6));
  socket_address_from_system (&system, &address);
  return address.family == self->only.family &&
         memcmp (address.bytes, self->only.bytes, sizeof address.bytes) == 0;
}

/* A new one has joined the groups. */
static Interface *
interface_of (Multicast *self, unsigned index)
{
  Interface *interface;

  for (size_t i = 0; i < self->count; i++) {
    if (self->interfaces[i].index == index)
      return &self->interfaces[i];
  }
  if (self->count == MULTICAST_INTERFACES)
    return NULL;
  interface = &self->interfaces[self->count++];
  *interface = (Interface){ .index = index };
  group_join (self, index);
  return interface;
}

void
multicast_refresh (Multicast *self)
{
  struct ifaddrs *all = NULL;

  self->count = 0;
  if (getifaddrs (&all) < 0)
    return;
  for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
    unsigned index = is_wanted (self, i) ? if_nametoindex (i->ifa_name) : 0;
    Interface *interface = index != 0 ? interface_of (self, index) : NULL;
    bool is_first = interface != NULL && interface->ipv4.s_addr == 0;
    if (is_first && i->ifa_addr->sa_family == AF_INET)
      interface->ipv4 = ((const struct sockaddr_in *) i->ifa_addr)->sin_addr;
  }
  freeifaddrs (all);
}

Multicast *
multicast_new (const Address *only)
{
  g_autoptr (Multicast) self = g_new0 (Multicast, 1);

  if (only != NULL)
    self->only = *only;
  self->ipv4 = group_open (&group_ipv4);
  self->ipv6 = group_open (&group_ipv6);
  if (self->ipv4 < 0 && self->ipv6 < 0)
    return NULL;
  multicast_refresh (self);
  return g_steal_pointer (&self);
}

void
multicast_free (Multicast *self)
{
  if (self == NULL)
    return;
  if (self->ipv4 >= 0)
    close (self->ipv4);
  if (self->ipv6 >= 0)
    close (self->ipv6);
  g_free (self);
}

int
multicast_fd (const Multicast *self, AddressFamily family)
{
  return family == ADDRESS_IPV4 ? self->ipv4 : self->ipv6;
}

static void
send_ipv4 (int fd, Bytes datagram, const Interface *interface)
{
  struct ip_mreqn from = { .imr_address = interface->ipv4, .imr_ifindex = (int) interface->index };

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
    if (self->ipv4 >= 0 && self->interfaces[i].ipv4.s_addr != 0)
      send_ipv4 (self->ipv4, datagram, &self->interfaces[i]);
    if (self->ipv6 >= 0)
      send_ipv6 (self->ipv6, datagram, &self->interfaces[i]);
  }
}

ssize_t
multicast_receive (
  Multicast *self, AddressFamily family, uint8_t *ret_bytes, size_t size, Address *ret_from)
{
  return socket_receive (multicast_fd (self, family), ret_bytes, size, ret_from, NULL);
}
