/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discovery-message.h: one datagram of discovery on the local network.
 *
 * Fields of uint8 type, uint8 size, value; the version comes first, unknown types are skipped. */
#pragma once
#include "core/base/limits.h"
#include "core/os/ports.h"

typedef struct DiscoveryMessage {
  bool is_here;      /* else it asks */
  bool has_instance; /* an ask without it is for everybody */
  DiscoveryHere here;
} DiscoveryMessage;

/* The size of the datagram. */
size_t discovery_message_encode (const DiscoveryMessage *message,
                                 uint8_t ret_bytes[LIMIT_DISCOVERY_SIZE]);
bool discovery_message_decode (Bytes bytes, DiscoveryMessage *ret_message);
