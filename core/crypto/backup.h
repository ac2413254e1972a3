/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup.h: the identity file, by which a person moves to another device.
 *
 * It holds the user key and what is needed to enter each overlay again, sealed by a passphrase. It
 * does not hold device keys: the other device makes its own and gets the user key's statement. */
#pragma once
#include "core/crypto/private-key.h"

enum { BACKUP_OVERLAYS = 32, BACKUP_SIZE_MAX = 16 << 20 };

typedef struct BackupOverlay {
  char *address;      /* user@instance-name */
  char *display_name; /* what the person is called there */
  bool has_secret;
  uint8_t secret[ADMISSION_SECRET_SIZE];
  GBytes *document; /* the configuration */
} BackupOverlay;

typedef struct Backup {
  PrivateKey *user_key;
  GPtrArray *overlays; /* of BackupOverlay, owned */
} Backup;

/* Takes a reference to the key. */
Backup *backup_new (PrivateKey *user_key);
void backup_free (Backup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Backup, backup_free)

/* Copies the overlay. */
void backup_add_overlay (Backup *self, const BackupOverlay *overlay);

/* The text of the file. Takes some 200 ms and 64 MiB by intent: guessing shall be dear. */
char *backup_seal (const Backup *self, const char *passphrase);

typedef enum BackupVerdict {
  BACKUP_GOOD = 0,
  BACKUP_MALFORMED,        /* no identity file */
  BACKUP_NEWER,            /* of a newer version */
  BACKUP_WRONG_PASSPHRASE, /* or a file that was changed */
} BackupVerdict;

BackupVerdict backup_open (Bytes text, const char *passphrase, Backup **ret_backup);
