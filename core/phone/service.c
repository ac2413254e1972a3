/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/service.h"

#include "core/phone/phone-private.h"
#include "core/phone/words.h"

#include <string.h>

/* Searches for services wait among the look-ups. */

void
peal_service_free (PealService *service)
{
  if (!service)
    return;
  g_free (service->name);
  g_free (service->node_id);
  g_free (service);
}

static void
free_result (gpointer data)
{
  peal_service_free (data);
}

void
peal_phone_find_service_async (PealPhone *self,
                               const char *typed,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  const char *at = strrchr (typed, '@');
  const char *overlay = at ? at + 1 : "";
  g_autofree char *name = at ? g_strndup (typed, (gsize) (at - typed)) : g_strdup (typed);
  Line *line = phone_find_overlay (self, overlay);

  g_task_set_source_tag (task, peal_phone_find_service_async);
  if (!line) {
    g_task_return_error (task, phone_overlay_error (overlay));
    g_object_unref (task);
    return;
  }
  phone_add_lookup (self, task, line, node_service_find (line_get_node (line), name, NULL));
}

PealService *
peal_phone_find_service_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static PealService *
make_result (const ServiceFound *found)
{
  PealService *result = g_new0 (PealService, 1);
  char hex[2 * NODE_ID_SIZE + 1];

  result->name = g_strdup (found->namespace);
  result->node_id = g_strdup (node_id_to_hex (&found->provider, hex));
  result->fetches = found->fetches;
  result->duration_ms = found->duration_ms;
  return result;
}

void
phone_on_service (PealPhone *self, Line *line, const NodeEvent *event)
{
  const ServiceFound *found = event->service.found;
  g_autoptr (GTask) task = phone_take_lookup (self, line, event->service.search);
  g_autofree char *words = NULL;

  if (!task)
    return;
  if (found->is_found) {
    g_task_return_pointer (task, make_result (found), free_result);
    return;
  }
  words = found->was_answered
            ? words_no_service (found->namespace, peal_account_get_label (line_get_account (line)))
            : g_strdup (words_no_network ());
  g_task_return_new_error (task, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL, "%s", words);
}
