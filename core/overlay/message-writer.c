/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/message-writer.h"

#include "core/overlay/overlay-private.h"

GByteArray *
message_contents_write (uint16_t code,
                        const WireType *type,
                        const void *body,
                        MessageExtensionList extensions)
{
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  GByteArray *contents = g_byte_array_new ();
  MessageContents message = { .message_code = code, .extensions = extensions };

  if (body != NULL) {
    bool fits = wire_encode (type, body, encoded);
    g_assert (fits);
    message.message_body = (Bytes){ encoded->data, encoded->len };
  }
  message_contents_encode (&message, contents);
  return contents;
}

GPtrArray *
certificates_copy (const GPtrArray *certificates)
{
  GPtrArray *copy;

  if (certificates == NULL || certificates->len == 0)
    return NULL;
  copy = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  for (guint i = 0; i < certificates->len; i++)
    g_ptr_array_add (copy, certificate_ref (g_ptr_array_index (certificates, i)));
  return copy;
}

static GenericCertificateList
list_certificates (Overlay *overlay,
                   bool is_known,
                   const GPtrArray *certificates,
                   GenericCertificate items[LIMIT_CERTIFICATES])
{
  GenericCertificateList list = { .items = items };
  const Certificate *own = overlay->ports->signer->own;

  if (!is_known)
    items[list.count++] = (GenericCertificate){ CERTIFICATE_TYPE_X509, own->der };
  for (guint i = 0; certificates != NULL && i < certificates->len; i++) {
    const Certificate *certificate = g_ptr_array_index (certificates, i);
    if (certificate != own && list.count < LIMIT_CERTIFICATES)
      items[list.count++] = (GenericCertificate){ CERTIFICATE_TYPE_X509, certificate->der };
  }
  return list;
}

GByteArray *
message_payload_write (Overlay *overlay,
                       const ForwardingHeader *header,
                       Bytes contents,
                       bool is_known,
                       const GPtrArray *certificates)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  GByteArray *payload = g_byte_array_new ();
  GenericCertificate items[LIMIT_CERTIFICATES];
  uint8_t value[SIGNATURE_SIZE_MAX];
  SignerIdentity identity = certificate_cache_own_identity (overlay->certificates);
  SecurityBlock block = {
    .certificates = list_certificates (overlay, is_known, certificates, items),
  };

  message_signature_input (header, contents, &identity, input);
  block.signature =
    certificate_cache_sign (overlay->certificates, (Bytes){ input->data, input->len }, value);
  g_byte_array_append (payload, contents.data, (guint) contents.size);
  security_block_encode (&block, payload);
  overlay->counters.signed_messages++;
  return payload;
}
