/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config-update.h: handing on a newer configuration (RFC 6940, 6.5.4). */
#pragma once
#include "core/wire/wire.h"

typedef enum ConfigUpdateType { CONFIG_UPDATE_CONFIG = 1, CONFIG_UPDATE_KIND = 2 } ConfigUpdateType;

typedef Bytes KindDescription;
WIRE_LIST (KindDescription);

/* RFC 6940, 6.5.4.1 */
typedef struct ConfigUpdateReq {
  uint8_t type;
  Bytes config_data;         /* config: the XML document */
  KindDescriptionList kinds; /* kind: kind-block productions */
  Bytes unknown;             /* of other types */
} ConfigUpdateReq;

WIRE_DECLARE (ConfigUpdateReq, config_update_req)
