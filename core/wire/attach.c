/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/attach.h"

#include "core/wire/walk.h"

/* RFC 6940, 6.5.1.1 */
static void
walk_ice_extension (Wire *w, IceExtension *e)
{
  wire_opaque (w, "name", 2, &e->name);
  wire_opaque (w, "value", 2, &e->value);
}

WIRE_DEFINE_LIST (IceExtension, ice_extension)

/* RFC 6940, 6.5.1.1. Without a length around it an unknown type cannot be skipped. */
static void
walk_ice_candidate (Wire *w, IceCandidate *c)
{
  static const uint8_t types[] = { CAND_HOST, CAND_SRFLX, CAND_RELAY };

  wire_enter (w, "addr_port");
  walk_ip_address_port (w, &c->addr_port);
  wire_leave (w);
  wire_u8 (w, "overlay_link", &c->overlay_link);
  wire_opaque (w, "foundation", 1, &c->foundation);
  wire_u32 (w, "priority", &c->priority);
  wire_choice (w, "type", &c->type, types, G_N_ELEMENTS (types));
  switch (c->type) {
  case CAND_HOST:
    break;
  case CAND_SRFLX:
  case CAND_RELAY:
    wire_enter (w, "rel_addr_port");
    walk_ip_address_port (w, &c->rel_addr_port);
    wire_leave (w);
    break;
  default:
    wire_fail (w, "type");
    break;
  }
  walk_ice_extensions (w, "extensions", 2, &c->extensions);
}

WIRE_DEFINE_LIST (IceCandidate, ice_candidate)

/* RFC 6940, 6.5.1.1 */
void
walk_attach_req_ans (Wire *w, AttachReqAns *a)
{
  wire_opaque (w, "ufrag", 1, &a->ufrag);
  wire_opaque (w, "password", 1, &a->password);
  wire_opaque (w, "role", 1, &a->role);
  walk_ice_candidates (w, "candidates", 2, &a->candidates);
  wire_bool (w, "send_update", &a->send_update);
}

/* RFC 6940, 6.5.2.1 and 6.5.2.2 */
void
walk_app_attach_req_ans (Wire *w, AppAttachReqAns *a)
{
  wire_opaque (w, "ufrag", 1, &a->ufrag);
  wire_opaque (w, "password", 1, &a->password);
  wire_u16 (w, "application", &a->application);
  wire_opaque (w, "role", 1, &a->role);
  walk_ice_candidates (w, "candidates", 2, &a->candidates);
}

WIRE_DEFINE (AttachReqAns, attach_req_ans)
WIRE_DEFINE (AppAttachReqAns, app_attach_req_ans)
