/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/carrier.h"

#include "core/os/signer.h"
#include "core/os/socket.h"
#include "core/os/tls.h"
#include "tests/unit/fake-node.h"

#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
say (const Peer *peer, uint32_t link, const char *text)
{
  peer->ports->link_send (peer->ports->world, link, bytes_of_text (text));
}

static void
hang_up (const Peer *peer, uint32_t link)
{
  peer->ports->link_close (peer->ports->world, link);
}

static void
assert_heard (const Peer *peer, uint32_t link, const char *text)
{
  const Heard *heard = peer_heard (peer, link);

  wait_for (&heard->received->len, (unsigned) strlen (text));
  g_assert_cmpmem (heard->received->data, heard->received->len, text, strlen (text));
}

/* ---- Connecting to a listener ---- */

static void
test_connect (gconstpointer data)
{
  LinkTransport transport = GPOINTER_TO_INT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  uint32_t incoming = peer_incoming (bob, 0);

  alice->ports->link_connect (alice->ports->world, 1, transport, &bob->address);
  g_assert_cmpuint (peer_heard (alice, 1)->up, ==, 0);
  wait_for (&peer_heard (alice, 1)->up, 1);
  wait_for (&peer_heard (bob, incoming)->up, 1);
  g_assert_true (peer_heard (alice, 1)->traits.is_stream == (transport == LINK_TRANSPORT_TLS));
  g_assert_true (peer_heard (alice, 1)->traits.is_near);
  g_assert_true (bytes_equal (peer_heard (alice, 1)->peer->der, bob->signer->own->der));
  g_assert_true (bytes_equal (peer_heard (bob, incoming)->peer->der, alice->signer->own->der));
  say (alice, 1, "hello");
  assert_heard (bob, incoming, "hello");
  say (bob, incoming, "good day");
  assert_heard (alice, 1, "good day");
  hang_up (alice, 1);
  wait_for (&peer_heard (bob, incoming)->down, 1);
  g_assert_cmpint (peer_heard (bob, incoming)->end, ==, LINK_END_CLOSED);
  wait_ms (20);
  g_assert_cmpuint (peer_heard (alice, 1)->down, ==, 0);
}

/* ---- A shared secret (RFC 6940, 13.4) ---- */

static void
share (const Peer *alice, const Peer *bob)
{
  world_share_secret (alice->world, "open sesame");
  world_share_secret (bob->world, "open sesame");
}

static void
test_shared_secret (gconstpointer data)
{
  LinkTransport transport = GPOINTER_TO_INT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  uint32_t incoming = peer_incoming (bob, 0);

  share (alice, bob);
  alice->ports->link_connect (alice->ports->world, 1, transport, &bob->address);
  wait_for (&peer_heard (alice, 1)->up, 1);
  wait_for (&peer_heard (bob, incoming)->up, 1);
  g_assert_true (bytes_equal (peer_heard (alice, 1)->peer->der, bob->signer->own->der));
  g_assert_true (bytes_equal (peer_heard (bob, incoming)->peer->der, alice->signer->own->der));
  say (alice, 1, "hello");
  assert_heard (bob, incoming, "hello");
  hang_up (alice, 1);
  wait_for (&peer_heard (bob, incoming)->down, 1);
  g_assert_cmpint (peer_heard (bob, incoming)->end, ==, LINK_END_CLOSED);
}

/* A member in all but the secret; the one who has it is in. */
static void
test_without_secret (gconstpointer data)
{
  const char *secret = data;
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_member ();

  share (alice, bob);
  world_share_secret (mallory->world, secret);
  mallory->ports->link_connect (mallory->ports->world, 1, LINK_TRANSPORT_TLS, &bob->address);
  mallory->ports->link_connect (mallory->ports->world, 2, LINK_TRANSPORT_DTLS, &bob->address);
  wait_for (&peer_heard (mallory, 1)->down, 1);
  wait_for (peer_refused (bob), 1);
  alice->ports->link_connect (alice->ports->world, 1, LINK_TRANSPORT_DTLS, &bob->address);
  wait_for (&peer_heard (alice, 1)->up, 1);
  while (peer_incoming_up (bob) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 1);
  g_assert_cmpuint (peer_heard (mallory, 1)->up + peer_heard (mallory, 2)->up, ==, 0);
}

