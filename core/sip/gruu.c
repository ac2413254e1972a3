/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gruu.h"
#include <string.h>

/* The destination list of one node: type 1, length 16, Node-ID (RFC 6940, 6.3.2.2). Its base64 has
 * no padding; a reader still knows '~' for '='. */

enum { DESTINATION_NODE = 1, LIST_SIZE = 2 + NODE_ID_SIZE, BASE64_MAX = 64 };

char *
gruu_write (const char *address, const NodeId *node_id)
{
  uint8_t list[LIST_SIZE] = { DESTINATION_NODE, NODE_ID_SIZE };
  g_autofree char *base64 = NULL;

  memcpy (list + 2, node_id->bytes, NODE_ID_SIZE);
  base64 = g_base64_encode (list, sizeof list);
  g_strdelimit (base64, "=", '~');
  return g_strdup_printf ("sip:%s;gr=%s", address, base64);
}

bool
gruu_read (const char *gr, NodeId *ret_node_id)
{
  g_autofree char *base64 = NULL;
  g_autofree guchar *list = NULL;
  gsize size = 0;

  if (gr == NULL || strlen (gr) > BASE64_MAX)
    return false;
  base64 = g_strdelimit (g_strdup (gr), "~", '=');
  list = g_base64_decode (base64, &size);
  if (size != LIST_SIZE || list[0] != DESTINATION_NODE || list[1] != NODE_ID_SIZE)
    return false;
  memcpy (ret_node_id->bytes, list + 2, NODE_ID_SIZE);
  return true;
}
