/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/tls-stream.h"

#include "core/base/limits.h"
#include "core/os/proof.h"
#include "core/os/socket.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

/* OpenSSL behind two memory BIOs; the outgoing one is the send queue. The socket is watched for
 * reading always and for writing only while something waits, so an idle stream costs nothing.
 *
 * One read of the socket a turn: a peer who sends without end gets its share and no more. */

enum { PIECE = 16384 };

struct TlsStream {
  Loop *loop;
  int fd;
  GSource *readable;
  GSource *writable; /* NULL while nothing waits */
  SSL *ssl;          /* owned, and its BIOs */
  BIO *input;
  BIO *output;
  TlsPeer peer;
  Proof *proof;  /* owned; NULL when none is wanted */
  Timer failing; /* set when something fails inside a call of ours */
  LinkEnd end;
  const TlsStreamEvents *events;
  void *owner;
  bool is_connected;
  bool is_secure; /* the handshake is over */
  bool is_up;     /* and so is all that follows it */
  bool is_over;
};

static void
tls_stream_end (TlsStream *self, LinkEnd end)
{
  if (self->is_over)
    return;
  self->is_over = true;
  loop_unwatch (&self->readable);
  loop_unwatch (&self->writable);
  timer_stop (&self->failing);
  self->events->down (self->owner, end);
}

static void
tls_stream_fail_later (TlsStream *self, LinkEnd end)
{
  self->end = end;
  timer_start (&self->failing, loop_timers (self->loop), 0);
}

static void
on_failing (Timer *timer, void *owner)
{
  TlsStream *self = owner;

  tls_stream_end (self, self->end);
}

static gboolean on_writable (int fd, GIOCondition condition, void *user_data);

static void
watch_writable (TlsStream *self, bool is_wanted)
{
  if (!is_wanted)
    loop_unwatch (&self->writable);
  else if (self->writable == NULL)
    self->writable = loop_watch (self->loop, self->fd, G_IO_OUT, on_writable, self);
}

/* False when the connection is gone. */
static bool
tls_stream_flush (TlsStream *self)
{
  uint8_t sent[PIECE];
  char *bytes = NULL;
  long pending;

  while (self->is_connected && (pending = BIO_get_mem_data (self->output, &bytes)) > 0) {
    ssize_t size = send (self->fd, bytes, (size_t) MIN (pending, PIECE), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
      return false;
    if (size <= 0)
      break;
    BIO_read (self->output, sent, (int) size);
  }
  if (!self->is_over)
    watch_writable (self, !self->is_connected || BIO_pending (self->output) > 0);
  return true;
}

static void
tls_stream_up (TlsStream *self)
{
  self->is_up = true;
  tls_stream_flush (self);
  self->events->up (self->owner);
}

/* The step that it is in will flush it. */
static void
on_proof_send (void *owner, Bytes record)
{
  SSL_write (((TlsStream *) owner)->ssl, record.data, (int) record.size);
}

static void
tls_stream_take_proof (TlsStream *self, ProofState state)
{
  if (state == PROOF_BAD) {
    SSL_shutdown (self->ssl);
    tls_stream_flush (self);
    tls_stream_end (self, LINK_END_CERTIFICATE);
  } else if (state == PROOF_GOOD && !self->is_up) {
    self->peer.certificate = certificate_ref (proof_certificate (self->proof));
    tls_stream_up (self);
  }
}

static void
tls_stream_secured (TlsStream *self)
{
  self->is_secure = true;
  if (!tls_is_keyed_well (self->ssl)) {
    tls_stream_flush (self);
    tls_stream_end (self, LINK_END_REFUSED);
  } else if (tls_wants_proof (self->ssl)) {
    self->proof = proof_new (self->peer.signer, self->ssl, NULL, on_proof_send, self);
    tls_stream_take_proof (self, proof_start (self->proof));
  } else {
    tls_stream_up (self);
  }
}

static void
tls_stream_read (TlsStream *self)
{
  uint8_t plain[PIECE];

  while (self->is_secure && !self->is_over) {
    LinkEnd end;
    Bytes bytes;
    int size;
    ERR_clear_error ();
    size = SSL_read (self->ssl, plain, sizeof plain);
    if (size <= 0) {
      if (tls_is_over (self->ssl, size, &end))
        tls_stream_end (self, end);
      return;
    }
    bytes = (Bytes){ plain, (size_t) size };
    if (self->proof != NULL)
      tls_stream_take_proof (self, proof_hear (self->proof, &bytes));
    if (bytes.size > 0 && !self->is_over)
      self->events->receive (self->owner, bytes);
  }
}

static void
tls_stream_step (TlsStream *self)
{
  LinkEnd end;

  if (!self->is_secure) {
    int result;
    ERR_clear_error ();
    result = SSL_do_handshake (self->ssl);
    if (result == 1) {
      tls_stream_secured (self);
    } else if (tls_is_over (self->ssl, result, &end)) {
      tls_stream_flush (self);
      tls_stream_end (self, end);
    }
  }
  tls_stream_read (self);
  if (!self->is_over && !tls_stream_flush (self))
    tls_stream_end (self, self->is_up ? LINK_END_LOST : LINK_END_REFUSED);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  TlsStream *self = user_data;
  uint8_t piece[PIECE];
  ssize_t size = socket_read (fd, piece, sizeof piece);

  if (size < 0) {
    tls_stream_end (self, self->is_up ? LINK_END_LOST : LINK_END_REFUSED);
  } else if (size > 0) {
    BIO_write (self->input, piece, (int) size);
    tls_stream_step (self);
  }
  return G_SOURCE_CONTINUE;
}

static LinkEnd
connect_end (int error)
{
  return error == ECONNREFUSED || error == ECONNRESET ? LINK_END_REFUSED : LINK_END_UNREACHABLE;
}

static gboolean
on_writable (int fd, GIOCondition condition, void *user_data)
{
  TlsStream *self = user_data;

  if (!self->is_connected) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      tls_stream_end (self, connect_end (error));
      return G_SOURCE_CONTINUE;
    }
    self->is_connected = true;
    self->readable = loop_watch (self->loop, fd, G_IO_IN, on_readable, self);
    tls_stream_step (self);
  } else if (!tls_stream_flush (self)) {
    tls_stream_end (self, LINK_END_LOST);
  }
  return G_SOURCE_CONTINUE;
}

