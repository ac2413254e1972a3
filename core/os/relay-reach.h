/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-reach.h: where a relay may send to (threat 4.6). */
#pragma once
#include "core/base/address.h"

/* `relayed` is the relay's own side. Addresses of the relay's own machine are its caller's care. */
bool relay_may_reach (const Address *relayed, const Address *peer);
