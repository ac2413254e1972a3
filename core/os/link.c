/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "link"
#include "core/os/link.h"

#include "core/base/log.h"
#include "core/node.h"
#include "core/os/dtls.h"
#include "core/os/ice.h"
#include "core/os/invite-desk.h"
#include "core/os/socket.h"
#include "core/os/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A link is one of
 *
 *   stream                       TLS over TCP, ours or accepted
 *   dtls over its own socket     link_connect()
 *   dtls over the listener       accepted, by Route
 *   dtls over ice                link_gather(), link_check()
 *
 * and goes OPENING -> UP -> ENDING, or from anywhere to CLOSED by link_close(). Nothing is freed
 * while somebody may be inside it: what fails becomes ENDING, what is closed falls silent, and the
 * `turn` timer tells the node and frees it from the main loop.
 *
 * An ICE restart gathers with a second session and swaps them when that one is connected; DTLS and
 * the SRTP keys do not notice. */

enum { EARLY_MAX = 8, DATAGRAMS_PER_TURN = 32, DATAGRAM_SIZE = 2048 };

typedef enum LinkState { LINK_OPENING, LINK_UP, LINK_ENDING, LINK_CLOSED } LinkState;

struct Link {
  ListLink all;
  World *world;
  uint32_t number;
  LinkState state;
  LinkEnd end;
  LinkPurpose purpose;
  bool is_incoming;
  bool is_newcomer;
  bool is_server;
  bool was_up;
  bool is_checking; /* link_check() has been called */
  Timer deadline;
  Timer turn;
  Route route; /* owner NULL when it is not over the listener */
  Address peer;
  int fd; /* own UDP socket, or -1 */
  GSource *readable;
  Ice *ice;
  Ice *next;          /* during an ICE restart */
  GPtrArray *retired; /* sessions to be freed in the next turn */
  GQueue early;       /* of GBytes: DTLS that came before ICE was up on our side */
  uint8_t fingerprint[CERTIFICATE_HASH_SIZE];
  Dtls *dtls;
  Stream *stream;
};

/* Newcomers wait for a person, and are counted by the desk. */
static void
link_count (Link *self, int sign)
{
  unsigned *counter = self->state == LINK_OPENING ? &self->world->half_open
                      : self->state == LINK_UP    ? &self->world->incoming
                                                  : NULL;

  if (self->is_incoming && !self->is_newcomer && counter != NULL)
    *counter += (unsigned) sign;
}

static void
link_set_state (Link *self, LinkState state)
{
  link_count (self, -1);
  self->state = state;
  link_count (self, 1);
}

static void
link_turn_later (Link *self)
{
  timer_start (&self->turn, loop_timers (self->world->loop), 0);
}

static void
link_fail (Link *self, LinkEnd end)
{
  if (self->state >= LINK_ENDING)
    return;
  log_debug (&self->world->ports, "link %" G_GUINT32_FORMAT " ends: %d", self->number, (int) end);
  link_set_state (self, LINK_ENDING);
  self->end = end;
  timer_stop (&self->deadline);
  link_turn_later (self);
}

/* The node never heard of an incoming link that did not come up. */
static void
link_tell_end (Link *self, bool was_heard_of)
{
  World *world = self->world;
  uint32_t number = self->number;
  LinkEnd end = self->end;

  if (self->is_newcomer)
    invite_desk_gone (world->desk, number);
  link_free (self);
  if (was_heard_of && world->node != NULL)
    node_link_down (world->node, number, end);
}

static void
on_turn (Timer *timer, void *owner)
{
  Link *self = owner;

  g_ptr_array_set_size (self->retired, 0);
  if (self->state == LINK_ENDING)
    link_tell_end (self, !self->is_newcomer && (!self->is_incoming || self->was_up));
  else if (self->state == LINK_CLOSED)
    link_free (self);
}

static void
on_deadline (Timer *timer, void *owner)
{
  Link *self = owner;

  link_fail (self, self->state == LINK_UP ? LINK_END_LOST : LINK_END_UNREACHABLE);
}

/* ---- Up ---- */

