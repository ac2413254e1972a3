/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error.h: what went wrong, as it goes over the wire (RFC 6940, 6.3.3.1 and 14.9). */
#pragma once
#include "core/wire/find.h"

/* 0 is no error on the wire (invalidErrorCode): to us it means success. */
typedef enum ReloadCode {
  RELOAD_OK = 0x00,
  RELOAD_FORBIDDEN = 0x02,
  RELOAD_NOT_FOUND = 0x03,
  RELOAD_REQUEST_TIMEOUT = 0x04,
  RELOAD_GENERATION_COUNTER_TOO_LOW = 0x05,
  RELOAD_INCOMPATIBLE_WITH_OVERLAY = 0x06,
  RELOAD_UNSUPPORTED_FORWARDING_OPTION = 0x07,
  RELOAD_DATA_TOO_LARGE = 0x08,
  RELOAD_DATA_TOO_OLD = 0x09,
  RELOAD_TTL_EXCEEDED = 0x0a,
  RELOAD_MESSAGE_TOO_LARGE = 0x0b,
  RELOAD_UNKNOWN_KIND = 0x0c,
  RELOAD_UNKNOWN_EXTENSION = 0x0d,
  RELOAD_RESPONSE_TOO_LARGE = 0x0e,
  RELOAD_CONFIG_TOO_OLD = 0x0f,
  RELOAD_CONFIG_TOO_NEW = 0x10,
  RELOAD_IN_PROGRESS = 0x11,
  RELOAD_EXP_A = 0x12,
  RELOAD_EXP_B = 0x13,
  RELOAD_INVALID_MESSAGE = 0x14,
  /* RFC 7851, 9.4 */
  RELOAD_UNDERLAY_DESTINATION_UNREACHABLE = 0x15,
  RELOAD_UNDERLAY_TIME_EXCEEDED = 0x16,
  RELOAD_MESSAGE_EXPIRED = 0x17,
  RELOAD_UPSTREAM_MISROUTING = 0x18,
  RELOAD_LOOP_DETECTED = 0x19,
  RELOAD_TTL_HOPS_EXCEEDED = 0x1a,
} ReloadCode;

/* RFC 6940, 6.3.3.1: the body of message code 0xffff. */
typedef struct ErrorResponse {
  uint16_t error_code;
  Bytes
    error_info; /* StoreAns of Generation_Counter_Too_Low, UnknownKinds of Unknown_Kind, or text */
} ErrorResponse;

/* RFC 6940, 7.4.1.2: the error_info of Error_Unknown_Kind. */
typedef struct UnknownKinds {
  KindIdList unknown_kinds;
} UnknownKinds;

WIRE_DECLARE (ErrorResponse, error_response)
WIRE_DECLARE (UnknownKinds, unknown_kinds)

/* "Error_Forbidden" and so on, or NULL. */
const char *error_name (uint16_t error_code);
