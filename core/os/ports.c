/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "world"
#include "core/os/ports.h"

#include "core/base/log.h"
#include "core/node.h"
#include "core/os/carrier.h"
#include "core/os/entrance.h"
#include "core/os/invite-desk.h"
#include "core/os/knock-desk.h"
#include "core/os/network.h"
#include "core/os/porch.h"
#include "core/os/private-file.h"
#include "core/os/relay-book.h"
#include "core/os/relay-desk.h"
#include "core/os/relay-reach.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "core/os/store.h"
#include "core/os/stun-desk.h"
#include "core/os/stun.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

/* The world holds the carriers of its links by number, and passes each port on to one of them.
 * Whatever a port sets in motion comes back from the main loop, never from inside the port (see
 * link.c). */

static const uint64_t RELAY_WANTED_PAUSE = 20 * TIME_SECOND;

static Carrier *
world_carrier (const World *self, uint32_t number)
{
  return g_hash_table_lookup (self->carriers, GUINT_TO_POINTER (number));
}

/* ---- Ports ---- */

static void
on_log (void *world, LogLevel level, const char *domain, const char *text)
{
  static const GLogLevelFlags levels[] = { [LOG_LEVEL_ERROR] = G_LOG_LEVEL_CRITICAL,
                                           [LOG_LEVEL_WARNING] = G_LOG_LEVEL_WARNING,
                                           [LOG_LEVEL_INFO] = G_LOG_LEVEL_INFO,
                                           [LOG_LEVEL_DEBUG] = G_LOG_LEVEL_DEBUG };
  const World *self = world;
  char node[33];

  g_log_structured (domain, levels[level], "PEAL_NODE",
                    node_id_to_hex (&self->signer->own->node_ids[0], node), "MESSAGE", "%s", text);
}

static uint64_t
on_wall_clock_ms (void *world)
{
  return (uint64_t) g_get_real_time () / 1000;
}

static void
on_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  private_random (ret_bytes, size);
}

static uint32_t
on_random_below (void *world, uint32_t limit)
{
  g_assert (limit > 0 && limit <= G_MAXINT32);
  return (uint32_t) g_random_int_range (0, (int32_t) limit);
}

static void
on_link_connect (void *world, uint32_t number, LinkTransport transport, const Address *to)
{
  World *self = world;

  g_assert (number < LINK_FIRST_INCOMING && world_carrier (self, number) == NULL);
  carrier_connect (carrier_new (self, number), transport, to);
}

static void
on_link_gather (void *world, uint32_t number, const LinkSetup *setup)
{
  World *self = world;
  Carrier *carrier = world_carrier (self, number);

  g_assert (number < LINK_FIRST_INCOMING);
  carrier_gather (carrier != NULL ? carrier : carrier_new (self, number), setup);
}

static void
on_link_check (void *world,
               uint32_t number,
               const IceDescription *remote,
               const LinkSetup *setup,
               Bytes fingerprint)
{
  Carrier *carrier = world_carrier (world, number);

  if (carrier != NULL)
    carrier_check (carrier, remote, setup, fingerprint);
}

static void
on_link_send (void *world, uint32_t number, Bytes bytes)
{
  Carrier *carrier = world_carrier (world, number);

  if (carrier != NULL)
    carrier_send (carrier, bytes);
}

static void
on_link_close (void *world, uint32_t number)
{
  Carrier *carrier = world_carrier (world, number);

  if (carrier != NULL)
    carrier_close (carrier);
}

static bool
on_link_is_direct (void *world, uint32_t number)
{
  return world_media_is_direct (world, number);
}

static void
on_keep (void *world, KeepTable table, Bytes key, Bytes value)
{
  World *self = world;

  if (self->store != NULL)
    store_keep (self->store, self->scope, table, key, value);
}

/* ---- The listener ---- */

/* Incoming numbers come round again only after two thousand million links. */
uint32_t
world_next_incoming (World *self)
{
  uint32_t number;

  do {
    number = self->next_incoming | LINK_FIRST_INCOMING;
    self->next_incoming = number + 1;
  } while (world_carrier (self, number) != NULL);
  return number;
}

