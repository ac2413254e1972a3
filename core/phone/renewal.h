/* SPDX-License-Identifier: GPL-3.0-or-later */
/* renewal.h: keeps the certificates and configurations of enrolled accounts from ending, and says
 * of accounts that cannot be on the air why. */
#pragma once
#include "core/phone/line.h"

typedef struct Renewal Renewal;

/* Looks at every account now, and then every hour. */
Renewal *renewal_new (PealPhone *phone);
void renewal_free (Renewal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Renewal, renewal_free)

/* Of what follows the renewal may be NULL. The account goes: */
void renewal_forget (Renewal *self, const KeychainAccount *account);

/* The account has a line again. */
void renewal_on_air (Renewal *self, const KeychainAccount *account);

/* The line has another state: if nobody else is there, the server may know why. */
void renewal_on_state (Renewal *self, Line *line);

/* An account has another configuration, or is new. */
void renewal_look_soon (Renewal *self);

/* What the person should know of this line: that its certificate ends soon, or its network does;
 * NULL when there is nothing. Freed with g_free(). */
char *renewal_status (Line *line);
