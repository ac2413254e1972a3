/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "core/wire/fetch.h"
#include "tests/bench/bench.h"
#include "tests/unit/overlay-stage.h"

#include <openssl/evp.h>

/* Look-ups at the peer that holds a registration: the request is verified, the value and its
 * writer's certificate are found, the answer is signed. The limit is OpenSSL alone doing that one
 * verification and that one signature, its contexts kept. The clock is virtual and moves on by the
 * time that the rate of requests of a link asks for, so no limit of limits.h is lifted. */

#define INSTANCE "bench-abcd2345.peal.alt"

typedef struct Fetches {
  CertificateTrust trust;
  Signer *self, *caller;
  OverlayStage *stage;
  Stranger *link;
  NodeId place;
  uint64_t transaction_id;
  EVP_PKEY_CTX *sign, *verify;
  uint8_t signature[SIGNATURE_SIZE_MAX];
  size_t size;
} Fetches;

static Signer *
make_signer (Fetches *self, const char *user)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  CertificateOptions options = { INSTANCE, user, self->trust.secret,
                                 g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);
  Signer *signer =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self->trust, NULL);

  g_assert (signer != NULL);
  return signer;
}

static void
store (Fetches *self)
{
  SignedValue value = { .data = { .lifetime = LIMIT_LIFETIME_S } };
  StoreKindData kind = { .kind = KIND_SIP_REGISTRATION, .values = { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&self->place), .kind_data = { &kind, 1 } };

  signed_value_init (&value, self->stage, self->caller, &self->place, KIND_SIP_REGISTRATION,
                     (StoredDataValue){
                       .model = DATA_MODEL_DICTIONARY,
                       .key = node_id_bytes (&self->link->id),
                       .value = { true, bytes_of_text ("a registration of usual length, sixty") },
                     });
  if (stranger_verdict (self->link, &(Draft){ .code = MESSAGE_STORE_REQ, .body = &body }) !=
      RELOAD_OK)
    g_error ("cannot store");
}

/* Writing the request is the caller's work, and counts as the rest of it does: its signature is
 * taken off the rate below. */
static void
fetch (void *user_data)
{
  Fetches *self = user_data;
  StoredDataSpecifier specifier = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  FetchReq body = { .resource = node_id_bytes (&self->place), .specifiers = { &specifier, 1 } };

  stranger_send (self->link, &(Draft){ .code = MESSAGE_FETCH_REQ,
                                       .body = &body,
                                       .is_bare = true,
                                       .transaction_id = ++self->transaction_id });
  if (stranger_answer (self->link, self->transaction_id) == NULL)
    g_error ("no answer");
  overlay_stage_run (self->stage, TIME_SECOND / LIMIT_REQUESTS_PER_S);
}

static void
sign (void *user_data)
{
  Fetches *self = user_data;
  static const uint8_t digest[32];
  uint8_t signature[SIGNATURE_SIZE_MAX];
  size_t size = sizeof signature;

  if (EVP_PKEY_sign (self->sign, signature, &size, digest, sizeof digest) != 1)
    g_error ("cannot sign");
}

static void
verify (void *user_data)
{
  Fetches *self = user_data;
  static const uint8_t digest[32];

  if (EVP_PKEY_verify (self->verify, self->signature, self->size, digest, sizeof digest) != 1)
    g_error ("cannot verify");
}

static void
limit_init (Fetches *self)
{
  static const uint8_t digest[32];
  EVP_PKEY *key = signer_private_key (self->self);

  self->sign = EVP_PKEY_CTX_new (key, NULL);
  self->verify = EVP_PKEY_CTX_new (key, NULL);
  EVP_PKEY_sign_init (self->sign);
  EVP_PKEY_verify_init (self->verify);
  self->size = sizeof self->signature;
  EVP_PKEY_sign (self->sign, self->signature, &self->size, digest, sizeof digest);
}

int
bench_fetch (const BenchOptions *options)
{
  Fetches self = {
    .trust = { .instance_name = INSTANCE, .is_self_signed_permitted = true, .has_secret = true }
  };
  double sign_s, verify_s, fetch_s;

  self.self = make_signer (&self, "self");
  self.caller = make_signer (&self, "caller");
  self.stage = overlay_stage_new_with (self.self, INSTANCE);
  self.stage->wall_ms = (uint64_t) g_get_real_time () / 1000;
  overlay_stage_alone (self.stage);
  self.link = stranger_new_with (self.stage, self.caller);
  self.place = resource_id_of (bytes_of_text (self.caller->own->user));
  stranger_connect (self.link);
  store (&self);
  limit_init (&self);
  sign_s = 1 / bench_rate (sign, &self);
  verify_s = 1 / bench_rate (verify, &self);
  fetch_s = 1 / bench_rate (fetch, &self) - sign_s;
  g_print ("a look-up takes the peer %.0f us, its signatures alone %.0f us\n", fetch_s * 1e6,
           (sign_s + verify_s) * 1e6);
  bench_report (options, "fetch", 1 / fetch_s, 1 / (sign_s + verify_s),
                (sign_s + verify_s) / fetch_s, "\"limits_lifted\":[]");
  EVP_PKEY_CTX_free (self.sign);
  EVP_PKEY_CTX_free (self.verify);
  overlay_stage_free (self.stage);
  signer_free (self.self);
  signer_free (self.caller);
  return 0;
}
