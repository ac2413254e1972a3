/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forge.h: certificates for tests, good ones and ones with a single fault, from a recipe. */
#pragma once
#include "core/crypto/identity.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define FORGE_INSTANCE "home-abcd2345.peal.alt"
#define FORGE_NOW_S    ((int64_t) 1800000000)

typedef enum ForgeKey {
  FORGE_KEY_P256,
  FORGE_KEY_P384,
  FORGE_KEY_SECP256K1,
  FORGE_KEY_P256_EXPLICIT, /* the curve spelled out */
  FORGE_KEY_P256_COMPRESSED,
  FORGE_KEY_ED25519,
  FORGE_KEY_RSA_2048,
  /* Public halves that nobody has the private half of. */
  FORGE_KEY_RSA_1024,
  FORGE_KEY_RSA_5120,
  FORGE_KEY_RSA_16384,
  FORGE_KEY_RSA_EXPONENT, /* 2^32 + 1 */
} ForgeKey;

typedef enum ForgeFault {
  FORGE_NO_FAULT,
  FORGE_VERSION_1,
  FORGE_NEGATIVE_SERIAL,
  FORGE_HUGE_SERIAL,
  FORGE_NO_NAMES,
  FORGE_TWO_EMAILS,
  FORGE_DNS_NAME,
  FORGE_SUBJECT,
  FORGE_NUL_IN_EMAIL,
  FORGE_NAMES_TWICE,
  FORGE_CRITICAL_EXTENSION,
  FORGE_NO_SIGNING_USAGE,
  FORGE_NO_OWNER,
  FORGE_OWNER_OF_OTHER_DEVICE,
  FORGE_OWNER_OF_OTHER_NAME,
  FORGE_OWNER_OF_OTHER_OVERLAY,
  FORGE_OWNER_OFF_CURVE,
  FORGE_OWNER_TRUNCATED,
  FORGE_OWNER_TWICE,
  FORGE_NO_ADMISSION,
  FORGE_ADMISSION_COPIED,
  FORGE_ADMISSION_WRONG_SECRET,
  FORGE_ADMISSION_SHORT,
  FORGE_ADMISSION_BARE, /* without the inner octet string's header */
  FORGE_ADMISSION_TWICE,
  FORGE_OTHER_SIGNER, /* signed by another key than its own */
  FORGE_FLIPPED,      /* a bit of the signature */
  FORGE_TRAILING,
  FORGE_TRUNCATED,
  FORGE_OVERSIZE,
  FORGE_INDEFINITE, /* BER: length not given */
} ForgeFault;

typedef struct ForgeRecipe {
  ForgeFault fault;
  ForgeKey key;
  const char *digest; /* of the certificate's signature; NULL: SHA256 */
  const char *uri;    /* %s: the right Node-ID; NULL: the right URI */
  const char *second_uri;
  const char *email; /* NULL: bob@ the instance */
  int from_days, until_days;
  bool is_sha1_node_id;
  bool is_ca;
  int path_length; /* of a CA; 0: not limited, else the limit + 1 */
} ForgeRecipe;

/* Whoever issues certificates of an enrolled overlay. */
typedef struct ForgeIssuer {
  const char *name;
  EVP_PKEY *key;
} ForgeIssuer;

/* The secret of the overlay that certificates are made for. */
extern const uint8_t forge_secret[ADMISSION_SECRET_SIZE];

/* A self-signed certificate, in DER. */
GBytes *forge_self_signed (const ForgeRecipe *recipe);

/* One that `issuer` has signed; `subject` empty for an end's. */
GBytes *forge_issued (const ForgeRecipe *recipe,
                      const ForgeIssuer *issuer,
                      const char *subject,
                      EVP_PKEY *key);

Bytes forge_bytes (GBytes *bytes);
