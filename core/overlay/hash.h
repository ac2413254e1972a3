/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash.h: the hash functions that place things on the ring (RFC 6940, 6.3.2 and 10.2). */
#pragma once
#include "core/base/node-id.h"

/* SHA-1 truncated to its most significant 128 bits. */
NodeId resource_id_of (Bytes name);

/* Another place for what belongs to a user: the hash of a name that nobody can have. */
NodeId resource_id_of_second (const char *user);

/* The lower 32 bits of the SHA-1 of the overlay's name. */
uint32_t overlay_hash_of (const char *instance_name);
