/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/keychain.h"
#include "tests/unit/identity-stage.h"
#include "tests/unit/phone-stage.h"
#include <glib/gstdio.h>
#include <sys/stat.h>

static void
test_moves_a_person_to_another_device (Stage *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "alice.identity", NULL);
  g_autofree char *address = g_strdup (peal_account_get_address (stage_create (self)));
  g_autofree char *keys = g_build_filename (self->folder, "keys", NULL);
  g_autofree char *other = g_build_filename (self->folder, "other", NULL);
  PealPhoneOptions options = stage_options (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (PealPhone) phone = NULL;
  struct stat status;

  g_assert_true (stage_export (self->phone, path, "open sesame", &error));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  options.state_path = other;
  phone = peal_phone_new (&options, &error);
  g_assert_no_error (error);
  g_assert_false (stage_import (phone, path, "wrong", &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_KEY);
  g_clear_error (&error);
  g_assert_true (stage_import (phone, path, "open sesame", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (peal_account_get_address (stage_item (peal_phone_get_accounts (phone), 0)), ==,
                   address);
  g_assert_false (stage_import (phone, path, "open sesame", &error));
  g_clear_object (&phone);

  /* The same person, another device. */
  {
    g_autofree char *other_keys = g_build_filename (other, "keys", NULL);
    g_autoptr (Keychain) first = keychain_new (keys, NULL),
                         second = keychain_new (other_keys, NULL);
    const KeychainAccount *a = keychain_get_accounts (first)->pdata[0];
    const KeychainAccount *b = keychain_get_accounts (second)->pdata[0];
    UserKey user_a, user_b;
    NodeId id_a, id_b;

    private_key_get_user_key (keychain_get_user_key (first, NULL), &user_a);
    private_key_get_user_key (keychain_get_user_key (second, NULL), &user_b);
    g_assert_cmpmem (&user_a, sizeof user_a, &user_b, sizeof user_b);
    private_key_get_node_id (a->device_key, &id_a);
    private_key_get_node_id (b->device_key, &id_b);
    g_assert_false (node_id_equal (&id_a, &id_b));
    g_assert_cmpmem (a->secret, sizeof a->secret, b->secret, sizeof b->secret);
  }
}

static void
on_cancelled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  bool *is_done = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (peal_phone_export_identity_finish (PEAL_PHONE (object), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *is_done = true;
}

static void
test_cancelled (Stage *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "alice.identity", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  bool is_done = false;

  stage_create (self);
  peal_phone_export_identity_async (self->phone, path, "open sesame", cancellable, on_cancelled,
                                    &is_done);
  g_cancellable_cancel (cancellable);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_keychain_files (Stage *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->folder, "keys", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  struct stat status;
  unsigned count = 0;

  stage_create (self);
  g_assert_cmpint (stat (folder, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_cmpint (stat (path, &status), ==, 0);
    g_assert_cmpint (status.st_mode & 0777, ==, 0600);
    count++;
  }
  g_assert_cmpuint (count, ==, 3);
}

static void
test_broken_account_is_refused (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);
  g_autofree char *name = g_strconcat (peal_account_get_instance_name (account), ".account", NULL);
  g_autofree char *path = g_build_filename (self->folder, "keys", name, NULL);
  PealPhoneOptions options = stage_options (self);
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->phone);
  g_assert_true (private_file_write (path, bytes_of_text ("[account]\nuser=alice\n"), NULL));
  g_assert_null (peal_phone_new (&options, &error));
  g_assert_error (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_KEY);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/identity-file/moves-a-person-to-another-device", test_moves_a_person_to_another_device);
  ADD ("/identity-file/what-is-cancelled-is-not-written", test_cancelled);
  ADD ("/keychain/threat-5.6-files-are-private", test_keychain_files);
  ADD ("/keychain/threat-5.3-broken-account-is-refused", test_broken_account_is_refused);
  return g_test_run ();
}
