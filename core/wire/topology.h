/* SPDX-License-Identifier: GPL-3.0-or-later */
/* topology.h: the methods that every topology plug-in uses (RFC 6940, 6.4.2), and Ping. */
#pragma once
#include "core/wire/destination.h"

/* RFC 6940, 6.4.2.1 */
typedef struct JoinReq {
  NodeId joining_peer_id;
  Bytes overlay_specific_data;
} JoinReq;

/* RFC 6940, 6.4.2.1 */
typedef struct JoinAns {
  Bytes overlay_specific_data;
} JoinAns;

/* RFC 6940, 6.4.2.2 */
typedef struct LeaveReq {
  NodeId leaving_peer_id;
  Bytes overlay_specific_data; /* ChordLeaveData in CHORD-RELOAD */
} LeaveReq;

/* RFC 6940, 6.4.2.4.1 */
typedef struct RouteQueryReq {
  bool send_update;
  Destination destination;
  Bytes overlay_specific_data;
} RouteQueryReq;

/* LeaveAns, UpdateAns, ConfigUpdateAns: nothing on the wire. */
typedef struct EmptyAns {
  char nothing;
} EmptyAns;

/* RFC 6940, 6.4.2.5.1 */
typedef enum ProbeInformationType {
  PROBE_RESPONSIBLE_SET = 1,
  PROBE_NUM_RESOURCES = 2,
  PROBE_UPTIME = 3,
} ProbeInformationType;

typedef struct ProbeReq {
  Bytes requested_info; /* one ProbeInformationType a byte */
} ProbeReq;

/* RFC 6940, 6.4.2.5.2 */
typedef struct ProbeInformation {
  uint8_t type;
  uint32_t value; /* responsible_ppb, num_resources, or uptime in seconds */
  Bytes unknown;  /* of other types */
} ProbeInformation;

WIRE_LIST (ProbeInformation);

typedef struct ProbeAns {
  ProbeInformationList probe_info;
} ProbeAns;

/* RFC 6940, 6.5.3.1 */
typedef struct PingReq {
  Bytes padding;
} PingReq;

/* RFC 6940, 6.5.3.2 */
typedef struct PingAns {
  uint64_t response_id;
  uint64_t time; /* milliseconds since 1970 */
} PingAns;

WIRE_DECLARE (JoinReq, join_req)
WIRE_DECLARE (JoinAns, join_ans)
WIRE_DECLARE (LeaveReq, leave_req)
WIRE_DECLARE (RouteQueryReq, route_query_req)
WIRE_DECLARE (EmptyAns, empty_ans)
WIRE_DECLARE (ProbeReq, probe_req)
WIRE_DECLARE (ProbeAns, probe_ans)
WIRE_DECLARE (PingReq, ping_req)
WIRE_DECLARE (PingAns, ping_ans)
