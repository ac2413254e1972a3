/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/discovery-message.h"

#include <string.h>

static DiscoveryMessage
here (void)
{
  DiscoveryMessage message = { .is_here = true,
                               .has_instance = true,
                               .here = {
                                 .label = "home", .listener = { .port = 6085 }, .peers = 100000 } };

  memset (message.here.instance_hash, 0xa5, sizeof message.here.instance_hash);
  return message;
}

static void
test_here (void)
{
  DiscoveryMessage message = here ();
  DiscoveryMessage back;
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];
  size_t size = discovery_message_encode (&message, bytes);

  g_assert_true (discovery_message_decode ((Bytes){ bytes, size }, &back));
  g_assert_true (back.is_here);
  g_assert_cmpstr (back.here.label, ==, "home");
  g_assert_cmpuint (back.here.listener.port, ==, 6085);
  g_assert_cmpuint (back.here.peers, ==, 100000);
  g_assert_cmpmem (back.here.instance_hash, 32, message.here.instance_hash, 32);
}

static void
test_ask (void)
{
  DiscoveryMessage message = { .is_here = false };
  DiscoveryMessage back;
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];
  size_t size = discovery_message_encode (&message, bytes);

  g_assert_true (discovery_message_decode ((Bytes){ bytes, size }, &back));
  g_assert_false (back.is_here);
  g_assert_false (back.has_instance);
}

/* A later version may say more. */
static void
test_unknown_field (void)
{
  DiscoveryMessage message = here ();
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];
  size_t size = discovery_message_encode (&message, bytes);

  bytes[size++] = 200;
  bytes[size++] = 0;
  g_assert_true (discovery_message_decode ((Bytes){ bytes, size }, &message));
}

static void
test_hostile (void)
{
  DiscoveryMessage message = here ();
  DiscoveryMessage back;
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];
  size_t size = discovery_message_encode (&message, bytes);

  for (size_t cut = 0; cut < size; cut++) {
    g_autofree uint8_t *exact = bytes_dup ((Bytes){ bytes, cut });
    bool is_whole = cut == size - 6; /* the last field may be missing */
    g_assert_true (discovery_message_decode ((Bytes){ exact, cut }, &back) == is_whole);
  }
  for (unsigned i = 0; i < 20000; i++) {
    uint8_t noise[LIMIT_DISCOVERY_SIZE];
    memcpy (noise, bytes, size);
    for (int flips = g_test_rand_int_range (1, 5); flips > 0; flips--)
      noise[g_test_rand_int_range (0, (int) size)] = (uint8_t) g_test_rand_int ();
    if (discovery_message_decode ((Bytes){ noise, size }, &back)) {
      g_assert_cmpuint (strlen (back.here.label), <=, 32);
      g_assert_true (g_utf8_validate (back.here.label, -1, NULL));
      g_assert_true (!back.is_here || back.here.listener.port != 0);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery-message/here", test_here);
  g_test_add_func ("/discovery-message/ask", test_ask);
  g_test_add_func ("/discovery-message/unknown-fields-are-skipped", test_unknown_field);
  g_test_add_func ("/discovery-message/hostile", test_hostile);
  return g_test_run ();
}
