/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/hello.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* Who sends with a forged address never sees the cookie, and so costs us no memory: one SSL stands
 * here for all of them and is cleared by DTLSv1_listen() before each. It leaves as a connection
 * only with a ClientHello that brings the cookie for the address it comes from; then a new one
 * takes its place. The answer is shorter than any ClientHello, so nothing is amplified
 * (threat 4.1). */

enum { CLIENT_HELLO_MIN = 13 + 12 + 34, CONTENT_HANDSHAKE = 22, TYPE_CLIENT_HELLO = 1 };

struct Hello {
  Tls *tls;
  SSL *ssl;
  TlsPeer peer;
};

/* A cheap look before OpenSSL's: handshake, epoch 0, ClientHello. */
static bool
is_client_hello (Bytes datagram)
{
  const uint8_t *d = datagram.data;

  return datagram.size >= CLIENT_HELLO_MIN && d[0] == CONTENT_HANDSHAKE && d[1] == 0xfe &&
         d[3] == 0 && d[4] == 0 && d[13] == TYPE_CLIENT_HELLO;
}

static void
hello_prepare (Hello *self)
{
  self->ssl = tls_connection (self->tls, TLS_USE_DATAGRAMS, true);
  tls_set_peer (self->tls, self->ssl, &self->peer);
}

Hello *
hello_new (Tls *tls)
{
  Hello *self = g_new0 (Hello, 1);

  self->tls = tls;
  hello_prepare (self);
  return self;
}

void
hello_free (Hello *self)
{
  if (self == NULL)
    return;
  SSL_free (self->ssl);
  g_free (self);
}

SSL *
hello_hear (Hello *self,
            const Address *from,
            Bytes datagram,
            uint8_t ret_reply[HELLO_REPLY_SIZE],
            size_t *ret_reply_size)
{
  BIO_ADDR *nobody;
  SSL *ssl = self->ssl;
  int result;
  int size;

  *ret_reply_size = 0;
  if (!is_client_hello (datagram))
    return NULL;
  nobody = BIO_ADDR_new ();
  self->peer.address = *from;
  ERR_clear_error ();
  BIO_write (SSL_get_rbio (ssl), datagram.data, (int) datagram.size);
  result = DTLSv1_listen (ssl, nobody);
  ERR_clear_error ();
  BIO_ADDR_free (nobody);
  if (result == 1) {
    hello_prepare (self);
    return ssl;
  }
  BIO_reset (SSL_get_rbio (ssl));
  size = BIO_read (SSL_get_wbio (ssl), ret_reply, HELLO_REPLY_SIZE);
  BIO_reset (SSL_get_wbio (ssl));
  if (size > 0)
    *ret_reply_size = (size_t) size;
  return NULL;
}
