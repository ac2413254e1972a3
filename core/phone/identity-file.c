/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/backup.h"
#include "core/overlay/configuration.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* The identity file: what a person takes to another device, or keeps against the loss of this one.
 * It is written like every secret, so that others on this computer cannot read it.
 *
 * The key of a passphrase takes most of a second on a busy computer. It is made beside the main
 * loop: a phone that answers nothing for so long is dead to its neighbors. The work knows nothing
 * of the phone, which must not be held, and perhaps freed, by another thread. */

typedef struct Work {
  char *path;
  char *passphrase;
  Backup *backup; /* what is sealed */
} Work;

static Work *
work_new (const char *path, const char *passphrase)
{
  Work *self = g_new0 (Work, 1);

  self->path = g_strdup (path);
  self->passphrase = g_strdup (passphrase);
  return self;
}

static void
work_free (void *data)
{
  Work *self = data;

  explicit_bzero (self->passphrase, strlen (self->passphrase));
  g_free (self->passphrase);
  g_free (self->path);
  backup_free (self->backup);
  g_free (self);
}

/* Takes the work and the task, which `done` gets. */
static void
begin (Work *work, GTaskThreadFunc func, GTask *task, GAsyncReadyCallback done)
{
  g_autoptr (GTask) beside = g_task_new (NULL, g_task_get_cancellable (task), done, task);

  g_task_set_task_data (beside, work, work_free);
  g_task_run_in_thread (beside, func);
}

/* Accounts whose configuration has not come yet are left out: there is nothing to enter again by.
 * The code of an enrolled overlay stays here: its server gives each device one of its own. */
static void
add_overlays (PealPhone *self, Backup *backup)
{
  const GPtrArray *accounts = keychain_get_accounts (self->keychain);

  for (guint i = 0; i < accounts->len && i < BACKUP_OVERLAYS; i++) {
    const KeychainAccount *account = accounts->pdata[i];
    g_autofree char *address = g_strdup_printf ("%s@%s", account->user, account->instance_name);
    BackupOverlay overlay = { .address = address,
                              .display_name = account->display_name,
                              .has_secret = account->has_secret,
                              .document = account->document };

    memcpy (overlay.secret, account->secret, sizeof overlay.secret);
    if (account->document)
      backup_add_overlay (backup, &overlay);
    explicit_bzero (&overlay, sizeof overlay);
  }
}

static void
seal (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  g_autofree char *text = backup_seal (work->backup, work->passphrase);
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (private_file_write (work->path, bytes_of_text (text), &error))
    g_task_return_boolean (task, true);
  else
    g_task_return_error (task, error);
}

static void
on_sealed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_boolean (task, true);
  else
    g_task_return_error (task, error);
}

void
peal_phone_export_identity_async (PealPhone *self,
                                  const char *path,
                                  const char *passphrase,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  PrivateKey *user_key = keychain_get_user_key (self->keychain, &error);
  Work *work;

  g_task_set_source_tag (task, peal_phone_export_identity_async);
  if (!user_key) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  work = work_new (path, passphrase);
  work->backup = backup_new (user_key);
  add_overlays (self, work->backup);
  begin (work, seal, task, on_sealed);
}

bool
peal_phone_export_identity_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  GError *local = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), false);
  if (g_task_propagate_boolean (G_TASK (result), &local))
    return true;
  if (local->domain == STORE_ERROR)
    phone_propagate_error (error, local);
  else
    g_propagate_error (error, local);
  return false;
}

/* The text may have come by any way and be readable by anybody. */
static void
unseal (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  g_autofree char *text = NULL;
  gsize size;
  Backup *backup = NULL;

  if (!g_file_get_contents (work->path, &text, &size, NULL) || size > BACKUP_SIZE_MAX ||
      backup_open ((Bytes){ (uint8_t *) text, size }, work->passphrase, &backup) != BACKUP_GOOD)
    g_task_return_new_error (task, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_KEY, "%s",
                             words_passphrase ());
  else
    g_task_return_pointer (task, backup, (GDestroyNotify) backup_free);
}

static bool
is_member (PealPhone *self, const char *instance_name)
{
  const GPtrArray *accounts = keychain_get_accounts (self->keychain);

  for (guint i = 0; i < accounts->len; i++)
    if (strcmp (((KeychainAccount *) accounts->pdata[i])->instance_name, instance_name) == 0)
      return true;
  return false;
}

/* A new device of the same person in an overlay it was in; where a server gives out names, only
 * with a code from its owner. */
static bool
restore_overlay (PealPhone *self, const BackupOverlay *overlay, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (overlay->address, "@", 2);
  g_autoptr (Configuration) configuration = NULL;
  g_autoptr (KeychainAccount) account = NULL;
  KeychainAccount *kept;
  GError *local = NULL;

  if (!parts[0] || !parts[1] || is_member (self, parts[1]))
    return true;
  configuration = configuration_parse (bytes_borrow (overlay->document), parts[1], NULL);
  if (!configuration)
    return true;
  account = keychain_account_new (parts[1]);
  account->label = g_strdup (configuration->label);
  account->user = g_strdup (parts[0]);
  account->display_name = g_strdup (overlay->display_name);
  account->device_key = private_key_new ();
  account->code = configuration->is_self_signed_permitted ? NULL : g_strdup ("");
  account->has_secret = overlay->has_secret;
  memcpy (account->secret, overlay->secret, sizeof account->secret);
  account->document = g_bytes_ref (overlay->document);
  memcpy (account->configuration_hash, configuration->hash, sizeof account->configuration_hash);
  if (!keychain_add (self->keychain, account, &local)) {
    phone_propagate_error (error, local);
    return false;
  }
  kept = g_steal_pointer (&account);
  renewal_look_soon (self->renewal);
  return kept->code || phone_add_line (self, kept, error) != NULL;
}

static bool
restore (PealPhone *self, const Backup *backup, GError **error)
{
  GError *local = NULL;

  if (keychain_get_accounts (self->keychain)->len > 0) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_KEY, words_identity_exists ());
    return false;
  }
  if (!keychain_set_user_key (self->keychain, backup->user_key, &local)) {
    phone_propagate_error (error, local);
    return false;
  }
  for (guint i = 0; i < backup->overlays->len; i++)
    if (!restore_overlay (self, backup->overlays->pdata[i], error))
      return false;
  return true;
}

static void
on_unsealed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (Backup) backup = g_task_propagate_pointer (G_TASK (result), &error);

  if (backup && restore (g_task_get_source_object (task), backup, &error))
    g_task_return_boolean (task, true);
  else
    g_task_return_error (task, error);
}

void
peal_phone_import_identity_async (PealPhone *self,
                                  const char *path,
                                  const char *passphrase,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, peal_phone_import_identity_async);
  begin (work_new (path, passphrase), unseal, task, on_unsealed);
}

bool
peal_phone_import_identity_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), false);
  return g_task_propagate_boolean (G_TASK (result), error);
}
