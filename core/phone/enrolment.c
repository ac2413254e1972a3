/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/phone/enrolment.h"
#include "core/base/big-endian.h"
#include "core/crypto/certificate-request.h"
#include "core/crypto/digest.h"
#include "core/overlay/configuration.h"

/* Two questions, one after the other: the configuration, then the certificate, of the server that
 * the configuration names. What comes is believed because of who sends it, the holder of the root;
 * and it must fit: a configuration of this overlay with this root and no other way in, no older
 * than the one we have, and under it a good certificate of our key and name.
 *
 * Where DNS does not know the server of an overlay, or leads to somebody else, a member asks at the
 * URL that its configuration has: not every network lets SRV records through. */

/* Before people are told that their network ends, see renewal.c. */
#define REFRESH_LATEST_S ((int64_t) 7 * 24 * 3600)
#define REFRESH_WINDOW_S ((int64_t) 14 * 24 * 3600)

struct Enrolment {
  EnrolmentGoal goal;
  char *url;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  KeychainAccount *keys;
  Configuration *configuration;
  EnrolmentQuestion *question;
  EnrolmentFunc done;
  void *user_data;
};

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* NULL unless it is good now, for this account. */
static Certificate *
judge (const KeychainAccount *keys, const Configuration *configuration, Bytes der)
{
  g_autofree char *address = g_strdup_printf ("%s@%s", keys->user, keys->instance_name);
  g_autoptr (Certificate) certificate = NULL;
  CertificateTrust trust = { .instance_name = NULL };

  configuration_fill_trust (configuration, &trust);
  if (certificate_check (&trust, der, NULL, 0, now_s (), &certificate) != CERTIFICATE_GOOD ||
      strcmp (certificate->user, address) != 0 ||
      !private_key_is_of (keys->device_key, certificate))
    return NULL;
  return g_steal_pointer (&certificate);
}

static void
take_configuration (Enrolment *self)
{
  KeychainAccount *keys = self->keys;
  Bytes document = self->configuration->document;

  g_clear_pointer (&keys->document, g_bytes_unref);
  keys->document = g_bytes_new (document.data, document.size);
  memcpy (keys->configuration_hash, self->configuration->hash, sizeof keys->configuration_hash);
}

static void
refuse (Enrolment *self, const char *why)
{
  g_autoptr (GError) error =
    g_error_new_literal (ENROLMENT_ERROR, (int) ENROLMENT_ERROR_UNTRUSTED, why);

  self->done (error, self->user_data);
}

static void
on_certificate (GBytes *answer, const GError *error, void *user_data)
{
  Enrolment *self = user_data;
  KeychainAccount *keys = self->keys;
  g_autoptr (Certificate) certificate = NULL;

  g_clear_pointer (&self->question, enrolment_question_free);
  if (!answer) {
    self->done (error, self->user_data);
    return;
  }
  certificate = judge (keys, self->configuration, bytes_borrow (answer));
  if (!certificate) {
    refuse (self, "the certificate is not ours");
    return;
  }
  g_clear_pointer (&keys->certificate, g_bytes_unref);
  keys->certificate = g_bytes_ref (answer);
  take_configuration (self);
  self->done (NULL, self->user_data);
}

static bool
has_root (const Configuration *configuration, const uint8_t hash[CERTIFICATE_HASH_SIZE])
{
  uint8_t digest[CERTIFICATE_HASH_SIZE];

  for (size_t i = 0; i < configuration->root_count; i++) {
    digest_sha256 (configuration->roots[i], digest);
    if (memcmp (digest, hash, sizeof digest) == 0)
      return true;
  }
  return false;
}

/* What we have stays when it is newer: peers may have handed it to us. */
static Configuration *
choose_configuration (Enrolment *self, Bytes document)
{
  const char *name = self->keys->instance_name;
  g_autoptr (Configuration) theirs = configuration_parse (document, name, NULL);
  g_autoptr (Configuration) ours =
    self->keys->document ? configuration_parse (bytes_borrow (self->keys->document), name, NULL)
                         : NULL;

  if (!theirs || theirs->is_self_signed_permitted || theirs->enrollment_server_count == 0 ||
      !has_root (theirs, self->root_hash))
    return NULL;
  return ours && ours->sequence > theirs->sequence ? g_steal_pointer (&ours)
                                                   : g_steal_pointer (&theirs);
}

static EnrolmentPlace
place_at (Enrolment *self, const char *url)
{
  return (EnrolmentPlace){ .url = url,
                           .instance_name = self->keys->instance_name,
                           .root_hash = self->root_hash };
}

static void
ask_certificate (Enrolment *self)
{
  KeychainAccount *keys = self->keys;
  g_autofree char *address = g_strdup_printf ("%s@%s", keys->user, keys->instance_name);
  g_autoptr (GBytes) request = certificate_request_make (keys->device_key, address);
  EnrolmentPlace place = place_at (self, self->configuration->enrollment_servers[0]);

  self->question = enrolment_ask_certificate (&place, keys->user, keys->code,
                                              bytes_borrow (request), on_certificate, self);
}

