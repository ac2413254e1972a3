/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-credential.h: what a relay lets a member in with: a name that says who and until when, and
 * its password, which the relay can make again and nobody else can. */
#pragma once
#include "core/base/node-id.h"

enum { RELAY_KEY_SIZE = 32, RELAY_USER_SIZE = 32 + 1 + 20 + 1, RELAY_PASSWORD_SIZE = 44 + 1 };

typedef struct RelayCredential {
  char user[RELAY_USER_SIZE]; /* Node-ID in hexadecimal ':' seconds since 1970 */
  char password[RELAY_PASSWORD_SIZE];
} RelayCredential;

void relay_credential_make (const uint8_t key[RELAY_KEY_SIZE],
                            const NodeId *node,
                            uint64_t expiry_s,
                            RelayCredential *ret_credential);

/* Reads a name that a client gave and makes its password. */
bool relay_credential_read (const uint8_t key[RELAY_KEY_SIZE],
                            Bytes user,
                            NodeId *ret_node,
                            uint64_t *ret_expiry_s,
                            RelayCredential *ret_credential);
