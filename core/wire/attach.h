/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach.h: asking for a direct link (RFC 6940, 6.5.1 and 6.5.2). */
#pragma once
#include "core/wire/address-port.h"

typedef enum OverlayLinkType {
  OVERLAY_LINK_DTLS_UDP_SR = 1,
  OVERLAY_LINK_DTLS_UDP_SR_NO_ICE = 3,
  OVERLAY_LINK_TLS_TCP_FH_NO_ICE = 4,
} OverlayLinkType;

typedef enum CandType { CAND_HOST = 1, CAND_SRFLX = 2, CAND_RELAY = 4 } CandType;

typedef struct IceExtension {
  Bytes name;
  Bytes value;
} IceExtension;

WIRE_LIST (IceExtension);

/* RFC 6940, 6.5.1.1 */
typedef struct IceCandidate {
  IpAddressPort addr_port;
  uint8_t overlay_link;
  Bytes foundation;
  uint32_t priority;
  uint8_t type;
  IpAddressPort rel_addr_port; /* not of CAND_HOST */
  IceExtensionList extensions;
} IceCandidate;

WIRE_LIST (IceCandidate);

/* RFC 6940, 6.5.1.1 */
typedef struct AttachReqAns {
  Bytes ufrag;
  Bytes password;
  Bytes role; /* "passive" in the request, "active" in the answer */
  IceCandidateList candidates;
  bool send_update;
} AttachReqAns;

WIRE_DECLARE (AttachReqAns, attach_req_ans)

enum { APPLICATION_SIP = 5060, APPLICATION_SIPS = 5061 };

/* AppAttachReq and AppAttachAns (RFC 6940, 6.5.2.1 and 6.5.2.2) are one structure. */
typedef struct AppAttachReqAns {
  Bytes ufrag;
  Bytes password;
  uint16_t application;
  Bytes role;
  IceCandidateList candidates;
} AppAttachReqAns;

WIRE_DECLARE (AppAttachReqAns, app_attach_req_ans)
