/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-tree.h"

static NodeId
id_of (uint8_t first)
{
  return (NodeId){ .bytes = { first } };
}

/* The ring of 16 of the RFC's figures is ours with its last 124 bits cut off. */
static NodeId
small (unsigned number)
{
  return id_of ((uint8_t) (number << 4));
}

static void
test_figures (void)
{
  NodeId two = small (2), three = small (3), four = small (4), seven = small (7), eight = small (8);

  g_assert_cmpuint (redir_node_of (2, 0, &eight), ==, 0);
  g_assert_cmpuint (redir_node_of (2, 1, &seven), ==, 0);
  g_assert_cmpuint (redir_node_of (2, 1, &eight), ==, 1);
  g_assert_cmpuint (redir_node_of (2, 2, &two), ==, 0);
  g_assert_cmpuint (redir_node_of (2, 2, &four), ==, 1);
  g_assert_true (redir_is_same_interval (2, 2, &two, &three));
  g_assert_false (redir_is_same_interval (2, 3, &two, &three));
  g_assert_false (redir_is_same_interval (2, 2, &four, &seven));
  g_assert_true (redir_is_same_interval (2, 1, &four, &seven));
}

static void
test_bounds (void)
{
  NodeId first = { { 0 } }, last;

  for (size_t i = 0; i < NODE_ID_SIZE; i++)
    last.bytes[i] = 0xff;
  g_assert_cmpuint (redir_level_max (2), ==, REDIR_LEVELS - 1);
  g_assert_cmpuint (redir_level_max (10), ==, 4);
  g_assert_cmpuint (redir_level_max (UINT16_MAX), ==, 1);
  for (unsigned level = 0; level <= 4; level++)
    g_assert_cmpuint (redir_node_of (10, level, &first), ==, 0);
  g_assert_cmpuint (redir_node_of (10, 4, &last), ==, 9999);
  g_assert_cmpuint (redir_node_of (2, 16, &last), ==, 65535);
  g_assert_cmpuint (redir_node_of (UINT16_MAX, 1, &last), ==, UINT16_MAX - 1);
  g_assert_false (redir_is_same_interval (UINT16_MAX, 1, &first, &last));
}

static void
test_place (void)
{
  NodeId node_id = id_of (0x85), other = id_of (0x05);
  RedirServiceProvider record = { .namespace = bytes_of_text ("turn-server"), .level = 2 };
  NodeId resource, elsewhere;

  record.node = redir_node_of (10, 2, &node_id);
  resource = redir_resource (record.namespace, record.level, record.node);
  elsewhere = redir_resource (bytes_of_text ("voice-mail"), record.level, record.node);
  g_assert_true (redir_is_in_place (10, &record, &node_id, &resource));
  g_assert_false (redir_is_in_place (10, &record, &other, &resource));
  g_assert_false (redir_is_in_place (10, &record, &node_id, &elsewhere));
  record.node++;
  g_assert_false (redir_is_in_place (10, &record, &node_id, &resource));
  record.level = UINT16_MAX;
  g_assert_false (redir_is_in_place (10, &record, &node_id, &resource));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redir-tree/nodes-and-intervals-are-those-of-the-figures", test_figures);
  g_test_add_func ("/redir-tree/numbers-fit-their-sixteen-bits", test_bounds);
  g_test_add_func ("/redir-tree/a-record-has-one-place", test_place);
  return g_test_run ();
}
