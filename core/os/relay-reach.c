/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-reach.h"

#include <string.h>

/* Who relays must not be led into places that only the relay can reach: its own machine, its own
 * network. A relay that stands in a private network itself serves that one; one on loopback serves
 * its machine. No IPv6 address that stands for an IPv4 one is a peer: some system would send to the
 * latter. */

typedef struct Prefix {
  uint8_t bytes[16];
  uint8_t bits;
} Prefix;

static const Prefix nobody_ipv4[] = {
  { { 0 }, 8 },          /* this network */
  { { 224 }, 4 },        /* multicast */
  { { 240 }, 4 },        /* reserved, and broadcast */
  { { 192, 0, 0 }, 24 }, /* protocol assignments */
  { { 169, 254 }, 16 },  /* link-local */
};

static const Prefix nobody_ipv6[] = {
  { { 0 }, 8 },                 /* unspecified, IPv4-compatible and -mapped, NAT64 */
  { { 0x20, 0x01, 0, 0 }, 32 }, /* Teredo */
  { { 0x20, 0x02 }, 16 },       /* 6to4 */
  { { 0xfe, 0x80 }, 10 },       /* link-local */
  { { 0xfe, 0xc0 }, 10 },       /* site-local */
  { { 0xff }, 8 },              /* multicast */
  { { 0x01 }, 64 },             /* discard */
};

static bool
is_in (const Address *address, const Prefix *prefix)
{
  size_t whole = prefix->bits / 8;
  uint8_t mask = (uint8_t) (0xff << (8 - prefix->bits % 8));

  return memcmp (address->bytes, prefix->bytes, whole) == 0 &&
         (prefix->bits % 8 == 0 || ((address->bytes[whole] ^ prefix->bytes[whole]) & mask) == 0);
}

static bool
is_nobody (const Address *address)
{
  bool is_ipv4 = address->family == ADDRESS_IPV4;
  const Prefix *prefixes = is_ipv4 ? nobody_ipv4 : nobody_ipv6;
  size_t count = is_ipv4 ? G_N_ELEMENTS (nobody_ipv4) : G_N_ELEMENTS (nobody_ipv6);

  for (size_t i = 0; i < count; i++)
    if (is_in (address, &prefixes[i]))
      return true;
  return false;
}

bool
relay_may_reach (const Address *relayed, const Address *peer)
{
  if (peer->family != relayed->family || peer->port == 0)
    return false;
  if (address_is_loopback (peer))
    return address_is_loopback (relayed);
  return !is_nobody (peer) && (!address_is_private (peer) || address_is_private (relayed));
}

const Address *
relay_choose_host (const Address *own, size_t count, bool is_shut, bool is_told)
{
  for (size_t i = 0; i < count && !is_shut; i++)
    if (!address_is_private (&own[i]))
      return &own[i];
  return is_told && count > 0 ? &own[0] : NULL;
}
