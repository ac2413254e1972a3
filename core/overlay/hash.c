/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/hash.h"

#include "core/base/big-endian.h"
#include "core/crypto/digest.h"

#include <string.h>

NodeId
resource_id_of (Bytes name)
{
  uint8_t digest[DIGEST_SHA1_SIZE];
  NodeId id;

  digest_sha1 (name, digest);
  memcpy (id.bytes, digest, NODE_ID_SIZE);
  return id;
}

NodeId
resource_id_of_second (const char *user)
{
  g_autofree char *name = g_strconcat ("2 ", user, NULL);

  return resource_id_of (bytes_of_text (name));
}

uint32_t
overlay_hash_of (const char *instance_name)
{
  uint8_t digest[DIGEST_SHA1_SIZE];
  const uint8_t *low = digest + DIGEST_SHA1_SIZE - 4;

  digest_sha1 (bytes_of_text (instance_name), digest);
  return (uint32_t) big_endian_read (low, 4);
}
