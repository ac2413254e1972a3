/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage-private.h"
#include "core/overlay/usage-certificate.h"
#include "tests/unit/overlay-stage.h"

/* What a node that is alone has stored with itself. */

static const StoredValue *
held (OverlayStage *stage, Bytes name, uint32_t kind_id, uint32_t index)
{
  NodeId place = resource_id_of (name);
  Storage *storage = stage->overlay->storage;
  StoredKind *kind = storage_find_kind (storage_find_resource (storage, &place), kind_id);
  DataModel model = configuration_kind (stage->configuration, kind_id)->data_model;

  return storage_find_value (kind, model, index, (Bytes){ NULL, 0 });
}

static void
expect_own (OverlayStage *stage, const StoredValue *value)
{
  const Certificate *own = stage->signer.own;
  Bytes content;

  g_assert_nonnull (value);
  g_assert_true (value->exists);
  content = stored_value_content (value);
  g_assert_cmpmem (content.data, content.size, own->der.data, own->der.size);
}

static void
drop (void *user_data, const NodeId *resource)
{
  storage_drop (user_data, resource);
}

static void
test_by_node (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  expect_own (stage,
              held (stage, node_id_bytes (&stage->overlay->id), KIND_CERTIFICATE_BY_NODE, 0));
}

/* Devices of a person keep out of each other's way. */
static void
test_by_user (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Bytes user = bytes_of_text (stage->signer.own->user);

  overlay_stage_alone (stage);
  for (uint32_t i = 0; i < 16; i++) {
    const StoredValue *value = held (stage, user, KIND_CERTIFICATE_BY_USER, i);
    if (i == 0)
      expect_own (stage, value);
    else
      g_assert_null (value);
  }
}

static void
test_bare_peer (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Storage *storage = stage->overlay->storage;
  CertificateUsage *usage = certificate_usage_new (stage->overlay, false);

  overlay_stage_alone (stage);
  storage_for_each (storage, drop, storage);
  certificate_usage_start (usage);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (storage_resource_count (storage), ==, 1);
  expect_own (stage,
              held (stage, node_id_bytes (&stage->overlay->id), KIND_CERTIFICATE_BY_NODE, 0));
  certificate_usage_free (usage);
}

static void
test_refresh (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Bytes name = node_id_bytes (&stage->overlay->id);
  uint64_t first;

  overlay_stage_alone (stage);
  first = held (stage, name, KIND_CERTIFICATE_BY_NODE, 0)->storage_time;
  for (unsigned day = 0; day < 3; day++) {
    overlay_stage_run (stage, 24 * TIME_HOUR);
    expect_own (stage, held (stage, name, KIND_CERTIFICATE_BY_NODE, 0));
  }
  g_assert_cmpuint (held (stage, name, KIND_CERTIFICATE_BY_NODE, 0)->storage_time, >, first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage-certificate/stands-under-the-node-id", test_by_node);
  g_test_add_func ("/usage-certificate/stands-under-the-name-in-a-place-of-its-own", test_by_user);
  g_test_add_func ("/usage-certificate/a-bare-peer-has-no-name", test_bare_peer);
  g_test_add_func ("/usage-certificate/is-there-day-after-day", test_refresh);
  return g_test_run ();
}