/* ---- ICE ---- */

static void
connect_by_ice (
  const Peer *alice, const Peer *bob, uint32_t link, LinkPurpose purpose, Bytes a, Bytes b)
{
  const LinkSetup caller = { purpose, true, true };
  const LinkSetup callee = { purpose, false, false };

  alice->ports->link_gather (alice->ports->world, link, &caller);
  bob->ports->link_gather (bob->ports->world, link, &callee);
  wait_for (&peer_heard (alice, link)->gathered, 1);
  wait_for (&peer_heard (bob, link)->gathered, 1);
  alice->ports->link_check (alice->ports->world, link, &peer_heard (bob, link)->local, &caller, b);
  bob->ports->link_check (bob->ports->world, link, &peer_heard (alice, link)->local, &callee, a);
}

static void
test_ice (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  Bytes none = { NULL, 0 };

  connect_by_ice (alice, bob, 7, LINK_PURPOSE_OVERLAY, none, none);
  wait_for (&peer_heard (alice, 7)->up, 1);
  wait_for (&peer_heard (bob, 7)->up, 1);
  g_assert_true (bytes_equal (peer_heard (alice, 7)->peer->der, bob->signer->own->der));
  say (alice, 7, "hello");
  assert_heard (bob, 7, "hello");
  hang_up (bob, 7);
  wait_for (&peer_heard (alice, 7)->down, 1);
  g_assert_cmpint (peer_heard (alice, 7)->end, ==, LINK_END_CLOSED);
}

/* The SIP link is no overlay link: it stays with certificates. */
static void
test_shared_secret_ice (gconstpointer data)
{
  LinkPurpose purpose = (LinkPurpose) GPOINTER_TO_INT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  Bytes none = { NULL, 0 };

  share (alice, bob);
  if (purpose == LINK_PURPOSE_APPLICATION)
    world_share_secret (bob->world, "another one");
  connect_by_ice (alice, bob, 7, purpose, none, none);
  wait_for (&peer_heard (alice, 7)->up, 1);
  wait_for (&peer_heard (bob, 7)->up, 1);
  g_assert_true (bytes_equal (peer_heard (alice, 7)->peer->der, bob->signer->own->der));
  g_assert_true (bytes_equal (peer_heard (bob, 7)->peer->der, alice->signer->own->der));
  say (alice, 7, "hello");
  assert_heard (bob, 7, "hello");
}

static void
pass_seconds (const Peer *peer, unsigned seconds)
{
  Timers *timers = peer->ports->timers;

  timers_advance (timers, timers_now (timers) + seconds * TIME_SECOND, SIZE_MAX);
}

/* ---- Media ---- */

typedef struct MediaEar {
  unsigned heard;
  uint8_t first[4];
} MediaEar;

static void
on_media (uint32_t link, Bytes datagram, void *user_data)
{
  MediaEar *self = user_data;

  g_assert_cmpuint (datagram.size, ==, sizeof self->first);
  memcpy (self->first, datagram.data, sizeof self->first);
  self->heard++;
}

static Bytes
fingerprint (const Peer *peer)
{
  return (Bytes){ peer->signer->own->hash, CERTIFICATE_HASH_SIZE };
}

static void
assert_keys_meet (const Peer *alice, const Peer *bob, uint32_t link)
{
  SrtpKeys a;
  SrtpKeys b;

  g_assert_true (world_media_keys (alice->world, link, &a));
  g_assert_true (world_media_keys (bob->world, link, &b));
  g_assert_cmpint (a.profile, ==, SRTP_AEAD_AES_128_GCM);
  g_assert_cmpint (a.profile, ==, b.profile);
  g_assert_cmpmem (a.send, sizeof a.send, b.receive, sizeof b.receive);
  g_assert_cmpmem (a.receive, sizeof a.receive, b.send, sizeof b.send);
  g_assert_true (memcmp (a.send, a.receive, 28) != 0);
}

