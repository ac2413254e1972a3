/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "tests/unit/proof-stage.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two connections that the same secret keys, Alice to Bob and Alice to Mallory, who is a member too
 * but would like to be Bob. What proofs say is carried by hand. */
typedef struct Fixture {
  Peer *alice;
  Peer *bob;
  Timers *timers;
  bool is_stream;
  End client;
  End server;
} Fixture;

static const char *const secrets[] = { "open sesame", "close sesame" };

/* Over a stream nothing is lost. */
static Timers *
proof_timers (const Fixture *self)
{
  return self->is_stream ? NULL : self->timers;
}

static void
setup (Fixture *self, gconstpointer data)
{
  self->is_stream = GPOINTER_TO_INT (data);
  self->alice = peer_member ();
  self->bob = peer_member ();
  self->timers = timers_new (0);
  end_open (&self->client, self->alice, secrets[0], false);
  end_open (&self->server, self->bob, secrets[0], true);
  g_assert_true (end_shake (&self->client, &self->server));
  end_begin (&self->client, proof_timers (self));
  end_begin (&self->server, proof_timers (self));
}

static void
teardown (Fixture *self, gconstpointer data)
{
  end_close (&self->client);
  end_close (&self->server);
  timers_free (self->timers);
  peer_free (self->alice);
  peer_free (self->bob);
}

/* What `from` has said so far. */
static ProofState
tell (const End *from, End *to)
{
  ProofState state = PROOF_AWAITED;

  for (unsigned i = 0; i < from->said->len; i++) {
    Bytes bytes = end_record (from, i);
    state = proof_hear (to->proof, &bytes);
    g_assert_cmpuint (bytes.size, ==, 0);
  }
  return state;
}

static ProofState
hear (End *self, const char *text, Bytes *ret_left)
{
  *ret_left = bytes_of_text (text);
  return proof_hear (self->proof, ret_left);
}

static void
test_both_ways (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (tell (&self->client, &self->server), ==, PROOF_GOOD);
  g_assert_cmpint (tell (&self->server, &self->client), ==, PROOF_GOOD);
  g_assert_true (
    bytes_equal (proof_certificate (self->client.proof)->der, self->bob->signer->own->der));
  g_assert_true (
    bytes_equal (proof_certificate (self->server.proof)->der, self->alice->signer->own->der));
}

/* Whatever is said before is dropped, or ends a stream, which has no other order. */
static void
test_nothing_before (Fixture *self, gconstpointer data)
{
  Bytes left;

  g_assert_cmpint (hear (&self->server, "\x80 a frame", &left), ==,
                   self->is_stream ? PROOF_BAD : PROOF_AWAITED);
  g_assert_cmpuint (left.size, ==, 0);
  g_assert_null (proof_certificate (self->server.proof));
  if (self->is_stream) {
    g_assert_cmpint (hear (&self->server, "more", &left), ==, PROOF_BAD);
    g_assert_cmpuint (left.size, ==, 0);
    return;
  }
  g_assert_cmpint (tell (&self->client, &self->server), ==, PROOF_GOOD);
  g_assert_cmpint (hear (&self->server, "\x80 a frame", &left), ==, PROOF_GOOD);
  g_assert_cmpuint (left.size, ==, strlen ("\x80 a frame"));
}

/* A stream comes as it likes, and what follows the proof is the link's. */
static void
test_stream_in_bytes (Fixture *self, gconstpointer data)
{
  Bytes all = end_record (&self->client, 0);
  Bytes left;

  g_assert_cmpuint (self->client.said->len, ==, 1);
  for (size_t i = 0; i + 1 < all.size; i++) {
    left = (Bytes){ all.data + i, 1 };
    g_assert_cmpint (proof_hear (self->server.proof, &left), ==, PROOF_AWAITED);
    g_assert_cmpuint (left.size, ==, 0);
  }
  {
    const uint8_t end[] = { all.data[all.size - 1], 'm', 'o', 'r', 'e' };
    left = (Bytes){ end, sizeof end };
    g_assert_cmpint (proof_hear (self->server.proof, &left), ==, PROOF_GOOD);
    g_assert_cmpmem (left.data, left.size, "more", 4);
  }
  g_assert_cmpint (hear (&self->server, "\x01", &left), ==, PROOF_GOOD);
  g_assert_cmpuint (left.size, ==, 1);
}

