/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/keychain.h"
#include "core/base/limits.h"
#include <glib/gstdio.h>

/* In the folder stand `user.key`, and for each account NAME.key (its device key) and NAME.account
 * (everything else, a key file). An account is there when its .account file is; it is written last
 * and deleted first, so that a crash leaves at most a key that nobody asks for. */

enum { KEY_SIZE_MAX = 8 << 10, ACCOUNT_SIZE_MAX = 1 << 20 };

#define GROUP  "account"
#define ENDING ".account"

struct Keychain {
  char *folder;
  PrivateKey *user_key; /* NULL before first use */
  GPtrArray *accounts;
};

KeychainAccount *
keychain_account_new (const char *instance_name)
{
  KeychainAccount *self = g_new0 (KeychainAccount, 1);

  self->instance_name = g_strdup (instance_name);
  self->created = g_get_real_time ();
  return self;
}

void
keychain_account_free (KeychainAccount *self)
{
  if (!self)
    return;
  g_free (self->instance_name);
  g_free (self->label);
  g_free (self->user);
  g_free (self->display_name);
  secret_text_free (self->code);
  secret_text_free (self->shared_secret);
  explicit_bzero (self->secret, sizeof self->secret);
  private_key_free (self->device_key);
  g_clear_pointer (&self->certificate, g_bytes_unref);
  g_clear_pointer (&self->document, g_bytes_unref);
  g_free (self);
}

static char *
path_of (const Keychain *self, const char *name, const char *ending)
{
  g_autofree char *file = g_strconcat (name, ending, NULL);

  return g_build_filename (self->folder, file, NULL);
}

/* ---- Keys ---- */

static PrivateKey *
read_key (const char *path, GError **error)
{
  g_autoptr (GBytes) pem = private_file_read (path, KEY_SIZE_MAX, error);
  PrivateKey *key;

  if (!pem)
    return NULL;
  key = private_key_from_pem (bytes_borrow (pem));
  if (!key)
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s holds no key", path);
  return key;
}

static bool
write_key (const char *path, const PrivateKey *key, GError **error)
{
  char *pem = private_key_to_pem (key);
  bool is_written = private_file_write (path, bytes_of_text (pem), error);

  secret_text_free (pem);
  return is_written;
}

/* ---- Account files ---- */

static void
write_bytes (GKeyFile *file, const char *key, Bytes bytes)
{
  g_autofree char *text = g_base64_encode (bytes.data, bytes.size);

  g_key_file_set_string (file, GROUP, key, text);
}

static GBytes *
read_bytes (GKeyFile *file, const char *key)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, key, NULL);
  gsize size;
  guchar *data;

  if (!text)
    return NULL;
  data = g_base64_decode (text, &size);
  return g_bytes_new_take (data, size);
}

/* Exactly `size` bytes. */
static bool
read_exactly (GKeyFile *file, const char *key, uint8_t *ret_bytes, size_t size)
{
  g_autoptr (GBytes) bytes = read_bytes (file, key);

  if (!bytes || g_bytes_get_size (bytes) != size)
    return false;
  memcpy (ret_bytes, g_bytes_get_data (bytes, NULL), size);
  return true;
}

static void
write_peers (GKeyFile *file, const KeychainAccount *account)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) texts = NULL;

  for (size_t i = 0; i < account->peer_count; i++) {
    char text[ADDRESS_TEXT_SIZE];
    const InvitationPeer *peer = &account->peers[i];
    g_autofree char *entry = g_strconcat (peer->transport == LINK_TRANSPORT_TLS ? "tls " : "dtls ",
                                          address_to_text (&peer->address, text), NULL);

    g_strv_builder_add (builder, entry);
  }
  texts = g_strv_builder_end (builder);
  g_key_file_set_string_list (file, GROUP, "peers", (const char *const *) texts,
                              account->peer_count);
}

static void
read_peers (GKeyFile *file, KeychainAccount *account)
{
  g_auto (GStrv) texts = g_key_file_get_string_list (file, GROUP, "peers", NULL, NULL);

  for (char **text = texts; text && *text && account->peer_count < INVITATION_PEERS; text++) {
    InvitationPeer *peer = &account->peers[account->peer_count];
    const char *space = strchr (*text, ' ');

    peer->transport = g_str_has_prefix (*text, "tls ") ? LINK_TRANSPORT_TLS : LINK_TRANSPORT_DTLS;
    if (space && address_from_text (space + 1, &peer->address))
      account->peer_count++;
  }
}

bool
keychain_save (Keychain *self, const KeychainAccount *account, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = path_of (self, account->instance_name, ENDING);
  bool is_written;
  gsize size;
  char *text;

  g_key_file_set_int64 (file, GROUP, "created", account->created);
  g_key_file_set_string (file, GROUP, "label", account->label);
  g_key_file_set_string (file, GROUP, "user", account->user);
  g_key_file_set_string (file, GROUP, "display-name", account->display_name);
  if (account->code)
    g_key_file_set_string (file, GROUP, "code", account->code);
  if (account->has_secret)
    write_bytes (file, "secret", (Bytes){ account->secret, sizeof account->secret });
  if (account->shared_secret)
    write_bytes (file, "shared-secret", bytes_of_text (account->shared_secret));
  write_bytes (file, "configuration-hash",
               (Bytes){ account->configuration_hash, sizeof account->configuration_hash });
  if (account->certificate)
    write_bytes (file, "certificate", bytes_borrow (account->certificate));
  if (account->document)
    write_bytes (file, "configuration", bytes_borrow (account->document));
  write_peers (file, account);
  text = g_key_file_to_data (file, &size, NULL);
  is_written = private_file_write (path, (Bytes){ (uint8_t *) text, size }, error);
  secret_text_free (text);
  return is_written;
}

