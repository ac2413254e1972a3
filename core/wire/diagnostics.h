/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diagnostics.h: what peers ask each other about themselves (RFC 7851). */
#pragma once
#include "core/wire/destination.h"

/* Also the numbers of the flags in dMFlags: flag = 1 << kind (RFC 7851, 9.1 and 9.2). */
typedef enum DiagnosticKind {
  DIAGNOSTIC_STATUS_INFO = 0x01,
  DIAGNOSTIC_ROUTING_TABLE_SIZE,
  DIAGNOSTIC_PROCESS_POWER,
  DIAGNOSTIC_UPSTREAM_BANDWIDTH,
  DIAGNOSTIC_DOWNSTREAM_BANDWIDTH,
  DIAGNOSTIC_SOFTWARE_VERSION,
  DIAGNOSTIC_MACHINE_UPTIME,
  DIAGNOSTIC_APP_UPTIME,
  DIAGNOSTIC_MEMORY_FOOTPRINT,
  DIAGNOSTIC_DATASIZE_STORED,
  DIAGNOSTIC_INSTANCES_STORED,
  DIAGNOSTIC_MESSAGES_SENT_RCVD,
  DIAGNOSTIC_EWMA_BYTES_SENT,
  DIAGNOSTIC_EWMA_BYTES_RCVD,
  DIAGNOSTIC_UNDERLAY_HOP,
  DIAGNOSTIC_BATTERY_STATUS = 0x10,
} DiagnosticKind;

enum {
  DIAGNOSTIC_KIND_LAST_FLAG = 0x3e, /* the last that a flag may stand for */
  DIAGNOSTIC_KIND_EXTENSION = 0x40, /* the first that stands in a list */
};

#define DIAGNOSTIC_FLAGS_ALL      UINT64_MAX
#define DIAGNOSTIC_FLAGS_RESERVED UINT64_C (0x8000000000000001)

/* RFC 7851, 9.5: the extension of a Ping that holds a DiagnosticsRequest, and of its answer that
 * holds a DiagnosticsResponse. */
#define MESSAGE_EXTENSION_DIAGNOSTIC_PING 0x2

/* RFC 7851, 5.1 */
typedef struct DiagnosticExtension {
  uint16_t kind;
  Bytes diagnostic_extension_contents;
} DiagnosticExtension;

WIRE_LIST (DiagnosticExtension);

/* RFC 7851, 5.1. Times are milliseconds since 1970; ext_length is that of the list. */
typedef struct DiagnosticsRequest {
  uint64_t expiration;
  uint64_t timestamp_initiated;
  uint64_t dm_flags;
  DiagnosticExtensionList diagnostic_extensions_list;
} DiagnosticsRequest;

/* RFC 7851, 5.2 */
typedef struct DiagnosticInfo {
  uint16_t kind;
  Bytes diagnostic_info_contents;
} DiagnosticInfo;

WIRE_LIST (DiagnosticInfo);

/* RFC 7851, 5.2 */
typedef struct DiagnosticsResponse {
  uint64_t expiration;
  uint64_t timestamp_initiated;
  uint64_t timestamp_received;
  uint8_t hop_counter;
  DiagnosticInfoList diagnostic_info_list;
} DiagnosticsResponse;

/* RFC 7851, 4.3.1.1 */
typedef struct PathTrackReq {
  Destination destination;
  DiagnosticsRequest request;
} PathTrackReq;

/* RFC 7851, 4.3.1.2 */
typedef struct PathTrackAns {
  Destination next_hop;
  DiagnosticsResponse response;
} PathTrackAns;

WIRE_DECLARE (DiagnosticsRequest, diagnostics_request)
WIRE_DECLARE (DiagnosticsResponse, diagnostics_response)
WIRE_DECLARE (PathTrackReq, path_track_req)
WIRE_DECLARE (PathTrackAns, path_track_ans)