/* Lost ones are said again until the other side has them, and not for ever. */
static void
test_repeated (Fixture *self, gconstpointer data)
{
  unsigned said = self->client.said->len;

  timers_advance (self->timers, 100 * TIME_MS, 10);
  g_assert_cmpuint (self->client.said->len, ==, 2 * said);
  g_assert_cmpint (tell (&self->client, &self->server), ==, PROOF_GOOD);
  g_assert_cmpint (tell (&self->server, &self->client), ==, PROOF_GOOD); /* "heard" is in it */
  said = self->client.said->len;
  timers_advance (self->timers, TIME_MINUTE, 100);
  g_assert_cmpuint (self->client.said->len, ==, said);
  g_assert_cmpuint (self->server.said->len, <, 40);
  g_assert_cmpuint (timers_next (self->timers), ==, TIME_NEVER);
}

/* ---- Wrong ones ---- */

static void
test_reflected (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (tell (&self->client, &self->client), ==, PROOF_BAD);
  g_assert_null (proof_certificate (self->client.proof));
}

/* Mallory gives Bob what Alice said to her, and Alice what Bob said. */
static void
test_replayed (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) mallory = peer_member ();
  Fixture second = { .timers = self->timers, .is_stream = self->is_stream };

  end_open (&second.client, mallory, secrets[0], false);
  end_open (&second.server, self->bob, secrets[0], true);
  g_assert_true (end_shake (&second.client, &second.server));
  end_begin (&second.client, proof_timers (&second));
  end_begin (&second.server, proof_timers (&second));
  g_assert_cmpint (tell (&self->client, &second.server), ==, PROOF_BAD);
  g_assert_cmpint (tell (&second.server, &self->client), ==, PROOF_BAD);
  g_assert_null (proof_certificate (second.server.proof));
  end_close (&second.client);
  end_close (&second.server);
}

/* Whoever was shut out still knows the secret. */
static void
test_bad_node (Fixture *self, gconstpointer data)
{
  self->bob->trust.bad_nodes = self->alice->signer->own->node_ids;
  self->bob->trust.bad_node_count = 1;
  signer_trust_changed (self->bob->signer);
  g_assert_cmpint (tell (&self->client, &self->server), ==, PROOF_BAD);
  g_assert_null (proof_certificate (self->server.proof));
}

/* No octet of it can be another. */
static void
test_changed (Fixture *self, gconstpointer data)
{
  Bytes good = end_record (&self->client, 0);

  for (size_t i = 0; i < good.size; i += 1 + good.size / 64) {
    g_autofree uint8_t *copy = bytes_dup (good);
    Bytes bytes = { copy, good.size };
    g_autoptr (Proof) proof =
      proof_new (self->bob->signer, self->server.ssl, self->is_stream ? NULL : self->timers,
                 end_say, &self->server);
    copy[i] ^= 0x55;
    g_assert_cmpint (proof_hear (proof, &bytes), !=, PROOF_GOOD);
    g_assert_cmpuint (bytes.size, ==, 0);
    g_assert_null (proof_certificate (proof));
  }
}

/* ---- None at all ---- */

/* What the two ends of a socket have to say, as far as it is here; false once it is closed. */
static bool
pump (SSL *ssl, int fd)
{
  uint8_t bytes[4096];
  ssize_t size;

  while ((size = BIO_read (SSL_get_wbio (ssl), bytes, sizeof bytes)) > 0)
    g_assert_cmpint (send (fd, bytes, (size_t) size, MSG_NOSIGNAL), ==, size);
  while ((size = recv (fd, bytes, sizeof bytes, 0)) > 0)
    BIO_write (SSL_get_rbio (ssl), bytes, (int) size);
  return size != 0;
}

