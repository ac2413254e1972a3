/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/crypto/authority.h"
#include "core/crypto/digest.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"
#include "core/phone/account-private.h"
#include "core/phone/enrolment.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* A certificate is asked for anew in its last 30 days, hour after hour, while the old one serves.
 * The new one counts once its line has come back with it, which waits until nobody talks. A
 * configuration that ends is asked for before, and whenever nobody else is found: its owner may
 * have shut us out, which no member could tell us.
 *
 * An account whose certificate has ended, was revoked or is not there yet has no line; in its place
 * stands an account that says so. */

enum { PERIOD_S = 3600, WARN_DAYS = 7, DAY_S = 24 * 3600 };

/* One account that is being looked after. */
typedef struct Care {
  Renewal *renewal;
  KeychainAccount *keys;
  PealAccount *silent;  /* in the list of accounts while there is no line */
  Enrolment *enrolment; /* while the server is asked */
  EnrolmentGoal goal;
  bool was_asked; /* ever */
  int64_t asked_us;
} Care;

struct Renewal {
  PealPhone *phone;
  GPtrArray *cares;
  GSource *timer;
  GSource *soon; /* NULL: nothing has happened */
};

/* ---- Accounts without a line ---- */

static void
speak (Care *care)
{
  GListStore *accounts = care->renewal->phone->accounts;
  guint position;

  if (care->silent && g_list_store_find (accounts, care->silent, &position))
    g_list_store_remove (accounts, position);
  g_clear_object (&care->silent);
}

static void
silence (Care *care, PealAccountState state)
{
  PealPhone *phone = care->renewal->phone;
  const KeychainAccount *keys = care->keys;
  Line *line = phone_find_line (phone, keys->instance_name);

  if (line)
    phone_remove_line (phone, line);
  if (!care->silent) {
    care->silent = peal_account_new (&(PealAccountStart){ .label = keys->label,
                                                          .instance_name = keys->instance_name,
                                                          .user = keys->user,
                                                          .display_name = keys->display_name });
    g_list_store_append (phone->accounts, care->silent);
  }
  peal_account_show_state (care->silent, state, 1);
}

static void
care_free (gpointer data)
{
  Care *care = data;

  speak (care);
  enrolment_free (care->enrolment);
  g_free (care);
}

static Care *
find_care (const Renewal *self, const KeychainAccount *keys)
{
  for (guint i = 0; i < self->cares->len; i++) {
    Care *care = self->cares->pdata[i];

    if (care->keys == keys)
      return care;
  }
  return NULL;
}

static Care *
care_for (Renewal *self, KeychainAccount *keys)
{
  Care *care = find_care (self, keys);

  if (care)
    return care;
  care = g_new0 (Care, 1);
  care->renewal = self;
  care->keys = keys;
  g_ptr_array_add (self->cares, care);
  return care;
}

/* ---- What has come ---- */

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

/* The node takes over what follows its own configuration; to anything newer the line comes back. */
static void
apply_configuration (Renewal *self, KeychainAccount *keys)
{
  Line *line = phone_find_line (self->phone, keys->instance_name);
  g_autoptr (GBytes) document = g_bytes_ref (keys->document);

  if (line && bytes_equal (line_get_configuration (line)->document, bytes_borrow (document)))
    return;
  if (!line || !node_update_configuration (line_get_node (line), bytes_borrow (document)))
    apply (self, keys);
}

static void
keep (Care *care)
{
  Renewal *self = care->renewal;
  g_autoptr (GError) error = NULL;

  if (!keychain_save (self->phone->keychain, care->keys, &error))
    g_message ("%s", error->message);
  if (enrolment_standing (care->keys) == ENROLMENT_REVOKED)
    silence (care, PEAL_ACCOUNT_REVOKED);
  else if (care->goal == ENROLMENT_CONFIGURATION)
    apply_configuration (self, care->keys);
  else
    apply (self, care->keys);
}

/* ---- Asking ---- */

static void
on_enrolled (const GError *error, void *user_data)
{
  Care *care = user_data;
  PealPhone *phone = care->renewal->phone;

  g_clear_pointer (&care->enrolment, enrolment_free);
  if (error)
    g_message ("no news from the server of %s: %s", care->keys->instance_name, error->message);
  else
    keep (care);
  phone_update_status (phone);
}

static void
ask (Care *care, EnrolmentGoal goal)
{
  KeychainAccount *keys = care->keys;
  g_autoptr (Configuration) configuration =
    configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL);
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  const char *url;

  if (care->enrolment || !configuration || configuration->root_count == 0 ||
      configuration->enrollment_server_count == 0 ||
      !enrolment_url_is_usable (configuration->enrollment_servers[0], NULL))
    return;
  url =
    enrolment_is_found_by_name (keys->instance_name) ? NULL : configuration->enrollment_servers[0];
  digest_sha256 (configuration->roots[0], root_hash);
  care->goal = goal;
  care->was_asked = true;
  care->asked_us = g_get_monotonic_time ();
  care->enrolment = enrolment_new (goal, url, root_hash, keys, on_enrolled, care);
}

/* Whether the account has a newer certificate than the one that is on the air. */
static bool
is_applied (Renewal *self, const KeychainAccount *keys)
{
  Line *line = phone_find_line (self->phone, keys->instance_name);

  return line && bytes_equal (line_get_signer (line)->own->der, bytes_borrow (keys->certificate));
}

