/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identities.h: people with real keys and certificates for a simulated world, as phones make them.
 * Keys are fresh at every run, so a run with them is never the same twice. */
#pragma once
#include "core/crypto/signer.h"

typedef struct Identities Identities;

/* Members of one self-signed overlay; the world's own when `instance_name` is SIM_INSTANCE. */
Identities *identities_new (const char *instance_name);
void identities_free (Identities *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Identities, identities_free)

/* For SimOptions.init_signer; `identities` is an Identities, which outlives the signer. */
void identities_init_signer (Signer *signer, const char *user, void *identities);
