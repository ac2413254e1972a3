/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identity file is PEM armour ("PEAL IDENTITY") around
 *
 *   uint8   version = 1
 *   uint8   log2 of scrypt's N (r = 8, p = 1)
 *   opaque  salt[16], nonce[12]
 *   opaque  sealed<rest>, tag[16]      AES-256-GCM, all that stands before as associated data
 *
 * and inside the seal, integers in network byte order and texts behind their lengths:
 *
 *   opaque  user_key<2^16>             PKCS#8
 *   uint16  count, then for each overlay
 *     opaque  address<2^16>, display_name<2^16>
 *     opaque  secret<2^16>             16 bytes, or none
 *     opaque  document<2^32>
 *
 * The cipher authenticates: a wrong passphrase and a changed file are told apart from nothing, and
 * no byte of the inside is looked at before. */
#include "core/crypto/backup.h"

#include "core/base/aor.h"
#include "core/base/big-endian.h"
#include "core/base/limits.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

static const char armour[] = "PEAL IDENTITY";

enum {
  VERSION = 1,
  SCRYPT_LOG_N = 16, /* 64 MiB with r = 8 */
  SCRYPT_LOG_N_MIN = 14,
  SCRYPT_LOG_N_MAX = 18, /* what a file may make us spend: 256 MiB */
  SCRYPT_R = 8,
  SALT_SIZE = 16,
  NONCE_SIZE = 12,
  TAG_SIZE = 16,
  KEY_SIZE = 32,
  HEADER_SIZE = 2 + SALT_SIZE + NONCE_SIZE,
  DISPLAY_NAME_MAX = 1024,
};

static void
overlay_free (void *data)
{
  BackupOverlay *overlay = data;

  g_free (overlay->address);
  g_free (overlay->display_name);
  OPENSSL_cleanse (overlay->secret, sizeof overlay->secret);
  g_clear_pointer (&overlay->document, g_bytes_unref);
  g_free (overlay);
}

Backup *
backup_new (PrivateKey *user_key)
{
  Backup *self = g_new0 (Backup, 1);

  self->user_key = private_key_ref (user_key);
  self->overlays = g_ptr_array_new_with_free_func (overlay_free);
  return self;
}

void
backup_free (Backup *self)
{
  if (self == NULL)
    return;
  private_key_free (self->user_key);
  g_ptr_array_unref (self->overlays);
  g_free (self);
}

void
backup_add_overlay (Backup *self, const BackupOverlay *overlay)
{
  BackupOverlay *copy = g_new0 (BackupOverlay, 1);

  g_assert (self->overlays->len < BACKUP_OVERLAYS);
  *copy = *overlay;
  copy->address = g_strdup (overlay->address);
  copy->display_name = g_strdup (overlay->display_name);
  copy->document = g_bytes_ref (overlay->document);
  g_ptr_array_add (self->overlays, copy);
}

/* ---- Writing and reading the inside ---- */

static void
append_opaque (GByteArray *array, unsigned prefix, Bytes bytes)
{
  big_endian_append (array, prefix, bytes.size);
  g_byte_array_append (array, bytes.data, (guint) bytes.size);
}

static bool
take_number (Bytes *input, unsigned size, uint32_t *ret_value)
{
  Bytes bytes;

  if (!bytes_take (input, size, &bytes))
    return false;
  *ret_value = (uint32_t) big_endian_read (bytes.data, size);
  return true;
}

static bool
take_opaque (Bytes *input, unsigned prefix, Bytes *ret_bytes)
{
  uint32_t size;

  return take_number (input, prefix, &size) && bytes_take (input, size, ret_bytes);
}

static void
wipe_array (GByteArray *array)
{
  OPENSSL_cleanse (array->data, array->len);
  g_byte_array_unref (array);
}

