/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keychain.h: the person's user key and what makes up each account, in files that nobody else can
 * read; apart from the databases, so that damage to those leaves the identity whole. */
#pragma once
#include "core/crypto/private-key.h"
#include "core/os/private-file.h"
#include "core/phone/invitation.h"

typedef struct Keychain Keychain;

typedef struct KeychainAccount {
  char *instance_name;
  char *label; /* on this phone; unique */
  char *user;
  char *display_name;
  bool has_secret;
  uint8_t secret[ADMISSION_SECRET_SIZE];
  char *shared_secret; /* of the invitation, for links before there is a document; or NULL */
  char *code; /* of an enrolled overlay, by which the certificate is renewed (empty: this device
                 has none yet); else NULL */
  PrivateKey *device_key;
  GBytes *certificate;            /* DER; NULL until it is made */
  GBytes *document;               /* the configuration; NULL until a peer has handed it over */
  uint8_t configuration_hash[32]; /* of the document that is promised */
  InvitationPeer peers[INVITATION_PEERS];
  size_t peer_count;
  int64_t created; /* microseconds since 1970 */
} KeychainAccount;

KeychainAccount *keychain_account_new (const char *instance_name);
void keychain_account_free (KeychainAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeychainAccount, keychain_account_free)

/* Reads what is in `folder`, made when it is missing. Errors: OPEN_TO_OTHERS, DAMAGED. */
Keychain *keychain_new (const char *folder, GError **error);
void keychain_free (Keychain *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Keychain, keychain_free)

/* Takes the permissions of others away from every file. */
bool keychain_repair (const char *folder, GError **error);

/* Makes one at first use. NULL when it cannot be written. */
PrivateKey *keychain_get_user_key (Keychain *self, GError **error);

/* For a restored identity: takes a reference. */
bool keychain_set_user_key (Keychain *self, PrivateKey *key, GError **error);

/* The accounts found, by the time of their making; owned by the keychain. */
const GPtrArray *keychain_get_accounts (const Keychain *self);

/* Takes the account once it is on the disk. */
bool keychain_add (Keychain *self, KeychainAccount *account, GError **error);

/* Writes a changed account of this keychain. */
bool keychain_save (Keychain *self, const KeychainAccount *account, GError **error);

/* Deletes the account and its files. */
void keychain_remove (Keychain *self, KeychainAccount *account);
