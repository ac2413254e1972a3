/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/received-value.h"

#include "core/overlay/access.h"
#include "core/overlay/overlay-private.h"

/* Values are believed by their own signatures, never by who returns them. One that nobody stored
 * has no signature, and so nobody's word. */

Certificate *
received_value_signer (Overlay *overlay,
                       CertificateOffer *offer,
                       const NodeId *resource,
                       uint32_t kind_id,
                       const StoredData *data,
                       NodeId *ret_node_id)
{
  const ConfigurationKind *kind = configuration_kind (overlay->configuration, kind_id);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  Certificate *signer;
  NodeId node_id;

  if (kind == NULL || signature_is_none (&data->signature))
    return NULL;
  stored_data_signature_input (data, node_id_bytes (resource), kind_id, input);
  signer = certificate_cache_verify (overlay->certificates, offer, &data->signature,
                                     (Bytes){ input->data, input->len }, &node_id);
  if (signer == NULL || !access_is_allowed (kind, signer, &node_id, resource, &data->value)) {
    overlay->counters.bad_value_signature++;
    return NULL;
  }
  if (ret_node_id != NULL)
    *ret_node_id = node_id;
  return signer;
}
