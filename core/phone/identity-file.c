/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/backup.h"
#include "core/overlay/configuration.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* The identity file: what a person takes to another device, or keeps against the loss of this one.
 * It is written like every secret, so that others on this computer cannot read it. */

static Bytes
bytes_of (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return (Bytes){ data, size };
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

bool
peal_phone_export_identity (PealPhone *self,
                            const char *path,
                            const char *passphrase,
                            GError **error)
{
  GError *local = NULL;
  PrivateKey *user_key = keychain_get_user_key (self->keychain, &local);
  g_autoptr (Backup) backup = user_key ? backup_new (user_key) : NULL;
  g_autofree char *text = NULL;

  if (backup) {
    add_overlays (self, backup);
    text = backup_seal (backup, passphrase);
  }
  if (text && private_file_write (path, bytes_of_text (text), &local))
    return true;
  phone_propagate_error (error, local);
  return false;
}

/* The text of an identity file, which may have come by any way and be readable by anybody. */
static Backup *
read_backup (const char *path, const char *passphrase, GError **error)
{
  g_autofree char *text = NULL;
  gsize size;
  Backup *backup = NULL;

  if (!g_file_get_contents (path, &text, &size, NULL) || size > BACKUP_SIZE_MAX ||
      backup_open ((Bytes){ (uint8_t *) text, size }, passphrase, &backup) != BACKUP_GOOD)
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_KEY, words_passphrase ());
  return backup;
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
  configuration = configuration_parse (bytes_of (overlay->document), parts[1], NULL);
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

bool
peal_phone_import_identity (PealPhone *self,
                            const char *path,
                            const char *passphrase,
                            GError **error)
{
  g_autoptr (Backup) backup = read_backup (path, passphrase, error);
  GError *local = NULL;

  if (!backup)
    return false;
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
