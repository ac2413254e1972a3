/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "carrier"
#include "core/os/carrier-private.h"

#include "core/base/log.h"
#include "core/node.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

/* A link without ICE (RFC 6940, 6.5.1.11), where the handshake is the connectivity check:
 *
 *   the server   binds a listener for this one link, and tells its addresses; whoever comes is an
 *                attempt, and the one who proves to be the peer is chosen
 *   the client   connects to the addresses it was told, the best first, the next one 300 ms later;
 *                each is an attempt, and the first that comes up is chosen
 *
 * A listener of its own tells the link from all others, and from those of the same peer, without a
 * word on the wire. The attempt chosen takes the link's number, and the listener if it needs one;
 * the carrier that the link began with goes, and the other attempts with it. */

#define NEXT_ATTEMPT (300 * TIME_MS)

enum { ATTEMPTS_AT_ONCE = 4, TYPE_PREFERENCE_HOST = 126 };

struct NoIce {
  uint8_t transports;
  bool has_told; /* our candidates */
  bool is_server;
  bool is_checked; /* the peer is known */
  NodeId peer;
  Candidate candidates[LIMIT_CANDIDATES]; /* the client's, the best first */
  size_t count;
  size_t next;
  LinkEnd end; /* of the attempt that ended last */
  Timer timer; /* to do what may not be done inside a port, and for the next attempt */
};

static unsigned
count_attempts (const Carrier *self)
{
  unsigned count = 0;

  list_for_each (&self->world->all, l) count += list_element (l, Carrier, all)->parent == self;
  return count;
}

static Carrier *
attempt_new (Carrier *self)
{
  Carrier *attempt = carrier_new (self->world, world_next_incoming (self->world));

  attempt->parent = self;
  attempt->purpose = self->purpose;
  return attempt;
}

/* ---- Choosing ---- */

static const Certificate *
attempt_certificate (const Carrier *attempt)
{
  if (attempt->stream != NULL)
    return tls_stream_peer (attempt->stream)->certificate;
  return attempt->dtls != NULL ? dtls_certificate (attempt->dtls) : NULL;
}

/* The attempt is the link from now on. */
static void
choose (Carrier *self, Carrier *attempt)
{
  GHashTable *carriers = self->world->carriers;
  g_autoptr (GByteArray) early = g_steal_pointer (&attempt->early_bytes);
  uint32_t number = self->number;
  bool needs_listener = attempt->listener != NULL && attempt->listener == self->own_listener;

  attempt->parent = NULL;
  if (needs_listener) {
    attempt->own_listener = g_steal_pointer (&self->own_listener);
    listener_shut (attempt->own_listener);
  }
  carrier_close (self);
  carrier_set_state (attempt, CARRIER_CLOSED); /* no longer counted as a stranger's */
  attempt->is_incoming = false;
  attempt->state = CARRIER_OPENING;
  g_hash_table_remove (carriers, GUINT_TO_POINTER (attempt->number));
  attempt->number = number;
  g_hash_table_insert (carriers, GUINT_TO_POINTER (number), attempt);
  carrier_up (attempt, (Certificate *) attempt_certificate (attempt));
  if (early != NULL && attempt->state == CARRIER_UP && attempt->world->node != NULL)
    node_receive (attempt->world->node, number, (Bytes){ early->data, early->len });
}

/* Whether it has become the link. */
static bool
judge (Carrier *self, Carrier *attempt)
{
  const Certificate *certificate = attempt_certificate (attempt);

  if (!self->no_ice->is_checked || certificate == NULL || attempt->state != CARRIER_OPENING)
    return false;
  if (!node_id_equal (&certificate->node_ids[0], &self->no_ice->peer)) {
    attempt->parent = NULL;
    carrier_close (attempt);
    no_ice_attempt_ended (self, LINK_END_CERTIFICATE);
    return false;
  }
  choose (self, attempt);
  return true;
}

void
no_ice_attempt_up (Carrier *attempt)
{
  timer_stop (&attempt->deadline);
  attempt->was_up = true;
  judge (attempt->parent, attempt);
}

/* Those who came before we knew whom to expect. */
static void
judge_early (Carrier *self)
{
  list_for_each (&self->world->all, l)
  {
    Carrier *attempt = list_element (l, Carrier, all);
    if (attempt->parent == self && attempt->was_up && judge (self, attempt))
      return;
  }
}

/* ---- The client ---- */

static void
connect_next (Carrier *self)
{
  NoIce *no_ice = self->no_ice;
  const Candidate *to = &no_ice->candidates[no_ice->next++];

  carrier_connect (attempt_new (self), to->is_stream ? LINK_TRANSPORT_TLS : LINK_TRANSPORT_DTLS,
                   &to->address);
  if (no_ice->next < no_ice->count)
    timer_start (&no_ice->timer, loop_timers (self->world->loop), NEXT_ATTEMPT);
}

void
no_ice_attempt_ended (Carrier *self, LinkEnd end)
{
  NoIce *no_ice = self->no_ice;

  no_ice->end = end;
  if (no_ice->is_server)
    return;
  if (no_ice->next < no_ice->count)
    timer_start (&no_ice->timer, loop_timers (self->world->loop), 0);
  else if (count_attempts (self) == 0)
    carrier_fail (self, end);
}

/* ---- The server ---- */

/* We have asked for them, so there is no limit on how many come from one network. */
static bool
takes_attempt (Carrier *self, LinkTransport transport)
{
  return (self->no_ice->transports & transport) != 0 && self->world->half_open < LIMIT_HANDSHAKES &&
         count_attempts (self) < ATTEMPTS_AT_ONCE;
}

