/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/hash.h"

#include <openssl/sha.h>
#include <string.h>

NodeId
resource_id_of (Bytes name)
{
  uint8_t digest[SHA_DIGEST_LENGTH];
  NodeId id;

  SHA1 (name.data, name.size, digest);
  memcpy (id.bytes, digest, NODE_ID_SIZE);
  return id;
}

uint32_t
overlay_hash_of (const char *instance_name)
{
  uint8_t digest[SHA_DIGEST_LENGTH];
  const uint8_t *low = digest + SHA_DIGEST_LENGTH - 4;

  SHA1 ((const uint8_t *) instance_name, strlen (instance_name), digest);
  return (uint32_t) low[0] << 24 | (uint32_t) low[1] << 16 | (uint32_t) low[2] << 8 | low[3];
}
