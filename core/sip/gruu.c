/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gruu.h"
#include <string.h>

/* A destination list whose entries are nodes: type 1, length 16, Node-ID (RFC 6940, 6.3.2.2). Ours
 * has one entry, and base64 without padding; a reader still knows '~' for '='. */

enum {
  DESTINATION_NODE = 1,
  ENTRY_SIZE = 2 + NODE_ID_SIZE,
  LIST_MAX = (LIMIT_ROUTE_PEERS + 1) * ENTRY_SIZE,
  BASE64_MAX = (LIST_MAX + 2) / 3 * 4,
};

char *
gruu_write (const char *address, const NodeId *node_id)
{
  uint8_t list[ENTRY_SIZE] = { DESTINATION_NODE, NODE_ID_SIZE };
  g_autofree char *base64 = NULL;

  memcpy (list + 2, node_id->bytes, NODE_ID_SIZE);
  base64 = g_base64_encode (list, sizeof list);
  g_strdelimit (base64, "=", '~');
  return g_strdup_printf ("sip:%s;gr=%s", address, base64);
}

static bool
read_list (const uint8_t *list, size_t size, Route *ret_route)
{
  Route route = { .via_count = 0 };

  if (size == 0 || size % ENTRY_SIZE != 0 || size > LIST_MAX)
    return false;
  for (size_t at = 0; at < size; at += ENTRY_SIZE) {
    NodeId *entry = at + ENTRY_SIZE < size ? &route.via[route.via_count++] : &route.device;

    if (list[at] != DESTINATION_NODE || list[at + 1] != NODE_ID_SIZE)
      return false;
    memcpy (entry->bytes, list + at + 2, NODE_ID_SIZE);
  }
  *ret_route = route;
  return true;
}

bool
gruu_read (const char *gr, Route *ret_route)
{
  g_autofree char *base64 = NULL;
  g_autofree guchar *list = NULL;
  gsize size = 0;

  if (gr == NULL || strlen (gr) > BASE64_MAX)
    return false;
  base64 = g_strdelimit (g_strdup (gr), "~", '=');
  list = g_base64_decode (base64, &size);
  return read_list (list, size, ret_route);
}
