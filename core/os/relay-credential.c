/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-credential.h"

#include <openssl/hmac.h>
#include <string.h>

/* The relay remembers nobody: the password is an HMAC of the name. */

static void
make_password (const uint8_t key[RELAY_KEY_SIZE], RelayCredential *credential)
{
  const uint8_t *user = (const uint8_t *) credential->user;
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  g_autofree char *text = NULL;

  HMAC (EVP_sha256 (), key, RELAY_KEY_SIZE, user, strlen (credential->user), digest, &size);
  text = g_base64_encode (digest, size);
  g_strlcpy (credential->password, text, sizeof credential->password);
}

void
relay_credential_make (const uint8_t key[RELAY_KEY_SIZE],
                       const NodeId *node,
                       uint64_t expiry_s,
                       RelayCredential *ret_credential)
{
  char hex[33];

  g_snprintf (ret_credential->user, sizeof ret_credential->user, "%s:%" G_GUINT64_FORMAT,
              node_id_to_hex (node, hex), expiry_s);
  make_password (key, ret_credential);
}

bool
relay_credential_read (const uint8_t key[RELAY_KEY_SIZE],
                       Bytes user,
                       NodeId *ret_node,
                       uint64_t *ret_expiry_s,
                       RelayCredential *ret_credential)
{
  RelayCredential credential = { 0 };
  uint64_t expiry_s;
  NodeId node;
  char hex[33];

  if (user.size >= sizeof credential.user || user.size < sizeof hex || user.data[32] != ':')
    return false;
  memcpy (credential.user, user.data, user.size);
  memcpy (hex, user.data, 32);
  hex[32] = '\0';
  if (strlen (credential.user) != user.size || !node_id_from_hex (hex, &node) ||
      !g_ascii_string_to_unsigned (credential.user + 33, 10, 0, UINT64_MAX, &expiry_s, NULL))
    return false;
  make_password (key, &credential);
  *ret_node = node;
  *ret_expiry_s = expiry_s;
  *ret_credential = credential;
  return true;
}
