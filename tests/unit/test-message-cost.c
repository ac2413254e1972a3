/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration.h"
#include "core/wire/config-update.h"
#include "core/wire/store.h"
#include "tests/unit/document.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* What the costliest messages make us check, in signatures (threats 1.8): the counter stands in
 * front of the signer, so nothing that is checked is missed. On a slow core a check takes some
 * hundred microseconds. */

enum { WRITTEN = 100, CERTIFICATE_CHECKS = 2 };

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *eve;
  Signer inner;
  unsigned checks;
} Fixture;

static bool
count_verify (void *key_ring,
              const Certificate *certificate,
              HashAlgorithm hash,
              SignatureAlgorithm algorithm,
              Bytes data,
              Bytes signature)
{
  Fixture *self = key_ring;

  self->checks++;
  return self->inner.verify (&self->inner, certificate, hash, algorithm, data, signature);
}

static CertificateVerdict
count_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  Fixture *self = key_ring;

  self->checks += CERTIFICATE_CHECKS;
  return self->inner.check (&self->inner, der, chain, chain_count, ret_certificate);
}

static size_t
pass_sign (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX])
{
  Fixture *self = key_ring;

  return self->inner.sign (&self->inner, data, ret_signature);
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->inner = self->stage->signer;
  self->inner.key_ring = &self->inner;
  self->stage->signer.key_ring = self;
  self->stage->signer.verify = count_verify;
  self->stage->signer.check = count_check;
  self->stage->signer.sign = pass_sign;
  self->eve = stranger_new (self->stage, "eve", 0);
  stranger_connect (self->eve);
  overlay_stage_run (self->stage, TIME_MINUTE);
  self->checks = 0;
}

static void
tear_down (Fixture *self, const void *data)
{
  self->stage->signer = self->inner;
  self->stage->signer.key_ring = &self->stage->signer;
  overlay_stage_free (self->stage);
}

static void
expect_bounded (Fixture *self)
{
  g_assert_cmpuint (self->checks, >, 1);
  g_assert_cmpuint (self->checks, <=, LIMIT_CHECKS_MESSAGE);
}

/* As many values as fit, each by somebody else, with as many certificates as are looked at. */
static void
test_store (Fixture *self, const void *data)
{
  NodeId place = resource_id_of (bytes_of_text (self->eve->signer->own->user));
  g_autofree SignedValue *values = g_new0 (SignedValue, WRITTEN);
  StoredData items[WRITTEN];
  GenericCertificate certificates[LIMIT_CERTIFICATES - 1];
  StoreKindData kinds[2] = {
    { KIND_CERTIFICATE_BY_USER, 0, { items, WRITTEN } },
  };
  StoreReq body = { .resource = node_id_bytes (&place), .kind_data = { kinds, 1 } };
  Draft draft = { .code = MESSAGE_STORE_REQ, .body = &body };

  for (unsigned i = 0; i < G_N_ELEMENTS (certificates); i++) {
    Stranger *writer = stranger_new (self->stage, "eve", i + 1);
    certificates[i] = (GenericCertificate){ CERTIFICATE_TYPE_X509, writer->signer->own->der };
    for (unsigned k = i; k < WRITTEN; k += G_N_ELEMENTS (certificates)) {
      signed_value_init (&values[k], self->stage, writer->signer, &place, KIND_CERTIFICATE_BY_USER,
                         (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                            .index = k % 16,
                                            .value = { true, bytes_of_text ("x") } });
      items[k] = values[k].data;
    }
  }
  draft.certificates = (GenericCertificateList){ certificates, G_N_ELEMENTS (certificates) };
  g_assert_cmpint (stranger_verdict (self->eve, &draft), !=, RELOAD_OK);
  expect_bounded (self);
}

