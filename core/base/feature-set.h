/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feature-set.h: what somebody can do, as a predicate (RFC 2533, 4; RFC 2738; RFC 3840, 5):
 *
 *   (& (sip.audio=TRUE) (| (sip.schemes=SIP) (sip.schemes=SIPS)))
 */
#pragma once
#include "core/base/bytes.h"

/* Whether the predicate can hold with the feature `tag` being `value`, whatever the other features
 * are. What is no predicate, nested too deeply or too long rules nothing out. */
bool feature_set_permits (Bytes predicate, const char *tag, const char *value);
