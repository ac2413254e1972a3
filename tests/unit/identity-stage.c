/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/identity-stage.h"

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **ret_result = user_data;

  *ret_result = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (!*result)
    g_main_context_iteration (NULL, TRUE);
}

bool
stage_export (PealPhone *phone, const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  peal_phone_export_identity_async (phone, path, passphrase, NULL, on_done, &result);
  wait_for (&result);
  return peal_phone_export_identity_finish (phone, result, error);
}

bool
stage_import (PealPhone *phone, const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  peal_phone_import_identity_async (phone, path, passphrase, NULL, on_done, &result);
  wait_for (&result);
  return peal_phone_import_identity_finish (phone, result, error);
}
