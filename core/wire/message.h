/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.h: a whole message: Forwarding Header, Message Contents, Security Block (RFC 6940, 6.3).
 *
 * Making one: encode the body, then MessageContents with it; sign what
 * message_signature_input() gives; message_encode(). */
#pragma once
#include "core/wire/header.h"
#include "core/wire/security.h"

/* RFC 6940, 6.3.3 */
typedef struct MessageExtension {
  uint16_t type;
  bool critical;
  Bytes extension_contents;
} MessageExtension;

WIRE_LIST (MessageExtension);

/* RFC 6940, 6.3.3 */
typedef struct MessageContents {
  uint16_t message_code;
  Bytes message_body;
  MessageExtensionList extensions;
} MessageContents;

WIRE_DECLARE (MessageContents, message_contents)

/* The payload of a message, put together when it came in fragments. */
typedef struct Message {
  MessageContents contents;
  Bytes contents_received; /* MessageContents as it came: what the signature covers */
  SecurityBlock security;
} Message;

/* `payload` must be MessageContents and SecurityBlock and nothing else. */
bool message_decode (Bytes payload, Arena *arena, Message *ret_message, const char **ret_failure);

/* Appends overlay || transaction_id || MessageContents || SignerIdentity (RFC 6940, 6.3.4). */
void message_signature_input (const ForwardingHeader *header,
                              Bytes contents,
                              const SignerIdentity *identity,
                              GByteArray *bytes);

/* Appends a whole message; `contents` is an encoded MessageContents. */
bool message_encode (const ForwardingHeader *header,
                     Bytes contents,
                     const SecurityBlock *security,
                     GByteArray *bytes);

/* Appends the printed form of a whole message, its body too when methods[] knows the code; for a
 * malformed one, as much as can be read and the name of the field that cannot. */
void message_print (Bytes message, const WireKinds *kinds, GString *text);