static bool
world_takes_handshake (World *self, const Address *from)
{
  return self->node != NULL && self->half_open + porch_count (self->porch) < LIMIT_HANDSHAKES &&
         self->incoming < LIMIT_LINKS_INCOMING && handshake_limit_take (self->limit, from);
}

static void
on_listener_hello (void *owner, const Path *path, SSL *ssl)
{
  World *self = owner;

  if (world_takes_handshake (self, &path->peer))
    carrier_accept_datagrams (carrier_new (self, world_next_incoming (self)), self->listener, path,
                              ssl);
  else
    SSL_free (ssl);
}

static void
on_listener_datagram (void *path_owner, Bytes datagram)
{
  carrier_hear (path_owner, datagram);
}

static void
on_listener_accepted (void *owner, const Address *from, int fd)
{
  World *self = owner;

  if (world_takes_handshake (self, from))
    porch_add (self->porch, from, fd);
  else
    close (fd);
}

static void
on_porch_tls (void *owner, const Address *from, int fd)
{
  World *self = owner;

  if (self->node != NULL)
    carrier_accept_stream (carrier_new (self, world_next_incoming (self)), from, fd);
  else
    close (fd);
}

static void
on_porch_turn (void *owner, const Address *from, int fd)
{
  World *self = owner;

  if (self->relay_desk != NULL)
    relay_desk_take_tcp (self->relay_desk, from, fd);
  else
    close (fd);
}

static const PorchEvents porch_events = { on_porch_tls, on_porch_turn };

static void
on_listener_stun (void *owner, const Path *from, Bytes datagram)
{
  World *self = owner;

  if (self->relay_desk != NULL && !stun_is_binding (datagram))
    relay_desk_hear (self->relay_desk, from, datagram);
  else
    stun_desk_hear (self->stun_desk, from, datagram);
}

static const ListenerEvents listener_events = { on_listener_hello, on_listener_datagram,
                                                on_listener_accepted, on_listener_stun };

/* ---- Others ---- */

static void
on_network_changed (void *user_data)
{
  World *self = user_data;

  log_info (&self->ports, "network changed");
  relay_book_forget_streams (self->relays);
  entrance_network_changed (self);
  stun_desk_network_changed (self->stun_desk);
  if (self->relay_desk != NULL)
    relay_desk_network_changed (self->relay_desk);
  if (self->changed != NULL)
    self->changed (self->changed_data);
  relay_book_moved (self->relays);
}

size_t
world_choose_relays (const World *self, RelayPlace *ret_places, size_t size)
{
  size_t count = relay_book_choose (self->relays, false, ret_places, size);

  if (count == 0 && !stun_desk_reaches_out (self->stun_desk))
    count = relay_book_choose (self->relays, true, ret_places, size);
  return count;
}

void
world_seek_relays (World *self)
{
  uint64_t now = timers_now (self->ports.timers);

  if (self->relay_wanted == NULL || world_relays (self) >= LIMIT_RELAYS_USED ||
      now < self->relay_wanted_again)
    return;
  self->relay_wanted_again = now + RELAY_WANTED_PAUSE;
  self->relay_wanted (self->relay_data);
}

/* Where only NATs are between us, or somebody is not to know where we are, a relay would be of use;
 * who answers may be one. */
static void
on_stun_desk_heard (void *owner, const Address *peer, bool is_beyond)
{
  World *self = owner;

  entrance_peer_heard (self);
  if (!is_beyond && !self->is_hiding)
    return;
  relay_book_add (self->relays, peer, false);
  world_seek_relays (self);
}

static bool
on_stun_desk_relies_on (void *owner, const Address *peer)
{
  return relay_book_has (((World *) owner)->relays, peer);
}

static void
on_stun_desk_lost (void *owner, const Address *peer)
{
  World *self = owner;

  relay_book_remove (self->relays, peer);
  if (!stun_desk_reaches_out (self->stun_desk))
    relay_book_add (self->relays, peer, true);
}

