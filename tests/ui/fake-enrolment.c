/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"

#include <string.h>

/* A link that says "enrol" is to a network with a server, for Dora; any code is right. */

bool
peal_phone_read_enrolment (const char *invitation, char **ret_name, char **ret_code)
{
  if (!strstr (invitation, "enrol"))
    return false;
  if (ret_name)
    *ret_name = g_strdup ("dora");
  if (ret_code)
    *ret_code = g_strdup ("");
  return true;
}

void
peal_phone_enrol_async (PealPhone *self,
                        const PealEnrolment *options,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  PealAccount *account = NULL;

  if (*options->code)
    account =
      peal_phone_join (self, options->invitation, options->name, options->display_name, &error);
  else
    g_set_error_literal (&error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CODE, words_code_wrong ());
  if (account)
    g_task_return_pointer (task, account, NULL);
  else
    g_task_return_error (task, error);
}

PealAccount *
peal_phone_enrol_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
