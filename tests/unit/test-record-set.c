/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/record-set.h"

static RegisteredDevice
device_of (uint8_t number)
{
  return (RegisteredDevice){ .node_id = { { number } }, .uri = bytes_of_text ("carol@home") };
}

static bool
add (RecordSet *self, uint8_t key, uint64_t storage_time, uint8_t number)
{
  RegisteredDevice device = device_of (number);

  return record_set_add (self, &(NodeId){ { key } }, storage_time, number > 0 ? &device : NULL);
}

static void
test_newest (void)
{
  g_auto (RecordSet) set = { .count = 0 };
  RegisteredDevice devices[REGISTERED_DEVICES];

  g_assert_true (add (&set, 1, 100, 1));
  g_assert_false (add (&set, 1, 99, 2));
  g_assert_false (add (&set, 1, 100, 3));
  g_assert_true (add (&set, 2, 1, 4));
  g_assert_true (add (&set, 1, 101, 5));
  g_assert_cmpuint (record_set_devices (&set, devices), ==, 2);
  g_assert_cmpuint (devices[0].node_id.bytes[0], ==, 5);
  g_assert_cmpmem (devices[0].uri.data, devices[0].uri.size, "carol@home", 10);
  g_assert_cmpuint (devices[1].node_id.bytes[0], ==, 4);
}

static void
test_taken_back (void)
{
  g_auto (RecordSet) set = { .count = 0 };
  RegisteredDevice devices[REGISTERED_DEVICES];

  g_assert_true (add (&set, 1, 100, 1));
  g_assert_true (add (&set, 1, 101, 0));
  g_assert_false (add (&set, 1, 100, 1));
  g_assert_cmpuint (record_set_devices (&set, devices), ==, 0);
  g_assert_true (add (&set, 1, 102, 2));
  g_assert_cmpuint (record_set_devices (&set, devices), ==, 1);
}

static void
test_bounded (void)
{
  g_auto (RecordSet) set = { .count = 0 };
  RegisteredDevice devices[REGISTERED_DEVICES];

  for (uint8_t i = 1; i <= REGISTERED_DEVICES; i++)
    g_assert_true (add (&set, i, 1, i));
  g_assert_false (add (&set, REGISTERED_DEVICES + 1, 1, 1));
  g_assert_true (add (&set, 1, 2, 77));
  g_assert_cmpuint (record_set_devices (&set, devices), ==, REGISTERED_DEVICES);
  g_assert_cmpuint (devices[0].node_id.bytes[0], ==, 77);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record-set/threat-3.7-the-newest-counts", test_newest);
  g_test_add_func ("/record-set/what-was-taken-back-does-not-come-again", test_taken_back);
  g_test_add_func ("/record-set/only-so-many-devices", test_bounded);
  return g_test_run ();
}
