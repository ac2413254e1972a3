/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/default-route.h"

#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>

/* A line for each route, all numbers hexadecimal:
 *
 *   destination prefix source prefix next-hop metric references uses flags interface
 */

#define TABLE "/proc/net/ipv6_route"

enum { ADDRESS_DIGITS = 32, FIELDS = 10 };

static bool
read_address (const char *digits, uint8_t ret_bytes[16])
{
  if (strlen (digits) != ADDRESS_DIGITS)
    return false;
  for (unsigned i = 0; i < ADDRESS_DIGITS; i += 2) {
    int high = g_ascii_xdigit_value (digits[i]), low = g_ascii_xdigit_value (digits[i + 1]);
    if (high < 0 || low < 0)
      return false;
    ret_bytes[i / 2] = (uint8_t) (high << 4 | low);
  }
  return true;
}

/* Whether the line is a way to everywhere, by a router. */
static bool
read_route (const char *line, Address *ret_router, unsigned *ret_metric)
{
  char to[ADDRESS_DIGITS + 1], router[ADDRESS_DIGITS + 1], interface[IF_NAMESIZE];
  unsigned bits, metric, flags;
  Address address = { .family = ADDRESS_IPV6 };
  Address everywhere = { .family = ADDRESS_IPV6 };

  if (sscanf (line, "%32s %x %*s %*s %32s %x %*s %*s %x %15s", to, &bits, router, &metric, &flags,
              interface) != FIELDS - 4 ||
      bits != 0 || (flags & (RTF_UP | RTF_GATEWAY)) != (RTF_UP | RTF_GATEWAY) ||
      (flags & RTF_REJECT) != 0 || !read_address (to, address.bytes) ||
      !address_equal (&address, &everywhere) || !read_address (router, address.bytes))
    return false;
  if (address_is_link_local (&address))
    address.scope = if_nametoindex (interface);
  *ret_router = address;
  *ret_metric = metric;
  return true;
}

bool
default_route_parse (const char *table, Address *ret_router)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", -1);
  unsigned best = 0;
  bool is_found = false;

  for (char **line = lines; *line != NULL; line++) {
    Address router;
    unsigned metric;
    if (!read_route (*line, &router, &metric) || (is_found && metric >= best))
      continue;
    *ret_router = router;
    best = metric;
    is_found = true;
  }
  return is_found;
}

bool
default_route_find (Address *ret_router)
{
  g_autofree char *table = NULL;

  return g_file_get_contents (TABLE, &table, NULL, NULL) && default_route_parse (table, ret_router);
}
