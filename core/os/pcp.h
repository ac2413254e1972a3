/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pcp.h: the MAP requests of PCP (RFC 6887), for which there is no library to be had. */
#pragma once
#include "core/base/address.h"

enum { PCP_PORT = 5351, PCP_SIZE = 60, PCP_SIZE_MAX = 1100, PCP_NONCE_SIZE = 12 };

typedef enum PcpProtocol { PCP_TCP = 6, PCP_UDP = 17 } PcpProtocol;

typedef struct PcpMap {
  uint8_t nonce[PCP_NONCE_SIZE]; /* the same for as long as the mapping is ours */
  PcpProtocol protocol;
  Address inside; /* ours; without a family, the one that speaks with the router */
  uint16_t outside_port;
  unsigned lifetime_s; /* 0 takes it back */
} PcpMap;

/* What the router has made of it. */
typedef struct PcpMapped {
  Address outside;
  unsigned lifetime_s;
} PcpMapped;

void pcp_encode (const PcpMap *map, uint8_t ret_bytes[PCP_SIZE]);

/* Whether it is the good answer to that request. */
bool pcp_decode (Bytes answer, const PcpMap *map, PcpMapped *ret_mapped);

/* Whether nothing better will come of the request: refused, or a router that knows an older
 * protocol only. */
bool pcp_is_refusal (Bytes answer);

/* Asks the router, from `inside`, and waits for it for up to a second: for a thread of its own.
 * `inside` of the map gets the address that was asked from. */
bool pcp_ask (const Address *router, PcpMap *map, PcpMapped *ret_mapped);
