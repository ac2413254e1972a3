/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/history-private.h"
#include "core/phone/property.h"
#include "core/phone/words.h"

struct _PealHistoryEntry {
  GObject parent;

  gint64 id;
  char *address;
  char *name;
  gint64 started;
  unsigned duration;
  bool is_incoming;
  bool is_missed;
};

G_DEFINE_FINAL_TYPE (PealHistoryEntry, peal_history_entry, G_TYPE_OBJECT)

enum {
  PROP_ADDRESS = 1,
  PROP_NAME,
  PROP_IS_INCOMING,
  PROP_IS_MISSED,
  PROP_STARTED,
  PROP_DURATION,
  PROP_WHEN_TEXT,
  PROP_TEXT,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "address", G_TYPE_STRING, offsetof (PealHistoryEntry, address) },
  { "name", G_TYPE_STRING, offsetof (PealHistoryEntry, name) },
  { "is-incoming", G_TYPE_BOOLEAN, offsetof (PealHistoryEntry, is_incoming) },
  { "is-missed", G_TYPE_BOOLEAN, offsetof (PealHistoryEntry, is_missed) },
  { "started", G_TYPE_INT64, offsetof (PealHistoryEntry, started) },
  { "duration", G_TYPE_UINT, offsetof (PealHistoryEntry, duration) },
  { "when-text", G_TYPE_STRING },
  { "text", G_TYPE_STRING },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static void
peal_history_entry_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealHistoryEntry *self = PEAL_HISTORY_ENTRY (object);

  switch (id) {
  case PROP_WHEN_TEXT:
    g_value_take_string (value, words_when (self->started, g_get_real_time () / G_USEC_PER_SEC));
    break;
  case PROP_TEXT:
    g_value_take_string (value, words_history (self->is_incoming, self->is_missed, self->duration));
    break;
  default:
    property_get (self, &rows[id - 1], value);
  }
}

static void
peal_history_entry_finalize (GObject *object)
{
  PealHistoryEntry *self = PEAL_HISTORY_ENTRY (object);

  g_free (self->address);
  g_free (self->name);
  G_OBJECT_CLASS (peal_history_entry_parent_class)->finalize (object);
}

static void
peal_history_entry_class_init (PealHistoryEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = peal_history_entry_get_property;
  object_class->finalize = peal_history_entry_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
peal_history_entry_init (PealHistoryEntry *self)
{
}

PealHistoryEntry *
peal_history_entry_new (const PealHistoryStart *start)
{
  PealHistoryEntry *self = g_object_new (PEAL_TYPE_HISTORY_ENTRY, NULL);

  self->id = start->id;
  self->address = g_strdup (start->address);
  self->name = g_strdup (start->name);
  self->is_incoming = start->is_incoming;
  self->started = start->started;
  return self;
}

void
peal_history_entry_show_name (PealHistoryEntry *self, const char *name)
{
  property_show_text (self, &self->name, name, properties[PROP_NAME]);
}

void
peal_history_entry_show_end (PealHistoryEntry *self, bool is_missed, unsigned duration)
{
  if (self->is_missed == is_missed && self->duration == duration)
    return;
  self->is_missed = is_missed;
  self->duration = duration;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_MISSED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DURATION]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

gint64
peal_history_entry_get_id (PealHistoryEntry *self)
{
  return self->id;
}

const char *
peal_history_entry_get_address (PealHistoryEntry *self)
{
  return self->address;
}
