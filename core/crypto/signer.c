/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/signer.h"

#include <openssl/evp.h>

SignatureAlgorithm
signer_algorithm (const Signer *self)
{
  /* A simulated certificate has no key; it passes for what this program makes. */
  return self->own->key != NULL && EVP_PKEY_get_base_id (self->own->key) == EVP_PKEY_RSA
           ? SIGNATURE_RSA
           : SIGNATURE_ECDSA;
}
