/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "carrier"
#include "core/os/carrier-private.h"

#include "core/base/log.h"
#include "core/node.h"
#include "core/os/stun-desk.h"

#include <string.h>

/* DTLS over ICE. DTLS begins when our side of ICE is connected; what the peer's side says before is
 * kept. An ICE restart is another way beside the one in use: carrier-trial.c. */

/* Of the rooms that a relay has for us. Who joins opens a link to every neighbor at once; what
 * rings meanwhile, or is to be rung, must not wait until those have found better ways. */
enum { OVERLAY_ROOMS = 2 };

G_STATIC_ASSERT ((int) OVERLAY_ROOMS < (int) LIMIT_RELAY_ALLOCATIONS_NODE);

static bool
is_retired (const Carrier *self, const Ice *ice)
{
  return ice != self->ice && ice != self->next;
}

static void
on_ice_gathered (void *owner, Ice *ice, const IceDescription *local)
{
  Carrier *self = owner;

  if (self->state >= CARRIER_ENDING || self->world->node == NULL || is_retired (self, ice))
    return;
  if (local->candidate_count == 0 && ice == self->next)
    carrier_trial_failed (self);
  else if (local->candidate_count == 0)
    carrier_fail (self, LINK_END_LOCAL);
  else
    node_link_gathered (self->world->node, self->number, local);
}

static void
on_ice_connected (void *owner, Ice *ice)
{
  Carrier *self = owner;
  TlsUse use = self->purpose == LINK_PURPOSE_MEDIA ? TLS_USE_MEDIA : TLS_USE_DATAGRAMS;
  GBytes *datagram;

  if (self->state >= CARRIER_ENDING || is_retired (self, ice))
    return;
  log_debug (&self->world->ports, "link %" G_GUINT32_FORMAT " has a way: %s", self->number,
             ice_is_direct (ice) ? "direct" : "relayed");
  if (ice == self->next)
    carrier_trial_connected (self);
  if (self->dtls != NULL)
    return;
  carrier_begin_dtls (self, tls_connection (self->world->tls, use, self->is_server));
  dtls_start (self->dtls);
  while ((datagram = g_queue_pop_head (&self->early)) != NULL) {
    size_t size;
    const uint8_t *bytes = g_bytes_get_data (datagram, &size);
    carrier_hear (self, (Bytes){ bytes, size });
    g_bytes_unref (datagram);
  }
}

static void
on_ice_receive (void *owner, Ice *ice, Bytes datagram)
{
  Carrier *self = owner;

  carrier_hear (self, datagram);
  if (self->state == CARRIER_UP && carrier_is_sound (datagram))
    carrier_trial_hear (self, ice);
}

static void
on_ice_failed (void *owner, Ice *ice)
{
  Carrier *self = owner;

  if (self->state >= CARRIER_ENDING || is_retired (self, ice))
    return;
  if (ice == self->next)
    carrier_trial_failed (self);
  else if (self->next != NULL)
    self->has_ice_failed = true; /* it may be replaced in a moment */
  else
    carrier_fail (self, self->was_up ? LINK_END_LOST : LINK_END_UNREACHABLE);
}

/* By links of the overlay. */
static unsigned
count_rooms (World *world, const Address *relay)
{
  unsigned count = 0;

  list_for_each (&world->all, element)
  {
    const Carrier *other = list_element (element, Carrier, all);

    count += other->purpose == LINK_PURPOSE_OVERLAY && other->ice != NULL &&
             ice_has_room (other->ice, relay);
  }
  return count;
}

static size_t
choose_relays (World *world, const LinkSetup *setup, RelayPlace ret_places[LIMIT_RELAYS_USED])
{
  RelayPlace places[LIMIT_RELAYS_USED];
  size_t known = world_choose_relays (world, places, LIMIT_RELAYS_USED);
  size_t count = 0;

  if (setup->exposure == LINK_EXPOSURE_DIRECT)
    return 0;
  for (size_t i = 0; i < known; i++)
    if (setup->purpose != LINK_PURPOSE_OVERLAY ||
        count_rooms (world, &places[i].address) < OVERLAY_ROOMS)
      ret_places[count++] = places[i];
  return count;
}

static const IceEvents ice_events = { on_ice_gathered, on_ice_connected, on_ice_receive,
                                      on_ice_failed };

void
carrier_gather (Carrier *self, const LinkSetup *setup)
{
  IceOptions options = { .is_controlling = setup->is_controlling,
                         .only = self->world->only,
                         .exposure = setup->exposure,
                         .remote = setup->remote,
                         .waits_for_room = setup->purpose != LINK_PURPOSE_OVERLAY };
  Ice *ice;

  if (setup->no_ice != 0) {
    /* Without ICE there are no relays. */
    if (setup->exposure == LINK_EXPOSURE_STRICT || setup->exposure == LINK_EXPOSURE_RELAYED)
      carrier_fail (self, LINK_END_LOCAL);
    else
      no_ice_gather (self, setup);
    return;
  }
  if (self->ice != NULL && self->state != CARRIER_UP)
    return;
  stun_desk_server (self->world->stun_desk, &options.stun);
  if (setup->exposure != LINK_EXPOSURE_OPEN && setup->exposure != LINK_EXPOSURE_DIRECT) {
    world_want_relays (self->world);
    world_seek_relays (self->world);
  }
  options.relay_count = choose_relays (self->world, setup, options.relays);
  log_debug (&self->world->ports, "link %" G_GUINT32_FORMAT " gathers from %zu relays",
             self->number, options.relay_count);
  ice = ice_new (self->world->loop, &options, &ice_events, self);
  if (self->ice != NULL) {
    carrier_trial_gather (self, ice);
    return;
  }
  self->purpose = setup->purpose;
  self->ice = ice;
}

void
carrier_check (Carrier *self,
               const IceDescription *remote,
               const LinkSetup *setup,
               Bytes fingerprint)
{
  Ice *ice = self->next != NULL ? self->next : self->ice;

  if (self->no_ice != NULL) {
    no_ice_check (self, remote, setup);
    return;
  }
  if (ice == NULL || (self->is_checking && self->next == NULL) || self->state >= CARRIER_ENDING)
    return;
  if (self->purpose == LINK_PURPOSE_MEDIA) {
    bool is_other =
      fingerprint.size != sizeof self->fingerprint ||
      (self->dtls != NULL && memcmp (fingerprint.data, self->fingerprint, fingerprint.size) != 0);
    if (is_other) {
      carrier_fail (self, LINK_END_CERTIFICATE);
      return;
    }
    memcpy (self->fingerprint, fingerprint.data, fingerprint.size);
  }
  self->is_checking = true;
  if (self->next != NULL) {
    carrier_trial_check (self, remote, setup->is_controlling);
    return;
  }
  if (self->dtls == NULL)
    self->is_server = setup->is_server;
  carrier_set_deadline (self, LIMIT_HANDSHAKE_S);
  ice_check (ice, remote, setup->is_controlling);
}
