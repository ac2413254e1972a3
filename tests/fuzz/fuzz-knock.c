/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock-message.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* Every message has one form only. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t question[KNOCK_QUESTION_SIZE], bytes[KNOCK_ANSWER_SIZE];
  KnockAnswer answer;
  uint16_t port;

  if (knock_question_decode ((Bytes){ data, size }, &port)) {
    knock_question_encode (port, question);
    g_assert (size == sizeof question && memcmp (data, question, size) == 0);
  }
  if (knock_answer_decode ((Bytes){ data, size }, &answer)) {
    knock_answer_encode (&answer, bytes);
    g_assert (size == sizeof bytes && memcmp (data, bytes, size) == 0);
  }
  return 0;
}
