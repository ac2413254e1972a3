/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/identities.h"

#include "core/crypto/identity.h"
#include "core/os/signer.h"

#include <string.h>

struct Identities {
  CertificateTrust trust;
  char *instance_name;
  GPtrArray *signers; /* owned */
};

Identities *
identities_new (const char *instance_name)
{
  Identities *self = g_new0 (Identities, 1);

  self->instance_name = g_strdup (instance_name);
  self->trust = (CertificateTrust){
    .instance_name = self->instance_name,
    .is_self_signed_permitted = true,
    .has_secret = true,
    .secret = { 1 },
  };
  self->signers = g_ptr_array_new_with_free_func ((GDestroyNotify) signer_free);
  return self;
}

void
identities_free (Identities *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->signers);
  g_free (self->instance_name);
  g_free (self);
}

void
identities_init_signer (Signer *signer, const char *user, void *identities)
{
  Identities *self = identities;
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  g_autofree char *name = g_strndup (user, strcspn (user, "@"));
  const CertificateOptions options = {
    .instance_name = self->instance_name,
    .user = name,
    .secret = self->trust.secret,
    .now_s = g_get_real_time () / G_USEC_PER_SEC,
  };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);
  Signer *made =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self->trust, NULL);

  g_assert_nonnull (made);
  g_ptr_array_add (self->signers, made);
  *signer = *made;
  certificate_ref (signer->own);
}
