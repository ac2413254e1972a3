/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access.h: who may write what where (RFC 6940, 7.3). */
#pragma once
#include "core/overlay/configuration.h"
#include "core/wire/data.h"

/* Whether the signer, speaking as `node_id`, may write a value of `kind` at `resource`. `value` is
 * NULL when the signer of the request is judged, and not of the value. */
bool access_is_allowed (const ConfigurationKind *kind,
                        const Certificate *signer,
                        const NodeId *node_id,
                        const NodeId *resource,
                        const StoredDataValue *value);
