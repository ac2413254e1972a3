/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* What the disk has comes back as it was. */

static void
restore (OverlayStage *to, OverlayStage *from)
{
  GHashTableIter iter;
  void *key, *value;

  g_hash_table_iter_init (&iter, from->kept);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    gsize key_size, size;
    const uint8_t *name = g_bytes_get_data (key, &key_size);
    const uint8_t *data = g_bytes_get_data (value, &size);
    overlay_restore (to->overlay, (KeepTable) name[0], (Bytes){ name + 1, key_size - 1 },
                     (Bytes){ data, size });
  }
}

static GByteArray *
copy_of (OverlayStage *stage, const NodeId *resource)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  StorageCut cut = { .room = SIZE_MAX };
  StoreReq body = {
    .resource = node_id_bytes (resource),
    .kind_data = storage_copy (stage->overlay->storage, resource, &cut, arena, certificates),
  };
  GByteArray *bytes = g_byte_array_new ();

  g_assert_true (store_req_encode (&body, bytes));
  return bytes;
}

static void
test_disk (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();
  NodeId own = resource_id_of (node_id_bytes (&first->overlay->id));
  g_autoptr (GByteArray) before = NULL;
  g_autoptr (GByteArray) after = NULL;

  overlay_stage_alone (first);
  second->wall_ms = first->wall_ms + timers_now (first->timers) / TIME_MS;
  restore (second, first);
  g_assert_cmpuint (storage_value_count (first->overlay->storage), >, 0);
  g_assert_cmpuint (storage_value_count (second->overlay->storage), ==,
                    storage_value_count (first->overlay->storage));
  g_assert_cmpuint (storage_bytes (second->overlay->storage), ==,
                    storage_bytes (first->overlay->storage));
  before = copy_of (first, &own);
  after = copy_of (second, &own);
  g_assert_cmpmem (before->data, before->len, after->data, after->len);
}

static void
test_disk_expired (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();

  overlay_stage_alone (first);
  second->wall_ms = first->wall_ms + (LIMIT_LIFETIME_S + 1) * UINT64_C (1000);
  restore (second, first);
  g_assert_cmpuint (storage_value_count (second->overlay->storage), ==, 0);
}

static void
test_disk_damaged (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();
  GHashTableIter iter;
  void *key, *value;

  overlay_stage_alone (first);
  g_hash_table_iter_init (&iter, first->kept);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    gsize key_size, size;
    const uint8_t *name = g_bytes_get_data (key, &key_size);
    const uint8_t *data = g_bytes_get_data (value, &size);
    if (name[0] != KEEP_RESOURCE)
      continue;
    for (gsize cut = 0; cut < size; cut++)
      g_assert_false (storage_restore (second->overlay->storage, (Bytes){ name + 1, key_size - 1 },
                                       (Bytes){ data, cut }));
    for (gsize cut = 0; cut < NODE_ID_SIZE + 8; cut++)
      g_assert_false (storage_restore (second->overlay->storage, (Bytes){ name + 1, cut },
                                       (Bytes){ data, size }));
  }
  g_assert_cmpuint (storage_value_count (second->overlay->storage), ==, 0);
}

static void
on_resource (void *user_data, const NodeId *resource)
{
  OverlayStage *stage = user_data;

  storage_drop (stage->overlay->storage, resource);
}

static void
test_drop (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  storage_for_each (stage->overlay->storage, on_resource, stage);
  g_assert_cmpuint (storage_resource_count (stage->overlay->storage), ==, 0);
  g_assert_cmpuint (storage_bytes (stage->overlay->storage), ==, 0);
  g_assert_cmpuint (g_hash_table_size (stage->kept), ==, 0);
}

static void
test_sweep (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  overlay_stop (stage->overlay);
  overlay_stage_run (stage, (LIMIT_LIFETIME_S + 61) * TIME_SECOND);
  g_assert_cmpuint (storage_value_count (stage->overlay->storage), ==, 0);
  g_assert_cmpuint (storage_resource_count (stage->overlay->storage), ==, 0);
  g_assert_cmpuint (g_hash_table_size (stage->kept), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storage/disk/what-was-kept-comes-back-as-it-was", test_disk);
  g_test_add_func ("/storage/disk/what-has-expired-meanwhile-stays-away", test_disk_expired);
  g_test_add_func ("/storage/disk/what-is-damaged-stays-away", test_disk_damaged);
  g_test_add_func ("/storage/drop/leaves-nothing-behind", test_drop);
  g_test_add_func ("/storage/sweep/memory-returns-to-its-base", test_sweep);
  return g_test_run ();
}
