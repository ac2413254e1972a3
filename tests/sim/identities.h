/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identities.h: people with real keys and certificates for a simulated world, as phones make them.
 * The same seed gives the same keys; certificates and signatures are never the same twice, but
 * always of the same size. */
#pragma once
#include "core/crypto/signer.h"

typedef struct Identities Identities;

typedef enum IdentityKind {
  IDENTITY_REAL,
  IDENTITY_OF_REAL_SIZE, /* a keyed hash in place of each signature, as long as that is */
} IdentityKind;

/* Members of one self-signed overlay; the world's own when `instance_name` is SIM_INSTANCE. */
Identities *identities_new (const char *instance_name, uint64_t seed, IdentityKind kind);
void identities_free (Identities *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Identities, identities_free)

/* For SimOptions.init_signer; `identities` is an Identities, which outlives the signer. */
void identities_init_signer (Signer *signer, const char *user, void *identities);