/* A copy brings what a resource may lawfully hold: sixteen devices, none of them known. */
static void
test_lawful (Fixture *self, const void *data)
{
  enum { DEVICES = 16 };

  NodeId place = resource_id_of (bytes_of_text (self->eve->signer->own->user));
  SignedValue values[DEVICES] = { 0 };
  StoredData items[DEVICES];
  GenericCertificate certificates[DEVICES];
  StoreKindData kind = { KIND_CERTIFICATE_BY_USER, 0, { items, DEVICES } };
  StoreReq body = { .resource = node_id_bytes (&place), .kind_data = { &kind, 1 } };
  Draft draft = { .code = MESSAGE_STORE_REQ, .body = &body };

  for (unsigned i = 0; i < DEVICES; i++) {
    Stranger *device = stranger_new (self->stage, "eve", i + 1);
    certificates[i] = (GenericCertificate){ CERTIFICATE_TYPE_X509, device->signer->own->der };
    signed_value_init (&values[i], self->stage, device->signer, &place, KIND_CERTIFICATE_BY_USER,
                       (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                          .index = i,
                                          .value = { true, bytes_of_text ("x") } });
    items[i] = values[i].data;
  }
  draft.certificates = (GenericCertificateList){ certificates, DEVICES };
  g_assert_cmpint (stranger_verdict (self->eve, &draft), ==, RELOAD_OK);
  expect_bounded (self);
}

static void
repeat_signatures (SecurityBlock *block, void *user_data)
{
  GenericCertificate *items = user_data;

  for (size_t i = 0; i < LIMIT_CERTIFICATES; i++)
    items[i] = block->certificates.items[0];
  block->certificates = (GenericCertificateList){ items, LIMIT_CERTIFICATES };
}

/* One certificate, again and again: it is judged once. */
static void
test_repeated (Fixture *self, const void *data)
{
  Stranger *far = stranger_new (self->stage, "far", 0);
  GenericCertificate items[LIMIT_CERTIFICATES];
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ,
                  .body = &ping,
                  .signer = far->signer,
                  .spoil = repeat_signatures,
                  .user_data = items };

  g_assert_cmpint (stranger_verdict (self->eve, &draft), ==, RELOAD_OK);
  g_assert_cmpuint (self->checks, ==, CERTIFICATE_CHECKS + 1);
  self->checks = 0;
  g_assert_cmpint (stranger_verdict (self->eve, &draft), ==, RELOAD_OK);
  g_assert_cmpuint (self->checks, ==, 1);
}

/* A document signed eight times by one who must not, each signature with its certificates. */
static void
test_document (Fixture *self, const void *data)
{
  g_autoptr (Configuration) foreign =
    document_after (self->stage->overlay->configuration, self->eve->signer);
  g_autofree char *text = g_strndup ((const char *) foreign->document.data, foreign->document.size);
  const char *start = strstr (text, "<signature>");
  const char *end = start != NULL ? strstr (start, "</signature>") : NULL;
  g_autoptr (GString) document = g_string_new (NULL);
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_CONFIG };

  g_assert_nonnull (end);
  end += strlen ("</signature>");
  g_string_append_len (document, text, end - text);
  for (unsigned i = 1; i < LIMIT_CONFIGURATION_SIGNATURES; i++)
    g_string_append_len (document, start, end - start);
  g_string_append (document, end);
  body.config_data = (Bytes){ (const uint8_t *) document->str, document->len };
  g_assert_cmpint (stranger_verdict (self->eve,
                                     &(Draft){ .code = MESSAGE_CONFIG_UPDATE_REQ, .body = &body }),
                   ==, RELOAD_FORBIDDEN);
  expect_bounded (self);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/message-cost/threat-1.8-a-store-of-many-writers", test_store);
  ADD ("/message-cost/threat-1.8-what-is-lawful-is-taken", test_lawful);
  ADD ("/message-cost/threat-1.8-a-certificate-is-judged-once", test_repeated);
  ADD ("/message-cost/threat-1.8-a-document-signed-often", test_document);
  return g_test_run ();
}
