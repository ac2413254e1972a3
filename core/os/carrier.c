/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "carrier"
#include "core/os/carrier-private.h"

#include "core/base/log.h"
#include "core/node.h"
#include "core/os/invite-desk.h"
#include "core/os/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A carrier is one of
 *
 *   stream                       TLS over TCP, ours or accepted
 *   dtls over its own socket     link_connect()
 *   dtls over the listener       accepted, by Path
 *   dtls over ice                link_gather(), link_check()
 *   attempts at any of the first three, of which one is chosen: the same, without ICE
 *
 * and goes OPENING -> UP -> ENDING, or from anywhere to CLOSED by link_close(). Nothing is freed
 * while somebody may be inside it: what fails becomes ENDING, what is closed falls silent, and the
 * `turn` timer tells the node and frees it from the main loop.
 *
 * Sound goes only to who wants it (RFC 7675): whoever has sent neither sound nor reports on it for
 * CONSENT is sent none, wherever it goes; but our few reports are, since two who have both been out
 * of reach would wait for each other's. libnice's consent-freshness would end links for good. */

enum { EARLY_MAX = 8, DATAGRAMS_PER_TURN = 32, DATAGRAM_SIZE = 2048 };

static const uint64_t CONSENT = 30 * TIME_SECOND;

/* Newcomers wait for a person, and are counted by the desk. */
static void
carrier_count (Carrier *self, int sign)
{
  unsigned *counter = self->state == CARRIER_OPENING ? &self->world->half_open
                      : self->state == CARRIER_UP    ? &self->world->incoming
                                                     : NULL;

  if (self->is_incoming && !self->is_newcomer && counter != NULL)
    *counter += (unsigned) sign;
}

void
carrier_set_state (Carrier *self, CarrierState state)
{
  carrier_count (self, -1);
  self->state = state;
  carrier_count (self, 1);
}

void
carrier_make_newcomer (Carrier *self)
{
  carrier_count (self, -1);
  self->is_newcomer = true;
}

void
carrier_turn_later (Carrier *self)
{
  timer_start (&self->turn, loop_timers (self->world->loop), 0);
}

bool
carrier_report (const Carrier *self, PathReport *ret_report)
{
  if (self->purpose != LINK_PURPOSE_MEDIA || self->ice == NULL)
    return false;
  ice_report (self->ice, ret_report);
  if (self->state == CARRIER_ENDING && self->end != LINK_END_CLOSED)
    ret_report->state = PATH_FAILED;
  return true;
}

static void
carrier_remember (const Carrier *self)
{
  World *world = self->world;
  PathReport report;

  if (!carrier_report (self, &report))
    return;
  g_free (world->ended);
  world->ended = g_memdup2 (&report, sizeof report);
  world->ended_link = self->number;
}

void
carrier_fail (Carrier *self, LinkEnd end)
{
  if (self->state >= CARRIER_ENDING)
    return;
  log_debug (&self->world->ports, "link %" G_GUINT32_FORMAT " ends: %d", self->number, (int) end);
  carrier_set_state (self, CARRIER_ENDING);
  self->end = end;
  carrier_remember (self);
  timer_stop (&self->deadline);
  no_ice_free (self);
  carrier_turn_later (self);
}

/* The node never heard of an incoming link that did not come up, but counts whom we refused. */
static void
carrier_tell_end (Carrier *self)
{
  bool was_heard_of = !self->is_newcomer && (!self->is_incoming || self->was_up);
  bool was_refused =
    !self->is_newcomer && (self->end == LINK_END_CERTIFICATE || self->end == LINK_END_REFUSED);
  World *world = self->world;
  Carrier *parent = self->parent;
  uint32_t number = self->number;
  LinkEnd end = self->end;

  if (self->is_newcomer)
    invite_desk_gone (world->desk, number);
  carrier_free (self);
  if (parent != NULL)
    no_ice_attempt_ended (parent, end);
  else if (was_heard_of && world->node != NULL)
    node_link_down (world->node, number, end);
  else if (was_refused && world->node != NULL)
    node_link_refused (world->node);
}

static void
on_turn (Timer *timer, void *owner)
{
  Carrier *self = owner;

  g_ptr_array_set_size (self->retired, 0);
  if (self->state == CARRIER_ENDING)
    carrier_tell_end (self);
  else if (self->state == CARRIER_CLOSED)
    carrier_free (self);
}