static void
assert_sound (const Peer *alice, const Peer *bob, uint32_t link)
{
  static const uint8_t rtp[] = { 0x80, 111, 0, 1 };
  MediaEar ear = { 0 };

  world_set_media_func (bob->world, on_media, &ear);
  world_media_send (alice->world, link, (Bytes){ rtp, sizeof rtp });
  wait_for (&ear.heard, 1);
  g_assert_cmpmem (ear.first, sizeof ear.first, rtp, sizeof rtp);
  g_assert_cmpuint (peer_heard (bob, link)->sounds, ==, 1);
  world_set_media_func (bob->world, NULL, NULL);
}

static void
test_media (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  SrtpKeys keys;

  connect_by_ice (alice, bob, 5, LINK_PURPOSE_MEDIA, fingerprint (alice), fingerprint (bob));
  g_assert_false (world_media_keys (alice->world, 5, &keys));
  wait_for (&peer_heard (alice, 5)->up, 1);
  wait_for (&peer_heard (bob, 5)->up, 1);
  g_assert_null (peer_heard (alice, 5)->peer);
  assert_keys_meet (alice, bob, 5);
  assert_sound (alice, bob, 5);
  assert_sound (bob, alice, 5);
  g_assert_cmpuint (peer_heard (bob, 5)->pieces, ==, 0);
}

/* Whoever was heard last sends nothing any more: half a minute later it is sent no sound, until it
 * is heard again, or reports. */
static void
test_media_consent (void)
{
  static const uint8_t sound[] = { 0x80, 111, 0, 1 };
  static const uint8_t report[] = { 0x80, 201, 0, 1 };
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  MediaEar ear = { 0 };

  connect_by_ice (alice, bob, 5, LINK_PURPOSE_MEDIA, fingerprint (alice), fingerprint (bob));
  wait_for (&peer_heard (alice, 5)->up, 1);
  wait_for (&peer_heard (bob, 5)->up, 1);
  assert_sound (bob, alice, 5);
  pass_seconds (alice, 29);
  assert_sound (alice, bob, 5);
  pass_seconds (alice, 2);
  world_set_media_func (bob->world, on_media, &ear);
  world_media_send (alice->world, 5, (Bytes){ sound, sizeof sound });
  world_media_send (alice->world, 5, (Bytes){ report, sizeof report });
  wait_for (&ear.heard, 1);
  g_assert_cmpmem (ear.first, sizeof ear.first, report, sizeof report);
  world_set_media_func (alice->world, on_media, &ear);
  world_media_send (bob->world, 5, (Bytes){ report, sizeof report });
  wait_for (&ear.heard, 2);
  world_media_send (alice->world, 5, (Bytes){ sound, sizeof sound });
  wait_for (&ear.heard, 3);
  g_assert_cmpmem (ear.first, sizeof ear.first, sound, sizeof sound);
  world_set_media_func (alice->world, NULL, NULL);
  world_set_media_func (bob->world, NULL, NULL);
}

static void
test_media_wrong_fingerprint (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  SrtpKeys keys;

  connect_by_ice (alice, bob, 5, LINK_PURPOSE_MEDIA, fingerprint (alice), fingerprint (alice));
  wait_for (&peer_heard (alice, 5)->down, 1);
  g_assert_cmpint (peer_heard (alice, 5)->end, ==, LINK_END_CERTIFICATE);
  wait_for (&peer_heard (bob, 5)->down, 1);
  g_assert_cmpuint (peer_heard (alice, 5)->up, ==, 0);
  g_assert_cmpuint (peer_heard (bob, 5)->up, ==, 0);
  g_assert_false (world_media_keys (alice->world, 5, &keys));
}

