/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/dtls.h"

#include "core/os/loop.h"
#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <string.h>

/* Two associations, and a line between them that loses what the test says. */
typedef struct End {
  struct End *other;
  Dtls *dtls;
  GQueue coming; /* GBytes */
  unsigned sent;
  unsigned up;
  unsigned down;
  LinkEnd end;
  GString *heard;
  bool (*is_lost) (struct End *self, Bytes datagram);
} End;

typedef struct Fixture {
  Peer *peers[2];
  Tls *tls[2];
  Loop *loop;
  End client;
  End server;
} Fixture;

static void
on_send (void *owner, Bytes datagram)
{
  End *self = owner;

  g_assert_cmpuint (datagram.size, <=, 1200);
  self->sent++;
  if (self->is_lost == NULL || !self->is_lost (self, datagram))
    g_queue_push_tail (&self->other->coming, g_bytes_new (datagram.data, datagram.size));
}

static void
on_up (void *owner)
{
  ((End *) owner)->up++;
}

static void
on_receive (void *owner, Bytes bytes)
{
  g_string_append_len (((End *) owner)->heard, (const char *) bytes.data, (gssize) bytes.size);
}

static void
on_down (void *owner, LinkEnd end)
{
  End *self = owner;

  self->down++;
  self->end = end;
}

static const DtlsEvents events = { on_send, on_up, on_receive, on_down };

/* Beside TLS_USE_DATAGRAMS: a shared secret keys it. */
enum { SHARED = 16, OTHERS = 32 };

static const char *
secret_of (int end, int flags)
{
  return (flags & SHARED) == 0          ? NULL
         : end == 1 && (flags & OTHERS) ? "close sesame"
                                        : "open sesame";
}

static void
setup (Fixture *self, gconstpointer data)
{
  int flags = GPOINTER_TO_INT (data);
  TlsUse use = (TlsUse) (flags & ~(SHARED | OTHERS));
  End *ends[] = { &self->client, &self->server };

  self->loop = loop_new ();
  self->client.other = &self->server;
  self->server.other = &self->client;
  for (int i = 0; i < 2; i++) {
    const Signer *signer;
    SSL *ssl;
    self->peers[i] = peer_member ();
    signer = self->peers[i]->signer;
    self->tls[i] = tls_new (signer, signer_private_key (signer), signer_x509 (signer));
    ends[i]->heard = g_string_new (NULL);
    tls_set_secret (self->tls[i], secret_of (i, flags));
    ssl = tls_connection (self->tls[i], use, i == 1);
    ends[i]->dtls = dtls_new (self->tls[i], ssl, loop_timers (self->loop), &events, ends[i]);
    if ((flags & SHARED) != 0)
      tls_key_by_secret (ssl);
  }
}

static void
end_clear (End *self)
{
  dtls_free (self->dtls);
  g_queue_clear_full (&self->coming, (GDestroyNotify) g_bytes_unref);
  g_string_free (self->heard, TRUE);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  end_clear (&self->client);
  end_clear (&self->server);
  for (int i = 0; i < 2; i++) {
    tls_free (self->tls[i]);
    peer_free (self->peers[i]);
  }
  loop_free (self->loop);
}

static bool
deliver (End *self)
{
  GBytes *datagram = g_queue_pop_head (&self->coming);
  size_t size;
  const uint8_t *bytes;

  if (datagram == NULL)
    return false;
  bytes = g_bytes_get_data (datagram, &size);
  dtls_feed (self->dtls, (Bytes){ bytes, size });
  g_bytes_unref (datagram);
  return true;
}

/* Until `*counter` is at least `least`. */
static void
carry_until (Fixture *self, const unsigned *counter, unsigned least)
{
  while (*counter < least) {
    bool is_moving = deliver (&self->server) | deliver (&self->client);
    if (!is_moving)
      g_main_context_iteration (NULL, TRUE);
  }
}

static void
start (Fixture *self)
{
  dtls_start (self->server.dtls);
  dtls_start (self->client.dtls);
}

