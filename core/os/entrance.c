/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "world"
#include "core/os/entrance.h"

#include "core/base/log.h"
#include "core/os/firewall.h"
#include "core/os/knock-desk.h"
#include "core/os/pinhole.h"
#include "core/os/port-mapping.h"
#include "core/os/reach.h"
#include "core/os/stun-desk.h"

#include <string.h>

/* Where others come in: our own addresses, a port of the router that leads to us, and whether any
 * of that is true. The router is asked to open a port (gateway.h), and to let in those who come by
 * IPv6 (pinhole.h); peers are asked to knock (reach.h). Somebody may have told the router by hand
 * to lead a port to us: then a knock comes through where we expected none, and that is an address
 * of ours as well.
 *
 *   a peer is heard, or something changed --SOON--> peers knock --AGAIN or LATER--> peers knock ...
 */

static const uint64_t REACH_SOON = 4 * TIME_SECOND;
static const uint64_t REACH_AGAIN = 10 * TIME_MINUTE; /* while nobody gets in */
static const uint64_t REACH_LATER = 60 * TIME_MINUTE;
static const uint64_t REACH_PAUSE = 2 * TIME_MINUTE;  /* while nobody can tell */
static const uint64_t REACH_FRESH = 20 * TIME_SECOND; /* what was just found still holds */

enum { NEAR_KNOCKERS = 2 };

static void
tell_listening (World *self)
{
  if (self->listening_changed != NULL)
    self->listening_changed (self->listening_data);
}

static void
entrance_check_in (World *self, uint64_t delay)
{
  timer_start (&self->reach_again, loop_timers (self->loop), delay);
}

/* ---- A port of the router ---- */

static void
on_mapped (const Address *outside, void *user_data)
{
  World *self = user_data;
  char text[ADDRESS_TEXT_SIZE];

  self->outside = outside != NULL ? *outside : (Address){ 0 };
  log_info (&self->ports, "the router leads to us from %s",
            outside != NULL ? address_to_text (outside, text) : "nowhere");
  entrance_check_in (self, REACH_SOON);
  tell_listening (self);
}

static bool
map_port (void *gateway, uint16_t port, GatewayMapping *ret_mapping)
{
  return gateway_map (gateway, port, ret_mapping);
}

static void
unmap_port (void *gateway, uint16_t port)
{
  gateway_unmap (gateway, port);
}

static void
entrance_end_mapping (World *self)
{
  g_clear_pointer (&self->mapping, port_mapping_free);
  g_clear_pointer (&self->gateway, gateway_free);
  self->outside = (Address){ 0 };
}

/* Whoever has asked for one address means that and no other, and who has a public one needs no
 * router's. */
static bool
entrance_needs_mapping (const World *self)
{
  Address own[LIMIT_CANDIDATES];
  size_t count = listener_reachable (self->listener, own, LIMIT_CANDIDATES);
  bool has_private = false;

  if (!self->wants_mapping || self->only.family != ADDRESS_NONE)
    return false;
  for (size_t i = 0; i < count; i++) {
    if (own[i].family != ADDRESS_IPV4)
      continue;
    if (!address_is_private (&own[i]))
      return false;
    has_private |= !address_is_loopback (&own[i]) && !address_is_link_local (&own[i]);
  }
  return has_private;
}

static void
entrance_update_mapping (World *self)
{
  static const PortMappingWays ways = { map_port, unmap_port };

  if (!entrance_needs_mapping (self)) {
    entrance_end_mapping (self);
  } else if (self->mapping != NULL) {
    port_mapping_renew (self->mapping);
  } else {
    self->gateway = gateway_new ();
    self->mapping = port_mapping_new (listener_address (self->listener)->port, &ways, self->gateway,
                                      on_mapped, self);
  }
}

/* ---- Its IPv6 firewall ---- */

/* The addresses are ours, as before; whether anybody gets in there is asked again. */
static void
on_opened (const Address *address, void *user_data)
{
  World *self = user_data;

  log_info (&self->ports, "the router %s", address != NULL ? "lets IPv6 in" : "lets no IPv6 in");
  entrance_check_in (self, REACH_SOON);
}

