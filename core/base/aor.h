/* SPDX-License-Identifier: GPL-3.0-or-later */
/* aor.h: addresses of record: `user@overlay`, as people type them and as the wire has them.
 *
 * On the wire and in stored data an address is canonical: lower case, user@instance-name. People
 * type labels, capitals and schemes; aor_from_typed() is the one place that makes sense of that. */
#pragma once
#include "core/base/bytes.h"

enum {
  AOR_USER_MAX = 32,     /* characters of the user's part */
  AOR_OVERLAY_MAX = 127, /* bytes of what stands behind the @ */
};

typedef struct Aor {
  char user[AOR_USER_MAX + 1];
  char overlay[AOR_OVERLAY_MAX + 1]; /* an instance name or a label; empty when none was given */
} Aor;

/* Whether `user` is [a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])? */
bool aor_user_is_valid (const char *user);

/* Whether `name` can be an overlay's instance name: labels of RFC 1035, 2.3.1, in lower case. */
bool aor_overlay_is_valid (const char *name);

/* Whether `text` is canonical: a valid user, @, a valid instance name. */
bool aor_is_canonical (const char *text);

/* Reads what a person typed or clicked: trims, removes sip:, sips: and peal:, parameters and
 * headers, %-decodes, lower-cases, splits. False when no user name can be made of it. */
bool aor_from_typed (const char *typed, Aor *ret_aor);

/* The value of the parameter gr, which names one device of the user (RFC 7904, 6); NULL when there
 * is none. To be freed with g_free(). */
char *aor_gr_of_typed (const char *typed);

/* user@overlay, or the user alone when there is no overlay; to be freed with g_free(). */
char *aor_to_text (const Aor *aor);

/* Whether this is the number of an emergency service dialled on its own ("112", "9-1-1",
 * "tel:999"): this phone cannot call there and must say so. */
bool aor_is_emergency_number (const char *typed);