/* Who knows the secret and then says nothing does not keep the place. */
static void
test_silence (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_member ();
  Timers *timers = bob->ports->timers;
  const Heard *heard = peer_heard (bob, peer_incoming (bob, 0));
  End client = { 0 };
  uint8_t bytes[4096];
  int fd;

  world_share_secret (bob->world, secrets[0]);
  end_open (&client, mallory, secrets[0], false);
  fd = socket_connect (SOCK_STREAM, &bob->address, NULL);
  while (SSL_do_handshake (client.ssl) != 1) {
    wait_ms (1);
    g_assert_true (pump (client.ssl, fd));
  }
  while (SSL_read (client.ssl, bytes, sizeof bytes) <= 0) { /* until Bob has said his */
    g_assert_true (pump (client.ssl, fd));
    wait_ms (1);
  }
  timers_advance (timers, timers_now (timers) + LIMIT_HANDSHAKE_S * TIME_SECOND, SIZE_MAX);
  while (pump (client.ssl, fd))
    wait_ms (1);
  g_assert_cmpuint (heard->up, ==, 0);
  close (fd);
  end_close (&client);
}

/* ---- The handshake ---- */

static bool
shake_with (const char *client_secret, const char *server_secret)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  End client = { 0 }, server = { 0 };
  bool is_done;

  end_open (&client, alice, client_secret, false);
  end_open (&server, bob, server_secret, true);
  is_done = end_shake (&client, &server) && tls_is_keyed_well (client.ssl) &&
            tls_is_keyed_well (server.ssl);
  if (is_done && client_secret != NULL) {
    g_assert_cmpstr (SSL_get_cipher_name (server.ssl), ==, "ECDHE-PSK-CHACHA20-POLY1305");
    g_assert_null (SSL_get0_peer_certificate (server.ssl));
    g_assert_null (SSL_get0_peer_certificate (client.ssl));
    g_assert_cmpint (SSL_get_extms_support (server.ssl), ==, 1);
  }
  end_close (&client);
  end_close (&server);
  return is_done;
}

static void
test_secrets (void)
{
  g_assert_true (shake_with (secrets[0], secrets[0]));
  g_assert_true (shake_with (NULL, NULL));
  g_assert_false (shake_with (secrets[0], secrets[1]));
  g_assert_false (shake_with (secrets[1], secrets[0]));
  g_assert_false (shake_with (NULL, secrets[0]));
  g_assert_false (shake_with (secrets[0], NULL));
}

static void
add_for_both (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *datagrams = g_strdup_printf ("/proof/%s/datagrams", name);
  g_autofree char *stream = g_strdup_printf ("/proof/%s/stream", name);

  g_test_add (datagrams, Fixture, GINT_TO_POINTER (false), setup, test, teardown);
  g_test_add (stream, Fixture, GINT_TO_POINTER (true), setup, test, teardown);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_both ("both-ways", test_both_ways);
  add_for_both ("nothing-is-believed-before", test_nothing_before);
  add_for_both ("threat-1.6-sent-back-is-worth-nothing", test_reflected);
  add_for_both ("threat-1.6-of-another-link-is-worth-nothing", test_replayed);
  add_for_both ("threat-1.6-of-a-bad-node-is-worth-nothing", test_bad_node);
  add_for_both ("threat-1.6-with-a-changed-octet-is-worth-nothing", test_changed);
  g_test_add ("/proof/a-stream-comes-as-it-likes", Fixture, GINT_TO_POINTER (true), setup,
              test_stream_in_bytes, teardown);
  g_test_add ("/proof/lost-ones-are-said-again", Fixture, GINT_TO_POINTER (false), setup,
              test_repeated, teardown);
  g_test_add_func ("/proof/threat-5.9-who-says-none-is-left", test_silence);
  g_test_add_func ("/proof/rfc6940-13.4-1-who-lacks-the-secret-finishes-no-handshake",
                   test_secrets);
  return g_test_run ();
}