/* Who knows the port but not the password of the check is not heard. */
static void
test_media_injection (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  uint8_t hello[64] = { 22, 0xfe, 0xff, [11] = 0, 51, 1 };
  uint8_t rtp[] = { 0x80, 111, 0, 1 };
  MediaEar ear = { 0 };
  const LinkSetup setup = { LINK_PURPOSE_MEDIA, true, true };
  const Address *target;
  int fd;

  world_set_media_func (alice->world, on_media, &ear);
  alice->ports->link_gather (alice->ports->world, 5, &setup);
  wait_for (&peer_heard (alice, 5)->gathered, 1);
  target = &peer_heard (alice, 5)->local.candidates[0].address;
  fd = socket_connect (SOCK_DGRAM, target, NULL);
  for (int i = 0; i < 20; i++) {
    socket_send (fd, (Bytes){ hello, sizeof hello }, target, NULL);
    socket_send (fd, (Bytes){ rtp, sizeof rtp }, target, NULL);
  }
  connect_by_ice (bob, alice, 6, LINK_PURPOSE_MEDIA, fingerprint (bob), fingerprint (alice));
  wait_for (&peer_heard (alice, 6)->up, 1);
  wait_for (&peer_heard (bob, 6)->up, 1);
  for (int i = 0; i < 20; i++)
    socket_send (fd, (Bytes){ rtp, sizeof rtp }, target, NULL);
  wait_ms (50);
  g_assert_cmpuint (ear.heard, ==, 0);
  g_assert_cmpuint (peer_heard (alice, 5)->up + peer_heard (alice, 5)->down, ==, 0);
  close (fd);
}

/* A true ClientHello, of somebody who has no part in the call. */
static size_t
false_hello (const Peer *mallory, uint8_t *ret_bytes, size_t size)
{
  TlsPeer peer = { 0 };
  Tls *tls =
    tls_new (mallory->signer, signer_private_key (mallory->signer), signer_x509 (mallory->signer));
  SSL *ssl = tls_connection (tls, TLS_USE_MEDIA, false);
  int written;

  tls_set_peer (tls, ssl, &peer);
  SSL_do_handshake (ssl);
  written = BIO_read (SSL_get_wbio (ssl), ret_bytes, (int) size);
  SSL_free (ssl);
  tls_free (tls);
  g_assert_cmpint (written, >, 0);
  return (size_t) written;
}

static void
send_to_all (int fd, Bytes datagram, const IceDescription *description)
{
  for (size_t i = 0; i < description->candidate_count; i++)
    socket_send (fd, datagram, &description->candidates[i].address, NULL);
}

/* Both ends of each call hear somebody's ClientHello before the true one, and again after it. */
static void
test_media_race (void)
{
  enum { CALLS = 100, AT_ONCE = 10 };

  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_member ();
  const LinkSetup caller = { LINK_PURPOSE_MEDIA, true, true };
  const LinkSetup callee = { LINK_PURPOSE_MEDIA, false, false };
  const Address nowhere = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  uint8_t bytes[1500];
  const Bytes hello = { bytes, false_hello (mallory, bytes, sizeof bytes) };
  int fd = socket_bind (SOCK_DGRAM, &nowhere, false);

  for (uint32_t first = 1; first <= CALLS; first += AT_ONCE) {
    for (uint32_t link = first; link < first + AT_ONCE; link++) {
      alice->ports->link_gather (alice->ports->world, link, &caller);
      bob->ports->link_gather (bob->ports->world, link, &callee);
    }
    for (uint32_t link = first; link < first + AT_ONCE; link++) {
      const IceDescription *a = &peer_heard (alice, link)->local;
      const IceDescription *b = &peer_heard (bob, link)->local;
      wait_for (&peer_heard (alice, link)->gathered, 1);
      wait_for (&peer_heard (bob, link)->gathered, 1);
      send_to_all (fd, hello, a);
      send_to_all (fd, hello, b);
      alice->ports->link_check (alice->ports->world, link, b, &caller, fingerprint (bob));
      bob->ports->link_check (bob->ports->world, link, a, &callee, fingerprint (alice));
      send_to_all (fd, hello, a);
      send_to_all (fd, hello, b);
    }
    for (uint32_t link = first; link < first + AT_ONCE; link++) {
      wait_for (&peer_heard (alice, link)->up, 1);
      wait_for (&peer_heard (bob, link)->up, 1);
      assert_keys_meet (alice, bob, link);
      alice->ports->link_close (alice->ports->world, link);
      bob->ports->link_close (bob->ports->world, link);
    }
  }
  close (fd);
}

