/* SPDX-License-Identifier: GPL-3.0-or-later */
/* methods.h: every message code and the structures behind it (RFC 6940, 14.8). */
#pragma once
#include "core/wire/wire.h"

/* Requests are odd; the answer is the next number. */
typedef enum MessageCode {
  MESSAGE_PROBE_REQ = 0x01,
  MESSAGE_ATTACH_REQ = 0x03,
  MESSAGE_STORE_REQ = 0x07,
  MESSAGE_FETCH_REQ = 0x09,
  MESSAGE_FIND_REQ = 0x0d,
  MESSAGE_JOIN_REQ = 0x0f,
  MESSAGE_LEAVE_REQ = 0x11,
  MESSAGE_UPDATE_REQ = 0x13,
  MESSAGE_ROUTE_QUERY_REQ = 0x15,
  MESSAGE_PING_REQ = 0x17,
  MESSAGE_STAT_REQ = 0x19,
  MESSAGE_APP_ATTACH_REQ = 0x1d,
  MESSAGE_CONFIG_UPDATE_REQ = 0x21,
  MESSAGE_PATH_TRACK_REQ = 0x27, /* RFC 7851, 9.3 */
  MESSAGE_ERROR = 0xffff,
} MessageCode;

typedef struct Method {
  uint16_t code;    /* of the request */
  const char *name; /* "attach" */
  const WireType *request;
  const WireType *answer;
} Method;

extern const Method methods[];
extern const size_t method_count;

/* The method of a request or an answer; NULL for others, 0xffff among them. */
const Method *method_of_code (uint16_t message_code);

static inline bool
message_code_is_request (uint16_t message_code)
{
  return message_code < 0x8000 && (message_code & 1) == 1;
}

static inline bool
message_code_is_answer (uint16_t message_code)
{
  return message_code == MESSAGE_ERROR ||
         (message_code > 0 && message_code < 0x8000 && (message_code & 1) == 0);
}

/* The structure of a body, ErrorResponse too; NULL for an unknown code. */
const WireType *message_body_type (uint16_t message_code);
