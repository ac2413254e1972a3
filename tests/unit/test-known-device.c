/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/known-device.h"

#include "core/base/limits.h"

static const NodeId us = { { 0xff } };

static KnownDevice
device_by (uint8_t device, uint8_t first, uint8_t second)
{
  return (KnownDevice){
    .route = { .device = { { device } }, .via = { { { first } }, { { second } } }, .via_count = 2 }
  };
}

static unsigned
peers_on_way (const KnownDevices *self, uint8_t device)
{
  const KnownDevice *known = known_devices_find (self, &(NodeId){ { device } });

  return known != NULL ? (unsigned) known->route.via_count : 0;
}

static void
test_way (void)
{
  KnownDevices known;
  KnownDevice news = device_by (9, 1, 2);

  known_devices_init (&known, &us);
  known_devices_note (&known, &news);
  g_assert_cmpuint (peers_on_way (&known, 9), ==, 2);
  g_assert_true (known_devices_forget_route (&known, &news.route.device));
  g_assert_false (known_devices_forget_route (&known, &news.route.device));
  g_assert_cmpuint (peers_on_way (&known, 9), ==, 0);
  known_devices_note (&known, &news);
  news.route.via_count = 0;
  known_devices_note (&known, &news);
  g_assert_cmpuint (known.count, ==, 0);
  known_devices_clear (&known);
}

static void
test_crooked (void)
{
  static const uint8_t ways[][2] = { { 1, 1 }, { 9, 1 }, { 1, 9 }, { 0xff, 1 } };
  KnownDevices known;

  known_devices_init (&known, &us);
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++) {
    KnownDevice news = device_by (9, ways[i][0], ways[i][1]);

    known_devices_note (&known, &news);
    g_assert_cmpuint (peers_on_way (&known, 9), ==, 0);
  }
  known_devices_clear (&known);
}

static void
test_own_word (void)
{
  KnownDevices known;
  KnownDevice hearsay = device_by (9, 1, 2);
  KnownDevice own = device_by (9, 3, 4);

  own.is_own_word = true;
  own.is_plain = true;
  own.route.via_count = 1;
  known_devices_init (&known, &us);
  known_devices_note (&known, &hearsay);
  known_devices_note (&known, &own);
  known_devices_note (&known, &hearsay);
  g_assert_cmpuint (peers_on_way (&known, 9), ==, 1);
  g_assert_true (known_devices_find (&known, &own.route.device)->is_plain);
  known_devices_clear (&known);
}

static void
test_bounded (void)
{
  KnownDevices known;

  known_devices_init (&known, &us);
  for (uint8_t i = 10; i < 10 + 2 * LIMIT_KNOWN_DEVICES; i++) {
    KnownDevice news = device_by (i, 1, 2);

    known_devices_note (&known, &news);
  }
  g_assert_cmpuint (known.count, ==, LIMIT_KNOWN_DEVICES);
  g_assert_cmpuint (peers_on_way (&known, 10), ==, 0);
  g_assert_cmpuint (peers_on_way (&known, 9 + 2 * LIMIT_KNOWN_DEVICES), ==, 2);
  known_devices_clear (&known);
  g_assert_cmpuint (known.count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/known-device/its-way-is-remembered-until-it-fails", test_way);
  g_test_add_func ("/known-device/rfc6940-13.6.5-no-peer-stands-on-a-way-twice", test_crooked);
  g_test_add_func ("/known-device/its-own-word-counts", test_own_word);
  g_test_add_func ("/known-device/only-so-many-are-remembered", test_bounded);
  return g_test_run ();
}
