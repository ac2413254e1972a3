/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address-port.h: IpAddressPort (RFC 6940, 6.3.1.1). */
#pragma once
#include "core/base/address.h"
#include "core/wire/wire.h"

/* The types have the numbers of AddressFamily. */
typedef struct IpAddressPort {
  uint8_t type;
  Address address; /* of types 1 and 2 */
  Bytes unknown;   /* of other types */
} IpAddressPort;

WIRE_DECLARE (IpAddressPort, ip_address_port)

/* `address` is IPv4 or IPv6; its scope does not travel. */
IpAddressPort ip_address_port_of (const Address *address);
