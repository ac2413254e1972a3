/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/turn-server.h"

#include "core/wire/walk.h"

/* RFC 6940, 9 */
void
walk_turn_server (Wire *w, TurnServer *t)
{
  wire_u8 (w, "iteration", &t->iteration);
  wire_enter (w, "server_address");
  walk_ip_address_port (w, &t->server_address);
  wire_leave (w);
}

WIRE_DEFINE (TurnServer, turn_server)
