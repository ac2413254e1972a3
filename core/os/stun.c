/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/stun.h"

#include "core/base/big-endian.h"
#include "core/base/limits.h"
#include "core/os/socket.h"

#include <string.h>
#include <sys/socket.h>

/* libnice checks lengths, integrity and unknown attributes. What it leaves open is bounded here
 * before it looks: how many attributes there are, and how long those are that name somebody
 * (threat 4.5).
 *
 * A StunAgent remembers the requests it sent, which a server never needs: it is made anew where it
 * is used. */

enum { HEADER = STUN_MESSAGE_HEADER_LENGTH, ATTRIBUTE_HEADER = STUN_ATTRIBUTE_HEADER_LENGTH };

static const uint16_t known_attributes[] = { STUN_ATTRIBUTE_USERNAME,
                                             STUN_ATTRIBUTE_MESSAGE_INTEGRITY, STUN_ATTRIBUTE_REALM,
                                             STUN_ATTRIBUTE_NONCE, 0 };

bool
stun_is_message (Bytes datagram)
{
  return datagram.size >= HEADER && datagram.data[0] < 4;
}

bool
stun_is_channel_data (Bytes datagram)
{
  return datagram.size >= ATTRIBUTE_HEADER && datagram.data[0] >= 0x40 && datagram.data[0] <= 0x7f;
}

bool
stun_is_binding (Bytes message)
{
  return stun_is_message (message) && (big_endian_read (message.data, 2) & 0x3eef) == STUN_BINDING;
}

static size_t
length_max (unsigned type)
{
  switch (type) {
  case STUN_ATTRIBUTE_USERNAME:
  case STUN_ATTRIBUTE_REALM:
  case STUN_ATTRIBUTE_NONCE:
    return LIMIT_STUN_NAME;
  default:
    return SIZE_MAX;
  }
}

/* Lengths have been found to add up. */
static bool
has_lawful_attributes (Bytes message)
{
  size_t count = 0;

  for (size_t at = HEADER; at < message.size; count++) {
    const uint8_t *attribute = message.data + at;
    size_t size = big_endian_read (attribute + 2, 2);
    if (count == LIMIT_STUN_ATTRIBUTES ||
        size > length_max ((unsigned) big_endian_read (attribute, 2)))
      return false;
    at += ATTRIBUTE_HEADER + ((size + 3) & ~(size_t) 3);
  }
  return true;
}