static bool
is_refresh_due (Renewal *self, const KeychainAccount *keys)
{
  Line *line = phone_find_line (self->phone, keys->instance_name);

  return line && enrolment_refresh_time_s (keys, line_get_configuration (line)->expiration_s) <=
                   g_get_real_time () / G_USEC_PER_SEC;
}

static void
renew (Care *care)
{
  Registrar *registrar = care->renewal->phone->registrar;

  if (!registrar_is_of (registrar, care->keys->instance_name)) {
    ask (care, ENROLMENT_CERTIFICATE);
  } else if (registrar_renew (registrar, care->keys)) {
    care->goal = ENROLMENT_CERTIFICATE;
    keep (care);
  }
}

/* An enrolled account that stands well. */
static void
tend (Care *care)
{
  Renewal *self = care->renewal;
  KeychainAccount *keys = care->keys;
  int64_t left_s = 0;

  if (!enrolment_is_good (keys, &left_s) || left_s <= (int64_t) AUTHORITY_RENEW_DAYS * DAY_S)
    renew (care);
  else if (!is_applied (self, keys))
    apply (self, keys);
  else if (is_refresh_due (self, keys) &&
           !registrar_is_of (self->phone->registrar, keys->instance_name))
    ask (care, ENROLMENT_CONFIGURATION);
}

static void
look_at (Renewal *self, KeychainAccount *keys)
{
  Care *care = care_for (self, keys);

  switch (enrolment_standing (keys)) {
  case ENROLMENT_GOOD:
    if (keys->code)
      tend (care);
    return;
  case ENROLMENT_ENDED:
    if (!registrar_is_of (self->phone->registrar, keys->instance_name))
      silence (care, PEAL_ACCOUNT_ENDED);
    renew (care);
    return;
  case ENROLMENT_REVOKED:
    silence (care, PEAL_ACCOUNT_REVOKED);
    return;
  case ENROLMENT_CODE_NEEDED:
    silence (care, PEAL_ACCOUNT_CODE_NEEDED);
    return;
  }
}

static gboolean
on_period (gpointer user_data)
{
  Renewal *self = user_data;
  const GPtrArray *accounts = keychain_get_accounts (self->phone->keychain);

  for (guint i = 0; i < accounts->len; i++)
    look_at (self, accounts->pdata[i]);
  phone_update_status (self->phone);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_soon (gpointer user_data)
{
  Renewal *self = user_data;

  g_clear_pointer (&self->soon, g_source_unref);
  on_period (self);
  return G_SOURCE_REMOVE;
}

Renewal *
renewal_new (PealPhone *phone)
{
  Renewal *self = g_new0 (Renewal, 1);

  self->phone = phone;
  self->cares = g_ptr_array_new_with_free_func (care_free);
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
  if (self->soon)
    g_source_destroy (self->soon);
  g_clear_pointer (&self->soon, g_source_unref);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_ptr_array_unref (self->cares);
  g_free (self);
}

void
renewal_forget (Renewal *self, const KeychainAccount *account)
{
  Care *care = self ? find_care (self, account) : NULL;

  if (care)
    g_ptr_array_remove (self->cares, care);
}

void
renewal_on_air (Renewal *self, const KeychainAccount *account)
{
  Care *care = self ? find_care (self, account) : NULL;

  if (care)
    speak (care);
}

void
renewal_on_state (Renewal *self, Line *line)
{
  KeychainAccount *keys = line_get_keychain_account (line);
  Care *care;

  if (!self || !keys->code || registrar_is_of (self->phone->registrar, keys->instance_name) ||
      peal_account_get_state (line_get_account (line)) != PEAL_ACCOUNT_ALONE)
    return;
  care = care_for (self, keys);
  if (!care->was_asked ||
      g_get_monotonic_time () - care->asked_us > (int64_t) PERIOD_S * G_USEC_PER_SEC)
    ask (care, ENROLMENT_CONFIGURATION);
}

/* The node that says so may not be stopped meanwhile. */
void
renewal_look_soon (Renewal *self)
{
  if (!self || self->soon)
    return;
  self->soon = g_idle_source_new ();
  g_source_set_callback (self->soon, on_soon, self, NULL);
  g_source_attach (self->soon, g_main_context_get_thread_default ());
}

/* ---- Words ---- */

/* 0 when that is not soon, or past. */
static unsigned
days_until (int64_t end_s)
{
  int64_t left_s = end_s == INT64_MAX ? 0 : end_s - g_get_real_time () / G_USEC_PER_SEC;

  return left_s > 0 && left_s < WARN_DAYS * DAY_S
           ? MAX (1, (unsigned) ((left_s + DAY_S / 2) / DAY_S))
           : 0;
}

char *
renewal_status (Line *line)
{
  bool is_enrolled = line_get_keychain_account (line)->code != NULL;
  unsigned ours = is_enrolled ? days_until (line_get_signer (line)->own->not_after_s) : 0;
  unsigned all = days_until (line_get_configuration (line)->expiration_s);

  if (ours > 0)
    return words_certificate_ends (ours);
  return all > 0 ? words_network_ends (peal_account_get_label (line_get_account (line)), all)
                 : NULL;
}
