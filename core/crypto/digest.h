/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest.h: the two hash functions that RELOAD names things by. */
#pragma once
#include "core/base/bytes.h"

enum { DIGEST_SHA1_SIZE = 20, DIGEST_SHA256_SIZE = 32 };

void digest_sha1 (Bytes data, uint8_t ret_digest[DIGEST_SHA1_SIZE]);
void digest_sha256 (Bytes data, uint8_t ret_digest[DIGEST_SHA256_SIZE]);
