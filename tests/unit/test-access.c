/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/access.h"

#include "core/overlay/hash.h"
#include "core/overlay/redir-tree.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* Each policy, asked by its own and by others (RFC 6940, 7.3; RFC 7374, 5). */

static const NodeId own = { { 1, 2, 3 } };
static const NodeId other = { { 9 } };

static NodeId
node_place (const NodeId *id, int number)
{
  uint8_t name[NODE_ID_SIZE + 1];

  memcpy (name, id->bytes, NODE_ID_SIZE);
  name[NODE_ID_SIZE] = (uint8_t) number;
  return resource_id_of ((Bytes){ name, number < 0 ? NODE_ID_SIZE : NODE_ID_SIZE + 1 });
}

static bool has_second_place;

static bool
is_allowed (AccessPolicy policy, const NodeId *speaker, const NodeId *place, const NodeId *key)
{
  ConfigurationKind kind = { .access_policy = policy,
                             .max_node_multiple = 2,
                             .has_second_place = has_second_place };
  StoredDataValue value = { .model = DATA_MODEL_DICTIONARY };
  Signer signer;
  bool result;

  sim_signer_init (&signer, &own, "bob@home");
  if (key != NULL)
    value.key = node_id_bytes (key);
  result = access_is_allowed (&kind, signer.own, speaker, place, key != NULL ? &value : NULL);
  sim_signer_clear (&signer);
  return result;
}

static void
test_user (void)
{
  NodeId bob = resource_id_of (bytes_of_text ("bob@home"));
  NodeId eve = resource_id_of (bytes_of_text ("eve@home"));

  g_assert_true (is_allowed (ACCESS_POLICY_USER_MATCH, &own, &bob, NULL));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_MATCH, &own, &eve, NULL));
  g_assert_true (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &bob, &own));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &bob, &other));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &eve, &own));
}

/* Where the overlay has second places, and then the user's own alone. */
static void
test_second_place (void)
{
  NodeId bob = resource_id_of_second ("bob@home");
  NodeId eve = resource_id_of_second ("eve@home");

  g_assert_false (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &bob, &own));
  has_second_place = true;
  g_assert_true (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &bob, &own));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &bob, &other));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_NODE_MATCH, &own, &eve, &own));
  g_assert_false (is_allowed (ACCESS_POLICY_USER_MATCH, &own, &bob, NULL));
  has_second_place = false;
}

static void
test_node (void)
{
  NodeId mine = node_place (&own, -1);
  NodeId theirs = node_place (&other, -1);

  g_assert_true (is_allowed (ACCESS_POLICY_NODE_MATCH, &own, &mine, NULL));
  g_assert_false (is_allowed (ACCESS_POLICY_NODE_MATCH, &own, &theirs, NULL));
  g_assert_false (is_allowed (ACCESS_POLICY_NODE_MATCH, &other, &mine, NULL));
  g_assert_true (is_allowed (ACCESS_POLICY_NODE_ID_MATCH, &own, &theirs, &own));
  g_assert_false (is_allowed (ACCESS_POLICY_NODE_ID_MATCH, &own, &theirs, &other));
}

static void
test_node_multiple (void)
{
  for (int i = 0; i < 5; i++) {
    NodeId mine = node_place (&own, i);
    NodeId theirs = node_place (&other, i);
    g_assert_cmpint (is_allowed (ACCESS_POLICY_NODE_MULTIPLE, &own, &mine, NULL), ==, i <= 2);
    g_assert_false (is_allowed (ACCESS_POLICY_NODE_MULTIPLE, &own, &theirs, NULL));
  }
}

/* A record at one place of a tree, judged there and elsewhere. */
static bool
is_allowed_in_tree (const NodeId *key, const NodeId *place, uint16_t node, bool exists)
{
  ConfigurationKind kind = { .access_policy = ACCESS_POLICY_NODE_ID_MATCH, .branching_factor = 10 };
  Destination here = destination_of_node (&own);
  RedirServiceProvider record = {
    .destination_list = { &here, 1 },
    .namespace = bytes_of_text ("voice-mail"),
    .level = 2,
    .node = node,
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  StoredDataValue value = { .model = DATA_MODEL_DICTIONARY, .key = node_id_bytes (key) };
  Signer signer;
  bool result;

  redir_service_provider_encode (&record, bytes);
  value.value.exists = exists;
  if (exists)
    value.value.value = (Bytes){ bytes->data, bytes->len };
  sim_signer_init (&signer, &own, "bob@home");
  result = access_is_allowed (&kind, signer.own, &own, place, &value);
  sim_signer_clear (&signer);
  return result;
}

static void
test_tree (void)
{
  uint16_t node = redir_node_of (10, 2, &own);
  NodeId place = redir_resource (bytes_of_text ("voice-mail"), 2, node);
  NodeId next = redir_resource (bytes_of_text ("voice-mail"), 2, (uint16_t) (node + 1));

  g_assert_true (is_allowed_in_tree (&own, &place, node, true));
  g_assert_false (is_allowed_in_tree (&other, &place, node, true));
  g_assert_false (is_allowed_in_tree (&own, &next, node, true));
  g_assert_false (is_allowed_in_tree (&own, &next, (uint16_t) (node + 1), true));
  /* What is taken back need not say where it stood. */
  g_assert_true (is_allowed_in_tree (&own, &place, node, false));
  g_assert_false (is_allowed_in_tree (&other, &place, node, false));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/threat-3.1-user-match-and-user-node-match", test_user);
  g_test_add_func ("/access/threat-3.1-a-second-place-is-the-users-own", test_second_place);
  g_test_add_func ("/access/threat-3.1-node-match-and-node-id-match", test_node);
  g_test_add_func ("/access/threat-3.1-node-multiple-up-to-its-number", test_node_multiple);
  g_test_add_func ("/access/redir/a-record-stands-in-its-place-only-rfc7374-5-1", test_tree);
  return g_test_run ();
}
