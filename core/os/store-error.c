/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/store-error.h"
#include <errno.h>

G_DEFINE_QUARK (store - error - quark, store_error)

static StoreError
code_of_errno (int error_number)
{
  switch (error_number) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return STORE_ERROR_FULL;
  case EROFS:
  case EACCES:
  case EPERM:
    return STORE_ERROR_READ_ONLY;
  case ENOENT:
    return STORE_ERROR_MISSING;
  case ELOOP:
  case EISDIR:
  case ENOTDIR:
    return STORE_ERROR_DAMAGED;
  default:
    return STORE_ERROR_FAILED;
  }
}

void
store_error_set_errno (GError **error, const char *what, const char *path, int error_number)
{
  g_set_error (error, STORE_ERROR, code_of_errno (error_number), "%s %s: %s", what, path,
               g_strerror (error_number));
}
