/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket bound to every address must answer from the very address that a datagram was sent to,
 * or a peer who hears only that address never gets the answer: hence IP_PKTINFO. IPv4 over an IPv6
 * socket is shown as IPv4, and sent as it: Linux takes both. */

enum {
  BACKLOG = 128,
  TCP_SILENCE_MS = 60000,
  RECEIVE_BUFFER = 1 << 20,
  OWN_ADDRESSES_MAX = 64,
  DATAGRAMS_PER_TURN = 32
};

static const int on = 1;
static const int off = 0;

size_t
socket_address_to_system (const Address *address, struct sockaddr_storage *ret_system)
{
  memset (ret_system, 0, sizeof *ret_system);
  if (address->family == ADDRESS_IPV4) {
    struct sockaddr_in *in = (struct sockaddr_in *) ret_system;
    in->sin_family = AF_INET;
    in->sin_port = htons (address->port);
    memcpy (&in->sin_addr, address->bytes, 4);
    return sizeof *in;
  }
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) ret_system;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons (address->port);
  in6->sin6_scope_id = address->scope;
  memcpy (&in6->sin6_addr, address->bytes, 16);
  return sizeof *in6;
}

bool
socket_address_from_system (const struct sockaddr_storage *system, Address *ret_address)
{
  const struct sockaddr_in *in = (const struct sockaddr_in *) system;
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *) system;

  *ret_address = (Address){ 0 };
  if (system->ss_family == AF_INET) {
    ret_address->family = ADDRESS_IPV4;
    ret_address->port = ntohs (in->sin_port);
    memcpy (ret_address->bytes, &in->sin_addr, 4);
    return true;
  }
  if (system->ss_family != AF_INET6)
    return false;
  ret_address->port = ntohs (in6->sin6_port);
  if (IN6_IS_ADDR_V4MAPPED (&in6->sin6_addr)) {
    ret_address->family = ADDRESS_IPV4;
    memcpy (ret_address->bytes, in6->sin6_addr.s6_addr + 12, 4);
    return true;
  }
  ret_address->family = ADDRESS_IPV6;
  memcpy (ret_address->bytes, &in6->sin6_addr, 16);
  if (IN6_IS_ADDR_LINKLOCAL (&in6->sin6_addr))
    ret_address->scope = in6->sin6_scope_id;
  return true;
}

