/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link is "peal:join/" and the base64url (RFC 4648, 5; no padding) of
 *
 *   uint8   version                  1; 2 to an enrolled overlay; 3 where links have a shared
 * secret opaque  instance_name<2^8>, label<2^8>, inviter<2^8> select (version) 1: opaque
 * configuration_hash[32] opaque secret<2^8>          16 bytes, or none 3: as 1, then opaque
 * shared_secret<2^8> 2: opaque root_hash[32] opaque server<2^8>, user<2^8>, code<2^8> uint8 count,
 * then for each peer uint8 transport, family        as LinkTransport and AddressFamily opaque
 * address[4 or 16] uint16 port opaque  checksum[4]              of the SHA-256 of all before
 *
 * The checksum catches slips of copying; whether the overlay is the right one, the hash of its
 * configuration tells. */
#include "core/phone/invitation.h"

#include "core/base/aor.h"
#include "core/base/big-endian.h"

#include <string.h>

static const char prefix[] = "peal:join/";

enum {
  VERSION_OPEN = 1,
  VERSION_ENROLLED = 2,
  VERSION_SHARED = 3,
  CHECKSUM_SIZE = 4,
  SHA256_SIZE = 32
};

G_STATIC_ASSERT ((int) INVITATION_INSTANCE_MAX == AOR_OVERLAY_MAX);

static void
checksum (Bytes bytes, uint8_t ret_sum[CHECKSUM_SIZE])
{
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  uint8_t digest[SHA256_SIZE];
  gsize size = sizeof digest;

  g_checksum_update (sha256, bytes.data, (gssize) bytes.size);
  g_checksum_get_digest (sha256, digest, &size);
  memcpy (ret_sum, digest, CHECKSUM_SIZE);
}

/* ---- Writing ---- */

static void
append_u8 (GByteArray *array, size_t value)
{
  g_assert (value <= UINT8_MAX);
  g_byte_array_append (array, &(uint8_t){ (uint8_t) value }, 1);
}

static void
append_opaque (GByteArray *array, Bytes bytes)
{
  append_u8 (array, bytes.size);
  g_byte_array_append (array, bytes.data, (guint) bytes.size);
}

static size_t
address_size (AddressFamily family)
{
  return family == ADDRESS_IPV4 ? 4 : 16;
}

static void
append_peer (GByteArray *array, const InvitationPeer *peer)
{
  const Address *address = &peer->address;

  g_assert (address->family != ADDRESS_NONE);
  append_u8 (array, peer->transport);
  append_u8 (array, address->family);
  g_byte_array_append (array, address->bytes, (guint) address_size (address->family));
  big_endian_append (array, 2, address->port);
}

/* ---- Reading ---- */

static bool
take_u8 (Bytes *input, uint8_t *ret_value)
{
  Bytes bytes;

  if (!bytes_take (input, 1, &bytes))
    return false;
  *ret_value = bytes.data[0];
  return true;
}

static bool
take_opaque (Bytes *input, Bytes *ret_bytes)
{
  uint8_t size;

  return take_u8 (input, &size) && bytes_take (input, size, ret_bytes);
}

/* Text that a window can show in one line. */
static bool
text_is_sane (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return false;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)) ||
        g_unichar_type (g_utf8_get_char (p)) == G_UNICODE_FORMAT)
      return false;
  return true;
}

/* Into a zeroed array of `size_max` + 1. */
static bool
take_text (Bytes *input, char *ret_text, size_t size_max)
{
  Bytes bytes;

  if (!take_opaque (input, &bytes) || bytes.size > size_max ||
      (bytes.size > 0 && memchr (bytes.data, 0, bytes.size) != NULL))
    return false;
  if (bytes.size > 0)
    memcpy (ret_text, bytes.data, bytes.size);
  return text_is_sane (ret_text);
}

static bool
take_peer (Bytes *input, InvitationPeer *ret_peer)
{
  uint8_t transport, family;
  Bytes address, port;

  if (!take_u8 (input, &transport) || !take_u8 (input, &family) ||
      (transport != LINK_TRANSPORT_DTLS && transport != LINK_TRANSPORT_TLS) ||
      (family != ADDRESS_IPV4 && family != ADDRESS_IPV6) ||
      !bytes_take (input, address_size (family), &address) || !bytes_take (input, 2, &port))
    return false;
  ret_peer->transport = transport;
  ret_peer->address.family = family;
  memcpy (ret_peer->address.bytes, address.data, address.size);
  ret_peer->address.port = (uint16_t) big_endian_read (port.data, 2);
  return ret_peer->address.port != 0;
}

static bool
take_exactly (Bytes *input, uint8_t *ret_bytes, size_t size)
{
  Bytes bytes;

  if (!bytes_take (input, size, &bytes))
    return false;
  memcpy (ret_bytes, bytes.data, size);
  return true;
}

static bool
read_secret (Bytes *input, Invitation *invitation)
{
  Bytes secret;

  if (!take_exactly (input, invitation->configuration_hash,
                     sizeof invitation->configuration_hash) ||
      !take_opaque (input, &secret) || (secret.size != 0 && secret.size != ADMISSION_SECRET_SIZE))
    return false;
  invitation->has_secret = secret.size > 0;
  if (secret.size > 0)
    memcpy (invitation->secret, secret.data, secret.size);
  return true;
}

static bool
read_enrolment (Bytes *input, Invitation *invitation)
{
  invitation->is_enrolled = true;
  return take_exactly (input, invitation->root_hash, sizeof invitation->root_hash) &&
         take_text (input, invitation->server, INVITATION_SERVER_MAX) &&
         take_text (input, invitation->user, INVITATION_USER_MAX) &&
         take_text (input, invitation->code, INVITATION_CODE_MAX) &&
         (invitation->user[0] == '\0' || aor_user_is_valid (invitation->user));
}

