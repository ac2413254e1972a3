/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "core/wire/store.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Two overlays with real keys on one host: what is good in one is nothing in the other. That their
 * links do not come up is shown in test-carrier.c. */

#define HOME  "home-abcd2345.peal.alt"
#define OTHER "home-wxyz2345.peal.alt"

typedef struct Member {
  CertificateTrust trust;
  Signer *signer;
} Member;

typedef struct Fixture {
  Member self, alice;
  Member neighbor; /* of the other overlay */
  Member impostor; /* says this overlay's name and knows not its secret */
  OverlayStage *stage;
  Stranger *link; /* alice, over whose link all comes */
} Fixture;

static void
member_init (Member *self, const char *instance, uint8_t secret, const char *user)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) key = private_key_new ();
  CertificateOptions options = { instance, user, self->trust.secret,
                                 g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = NULL;

  self->trust = (CertificateTrust){ .instance_name = instance,
                                    .is_self_signed_permitted = true,
                                    .has_secret = true };
  memset (self->trust.secret, secret, sizeof self->trust.secret);
  der = identity_make_certificate (user_key, key, &options);
  self->signer = signer_new (key, bytes_borrow (der), &self->trust, NULL);
  g_assert_nonnull (self->signer);
}

static void
set_up (Fixture *self, const void *data)
{
  member_init (&self->self, HOME, 1, "self");
  member_init (&self->alice, HOME, 1, "alice");
  member_init (&self->neighbor, OTHER, 2, "alice");
  member_init (&self->impostor, HOME, 2, "alice");
  self->stage = overlay_stage_new_with (self->self.signer, HOME);
  self->stage->wall_ms = (uint64_t) g_get_real_time () / 1000;
  overlay_stage_alone (self->stage);
  self->link = stranger_new_with (self->stage, self->alice.signer);
  stranger_connect (self->link);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
  signer_free (self->self.signer);
  signer_free (self->alice.signer);
  signer_free (self->neighbor.signer);
  signer_free (self->impostor.signer);
}

static const Signer *
foreigner (Fixture *self, unsigned i)
{
  return i == 0 ? self->neighbor.signer : self->impostor.signer;
}

static void
test_signed (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  OverlayCounters *counters = &self->stage->overlay->counters;

  for (unsigned i = 0; i < 2; i++) {
    Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .signer = foreigner (self, i) };
    uint64_t before = counters->bad_signature;
    g_assert_cmpint (stranger_verdict (self->link, &draft), ==, -1);
    g_assert_cmpuint (counters->bad_signature, ==, before + 1);
  }
  g_assert_cmpint (stranger_verdict (self->link,
                                     &(Draft){ .code = MESSAGE_PING_REQ, .body = &ping }),
                   ==, RELOAD_OK);
}

/* Good in the other overlay, and its name in the header changed for ours. */
static void
test_renamed (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  OverlayCounters *counters = &self->stage->overlay->counters;
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .overlay = overlay_hash_of (OTHER) };
  g_autoptr (GByteArray) bytes = stranger_write (self->link, &draft);
  uint32_t ours = self->stage->overlay->hash;
  uint64_t dropped = counters->drop_overlay;
  uint64_t bad = counters->bad_signature;

  enum { OVERLAY_AT = 4 };

  stranger_send_bytes (self->link, (Bytes){ bytes->data, bytes->len });
  g_assert_cmpuint (counters->drop_overlay, ==, dropped + 1);
  for (unsigned i = 0; i < 4; i++)
    bytes->data[OVERLAY_AT + i] = (uint8_t) (ours >> 8 * (3 - i));
  stranger_send_bytes (self->link, (Bytes){ bytes->data, bytes->len });
  g_assert_cmpuint (counters->bad_signature, ==, bad + 1);
}

static int
store (Fixture *self, const Signer *writer)
{
  NodeId place = resource_id_of (bytes_of_text (self->alice.signer->own->user));
  SignedValue value = { 0 };
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, writer->own->der };
  StoreKindData kind = { KIND_CERTIFICATE_BY_USER, 0, { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&place), .kind_data = { &kind, 1 } };

  signed_value_init (&value, self->stage, writer, &place, KIND_CERTIFICATE_BY_USER,
                     (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                        .value = { true, bytes_of_text ("value") } });
  return stranger_verdict (self->link, &(Draft){ .code = MESSAGE_STORE_REQ,
                                                 .body = &body,
                                                 .certificates = { &certificate, 1 } });
}

static void
test_stored (Fixture *self, const void *data)
{
  unsigned before = storage_value_count (self->stage->overlay->storage);

  for (unsigned i = 0; i < 2; i++)
    g_assert_cmpint (store (self, foreigner (self, i)), ==, RELOAD_FORBIDDEN);
  g_assert_cmpuint (storage_value_count (self->stage->overlay->storage), ==, before);
  g_assert_cmpint (store (self, self->alice.signer), ==, RELOAD_OK);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/foreign-overlay/threat-1.7-signs-nothing-here", test_signed);
  ADD ("/foreign-overlay/threat-1.5-a-message-is-of-one-overlay", test_renamed);
  ADD ("/foreign-overlay/threat-1.7-stores-nothing-here", test_stored);
  return g_test_run ();
}