static bool
open_hole (void *pinhole, uint16_t port, GatewayMapping *ret_mapping)
{
  return pinhole_open (pinhole, port, ret_mapping);
}

static void
close_hole (void *pinhole, uint16_t port)
{
  pinhole_close (pinhole, port);
}

static void
entrance_end_opening (World *self)
{
  g_clear_pointer (&self->opening, port_mapping_free);
  g_clear_pointer (&self->pinhole, pinhole_free);
}

static bool
entrance_needs_opening (const World *self)
{
  Address own[LIMIT_CANDIDATES];
  size_t count = listener_reachable (self->listener, own, LIMIT_CANDIDATES);
  bool has_public = false;

  for (size_t i = 0; i < count; i++)
    has_public |= own[i].family == ADDRESS_IPV6 && !address_is_private (&own[i]);
  return self->wants_mapping && self->only.family == ADDRESS_NONE && has_public;
}

static void
entrance_update_opening (World *self)
{
  static const PortMappingWays ways = { open_hole, close_hole };

  if (!entrance_needs_opening (self)) {
    entrance_end_opening (self);
  } else if (self->opening != NULL) {
    port_mapping_renew (self->opening);
  } else {
    self->pinhole = pinhole_new ();
    self->opening = port_mapping_new (listener_address (self->listener)->port, &ways, self->pinhole,
                                      on_opened, self);
  }
}

/* ---- Knocks ---- */

/* The port of ours that somebody on that side comes to. */
static uint16_t
port_for (const World *self, const Mirror *mirror, bool is_near)
{
  const Address *outside = &self->outside;

  if (!is_near && outside->family == mirror->seen.family)
    return outside->port;
  return listener_address (self->listener)->port;
}

/* Most of them are to come from elsewhere; the oldest first, whom we know best. */
static size_t
choose_knockers (const World *self, ReachErrand ret_errands[LIMIT_KNOCKERS])
{
  Mirror mirrors[LIMIT_MIRRORS];
  size_t known = stun_desk_mirrors (self->stun_desk, mirrors, LIMIT_MIRRORS);
  size_t near = 0, far = 0;

  for (size_t i = 0; i < known && near + far < LIMIT_KNOCKERS; i++) {
    bool is_near =
      address_is_private (&mirrors[i].seen) || reach_is_near (&mirrors[i].peer, &mirrors[i].seen);
    if (is_near && near == NEAR_KNOCKERS)
      continue;
    ret_errands[near + far] =
      (ReachErrand){ mirrors[i].peer, port_for (self, &mirrors[i], is_near) };
    *(is_near ? &near : &far) += 1;
  }
  return near + far;
}

static bool
is_listed (const Address *addresses, size_t count, const Address *address)
{
  for (size_t i = 0; i < count; i++)
    if (address_equal (&addresses[i], address))
      return true;
  return false;
}

/* A router that was told by hand. */
static void
note_forwarded (World *self, const Address *own, size_t own_count)
{
  const Address *at = &self->reached.address;
  bool is_news = self->reached.verdict == REACH_OPEN && !is_listed (own, own_count, at);

  if (!is_news || self->outside.family != ADDRESS_NONE)
    return;
  self->forwarded = *at;
  tell_listening (self);
}

static void
on_reach_done (void *owner)
{
  World *self = owner;
  size_t count;
  const ReachFinding *findings = reach_findings (self->reach, &count);
  Address own[LIMIT_CANDIDATES];
  size_t own_count = world_listening (self, own, LIMIT_CANDIDATES);

  ReachReport report = reach_judge (findings, count, own, own_count);

  /* Where nobody can tell, what others have told before still holds: the network is the same. */
  if (report.verdict != REACH_UNKNOWN)
    self->reached = report;
  self->reached.firewall = firewall_find ("/");
  log_info (&self->ports, "of %u peers asked, who knocks is%s let in (%d)", (unsigned) count,
            self->reached.by_udp || self->reached.by_tcp ? "" : " not",
            (int) self->reached.verdict);
  if (self->reached.verdict != REACH_OPEN)
    self->forwarded = (Address){ 0 };
  note_forwarded (self, own, own_count);
  entrance_check_in (self, self->reached.verdict == REACH_OPEN ? REACH_LATER : REACH_AGAIN);
  if (self->reach_told != NULL)
    self->reach_told (self->reach_data);
}

