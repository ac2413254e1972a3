/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/digest.h"

#include <openssl/sha.h>

void
digest_sha1 (Bytes data, uint8_t ret_digest[DIGEST_SHA1_SIZE])
{
  SHA1 (data.data, data.size, ret_digest);
}

void
digest_sha256 (Bytes data, uint8_t ret_digest[DIGEST_SHA256_SIZE])
{
  SHA256 (data.data, data.size, ret_digest);
}
