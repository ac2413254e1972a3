/* SPDX-License-Identifier: GPL-3.0-or-later */
/* renewal.h: keeps the certificates of enrolled accounts from ending. */
#pragma once
#include "core/phone/line.h"

typedef struct Renewal Renewal;

/* Looks at every account now, and then every hour. */
Renewal *renewal_new (PealPhone *phone);
void renewal_free (Renewal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Renewal, renewal_free)

/* The account goes. */
void renewal_forget (Renewal *self, const KeychainAccount *account);

/* Whether it can be on the air: false for an enrolled account whose certificate has ended. */
bool renewal_is_not_needed (const KeychainAccount *account);

/* What the person should know: that the certificate of this line ends soon, or, with NULL, that one
 * has ended and its account has no line; NULL when there is nothing. Freed with g_free(). */
char *renewal_status (const Renewal *self, Line *line);
