/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/document-edit.h"

#include "core/wire/security.h"

#include <string.h>

char *
document_signature (const Signer *signer, const char *covered)
{
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  uint8_t value[SIGNATURE_SIZE_MAX];
  size_t size = signer->sign (signer->key_ring, bytes_of_text (covered), value);
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, signer->own->der };
  const SecurityBlock block = {
    .certificates = { &certificate, 1 },
    .signature = { .hash = HASH_SHA256,
                   .signature = (uint8_t) signer_algorithm (signer),
                   .identity = { .identity_type = SIGNER_CERT_HASH,
                                 .hash_alg = HASH_SHA256,
                                 .certificate_hash = { signer->own->hash,
                                                       sizeof signer->own->hash } },
                   .signature_value = { value, size } },
  };

  g_assert_true (security_block_encode (&block, encoded));
  return g_base64_encode (encoded->data, encoded->len);
}

char *
document_edit (const Configuration *base,
               unsigned sequence,
               const char *from,
               const char *to,
               const Signer *signer)
{
  g_autofree char *text = g_strndup ((const char *) base->document.data, base->document.size);
  g_autofree char *old_number = g_strdup_printf ("sequence=\"%u\"", base->sequence);
  g_autofree char *number = g_strdup_printf ("sequence=\"%u\"", sequence);
  g_autoptr (GString) next = g_string_new (text);
  g_autofree char *signature = NULL;

  g_assert_cmpuint (g_string_replace (next, old_number, number, 0), ==, 1);
  g_assert_cmpuint (g_string_replace (next, from, to, 0), >=, 1);
  g_string_truncate (next, (gsize) (strstr (next->str, "</configuration>") - next->str));
  g_string_append (next, "</configuration>");
  signature = document_signature (signer, strstr (next->str, "<configuration "));
  g_string_append_printf (next, "<signature>%s</signature></overlay>", signature);
  return g_strdup (next->str);
}
