/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/node-stage.h"

#include <string.h>

enum { PHONES = 4 };

static NodeStage *
stage_of_four (void)
{
  NodeStage *stage = node_stage_new (PHONES);

  node_stage_start (stage);
  return stage;
}

static const ServiceFound *
search (NodeStage *stage, unsigned phone, const char *namespace, const NodeId *key)
{
  StagePhone *asker = &stage->phones[phone];
  unsigned before = asker->services;

  g_assert_cmpuint (node_service_find (node_stage_node (stage, phone), namespace, key), !=, 0);
  g_assert_cmpuint (asker->services, ==, before);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (asker->services, ==, before + 1);
  g_assert_true (asker->service.was_answered);
  return &asker->service;
}

static void
read_records (const char *name, uint64_t value, void *user_data)
{
  if (strcmp (name, "service_records") == 0)
    *(uint64_t *) user_data = value;
}

static uint64_t
records_of (NodeStage *stage, unsigned phone)
{
  uint64_t records = UINT64_MAX;

  node_facts (node_stage_node (stage, phone), read_records, &records);
  return records;
}

static void
test_service (void)
{
  g_autoptr (NodeStage) stage = stage_of_four ();
  const NodeId *provider = sim_peer_id (stage->phones[1].peer);

  g_assert_false (search (stage, 0, "voice-mail", NULL)->is_found);
  node_service_register (node_stage_node (stage, 1), "voice-mail");
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (records_of (stage, 0), ==, 0);
  g_assert_cmpuint (records_of (stage, 1), ==, 3);
  for (unsigned i = 0; i < PHONES; i++) {
    const ServiceFound *found = search (stage, i, "voice-mail", NULL);
    g_assert_true (found->is_found);
    g_assert_true (node_id_equal (&found->provider, provider));
    g_assert_false (search (stage, i, "turn-server", NULL)->is_found);
  }
  node_service_remove (node_stage_node (stage, 1), "voice-mail");
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_false (search (stage, 0, "voice-mail", NULL)->is_found);
}

/* The one after the key, whoever asks. */
static void
test_key (void)
{
  g_autoptr (NodeStage) stage = stage_of_four ();

  for (unsigned i = 1; i < PHONES; i++)
    node_service_register (node_stage_node (stage, i), "voice-mail");
  node_stage_run (stage, 5 * TIME_SECOND);
  for (unsigned i = 1; i < PHONES; i++) {
    const NodeId *key = sim_peer_id (stage->phones[i].peer);
    g_assert_true (node_id_equal (&search (stage, 0, "voice-mail", key)->provider, key));
  }
}

static void
test_relay (void)
{
  g_autoptr (NodeStage) stage = stage_of_four ();
  StagePhone *asker = &stage->phones[0];
  Address address;

  g_assert_true (address_from_text ("192.0.2.7:3478", &address));
  node_offer_relay (node_stage_node (stage, 2), &address);
  node_stage_run (stage, 5 * TIME_SECOND);
  node_find_relays (node_stage_node (stage, 0));
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (asker->relay_searches, ==, 1);
  g_assert_cmpuint (asker->relays.count, ==, 1);
  g_assert_true (
    node_id_equal (&asker->relays.relays[0].node_id, sim_peer_id (stage->phones[2].peer)));
  g_assert_true (address_equal (&asker->relays.relays[0].address, &address));
  node_offer_relay (node_stage_node (stage, 2), NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  node_find_relays (node_stage_node (stage, 0));
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpuint (asker->relay_searches, ==, 2);
  g_assert_cmpuint (asker->relays.count, ==, 0);
}

/* In good order, a provider leaves nothing behind. */
static void
test_leave (void)
{
  g_autoptr (NodeStage) stage = stage_of_four ();

  node_service_register (node_stage_node (stage, 3), "voice-mail");
  node_stage_run (stage, 5 * TIME_SECOND);
  node_stop (node_stage_node (stage, 3));
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_false (search (stage, 0, "voice-mail", NULL)->is_found);
}

/* Records are soft: they stay as long as they are refreshed, and no longer. */
static void
test_lifetime (void)
{
  g_autoptr (NodeStage) stage = stage_of_four ();

  node_service_register (node_stage_node (stage, 3), "voice-mail");
  node_stage_run (stage, 25 * TIME_MINUTE);
  g_assert_true (search (stage, 0, "voice-mail", NULL)->is_found);
  sim_peer_kill (stage->phones[3].peer);
  node_stage_run (stage, TIME_MINUTE);
  g_assert_true (search (stage, 0, "voice-mail", NULL)->is_found);
  node_stage_run (stage, 10 * TIME_MINUTE);
  g_assert_false (search (stage, 0, "voice-mail", NULL)->is_found);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-service/service/everybody-finds-it", test_service);
  g_test_add_func ("/node-service/service/a-key-chooses-the-provider", test_key);
  g_test_add_func ("/node-service/service/leaves-with-its-provider-rfc7374-4.6-1", test_leave);
  g_test_add_func ("/node-service/service/lasts-as-long-as-it-is-refreshed-rfc7374-4.4-1",
                   test_lifetime);
  g_test_add_func ("/node-service/relay/is-found-with-its-address", test_relay);
  return g_test_run ();
}
