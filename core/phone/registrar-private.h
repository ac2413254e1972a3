/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registrar-private.h: the authority of an overlay that is ours, as the phone keeps it. */
#pragma once
#include "core/phone/line.h"

typedef struct Registrar Registrar;

/* The one in `folder` that belongs to an account of the keychain; NULL, without an error, when
 * there is none. */
Registrar *registrar_open (const char *folder, const Keychain *keychain, GError **error);
void registrar_free (Registrar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Registrar, registrar_free)

/* Whether this overlay is ours; `self` may be NULL. */
bool registrar_is_of (const Registrar *self, const char *instance_name);

/* Gives the owner's account a new certificate, and the configuration a signature by it. */
bool registrar_renew (Registrar *self, KeychainAccount *keys);

/* An invitation with a fresh code for `user`, or NULL: for a name of the holder's choice. ret_code
 * may be NULL. */
char *phone_invite_with_code (
  PealPhone *phone, Line *line, const char *user, bool is_device, char **ret_code, GError **error);