static void
take_answer (Enrolment *self, GBytes *answer)
{
  self->configuration = choose_configuration (self, bytes_borrow (answer));
  if (!self->configuration ||
      !enrolment_url_is_usable (self->configuration->enrollment_servers[0], NULL)) {
    refuse (self, "the configuration is not of this overlay");
  } else if (self->goal == ENROLMENT_CERTIFICATE) {
    ask_certificate (self);
  } else {
    take_configuration (self);
    self->done (NULL, self->user_data);
  }
}

/* The URL of the configuration we have; NULL when there is none that could be asked. */
static char *
known_url (const KeychainAccount *keys)
{
  g_autoptr (Configuration) configuration =
    keys->document ? configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL)
                   : NULL;

  return configuration && configuration->enrollment_server_count > 0 &&
             enrolment_url_is_usable (configuration->enrollment_servers[0], NULL)
           ? g_strdup (configuration->enrollment_servers[0])
           : NULL;
}

static void
on_configuration (GBytes *answer, const GError *error, void *user_data)
{
  Enrolment *self = user_data;
  bool is_lost = !answer && !self->url && error->code != (int) ENROLMENT_ERROR_REFUSED;

  g_clear_pointer (&self->question, enrolment_question_free);
  if (is_lost)
    self->url = known_url (self->keys);
  if (answer) {
    take_answer (self, answer);
  } else if (is_lost && self->url) {
    EnrolmentPlace place = place_at (self, self->url);

    self->question = enrolment_ask_configuration (&place, on_configuration, self);
  } else {
    self->done (error, self->user_data);
  }
}

Enrolment *
enrolment_new (EnrolmentGoal goal,
               const char *url,
               const uint8_t root_hash[CERTIFICATE_HASH_SIZE],
               KeychainAccount *keys,
               EnrolmentFunc done,
               void *user_data)
{
  Enrolment *self = g_new0 (Enrolment, 1);
  EnrolmentPlace place;

  self->goal = goal;
  self->url = g_strdup (url);
  memcpy (self->root_hash, root_hash, sizeof self->root_hash);
  self->keys = keys;
  self->done = done;
  self->user_data = user_data;
  place = place_at (self, self->url);
  self->question = enrolment_ask_configuration (&place, on_configuration, self);
  return self;
}

void
enrolment_free (Enrolment *self)
{
  if (!self)
    return;
  enrolment_question_free (self->question);
  configuration_unref (self->configuration);
  g_free (self->url);
  g_free (self);
}

bool
enrolment_is_good (const KeychainAccount *keys, int64_t *ret_left_s)
{
  g_autoptr (Configuration) configuration =
    configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL);
  g_autoptr (Certificate) certificate = NULL;

  if (!configuration)
    return false;
  certificate = judge (keys, configuration, bytes_borrow (keys->certificate));
  if (certificate && ret_left_s)
    *ret_left_s = certificate->not_after_s - now_s ();
  return certificate != NULL;
}

static bool
is_revoked (const KeychainAccount *keys, const Configuration *configuration)
{
  CertificateTrust trust = { .instance_name = NULL };
  g_autoptr (Certificate) certificate = NULL;
  Bytes der = bytes_borrow (keys->certificate);

  configuration_fill_trust (configuration, &trust);
  return der.size > 0 &&
         certificate_check (&trust, der, NULL, 0, now_s (), &certificate) == CERTIFICATE_REVOKED;
}

EnrolmentStanding
enrolment_standing (const KeychainAccount *keys)
{
  g_autoptr (Configuration) configuration =
    configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL);

  if (configuration && is_revoked (keys, configuration))
    return ENROLMENT_REVOKED;
  if (keys->code && keys->code[0] == '\0')
    return ENROLMENT_CODE_NEEDED;
  return !keys->code || enrolment_is_good (keys, NULL) ? ENROLMENT_GOOD : ENROLMENT_ENDED;
}

int64_t
enrolment_refresh_time_s (const KeychainAccount *keys, int64_t expiration_s)
{
  uint8_t both[2 * CERTIFICATE_HASH_SIZE], digest[CERTIFICATE_HASH_SIZE];

  if (expiration_s == INT64_MAX)
    return INT64_MAX;
  digest_sha256 (bytes_borrow (keys->certificate), both);
  memcpy (both + CERTIFICATE_HASH_SIZE, keys->configuration_hash, CERTIFICATE_HASH_SIZE);
  digest_sha256 ((Bytes){ both, sizeof both }, digest);
  return expiration_s - REFRESH_LATEST_S -
         (int64_t) big_endian_read (digest, 2) * REFRESH_WINDOW_S / 65536;
}
