/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private-key.h: a P-256 private key: a person's user key, or the key of one device in one overlay.
 *
 * Freed keys and their texts are overwritten. */
#pragma once
#include "core/crypto/certificate.h"

typedef struct evp_pkey_st PrivateKey;

/* Takes a fresh key from OpenSSL's random generator. */
PrivateKey *private_key_new (void);
PrivateKey *private_key_ref (PrivateKey *self);
void private_key_free (PrivateKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PrivateKey, private_key_free)

/* The public half, as people pin it. */
void private_key_get_user_key (const PrivateKey *self, UserKey *ret_key);

/* Whether the certificate is of this key. */
bool private_key_is_of (const PrivateKey *self, const Certificate *certificate);

/* The Node-ID that a self-signed certificate of this key has. */
void private_key_get_node_id (const PrivateKey *self, NodeId *ret_id);

/* PKCS#8 in PEM, unencrypted, for a file that only its owner can read; to be freed with
 * secret_text_free(). */
char *private_key_to_pem (const PrivateKey *self);

/* NULL when it is no P-256 key. */
PrivateKey *private_key_from_pem (Bytes pem);

/* PKCS#8 in DER, for the inside of a backup. The bytes are wiped when they are freed. */
GBytes *private_key_to_der (const PrivateKey *self);
PrivateKey *private_key_from_der (Bytes der);

/* Overwrites, then frees; NULL does nothing. */
void secret_text_free (char *text);