/* Where no datagram gets out, TCP may. */
static void
on_stun_desk_silent (void *owner, const Address *peer)
{
  World *self = owner;

  if (stun_desk_reaches_out (self->stun_desk))
    return;
  relay_book_add (self->relays, peer, true);
  world_seek_relays (self);
}

static const StunDeskEvents stun_desk_events = { on_stun_desk_heard, on_stun_desk_relies_on,
                                                 on_stun_desk_silent, on_stun_desk_lost };

/* ---- The world ---- */

static void
world_fill_ports (World *self, const WorldOptions *options)
{
  self->ports = (NodePorts){ .world = self,
                             .timers = loop_timers (self->loop),
                             .signer = options->signer,
                             .log_level = options->log_level,
                             .log = on_log,
                             .wall_clock_ms = on_wall_clock_ms,
                             .random_bytes = on_random_bytes,
                             .random_below = on_random_below,
                             .link_connect = on_link_connect,
                             .link_gather = on_link_gather,
                             .link_check = on_link_check,
                             .link_send = on_link_send,
                             .link_close = on_link_close,
                             .link_is_direct = on_link_is_direct,
                             .keep = on_keep };
}

World *
world_new (const WorldOptions *options, GError **error)
{
  g_autoptr (World) self = g_new0 (World, 1);

  self->signer = options->signer;
  self->store = options->store;
  self->scope = options->trust->instance_name;
  self->loop = loop_new ();
  self->carriers = g_hash_table_new (NULL, NULL);
  self->next_incoming = LINK_FIRST_INCOMING;
  list_init (&self->all);
  world_fill_ports (self, options);
  self->desk = invite_desk_new (self);
  self->limit = handshake_limit_new (self->ports.timers);
  self->porch = porch_new (self->loop, &porch_events, self);
  self->network = network_new (self->loop, on_network_changed, self);
  loop_set_wake_func (self->loop, on_network_changed, self);
  self->tls =
    tls_new (options->signer, signer_private_key (options->signer), signer_x509 (options->signer));
  if (self->tls == NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "certificate");
    return NULL;
  }
  self->listener =
    listener_new (self->loop, self->tls, options->listen, &listener_events, self, error);
  if (self->listener == NULL)
    return NULL;
  self->stun_desk = stun_desk_new (self->loop, self->listener, &stun_desk_events, self);
  self->relays = relay_book_new (self->loop, self->tls);
  if (!address_is_unspecified (listener_address (self->listener)))
    self->only = *listener_address (self->listener);
  self->knock_desk =
    knock_desk_new (self->loop, self->only.family != ADDRESS_NONE ? &self->only : NULL);
  entrance_init (self);
  return g_steal_pointer (&self);
}

void
world_free (World *self)
{
  if (self == NULL)
    return;
  self->node = NULL;
  self->listening_changed = NULL;
  entrance_free (self);
  carrier_free_all (self);
  knock_desk_free (self->knock_desk);
  relay_book_free (self->relays);
  relay_desk_free (self->relay_desk);
  stun_desk_free (self->stun_desk);
  listener_free (self->listener);
  network_free (self->network);
  porch_free (self->porch);
  handshake_limit_free (self->limit);
  g_free (self->ended);
  invite_desk_free (self->desk);
  tls_free (self->tls);
  g_hash_table_unref (self->carriers);
  loop_free (self->loop);
  g_free (self);
}

const NodePorts *
world_ports (const World *self)
{
  return &self->ports;
}

void
world_share_secret (World *self, const char *secret)
{
  tls_set_secret (self->tls, secret);
}

/* Nobody is behind a NAT on loopback or its own link. */
void
world_add_peer (World *self, const Address *listener)
{
  if (!address_is_loopback (listener) && !address_is_link_local (listener) && listener->port != 0)
    stun_desk_add_peer (self->stun_desk, listener);
}

