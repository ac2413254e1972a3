/* SPDX-License-Identifier: GPL-3.0-or-later */
/* knock-desk.h: knocks at the doors of members who ask for it, to tell them whether they can be
 * reached: at the address that they come from and no other (threats 3.5, 4.6). */
#pragma once
#include "core/base/node-id.h"
#include "core/os/ports.h"
#include "core/os/tls-stream.h"

typedef struct KnockDesk KnockDesk;

/* `from` (may be NULL; outlives it) is the one address of ours to use. */
KnockDesk *knock_desk_new (Loop *loop, const Address *from);
void knock_desk_free (KnockDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KnockDesk, knock_desk_free)

/* Takes `stream`, which is up and comes from `from`. */
void knock_desk_take (KnockDesk *self, const Address *from, TlsStream *stream);

KnockReport knock_desk_report (const KnockDesk *self);