static void
link_up (Link *self, Certificate *certificate)
{
  struct Node *node = self->world->node;

  if (self->state != LINK_OPENING)
    return;
  if (node == NULL || (self->is_incoming && self->world->incoming >= LIMIT_LINKS_INCOMING)) {
    link_fail (self, LINK_END_LOCAL);
    return;
  }
  link_set_state (self, LINK_UP);
  self->was_up = true;
  timer_stop (&self->deadline);
  node_link_up (node, self->number, certificate, self->stream != NULL);
}

static void
link_receive (Link *self, Bytes bytes)
{
  if (self->state == LINK_UP && self->world->node != NULL)
    node_receive (self->world->node, self->number, bytes);
}

/* ---- DTLS ---- */

static void
on_dtls_send (void *owner, Bytes datagram)
{
  Link *self = owner;

  if (self->ice != NULL)
    ice_send (self->ice, datagram);
  else if (self->route.owner != NULL)
    listener_send (self->world->listener, &self->route, datagram);
  else if (send (self->fd, datagram.data, datagram.size, MSG_NOSIGNAL) < 0)
    log_debug (&self->world->ports, "send: %s", g_strerror (errno));
}

static void
on_dtls_up (void *owner)
{
  Link *self = owner;
  SrtpKeys keys;

  if (self->purpose != LINK_PURPOSE_MEDIA)
    link_up (self, dtls_certificate (self->dtls));
  else if (dtls_srtp_keys (self->dtls, &keys))
    link_up (self, NULL);
  else
    link_fail (self, LINK_END_REFUSED);
}

static void
on_dtls_receive (void *owner, Bytes bytes)
{
  Link *self = owner;

  if (self->purpose != LINK_PURPOSE_MEDIA)
    link_receive (self, bytes);
}

static void
on_dtls_down (void *owner, LinkEnd end)
{
  link_fail (owner, end);
}

static const DtlsEvents dtls_events = { on_dtls_send, on_dtls_up, on_dtls_receive, on_dtls_down };

static void
link_begin_dtls (Link *self, SSL *ssl)
{
  self->dtls =
    dtls_new (self->world->tls, ssl, loop_timers (self->world->loop), &dtls_events, self);
  if (self->purpose == LINK_PURPOSE_MEDIA)
    dtls_set_fingerprint (self->dtls, (Bytes){ self->fingerprint, sizeof self->fingerprint });
}

/* RFC 5764, 5.1.2: STUN has been taken out before. */
static bool
is_dtls (Bytes datagram)
{
  return datagram.size > 0 && datagram.data[0] >= 20 && datagram.data[0] <= 63;
}

static bool
is_srtp (Bytes datagram)
{
  return datagram.size > 0 && datagram.data[0] >= 128 && datagram.data[0] <= 191;
}

