/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/publication.h"

#include "core/wire/store.h"
#include "tests/unit/overlay-stage.h"

/* A value of the node's own at a place of its own: a ring of one stores with itself, so what is
 * looked at is its storage. */

static NodeId
place_of (OverlayStage *stage)
{
  return resource_id_of (bytes_of_text (stage->signer.own->user));
}

static Publication *
publish (OverlayStage *stage)
{
  PublicationOptions options = {
    .resource = place_of (stage),
    .kind = UINT32_C (0xf0000001),
    .key = node_id_bytes (&stage->overlay->id),
    .value = bytes_of_text ("hello"),
    .lifetime_s = 100,
    .refresh_s = 50,
  };

  return publication_new (stage->overlay, &options);
}

/* What storage has of it; `data` in the arena. */
static bool
stored (OverlayStage *stage, Arena *arena, StoredData *ret_data)
{
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  NodeId place = place_of (stage);
  StoreKindDataList list = storage_copy (stage->overlay->storage, &place, arena, certificates);

  for (size_t i = 0; i < list.count; i++)
    if (list.items[i].kind == UINT32_C (0xf0000001)) {
      *ret_data = list.items[i].values.items[0];
      return true;
    }
  return false;
}

static void
test_refreshed (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  g_autoptr (Arena) arena = arena_new ();
  Publication *publication;
  StoredData data;
  uint64_t first;

  overlay_stage_alone (stage);
  publication = publish (stage);
  g_assert_false (publication_is_stored (publication));
  publication_start (publication);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_true (publication_is_stored (publication));
  g_assert_true (stored (stage, arena, &data));
  g_assert_true (bytes_equal (data.value.value.value, bytes_of_text ("hello")));
  first = data.storage_time;
  for (unsigned i = 0; i < 10; i++) {
    overlay_stage_run (stage, 61 * TIME_SECOND);
    g_assert_true (stored (stage, arena, &data));
    g_assert_cmpuint (data.storage_time, >, first);
    first = data.storage_time;
  }
  publication_free (publication);
}

static void
test_withdrawn (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  g_autoptr (Arena) arena = arena_new ();
  Publication *publication;
  StoredData data;

  overlay_stage_alone (stage);
  publication = publish (stage);
  publication_start (publication);
  overlay_stage_run (stage, TIME_SECOND);
  publication_withdraw (publication);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_true (stored (stage, arena, &data));
  g_assert_false (data.value.value.exists);
  publication_start (publication);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_true (stored (stage, arena, &data));
  g_assert_false (data.value.value.exists);
  publication_free (publication);
}

/* Our clock was ahead in another life: the holder has something newer. */
static void
test_too_old (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  g_autoptr (Arena) arena = arena_new ();
  Publication *first, *second;
  StoredData before, after;

  overlay_stage_alone (stage);
  first = publish (stage);
  publication_start (first);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_true (stored (stage, arena, &before));
  publication_free (first);
  stage->wall_ms -= 3600 * 1000;
  second = publish (stage);
  publication_start (second);
  overlay_stage_run (stage, 10 * TIME_SECOND);
  g_assert_true (publication_is_stored (second));
  g_assert_true (stored (stage, arena, &after));
  g_assert_cmpuint (after.storage_time, ==, before.storage_time + 1);
  publication_free (second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/publication/stored-and-stored-again", test_refreshed);
  g_test_add_func ("/publication/withdrawn-means-nonexistent-and-quiet", test_withdrawn);
  g_test_add_func ("/publication/threat-5.5-newer-by-one-millisecond", test_too_old);
  return g_test_run ();
}
