/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/phone/surroundings.h"
#include "core/base/limits.h"

/* Each line has a beacon that answers for it; one more only asks and listens. Every answer is heard
 * by all of them and is taken by the one that asks. What is heard is a hint where to connect and no
 * more: the handshake there decides. Overlays not heard for FORGET_S while we ask have gone. */

enum { ASK_EVERY_S = 10, FORGET_S = 35 };

typedef struct Beacon {
  Line *line;
  Discovery *discovery;
  uint8_t instance_hash[32];
} Beacon;

struct Surroundings {
  GListStore *nearby;
  char *listen;
  Discovery *ear; /* NULL without multicast */
  GPtrArray *beacons;
  guint asking;
};

static void
beacon_free (gpointer data)
{
  Beacon *beacon = data;

  discovery_free (beacon->discovery);
  g_free (beacon);
}

static void
hash_instance (const char *instance_name, uint8_t ret_hash[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = 32;

  g_checksum_update (checksum, (const guchar *) instance_name, (gssize) strlen (instance_name));
  g_checksum_get_digest (checksum, ret_hash, &size);
}

static PealNearby *
find_nearby (Surroundings *self, const uint8_t hash[32], guint *ret_position)
{
  GListModel *model = G_LIST_MODEL (self->nearby);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (PealNearby) nearby = g_list_model_get_item (model, i);

    if (memcmp (peal_nearby_get_instance_hash (nearby), hash, 32) == 0) {
      *ret_position = i;
      return nearby;
    }
  }
  return NULL;
}

static bool
lead_line (Surroundings *self, const DiscoveryHere *here)
{
  for (guint i = 0; i < self->beacons->len; i++) {
    Beacon *beacon = self->beacons->pdata[i];

    if (memcmp (beacon->instance_hash, here->instance_hash, 32) == 0) {
      if (!discovery_is_itself (beacon->discovery, here))
        node_add_bootstrap (line_get_node (beacon->line), LINK_TRANSPORT_DTLS, &here->listener);
      return true;
    }
  }
  return false;
}

static void
on_here (const DiscoveryHere *here, void *user_data)
{
  Surroundings *self = user_data;
  guint position;
  PealNearby *nearby;

  if (lead_line (self, here) || !g_utf8_validate (here->label, -1, NULL))
    return;
  nearby = find_nearby (self, here->instance_hash, &position);
  if (!nearby && g_list_model_get_n_items (G_LIST_MODEL (self->nearby)) < LIMIT_NEARBY) {
    g_autoptr (PealNearby) fresh =
      peal_nearby_new (here->label, here->instance_hash, &here->listener);

    peal_nearby_show (fresh, &here->listener, here->peers);
    g_list_store_append (self->nearby, fresh);
  } else if (nearby) {
    peal_nearby_show (nearby, &here->listener, here->peers);
  }
}

static void
on_other_ear (const DiscoveryHere *here, void *user_data)
{
  /* `ear` hears the same. */
}

static void
forget_gone (Surroundings *self)
{
  GListModel *model = G_LIST_MODEL (self->nearby);
  gint64 limit = g_get_monotonic_time () - FORGET_S * G_USEC_PER_SEC;

  for (guint i = g_list_model_get_n_items (model); i-- > 0;) {
    g_autoptr (PealNearby) nearby = g_list_model_get_item (model, i);

    if (peal_nearby_get_heard (nearby) < limit)
      g_list_store_remove (self->nearby, i);
  }
}

static gboolean
on_ask (gpointer user_data)
{
  Surroundings *self = user_data;

  forget_gone (self);
  discovery_ask (self->ear);
  return G_SOURCE_CONTINUE;
}

Surroundings *
surroundings_new (GListStore *nearby, const char *listen)
{
  Surroundings *self = g_new0 (Surroundings, 1);
  g_autoptr (GError) error = NULL;

  self->nearby = nearby;
  self->listen = g_strdup (listen);
  self->beacons = g_ptr_array_new_with_free_func (beacon_free);
  self->ear = discovery_new (listen, on_here, self, &error);
  if (!self->ear)
    g_message ("no discovery: %s", error->message);
  return self;
}

void
surroundings_free (Surroundings *self)
{
  if (!self)
    return;
  g_clear_handle_id (&self->asking, g_source_remove);
  g_ptr_array_unref (self->beacons);
  discovery_free (self->ear);
  g_list_store_remove_all (self->nearby);
  g_free (self->listen);
  g_free (self);
}

static void
announce (Beacon *beacon)
{
  PealAccount *account = line_get_account (beacon->line);
  DiscoveryHere here = { .peers = peal_account_get_peers (account) };
  const char *label = peal_account_get_label (account), *end;

  if (!line_get_listener (beacon->line, &here.listener)) {
    discovery_announce (beacon->discovery, NULL);
    return;
  }
  memcpy (here.instance_hash, beacon->instance_hash, sizeof here.instance_hash);
  g_utf8_validate (label, (gssize) MIN (strlen (label), sizeof here.label - 1), &end);
  memcpy (here.label, label, (size_t) (end - label));
  discovery_announce (beacon->discovery, &here);
}

void
surroundings_add (Surroundings *self, Line *line)
{
  Beacon *beacon;
  Discovery *discovery = discovery_new (self->listen, on_other_ear, self, NULL);
  PealNearby *nearby;
  guint position;

  if (!discovery)
    return;
  beacon = g_new0 (Beacon, 1);
  beacon->line = line;
  beacon->discovery = discovery;
  hash_instance (line_get_instance_name (line), beacon->instance_hash);
  g_ptr_array_add (self->beacons, beacon);
  announce (beacon);
  nearby = find_nearby (self, beacon->instance_hash, &position);
  if (!nearby)
    return;
  node_add_bootstrap (line_get_node (line), LINK_TRANSPORT_DTLS, peal_nearby_get_listener (nearby));
  g_list_store_remove (self->nearby, position);
}

void
surroundings_remove (Surroundings *self, Line *line)
{
  for (guint i = 0; i < self->beacons->len; i++)
    if (((Beacon *) self->beacons->pdata[i])->line == line) {
      g_ptr_array_remove_index (self->beacons, i);
      return;
    }
}

void
surroundings_refresh (Surroundings *self)
{
  for (guint i = 0; i < self->beacons->len; i++)
    announce (self->beacons->pdata[i]);
}

void
surroundings_set_looking (Surroundings *self, bool is_looking)
{
  if (!self->ear || is_looking == (self->asking != 0))
    return;
  if (!is_looking) {
    g_clear_handle_id (&self->asking, g_source_remove);
    return;
  }
  self->asking = g_timeout_add_seconds (ASK_EVERY_S, on_ask, self);
  discovery_ask (self->ear);
}
