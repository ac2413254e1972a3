/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-ticket.h"

#include "core/base/big-endian.h"

#include <string.h>

enum { VERSION = 1, HEAD = 5, SIZE_MIN = HEAD + 2 };

static uint8_t *
write_text (uint8_t *at, const char *text)
{
  size_t size = strlen (text);

  *at = (uint8_t) size;
  memcpy (at + 1, text, size);
  return at + 1 + size;
}

size_t
relay_ticket_encode (const RelayTicket *ticket, uint8_t ret_bytes[RELAY_TICKET_SIZE])
{
  uint8_t *end = write_text (ret_bytes + HEAD, ticket->credential.user);
  size_t size;

  end = write_text (end, ticket->credential.password);
  size = (size_t) (end - ret_bytes);
  big_endian_write (ret_bytes, 2, size - 2);
  ret_bytes[2] = VERSION;
  big_endian_write (ret_bytes + 3, 2, ticket->lifetime_s);
  return size;
}

/* Takes a text of printable characters off the front. */
static bool
read_text (Bytes *rest, char *ret_text, size_t size)
{
  size_t length = rest->size > 0 ? rest->data[0] : SIZE_MAX;

  if (length >= rest->size || length >= size)
    return false;
  for (size_t i = 0; i < length; i++) {
    if (!g_ascii_isgraph (rest->data[1 + i]))
      return false;
    ret_text[i] = (char) rest->data[1 + i];
  }
  ret_text[length] = '\0';
  *rest = (Bytes){ rest->data + 1 + length, rest->size - 1 - length };
  return true;
}

RelayTicketReading
relay_ticket_decode (Bytes bytes, RelayTicket *ret_ticket)
{
  RelayTicket ticket = { 0 };
  Bytes rest;
  size_t size;

  if (bytes.size < 2)
    return RELAY_TICKET_MORE;
  size = 2 + big_endian_read (bytes.data, 2);
  if (size < SIZE_MIN || size > RELAY_TICKET_SIZE)
    return RELAY_TICKET_BAD;
  if (bytes.size < size)
    return RELAY_TICKET_MORE;
  rest = (Bytes){ bytes.data + HEAD, size - HEAD };
  ticket.lifetime_s = (uint16_t) big_endian_read (bytes.data + 3, 2);
  if (bytes.size > size || bytes.data[2] != VERSION ||
      !read_text (&rest, ticket.credential.user, sizeof ticket.credential.user) ||
      !read_text (&rest, ticket.credential.password, sizeof ticket.credential.password) ||
      rest.size > 0)
    return RELAY_TICKET_BAD;
  *ret_ticket = ticket;
  return RELAY_TICKET_DONE;
}
