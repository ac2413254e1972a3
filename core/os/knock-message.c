/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock-message.h"

#include "core/base/big-endian.h"

#include <string.h>

enum { VERSION = 1, PORT_PRIVILEGED = 1023, ADDRESS_AT = 3 };

void
knock_question_encode (uint16_t port, uint8_t ret_bytes[KNOCK_QUESTION_SIZE])
{
  ret_bytes[0] = VERSION;
  big_endian_write (ret_bytes + 1, 2, port);
}

void
knock_answer_encode (const KnockAnswer *answer, uint8_t ret_bytes[KNOCK_ANSWER_SIZE])
{
  ret_bytes[0] = VERSION;
  ret_bytes[1] = answer->ways;
  ret_bytes[2] = (uint8_t) answer->address.family;
  memcpy (ret_bytes + ADDRESS_AT, answer->address.bytes, sizeof answer->address.bytes);
}

/* No listener of ours is where the well-known services are: nobody is sent to try these. */
bool
knock_question_decode (Bytes bytes, uint16_t *ret_port)
{
  uint16_t port;

  if (bytes.size != KNOCK_QUESTION_SIZE || bytes.data[0] != VERSION)
    return false;
  port = (uint16_t) big_endian_read (bytes.data + 1, 2);
  if (port <= PORT_PRIVILEGED)
    return false;
  *ret_port = port;
  return true;
}

bool
knock_answer_decode (Bytes bytes, KnockAnswer *ret_answer)
{
  KnockAnswer answer = { 0 };
  size_t unused;

  if (bytes.size != KNOCK_ANSWER_SIZE || bytes.data[0] != VERSION ||
      (bytes.data[2] != ADDRESS_IPV4 && bytes.data[2] != ADDRESS_IPV6))
    return false;
  answer.ways = bytes.data[1];
  answer.address.family = bytes.data[2];
  memcpy (answer.address.bytes, bytes.data + ADDRESS_AT, sizeof answer.address.bytes);
  unused = answer.address.family == ADDRESS_IPV4 ? 4 : sizeof answer.address.bytes;
  for (size_t i = unused; i < sizeof answer.address.bytes; i++)
    if (answer.address.bytes[i] != 0)
      return false;
  *ret_answer = answer;
  return true;
}