/* ---- Who is not let in ---- */

static void
assert_refused (const char *instance_name, const char *secret, LinkTransport transport)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_new (instance_name, secret, "127.0.0.1:0");

  mallory->ports->link_connect (mallory->ports->world, 1, transport, &bob->address);
  wait_for (&peer_heard (mallory, 1)->down, 1);
  g_assert_cmpint (peer_heard (mallory, 1)->end, ==, LINK_END_CERTIFICATE);
  wait_for (peer_refused (bob), 1);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 0);
  /* And the other way round: the server is the stranger. */
  bob->ports->link_connect (bob->ports->world, 1, transport, &mallory->address);
  wait_for (&peer_heard (bob, 1)->down, 1);
  g_assert_cmpint (peer_heard (bob, 1)->end, ==, LINK_END_CERTIFICATE);
  g_assert_cmpuint (peer_heard (bob, 1)->up, ==, 0);
}

static void
test_stranger (gconstpointer data)
{
  assert_refused ("home-abcd2345.peal.alt", "guess", GPOINTER_TO_INT (data));
}

static void
test_foreign (gconstpointer data)
{
  assert_refused ("work-abcd2345.peal.alt", "open sesame", GPOINTER_TO_INT (data));
}

/* A stranger who accepts anybody's certificate gets no further. */
static void
test_careless_stranger (gconstpointer data)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_new ("home-abcd2345.peal.alt", "guess", "127.0.0.1:0");

  mallory->trust.has_secret = false;
  signer_trust_changed (mallory->signer);
  mallory->ports->link_connect (mallory->ports->world, 1, GPOINTER_TO_INT (data), &bob->address);
  wait_for (&peer_heard (mallory, 1)->down, 1);
  g_assert_cmpint (peer_heard (mallory, 1)->end, ==, LINK_END_REFUSED);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 0);
}

/* ---- Nobody there ---- */

static Address
closed_port (void)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd = socket_bind (SOCK_STREAM, &address, false);

  address = socket_address (fd);
  close (fd);
  return address;
}

static void
test_nobody (gconstpointer data)
{
  g_autoptr (Peer) alice = peer_member ();
  Address nowhere = closed_port ();

  alice->ports->link_connect (alice->ports->world, 1, GPOINTER_TO_INT (data), &nowhere);
  g_assert_cmpuint (peer_heard (alice, 1)->down, ==, 0);
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpint (peer_heard (alice, 1)->end, ==, LINK_END_REFUSED);
}

/* As if the seconds had passed. */
/* Something listens and says nothing. */
static void
test_silence (gconstpointer data)
{
  LinkTransport transport = GPOINTER_TO_INT (data);
  g_autoptr (Peer) alice = peer_member ();
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd =
    socket_bind (transport == LINK_TRANSPORT_TLS ? SOCK_STREAM : SOCK_DGRAM, &address, false);

  address = socket_address (fd);
  alice->ports->link_connect (alice->ports->world, 1, transport, &address);
  wait_ms (20);
  g_assert_cmpuint (peer_heard (alice, 1)->down, ==, 0);
  pass_seconds (alice, LIMIT_HANDSHAKE_S);
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpint (peer_heard (alice, 1)->end, ==, LINK_END_UNREACHABLE);
  close (fd);
}

static void
test_ice_unreachable (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = { LINK_PURPOSE_OVERLAY, true, true };
  Bytes none = { NULL, 0 };

  alice->ports->link_gather (alice->ports->world, 1, &setup);
  bob->ports->link_gather (bob->ports->world, 1, &setup);
  wait_for (&peer_heard (alice, 1)->gathered, 1);
  wait_for (&peer_heard (bob, 1)->gathered, 1);
  hang_up (bob, 1);
  alice->ports->link_check (alice->ports->world, 1, &peer_heard (bob, 1)->local, &setup, none);
  wait_ms (50);
  pass_seconds (alice, LIMIT_HANDSHAKE_S);
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpint (peer_heard (alice, 1)->end, ==, LINK_END_UNREACHABLE);
}

