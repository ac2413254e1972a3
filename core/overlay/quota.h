/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quota.h: one rate for each of many, whom their Node-IDs tell apart, however many links and ways
 * they come by. */
#pragma once
#include "core/base/node-id.h"

typedef struct Quota Quota;

/* Each may take `per_minute` a minute, and `burst` at once. */
Quota *quota_new (uint32_t per_minute, uint32_t burst);
void quota_free (Quota *self);

/* One more for `who`; false when that is too many. `now` in microseconds, never going backwards. */
bool quota_take (Quota *self, const NodeId *who, uint64_t now);