void
link_hear (Link *self, Bytes datagram)
{
  World *world = self->world;

  if (self->state >= LINK_ENDING)
    return;
  if (self->purpose == LINK_PURPOSE_MEDIA && is_srtp (datagram)) {
    if (self->state == LINK_UP && world->media != NULL)
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
  Link *self = user_data;

  for (int i = 0; i < DATAGRAMS_PER_TURN && self->state < LINK_ENDING; i++) {
    uint8_t bytes[DATAGRAM_SIZE];
    ssize_t size = recv (fd, bytes, sizeof bytes, 0);
    /* Anybody can forge an ICMP error: once the link stands, they mean nothing. */
    if (size < 0 && errno == ECONNREFUSED && self->state == LINK_OPENING)
      link_fail (self, LINK_END_REFUSED);
    if (size < 0)
      break;
    link_hear (self, (Bytes){ bytes, (size_t) size });
  }
  return G_SOURCE_CONTINUE;
}

/* ---- TLS ---- */

static void
on_stream_up (void *owner)
{
  Link *self = owner;
  const TlsPeer *peer = stream_peer (self->stream);

  if (!peer->is_newcomer) {
    link_up (self, peer->certificate);
    return;
  }
  link_count (self, -1);
  self->is_newcomer = true;
  if (!invite_desk_add (self->world->desk, self))
    link_fail (self, LINK_END_LOCAL);
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
  Link *self = owner;

  if (self->is_newcomer && self->state == LINK_OPENING)
    invite_desk_receive (self->world->desk, self, bytes);
  else
    link_receive (self, bytes);
}

static void
on_stream_down (void *owner, LinkEnd end)
{
  link_fail (owner, end);
}

static const StreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

/* ---- ICE ---- */

static void
on_ice_gathered (void *owner, Ice *ice, const IceDescription *local)
{
  Link *self = owner;

  if (self->state >= LINK_ENDING || self->world->node == NULL)
    return;
  if (local->candidate_count == 0)
    link_fail (self, LINK_END_LOCAL);
  else
    node_link_gathered (self->world->node, self->number, local);
}

static void
link_swap_ice (Link *self)
{
  g_ptr_array_add (self->retired, self->ice);
  self->ice = g_steal_pointer (&self->next);
  timer_stop (&self->deadline);
  link_turn_later (self);
}

static void
on_ice_connected (void *owner, Ice *ice)
{
  Link *self = owner;
  TlsUse use = self->purpose == LINK_PURPOSE_MEDIA ? TLS_USE_MEDIA : TLS_USE_DATAGRAMS;
  GBytes *datagram;

  if (self->state >= LINK_ENDING)
    return;
  if (ice == self->next)
    link_swap_ice (self);
  if (self->dtls != NULL)
    return;
  link_begin_dtls (self, tls_connection (self->world->tls, use, self->is_server));
  dtls_start (self->dtls);
  while ((datagram = g_queue_pop_head (&self->early)) != NULL) {
    size_t size;
    const uint8_t *bytes = g_bytes_get_data (datagram, &size);
    link_hear (self, (Bytes){ bytes, size });
    g_bytes_unref (datagram);
  }
}

static void
on_ice_receive (void *owner, Ice *ice, Bytes datagram)
{
  link_hear (owner, datagram);
}

static void
on_ice_failed (void *owner, Ice *ice)
{
  Link *self = owner;

  /* A session that is about to be replaced may die in peace. */
  if (ice == self->next || self->next == NULL)
    link_fail (self, self->was_up ? LINK_END_LOST : LINK_END_UNREACHABLE);
}

static const IceEvents ice_events = { on_ice_gathered, on_ice_connected, on_ice_receive,
                                      on_ice_failed };

/* ---- From the world ---- */

Link *
link_new (World *world, uint32_t number)
{
  Link *self = g_new0 (Link, 1);

  self->world = world;
  self->number = number;
  self->fd = -1;
  self->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) ice_free);
  g_queue_init (&self->early);
  timer_init (&self->deadline, on_deadline, self);
  timer_init (&self->turn, on_turn, self);
  list_append (&world->all, &self->all);
  g_hash_table_insert (world->links, GUINT_TO_POINTER (number), self);
  return self;
}

/* Its number means nothing any more. */
static void
link_forget (Link *self)
{
  World *world = self->world;
  void *key = GUINT_TO_POINTER (self->number);

  if (g_hash_table_lookup (world->links, key) == self)
    g_hash_table_remove (world->links, key);
  if (self->route.owner != NULL)
    listener_remove_route (world->listener, &self->route);
  loop_unwatch (&self->readable);
}