/* With no relay to hide behind, there is no link; on the same machine there is nothing to hide. */
static void
test_hidden (void)
{
  g_autoptr (Peer) alice = peer_member ();
  LinkSetup setup = { LINK_PURPOSE_APPLICATION, false, false, .exposure = LINK_EXPOSURE_STRICT };
  IceDescription remote = { .candidate_count = 1, .candidates = { { .type = CANDIDATE_HOST } } };

  setup.remote = &remote;
  g_assert_true (address_from_text ("198.51.100.7", &remote.candidates[0].address));
  alice->ports->link_gather (alice->ports->world, 1, &setup);
  g_assert_true (address_from_text ("127.0.0.1", &remote.candidates[0].address));
  alice->ports->link_gather (alice->ports->world, 2, &setup);
  setup.exposure = LINK_EXPOSURE_RELAYED;
  alice->ports->link_gather (alice->ports->world, 3, &setup);
  setup.no_ice = LINK_TRANSPORT_DTLS;
  alice->ports->link_gather (alice->ports->world, 4, &setup);
  wait_for (&peer_heard (alice, 1)->down, 1);
  wait_for (&peer_heard (alice, 2)->gathered, 1);
  wait_for (&peer_heard (alice, 3)->down, 1);
  wait_for (&peer_heard (alice, 4)->down, 1);
  g_assert_cmpuint (peer_heard (alice, 2)->local.candidate_count, ==, 1);
  g_assert_cmpint (peer_heard (alice, 1)->end, ==, LINK_END_LOCAL);
  g_assert_cmpuint (peer_heard (alice, 1)->gathered + peer_heard (alice, 3)->gathered +
                      peer_heard (alice, 4)->gathered,
                    ==, 0);
}

/* ---- Ends at bad moments ---- */

static void
close_it (Peer *peer, uint32_t link)
{
  hang_up (peer, link);
}

static void
test_close_in_event (gconstpointer data)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();

  peer_set_hook (bob, close_it);
  alice->ports->link_connect (alice->ports->world, 1, GPOINTER_TO_INT (data), &bob->address);
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpuint (peer_heard (bob, peer_incoming (bob, 0))->down, ==, 0);
}

static void
test_close_on_receive (gconstpointer data)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();

  alice->ports->link_connect (alice->ports->world, 1, GPOINTER_TO_INT (data), &bob->address);
  wait_for (&peer_heard (alice, 1)->up, 1);
  wait_for (&peer_heard (bob, peer_incoming (bob, 0))->up, 1);
  peer_set_hook (bob, close_it);
  for (int i = 0; i < 5; i++)
    say (alice, 1, "x");
  wait_for (&peer_heard (alice, 1)->down, 1);
  g_assert_cmpuint (peer_heard (bob, peer_incoming (bob, 0))->pieces, ==, 1);
}

/* Frees both worlds, or closes the link, after 0, 1, 2 … turns of the loop. */
static void
tear_down_after (unsigned turns, int how, bool is_closing)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = { LINK_PURPOSE_APPLICATION, true, true };
  const LinkSetup answer = { LINK_PURPOSE_APPLICATION, false, false };
  Bytes none = { NULL, 0 };

  if (how != 0) {
    alice->ports->link_connect (alice->ports->world, 1, (LinkTransport) how, &bob->address);
  } else {
    alice->ports->link_gather (alice->ports->world, 1, &setup);
    bob->ports->link_gather (bob->ports->world, 1, &answer);
  }
  for (unsigned i = 0; i < turns; i++) {
    if (how == 0 && i == 4 && peer_heard (alice, 1)->gathered && peer_heard (bob, 1)->gathered) {
      alice->ports->link_check (alice->ports->world, 1, &peer_heard (bob, 1)->local, &setup, none);
      bob->ports->link_check (bob->ports->world, 1, &peer_heard (alice, 1)->local, &answer, none);
    }
    g_main_context_iteration (NULL, FALSE);
    if (turns > 20)
      wait_ms (1);
  }
  if (is_closing) {
    hang_up (alice, 1);
    g_main_context_iteration (NULL, FALSE);
  }
}

