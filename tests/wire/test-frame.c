/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/frame.h"

#include "tests/wire/structures.h"

static const uint8_t two_frames[] = {
  0x80, 0, 0, 0, 1, 0, 0, 2, 'h', 'i', 0x81, 0, 0, 0, 9, 0, 0, 0, 3,
};

static void
test_forms (void)
{
  FramedMessage data = { .type = FRAME_DATA, .sequence = 1, .message = bytes_of_text ("hi") };
  FramedMessage ack = { .type = FRAME_ACK, .ack_sequence = 9, .received = 3 };

  structure_assert_hex (&framed_message_type, &data, "80 00000001 000002 6869");
  structure_assert_hex (&framed_message_type, &ack, "81 00000009 00000003");
}

static void
test_stream (void)
{
  FramedMessage frame;
  size_t size;

  for (size_t have = 0; have < 10; have++)
    g_assert_cmpint (frame_take ((Bytes){ two_frames, have }, 100, &frame, &size), ==,
                     FRAME_INCOMPLETE);
  g_assert_cmpint (frame_take ((Bytes){ two_frames, sizeof two_frames }, 100, &frame, &size), ==,
                   FRAME_GOOD);
  g_assert_cmpuint (size, ==, 10);
  g_assert_cmpuint (frame.message.size, ==, 2);
  for (size_t have = 10; have < sizeof two_frames; have++)
    g_assert_cmpint (frame_take ((Bytes){ two_frames + 10, have - 10 }, 100, &frame, &size), ==,
                     FRAME_INCOMPLETE);
  g_assert_cmpint (frame_take ((Bytes){ two_frames + 10, 9 }, 100, &frame, &size), ==, FRAME_GOOD);
  g_assert_cmpuint (frame.ack_sequence, ==, 9);
}

static void
test_stream_limits (void)
{
  static const uint8_t other = 0x16;
  FramedMessage frame;
  size_t size;

  g_assert_cmpint (frame_take ((Bytes){ two_frames, 10 }, 2, &frame, &size), ==, FRAME_GOOD);
  g_assert_cmpint (frame_take ((Bytes){ two_frames, 8 }, 1, &frame, &size), ==, FRAME_BAD);
  g_assert_cmpint (frame_take ((Bytes){ &other, 1 }, 100, &frame, &size), ==, FRAME_BAD);
}

static void
test_datagram (void)
{
  FramedMessage frame;

  g_assert_true (frame_decode ((Bytes){ two_frames, 10 }, &frame));
  g_assert_cmpuint (frame.sequence, ==, 1);
  g_assert_false (frame_decode ((Bytes){ two_frames, 11 }, &frame));
  g_assert_false (frame_decode ((Bytes){ two_frames, 9 }, &frame));
  g_assert_false (frame_decode ((Bytes){ NULL, 0 }, &frame));
}

/* What a sender keeps is what the walk would have written. */
static void
test_kept (void)
{
  uint8_t frame[FRAME_DATA_HEADER_SIZE + 2];

  frame_write_data (frame, bytes_of_text ("hi"));
  frame_write_sequence (frame, 1);
  g_assert_cmpmem (frame, sizeof frame, two_frames, 10);
  frame_write_ack (frame, 9, 3);
  g_assert_cmpmem (frame, FRAME_ACK_SIZE, two_frames + 10, FRAME_ACK_SIZE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/frame/data-and-ack", test_forms);
  g_test_add_func ("/wire/frame/what-is-kept-is-what-is-sent", test_kept);
  g_test_add_func ("/wire/frame/a-stream-may-stop-anywhere", test_stream);
  g_test_add_func ("/wire/frame/threat-1.1-a-stream-is-lost-at-odd-types-and-sizes",
                   test_stream_limits);
  g_test_add_func ("/wire/frame/threat-1.1-a-datagram-is-one-frame", test_datagram);
  return g_test_run ();
}
