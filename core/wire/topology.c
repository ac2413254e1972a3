/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/topology.h"

#include "core/wire/walk.h"

/* RFC 6940, 6.4.2.1 */
void
walk_join_req (Wire *w, JoinReq *j)
{
  wire_node_id (w, "joining_peer_id", &j->joining_peer_id);
  wire_opaque (w, "overlay_specific_data", 2, &j->overlay_specific_data);
}

/* RFC 6940, 6.4.2.1 */
void
walk_join_ans (Wire *w, JoinAns *j)
{
  wire_opaque (w, "overlay_specific_data", 2, &j->overlay_specific_data);
}

/* RFC 6940, 6.4.2.2 */
void
walk_leave_req (Wire *w, LeaveReq *l)
{
  wire_node_id (w, "leaving_peer_id", &l->leaving_peer_id);
  wire_opaque (w, "overlay_specific_data", 2, &l->overlay_specific_data);
}

/* RFC 6940, 6.4.2.4.1 */
void
walk_route_query_req (Wire *w, RouteQueryReq *r)
{
  wire_bool (w, "send_update", &r->send_update);
  wire_enter (w, "destination");
  walk_destination (w, &r->destination);
  wire_leave (w);
  wire_opaque (w, "overlay_specific_data", 2, &r->overlay_specific_data);
}

void
walk_empty_ans (Wire *w, EmptyAns *e)
{
}

/* RFC 6940, 6.4.2.5.1 */
void
walk_probe_req (Wire *w, ProbeReq *p)
{
  wire_opaque (w, "requested_info", 1, &p->requested_info);
}

/* RFC 6940, 6.4.2.5.2 */
static void
walk_probe_information (Wire *w, ProbeInformation *p)
{
  static const uint8_t types[] = { PROBE_RESPONSIBLE_SET, PROBE_NUM_RESOURCES, PROBE_UPTIME, 4 };

  wire_choice (w, "type", &p->type, types, G_N_ELEMENTS (types));
  wire_open (w, "length", 1);
  switch (p->type) {
  case PROBE_RESPONSIBLE_SET:
    wire_u32 (w, "responsible_ppb", &p->value);
    break;
  case PROBE_NUM_RESOURCES:
    wire_u32 (w, "num_resources", &p->value);
    break;
  case PROBE_UPTIME:
    wire_u32 (w, "uptime", &p->value);
    break;
  default:
    wire_rest (w, "unknown", &p->unknown);
    break;
  }
  wire_close (w);
}

WIRE_DEFINE_LIST (ProbeInformation, probe_information)

/* RFC 6940, 6.4.2.5.2 */
void
walk_probe_ans (Wire *w, ProbeAns *p)
{
  walk_probe_informations (w, "probe_info", 2, &p->probe_info);
}

/* RFC 6940, 6.5.3.1 */
void
walk_ping_req (Wire *w, PingReq *p)
{
  wire_opaque (w, "padding", 2, &p->padding);
}

/* RFC 6940, 6.5.3.2 */
void
walk_ping_ans (Wire *w, PingAns *p)
{
  wire_u64 (w, "response_id", &p->response_id);
  wire_u64 (w, "time", &p->time);
}

WIRE_DEFINE (JoinReq, join_req)
WIRE_DEFINE (JoinAns, join_ans)
WIRE_DEFINE (LeaveReq, leave_req)
WIRE_DEFINE (RouteQueryReq, route_query_req)
WIRE_DEFINE (EmptyAns, empty_ans)
WIRE_DEFINE (ProbeReq, probe_req)
WIRE_DEFINE (ProbeAns, probe_ans)
WIRE_DEFINE (PingReq, ping_req)
WIRE_DEFINE (PingAns, ping_ans)