static void
test_teardown (gconstpointer data)
{
  unsigned before = open_files ();

  for (unsigned turns = 0; turns < 60; turns += turns < 12 ? 1 : 8) {
    tear_down_after (turns, GPOINTER_TO_INT (data), false);
    tear_down_after (turns, GPOINTER_TO_INT (data), true);
  }
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (open_files (), ==, before);
}

static void
add_for_both (const char *name, GTestDataFunc func)
{
  g_autofree char *dtls = g_strdup_printf ("%s/dtls", name);
  g_autofree char *tls = g_strdup_printf ("%s/tls", name);

  g_test_add_data_func (dtls, GINT_TO_POINTER (LINK_TRANSPORT_DTLS), func);
  g_test_add_data_func (tls, GINT_TO_POINTER (LINK_TRANSPORT_TLS), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_both ("/carrier/connect", test_connect);
  g_test_add_func ("/carrier/ice", test_ice);
  g_test_add_func ("/carrier/media/keys-meet-and-sound-passes", test_media);
  g_test_add_func ("/carrier/media/threat-3.6-who-is-silent-for-half-a-minute-is-sent-no-sound",
                   test_media_consent);
  g_test_add_func ("/carrier/media/wrong-fingerprint", test_media_wrong_fingerprint);
  g_test_add_func ("/carrier/media/threat-4.2-unchecked-sender-is-not-heard", test_media_injection);
  g_test_add_func ("/carrier/media/threat-4.2-a-hundred-calls-outrun-a-false-hello",
                   test_media_race);
  add_for_both ("/carrier/threat-2.6-stranger-falls-at-the-handshake", test_stranger);
  add_for_both ("/carrier/threat-2.6-careless-stranger", test_careless_stranger);
  add_for_both ("/carrier/threat-1.7-foreign-overlay-is-refused", test_foreign);
  add_for_both ("/carrier/nobody-there", test_nobody);
  add_for_both ("/carrier/silence", test_silence);
  g_test_add_func ("/carrier/ice-unreachable", test_ice_unreachable);
  g_test_add_func ("/carrier/threat-4.13-no-relay-to-hide-behind", test_hidden);
  add_for_both ("/carrier/close-when-up", test_close_in_event);
  add_for_both ("/carrier/close-while-receiving", test_close_on_receive);
  add_for_both ("/carrier/teardown-at-every-step", test_teardown);
  g_test_add_data_func ("/carrier/teardown-at-every-step/ice", GINT_TO_POINTER (0), test_teardown);
  g_test_add_data_func ("/carrier/shared-secret/dtls", GINT_TO_POINTER (LINK_TRANSPORT_DTLS),
                        test_shared_secret);
  g_test_add_data_func ("/carrier/shared-secret/tls", GINT_TO_POINTER (LINK_TRANSPORT_TLS),
                        test_shared_secret);
  g_test_add_data_func ("/carrier/shared-secret/rfc6940-13.4-1-a-stranger-gets-no-link", NULL,
                        test_without_secret);
  g_test_add_data_func ("/carrier/shared-secret/rfc6940-13.4-1-another-secret-gets-no-link",
                        "close sesame", test_without_secret);
  g_test_add_data_func ("/carrier/shared-secret/overlay-links-over-ice",
                        GINT_TO_POINTER (LINK_PURPOSE_OVERLAY), test_shared_secret_ice);
  g_test_add_data_func ("/carrier/shared-secret/application-links-have-certificates",
                        GINT_TO_POINTER (LINK_PURPOSE_APPLICATION), test_shared_secret_ice);
  return g_test_run ();
}