static void
on_reach_again (Timer *timer, void *owner)
{
  World *self = owner;
  ReachErrand errands[LIMIT_KNOCKERS];

  if (reach_is_asking (self->reach))
    return;
  self->reached_at = timers_now (loop_timers (self->loop));
  reach_ask (self->reach, errands, choose_knockers (self, errands));
}

/* ---- For the world ---- */

void
entrance_init (World *self)
{
  timer_init (&self->reach_again, on_reach_again, self);
  self->reach =
    reach_new (self->loop, self->tls, self->only.family != ADDRESS_NONE ? &self->only : NULL,
               on_reach_done, self);
}

void
entrance_free (World *self)
{
  self->listening_changed = NULL;
  self->reach_told = NULL;
  entrance_end_mapping (self);
  entrance_end_opening (self);
  timer_stop (&self->reach_again);
  g_clear_pointer (&self->reach, reach_free);
}

void
entrance_network_changed (World *self)
{
  self->forwarded = (Address){ 0 };
  self->reached = (ReachReport){ .verdict = REACH_UNKNOWN };
  self->reached_at = 0;
  entrance_update_mapping (self);
  entrance_update_opening (self);
  entrance_check_in (self, REACH_SOON);
}

/* The first ones are asked; when none of them could tell, those who come later. */
void
entrance_peer_heard (World *self)
{
  Timers *timers = loop_timers (self->loop);
  uint64_t asked = self->reached_at;

  if (self->reached.verdict == REACH_UNKNOWN && !reach_is_asking (self->reach) &&
      (asked == 0 || timers_now (timers) > asked + REACH_PAUSE) &&
      timer_left (&self->reach_again, timers) > REACH_SOON)
    entrance_check_in (self, REACH_SOON);
}

/* ---- For everybody ---- */

void
world_map_port (World *self, bool is_wanted)
{
  bool was_mapped = self->outside.family != ADDRESS_NONE;

  if (self->wants_mapping == is_wanted)
    return;
  self->wants_mapping = is_wanted;
  entrance_update_mapping (self);
  entrance_update_opening (self);
  if (was_mapped)
    on_mapped (NULL, self);
}

void
world_set_listening_func (World *self, void (*changed) (void *user_data), void *user_data)
{
  self->listening_changed = changed;
  self->listening_data = user_data;
}

size_t
world_listening (const World *self, Address *ret_addresses, size_t size)
{
  size_t count = listener_reachable (self->listener, ret_addresses, size);

  const Address *more = self->outside.family != ADDRESS_NONE ? &self->outside : &self->forwarded;

  if (more->family == ADDRESS_NONE || count == 0)
    return count;
  ret_addresses[MIN (count, size - 1)] = *more;
  return MIN (count + 1, size);
}

ReachReport
world_reach (const World *self)
{
  return self->reached;
}

void
world_check_reach (World *self)
{
  uint64_t now = timers_now (loop_timers (self->loop));
  bool is_fresh = self->reached.verdict != REACH_UNKNOWN && now < self->reached_at + REACH_FRESH;

  if (reach_is_asking (self->reach))
    return;
  if (is_fresh)
    reach_tell_again (self->reach);
  else
    entrance_check_in (self, 0);
}

void
world_set_reach_func (World *self, void (*told) (void *user_data), void *user_data)
{
  self->reach_told = told;
  self->reach_data = user_data;
}

bool
world_is_answered_at (const World *self, const Address *listener)
{
  Mirror mirrors[LIMIT_MIRRORS];
  size_t count = stun_desk_mirrors (self->stun_desk, mirrors, LIMIT_MIRRORS);

  for (size_t i = 0; i < count; i++)
    if (address_equal (&mirrors[i].peer, listener))
      return !address_is_private (listener) && !reach_is_near (&mirrors[i].peer, &mirrors[i].seen);
  return false;
}

KnockReport
world_knock_report (const World *self)
{
  return knock_desk_report (self->knock_desk);
}
