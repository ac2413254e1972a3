/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-reach.h: where a relay may stand, and where it may send to (threat 4.6). */
#pragma once
#include "core/base/address.h"

/* `relayed` is the relay's own side. Addresses of the relay's own machine are its caller's care. */
bool relay_may_reach (const Address *relayed, const Address *peer);

/* Which of our addresses others would find a relay at (RFC 6940, 9); NULL when there is none, or it
 * `is_shut`: behind a NAT, or a firewall. One who `is_told` to relay does it wherever he stands. */
const Address *relay_choose_host (const Address *own, size_t count, bool is_shut, bool is_told);