static void
test_both_ways (Fixture *self, gconstpointer data)
{
  start (self);
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
  dtls_send (self->client.dtls, bytes_of_text ("ding"));
  dtls_send (self->server.dtls, bytes_of_text ("dong"));
  while (deliver (&self->server) | deliver (&self->client))
    continue;
  g_assert_cmpstr (self->server.heard->str, ==, "ding");
  g_assert_cmpstr (self->client.heard->str, ==, "dong");
  dtls_close (self->client.dtls);
  carry_until (self, &self->server.down, 1);
  g_assert_cmpint (self->server.end, ==, LINK_END_CLOSED);
  g_assert_cmpuint (self->client.down, ==, 0);
}

static bool
is_third_lost (End *self, Bytes datagram)
{
  return g_test_rand_int_range (0, 10) < 3;
}

static void
test_loss (Fixture *self, gconstpointer data)
{
  self->client.is_lost = self->server.is_lost = is_third_lost;
  start (self);
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
}

/* The server is up first, and its last words get lost: it has to say them again when the client
 * repeats its own. */
static bool
is_first_finished_lost (End *self, Bytes datagram)
{
  enum { CHANGE_CIPHER_SPEC = 20, RECORD_HEADER = 13 };

  for (size_t at = 0; at + RECORD_HEADER <= datagram.size;
       at += RECORD_HEADER + (size_t) (datagram.data[at + 11] << 8 | datagram.data[at + 12]))
    if (datagram.data[at] == CHANGE_CIPHER_SPEC) {
      self->is_lost = NULL;
      return true;
    }
  return false;
}

static void
test_last_flight (Fixture *self, gconstpointer data)
{
  self->server.is_lost = is_first_finished_lost;
  start (self);
  carry_until (self, &self->server.up, 1);
  g_assert_null (self->server.is_lost);
  carry_until (self, &self->client.up, 1);
}

/* What is cut off, flipped or made up does not disturb a link that stands. */
static void
test_noise (Fixture *self, gconstpointer data)
{
  uint8_t noise[200];

  start (self);
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
  for (unsigned i = 0; i < 500; i++) {
    size_t size = (size_t) g_test_rand_int_range (1, sizeof noise);
    for (size_t k = 0; k < size; k++)
      noise[k] = (uint8_t) g_test_rand_int ();
    noise[0] = (uint8_t) (20 + i % 4);
    if (size > 2 && i % 2 == 0) {
      noise[1] = 0xfe;
      noise[2] = 0xfd;
    }
    dtls_feed (self->server.dtls, (Bytes){ noise, size });
  }
  dtls_send (self->client.dtls, bytes_of_text ("still here"));
  while (deliver (&self->server))
    continue;
  g_assert_cmpstr (self->server.heard->str, ==, "still here");
  g_assert_cmpuint (self->server.down, ==, 0);
}

/* OpenSSL's window: each record is heard once, however often and late its copies come. */
static bool
sends_thrice (End *self, Bytes datagram)
{
  for (unsigned i = 0; i < 2; i++)
    g_queue_push_tail (&self->other->coming, g_bytes_new (datagram.data, datagram.size));
  return false;
}

static void
test_replay (Fixture *self, gconstpointer data)
{
  GBytes *copy;

  start (self);
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
  self->client.is_lost = sends_thrice;
  dtls_send (self->client.dtls, bytes_of_text ("one "));
  copy = g_bytes_ref (g_queue_peek_head (&self->server.coming));
  dtls_send (self->client.dtls, bytes_of_text ("two "));
  while (deliver (&self->server))
    continue;
  g_queue_push_tail (&self->server.coming, copy);
  deliver (&self->server);
  g_assert_cmpstr (self->server.heard->str, ==, "one two ");
}

static void
test_srtp_keys (Fixture *self, gconstpointer data)
{
  SrtpKeys client;
  SrtpKeys server;

  dtls_set_fingerprint (self->client.dtls,
                        (Bytes){ self->peers[1]->signer->own->hash, CERTIFICATE_HASH_SIZE });
  dtls_set_fingerprint (self->server.dtls,
                        (Bytes){ self->peers[0]->signer->own->hash, CERTIFICATE_HASH_SIZE });
  start (self);
  g_assert_false (dtls_srtp_keys (self->client.dtls, &client));
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
  g_assert_true (dtls_srtp_keys (self->client.dtls, &client));
  g_assert_true (dtls_srtp_keys (self->server.dtls, &server));
  g_assert_cmpint (client.profile, ==, SRTP_AEAD_AES_128_GCM);
  g_assert_cmpmem (client.send, 30, server.receive, 30);
  g_assert_cmpmem (client.receive, 30, server.send, 30);
  g_assert_null (dtls_certificate (self->client.dtls));
}

