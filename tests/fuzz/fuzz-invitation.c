/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/invitation.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* What is read can be written, and then says the same. The input is the inside of a link, so that
 * the checksum is not all that is ever tried. */

static void
try_text (const char *text)
{
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;
  Invitation first, second;

  if (!invitation_from_text (text, &first))
    return;
  once = invitation_to_text (&first);
  g_assert (invitation_from_text (once, &second));
  twice = invitation_to_text (&second);
  g_assert (strcmp (once, twice) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  enum { CHECKSUM_SIZE = 4, DIGEST_SIZE = 32 };

  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autofree char *raw = g_strndup ((const char *) data, size);
  g_autofree char *base64 = NULL;
  g_autofree char *link = NULL;
  uint8_t digest[DIGEST_SIZE];
  gsize digest_size = sizeof digest;

  try_text (raw);
  if (size == 0)
    return 0;
  g_checksum_update (sha256, data, (gssize) size);
  g_checksum_get_digest (sha256, digest, &digest_size);
  g_byte_array_append (whole, data, (guint) size);
  g_byte_array_append (whole, digest, CHECKSUM_SIZE);
  base64 = g_base64_encode (whole->data, whole->len);
  g_strdelimit (base64, "+", '-');
  g_strdelimit (base64, "/", '_');
  base64[strcspn (base64, "=")] = '\0';
  link = g_strconcat ("peal:join/", base64, NULL);
  try_text (link);
  return 0;
}
