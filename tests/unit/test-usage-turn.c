/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-turn.h"

#include "core/overlay/redir-tree.h"
#include "core/wire/redir.h"
#include "core/wire/store.h"
#include "core/wire/turn-server.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A ring of one, which holds whatever is stored, and strangers who store there where they relay. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *relays[3];
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  for (unsigned i = 0; i < G_N_ELEMENTS (self->relays); i++) {
    self->relays[i] = stranger_new (self->stage, "relay", 0x20000000 * (i + 1));
    stranger_connect (self->relays[i]);
  }
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

/* ---- What strangers store ---- */

static void
store (
  Stranger *from, const NodeId *resource, uint32_t kind, DataModel model, const GByteArray *bytes)
{
  SignedValue value = { 0 };
  StoreKindData data = { .kind = kind, .values = { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (resource), .kind_data = { &data, 1 } };

  signed_value_init (&value, from->stage, from->signer, resource, kind,
                     (StoredDataValue){ .model = model,
                                        .key = node_id_bytes (&from->id),
                                        .value = { true, { bytes->data, bytes->len } } });
  g_assert_cmpint (stranger_verdict (from, &(Draft){ .code = MESSAGE_STORE_REQ, .body = &body }),
                   ==, RELOAD_OK);
}

static NodeId
place_of (const NodeId *id, uint8_t d)
{
  uint8_t name[NODE_ID_SIZE + 1];

  memcpy (name, id->bytes, NODE_ID_SIZE);
  name[NODE_ID_SIZE] = d;
  return resource_id_of ((Bytes){ name, sizeof name });
}

static void
store_address (Fixture *self, unsigned relay, const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Address address = address_of (text);
  TurnServer server = { .iteration = 1, .server_address = ip_address_port_of (&address) };
  NodeId place = place_of (&self->relays[relay]->id, 1);

  turn_server_encode (&server, bytes);
  store (self->relays[relay], &place, KIND_TURN_SERVICE, DATA_MODEL_SINGLE, bytes);
}

/* In the root of the service's tree alone, which is where searches come in the end. */
static void
store_provider (Fixture *self, unsigned relay)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Destination there = destination_of_node (&self->relays[relay]->id);
  RedirServiceProvider record = { .destination_list = { &there, 1 },
                                  .namespace = bytes_of_text (TURN_NAMESPACE) };
  NodeId place = redir_resource (record.namespace, 0, 0);

  redir_service_provider_encode (&record, bytes);
  store (self->relays[relay], &place, KIND_REDIR, DATA_MODEL_DICTIONARY, bytes);
}

static const RelaysFound *
find (Fixture *self)
{
  unsigned before = self->stage->relay_searches;

  turn_usage_find (self->stage->overlay->turn_usage, 7);
  g_assert_cmpuint (self->stage->relay_searches, ==, before);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (self->stage->relay_searches, ==, before + 1);
  g_assert_true (self->stage->relays.was_answered);
  return &self->stage->relays;
}

static void
assert_relay (Fixture *self, const RelayOffer *found, unsigned relay, const char *text)
{
  Address address = address_of (text);

  g_assert_true (node_id_equal (&found->node_id, &self->relays[relay]->id));
  g_assert_true (address_equal (&found->address, &address));
}

/* ---- Offering ---- */

static unsigned
held (Fixture *self)
{
  overlay_stage_run (self->stage, TIME_SECOND);
  return storage_count_of_kind (self->stage->overlay->storage, KIND_TURN_SERVICE);
}

static void
test_density (Fixture *self, const void *data)
{
  Address address = address_of ("192.0.2.1:6084");

  self->stage->configuration->turn_density = 3;
  turn_usage_offer (self->stage->overlay->turn_usage, &address);
  g_assert_cmpuint (held (self), ==, 3);
  for (uint8_t d = 1; d <= 3; d++) {
    NodeId place = place_of (&self->stage->overlay->id, d);
    storage_drop (self->stage->overlay->storage, &place);
    g_assert_cmpuint (held (self), ==, 3u - d);
  }
}

