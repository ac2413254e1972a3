/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/pcp.h"
#include "tests/fuzz/driver.h"

/* Whatever comes from where the router should be. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const PcpMap map = { .nonce = "0123456789a", .protocol = PCP_UDP, .inside.port = 6084 };
  PcpMapped mapped;

  if (pcp_decode ((Bytes){ data, size }, &map, &mapped)) {
    g_assert (!pcp_is_refusal ((Bytes){ data, size }));
    g_assert (mapped.outside.family == ADDRESS_IPV4 || mapped.outside.family == ADDRESS_IPV6);
  }
  return 0;
}
