/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/crypto/authority.h"
#include "core/crypto/digest.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"
#include "core/phone/enrolment.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* A certificate is asked for anew in its last 30 days, hour after hour, while the old one serves.
 * The new one counts once its line has come back with it, which waits until nobody talks. An
 * account whose certificate has ended has no line until its server has answered. */

enum { PERIOD_S = 3600, WARN_DAYS = 7, DAY_S = 24 * 3600 };

/* One account that is being renewed. */
typedef struct Visit {
  Renewal *renewal;
  KeychainAccount *keys;
  Enrolment *enrolment;
} Visit;

struct Renewal {
  PealPhone *phone;
  GPtrArray *visits;
  GSource *timer;
};

static void
visit_free (gpointer data)
{
  Visit *visit = data;

  enrolment_free (visit->enrolment);
  g_free (visit);
}

static Visit *
find_visit (const Renewal *self, const KeychainAccount *keys)
{
  for (guint i = 0; i < self->visits->len; i++) {
    Visit *visit = self->visits->pdata[i];

    if (visit->keys == keys)
      return visit;
  }
  return NULL;
}

bool
renewal_is_not_needed (const KeychainAccount *account)
{
  return !account->code || enrolment_is_good (account, NULL);
}

static bool
is_talking (PealPhone *phone)
{
  GListModel *calls = G_LIST_MODEL (phone->call_list);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    if (peal_call_get_state (call) != PEAL_CALL_ENDED)
      return true;
  }
  return false;
}

/* The account goes on the air with what it has now. */
static void
apply (Renewal *self, KeychainAccount *keys)
{
  Line *line = phone_find_line (self->phone, keys->instance_name);

  if (!line)
    phone_add_line (self->phone, keys, NULL);
  else if (!is_talking (self->phone))
    phone_restart_line (self->phone, line);
}

static void
keep (Renewal *self, KeychainAccount *keys)
{
  g_autoptr (GError) error = NULL;

  if (!keychain_save (self->phone->keychain, keys, &error))
    g_message ("%s", error->message);
  apply (self, keys);
}

static void
on_enrolled (const GError *error, void *user_data)
{
  Visit *visit = user_data;
  Renewal *self = visit->renewal;
  KeychainAccount *keys = visit->keys;

  g_ptr_array_remove (self->visits, visit);
  if (error)
    g_message ("no certificate for %s: %s", keys->instance_name, error->message);
  else
    keep (self, keys);
  phone_update_status (self->phone);
}

static Bytes
bytes_of (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return (Bytes){ data, size };
}

static void
visit_server (Renewal *self, KeychainAccount *keys)
{
  g_autoptr (Configuration) configuration =
    configuration_parse (bytes_of (keys->document), keys->instance_name, NULL);
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  Visit *visit;

  if (!configuration || configuration->root_count == 0 ||
      configuration->enrollment_server_count == 0 ||
      !enrolment_url_is_usable (configuration->enrollment_servers[0], NULL))
    return;
  digest_sha256 (configuration->roots[0], root_hash);
  visit = g_new0 (Visit, 1);
  visit->renewal = self;
  visit->keys = keys;
  visit->enrolment =
    enrolment_new (configuration->enrollment_servers[0], root_hash, keys, on_enrolled, visit);
  g_ptr_array_add (self->visits, visit);
}

/* Whether the account has a newer certificate than the one that is on the air. */
static bool
is_applied (Renewal *self, const KeychainAccount *keys)
{
  Line *line = phone_find_line (self->phone, keys->instance_name);

  return line && bytes_equal (line_get_signer (line)->own->der, bytes_of (keys->certificate));
}

static void
look_at (Renewal *self, KeychainAccount *keys)
{
  int64_t left_s = 0;
  bool is_good = enrolment_is_good (keys, &left_s);

  if (is_good && left_s > (int64_t) AUTHORITY_RENEW_DAYS * DAY_S) {
    if (!is_applied (self, keys))
      apply (self, keys);
  } else if (registrar_is_of (self->phone->registrar, keys->instance_name)) {
    if (registrar_renew (self->phone->registrar, keys))
      keep (self, keys);
  } else if (!find_visit (self, keys)) {
    visit_server (self, keys);
  }
}

static gboolean
on_period (gpointer user_data)
{
  Renewal *self = user_data;
  const GPtrArray *accounts = keychain_get_accounts (self->phone->keychain);

  for (guint i = 0; i < accounts->len; i++) {
    KeychainAccount *keys = accounts->pdata[i];

    if (keys->code)
      look_at (self, keys);
  }
  phone_update_status (self->phone);
  return G_SOURCE_CONTINUE;
}

Renewal *
renewal_new (PealPhone *phone)
{
  Renewal *self = g_new0 (Renewal, 1);

  self->phone = phone;
  self->visits = g_ptr_array_new_with_free_func (visit_free);
  self->timer = g_timeout_source_new_seconds (PERIOD_S);
  g_source_set_callback (self->timer, on_period, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
  on_period (self);
  return self;
}

void
renewal_free (Renewal *self)
{
  if (!self)
    return;
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_ptr_array_unref (self->visits);
  g_free (self);
}

void
renewal_forget (Renewal *self, const KeychainAccount *account)
{
  Visit *visit = self ? find_visit (self, account) : NULL;

  if (visit)
    g_ptr_array_remove (self->visits, visit);
}

static char *
status_of (Line *line)
{
  int64_t left_s = line_get_signer (line)->own->not_after_s - g_get_real_time () / G_USEC_PER_SEC;

  return line_get_keychain_account (line)->code && left_s > 0 && left_s < WARN_DAYS * DAY_S
           ? words_certificate_ends (MAX (1, (unsigned) ((left_s + DAY_S / 2) / DAY_S)))
           : NULL;
}

char *
renewal_status (const Renewal *self, Line *line)
{
  const GPtrArray *accounts = keychain_get_accounts (self->phone->keychain);

  if (line)
    return status_of (line);
  for (guint i = 0; i < accounts->len; i++) {
    const KeychainAccount *account = accounts->pdata[i];

    if (account->code && !phone_find_line (self->phone, account->instance_name))
      return words_certificate_ended (account->label);
  }
  return NULL;
}