static void
on_hello (void *owner, const Path *path, SSL *ssl)
{
  Carrier *self = owner;

  if (takes_attempt (self, LINK_TRANSPORT_DTLS))
    carrier_accept_datagrams (attempt_new (self), self->own_listener, path, ssl);
  else
    SSL_free (ssl);
}

static void
on_datagram (void *path_owner, Bytes datagram)
{
  carrier_hear (path_owner, datagram);
}

static void
on_accepted (void *owner, const Address *from, int fd)
{
  Carrier *self = owner;

  if (takes_attempt (self, LINK_TRANSPORT_TLS))
    carrier_accept_stream (attempt_new (self), from, fd);
  else
    close (fd);
}

static const ListenerEvents listener_events = { on_hello, on_datagram, on_accepted };

/* ---- Candidates ---- */

/* At the same address TLS goes before DTLS: TCP has the better congestion control (6.5.1.6). */
static void
add_candidates (IceDescription *description,
                const Address *addresses,
                size_t count,
                LinkTransport transport)
{
  uint32_t preference = transport == LINK_TRANSPORT_TLS ? 65535 : 32767;

  for (size_t i = 0; i < count && description->candidate_count < LIMIT_CANDIDATES; i++) {
    Candidate *candidate = &description->candidates[description->candidate_count++];
    *candidate = (Candidate){
      .type = CANDIDATE_HOST,
      .is_stream = transport == LINK_TRANSPORT_TLS,
      .address = addresses[i],
      .priority =
        (uint32_t) TYPE_PREFERENCE_HOST << 24 | (preference - (uint32_t) i) << 8 | UINT32_C (255),
    };
    g_snprintf (candidate->foundation, sizeof candidate->foundation, "%d%zu", (int) transport, i);
  }
}

/* The client tells where it listens for all, in case the other side wants to know. */
static void
tell_candidates (Carrier *self)
{
  NoIce *no_ice = self->no_ice;
  const Listener *listener = no_ice->is_server ? self->own_listener : self->world->listener;
  IceDescription description = { .is_no_ice = true };
  Address addresses[LIMIT_CANDIDATES / 2];
  size_t count = 0;

  no_ice->has_told = true;
  if (listener != NULL)
    count = listener_reachable (listener, addresses, G_N_ELEMENTS (addresses));
  if ((no_ice->transports & LINK_TRANSPORT_TLS) != 0)
    add_candidates (&description, addresses, count, LINK_TRANSPORT_TLS);
  if ((no_ice->transports & LINK_TRANSPORT_DTLS) != 0)
    add_candidates (&description, addresses, count, LINK_TRANSPORT_DTLS);
  if (count == 0)
    carrier_fail (self, LINK_END_LOCAL);
  else if (self->world->node != NULL)
    node_link_gathered (self->world->node, self->number, &description);
}

static void
on_timer (Timer *timer, void *owner)
{
  Carrier *self = owner;
  NoIce *no_ice = self->no_ice;

  if (!no_ice->has_told)
    tell_candidates (self);
  else if (!no_ice->is_checked)
    return;
  else if (no_ice->is_server)
    judge_early (self);
  else if (no_ice->next < no_ice->count)
    connect_next (self);
  else if (count_attempts (self) == 0)
    carrier_fail (self, no_ice->end);
}

/* ---- From the carrier ---- */

static Listener *
listen_for_one (Carrier *self)
{
  World *world = self->world;
  Address any_port = *listener_address (world->listener);
  char text[ADDRESS_TEXT_SIZE];

  any_port.port = 0;
  return listener_new (world->loop, world->tls, address_to_text (&any_port, text), &listener_events,
                       self, NULL);
}

void
no_ice_gather (Carrier *self, const LinkSetup *setup)
{
  if (self->no_ice != NULL || self->ice != NULL)
    return;
  self->purpose = setup->purpose;
  self->no_ice = g_new0 (NoIce, 1);
  self->no_ice->transports = setup->no_ice;
  self->no_ice->is_server = setup->is_server;
  self->no_ice->end = LINK_END_UNREACHABLE;
  timer_init (&self->no_ice->timer, on_timer, self);
  if (setup->is_server)
    self->own_listener = listen_for_one (self);
  timer_start (&self->no_ice->timer, loop_timers (self->world->loop), 0);
}

static int
compare_candidates (const void *a, const void *b)
{
  const Candidate *one = a;
  const Candidate *other = b;

  return (one->priority < other->priority) - (one->priority > other->priority);
}

void
no_ice_check (Carrier *self, const IceDescription *remote, const LinkSetup *setup)
{
  NoIce *no_ice = self->no_ice;

  if (no_ice->is_checked || self->state != CARRIER_OPENING)
    return;
  no_ice->is_checked = true;
  no_ice->peer = setup->peer;
  for (size_t i = 0; i < remote->candidate_count; i++) {
    const Candidate *candidate = &remote->candidates[i];
    LinkTransport transport = candidate->is_stream ? LINK_TRANSPORT_TLS : LINK_TRANSPORT_DTLS;
    if ((no_ice->transports & transport) != 0)
      no_ice->candidates[no_ice->count++] = *candidate;
  }
  qsort (no_ice->candidates, no_ice->count, sizeof no_ice->candidates[0], compare_candidates);
  carrier_set_deadline (self, LIMIT_HANDSHAKE_S);
  timer_start (&no_ice->timer, loop_timers (self->world->loop), 0);
}

void
no_ice_free (Carrier *self)
{
  if (self->no_ice == NULL)
    return;
  timer_stop (&self->no_ice->timer);
  g_clear_pointer (&self->no_ice, g_free);
  list_for_each (&self->world->all, l)
  {
    Carrier *attempt = list_element (l, Carrier, all);
    if (attempt->parent != self)
      continue;
    attempt->parent = NULL;
    carrier_close (attempt);
  }
}
