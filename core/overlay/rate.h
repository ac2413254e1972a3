/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rate.h: how much this peer works for others, so that a flood costs the flooder (threats 3.5). */
#pragma once
#include "core/overlay/connection-table.h"

typedef struct Rates Rates;

/* `timers` outlives it. */
Rates *rates_new (const Timers *timers);
void rates_free (Rates *self);

/* Whether a request that came over `connection` may be looked at. Before any signature. */
bool rates_admit (Rates *self, Connection *connection);

/* What came over `connection` has cost that many checks of signatures beyond the one that a request
 * was admitted for. */
void rates_charge (Rates *self, Connection *connection, uint64_t checks);

/* Whether `signer` may ask for that once more over `connection`. */
bool rates_take (Rates *self, Connection *connection, const NodeId *signer, RateKind kind);