/* NULL when there is none that could be one. */
static char *
read_shared_secret (GKeyFile *file)
{
  g_autoptr (GBytes) bytes = read_bytes (file, "shared-secret");
  Bytes text = bytes ? bytes_borrow (bytes) : (Bytes){ NULL, 0 };

  return text.size > 0 && text.size <= LIMIT_SHARED_SECRET && !memchr (text.data, 0, text.size)
           ? g_strndup ((const char *) text.data, text.size)
           : NULL;
}

static bool
parse_account (GKeyFile *file, KeychainAccount *account)
{
  account->created = g_key_file_get_int64 (file, GROUP, "created", NULL);
  account->label = g_key_file_get_string (file, GROUP, "label", NULL);
  account->user = g_key_file_get_string (file, GROUP, "user", NULL);
  account->display_name = g_key_file_get_string (file, GROUP, "display-name", NULL);
  account->code = g_key_file_get_string (file, GROUP, "code", NULL);
  account->has_secret = read_exactly (file, "secret", account->secret, sizeof account->secret);
  account->shared_secret = read_shared_secret (file);
  account->certificate = read_bytes (file, "certificate");
  account->document = read_bytes (file, "configuration");
  read_peers (file, account);
  return account->label && account->user && account->display_name &&
         read_exactly (file, "configuration-hash", account->configuration_hash,
                       sizeof account->configuration_hash);
}

static KeychainAccount *
read_account (Keychain *self, const char *name, GError **error)
{
  g_autoptr (KeychainAccount) account = keychain_account_new (name);
  g_autofree char *key_path = path_of (self, name, ".key");
  g_autofree char *path = path_of (self, name, ENDING);
  g_autoptr (GBytes) text = private_file_read (path, ACCOUNT_SIZE_MAX, error);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!text)
    return NULL;
  account->device_key = read_key (key_path, error);
  if (!account->device_key)
    return NULL;
  if (g_key_file_load_from_bytes (file, text, G_KEY_FILE_NONE, NULL) &&
      parse_account (file, account))
    return g_steal_pointer (&account);
  g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s holds no account", path);
  return NULL;
}

static gint
compare_ages (gconstpointer a, gconstpointer b)
{
  const KeychainAccount *first = *(KeychainAccount *const *) a;
  const KeychainAccount *second = *(KeychainAccount *const *) b;

  return (first->created > second->created) - (first->created < second->created);
}

/* The names of the files in the folder that end so, without the ending. */
static GPtrArray *
list_names (const char *folder, const char *ending)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (ending)));
  return names;
}

static bool
read_accounts (Keychain *self, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (self->folder, ENDING);

  for (guint i = 0; i < names->len; i++) {
    KeychainAccount *account = read_account (self, names->pdata[i], error);

    if (!account)
      return false;
    g_ptr_array_add (self->accounts, account);
  }
  g_ptr_array_sort (self->accounts, compare_ages);
  return true;
}

Keychain *
keychain_new (const char *folder, GError **error)
{
  g_autoptr (Keychain) self = g_new0 (Keychain, 1);
  g_autofree char *path = g_build_filename (folder, "user.key", NULL);
  g_autoptr (GError) local = NULL;

  self->folder = g_strdup (folder);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) keychain_account_free);
  if (!private_folder_make (folder, error) || !read_accounts (self, error))
    return NULL;
  self->user_key = read_key (path, &local);
  if (!self->user_key &&
      (self->accounts->len > 0 || !g_error_matches (local, STORE_ERROR, STORE_ERROR_MISSING))) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  return g_steal_pointer (&self);
}

void
keychain_free (Keychain *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->accounts);
  private_key_free (self->user_key);
  g_free (self->folder);
  g_free (self);
}

bool
keychain_repair (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (folder, "");

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

    if (!private_file_repair (path, error))
      return false;
  }
  return true;
}

PrivateKey *
keychain_get_user_key (Keychain *self, GError **error)
{
  g_autoptr (PrivateKey) key = NULL;

  if (self->user_key)
    return self->user_key;
  key = private_key_new ();
  return keychain_set_user_key (self, key, error) ? self->user_key : NULL;
}

bool
keychain_set_user_key (Keychain *self, PrivateKey *key, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "user.key", NULL);

  if (!write_key (path, key, error))
    return false;
  private_key_free (self->user_key);
  self->user_key = private_key_ref (key);
  return true;
}

const GPtrArray *
keychain_get_accounts (const Keychain *self)
{
  return self->accounts;
}

bool
keychain_add (Keychain *self, KeychainAccount *account, GError **error)
{
  g_autofree char *key_path = path_of (self, account->instance_name, ".key");

  if (!write_key (key_path, account->device_key, error) || !keychain_save (self, account, error))
    return false;
  g_ptr_array_add (self->accounts, account);
  return true;
}

void
keychain_remove (Keychain *self, KeychainAccount *account)
{
  g_autofree char *key_path = path_of (self, account->instance_name, ".key");
  g_autofree char *path = path_of (self, account->instance_name, ENDING);

  g_unlink (path);
  g_unlink (key_path);
  g_ptr_array_remove (self->accounts, account);
}