static int
socket_open (int type, AddressFamily family)
{
  int domain = family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
  int fd = socket (domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int buffer = RECEIVE_BUFFER;
  unsigned silence = TCP_SILENCE_MS;

  if (fd < 0)
    return -1;
  if (domain == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (type == SOCK_DGRAM) {
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    setsockopt (fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    if (domain == AF_INET6)
      setsockopt (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    return fd;
  }
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
  return fd;
}

static int
socket_fail (int fd)
{
  int reason = errno;

  close (fd);
  errno = reason;
  return -1;
}

int
socket_bind (int type, const Address *address, bool is_shared)
{
  struct sockaddr_storage system;
  size_t size = socket_address_to_system (address, &system);
  int fd = socket_open (type, address->family);

  if (fd < 0)
    return -1;
  if (is_shared)
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (fd, (struct sockaddr *) &system, (socklen_t) size) < 0)
    return socket_fail (fd);
  if (type == SOCK_STREAM && listen (fd, BACKLOG) < 0)
    return socket_fail (fd);
  return fd;
}

bool
address_is_unspecified (const Address *address)
{
  static const uint8_t zeros[sizeof address->bytes];

  return memcmp (address->bytes, zeros, sizeof zeros) == 0;
}

int
socket_connect (int type, const Address *to, const Address *from)
{
  struct sockaddr_storage system;
  int fd = socket_open (type, to->family);
  size_t size;

  if (fd < 0)
    return -1;
  if (from != NULL && from->family == to->family) {
    Address any_port = *from;
    any_port.port = 0;
    size = socket_address_to_system (&any_port, &system);
    if (bind (fd, (struct sockaddr *) &system, (socklen_t) size) < 0)
      return socket_fail (fd);
  }
  size = socket_address_to_system (to, &system);
  if (connect (fd, (struct sockaddr *) &system, (socklen_t) size) < 0 && errno != EINPROGRESS)
    return socket_fail (fd);
  return fd;
}

int
socket_accept (int fd, Address *ret_from)
{
  struct sockaddr_storage system = { 0 };
  socklen_t size = sizeof system;
  int connection = accept4 (fd, (struct sockaddr *) &system, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (connection < 0)
    return -1;
  setsockopt (connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  socket_address_from_system (&system, ret_from);
  return connection;
}

Address
socket_address (int fd)
{
  struct sockaddr_storage system = { 0 };
  socklen_t size = sizeof system;
  Address address = { 0 };

  if (getsockname (fd, (struct sockaddr *) &system, &size) == 0)
    socket_address_from_system (&system, &address);
  return address;
}

static void
read_local (struct msghdr *header, Address *ret_local)
{
  struct sockaddr_storage system = { 0 };

  *ret_local = (Address){ 0 };
  for (struct cmsghdr *c = CMSG_FIRSTHDR (header); c != NULL; c = CMSG_NXTHDR (header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy (&info, CMSG_DATA (c), sizeof info);
      ((struct sockaddr_in *) &system)->sin_addr = info.ipi_spec_dst;
      system.ss_family = AF_INET;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy (&info, CMSG_DATA (c), sizeof info);
      ((struct sockaddr_in6 *) &system)->sin6_addr = info.ipi6_addr;
      ((struct sockaddr_in6 *) &system)->sin6_scope_id = info.ipi6_ifindex;
      system.ss_family = AF_INET6;
    }
  }
  socket_address_from_system (&system, ret_local);
}

ssize_t
socket_receive (int fd, uint8_t *ret_bytes, size_t size, Address *ret_from, Address *ret_local)
{
  struct sockaddr_storage system = { 0 };
  struct iovec piece = { ret_bytes, size };
  _Alignas(struct cmsghdr) uint8_t control[128];
  struct msghdr header = { .msg_name = &system,
                           .msg_namelen = sizeof system,
                           .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control };
  ssize_t received = recvmsg (fd, &header, 0);

  if (received < 0)
    return -1;
  socket_address_from_system (&system, ret_from);
  if (ret_local != NULL)
    read_local (&header, ret_local);
  return received;
}

void
socket_hear (int fd, size_t size_max, SocketFunc func, void *user_data)
{
  uint8_t bytes[SOCKET_DATAGRAM_MAX];

  g_assert (size_max <= sizeof bytes);
  for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
    Address from, local;
    ssize_t size = socket_receive (fd, bytes, size_max, &from, &local);
    if (size < 0)
      break;
    func (user_data, &from, &local, (Bytes){ bytes, (size_t) size });
  }
}

ssize_t
socket_read (int fd, uint8_t *ret_bytes, size_t size)
{
  ssize_t received = recv (fd, ret_bytes, size, 0);

  if (received < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  return received > 0 ? received : -1;
}

static void
write_local (struct msghdr *header, const Address *local)
{
  struct cmsghdr *c = CMSG_FIRSTHDR (header);

  if (local->family == ADDRESS_IPV4) {
    struct in_pktinfo info = { 0 };
    memcpy (&info.ipi_spec_dst, local->bytes, 4);
    *c = (struct cmsghdr){ CMSG_LEN (sizeof info), IPPROTO_IP, IP_PKTINFO };
    memcpy (CMSG_DATA (c), &info, sizeof info);
    header->msg_controllen = CMSG_SPACE (sizeof info);
    return;
  }
  struct in6_pktinfo info = { .ipi6_ifindex = local->scope };
  memcpy (&info.ipi6_addr, local->bytes, 16);
  *c = (struct cmsghdr){ CMSG_LEN (sizeof info), IPPROTO_IPV6, IPV6_PKTINFO };
  memcpy (CMSG_DATA (c), &info, sizeof info);
  header->msg_controllen = CMSG_SPACE (sizeof info);
}

bool
socket_send (int fd, Bytes datagram, const Address *to, const Address *local)
{
  struct sockaddr_storage system;
  struct iovec piece = { (void *) datagram.data, datagram.size };
  _Alignas(struct cmsghdr) uint8_t control[128] = { 0 };
  struct msghdr header = { .msg_name = &system,
                           .msg_namelen = (socklen_t) socket_address_to_system (to, &system),
                           .msg_iov = &piece,
                           .msg_iovlen = 1 };

  if (local != NULL && local->family != ADDRESS_NONE) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    write_local (&header, local);
  }
  return sendmsg (fd, &header, MSG_NOSIGNAL) >= 0;
}

/* False when it is not one to be used. */
static bool
collect_address (const struct ifaddrs *one, Address *ret_address)
{
  struct sockaddr_storage system = { 0 };

  if (one->ifa_addr == NULL || (one->ifa_flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING))
    return false;
  if (one->ifa_addr->sa_family == AF_INET)
    memcpy (&system, one->ifa_addr, sizeof (struct sockaddr_in));
  else if (one->ifa_addr->sa_family == AF_INET6)
    memcpy (&system, one->ifa_addr, sizeof (struct sockaddr_in6));
  return socket_address_from_system (&system, ret_address);
}

static size_t
collect_addresses (struct ifaddrs *all, bool is_loopback, Address *ret_addresses, size_t size)
{
  size_t count = 0;

  for (struct ifaddrs *i = all; i != NULL && count < size; i = i->ifa_next)
    if (collect_address (i, &ret_addresses[count]) &&
        address_is_loopback (&ret_addresses[count]) == is_loopback)
      count++;
  return count;
}

size_t
socket_own_addresses (Address *ret_addresses, size_t size)
{
  struct ifaddrs *all = NULL;
  size_t count;

  if (getifaddrs (&all) < 0)
    return 0;
  count = collect_addresses (all, false, ret_addresses, size);
  count += collect_addresses (all, true, ret_addresses + count, size - count);
  freeifaddrs (all);
  return count;
}

static uint8_t
prefix_bits (const struct sockaddr *mask)
{
  struct sockaddr_storage system = { 0 };
  Address address;
  unsigned bits = 0;

  memcpy (&system, mask,
          mask->sa_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6));
  if (socket_address_from_system (&system, &address))
    while (bits < 128 && (address.bytes[bits / 8] & (0x80 >> bits % 8)) != 0)
      bits++;
  return (uint8_t) bits;
}

size_t
socket_own_networks (OwnNetwork *ret_networks, size_t size)
{
  struct ifaddrs *all = NULL;
  size_t count = 0;

  if (getifaddrs (&all) < 0)
    return 0;
  for (struct ifaddrs *i = all; i != NULL && count < size; i = i->ifa_next)
    if (i->ifa_netmask != NULL && collect_address (i, &ret_networks[count].address))
      ret_networks[count++].bits = prefix_bits (i->ifa_netmask);
  freeifaddrs (all);
  return count;
}

bool
socket_is_near (const Address *address)
{
  OwnNetwork networks[OWN_NETWORKS_MAX];
  size_t count = socket_own_networks (networks, OWN_NETWORKS_MAX);

  for (size_t i = 0; i < count; i++)
    if (address_has_prefix (address, &networks[i].address, networks[i].bits))
      return true;
  return false;
}

/* The lower the better. */
static int
reach (const Address *address)
{
  if (address_is_loopback (address))
    return 2;
  return address->family == ADDRESS_IPV6 && address_is_link_local (address) ? 1 : 0;
}

size_t
socket_reachable_addresses (AddressFamily family, Address *ret_addresses, size_t size)
{
  Address own[OWN_ADDRESSES_MAX];
  size_t own_count = socket_own_addresses (own, OWN_ADDRESSES_MAX);
  size_t count = 0;

  for (int wanted = 0; wanted <= 2 && count == 0; wanted++) {
    for (size_t i = 0; i < own_count && count < size; i++) {
      bool is_usable = family != ADDRESS_IPV4 || own[i].family == ADDRESS_IPV4;
      if (is_usable && reach (&own[i]) == wanted)
        ret_addresses[count++] = own[i];
    }
  }
  return count;
}
