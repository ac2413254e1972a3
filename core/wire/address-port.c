/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/address-port.h"

#include "core/wire/walk.h"

/* The host byte order of an IPv4 address does not matter: Address keeps the bytes as sent. */

/* RFC 6940, 6.3.1.1 */
void
walk_ip_address_port (Wire *w, IpAddressPort *a)
{
  static const uint8_t types[] = { ADDRESS_IPV4, ADDRESS_IPV6, 3 };

  wire_choice (w, "type", &a->type, types, G_N_ELEMENTS (types));
  wire_open (w, "length", 1);
  switch (a->type) {
  case ADDRESS_IPV4:
    wire_fixed (w, "addr", a->address.bytes, 4);
    wire_u16 (w, "port", &a->address.port);
    break;
  case ADDRESS_IPV6:
    wire_fixed (w, "addr", a->address.bytes, 16);
    wire_u16 (w, "port", &a->address.port);
    break;
  default:
    wire_rest (w, "unknown", &a->unknown);
    break;
  }
  wire_close (w);
  if (wire_is_filling (w) && a->type <= ADDRESS_IPV6)
    a->address.family = (AddressFamily) a->type;
}

WIRE_DEFINE (IpAddressPort, ip_address_port)

IpAddressPort
ip_address_port_of (const Address *address)
{
  g_assert (address->family == ADDRESS_IPV4 || address->family == ADDRESS_IPV6);
  return (IpAddressPort){ .type = (uint8_t) address->family, .address = *address };
}
