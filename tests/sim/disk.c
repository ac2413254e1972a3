/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/disk.h"

#include <string.h>

/* There are as many disks as peers, so one is no more than its entries, in order. */

typedef struct Kept {
  KeepTable table;
  uint32_t key_size;
  uint32_t value_size;
  uint8_t bytes[]; /* the key, then the value */
} Kept;

struct SimDisk {
  GPtrArray *entries; /* of Kept, owned */
};

static Kept *
at (const SimDisk *self, guint i)
{
  return g_ptr_array_index (self->entries, i);
}

static Bytes
key_of (const Kept *kept)
{
  return (Bytes){ kept->bytes, kept->key_size };
}

static int
compare (const Kept *kept, KeepTable table, Bytes key)
{
  if (kept->table != table)
    return kept->table < table ? -1 : 1;
  return bytes_compare (key_of (kept), key);
}

/* Where that entry stands, or would stand. */
static guint
place_of (const SimDisk *self, KeepTable table, Bytes key)
{
  guint low = 0;
  guint high = self->entries->len;

  while (low < high) {
    guint middle = (low + high) / 2;
    if (compare (at (self, middle), table, key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static Kept *
kept_new (KeepTable table, Bytes key, Bytes value)
{
  Kept *kept = g_malloc (sizeof *kept + key.size + value.size);

  kept->table = table;
  kept->key_size = (uint32_t) key.size;
  kept->value_size = (uint32_t) value.size;
  memcpy (kept->bytes, key.data, key.size);
  memcpy (kept->bytes + key.size, value.data, value.size);
  return kept;
}

SimDisk *
sim_disk_new (void)
{
  SimDisk *self = g_new0 (SimDisk, 1);

  self->entries = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
sim_disk_free (SimDisk *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
sim_disk_keep (SimDisk *self, KeepTable table, Bytes key, Bytes value)
{
  guint i = place_of (self, table, key);

  if (i < self->entries->len && compare (at (self, i), table, key) == 0)
    g_ptr_array_remove_index (self->entries, i);
  if (value.size > 0)
    g_ptr_array_insert (self->entries, (gint) i, kept_new (table, key, value));
}

void
sim_disk_for_each (SimDisk *self, SimDiskFunc func, void *user_data)
{
  for (guint i = 0; i < self->entries->len; i++) {
    const Kept *kept = at (self, i);
    func (kept->table, key_of (kept), (Bytes){ kept->bytes + kept->key_size, kept->value_size },
          user_data);
  }
}