static void
on_deadline (Timer *timer, void *owner)
{
  Carrier *self = owner;

  carrier_fail (self, self->state == CARRIER_UP ? LINK_END_LOST : LINK_END_UNREACHABLE);
}

/* ---- Up ---- */

static bool
on_silence_is_deaf (void *owner)
{
  return loop_is_behind (((Carrier *) owner)->world->loop);
}

static void
on_silence_told (void *owner, bool is_silent)
{
  Carrier *self = owner;
  bool has_begun = is_silent && !self->is_silent;

  self->is_silent = is_silent;
  if (self->state != CARRIER_UP || self->world->node == NULL)
    return;
  node_link_silent (self->world->node, self->number, is_silent);
  if (has_begun)
    relay_book_moved (self->world->relays);
}

static const SilenceEvents silence_events = { on_silence_told, on_silence_is_deaf };

static bool
is_near (const Carrier *self)
{
  Address remote = self->peer;

  if (self->ice != NULL && (!ice_is_direct (self->ice) || !ice_get_remote (self->ice, &remote)))
    return false;
  return socket_is_near (&remote);
}

void
carrier_up (Carrier *self, Certificate *certificate)
{
  struct Node *node = self->world->node;

  if (self->state != CARRIER_OPENING)
    return;
  if (self->parent != NULL) {
    no_ice_attempt_up (self);
    return;
  }
  if (node == NULL || (self->is_incoming && self->world->incoming >= LIMIT_LINKS_INCOMING)) {
    carrier_fail (self, LINK_END_LOCAL);
    return;
  }
  carrier_set_state (self, CARRIER_UP);
  self->was_up = true;
  timer_stop (&self->deadline);
  if (self->purpose == LINK_PURPOSE_MEDIA)
    silence_begin (&self->silence, loop_timers (self->world->loop), &silence_events, self);
  node_link_up (node, self->number, certificate != NULL ? certificate_ref (certificate) : NULL,
                (LinkTraits){ .is_stream = self->stream != NULL, .is_near = is_near (self) });
}

/* What a stream brings to an attempt cannot come again. */
static void
carrier_keep_early (Carrier *self, Bytes bytes)
{
  if (self->early_bytes == NULL)
    self->early_bytes = g_byte_array_new ();
  if (self->early_bytes->len + bytes.size > LIMIT_LINK_QUEUE)
    carrier_fail (self, LINK_END_LOCAL);
  else
    g_byte_array_append (self->early_bytes, bytes.data, (unsigned) bytes.size);
}

void
carrier_receive (Carrier *self, Bytes bytes)
{
  if (self->parent != NULL && self->stream != NULL && self->state == CARRIER_OPENING)
    carrier_keep_early (self, bytes);
  else if (self->state == CARRIER_UP && self->world->node != NULL)
    node_receive (self->world->node, self->number, bytes);
}

/* ---- DTLS ---- */

static void
on_dtls_send (void *owner, Bytes datagram)
{
  Carrier *self = owner;

  if (self->ice != NULL)
    ice_send (self->ice, datagram);
  else if (self->path.owner != NULL)
    listener_send (self->listener, &self->path, datagram);
  else if (send (self->fd, datagram.data, datagram.size, MSG_NOSIGNAL) < 0)
    log_debug (&self->world->ports, "send: %s", g_strerror (errno));
}

static void
on_dtls_up (void *owner)
{
  Carrier *self = owner;
  SrtpKeys keys;

  if (self->purpose != LINK_PURPOSE_MEDIA)
    carrier_up (self, dtls_certificate (self->dtls));
  else if (dtls_srtp_keys (self->dtls, &keys))
    carrier_up (self, NULL);
  else
    carrier_fail (self, LINK_END_REFUSED);
}

static void
on_dtls_receive (void *owner, Bytes bytes)
{
  Carrier *self = owner;

  if (self->purpose != LINK_PURPOSE_MEDIA)
    carrier_receive (self, bytes);
}

static void
on_dtls_down (void *owner, LinkEnd end)
{
  carrier_fail (owner, end);
}

static const DtlsEvents dtls_events = { on_dtls_send, on_dtls_up, on_dtls_receive, on_dtls_down };

