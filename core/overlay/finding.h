/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding.h: what became of asking a node about itself (RFC 7851). */
#pragma once
#include "core/base/node-id.h"
#include "core/wire/diagnostics.h"

enum {
  FINDING_KINDS = DIAGNOSTIC_BATTERY_STATUS + 1,
  FINDING_SOFTWARE_SIZE = 64,
  FINDINGS_MAX = 24, /* steps of a path */
};

/* One node that was asked. */
typedef struct Finding {
  NodeId node_id;
  uint16_t code;    /* RELOAD_OK: it answered; else how that failed */
  double rtt_ms;    /* there and back */
  bool is_link_rtt; /* of the link itself: it is one hop away (RFC 7851, 6.4) */
  unsigned hops;
  uint64_t known; /* what it told of itself: a set of 1 << DiagnosticKind */
  uint64_t numbers[FINDING_KINDS];
  char software[FINDING_SOFTWARE_SIZE];
} Finding;

/* All that was asked for one purpose: a Ping, or the way to an ID, peer by peer. */
typedef struct Findings {
  Finding items[FINDINGS_MAX];
  size_t count;
  bool is_complete; /* the last one is the node asked for, or answers for the ID */
} Findings;
