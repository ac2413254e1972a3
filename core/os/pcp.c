/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/pcp.h"

#include "core/base/big-endian.h"
#include "core/os/socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 6887, 7 and 11: a header of 24 bytes, then what MAP has of its own. Addresses are IPv6 on the
 * wire, IPv4 ones mapped. A request is repeated twice, sooner than the RFC has it (8.1.1): the
 * router is one hop away, and other protocols wait for their turn. */

enum {
  VERSION = 2,
  MAP = 1,
  ANSWER = 0x80,
  AT_OPCODE = 1,
  AT_RESULT = 3,
  AT_LIFETIME = 4,
  AT_CLIENT = 8,
  AT_NONCE = 24,
  AT_PROTOCOL = 36,
  AT_INSIDE_PORT = 40,
  AT_OUTSIDE_PORT = 42,
  AT_OUTSIDE = 44,
  ADDRESS_SIZE = 16,
  MAPPED_SIZE = 12, /* of the prefix that makes an IPv6 address of an IPv4 one */
  TRIES = 3,
  PATIENCE_MS = 250,
};

static const uint8_t mapped_prefix[MAPPED_SIZE] = { [10] = 0xff, [11] = 0xff };

static void
put_address (uint8_t *at, const Address *address)
{
  if (address->family == ADDRESS_IPV4) {
    memcpy (at, mapped_prefix, MAPPED_SIZE);
    memcpy (at + MAPPED_SIZE, address->bytes, ADDRESS_SIZE - MAPPED_SIZE);
  } else {
    memcpy (at, address->bytes, ADDRESS_SIZE);
  }
}

static Address
get_address (const uint8_t *at)
{
  Address address = { .family = ADDRESS_IPV6 };

  if (memcmp (at, mapped_prefix, MAPPED_SIZE) == 0) {
    address.family = ADDRESS_IPV4;
    memcpy (address.bytes, at + MAPPED_SIZE, ADDRESS_SIZE - MAPPED_SIZE);
  } else {
    memcpy (address.bytes, at, ADDRESS_SIZE);
  }
  return address;
}

void
pcp_encode (const PcpMap *map, uint8_t ret_bytes[PCP_SIZE])
{
  memset (ret_bytes, 0, PCP_SIZE);
  ret_bytes[0] = VERSION;
  ret_bytes[AT_OPCODE] = MAP;
  big_endian_write (ret_bytes + AT_LIFETIME, 4, map->lifetime_s);
  put_address (ret_bytes + AT_CLIENT, &map->inside);
  memcpy (ret_bytes + AT_NONCE, map->nonce, PCP_NONCE_SIZE);
  ret_bytes[AT_PROTOCOL] = (uint8_t) map->protocol;
  big_endian_write (ret_bytes + AT_INSIDE_PORT, 2, map->inside.port);
  big_endian_write (ret_bytes + AT_OUTSIDE_PORT, 2, map->outside_port);
  /* Any address: all of zeros, of the family of ours (RFC 6887, 5). */
  if (map->inside.family == ADDRESS_IPV4)
    memcpy (ret_bytes + AT_OUTSIDE, mapped_prefix, MAPPED_SIZE);
}

bool
pcp_decode (Bytes answer, const PcpMap *map, PcpMapped *ret_mapped)
{
  const uint8_t *data = answer.data;

  if (answer.size < PCP_SIZE || answer.size > PCP_SIZE_MAX || answer.size % 4 != 0 ||
      data[0] != VERSION || data[AT_OPCODE] != (ANSWER | MAP) || data[AT_RESULT] != 0 ||
      memcmp (data + AT_NONCE, map->nonce, PCP_NONCE_SIZE) != 0 ||
      data[AT_PROTOCOL] != (uint8_t) map->protocol ||
      big_endian_read (data + AT_INSIDE_PORT, 2) != map->inside.port)
    return false;
  ret_mapped->outside = get_address (data + AT_OUTSIDE);
  ret_mapped->outside.port = (uint16_t) big_endian_read (data + AT_OUTSIDE_PORT, 2);
  ret_mapped->lifetime_s = (uint32_t) big_endian_read (data + AT_LIFETIME, 4);
  return true;
}

bool
pcp_is_refusal (Bytes answer)
{
  return answer.size >= AT_LIFETIME && (answer.data[AT_OPCODE] & ANSWER) != 0 &&
         (answer.data[0] != VERSION || answer.data[AT_RESULT] != 0);
}

static bool
await_answer (int fd, const PcpMap *map, PcpMapped *ret_mapped, bool *ret_is_refused)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  gint64 left;

  while ((left = (end - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND) > 0) {
    struct pollfd readable = { .fd = fd, .events = POLLIN };
    uint8_t bytes[PCP_SIZE_MAX + 1];
    ssize_t size;
    if (poll (&readable, 1, (int) left) <= 0 || (size = recv (fd, bytes, sizeof bytes, 0)) < 0)
      continue;
    if (pcp_decode ((Bytes){ bytes, (size_t) size }, map, ret_mapped))
      return true;
    *ret_is_refused = pcp_is_refusal ((Bytes){ bytes, (size_t) size });
    if (*ret_is_refused)
      return false;
  }
  return false;
}

bool
pcp_ask (const Address *router, PcpMap *map, PcpMapped *ret_mapped)
{
  int fd = socket_connect (SOCK_DGRAM, router, &map->inside);
  bool is_mapped = false, is_refused = false;
  uint16_t port = map->inside.port;
  uint8_t request[PCP_SIZE];

  if (fd < 0)
    return false;
  map->inside = socket_address (fd);
  map->inside.port = port;
  pcp_encode (map, request);
  for (unsigned i = 0; i < TRIES && !is_mapped && !is_refused; i++) {
    send (fd, request, sizeof request, MSG_NOSIGNAL); /* what fails counts as lost */
    is_mapped = await_answer (fd, map, ret_mapped, &is_refused);
  }
  close (fd);
  return is_mapped;
}
