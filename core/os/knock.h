/* SPDX-License-Identifier: GPL-3.0-or-later */
/* knock.h: trying once whether somebody's listener can be reached from here, as one who has an
 * invitation and nothing else. */
#pragma once
#include "core/os/knock-message.h"
#include "core/os/loop.h"

typedef struct Knock Knock;

/* The ways that led in: KNOCK_UDP, KNOCK_TCP. Told once, at the latest after LIMIT_KNOCK_MS; may
 * free the knock. */
typedef void (*KnockFunc) (uint8_t ways, void *owner);

/* `from` (may be NULL) is the one address of ours to use. */
Knock *knock_new (Loop *loop, const Address *at, const Address *from, KnockFunc func, void *owner);
void knock_free (Knock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Knock, knock_free)