static GByteArray *
write_inside (const Backup *self)
{
  g_autoptr (GBytes) key = private_key_to_der (self->user_key);
  size_t size = 4096;
  GByteArray *inside;

  /* All at once, so that no copy of the key stays behind when the array would grow. */
  for (guint i = 0; i < self->overlays->len; i++) {
    const BackupOverlay *overlay = g_ptr_array_index (self->overlays, i);

    size += strlen (overlay->address) + strlen (overlay->display_name) +
            g_bytes_get_size (overlay->document) + 64;
  }
  inside = g_byte_array_sized_new ((guint) size);
  append_opaque (inside, 2, bytes_borrow (key));
  big_endian_append (inside, 2, self->overlays->len);
  for (guint i = 0; i < self->overlays->len; i++) {
    const BackupOverlay *overlay = g_ptr_array_index (self->overlays, i);

    append_opaque (inside, 2, bytes_of_text (overlay->address));
    append_opaque (inside, 2, bytes_of_text (overlay->display_name));
    append_opaque (inside, 2,
                   (Bytes){ overlay->secret, overlay->has_secret ? ADMISSION_SECRET_SIZE : 0 });
    append_opaque (inside, 4, bytes_borrow (overlay->document));
  }
  return inside;
}

static bool
read_overlay (Bytes *input, Backup *backup)
{
  Bytes address, display_name, secret, document;
  BackupOverlay overlay = { 0 };
  bool is_good;

  if (!take_opaque (input, 2, &address) || !take_opaque (input, 2, &display_name) ||
      !take_opaque (input, 2, &secret) || !take_opaque (input, 4, &document) ||
      (secret.size != 0 && secret.size != ADMISSION_SECRET_SIZE) ||
      display_name.size > DISPLAY_NAME_MAX || document.size > LIMIT_CONFIGURATION_SIZE ||
      !g_utf8_validate ((const char *) display_name.data, (gssize) display_name.size, NULL))
    return false;

  overlay.address = g_strndup ((const char *) address.data, address.size);
  overlay.display_name = g_strndup ((const char *) display_name.data, display_name.size);
  overlay.has_secret = secret.size > 0;
  if (overlay.has_secret)
    memcpy (overlay.secret, secret.data, secret.size);
  overlay.document = g_bytes_new (document.data, document.size);
  is_good = strlen (overlay.address) == address.size && aor_is_canonical (overlay.address);
  if (is_good)
    backup_add_overlay (backup, &overlay);

  g_free (overlay.address);
  g_free (overlay.display_name);
  g_bytes_unref (overlay.document);
  OPENSSL_cleanse (overlay.secret, sizeof overlay.secret);
  return is_good;
}

static Backup *
read_inside (Bytes input)
{
  g_autoptr (PrivateKey) user_key = NULL;
  g_autoptr (Backup) backup = NULL;
  uint32_t count;
  Bytes key;

  if (!take_opaque (&input, 2, &key) || !take_number (&input, 2, &count) ||
      count > BACKUP_OVERLAYS || (user_key = private_key_from_der (key)) == NULL)
    return NULL;
  backup = backup_new (user_key);
  for (uint32_t i = 0; i < count; i++)
    if (!read_overlay (&input, backup))
      return NULL;
  return input.size == 0 ? g_steal_pointer (&backup) : NULL;
}

/* ---- The seal ---- */

/* One keyboard gives an accented letter whole, another in two parts: both mean the same. */
static void
derive_key (const char *passphrase, const uint8_t *header, uint8_t ret_key[KEY_SIZE])
{
  uint64_t n = UINT64_C (1) << header[1];
  char *normal = g_utf8_normalize (passphrase, -1, G_NORMALIZE_NFKC);
  const char *text = normal != NULL ? normal : passphrase; /* NULL: no UTF-8 */

  if (!EVP_PBE_scrypt (text, strlen (text), header + 2, SALT_SIZE, n, SCRYPT_R, 1,
                       n * SCRYPT_R * 128 + (1 << 20), ret_key, KEY_SIZE))
    g_error ("scrypt is not available");
  secret_text_free (normal);
}