static void
test_most (Fixture *self, const void *data)
{
  Address address = address_of ("192.0.2.1:6084");

  self->stage->configuration->turn_density = 255;
  turn_usage_offer (self->stage->overlay->turn_usage, &address);
  g_assert_cmpuint (held (self), ==, 20);
}

static void
test_density_zero (Fixture *self, const void *data)
{
  Address address = address_of ("192.0.2.1:6084");

  self->stage->configuration->turn_density = 0;
  turn_usage_offer (self->stage->overlay->turn_usage, &address);
  g_assert_cmpuint (held (self), ==, 0);
}

static void
test_service (Fixture *self, const void *data)
{
  Overlay *overlay = self->stage->overlay;
  Address address = address_of ("[2001:db8::1]:443");

  turn_usage_offer (overlay->turn_usage, &address);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (redir_usage_stored (overlay->redir_usage), ==, 3);
  turn_usage_offer (overlay->turn_usage, NULL);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (redir_usage_stored (overlay->redir_usage), ==, 0);
}

/* ---- Finding ---- */

static void
test_redir (Fixture *self, const void *data)
{
  const RelaysFound *found;

  store_provider (self, 0);
  store_address (self, 0, "192.0.2.7:3478");
  found = find (self);
  g_assert_cmpuint (found->count, ==, 1);
  assert_relay (self, &found->relays[0], 0, "192.0.2.7:3478");
}

/* Of three, two at a time; each has its turn. */
static void
test_several (Fixture *self, const void *data)
{
  unsigned seen = 0;

  for (unsigned i = 0; i < 3; i++) {
    store_provider (self, i);
    store_address (self, i, "192.0.2.7:3478");
  }
  for (unsigned i = 0; i < 20; i++) {
    const RelaysFound *found = find (self);
    g_assert_cmpuint (found->count, ==, 2);
    g_assert_false (node_id_equal (&found->relays[0].node_id, &found->relays[1].node_id));
    seen |= 1u << (found->relays[0].node_id.bytes[0] >> 5);
  }
  g_assert_cmphex (seen, ==, 0xe);
}

static void
test_find (Fixture *self, const void *data)
{
  const RelaysFound *found;

  store_address (self, 1, "192.0.2.8:3478");
  found = find (self);
  g_assert_cmpuint (found->count, ==, 1);
  assert_relay (self, &found->relays[0], 1, "192.0.2.8:3478");
}

static void
test_nobody (Fixture *self, const void *data)
{
  g_assert_cmpuint (find (self)->count, ==, 0);
}

/* A provider that says nowhere where it is, and an address that is none. */
static void
test_useless (Fixture *self, const void *data)
{
  store_provider (self, 0);
  g_assert_cmpuint (find (self)->count, ==, 0);
  store_address (self, 0, "192.0.2.7");
  g_assert_cmpuint (find (self)->count, ==, 0);
}

/* Our own relay is none for us. */
static void
test_own (Fixture *self, const void *data)
{
  Address address = address_of ("192.0.2.1:6084");

  turn_usage_offer (self->stage->overlay->turn_usage, &address);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (find (self)->count, ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/usage-turn/offer/as-often-as-the-density-says-rfc6940-9-4", test_density);
  add ("/usage-turn/offer/at-most-twenty-times", test_most);
  add ("/usage-turn/offer/a-density-of-zero-wants-none", test_density_zero);
  add ("/usage-turn/offer/registers-the-service-and-takes-it-back", test_service);
  add ("/usage-turn/find/by-the-service", test_redir);
  add ("/usage-turn/find/two-of-several-by-turns", test_several);
  add ("/usage-turn/find/near-a-random-place-when-the-service-has-nobody", test_find);
  add ("/usage-turn/find/there-is-nobody", test_nobody);
  add ("/usage-turn/find/what-tells-no-address-is-none", test_useless);
  add ("/usage-turn/find/not-ourselves", test_own);
  return g_test_run ();
}
