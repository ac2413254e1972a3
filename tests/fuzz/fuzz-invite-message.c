/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/invite-message.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* Every message has one form only. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) again = NULL;
  InviteMessage message;

  if (invite_message_decode ((Bytes){ data, size }, &message) != INVITE_READING_DONE)
    return 0;
  again = invite_message_encode (&message);
  g_assert (again->len == size && memcmp (again->data, data, size) == 0);
  return 0;
}
