/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/backup.h"

#include <openssl/evp.h>
#include <string.h>

/* Sealed once: it is slow by intent. */
static Backup *backup;
static char *text;

static const char passphrase[] = "correct horse b\xc3\xa4ttery";

static Backup *
sample (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) document = g_bytes_new_static ("<overlay/>", 10);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  char home_address[] = "anna@home-abcd2345.peal.alt", home_name[] = "Anna \xe2\x99\xa5";
  char club_address[] = "a@club-abcd2345.peal.alt", club_name[] = "";
  const BackupOverlay home = { home_address, home_name, true, { 7, 7 }, document };
  const BackupOverlay club = { club_address, club_name, false, { 0 }, nothing };
  Backup *made = backup_new (key);

  backup_add_overlay (made, &home);
  backup_add_overlay (made, &club);
  return made;
}

static void
assert_equal (const Backup *a, const Backup *b)
{
  g_assert_cmpint (EVP_PKEY_eq (a->user_key, b->user_key), ==, 1);
  g_assert_cmpuint (a->overlays->len, ==, b->overlays->len);
  for (guint i = 0; i < a->overlays->len; i++) {
    const BackupOverlay *x = g_ptr_array_index (a->overlays, i);
    const BackupOverlay *y = g_ptr_array_index (b->overlays, i);

    g_assert_cmpstr (x->address, ==, y->address);
    g_assert_cmpstr (x->display_name, ==, y->display_name);
    g_assert_cmpint (x->has_secret, ==, y->has_secret);
    g_assert_cmpmem (x->secret, sizeof x->secret, y->secret, sizeof y->secret);
    g_assert_true (g_bytes_equal (x->document, y->document));
  }
}

static void
test_round_trip (void)
{
  g_autofree char *again = backup_seal (backup, passphrase);
  g_autoptr (Backup) read = NULL;

  g_assert_true (g_str_has_prefix (text, "-----BEGIN PEAL IDENTITY-----\n"));
  g_assert_cmpstr (text, !=, again); /* salt and nonce are new each time */
  g_assert_cmpint (backup_open (bytes_of_text (text), passphrase, &read), ==, BACKUP_GOOD);
  assert_equal (backup, read);
}

static void
test_accents (void)
{
  g_autoptr (Backup) read = NULL;

  g_assert_cmpint (backup_open (bytes_of_text (text), "correct horse ba\xcc\x88ttery", &read), ==,
                   BACKUP_GOOD);
}

static void
test_wrong_passphrase (void)
{
  Backup *read = NULL;

  g_assert_cmpint (backup_open (bytes_of_text (text), "correct horse b\xc3\xa4tterY", &read), ==,
                   BACKUP_WRONG_PASSPHRASE);
  g_assert_null (read);
}

/* The file's bytes, without their armour. */
static uint8_t *
file_of_text (size_t *ret_size)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) body = g_string_new (NULL);

  for (guint i = 1; lines[i][0] != '-'; i++)
    g_string_append (body, lines[i]);
  return g_base64_decode (body->str, ret_size);
}

static char *
armour (const uint8_t *file, size_t size)
{
  g_autofree char *base64 = g_base64_encode (file, size);
  GString *armoured = g_string_new ("-----BEGIN PEAL IDENTITY-----\n");

  for (size_t i = 0; i < strlen (base64); i += 64)
    g_string_append_printf (armoured, "%.64s\n", base64 + i);
  g_string_append (armoured, "-----END PEAL IDENTITY-----\n");
  return g_string_free (armoured, FALSE);
}

static BackupVerdict
open_changed (size_t at, uint8_t mask)
{
  size_t size;
  g_autofree uint8_t *file = file_of_text (&size);
  g_autofree char *changed = NULL;
  g_autoptr (Backup) read = NULL;

  g_assert_cmpuint (at, <, size);
  file[at] ^= mask;
  changed = armour (file, size);
  return backup_open (bytes_of_text (changed), passphrase, &read);
}

static void
test_changed (void)
{
  g_assert_cmpint (open_changed (0, 2), ==, BACKUP_NEWER);
  g_assert_cmpint (open_changed (0, 1), ==, BACKUP_MALFORMED);
  g_assert_cmpint (open_changed (1, 0x20), ==, BACKUP_MALFORMED); /* 2^48 of memory */
  g_assert_cmpint (open_changed (1, 0x1c), ==, BACKUP_MALFORMED);
  g_assert_cmpint (open_changed (2, 1), ==, BACKUP_WRONG_PASSPHRASE);  /* salt */
  g_assert_cmpint (open_changed (30, 1), ==, BACKUP_WRONG_PASSPHRASE); /* contents */
}

static void
test_malformed (void)
{
  static const char *const texts[] = {
    "",
    "hello",
    "-----BEGIN PEAL IDENTITY-----\n",
    "-----BEGIN PEAL IDENTITY-----\n-----END PEAL IDENTITY-----\n",
    "-----BEGIN PEAL IDENTITY-----\nARAA\n-----END PEAL IDENTITY-----\n",
    "-----BEGIN CERTIFICATE-----\nARAA\n-----END CERTIFICATE-----\n",
  };
  Backup *read = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpint (backup_open (bytes_of_text (texts[i]), passphrase, &read), ==,
                     BACKUP_MALFORMED);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  backup = sample ();
  text = backup_seal (backup, passphrase);
  g_test_add_func ("/backup/file/comes-back-as-it-was", test_round_trip);
  g_test_add_func ("/backup/file/accents-are-typed-either-way", test_accents);
  g_test_add_func ("/backup/file/wrong-passphrase-is-told", test_wrong_passphrase);
  g_test_add_func ("/backup/file/changes-are-noticed", test_changed);
  g_test_add_func ("/backup/file/others-are-refused", test_malformed);
  result = g_test_run ();
  backup_free (backup);
  g_free (text);
  return result;
}