static bool
read_shared (Bytes *input, Invitation *invitation)
{
  Bytes shared;

  if (!take_opaque (input, &shared) || shared.size == 0 ||
      memchr (shared.data, 0, shared.size) != NULL)
    return false;
  memcpy (invitation->shared_secret, shared.data, shared.size);
  return g_utf8_validate (invitation->shared_secret, -1, NULL);
}

static bool
read_entrance (Bytes *input, uint8_t version, Invitation *invitation)
{
  switch (version) {
  case VERSION_OPEN:
    return read_secret (input, invitation);
  case VERSION_ENROLLED:
    return read_enrolment (input, invitation);
  case VERSION_SHARED:
    return read_secret (input, invitation) && read_shared (input, invitation);
  }
  return false;
}

static bool
read_body (Bytes input, Invitation *invitation)
{
  uint8_t version, count;

  if (!take_u8 (&input, &version) ||
      !take_text (&input, invitation->instance_name, INVITATION_INSTANCE_MAX) ||
      !take_text (&input, invitation->label, INVITATION_LABEL_MAX) ||
      !take_text (&input, invitation->inviter, INVITATION_INVITER_MAX) ||
      !read_entrance (&input, version, invitation) || !take_u8 (&input, &count) ||
      count > INVITATION_PEERS)
    return false;
  for (; invitation->peer_count < count; invitation->peer_count++)
    if (!take_peer (&input, &invitation->peers[invitation->peer_count]))
      return false;
  return input.size == 0 && aor_overlay_is_valid (invitation->instance_name) &&
         invitation->label[0] != '\0';
}

/* The characters after the prefix, as plain base64 without blanks; NULL when there are others. */
static char *
plain_base64 (const char *text)
{
  GString *plain = g_string_new (NULL);

  for (; *text != '\0'; text++) {
    if (g_ascii_isspace (*text))
      continue;
    if (!g_ascii_isalnum (*text) && *text != '-' && *text != '_') {
      g_string_free (plain, TRUE);
      return NULL;
    }
    g_string_append_c (plain, *text == '-' ? '+' : *text == '_' ? '/' : *text);
  }
  while (plain->len % 4 != 0)
    g_string_append_c (plain, '=');
  return g_string_free (plain, FALSE);
}

/* ---- Both ---- */

/* "+/=" of plain base64 become "-_" and nothing. */
static char *
url_base64 (Bytes bytes)
{
  char *text = g_base64_encode (bytes.data, bytes.size);

  for (char *p = text; *p != '\0'; p++)
    *p = *p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? '\0' : *p;
  return text;
}

bool
invitation_is_local (const Invitation *self)
{
  if (self->is_enrolled)
    return false;
  for (size_t i = 0; i < self->peer_count; i++)
    if (!address_is_private (&self->peers[i].address))
      return false;
  return true;
}

bool
invitation_is_link (const char *text)
{
  text += strspn (text, " \t\r\n");
  return g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

char *
invitation_to_text (const Invitation *self)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autofree char *base64 = NULL;
  uint8_t sum[CHECKSUM_SIZE];

  append_u8 (body, self->is_enrolled                ? VERSION_ENROLLED
                   : self->shared_secret[0] != '\0' ? VERSION_SHARED
                                                    : VERSION_OPEN);
  append_opaque (body, bytes_of_text (self->instance_name));
  append_opaque (body, bytes_of_text (self->label));
  append_opaque (body, bytes_of_text (self->inviter));
  if (self->is_enrolled) {
    g_byte_array_append (body, self->root_hash, sizeof self->root_hash);
    append_opaque (body, bytes_of_text (self->server));
    append_opaque (body, bytes_of_text (self->user));
    append_opaque (body, bytes_of_text (self->code));
  } else {
    g_byte_array_append (body, self->configuration_hash, sizeof self->configuration_hash);
    append_opaque (body, (Bytes){ self->secret, self->has_secret ? sizeof self->secret : 0 });
    if (self->shared_secret[0] != '\0')
      append_opaque (body, bytes_of_text (self->shared_secret));
  }
  append_u8 (body, self->peer_count);
  for (size_t i = 0; i < self->peer_count; i++)
    append_peer (body, &self->peers[i]);

  checksum ((Bytes){ body->data, body->len }, sum);
  g_byte_array_append (body, sum, sizeof sum);
  base64 = url_base64 ((Bytes){ body->data, body->len });
  return g_strconcat (prefix, base64, NULL);
}

bool
invitation_from_text (const char *text, Invitation *ret_invitation)
{
  Invitation invitation = { 0 };
  g_autofree char *base64 = NULL;
  g_autofree char *again = NULL;
  g_autofree uint8_t *body = NULL;
  uint8_t sum[CHECKSUM_SIZE];
  size_t size;

  if (strlen (text) > INVITATION_TEXT_MAX || !invitation_is_link (text))
    return false;
  base64 = plain_base64 (text + strspn (text, " \t\r\n") + strlen (prefix));
  if (base64 == NULL)
    return false;
  body = g_base64_decode (base64, &size);
  again = g_base64_encode (body, size);
  if (strcmp (again, base64) != 0 || size < CHECKSUM_SIZE) /* the last bits, or a lone character */
    return false;

  size -= CHECKSUM_SIZE;
  checksum ((Bytes){ body, size }, sum);
  if (memcmp (sum, body + size, CHECKSUM_SIZE) != 0 ||
      !read_body ((Bytes){ body, size }, &invitation))
    return false;
  *ret_invitation = invitation;
  return true;
}
