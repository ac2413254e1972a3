/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir.h: the value of Kind REDIR (RFC 7374, 4.1). */
#pragma once
#include "core/wire/destination.h"

typedef struct RedirServiceProvider {
  uint8_t type; /* of the extension; 0: none */
  DestinationList destination_list;
  Bytes namespace;
  uint16_t level;
  uint16_t node;
  Bytes extension;
} RedirServiceProvider;

WIRE_DECLARE (RedirServiceProvider, redir_service_provider)
