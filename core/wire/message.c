/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/message.h"

#include "core/wire/methods.h"
#include "core/wire/walk.h"

/* The three parts follow each other without lengths between them: the header says where it ends,
 * MessageContents by its own lengths, and the Security Block must fill the rest. */

enum { OVERLAY_SIZE = 4, TRANSACTION_ID_SIZE = 8 };

/* RFC 6940, 6.3.3 */
static void
walk_message_extension (Wire *w, MessageExtension *e)
{
  wire_u16 (w, "type", &e->type);
  wire_bool (w, "critical", &e->critical);
  wire_opaque (w, "extension_contents", 4, &e->extension_contents);
}

WIRE_DEFINE_LIST (MessageExtension, message_extension)

/* RFC 6940, 6.3.3 */
void
walk_message_contents (Wire *w, MessageContents *c)
{
  wire_u16 (w, "message_code", &c->message_code);
  wire_opaque (w, "message_body", 4, &c->message_body);
  walk_message_extensions (w, "extensions", 4, &c->extensions);
}

WIRE_DEFINE (MessageContents, message_contents)

bool
message_decode (Bytes payload, Arena *arena, Message *ret_message, const char **ret_failure)
{
  Message message = { 0 };
  size_t size;
  Bytes rest;

  if (!wire_decode_part (&message_contents_type, payload, arena, &message.contents, &size,
                         ret_failure))
    return false;
  message.contents_received = (Bytes){ payload.data, size };
  rest = (Bytes){ payload.data + size, payload.size - size };
  if (!security_block_decode (rest, arena, &message.security, ret_failure))
    return false;
  *ret_message = message;
  return true;
}

static void
append_integer (GByteArray *bytes, unsigned size, uint64_t value)
{
  uint8_t written[8];

  for (unsigned i = 0; i < size; i++)
    written[i] = (uint8_t) (value >> 8 * (size - 1 - i));
  g_byte_array_append (bytes, written, size);
}

void
message_signature_input (const ForwardingHeader *header,
                         Bytes contents,
                         const SignerIdentity *identity,
                         GByteArray *bytes)
{
  append_integer (bytes, OVERLAY_SIZE, header->overlay);
  append_integer (bytes, TRANSACTION_ID_SIZE, header->transaction_id);
  g_byte_array_append (bytes, contents.data, (guint) contents.size);
  signer_identity_append (identity, bytes);
}

bool
message_encode (const ForwardingHeader *header,
                Bytes contents,
                const SecurityBlock *security,
                GByteArray *bytes)
{
  g_autoptr (GByteArray) payload = g_byte_array_sized_new ((guint) contents.size + 1024);

  g_byte_array_append (payload, contents.data, (guint) contents.size);
  return security_block_encode (security, payload) &&
         header_encode (header, (Bytes){ payload->data, payload->len }, bytes);
}

static void
walk_extensions_only (Wire *w, void *value)
{
  walk_message_extensions (w, "extensions", 4, value);
}

static const WireType extensions_type = { "extensions", sizeof (MessageExtensionList),
                                          walk_extensions_only };

static void
print_failure (GString *text, const char *failure)
{
  g_string_append_printf (text, "malformed: %s\n", failure);
}

static void
print_code (uint16_t code, GString *text)
{
  const Method *method = method_of_code (code);
  const char *suffix = message_code_is_request (code) ? "req" : "ans";

  g_string_append_printf (text, "  message_code: %u", code);
  if (code == MESSAGE_ERROR)
    g_string_append (text, " (error)");
  else if (method != NULL)
    g_string_append_printf (text, " (%s_%s)", method->name, suffix);
  g_string_append_c (text, '\n');
}

static void
print_body (const MessageContents *contents, Arena *arena, const WireKinds *kinds, GString *text)
{
  const WireType *type = message_body_type (contents->message_code);
  g_autofree char *hex = NULL;
  const char *failure;
  void *body;

  if (type == NULL) {
    hex = bytes_to_hex (contents->message_body);
    g_string_append_printf (text, "  message_body: %s\n", hex);
    return;
  }
  g_string_append_printf (text, "  message_body: %s\n", type->name);
  body = arena_alloc (arena, type->size);
  if (wire_decode (type, contents->message_body, arena, kinds, body, &failure))
    wire_print (type, body, 2, text);
  else
    print_failure (text, failure);
}

static void
print_payload (Bytes payload, Arena *arena, const WireKinds *kinds, GString *text)
{
  Message message;
  const char *failure;

  if (!message_decode (payload, arena, &message, &failure)) {
    print_failure (text, failure);
    return;
  }
  g_string_append (text, "MessageContents:\n");
  print_code (message.contents.message_code, text);
  print_body (&message.contents, arena, kinds, text);
  wire_print (&extensions_type, &message.contents.extensions, 1, text);
  g_string_append (text, "SecurityBlock:\n");
  wire_print (&security_block_type, &message.security, 1, text);
}

void
message_print (Bytes bytes, const WireKinds *kinds, GString *text)
{
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;
  const char *failure;

  if (!header_decode (bytes, arena, &header, &payload, &failure)) {
    print_failure (text, failure);
    return;
  }
  g_string_append (text, "ForwardingHeader:\n");
  wire_print (&forwarding_header_type, &header, 1, text);
  if (header_is_whole (&header))
    print_payload (payload, arena, kinds, text);
}