void
link_free (Link *self)
{
  if (self == NULL)
    return;
  link_set_state (self, LINK_CLOSED);
  link_forget (self);
  list_remove (&self->all);
  timer_stop (&self->deadline);
  timer_stop (&self->turn);
  g_queue_clear_full (&self->early, (GDestroyNotify) g_bytes_unref);
  dtls_free (self->dtls);
  stream_free (self->stream);
  g_ptr_array_unref (self->retired);
  ice_free (self->ice);
  ice_free (self->next);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

void
link_free_all (World *world)
{
  list_for_each (&world->all, element) link_free (list_element (element, Link, all));
}

void
link_set_deadline (Link *self, unsigned seconds)
{
  timer_start (&self->deadline, loop_timers (self->world->loop), seconds * TIME_SECOND);
}

/* The one address to speak from, when there is one and it can reach `to`. */
static const Address *
link_source (const Link *self, const Address *to)
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
link_connect (Link *self, LinkTransport transport, const Address *to)
{
  World *world = self->world;
  int type = transport == LINK_TRANSPORT_TLS ? SOCK_STREAM : SOCK_DGRAM;
  int fd = socket_connect (type, to, link_source (self, to));

  self->purpose = LINK_PURPOSE_OVERLAY;
  self->peer = *to;
  if (fd < 0) {
    link_fail (self, open_end (errno));
    return;
  }
  link_set_deadline (self, LIMIT_HANDSHAKE_S);
  if (transport == LINK_TRANSPORT_TLS) {
    SSL *ssl = tls_connection (world->tls, TLS_USE_STREAM, false);
    self->stream = stream_new (world->loop, fd, world->tls, ssl, &stream_events, self);
    return;
  }
  self->fd = fd;
  self->readable = loop_watch (world->loop, fd, G_IO_IN, on_readable, self);
  link_begin_dtls (self, tls_connection (world->tls, TLS_USE_DATAGRAMS, false));
  dtls_start (self->dtls);
}

void
link_gather (Link *self, const LinkSetup *setup)
{
  const Address *only = self->world->only.family != ADDRESS_NONE ? &self->world->only : NULL;
  Ice *ice = ice_new (self->world->loop, only, setup->is_controlling, &ice_events, self);

  if (self->ice == NULL) {
    self->purpose = setup->purpose;
    self->ice = ice;
    return;
  }
  if (self->next != NULL) {
    g_ptr_array_add (self->retired, self->next);
    link_turn_later (self);
  }
  self->next = ice;
}

void
link_accept_datagrams (Link *self, const Route *route, SSL *ssl)
{
  self->is_incoming = true;
  link_count (self, 1);
  self->route = *route;
  self->route.owner = self;
  self->peer = route->peer;
  listener_add_route (self->world->listener, &self->route);
  link_set_deadline (self, LIMIT_HANDSHAKE_S);
  link_begin_dtls (self, ssl);
  dtls_start (self->dtls);
}

void
link_accept_stream (Link *self, const Address *from, int fd)
{
  World *world = self->world;
  SSL *ssl = tls_connection (world->tls, TLS_USE_STREAM, true);

  self->is_incoming = true;
  link_count (self, 1);
  self->peer = *from;
  link_set_deadline (self, LIMIT_HANDSHAKE_S);
  self->stream = stream_new (world->loop, fd, world->tls, ssl, &stream_events, self);
}

void
link_check (Link *self, const IceDescription *remote, const LinkSetup *setup, Bytes fingerprint)
{
  Ice *ice = self->next != NULL ? self->next : self->ice;

  if (ice == NULL || (self->is_checking && self->next == NULL) || self->state >= LINK_ENDING)
    return;
  if (self->purpose == LINK_PURPOSE_MEDIA) {
    bool is_other =
      fingerprint.size != sizeof self->fingerprint ||
      (self->dtls != NULL && memcmp (fingerprint.data, self->fingerprint, fingerprint.size) != 0);
    if (is_other) {
      link_fail (self, LINK_END_CERTIFICATE);
      return;
    }
    memcpy (self->fingerprint, fingerprint.data, fingerprint.size);
  }
  self->is_checking = true;
  if (self->dtls == NULL)
    self->is_server = setup->is_server;
  link_set_deadline (self, LIMIT_HANDSHAKE_S);
  ice_check (ice, remote, setup->is_controlling);
}

void
link_send (Link *self, Bytes bytes)
{
  bool may_send = self->state == LINK_UP || (self->is_newcomer && self->state == LINK_OPENING);

  if (!may_send)
    return;
  if (self->stream != NULL)
    stream_send (self->stream, bytes);
  else
    dtls_send (self->dtls, bytes);
}

void
link_close (Link *self)
{
  if (self->dtls != NULL)
    dtls_close (self->dtls);
  if (self->stream != NULL)
    stream_close (self->stream);
  if (self->is_newcomer)
    invite_desk_gone (self->world->desk, self->number);
  timer_stop (&self->deadline);
  link_set_state (self, LINK_CLOSED);
  link_forget (self);
  link_turn_later (self);
}

bool
link_media_keys (const Link *self, SrtpKeys *ret_keys)
{
  return self->state == LINK_UP && self->purpose == LINK_PURPOSE_MEDIA &&
         dtls_srtp_keys (self->dtls, ret_keys);
}

void
link_media_send (Link *self, Bytes datagram)
{
  if (self->state == LINK_UP && self->purpose == LINK_PURPOSE_MEDIA)
    ice_send (self->ice, datagram);
}

bool
link_is_newcomer (const Link *self)
{
  return self->is_newcomer;
}

const Address *
link_peer_address (const Link *self)
{
  return &self->peer;
}

uint32_t
link_number (const Link *self)
{
  return self->number;
}
