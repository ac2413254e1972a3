/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/certificate.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* Whatever is judged good says who it is and is made of the very bytes that came in. The corpus was
 * made with this secret, for this overlay, valid at this time. */

#define INSTANCE "home-abcd2345.peal.alt"
#define NOW_S    ((int64_t) 1800000000)

static void
judge (const CertificateTrust *trust, Bytes der)
{
  g_autoptr (Certificate) certificate = NULL;

  if (certificate_check (trust, der, &der, 1, NOW_S, &certificate) != CERTIFICATE_GOOD)
    return;
  g_assert (bytes_equal (certificate->der, der));
  g_assert (certificate->node_id_count >= 1);
  g_assert (certificate->node_id_count <= CERTIFICATE_NODE_IDS);
  g_assert (g_str_has_suffix (certificate->user, "@" INSTANCE));
  g_assert (certificate_validity (certificate, NOW_S) == CERTIFICATE_GOOD);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const uint8_t secret[ADMISSION_SECRET_SIZE] = "an open sesame!";
  const Bytes der = { data, size };
  CertificateTrust trust = { .instance_name = INSTANCE, .is_self_signed_permitted = true };

  judge (&trust, der);
  trust.has_secret = true;
  memcpy (trust.secret, secret, sizeof secret);
  judge (&trust, der);

  /* As if the bytes were a root certificate of an enrolled overlay, too. */
  trust = (CertificateTrust){ .instance_name = INSTANCE, .roots = &der, .root_count = 1 };
  judge (&trust, der);
  return 0;
}
