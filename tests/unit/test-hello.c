/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/hello.h"

#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <malloc.h>
#include <openssl/ssl.h>
#include <string.h>

typedef struct Fixture {
  Peer *peer;
  Tls *tls;
  Hello *hello;
  SSL *client;
  uint8_t first[512];
  size_t first_size;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  TlsPeer peer = { 0 };

  self->peer = peer_member ();
  self->tls = tls_new (self->peer->signer, signer_private_key (self->peer->signer),
                       signer_x509 (self->peer->signer));
  self->hello = hello_new (self->tls);
  self->client = tls_connection (self->tls, TLS_USE_DATAGRAMS, false);
  tls_set_peer (self->tls, self->client, &peer);
  SSL_do_handshake (self->client);
  self->first_size =
    (size_t) BIO_read (SSL_get_wbio (self->client), self->first, sizeof self->first);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  SSL_free (self->client);
  hello_free (self->hello);
  tls_free (self->tls);
  peer_free (self->peer);
}

static Address
address (unsigned number)
{
  Address it = { .family = ADDRESS_IPV4, .port = (uint16_t) (1 + number % 65535) };

  it.bytes[0] = 10;
  memcpy (it.bytes + 1, &number, 3);
  return it;
}

/* The client's answer to the cookie. */
static size_t
second_hello (Fixture *self, Bytes reply, uint8_t *ret_bytes, size_t size)
{
  BIO_write (SSL_get_rbio (self->client), reply.data, (int) reply.size);
  SSL_do_handshake (self->client);
  return (size_t) BIO_read (SSL_get_wbio (self->client), ret_bytes, (int) size);
}

static void
test_cookie (Fixture *self, gconstpointer data)
{
  Address alice = address (1);
  Address mallory = address (2);
  uint8_t reply[HELLO_REPLY_SIZE];
  uint8_t second[512];
  size_t size;
  size_t second_size;
  SSL *ssl;

  g_assert_null (
    hello_hear (self->hello, &alice, (Bytes){ self->first, self->first_size }, reply, &size));
  g_assert_cmpuint (size, >, 0);
  g_assert_cmpuint (size, <=, self->first_size);
  second_size = second_hello (self, (Bytes){ reply, size }, second, sizeof second);
  /* The cookie is good for the address it was made for only. */
  g_assert_null (hello_hear (self->hello, &mallory, (Bytes){ second, second_size }, reply, &size));
  ssl = hello_hear (self->hello, &alice, (Bytes){ second, second_size }, reply, &size);
  g_assert_nonnull (ssl);
  g_assert_cmpuint (size, ==, 0);
  SSL_free (ssl);
}

static void
test_flood (Fixture *self, gconstpointer data)
{
  uint8_t reply[HELLO_REPLY_SIZE];
  size_t size;
  size_t before = 0;

  for (unsigned i = 0; i < 20000; i++) {
    Address from = address (i);
    g_assert_null (
      hello_hear (self->hello, &from, (Bytes){ self->first, self->first_size }, reply, &size));
    g_assert_cmpuint (size, <=, self->first_size);
    if (i == 100)
      before = mallinfo2 ().uordblks;
  }
  g_assert_cmpuint (mallinfo2 ().uordblks, <=, before + 4096);
}

/* Cut, flipped, fragmented or empty: no answer that is longer, no connection, no harm. */
static void
test_garbage (Fixture *self, gconstpointer data)
{
  Address from = address (1);
  uint8_t reply[HELLO_REPLY_SIZE];
  size_t size;

  for (size_t cut = 0; cut < self->first_size; cut++) {
    g_autofree uint8_t *exact = bytes_dup ((Bytes){ self->first, cut });
    g_assert_null (hello_hear (self->hello, &from, (Bytes){ exact, cut }, reply, &size));
    g_assert_cmpuint (size, <=, cut);
  }
  for (size_t bit = 0; bit < self->first_size * 8; bit++) {
    uint8_t bytes[512];
    memcpy (bytes, self->first, self->first_size);
    bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
    g_assert_null (
      hello_hear (self->hello, &from, (Bytes){ bytes, self->first_size }, reply, &size));
    g_assert_cmpuint (size, <=, self->first_size);
  }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/hello/threat-4.1-cookie-is-for-one-address", test_cookie);
  ADD ("/hello/threat-4.1-flood-takes-no-memory", test_flood);
  ADD ("/hello/garbage-is-not-answered", test_garbage);
  return g_test_run ();
}