TlsStream *
tls_stream_new (Loop *loop, int fd, Tls *tls, SSL *ssl, const TlsStreamEvents *events, void *owner)
{
  TlsStream *self = g_new0 (TlsStream, 1);

  self->loop = loop;
  self->fd = fd;
  self->ssl = ssl;
  self->input = SSL_get_rbio (ssl);
  self->output = SSL_get_wbio (ssl);
  self->events = events;
  self->owner = owner;
  timer_init (&self->failing, on_failing, self);
  if (tls != NULL)
    tls_set_peer (tls, ssl, &self->peer);
  watch_writable (self, true);
  return self;
}

void
tls_stream_free (TlsStream *self)
{
  if (self == NULL)
    return;
  loop_unwatch (&self->readable);
  loop_unwatch (&self->writable);
  timer_stop (&self->failing);
  proof_free (self->proof);
  SSL_free (self->ssl);
  tls_peer_clear (&self->peer);
  close (self->fd);
  g_free (self);
}

void
tls_stream_send (TlsStream *self, Bytes bytes)
{
  if (!self->is_up || self->is_over || bytes.size == 0 || bytes.size > LIMIT_LINK_QUEUE)
    return;
  ERR_clear_error ();
  SSL_write (self->ssl, bytes.data, (int) bytes.size);
  if (!tls_stream_flush (self) || BIO_pending (self->output) > LIMIT_LINK_QUEUE)
    tls_stream_fail_later (self, LINK_END_LOST);
}

void
tls_stream_close (TlsStream *self)
{
  if (self->is_over)
    return;
  self->is_over = true;
  loop_unwatch (&self->readable);
  loop_unwatch (&self->writable);
  timer_stop (&self->failing);
  ERR_clear_error ();
  if (self->is_secure)
    SSL_shutdown (self->ssl);
  tls_stream_flush (self);
  shutdown (self->fd, SHUT_WR);
  ERR_clear_error ();
}

void
tls_stream_hand_over (TlsStream *self, const TlsStreamEvents *events, void *owner)
{
  self->events = events;
  self->owner = owner;
}

size_t
tls_stream_waiting (const TlsStream *self)
{
  return (size_t) BIO_pending (self->output);
}

Address
tls_stream_local (const TlsStream *self)
{
  return socket_address (self->fd);
}

const TlsPeer *
tls_stream_peer (const TlsStream *self)
{
  return &self->peer;
}
