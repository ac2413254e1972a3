/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/proof.h"

#include "core/base/big-endian.h"
#include "core/base/limits.h"
#include "core/crypto/digest.h"
#include "core/wire/security.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <string.h>

/* A proof is a SecurityBlock (6.3.4), as every message has one. Its signature covers
 *
 *   64 spaces, "peal link proof", 0   so that nothing else that we sign could be this
 *   exporter[32]                      of TLS (RFC 5705), other for client and server
 *   certificate_hash[32]              SHA-256
 *
 * The exporter is known to the two ends of this connection alone, and no member between them could
 * give two connections the same one: the handshake goes into it (RFC 7627). So a proof is worth
 * nothing on any other link, nor sent back to whom it came from.
 *
 * It goes over the link in pieces that fit into datagrams:
 *
 *   uint8  type      1
 *   uint8  index, count
 *   opaque bytes<2^16>   PIECE_SIZE of them, but for the last piece
 *
 * Datagrams get lost: ours are sent again until the other side says that it has them (type 2), or
 * says anything that only follows them. */

#define EXPORTER "EXPERIMENTAL-peal-link-proof"

static const char prefix[] = "                                "
                             "                                "
                             "peal link proof";

enum {
  TYPE_PIECE = 1,
  TYPE_HEARD = 2,
  HEAD_SIZE = 5,
  PIECE_SIZE = 1100,
  PIECES = 8,
  EXPORT_SIZE = 32,
  COVERED_SIZE = sizeof prefix + EXPORT_SIZE + CERTIFICATE_HASH_SIZE,
  SENDS_MAX = 16,
};

static const uint64_t AGAIN_FIRST = 100 * TIME_MS;
static const uint64_t AGAIN_MAX = 800 * TIME_MS;

struct Proof {
  const Signer *signer;
  SSL *ssl;
  Timers *timers; /* NULL: a stream */
  Timer timer;
  uint64_t again;
  unsigned sends;
  ProofSend send;
  void *owner;
  ProofState state;
  GByteArray *own;    /* our block */
  GByteArray *coming; /* of a stream: what is no whole piece yet, or comes after the last one */
  GByteArray *theirs; /* their block, as far as it is here; NULL once it has been judged */
  unsigned seen;      /* pieces of it, a bit each */
  uint8_t count;      /* how many there are; 0 before the first */
  Certificate *certificate; /* owned; NULL until it is good */
};

G_STATIC_ASSERT (PIECES <= 8 * sizeof (unsigned));
G_STATIC_ASSERT (PIECES *PIECE_SIZE >= 4 * LIMIT_CERTIFICATE_SIZE + SIGNATURE_SIZE_MAX + 64);

/* ---- The block ---- */

static bool
cover (const Proof *self, bool is_server, const uint8_t *hash, uint8_t ret_covered[COVERED_SIZE])
{
  const uint8_t role = is_server;

  memcpy (ret_covered, prefix, sizeof prefix);
  memcpy (ret_covered + sizeof prefix + EXPORT_SIZE, hash, CERTIFICATE_HASH_SIZE);
  return SSL_get_extms_support (self->ssl) == 1 &&
         SSL_export_keying_material (self->ssl, ret_covered + sizeof prefix, EXPORT_SIZE, EXPORTER,
                                     strlen (EXPORTER), &role, sizeof role, true) == 1;
}

static bool
write_block (const Proof *self, GByteArray *bytes)
{
  const Signer *signer = self->signer;
  uint8_t covered[COVERED_SIZE];
  uint8_t value[SIGNATURE_SIZE_MAX];
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, signer->own->der };
  SecurityBlock block = {
    .certificates = { &certificate, 1 },
    .signature = {
      .hash = HASH_SHA256,
      .signature = (uint8_t) signer_algorithm (signer),
      .identity = {
        .identity_type = SIGNER_CERT_HASH,
        .hash_alg = HASH_SHA256,
        .certificate_hash = { signer->own->hash, sizeof signer->own->hash },
      },
    },
  };

  if (!cover (self, SSL_is_server (self->ssl), signer->own->hash, covered))
    return false;
  block.signature.signature_value =
    (Bytes){ value, signer->sign (signer->key_ring, (Bytes){ covered, sizeof covered }, value) };
  return security_block_encode (&block, bytes);
}

