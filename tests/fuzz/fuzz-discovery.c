/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/discovery-message.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* What is understood can be said again, and then says the same. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  DiscoveryMessage first;
  DiscoveryMessage second;
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];

  if (!discovery_message_decode ((Bytes){ data, size }, &first))
    return 0;
  size = discovery_message_encode (&first, bytes);
  g_assert (discovery_message_decode ((Bytes){ bytes, size }, &second));
  g_assert (first.is_here == second.is_here && first.has_instance == second.has_instance);
  if (first.is_here)
    g_assert (memcmp (&first.here, &second.here, sizeof first.here) == 0);
  return 0;
}
