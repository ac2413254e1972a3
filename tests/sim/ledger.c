/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/ledger.h"

#include "core/wire/frame.h"
#include "core/wire/header.h"
#include "core/wire/methods.h"

/* Errors do not say what they answer, and further pieces of a message not what it is. */
enum { LINKS = 0, PIECES = 0x10000 };

static uint32_t
method_in (Bytes message)
{
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;
  uint16_t code;

  if (!header_decode (message, arena, &header, &payload, NULL) || payload.size < 2 ||
      header_fragment_offset (&header) > 0)
    return PIECES;
  code = (uint16_t) (payload.data[0] << 8 | payload.data[1]);
  return message_code_is_answer (code) && code != MESSAGE_ERROR ? code - 1u : code;
}

static void
on_frame (SimPeer *from, SimPeer *to, Bytes bytes, void *user_data)
{
  Ledger *self = user_data;
  FramedMessage frame;
  uint32_t method = LINKS;
  LedgerRow *row;

  if (frame_decode (bytes, &frame) && frame.type == FRAME_DATA && frame.message.size > 0)
    method = method_in (frame.message);
  row = g_hash_table_lookup (self->rows, GUINT_TO_POINTER (method));
  if (row == NULL)
    g_hash_table_insert (self->rows, GUINT_TO_POINTER (method), row = g_new0 (LedgerRow, 1));
  row->frames++;
  row->bytes += bytes.size;
}

static const char *
name_of (uint32_t method)
{
  const Method *known = method <= UINT16_MAX ? method_of_code ((uint16_t) method) : NULL;

  if (method == LINKS)
    return "(links)";
  if (method == MESSAGE_ERROR)
    return "(errors)";
  return known != NULL ? known->name : "(pieces)";
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return a < b ? -1 : a > b;
}

uint64_t
ledger_messages (const Ledger *self)
{
  GHashTableIter iter;
  gpointer key, row;
  uint64_t messages = 0;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &key, &row))
    if (GPOINTER_TO_UINT (key) != LINKS)
      messages += ((const LedgerRow *) row)->frames;
  return messages;
}

void
ledger_print (const Ledger *self, double peer_seconds)
{
  g_autoptr (GList) keys = g_hash_table_get_keys (self->rows);

  keys = g_list_sort (keys, compare_keys);
  for (GList *l = keys; l != NULL; l = l->next) {
    const LedgerRow *row = g_hash_table_lookup (self->rows, l->data);
    g_printerr ("%-14s %8.3f frames/s %8.1f B/s\n", name_of (GPOINTER_TO_UINT (l->data)),
                (double) row->frames / peer_seconds, (double) row->bytes / peer_seconds);
  }
}

void
ledger_reset (Ledger *self)
{
  g_hash_table_remove_all (self->rows);
}

Ledger *
ledger_new (SimWorld *world)
{
  Ledger *self = g_new0 (Ledger, 1);

  self->world = world;
  self->rows = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  sim_world_set_tap (world, on_frame, self);
  return self;
}

void
ledger_free (Ledger *self)
{
  if (self == NULL)
    return;
  sim_world_set_tap (self->world, NULL, NULL);
  g_hash_table_unref (self->rows);
  g_free (self);
}
