/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header.h: the Forwarding Header, all that a peer on the way looks at (RFC 6940, 6.3.2). */
#pragma once
#include "core/wire/destination.h"

#define RELO_TOKEN UINT32_C (0xd2454c4f)

enum { RELOAD_VERSION = 0x0a };

/* RFC 6940, 6.3.2.3 */
enum {
  FORWARD_CRITICAL = 0x01,
  DESTINATION_CRITICAL = 0x02,
  RESPONSE_COPY = 0x04,
};

/* RFC 6940, 6.3.2.3 */
typedef struct ForwardingOption {
  uint8_t type;
  uint8_t flags;
  Bytes option;
} ForwardingOption;

WIRE_LIST (ForwardingOption);

/* The high bit of `fragment` is always set. */
#define FRAGMENT_ALWAYS UINT32_C (0x80000000)
#define FRAGMENT_LAST   UINT32_C (0x40000000)
#define FRAGMENT_OFFSET UINT32_C (0x00ffffff)
#define FRAGMENT_ONLY   (FRAGMENT_ALWAYS | FRAGMENT_LAST)

/* RFC 6940, 6.3.2. relo_token and version are constants that decoding checks. */
typedef struct ForwardingHeader {
  uint32_t overlay;
  uint16_t configuration_sequence;
  uint8_t ttl;
  uint32_t fragment;
  uint32_t length; /* of the whole message; written by header_encode() */
  uint64_t transaction_id;
  uint32_t max_response_length;
  DestinationList via_list;
  DestinationList destination_list;
  ForwardingOptionList options;
} ForwardingHeader;

WIRE_DECLARE_WALK (ForwardingHeader, forwarding_header)

static inline bool
header_is_last_fragment (const ForwardingHeader *self)
{
  return (self->fragment & FRAGMENT_LAST) != 0;
}

static inline uint32_t
header_fragment_offset (const ForwardingHeader *self)
{
  return self->fragment & FRAGMENT_OFFSET;
}

/* Neither split nor a part: the last fragment, at offset 0. */
static inline bool
header_is_whole (const ForwardingHeader *self)
{
  return header_is_last_fragment (self) && header_fragment_offset (self) == 0;
}

/* Reads the header of one message and checks token, version and that `length` is the size of
 * `message`. *ret_payload is what follows the header: all of it, or one fragment. */
bool header_decode (Bytes message,
                    Arena *arena,
                    ForwardingHeader *ret_header,
                    Bytes *ret_payload,
                    const char **ret_failure);

/* Appends a message of this header and `payload`, verbatim, with the right `length`. False when a
 * list is too long for its length field. A forwarding peer changes ttl, via_list and
 * destination_list of a decoded header and sends what this writes. */
bool header_encode (const ForwardingHeader *self, Bytes payload, GByteArray *bytes);
