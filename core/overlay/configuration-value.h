/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration-value.h: the values that stand in the document, as XML Schema writes them. */
#pragma once
#include "core/base/bytes.h"

#include <glib.h>

/* Decimal, min .. max. */
bool value_number (const char *text, uint32_t min, uint32_t max, uint32_t *ret_value);

/* true, false, 1 or 0. */
bool value_boolean (const char *text, bool *ret_value);

/* Blanks may stand anywhere in it; *ret_bytes is owned, and never empty. */
bool value_base64 (const char *text, Bytes *ret_bytes);

/* RFC 3339, and in UTC (RFC 6940, 11.1); NULL for anything else that ISO 8601 has. */
GDateTime *value_time (const char *text);