/* Seals or opens `input` into `output` of the same size; opening checks `tag`. */
static bool
apply_seal (bool is_sealing,
            const char *passphrase,
            const uint8_t *header,
            Bytes input,
            uint8_t *output,
            uint8_t *tag)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  uint8_t key[KEY_SIZE];
  int size;
  bool is_good;

  derive_key (passphrase, header, key);
  is_good =
    EVP_CipherInit_ex (context, EVP_aes_256_gcm (), NULL, key, header + 2 + SALT_SIZE,
                       is_sealing) &&
    (is_sealing || EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1) &&
    EVP_CipherUpdate (context, NULL, &size, header, HEADER_SIZE) &&
    EVP_CipherUpdate (context, output, &size, input.data, (int) input.size) &&
    EVP_CipherFinal_ex (context, output + size, &size) == 1 &&
    (!is_sealing || EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1);
  OPENSSL_cleanse (key, sizeof key);
  EVP_CIPHER_CTX_free (context);
  return is_good;
}

char *
backup_seal (const Backup *self, const char *passphrase)
{
  GByteArray *inside = write_inside (self);
  size_t size = HEADER_SIZE + inside->len + TAG_SIZE;
  g_autofree uint8_t *file = g_malloc (size);
  BIO *memory = BIO_new (BIO_s_mem ());
  char *data, *text;
  long text_size;

  file[0] = VERSION;
  file[1] = SCRYPT_LOG_N;
  if (RAND_bytes (file + 2, SALT_SIZE + NONCE_SIZE) != 1 ||
      !apply_seal (true, passphrase, file, (Bytes){ inside->data, inside->len }, file + HEADER_SIZE,
                   file + HEADER_SIZE + inside->len))
    g_error ("a backup could not be sealed");
  wipe_array (inside);

  PEM_write_bio (memory, armour, "", file, (long) size);
  text_size = BIO_get_mem_data (memory, &data);
  text = g_strndup (data, (size_t) text_size);
  BIO_free (memory);
  return text;
}

static uint8_t *
read_armour (Bytes text, size_t *ret_size)
{
  BIO *memory = BIO_new_mem_buf (text.data, (int) text.size);
  char *name = NULL, *headers = NULL;
  uint8_t *data = NULL;
  long size = 0;

  ERR_set_mark ();
  if (PEM_read_bio (memory, &name, &headers, &data, &size) != 1 || strcmp (name, armour) != 0) {
    OPENSSL_free (data);
    data = NULL;
  }
  ERR_pop_to_mark ();
  OPENSSL_free (name);
  OPENSSL_free (headers);
  BIO_free (memory);
  *ret_size = (size_t) size;
  return data;
}

static BackupVerdict
open_file (Bytes file, const char *passphrase, Backup **ret_backup)
{
  BackupVerdict verdict = BACKUP_WRONG_PASSPHRASE;
  uint8_t tag[TAG_SIZE];
  uint8_t *inside;
  size_t size;

  if (file.size > 0 && file.data[0] > VERSION)
    return BACKUP_NEWER;
  if (file.size < HEADER_SIZE + TAG_SIZE || file.data[0] != VERSION ||
      file.data[1] < SCRYPT_LOG_N_MIN || file.data[1] > SCRYPT_LOG_N_MAX)
    return BACKUP_MALFORMED;

  size = file.size - HEADER_SIZE - TAG_SIZE;
  inside = g_malloc (size + 1);
  memcpy (tag, file.data + HEADER_SIZE + size, TAG_SIZE);
  if (apply_seal (false, passphrase, file.data, (Bytes){ file.data + HEADER_SIZE, size }, inside,
                  tag)) {
    Backup *backup = read_inside ((Bytes){ inside, size });

    verdict = backup != NULL ? BACKUP_GOOD : BACKUP_MALFORMED;
    if (backup != NULL)
      *ret_backup = backup;
  }
  OPENSSL_cleanse (inside, size);
  g_free (inside);
  return verdict;
}

BackupVerdict
backup_open (Bytes text, const char *passphrase, Backup **ret_backup)
{
  BackupVerdict verdict;
  uint8_t *file;
  size_t size;

  if (text.size == 0 || text.size > BACKUP_SIZE_MAX)
    return BACKUP_MALFORMED;
  file = read_armour (text, &size);
  if (file == NULL)
    return BACKUP_MALFORMED;
  verdict = open_file ((Bytes){ file, size }, passphrase, ret_backup);
  OPENSSL_free (file);
  return verdict;
}
