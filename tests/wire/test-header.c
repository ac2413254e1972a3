/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/header.h"

#include "tests/wire/structures.h"

static const NodeId here = { { 1 } }, there = { { 2 } };

static ForwardingHeader
make (Destination *via, Destination *destination)
{
  *via = destination_of_node (&here);
  *destination = destination_of_node (&there);
  return (ForwardingHeader){ .overlay = 0x01020304,
                             .configuration_sequence = 5,
                             .ttl = 100,
                             .fragment = FRAGMENT_ONLY,
                             .transaction_id = 0x1122334455667788,
                             .via_list = { via, 1 },
                             .destination_list = { destination, 1 } };
}

static GByteArray *
encode (const ForwardingHeader *header, const char *payload)
{
  GByteArray *bytes = g_byte_array_new ();

  g_assert_true (header_encode (header, bytes_of_text (payload), bytes));
  return bytes;
}

/* The field before another message in the same array is that message's. */
static void
test_length_is_the_whole (void)
{
  Destination via, destination;
  ForwardingHeader header = make (&via, &destination);
  g_autoptr (GByteArray) bytes = encode (&header, "first");
  guint first = bytes->len;
  ForwardingHeader decoded;
  g_autoptr (Arena) arena = arena_new ();
  Bytes payload;

  g_assert_true (header_encode (&header, bytes_of_text ("second"), bytes));
  g_assert_true (header_decode ((Bytes){ bytes->data, first }, arena, &decoded, &payload, NULL));
  g_assert_cmpuint (decoded.length, ==, 38 + 18 + 18 + 5);
  g_assert_true (bytes_equal (payload, bytes_of_text ("first")));
  g_assert_true (header_decode ((Bytes){ bytes->data + first, bytes->len - first }, arena, &decoded,
                                &payload, NULL));
  g_assert_true (bytes_equal (payload, bytes_of_text ("second")));
}

/* A peer on the way changes ttl and lists, and not a byte of the payload. */
static void
test_forwarding (void)
{
  g_autoptr (Arena) arena = arena_new ();
  Destination via, destination;
  ForwardingHeader header = make (&via, &destination);
  g_autoptr (GByteArray) bytes = encode (&header, "payload");
  g_autoptr (GByteArray) forwarded = NULL;
  Bytes payload;

  g_assert_true (
    header_decode ((Bytes){ bytes->data, bytes->len }, arena, &header, &payload, NULL));
  header.ttl--;
  header.via_list = destination_list_append (arena, &header.via_list, &destination);
  header.destination_list = destination_list_skip (&header.destination_list, 1);
  forwarded = g_byte_array_new ();
  g_assert_true (header_encode (&header, payload, forwarded));
  g_assert_true (
    header_decode ((Bytes){ forwarded->data, forwarded->len }, arena, &header, &payload, NULL));
  g_assert_cmpuint (header.ttl, ==, 99);
  g_assert_cmpuint (header.via_list.count, ==, 2);
  g_assert_true (destination_is_node (&header.via_list.items[1], &there));
  g_assert_cmpuint (header.destination_list.count, ==, 0);
  g_assert_true (bytes_equal (payload, bytes_of_text ("payload")));
}

static void
assert_refused (GByteArray *bytes, guint at, uint8_t value, const char *field)
{
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;
  const char *failure = NULL;
  uint8_t saved = bytes->data[at];

  bytes->data[at] = value;
  g_assert_false (
    header_decode ((Bytes){ bytes->data, bytes->len }, arena, &header, &payload, &failure));
  g_assert_cmpstr (failure, ==, field);
  bytes->data[at] = saved;
}

static void
test_refusals (void)
{
  Destination via, destination;
  ForwardingHeader header = make (&via, &destination);
  g_autoptr (GByteArray) bytes = encode (&header, "payload");

  assert_refused (bytes, 0, 0x52, "relo_token");
  assert_refused (bytes, 10, 0x01, "version");
  assert_refused (bytes, 12, 0x40, "fragment");
  assert_refused (bytes, 19, 1, "length");
  assert_refused (bytes, 32, 0xff, "via_list");
  assert_refused (bytes, 33, 17, "length");
}

static void
test_fragments (void)
{
  ForwardingHeader header = { .fragment = FRAGMENT_ONLY };

  g_assert_true (header_is_whole (&header));
  header.fragment = FRAGMENT_ALWAYS;
  g_assert_false (header_is_whole (&header));
  header.fragment = FRAGMENT_ONLY | 1100;
  g_assert_false (header_is_whole (&header));
  g_assert_true (header_is_last_fragment (&header));
  g_assert_cmpuint (header_fragment_offset (&header), ==, 1100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/header/length-is-that-of-the-whole-message", test_length_is_the_whole);
  g_test_add_func ("/wire/header/forwarding-leaves-the-payload-alone", test_forwarding);
  g_test_add_func ("/wire/header/threat-1.2-wrong-token-version-and-lengths-are-refused",
                   test_refusals);
  g_test_add_func ("/wire/header/fragments", test_fragments);
  return g_test_run ();
}
