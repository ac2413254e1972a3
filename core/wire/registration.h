/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registration.h: the value of Kind SIP-REGISTRATION (RFC 7904, 3.2). */
#pragma once
#include "core/wire/destination.h"

typedef enum SipRegistrationType {
  SIP_REGISTRATION_URI = 1,
  SIP_REGISTRATION_ROUTE = 2,
} SipRegistrationType;

typedef struct SipRegistration {
  uint8_t type;
  Bytes uri;                        /* uri: the address that calls are forwarded to */
  Bytes contact_prefs;              /* route */
  DestinationList destination_list; /* route */
  Bytes unknown;                    /* of other types */
} SipRegistration;

WIRE_DECLARE (SipRegistration, sip_registration)
