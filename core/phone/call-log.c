/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-log.h"

/* The latest HISTORY_MAX calls stand in memory, all of them in the database. A row is written when
 * a call begins, as missed when it comes in, and again when it is answered and when it ends:
 * whenever the program dies, what is on the disk is true. */

enum { HISTORY_MAX = 1000 };

struct CallLog {
  Store *store;
  GListStore *list;
  GHashTable *missed; /* address -> number of missed calls not seen */
  CallLogNameFunc name;
  void *user_data;
};

static void
add_missed (CallLog *self, const char *address)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->missed, address));

  g_hash_table_insert (self->missed, g_strdup (address), GUINT_TO_POINTER (count + 1));
}

static PealHistoryEntry *
make_entry (CallLog *self, const StoreCall *call)
{
  g_autofree char *name = self->name (self->user_data, call->address);

  return peal_history_entry_new (&(PealHistoryStart){ .id = call->id,
                                                      .address = call->address,
                                                      .name = name,
                                                      .is_incoming = call->is_incoming,
                                                      .started = call->started });
}

CallLog *
call_log_new (Store *store, CallLogNameFunc name, void *user_data)
{
  CallLog *self = g_new0 (CallLog, 1);
  g_autoptr (GPtrArray) calls = store_calls (store, HISTORY_MAX);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_object_unref);

  self->store = store;
  self->name = name;
  self->user_data = user_data;
  self->list = g_list_store_new (PEAL_TYPE_HISTORY_ENTRY);
  self->missed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < calls->len; i++) {
    const StoreCall *call = calls->pdata[i];
    PealHistoryEntry *entry = make_entry (self, call);

    peal_history_entry_show_end (entry, call->is_missed, call->duration);
    g_ptr_array_add (entries, entry);
    if (call->is_missed && !call->is_seen)
      add_missed (self, call->address);
  }
  g_list_store_splice (self->list, 0, 0, entries->pdata, entries->len);
  return self;
}

void
call_log_free (CallLog *self)
{
  if (!self)
    return;
  g_object_unref (self->list);
  g_hash_table_unref (self->missed);
  g_free (self);
}

GListModel *
call_log_get_list (CallLog *self)
{
  return G_LIST_MODEL (self->list);
}

/* ---- The calls with one person: a list that follows the whole one ---- */

static bool
is_with (PealHistoryEntry *entry, const char *address)
{
  return strcmp (peal_history_entry_get_address (entry), address) == 0;
}

/* New calls come at the top, and the oldest leave at the bottom: everything is rebuilt, which for
 * one person's calls costs less than keeping an index. */
static void
on_list_changed (GListModel *all, guint position, guint removed, guint added, gpointer user_data)
{
  GListStore *list = user_data;
  const char *address = g_object_get_data (G_OBJECT (list), "address");
  guint count = g_list_model_get_n_items (G_LIST_MODEL (list)), kept = 0;

  if (removed == 0 && added == 1) {
    g_autoptr (PealHistoryEntry) entry = g_list_model_get_item (all, position);

    if (position == 0 && is_with (entry, address))
      g_list_store_insert (list, 0, entry);
    return;
  }
  for (guint i = 0; i < g_list_model_get_n_items (all) && kept < count; i++) {
    g_autoptr (PealHistoryEntry) entry = g_list_model_get_item (all, i);

    kept += is_with (entry, address);
  }
  if (kept < count)
    g_list_store_splice (list, kept, count - kept, NULL, 0);
}

GListModel *
call_log_with (CallLog *self, const char *address)
{
  GListStore *list = g_list_store_new (PEAL_TYPE_HISTORY_ENTRY);

  g_object_set_data_full (G_OBJECT (list), "address", g_strdup (address), g_free);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++) {
    g_autoptr (PealHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->list), i);

    if (is_with (entry, address))
      g_list_store_append (list, entry);
  }
  g_signal_connect_object (self->list, "items-changed", G_CALLBACK (on_list_changed), list,
                           G_CONNECT_DEFAULT);
  return G_LIST_MODEL (list);
}

/* ---- Calls come and go ---- */

PealHistoryEntry *
call_log_begin (CallLog *self, const char *address, bool is_incoming)
{
  StoreCall call = { .address = (char *) address,
                     .is_incoming = is_incoming,
                     .is_missed = is_incoming,
                     .started = g_get_real_time () / G_USEC_PER_SEC };
  PealHistoryEntry *entry;
  guint count = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  call.id = store_add_call (self->store, &call);
  entry = make_entry (self, &call);
  if (count >= HISTORY_MAX)
    g_list_store_remove (self->list, count - 1);
  g_list_store_insert (self->list, 0, entry);
  return entry;
}

void
call_log_update (
  CallLog *self, PealHistoryEntry *entry, bool is_missed, unsigned duration, bool is_over)
{
  gint64 id = peal_history_entry_get_id (entry);

  if (id > 0)
    store_update_call (self->store, id, is_missed, duration);
  if (!is_over)
    return;
  peal_history_entry_show_end (entry, is_missed, duration);
  if (is_missed)
    add_missed (self, peal_history_entry_get_address (entry));
}

unsigned
call_log_get_missed (CallLog *self, const char *address)
{
  GHashTableIter iter;
  gpointer value;
  unsigned count = 0;

  if (address)
    return GPOINTER_TO_UINT (g_hash_table_lookup (self->missed, address));
  g_hash_table_iter_init (&iter, self->missed);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    count += GPOINTER_TO_UINT (value);
  return count;
}

void
call_log_mark_seen (CallLog *self, const char *address)
{
  if (call_log_get_missed (self, address) == 0)
    return;
  store_mark_seen (self->store, address);
  if (address)
    g_hash_table_remove (self->missed, address);
  else
    g_hash_table_remove_all (self->missed);
}

void
call_log_rename (CallLog *self, const char *address)
{
  g_autofree char *name = self->name (self->user_data, address);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++) {
    g_autoptr (PealHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->list), i);

    if (is_with (entry, address))
      peal_history_entry_show_name (entry, name);
  }
}
