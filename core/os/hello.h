/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hello.h: the first words of a DTLS client that nobody knows (RFC 6347, 4.2.1). */
#pragma once
#include "core/os/tls.h"

typedef struct Hello Hello;

Hello *hello_new (Tls *tls);
void hello_free (Hello *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hello, hello_free)

enum { HELLO_REPLY_SIZE = 128 };

/* When `datagram` is a ClientHello with the right cookie: the connection it begins, which has heard
 * it, for dtls_new(). Otherwise NULL, and the bytes to be sent back, none when it is no
 * ClientHello. */
SSL *hello_hear (Hello *self,
                 const Address *from,
                 Bytes datagram,
                 uint8_t ret_reply[HELLO_REPLY_SIZE],
                 size_t *ret_reply_size);
