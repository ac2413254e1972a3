/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/address.h"

#include <arpa/inet.h>
#include <string.h>

bool
address_equal (const Address *a, const Address *b)
{
  return a->family == b->family && a->port == b->port && a->scope == b->scope &&
         memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

unsigned
address_hash (const Address *address)
{
  unsigned hash = address->port ^ address->scope << 16;

  for (size_t i = 0; i < sizeof address->bytes; i++)
    hash = hash * 33 + address->bytes[i];
  return hash;
}

static bool
read_port (const char *text, uint16_t *ret_port)
{
  guint64 port;

  if (!g_ascii_string_to_unsigned (text, 10, 0, UINT16_MAX, &port, NULL))
    return false;
  *ret_port = (uint16_t) port;
  return true;
}

static bool
read_host (const char *host, Address *address)
{
  g_autofree char *plain = g_strdup (host);
  char *percent = strchr (plain, '%');
  guint64 scope = 0;

  if (percent != NULL) {
    *percent = '\0';
    if (!g_ascii_string_to_unsigned (percent + 1, 10, 1, UINT32_MAX, &scope, NULL))
      return false;
  }
  address->scope = (uint32_t) scope;
  if (percent == NULL && inet_pton (AF_INET, plain, address->bytes) == 1)
    address->family = ADDRESS_IPV4;
  else if (inet_pton (AF_INET6, plain, address->bytes) == 1)
    address->family = ADDRESS_IPV6;
  return address->family != ADDRESS_NONE;
}

bool
address_from_text (const char *text, Address *ret_address)
{
  Address address = { .family = ADDRESS_NONE };
  g_autofree char *host = NULL;
  const char *port = NULL;

  if (text[0] == '[') {
    const char *end = strchr (text, ']');
    if (end == NULL || (end[1] != '\0' && end[1] != ':'))
      return false;
    host = g_strndup (text + 1, (size_t) (end - text - 1));
    port = end[1] == ':' ? end + 2 : NULL;
  } else {
    const char *colon = strchr (text, ':');
    bool bare_ipv6 = colon != NULL && strchr (colon + 1, ':') != NULL;
    host =
      colon != NULL && !bare_ipv6 ? g_strndup (text, (size_t) (colon - text)) : g_strdup (text);
    port = colon != NULL && !bare_ipv6 ? colon + 1 : NULL;
  }
  if (!read_host (host, &address) || (port != NULL && !read_port (port, &address.port)))
    return false;
  *ret_address = address;
  return true;
}

const char *
address_to_text (const Address *address, char ret_text[ADDRESS_TEXT_SIZE])
{
  char host[INET6_ADDRSTRLEN] = "none";
  char scope[16] = "";

  if (address->family == ADDRESS_IPV4) {
    inet_ntop (AF_INET, address->bytes, host, sizeof host);
    g_snprintf (ret_text, ADDRESS_TEXT_SIZE, "%s:%u", host, address->port);
    return ret_text;
  }
  if (address->family == ADDRESS_IPV6)
    inet_ntop (AF_INET6, address->bytes, host, sizeof host);
  if (address->scope != 0)
    g_snprintf (scope, sizeof scope, "%%%u", address->scope);
  g_snprintf (ret_text, ADDRESS_TEXT_SIZE, "[%s%s]:%u", host, scope, address->port);
  return ret_text;
}

bool
address_is_loopback (const Address *address)
{
  static const uint8_t one[16] = { [15] = 1 };

  if (address->family == ADDRESS_IPV4)
    return address->bytes[0] == 127;
  return address->family == ADDRESS_IPV6 && memcmp (address->bytes, one, 16) == 0;
}

bool
address_is_link_local (const Address *address)
{
  const uint8_t *b = address->bytes;

  if (address->family == ADDRESS_IPV4)
    return b[0] == 169 && b[1] == 254;
  return address->family == ADDRESS_IPV6 && b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
}

bool
address_has_prefix (const Address *address, const Address *prefix, unsigned bits)
{
  unsigned whole = bits / 8;
  uint8_t mask = (uint8_t) (0xff00 >> bits % 8);

  return address->family == prefix->family && memcmp (address->bytes, prefix->bytes, whole) == 0 &&
         (bits % 8 == 0 || ((address->bytes[whole] ^ prefix->bytes[whole]) & mask) == 0);
}

bool
address_is_private (const Address *address)
{
  const uint8_t *b = address->bytes;

  if (address_is_loopback (address) || address_is_link_local (address))
    return true;
  if (address->family == ADDRESS_IPV4)
    return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
           (b[0] == 100 && (b[1] & 0xc0) == 64);
  return address->family == ADDRESS_IPV6 && (b[0] & 0xfe) == 0xfc;
}