static void
world_open_web (World *self)
{
  if (listener_open_web (self->listener))
    self->web = RELAY_WEB_OPEN;
  else if (errno == EADDRINUSE)
    self->web = RELAY_WEB_TAKEN;
  else if (errno == EACCES || errno == EPERM)
    self->web = RELAY_WEB_FORBIDDEN;
  else
    self->web = RELAY_WEB_FAILED;
  if (self->web != RELAY_WEB_OPEN)
    log_info (&self->ports, "not at port %u: %s", PORT_WEB, g_strerror (errno));
}

bool
world_open_relay (World *self, bool is_told, Address *ret_address)
{
  Address own[LIMIT_CANDIDATES];
  Address server;
  size_t count = listener_reachable (self->listener, own, LIMIT_CANDIDATES);
  bool is_behind_nat = stun_desk_server (self->stun_desk, &server);
  bool is_closed =
    self->reached.verdict == REACH_CLOSED || self->reached.verdict == REACH_CLOSED_HERE;
  const Address *host = relay_choose_host (own, count, is_behind_nat || is_closed, is_told);

  if (host == NULL)
    return false;
  if (is_told)
    world_open_web (self);
  if (self->relay_desk == NULL)
    self->relay_desk = relay_desk_new (self->loop, self->listener, 0);
  *ret_address = *host;
  return true;
}

void
world_set_relay_func (World *self, void (*wanted) (void *user_data), void *user_data)
{
  self->relay_wanted = wanted;
  self->relay_data = user_data;
}

void
world_want_relays (World *self)
{
  self->is_hiding = true;
}

bool
world_relay_report (const World *self, RelayReport *ret_report)
{
  if (self->relay_desk != NULL) {
    *ret_report = relay_report (relay_desk_relay (self->relay_desk));
    ret_report->web = self->web;
  }
  return self->relay_desk != NULL;
}

bool
world_is_metered (const World *self)
{
  return network_is_metered ();
}

size_t
world_relays (const World *self)
{
  RelayPlace places[LIMIT_RELAYS_KNOWN];

  return world_choose_relays (self, places, LIMIT_RELAYS_KNOWN);
}

static void
on_kept (KeepTable table, Bytes key, Bytes value, void *user_data)
{
  node_restore (user_data, table, key, value);
}

void
world_set_node (World *self, struct Node *node)
{
  self->node = node;
  if (node != NULL && self->store != NULL)
    store_kept (self->store, self->scope, on_kept, node);
}

void
world_set_network_func (World *self, void (*changed) (void *user_data), void *user_data)
{
  self->changed = changed;
  self->changed_data = user_data;
}

bool
world_media_keys (const World *self, uint32_t link, SrtpKeys *ret_keys)
{
  const Carrier *media = world_carrier (self, link);

  return media != NULL && carrier_media_keys (media, ret_keys);
}

void
world_media_send (World *self, uint32_t link, Bytes datagram)
{
  Carrier *media = world_carrier (self, link);

  if (media != NULL)
    carrier_media_send (media, datagram);
}

bool
world_media_is_direct (const World *self, uint32_t link)
{
  const Carrier *media = world_carrier (self, link);

  return media != NULL && carrier_is_direct (media);
}

bool
world_media_report (const World *self, uint32_t link, PathReport *ret_report)
{
  const Carrier *media = world_carrier (self, link);

  if (media != NULL)
    return carrier_report (media, ret_report);
  if (self->ended == NULL || self->ended_link != link)
    return false;
  *ret_report = *self->ended;
  return true;
}

void
world_set_media_func (World *self, WorldMediaFunc func, void *user_data)
{
  self->media = func;
  self->media_data = user_data;
}

void
world_set_invite_func (World *self, WorldInviteFunc asked, void *user_data)
{
  invite_desk_set_func (self->desk, asked, user_data);
}

void
world_invite_answer (World *self, uint32_t request, const char *invitation)
{
  Carrier *carrier = world_carrier (self, request);

  if (carrier != NULL && carrier_is_newcomer (carrier))
    invite_desk_answer (self->desk, carrier, invitation);
}
