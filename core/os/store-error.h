/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store-error.h: what can go wrong with what is kept on disk. */
#pragma once
#include <glib.h>

#define STORE_ERROR (store_error_quark ())
GQuark store_error_quark (void);

typedef enum StoreError {
  STORE_ERROR_DAMAGED,        /* no database or key of ours, or a broken one */
  STORE_ERROR_NEWER,          /* written by a newer program */
  STORE_ERROR_READ_ONLY,      /* no permission to write there, or a read-only disk */
  STORE_ERROR_FULL,           /* no space, or a quota is used up */
  STORE_ERROR_MISSING,        /* no such file */
  STORE_ERROR_OPEN_TO_OTHERS, /* a secret that other people on this computer can read */
  STORE_ERROR_FAILED,         /* anything else */
} StoreError;

/* Sets an error for the system call on `path` that has just failed with `error_number`. */
void store_error_set_errno (GError **error, const char *what, const char *path, int error_number);