void
carrier_begin_dtls (Carrier *self, SSL *ssl)
{
  self->dtls =
    dtls_new (self->world->tls, ssl, loop_timers (self->world->loop), &dtls_events, self);
  if (self->purpose == LINK_PURPOSE_OVERLAY)
    tls_key_by_secret (ssl);
  if (self->purpose == LINK_PURPOSE_MEDIA)
    dtls_set_fingerprint (self->dtls, (Bytes){ self->fingerprint, sizeof self->fingerprint });
}

/* RFC 5764, 5.1.2: STUN has been taken out before. */
static bool
is_dtls (Bytes datagram)
{
  return datagram.size > 0 && datagram.data[0] >= 20 && datagram.data[0] <= 63;
}

bool
carrier_is_sound (Bytes datagram)
{
  return datagram.size > 0 && datagram.data[0] >= 128 && datagram.data[0] <= 191;
}

/* RFC 5761, 4. */
static bool
is_report (Bytes datagram)
{
  return carrier_is_sound (datagram) && datagram.size > 1 && datagram.data[1] >= 192 &&
         datagram.data[1] <= 223;
}

void
carrier_hear (Carrier *self, Bytes datagram)
{
  World *world = self->world;

  if (self->state >= CARRIER_ENDING)
    return;
  if (self->purpose == LINK_PURPOSE_MEDIA && carrier_is_sound (datagram)) {
    silence_break (&self->silence);
    if (self->state == CARRIER_UP && world->media != NULL)
      world->media (self->number, datagram, world->media_data);
  } else if (!is_dtls (datagram)) {
    return;
  } else if (self->dtls != NULL) {
    dtls_feed (self->dtls, datagram);
  } else if (self->early.length < EARLY_MAX) {
    g_queue_push_tail (&self->early, g_bytes_new (datagram.data, datagram.size));
  }
}

/* ---- Its own UDP socket ---- */

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  Carrier *self = user_data;

  for (int i = 0; i < DATAGRAMS_PER_TURN && self->state < CARRIER_ENDING; i++) {
    uint8_t bytes[DATAGRAM_SIZE];
    ssize_t size = recv (fd, bytes, sizeof bytes, 0);
    /* Anybody can forge an ICMP error: once the link stands, they mean nothing. */
    if (size < 0 && errno == ECONNREFUSED && self->state == CARRIER_OPENING)
      carrier_fail (self, LINK_END_REFUSED);
    if (size < 0)
      break;
    carrier_hear (self, (Bytes){ bytes, (size_t) size });
  }
  return G_SOURCE_CONTINUE;
}

/* ---- From the world ---- */

Carrier *
carrier_new (World *world, uint32_t number)
{
  Carrier *self = g_new0 (Carrier, 1);

  self->world = world;
  self->number = number;
  self->fd = -1;
  self->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) ice_free);
  g_queue_init (&self->early);
  timer_init (&self->deadline, on_deadline, self);
  timer_init (&self->turn, on_turn, self);
  carrier_trial_init (self);
  list_append (&world->all, &self->all);
  g_hash_table_insert (world->carriers, GUINT_TO_POINTER (number), self);
  return self;
}

void
carrier_forget (Carrier *self)
{
  World *world = self->world;
  void *key = GUINT_TO_POINTER (self->number);

  if (g_hash_table_lookup (world->carriers, key) == self)
    g_hash_table_remove (world->carriers, key);
  if (self->path.owner != NULL)
    listener_remove_path (self->listener, &self->path);
  self->path.owner = NULL;
  loop_unwatch (&self->readable);
}

