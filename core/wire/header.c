/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/header.h"

#include "core/wire/walk.h"

/* The three lengths of the lists stand before the lists; `length` is known last and written over
 * the zero that the walk puts there. */

enum { LENGTH_OFFSET = 16, LENGTH_SIZE = 4 };

/* RFC 6940, 6.3.2.3 */
static void
walk_forwarding_option (Wire *w, ForwardingOption *o)
{
  wire_u8 (w, "type", &o->type);
  wire_u8 (w, "flags", &o->flags);
  wire_opaque (w, "option", 2, &o->option);
}

WIRE_DEFINE_LIST (ForwardingOption, forwarding_option)

/* RFC 6940, 6.3.2 */
void
walk_forwarding_header (Wire *w, ForwardingHeader *h)
{
  WireLength via_list, destination_list, options;

  wire_constant (w, "relo_token", 4, RELO_TOKEN);
  wire_u32 (w, "overlay", &h->overlay);
  wire_u16 (w, "configuration_sequence", &h->configuration_sequence);
  wire_constant (w, "version", 1, RELOAD_VERSION);
  wire_u8 (w, "ttl", &h->ttl);
  wire_u32 (w, "fragment", &h->fragment);
  if (w->mode == WIRE_MAKE)
    h->fragment |= FRAGMENT_ALWAYS;
  wire_require (w, "fragment", (h->fragment & FRAGMENT_ALWAYS) != 0);
  wire_u32 (w, "length", &h->length);
  wire_u64 (w, "transaction_id", &h->transaction_id);
  wire_u32 (w, "max_response_length", &h->max_response_length);
  wire_length (w, "via_list_length", 2, &via_list);
  wire_length (w, "destination_list_length", 2, &destination_list);
  wire_length (w, "options_length", 2, &options);
  wire_open_length (w, "via_list", &via_list);
  walk_destinations (w, "via_list", 0, &h->via_list);
  wire_close (w);
  wire_open_length (w, "destination_list", &destination_list);
  walk_destinations (w, "destination_list", 0, &h->destination_list);
  wire_close (w);
  wire_open_length (w, "options", &options);
  walk_forwarding_options (w, "options", 0, &h->options);
  wire_close (w);
}

WIRE_DEFINE (ForwardingHeader, forwarding_header)

bool
header_decode (Bytes message,
               Arena *arena,
               ForwardingHeader *ret_header,
               Bytes *ret_payload,
               const char **ret_failure)
{
  size_t size;

  if (!wire_decode_part (&forwarding_header_type, message, arena, ret_header, &size, ret_failure))
    return false;
  if (ret_header->length != message.size) {
    if (ret_failure != NULL)
      *ret_failure = "length";
    return false;
  }
  *ret_payload = (Bytes){ message.data + size, message.size - size };
  return true;
}

bool
header_encode (const ForwardingHeader *self, Bytes payload, GByteArray *bytes)
{
  size_t start = bytes->len;
  size_t length;

  if (!forwarding_header_encode (self, bytes))
    return false;
  g_byte_array_append (bytes, payload.data, (guint) payload.size);
  length = bytes->len - start;
  g_assert (length <= G_MAXUINT32);
  for (unsigned i = 0; i < LENGTH_SIZE; i++)
    bytes->data[start + LENGTH_OFFSET + i] = (uint8_t) (length >> 8 * (LENGTH_SIZE - 1 - i));
  return true;
}
