/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/invite-message.h"

#include <string.h>

static Bytes
bytes_of (const GByteArray *array)
{
  return (Bytes){ array->data, array->len };
}

static void
test_round_trip (void)
{
  const InviteMessage messages[] = { { .user_name = "zoë", .computer_name = "Zoë's laptop" },
                                     { .user_name = "", .computer_name = "" },
                                     { .is_answer = true, .invitation = "peal:abc" },
                                     { .is_answer = true } };

  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++) {
    g_autoptr (GByteArray) array = invite_message_encode (&messages[i]);
    InviteMessage back;
    for (size_t cut = 0; cut < array->len; cut++) {
      g_autofree uint8_t *exact = bytes_dup ((Bytes){ array->data, cut });
      g_assert_cmpint (invite_message_decode ((Bytes){ exact, cut }, &back), ==,
                       INVITE_READING_MORE);
    }
    g_assert_cmpint (invite_message_decode (bytes_of (array), &back), ==, INVITE_READING_DONE);
    g_assert_true (back.is_answer == messages[i].is_answer);
    g_assert_cmpstr (back.user_name, ==, messages[i].user_name);
    g_assert_cmpstr (back.computer_name, ==, messages[i].computer_name);
    g_assert_cmpstr (back.invitation, ==, messages[i].invitation);
  }
}

static void
test_bad (void)
{
  static const struct {
    const char *name;
    const char *bytes;
    size_t size;
  } rows[] = {
    { "too long", "\xff\xff", 2 },
    { "too short", "\x00\x01", 2 },
    { "version", "\x00\x04\x02\x00\x00\x00", 6 },
    { "type", "\x00\x04\x01\x02\x00\x00", 6 },
    { "more behind it", "\x00\x04\x01\x00\x00\x00!", 7 },
    { "rest inside", "\x00\x05\x01\x00\x00\x00!", 7 },
    { "name beyond the end", "\x00\x04\x01\x00\x09\x00", 6 },
    { "no utf-8", "\x00\x05\x01\x00\x01\xff\x00", 7 },
    { "nul", "\x00\x05\x01\x00\x01\x00\x00", 7 },
    { "line break", "\x00\x05\x01\x00\x01\n\x00", 7 },
    { "right to left override", "\x00\x07\x01\x00\x03\xe2\x80\xae\x00", 9 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    InviteMessage message;
    g_test_message ("%s", rows[i].name);
    g_assert_cmpint (
      invite_message_decode ((Bytes){ (const uint8_t *) rows[i].bytes, rows[i].size }, &message),
      ==, INVITE_READING_BAD);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invite-message/there-and-back", test_round_trip);
  g_test_add_func ("/invite-message/bad-ones", test_bad);
  return g_test_run ();
}