void
carrier_free (Carrier *self)
{
  if (self == NULL)
    return;
  carrier_set_state (self, CARRIER_CLOSED);
  no_ice_free (self);
  carrier_forget (self);
  list_remove (&self->all);
  timer_stop (&self->deadline);
  timer_stop (&self->turn);
  timer_stop (&self->trial_timer);
  silence_end (&self->silence);
  g_queue_clear_full (&self->early, (GDestroyNotify) g_bytes_unref);
  dtls_free (self->dtls);
  tls_stream_free (self->stream);
  listener_free (self->own_listener);
  g_clear_pointer (&self->early_bytes, g_byte_array_unref);
  g_ptr_array_unref (self->retired);
  ice_free (self->ice);
  ice_free (self->next);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

void
carrier_free_all (World *world)
{
  list_for_each (&world->all, element) carrier_free (list_element (element, Carrier, all));
}

void
carrier_set_deadline (Carrier *self, unsigned seconds)
{
  timer_start (&self->deadline, loop_timers (self->world->loop), seconds * TIME_SECOND);
}

/* The one address to speak from, when there is one and it can reach `to`. */
static const Address *
carrier_source (const Carrier *self, const Address *to)
{
  const Address *only = &self->world->only;

  return only->family == to->family && address_is_loopback (only) == address_is_loopback (to)
           ? only
           : NULL;
}

static LinkEnd
open_end (int error)
{
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL
           ? LINK_END_UNREACHABLE
         : error == ECONNREFUSED ? LINK_END_REFUSED
                                 : LINK_END_LOCAL;
}

void
carrier_connect (Carrier *self, LinkTransport transport, const Address *to)
{
  World *world = self->world;
  int type = transport == LINK_TRANSPORT_TLS ? SOCK_STREAM : SOCK_DGRAM;
  int fd = socket_connect (type, to, carrier_source (self, to));

  self->peer = *to;
  if (fd < 0) {
    carrier_fail (self, open_end (errno));
    return;
  }
  carrier_set_deadline (self, LIMIT_HANDSHAKE_S);
  if (transport == LINK_TRANSPORT_TLS) {
    carrier_begin_tls (self, fd, false);
    return;
  }
  self->fd = fd;
  self->readable = loop_watch (world->loop, fd, G_IO_IN, on_readable, self);
  carrier_begin_dtls (self, tls_connection (world->tls, TLS_USE_DATAGRAMS, false));
  dtls_start (self->dtls);
}

void
carrier_accept_datagrams (Carrier *self, Listener *listener, const Path *path, SSL *ssl)
{
  self->is_incoming = true;
  carrier_count (self, 1);
  self->path = *path;
  self->path.owner = self;
  self->peer = path->peer;
  self->listener = listener;
  listener_add_path (listener, &self->path);
  carrier_set_deadline (self, LIMIT_HANDSHAKE_S);
  carrier_begin_dtls (self, ssl);
  dtls_start (self->dtls);
}

void
carrier_accept_stream (Carrier *self, const Address *from, int fd)
{
  self->is_incoming = true;
  carrier_count (self, 1);
  self->peer = *from;
  carrier_set_deadline (self, LIMIT_HANDSHAKE_S);
  carrier_begin_tls (self, fd, true);
}

void
carrier_send (Carrier *self, Bytes bytes)
{
  bool may_send =
    self->state == CARRIER_UP || (self->is_newcomer && self->state == CARRIER_OPENING);

  if (!may_send)
    return;
  if (self->stream != NULL)
    tls_stream_send (self->stream, bytes);
  else
    dtls_send (self->dtls, bytes);
}

void
carrier_close (Carrier *self)
{
  if (self->dtls != NULL)
    dtls_close (self->dtls);
  if (self->stream != NULL)
    tls_stream_close (self->stream);
  if (self->is_newcomer)
    invite_desk_gone (self->world->desk, self->number);
  timer_stop (&self->deadline);
  no_ice_free (self);
  carrier_set_state (self, CARRIER_CLOSED);
  carrier_forget (self);
  carrier_turn_later (self);
}

bool
carrier_media_keys (const Carrier *self, SrtpKeys *ret_keys)
{
  return self->state == CARRIER_UP && self->purpose == LINK_PURPOSE_MEDIA &&
         dtls_srtp_keys (self->dtls, ret_keys);
}

void
carrier_media_send (Carrier *self, Bytes datagram)
{
  if (self->state != CARRIER_UP || self->purpose != LINK_PURPOSE_MEDIA)
    return;
  if (silence_length (&self->silence) >= CONSENT && !is_report (datagram))
    return;
  ice_send (self->ice, datagram);
  carrier_trial_send (self, datagram);
}

bool
carrier_is_direct (const Carrier *self)
{
  return self->ice != NULL && ice_is_direct (self->ice);
}

bool
carrier_is_newcomer (const Carrier *self)
{
  return self->is_newcomer;
}

const Address *
carrier_peer_address (const Carrier *self)
{
  return &self->peer;
}

uint32_t
carrier_number (const Carrier *self)
{
  return self->number;
}
