/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-credential.h"

#include <string.h>

static const uint8_t key[RELAY_KEY_SIZE] = { 1 };
static const uint8_t other_key[RELAY_KEY_SIZE] = { 2 };
static const NodeId node = { { 0xab, [15] = 0xcd } };

static bool
read_user (const char *user, RelayCredential *ret_credential)
{
  NodeId id;
  uint64_t expiry_s;

  return relay_credential_read (key, bytes_of_text (user), &id, &expiry_s, ret_credential);
}

static void
test_again (void)
{
  RelayCredential made;
  RelayCredential read;
  RelayCredential other;
  NodeId id;
  uint64_t expiry_s;

  relay_credential_make (key, &node, 1790000000, &made);
  g_assert_cmpstr (made.user, ==, "ab0000000000000000000000000000cd:1790000000");
  g_assert_true (relay_credential_read (key, bytes_of_text (made.user), &id, &expiry_s, &read));
  g_assert_true (node_id_equal (&id, &node));
  g_assert_cmpuint (expiry_s, ==, 1790000000);
  g_assert_cmpstr (made.password, ==, read.password);
  g_assert_cmpuint (strlen (made.password), ==, 44);
  relay_credential_make (other_key, &node, 1790000000, &other);
  g_assert_cmpstr (made.password, !=, other.password);
  relay_credential_make (key, &node, 1790000001, &other);
  g_assert_cmpstr (made.password, !=, other.password);
}

static void
test_bad (void)
{
  static const char *const users[] = {
    "",
    ":",
    "ab0000000000000000000000000000cd",
    "ab0000000000000000000000000000cd:",
    "ab0000000000000000000000000000cd:-1",
    "ab0000000000000000000000000000cd:12x",
    "ab0000000000000000000000000000cd:99999999999999999999",
    "ab0000000000000000000000000000cd:1111111111111111111111111111",
    "zz0000000000000000000000000000cd:1",
    "ab0000000000000000000000000000c:11",
  };
  RelayCredential credential;
  NodeId id;
  uint64_t expiry_s;

  for (size_t i = 0; i < G_N_ELEMENTS (users); i++)
    g_assert_false (read_user (users[i], &credential));
  g_assert_false (relay_credential_read (
    key, (Bytes){ (const uint8_t *) "ab0000000000000000000000000000cd:1\0002", 36 }, &id, &expiry_s,
    &credential));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/credential/can-be-made-again", test_again);
  g_test_add_func ("/relay/credential/bad-names", test_bad);
  return g_test_run ();
}
