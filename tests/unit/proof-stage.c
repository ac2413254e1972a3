/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/proof-stage.h"

#include "core/os/signer.h"

void
end_say (void *owner, Bytes record)
{
  End *self = owner;

  g_assert_cmpuint (record.size, <=, 1150); /* with what DTLS adds it fits a datagram */
  g_ptr_array_add (self->said, g_bytes_new (record.data, record.size));
}

void
end_open (End *self, Peer *peer, const char *secret, bool is_server)
{
  const Signer *signer = peer->signer;

  self->peer = peer;
  self->tls = tls_new (signer, signer_private_key (signer), signer_x509 (signer));
  tls_set_secret (self->tls, secret);
  self->ssl = tls_connection (self->tls, TLS_USE_STREAM, is_server);
  tls_set_peer (self->tls, self->ssl, &self->other);
  tls_key_by_secret (self->ssl);
  self->said = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

void
end_close (End *self)
{
  proof_free (self->proof);
  SSL_free (self->ssl);
  tls_peer_clear (&self->other);
  tls_free (self->tls);
  g_ptr_array_unref (self->said);
}

static void
carry (SSL *from, SSL *to)
{
  uint8_t bytes[4096];
  int size;

  while ((size = BIO_read (SSL_get_wbio (from), bytes, sizeof bytes)) > 0)
    BIO_write (SSL_get_rbio (to), bytes, size);
}

bool
end_shake (End *client, End *server)
{
  bool is_done = false;

  for (int i = 0; i < 10 && !is_done; i++) {
    bool is_client_done = SSL_do_handshake (client->ssl) == 1;
    carry (client->ssl, server->ssl);
    is_done = SSL_do_handshake (server->ssl) == 1 && is_client_done;
    carry (server->ssl, client->ssl);
  }
  return is_done;
}

void
end_begin (End *self, Timers *timers)
{
  g_assert_true (tls_is_keyed_well (self->ssl) && tls_wants_proof (self->ssl));
  self->proof = proof_new (self->peer->signer, self->ssl, timers, end_say, self);
  g_assert_cmpint (proof_start (self->proof), ==, PROOF_AWAITED);
  g_assert_cmpuint (self->said->len, >=, 1);
}

Bytes
end_record (const End *self, unsigned index)
{
  gsize size;
  const void *data = g_bytes_get_data (self->said->pdata[index], &size);

  return (Bytes){ data, size };
}
