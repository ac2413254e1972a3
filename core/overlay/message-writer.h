/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message-writer.h: contents and security block of the messages we send (RFC 6940, 6.3.3, 6.3.4).
 */
#pragma once
#include "core/crypto/certificate.h"
#include "core/wire/message.h"
#include "core/wire/wire.h"

struct Overlay;

/* MessageContents of `code` with `body` of that type (NULL: an empty body) and `extensions`. */
GByteArray *message_contents_write (uint16_t code,
                                    const WireType *type,
                                    const void *body,
                                    MessageExtensionList extensions);

/* New references to the same certificates; NULL when there are none. */
GPtrArray *certificates_copy (const GPtrArray *certificates);

/* The payload of a message under `header`: contents, and a security block signed by us with our own
 * certificate unless `is_known` to the receiver, and further ones. */
GByteArray *message_payload_write (struct Overlay *overlay,
                                   const ForwardingHeader *header,
                                   Bytes contents,
                                   bool is_known,
                                   const GPtrArray *certificates);