/* The first certificate is the signer's; others may lead to a root. */
static Certificate *
judge_certificate (const Proof *self, const GenericCertificateList *list)
{
  Bytes ders[LIMIT_CERTIFICATES];
  Certificate *certificate = NULL;

  if (list->count == 0 || list->count > LIMIT_CERTIFICATES)
    return NULL;
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].type != CERTIFICATE_TYPE_X509)
      return NULL;
    ders[i] = list->items[i].certificate;
  }
  return self->signer->check (self->signer->key_ring, ders[0], ders + 1, list->count - 1,
                              &certificate) == CERTIFICATE_GOOD
           ? certificate
           : NULL;
}

static bool
is_signed (const Proof *self, const Certificate *certificate, const Signature *signature)
{
  const Signer *signer = self->signer;
  const Bytes hash = { certificate->hash, sizeof certificate->hash };
  uint8_t covered[COVERED_SIZE];

  return signature->identity.identity_type == SIGNER_CERT_HASH &&
         signature->identity.hash_alg == HASH_SHA256 &&
         bytes_equal (signature->identity.certificate_hash, hash) &&
         cover (self, !SSL_is_server (self->ssl), certificate->hash, covered) &&
         signer->verify (signer->key_ring, certificate, (HashAlgorithm) signature->hash,
                         (SignatureAlgorithm) signature->signature,
                         (Bytes){ covered, sizeof covered }, signature->signature_value);
}

static void
judge (Proof *self)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) theirs = g_steal_pointer (&self->theirs);
  g_autoptr (Certificate) certificate = NULL;
  SecurityBlock block;

  self->state = PROOF_BAD;
  if (!security_block_decode ((Bytes){ theirs->data, theirs->len }, arena, &block, NULL))
    return;
  certificate = judge_certificate (self, &block.certificates);
  if (certificate == NULL || !is_signed (self, certificate, &block.signature))
    return;
  self->certificate = g_steal_pointer (&certificate);
  self->state = PROOF_GOOD;
}

/* ---- Pieces ---- */

static void
send_pieces (Proof *self)
{
  size_t count = (self->own->len + PIECE_SIZE - 1) / PIECE_SIZE;

  for (size_t i = 0; i < count; i++) {
    size_t size = MIN (self->own->len - i * PIECE_SIZE, (size_t) PIECE_SIZE);
    uint8_t record[HEAD_SIZE + PIECE_SIZE] = { TYPE_PIECE, (uint8_t) i, (uint8_t) count };

    big_endian_write (record + 3, 2, size);
    memcpy (record + HEAD_SIZE, self->own->data + i * PIECE_SIZE, size);
    self->send (self->owner, (Bytes){ record, HEAD_SIZE + size });
  }
}

/* The size of the piece at the front, its head included; 0 when it is not all there. */
static size_t
piece_size (Bytes bytes)
{
  size_t size;

  if (bytes.size < HEAD_SIZE)
    return 0;
  size = HEAD_SIZE + big_endian_read (bytes.data + 3, 2);
  return size <= bytes.size ? size : 0;
}

/* A whole one; what cannot be one spoils the proof. */
static void
take_piece (Proof *self, Bytes piece)
{
  const uint8_t index = piece.data[1];
  const uint8_t count = piece.data[2];
  const size_t size = piece.size - HEAD_SIZE;
  const bool is_last = index + 1 == count;
  const bool is_possible = piece.data[0] == TYPE_PIECE && index < count && count <= PIECES &&
                           size > 0 && size <= PIECE_SIZE && (is_last || size == PIECE_SIZE) &&
                           (self->count == 0 || self->count == count);

  if (!is_possible) {
    self->state = PROOF_BAD;
    return;
  }
  self->count = count;
  self->seen |= 1u << index;
  memcpy (self->theirs->data + index * PIECE_SIZE, piece.data + HEAD_SIZE, size);
  if (is_last)
    g_byte_array_set_size (self->theirs, (unsigned) (index * PIECE_SIZE + size));
  if (self->seen == (1u << count) - 1)
    judge (self);
}

