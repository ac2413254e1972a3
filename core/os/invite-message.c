/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/invite-message.h"

#include "core/base/big-endian.h"

#include <string.h>

/* Names are shown to a person who decides by them: they must be UTF-8 without anything that could
 * hide, reorder or break lines. */

enum { VERSION = 1, TYPE_REQUEST = 0, TYPE_ANSWER = 1, HEADER = 2 };

enum { REST_MAX = 2 + MAX (2 * (1 + LIMIT_INVITE_NAME), 2 + LIMIT_INVITATION_SIZE) };

static void
append_text (GByteArray *array, const char *text, size_t length_size)
{
  big_endian_append (array, length_size, strlen (text));
  g_byte_array_append (array, (const uint8_t *) text, (unsigned) strlen (text));
}

GByteArray *
invite_message_encode (const InviteMessage *message)
{
  GByteArray *array = g_byte_array_new ();

  big_endian_append (array, HEADER, 0);
  big_endian_append (array, 1, VERSION);
  big_endian_append (array, 1, message->is_answer ? TYPE_ANSWER : TYPE_REQUEST);
  if (message->is_answer) {
    append_text (array, message->invitation, 2);
  } else {
    append_text (array, message->user_name, 1);
    append_text (array, message->computer_name, 1);
  }
  big_endian_write (array->data, HEADER, array->len - HEADER);
  return array;
}

static bool
is_showable (const char *text)
{
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c)) {
    GUnicodeType type = g_unichar_type (g_utf8_get_char (c));
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR ||
        type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_UNASSIGNED ||
        type == G_UNICODE_PRIVATE_USE)
      return false;
  }
  return true;
}

/* Takes a text off the front of `rest`; false when it does not fit or is no text. */
static bool
take_text (Bytes *rest, size_t length_size, char *ret_text, size_t text_max)
{
  Bytes number, text;
  size_t size;

  if (!bytes_take (rest, length_size, &number))
    return false;
  size = big_endian_read (number.data, length_size);
  if (size > text_max || !bytes_take (rest, size, &text))
    return false;
  memcpy (ret_text, text.data, size);
  ret_text[size] = '\0';
  return strlen (ret_text) == size && g_utf8_validate (ret_text, (gssize) size, NULL) &&
         is_showable (ret_text);
}

InviteReading
invite_message_decode (Bytes bytes, InviteMessage *ret_message)
{
  Bytes rest;
  size_t size;
  bool is_good;

  if (bytes.size < HEADER)
    return INVITE_READING_MORE;
  size = big_endian_read (bytes.data, HEADER);
  if (size < 2 || size > REST_MAX || bytes.size > HEADER + size)
    return INVITE_READING_BAD;
  if (bytes.size < HEADER + size)
    return INVITE_READING_MORE;
  if (bytes.data[HEADER] != VERSION || bytes.data[HEADER + 1] > TYPE_ANSWER)
    return INVITE_READING_BAD;
  *ret_message = (InviteMessage){ .is_answer = bytes.data[HEADER + 1] == TYPE_ANSWER };
  rest = (Bytes){ bytes.data + HEADER + 2, size - 2 };
  if (ret_message->is_answer)
    is_good = take_text (&rest, 2, ret_message->invitation, LIMIT_INVITATION_SIZE);
  else
    is_good = take_text (&rest, 1, ret_message->user_name, LIMIT_INVITE_NAME) &&
              take_text (&rest, 1, ret_message->computer_name, LIMIT_INVITE_NAME);
  return is_good && rest.size == 0 ? INVITE_READING_DONE : INVITE_READING_BAD;
}
