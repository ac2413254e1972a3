/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signer.h: signing and checking as a port. core/os/signer.c is the real one (OpenSSL, the device
 * key, certificate_check()); the simulator's uses a keyed hash and tiny made-up certificates. */
#pragma once
#include "core/crypto/certificate.h"

enum { SIGNATURE_SIZE_MAX = 512 };

/* TLS code points (RFC 5246, 7.4.1.4.1). */
typedef enum SignatureAlgorithm {
  SIGNATURE_RSA = 1,
  SIGNATURE_ECDSA = 3,
} SignatureAlgorithm;

typedef enum HashAlgorithm {
  HASH_NONE = 0,
  HASH_SHA1 = 2, /* only inside RELOAD's hash functions, never in signatures */
  HASH_SHA256 = 4,
  HASH_SHA384 = 5,
  HASH_SHA512 = 6,
} HashAlgorithm;

typedef struct Signer {
  void *key_ring; /* first argument of the functions below */

  Certificate *own; /* owned by the signer; the node's own certificate */

  /* Signs with the device key: SHA-256, the algorithm of own->key. Returns the signature's size. */
  size_t (*sign) (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX]);

  bool (*verify) (void *key_ring,
                  const Certificate *certificate,
                  HashAlgorithm hash,
                  SignatureAlgorithm algorithm,
                  Bytes data,
                  Bytes signature);

  /* certificate_check() with the overlay's trust and the present time. */
  CertificateVerdict (*check) (void *key_ring,
                               Bytes der,
                               const Bytes *chain,
                               size_t chain_count,
                               Certificate **ret_certificate);
} Signer;

/* The algorithm that own->key signs with. */
SignatureAlgorithm signer_algorithm (const Signer *self);
