/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/redir.h"

#include "core/wire/walk.h"

/* RFC 7374, 4.1 */
void
walk_redir_service_provider (Wire *w, RedirServiceProvider *r)
{
  wire_u8 (w, "type", &r->type);
  walk_destinations (w, "destination_list", 2, &r->destination_list);
  wire_opaque (w, "namespace", 2, &r->namespace);
  wire_u16 (w, "level", &r->level);
  wire_u16 (w, "node", &r->node);
  wire_opaque (w, "extension", 2, &r->extension);
}

WIRE_DEFINE (RedirServiceProvider, redir_service_provider)
