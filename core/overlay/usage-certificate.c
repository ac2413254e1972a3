/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-certificate.h"

#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"

/* Our certificate in DER, under the hash of the Node-ID and that of the user name. Several devices
 * of a user share the second place; each has a slot of its own in the array. Certificates stay when
 * their nodes leave: they tell that a name is somebody's, until their lifetime is over. */

enum { LIFETIME_S = 24 * 3600, REFRESH_S = 6 * 3600 };

struct CertificateUsage {
  Publication *by_node;
  Publication *by_user; /* NULL for a bare peer */
};

CertificateUsage *
certificate_usage_new (Overlay *overlay, bool by_user)
{
  CertificateUsage *self = g_new0 (CertificateUsage, 1);
  const Certificate *own = overlay->ports->signer->own;
  PublicationOptions options = {
    .resource = resource_id_of (node_id_bytes (&overlay->id)),
    .kind = KIND_CERTIFICATE_BY_NODE,
    .value = own->der,
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
  };

  self->by_node = publication_new (overlay, &options);
  if (by_user) {
    options.resource = resource_id_of (bytes_of_text (own->user));
    options.kind = KIND_CERTIFICATE_BY_USER;
    options.is_shared = true;
    self->by_user = publication_new (overlay, &options);
  }
  return self;
}

void
certificate_usage_free (CertificateUsage *self)
{
  if (self == NULL)
    return;
  publication_free (self->by_node);
  publication_free (self->by_user);
  g_free (self);
}

void
certificate_usage_start (CertificateUsage *self)
{
  publication_start (self->by_node);
  if (self->by_user != NULL)
    publication_start (self->by_user);
}

bool
certificate_usage_is_settled (const CertificateUsage *self)
{
  return self->by_user == NULL || publication_is_settled (self->by_user);
}

void
certificate_usage_refresh (CertificateUsage *self, uint64_t within)
{
  publication_refresh (self->by_node, within);
  if (self->by_user != NULL)
    publication_refresh (self->by_user, within);
}
