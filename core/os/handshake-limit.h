/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handshake-limit.h: how many strangers may begin a handshake (threat 4.1). */
#pragma once
#include "core/base/address.h"
#include "core/base/timers.h"

typedef struct HandshakeLimit HandshakeLimit;

HandshakeLimit *handshake_limit_new (const Timers *timers);
void handshake_limit_free (HandshakeLimit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HandshakeLimit, handshake_limit_free)

/* Whether one more may begin now; counts it if so. */
bool handshake_limit_take (HandshakeLimit *self, const Address *from);
