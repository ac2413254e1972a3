/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/aor.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* From what people type to an address, and from an address to a call or an answer. */

/* A look-up under way, or done. */
typedef struct Lookup {
  Line *line;
  uint32_t number;
} Lookup;

Line *
phone_find_overlay (PealPhone *self, const char *overlay)
{
  Line *line = phone_find_line (self, overlay);

  if (line)
    return line;
  if (overlay[0] == '\0')
    return self->lines->len > 0 ? self->lines->pdata[0] : NULL;
  for (guint i = 0; i < self->lines->len; i++) {
    PealAccount *account = line_get_account (self->lines->pdata[i]);
    g_autofree char *label = g_utf8_strdown (peal_account_get_label (account), -1);

    if (strcmp (label, overlay) == 0)
      return self->lines->pdata[i];
  }
  return NULL;
}

GError *
phone_overlay_error (const char *overlay)
{
  g_autofree char *words =
    overlay[0] ? words_unknown_overlay (overlay) : g_strdup (words_no_account ());

  return g_error_new_literal (PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_UNKNOWN_OVERLAY, words);
}

char *
peal_phone_resolve (PealPhone *self, const char *typed, GError **error)
{
  Aor aor;
  Line *line;

  if (aor_is_emergency_number (typed)) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_EMERGENCY, words_emergency ());
    return NULL;
  }
  if (!aor_from_typed (typed, &aor)) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME, words_bad_name ());
    return NULL;
  }
  line = phone_find_overlay (self, aor.overlay);
  if (!line) {
    g_propagate_error (error, phone_overlay_error (aor.overlay));
    return NULL;
  }
  return g_strdup_printf ("%s@%s", aor.user, line_get_instance_name (line));
}

PealCall *
peal_phone_dial_with (PealPhone *self,
                      const char *typed,
                      const CallMediaOptions *options,
                      GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);
  g_autofree char *gr = aor_gr_of_typed (typed);

  if (!address)
    return NULL;
  return calls_dial (self->calls, phone_line_of_address (self, address), address, gr, options);
}

PealCall *
peal_phone_dial (PealPhone *self, const char *typed, GError **error)
{
  return peal_phone_dial_with (self, typed, NULL, error);
}

PealCall *
peal_phone_dial_choice (PealPhone *self, PealCall *call, size_t choice)
{
  Line *line = phone_line_of_address (self, peal_call_get_address (call));

  return line ? calls_choose (self->calls, line, call, choice) : NULL;
}

PealCall *
peal_phone_dial_new_key (PealPhone *self, const char *address)
{
  Line *line = phone_line_of_address (self, address);
  const UserKey *key = contacts_other_key (self->contacts, address);

  return line && key ? calls_dial_key (self->calls, line, address, key) : NULL;
}

void
peal_phone_set_call_options (PealPhone *self, const CallMediaOptions *options)
{
  calls_set_options (self->calls, options);
}

/* ---- Look-ups ---- */

void
peal_lookup_free (PealLookup *lookup)
{
  if (!lookup)
    return;
  g_free (lookup->address);
  g_strfreev (lookup->node_ids);
  g_free (lookup);
}

static void
free_result (gpointer data)
{
  peal_lookup_free (data);
}

void
phone_add_lookup (PealPhone *self, GTask *task, Line *line, uint32_t number)
{
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->line = line;
  lookup->number = number;
  g_task_set_task_data (task, lookup, g_free);
  g_ptr_array_add (self->lookups, task);
}

GTask *
phone_take_lookup (PealPhone *self, Line *line, uint32_t number)
{
  for (guint i = 0; i < self->lookups->len; i++) {
    GTask *task = self->lookups->pdata[i];
    const Lookup *lookup = g_task_get_task_data (task);

    if (lookup->line != line || lookup->number != number)
      continue;
    g_object_ref (task);
    g_ptr_array_remove_index (self->lookups, i);
    return task;
  }
  return NULL;
}

void
peal_phone_lookup_async (PealPhone *self,
                         const char *typed,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  g_autofree char *address = peal_phone_resolve (self, typed, &error);
  Line *line;

  g_task_set_source_tag (task, peal_phone_lookup_async);
  if (!address) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  line = phone_line_of_address (self, address);
  phone_add_lookup (self, task, line, node_lookup (line_get_node (line), address));
}

PealLookup *
peal_phone_lookup_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static PealLookup *
make_result (const NodeEvent *event)
{
  PealLookup *result = g_new0 (PealLookup, 1);
  size_t count = MIN (event->lookup.device_count, NODE_LOOKUP_DEVICES);

  result->address = g_strdup (event->lookup.address);
  result->hops = event->lookup.hops;
  result->is_partial = event->lookup.is_partial;
  result->duration_ms = event->lookup.duration_ms;
  result->node_ids = g_new0 (char *, count + 1);
  for (size_t i = 0; i < count; i++) {
    char hex[33];

    result->node_ids[i] = g_strdup (node_id_to_hex (&event->lookup.devices[i].node_id, hex));
  }
  return result;
}

GError *
phone_lookup_error (PealPhone *self, const char *address, NodeCallEnd end)
{
  g_autofree char *name = contacts_name (self->contacts, address);
  g_autofree char *display_address = contacts_display_address (self->contacts, address);
  PealContact *contact = contacts_find (self->contacts, address);
  WordsCall words = { .state = PEAL_CALL_ENDED,
                      .name = name,
                      .display_address = display_address,
                      .seen = contact ? peal_contact_get_seen (contact) : 0 };
  g_autofree char *text = words_call_end (&words, end);

  return g_error_new_literal (PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL, text);
}

void
phone_on_lookup (PealPhone *self, Line *line, const NodeEvent *event)
{
  g_autoptr (GTask) task = phone_take_lookup (self, line, event->lookup.lookup);

  if (!task)
    return;
  if (event->lookup.end == NODE_CALL_END_NONE)
    g_task_return_pointer (task, make_result (event), free_result);
  else
    g_task_return_error (task, phone_lookup_error (self, event->lookup.address, event->lookup.end));
}

void
phone_drop_lookups (PealPhone *self, Line *line)
{
  for (guint i = self->lookups->len; i-- > 0;) {
    g_autoptr (GTask) task = g_object_ref (self->lookups->pdata[i]);
    const Lookup *lookup = g_task_get_task_data (task);

    if (lookup->line != line)
      continue;
    g_ptr_array_remove_index (self->lookups, i);
    g_task_return_new_error (task, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_CALL, "%s",
                             words_no_network ());
  }
}