static bool
has_good_fingerprint (StunMessage *message, Bytes bytes)
{
  StunAgent agent;

  if (!stun_message_has_attribute (message, STUN_ATTRIBUTE_FINGERPRINT))
    return true;
  stun_agent_init (&agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_IGNORE_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
  return stun_agent_validate (&agent, message, bytes.data, bytes.size, NULL, NULL) !=
         STUN_VALIDATION_BAD_REQUEST;
}

/* With the magic cookie or, as RFC 3489 had it, without. */
static bool
read_any (Bytes datagram, StunMessage *ret_message)
{
  StunMessage message = { .buffer = (uint8_t *) datagram.data, .buffer_len = datagram.size };

  if (!stun_is_message (datagram) || datagram.size > LIMIT_MEDIA_DATAGRAM ||
      stun_message_validate_buffer_length (datagram.data, datagram.size, true) !=
        (int) datagram.size ||
      !has_lawful_attributes (datagram))
    return false;
  *ret_message = message;
  return true;
}

bool
stun_read (Bytes datagram, StunMessage *ret_message)
{
  StunMessage message;
  StunMessage judged;

  if (!read_any (datagram, &message) || !stun_message_has_cookie (&message))
    return false;
  judged = message;
  if (!has_good_fingerprint (&judged, datagram))
    return false;
  *ret_message = message;
  return true;
}

/* RFC 8489, 14.2: the mask begins with the magic cookie, where the header has it. */
static StunFinding
read_address (Bytes value, const uint8_t *mask, Address *ret_address)
{
  Address address = { 0 };
  size_t size;

  if (value.size < 4)
    return STUN_FINDING_BAD;
  address.family = value.data[1] == ADDRESS_IPV4   ? ADDRESS_IPV4
                   : value.data[1] == ADDRESS_IPV6 ? ADDRESS_IPV6
                                                   : ADDRESS_NONE;
  size = address.family == ADDRESS_IPV4 ? 4 : 16;
  if (address.family == ADDRESS_NONE || value.size != 4 + size)
    return STUN_FINDING_BAD;
  address.port = (uint16_t) (big_endian_read (value.data + 2, 2) ^ big_endian_read (mask, 2));
  for (size_t i = 0; i < size; i++)
    address.bytes[i] = value.data[4 + i] ^ mask[i];
  *ret_address = address;
  return STUN_FINDING_GOOD;
}

StunFinding
stun_find_address (const StunMessage *message,
                   StunAttribute type,
                   unsigned index,
                   Address *ret_address)
{
  Bytes bytes = { message->buffer, stun_message_length (message) };

  for (size_t at = HEADER; at < bytes.size;) {
    const uint8_t *attribute = bytes.data + at;
    size_t size = big_endian_read (attribute + 2, 2);
    if (big_endian_read (attribute, 2) == (unsigned) type && index-- == 0)
      return read_address ((Bytes){ attribute + ATTRIBUTE_HEADER, size }, bytes.data + 4,
                           ret_address);
    at += ATTRIBUTE_HEADER + ((size + 3) & ~(size_t) 3);
  }
  return STUN_FINDING_NONE;
}

bool
stun_append_address (StunMessage *message, StunAttribute type, const Address *address)
{
  struct sockaddr_storage system;
  size_t size = socket_address_to_system (address, &system);

  return stun_message_append_xor_addr (message, type, &system, (socklen_t) size) ==
         STUN_MESSAGE_RETURN_SUCCESS;
}

/* RFC 8489, 12: who does not know the cookie does not know the XOR form either. libnice asks so. */
static bool
append_seen (StunMessage *answer, const Address *from)
{
  struct sockaddr_storage system;
  size_t size = socket_address_to_system (from, &system);

  if (stun_message_has_cookie (answer))
    return stun_append_address (answer, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, from);
  return stun_message_append_addr (answer, STUN_ATTRIBUTE_MAPPED_ADDRESS,
                                   (struct sockaddr *) &system,
                                   (socklen_t) size) == STUN_MESSAGE_RETURN_SUCCESS;
}

static void
agent_for (const StunMessage *question, StunAgent *ret_agent)
{
  bool has_cookie = stun_message_has_cookie (question);
  bool has_fingerprint =
    has_cookie && stun_message_has_attribute (question, STUN_ATTRIBUTE_FINGERPRINT);

  stun_agent_init (ret_agent, known_attributes,
                   has_cookie ? STUN_COMPATIBILITY_RFC5389 : STUN_COMPATIBILITY_RFC3489,
                   STUN_AGENT_USAGE_IGNORE_CREDENTIALS |
                     (has_fingerprint ? STUN_AGENT_USAGE_USE_FINGERPRINT : 0));
}

size_t
stun_answer_binding (Bytes request, const Address *from, uint8_t ret_reply[STUN_REPLY_SIZE])
{
  StunAgent agent;
  StunMessage question;
  StunMessage answer;
  StunValidationStatus status;

  if (!read_any (request, &question) || stun_message_get_class (&question) != STUN_REQUEST ||
      stun_message_get_method (&question) != STUN_BINDING)
    return 0;
  agent_for (&question, &agent);
  status = stun_agent_validate (&agent, &question, request.data, request.size, NULL, NULL);
  if (status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE)
    return stun_agent_build_unknown_attributes_error (&agent, &answer, ret_reply, STUN_REPLY_SIZE,
                                                      &question);
  if (status != STUN_VALIDATION_SUCCESS ||
      !stun_agent_init_response (&agent, &answer, ret_reply, STUN_REPLY_SIZE, &question) ||
      !append_seen (&answer, from))
    return 0;
  return stun_agent_finish_message (&agent, &answer, NULL, 0);
}

Bytes
stun_ask_binding (const uint8_t id[STUN_ID_SIZE], uint8_t ret_request[STUN_REPLY_SIZE])
{
  static const uint8_t head[] = { 0, STUN_BINDING, 0, 0, 0x21, 0x12, 0xa4, 0x42 };

  memcpy (ret_request, head, sizeof head);
  memcpy (ret_request + sizeof head, id, STUN_ID_SIZE);
  return (Bytes){ ret_request, HEADER };
}

bool
stun_read_binding (Bytes answer, const uint8_t id[STUN_ID_SIZE], Address *ret_seen)
{
  StunMessage message;

  return stun_read (answer, &message) && stun_message_get_class (&message) == STUN_RESPONSE &&
         stun_message_get_method (&message) == STUN_BINDING &&
         memcmp (answer.data + HEADER - STUN_ID_SIZE, id, STUN_ID_SIZE) == 0 &&
         stun_find_address (&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, 0, ret_seen) ==
           STUN_FINDING_GOOD;
}
