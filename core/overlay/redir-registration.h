/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir-registration.h: being a provider of one service (RFC 7374, 4.3, 4.4 and 4.6). */
#pragma once
#include <stdint.h>

struct Overlay;

typedef struct RedirRegistration RedirRegistration;

RedirRegistration *redir_registration_new (struct Overlay *overlay, const char *namespace);
void redir_registration_free (RedirRegistration *self);
const char *redir_registration_namespace (const RedirRegistration *self);

/* Enters the service's tree, and again before the records expire. */
void redir_registration_start (RedirRegistration *self);

/* Stores again what is stored: who is responsible for it may have changed. */
void redir_registration_refresh (RedirRegistration *self, uint64_t within);

/* Takes the records back; `done` (may be NULL) is told of each, never from inside the call. Returns
 * how many there are. */
unsigned
redir_registration_withdraw (RedirRegistration *self, void (*done) (void *owner), void *owner);

/* How many records of ours are stored. */
unsigned redir_registration_stored (const RedirRegistration *self);
