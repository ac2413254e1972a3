/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/message.h"
#include "tests/fuzz/driver.h"
#include "tests/wire/structures.h"

/* Whatever decodes must encode to the same bytes, and printing must survive anything. The input is
 * taken for a whole message and for each structure by itself. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Bytes bytes = { data, size };
  g_autoptr (GString) text = g_string_new (NULL);

  if (structure_check_message (bytes))
    message_print (bytes, &structure_kinds, text);
  for (size_t i = 0; i < structure_count; i++)
    structure_check (structures[i], bytes);
  return 0;
}