/* ---- Over datagrams ---- */

static void
on_timer (Timer *timer, void *owner)
{
  Proof *self = owner;

  if (self->sends++ == SENDS_MAX)
    return;
  timer_start (&self->timer, self->timers, self->again);
  self->again = MIN (2 * self->again, AGAIN_MAX);
  send_pieces (self);
}

static void
hear_piece (Proof *self, Bytes piece)
{
  static const uint8_t heard[] = { TYPE_HEARD };

  if (self->state == PROOF_AWAITED && piece_size (piece) == piece.size)
    take_piece (self, piece);
  if (self->state == PROOF_GOOD)
    self->send (self->owner, (Bytes){ heard, sizeof heard });
}

static void
hear_datagram (Proof *self, Bytes *datagram)
{
  const Bytes none = { NULL, 0 };
  const uint8_t type = datagram->size > 0 ? datagram->data[0] : 0;

  if (type == TYPE_PIECE)
    hear_piece (self, *datagram);
  else if (type == TYPE_HEARD || self->state == PROOF_GOOD)
    timer_stop (&self->timer);
  if (type == TYPE_PIECE || type == TYPE_HEARD || self->state != PROOF_GOOD)
    *datagram = none;
}

/* ---- Over a stream ---- */

static void
hear_stream (Proof *self, Bytes *bytes)
{
  Bytes left;
  size_t size = 0;

  g_byte_array_append (self->coming, bytes->data, (unsigned) bytes->size);
  left = (Bytes){ self->coming->data, self->coming->len };
  while (self->state == PROOF_AWAITED && (size = piece_size (left)) > 0) {
    take_piece (self, (Bytes){ left.data, size });
    left = (Bytes){ left.data + size, left.size - size };
  }
  if (self->state == PROOF_AWAITED && left.size > 0 &&
      (left.data[0] != TYPE_PIECE || left.size > HEAD_SIZE + PIECE_SIZE))
    self->state = PROOF_BAD;
  if (self->state == PROOF_AWAITED)
    g_byte_array_remove_range (self->coming, 0, self->coming->len - (unsigned) left.size);
  *bytes = self->state == PROOF_GOOD ? left : (Bytes){ NULL, 0 };
}

/* ---- From the link ---- */

Proof *
proof_new (const Signer *signer, SSL *ssl, Timers *timers, ProofSend send, void *owner)
{
  Proof *self = g_new0 (Proof, 1);

  self->signer = signer;
  self->ssl = ssl;
  self->timers = timers;
  self->send = send;
  self->owner = owner;
  self->again = AGAIN_FIRST;
  self->own = g_byte_array_new ();
  self->coming = g_byte_array_new ();
  self->theirs = g_byte_array_sized_new (PIECES * PIECE_SIZE);
  g_byte_array_set_size (self->theirs, PIECES * PIECE_SIZE);
  timer_init (&self->timer, on_timer, self);
  return self;
}

void
proof_free (Proof *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  g_byte_array_unref (self->own);
  g_byte_array_unref (self->coming);
  g_clear_pointer (&self->theirs, g_byte_array_unref);
  certificate_unref (self->certificate);
  g_free (self);
}

ProofState
proof_start (Proof *self)
{
  if (!write_block (self, self->own))
    self->state = PROOF_BAD;
  else if (self->timers != NULL)
    on_timer (&self->timer, self);
  else
    send_pieces (self);
  return self->state;
}

ProofState
proof_hear (Proof *self, Bytes *bytes)
{
  if (self->timers != NULL)
    hear_datagram (self, bytes);
  else if (self->state == PROOF_AWAITED)
    hear_stream (self, bytes);
  if (self->state == PROOF_BAD)
    *bytes = (Bytes){ NULL, 0 };
  return self->state;
}

Certificate *
proof_certificate (const Proof *self)
{
  return self->certificate;
}