/* ---- A shared secret ---- */

static void
test_certificates (Fixture *self, gconstpointer data)
{
  start (self);
  carry_until (self, &self->client.up, 1);
  carry_until (self, &self->server.up, 1);
  g_assert_true (
    bytes_equal (dtls_certificate (self->client.dtls)->der, self->peers[1]->signer->own->der));
  g_assert_true (
    bytes_equal (dtls_certificate (self->server.dtls)->der, self->peers[0]->signer->own->der));
}

/* What is said after the handshake. */
static bool
is_data_lost (End *self, Bytes datagram)
{
  return datagram.data[0] == 23;
}

/* The server has shown who it is, the client has not: the carrier waits no longer than for any
 * handshake. */
static void
test_no_proof (Fixture *self, gconstpointer data)
{
  unsigned sent;

  self->client.is_lost = is_data_lost;
  start (self);
  carry_until (self, &self->client.up, 1);
  dtls_send (self->client.dtls, bytes_of_text ("believe me"));
  sent = self->client.sent;
  carry_until (self, &self->client.sent, sent + 3);
  g_assert_cmpuint (self->server.up, ==, 0);
  g_assert_null (dtls_certificate (self->server.dtls));
  dtls_send (self->server.dtls, bytes_of_text ("too early"));
  while (deliver (&self->client))
    continue;
  g_assert_cmpuint (self->client.heard->len, ==, 0);
}

static void
test_bad_node (Fixture *self, gconstpointer data)
{
  Peer *bob = self->peers[1];

  bob->trust.bad_nodes = self->peers[0]->signer->own->node_ids;
  bob->trust.bad_node_count = 1;
  signer_trust_changed (bob->signer);
  start (self);
  carry_until (self, &self->server.down, 1);
  g_assert_cmpint (self->server.end, ==, LINK_END_CERTIFICATE);
  g_assert_cmpuint (self->server.up, ==, 0);
  carry_until (self, &self->client.down, 1);
  g_assert_cmpint (self->client.end, ==, LINK_END_CLOSED);
}

/* Nothing can be read that a wrong key wrote: it is as if nobody answered. */
static void
test_other_secret (Fixture *self, gconstpointer data)
{
  start (self);
  carry_until (self, &self->client.sent, 6);
  g_assert_cmpuint (self->client.up + self->server.up, ==, 0);
}

#define ADD(path, use, func) \
  g_test_add (path, Fixture, GINT_TO_POINTER (use), setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/dtls/both-ways", TLS_USE_DATAGRAMS, test_both_ways);
  ADD ("/dtls/a-third-lost", TLS_USE_DATAGRAMS, test_loss);
  ADD ("/dtls/last-flight-lost", TLS_USE_DATAGRAMS, test_last_flight);
  ADD ("/dtls/noise-does-not-disturb", TLS_USE_DATAGRAMS, test_noise);
  ADD ("/dtls/rfc6940-6.4.2.1-3-a-record-is-heard-once", TLS_USE_DATAGRAMS, test_replay);
  ADD ("/dtls/srtp-keys-meet", TLS_USE_MEDIA, test_srtp_keys);
  ADD ("/dtls/shared-secret/both-ways", TLS_USE_DATAGRAMS | SHARED, test_both_ways);
  ADD ("/dtls/shared-secret/certificates-are-shown", TLS_USE_DATAGRAMS | SHARED, test_certificates);
  ADD ("/dtls/shared-secret/a-third-lost", TLS_USE_DATAGRAMS | SHARED, test_loss);
  ADD ("/dtls/shared-secret/last-flight-lost", TLS_USE_DATAGRAMS | SHARED, test_last_flight);
  ADD ("/dtls/shared-secret/nobody-is-believed-without-a-proof", TLS_USE_DATAGRAMS | SHARED,
       test_no_proof);
  ADD ("/dtls/shared-secret/threat-1.6-a-bad-node-is-shut-out", TLS_USE_DATAGRAMS | SHARED,
       test_bad_node);
  ADD ("/dtls/shared-secret/rfc6940-13.4-1-another-secret", TLS_USE_DATAGRAMS | SHARED | OTHERS,
       test_other_secret);
  return g_test_run ();
}
