/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim-signer.h: signatures that cost next to nothing: a keyed hash, and certificates that say who
 * they are. Whoever knows a Node-ID could forge; the simulation has no such peers but those that it
 * means to have. */
#pragma once
#include "core/crypto/signer.h"

void sim_signer_init (Signer *signer, const NodeId *id, const char *user);

/* With a user key that is not simply that of the name: another person who calls himself so. */
void sim_signer_init_as (Signer *signer, const NodeId *id, const char *user, const char *owner);
void sim_signer_clear (Signer *signer);

/* As Signer.check: such a certificate is good, however it came. */
CertificateVerdict sim_signer_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate);

/* What stands for a signature of that peer. */
uint64_t sim_keyed_hash (const NodeId *id, Bytes data);

/* A set of Certificate, references that it owns, by their DER. */
GHashTable *sim_certificates_new (void);
