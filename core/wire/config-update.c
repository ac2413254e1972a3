/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/config-update.h"

#include "core/wire/walk.h"

/* RFC 6940, 6.5.4.1 */
static void
walk_kind_description (Wire *w, KindDescription *k)
{
  wire_opaque (w, "kind_description", 2, k);
}

WIRE_DEFINE_LIST (KindDescription, kind_description)

/* RFC 6940, 6.5.4.1 */
void
walk_config_update_req (Wire *w, ConfigUpdateReq *c)
{
  static const uint8_t types[] = { CONFIG_UPDATE_CONFIG, CONFIG_UPDATE_KIND, 3 };

  wire_choice (w, "type", &c->type, types, G_N_ELEMENTS (types));
  wire_open (w, "length", 4);
  switch (c->type) {
  case CONFIG_UPDATE_CONFIG:
    wire_opaque (w, "config_data", 3, &c->config_data);
    break;
  case CONFIG_UPDATE_KIND:
    walk_kind_descriptions (w, "kinds", 3, &c->kinds);
    break;
  default:
    wire_rest (w, "unknown", &c->unknown);
    break;
  }
  wire_close (w);
}

WIRE_DEFINE (ConfigUpdateReq, config_update_req)
