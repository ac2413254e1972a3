/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address.h: a transport address, IPv4 or IPv6, as a plain value. */
#pragma once
#include "core/base/bytes.h"

typedef enum AddressFamily { ADDRESS_NONE = 0, ADDRESS_IPV4 = 1, ADDRESS_IPV6 = 2 } AddressFamily;

enum {
  ADDRESS_TEXT_SIZE = 72,
  PORT_WEB = 443, /* of TCP: whichever firewall lets anything out lets this out */
};

typedef struct Address {
  AddressFamily family;
  uint8_t bytes[16]; /* IPv4 uses the first four; unused bytes are zero */
  uint16_t port;     /* host byte order */
  uint32_t scope;    /* interface index of a link-local IPv6 address, else 0 */
} Address;

bool address_equal (const Address *a, const Address *b);
unsigned address_hash (const Address *address);

/* Reads "192.0.2.1:6084", "[2001:db8::1]:6084", or without a port (then 0); no names. */
bool address_from_text (const char *text, Address *ret_address);

/* The form that address_from_text() reads. */
const char *address_to_text (const Address *address, char ret_text[ADDRESS_TEXT_SIZE]);

bool address_is_loopback (const Address *address);
bool address_is_link_local (const Address *address);

/* Of one family, with the same first `bits` bits. */
bool address_has_prefix (const Address *address, const Address *prefix, unsigned bits);

/* Loopback, link-local, RFC 1918, RFC 6598, RFC 4193: no place for strangers from elsewhere. */
bool address_is_private (const Address *address);
