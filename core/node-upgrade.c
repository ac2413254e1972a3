/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node-upgrade"
#include "core/base/log.h"
#include "core/node-private.h"

#include <string.h>

/* A call whose sound goes over a relay, and that nobody wants there, seeks a direct path now and
 * then: the routers between may have changed their minds.
 *
 *   its time has come     ICE once more for the link in use, without any relay; who called does it
 *   offered, answered     by a re-INVITE with the tls-id of before (RFC 8842, 5.2): DTLS and keys
 *                         stay, and with them the sound over the relay
 *   the world has tried   it goes there now; or all is as it was, until the next time
 *
 * Nobody notices a trial, and one that fails costs a few datagrams; still they become rare. Who has
 * got another address has reason to begin at once, whoever called. A direct path that has eaten the
 * sound is not tried again before that. A phone that says no tls-id is not asked. */

static const uint64_t PAUSES[] = { 10 * TIME_SECOND, 30 * TIME_SECOND, 90 * TIME_SECOND,
                                   300 * TIME_SECOND };
static const uint64_t MOVED = 1 * TIME_SECOND;      /* for the links to notice */
static const uint64_t POLITENESS = 3 * TIME_SECOND; /* of who was called */

static CallLeg *
winner_of (Call *call)
{
  return call->has_winner ? call_find_leg (call, &call->winner) : NULL;
}

static bool
shows_relays_alone (const MediaDescription *media)
{
  for (size_t i = 0; i < media->ice.candidate_count; i++)
    if (media->ice.candidates[i].type != CANDIDATE_RELAYED)
      return false;
  return media->ice.candidate_count > 0;
}

/* Nothing else is going on with it. */
static bool
is_calm (const Call *call, const CallLeg *leg)
{
  return call->state == NODE_CALL_UP && !call->is_held && leg->is_link_up && leg->next_link == 0 &&
         !leg->is_mute && !leg->is_unheard;
}

/* Whether a direct path could be wanted as long as the call has this link. */
static bool
may_upgrade (const Call *call, const CallLeg *leg)
{
  return call_exposure (call) == LINK_EXPOSURE_OPEN && !shows_relays_alone (&call->remote) &&
         leg->peer_tls_id[0] != '\0' && !call->has_eaten;
}

static void
gather (Call *call, CallLeg *leg, UpgradeState state)
{
  const NodePorts *ports = call->node->ports;
  LinkSetup setup = {
    .purpose = LINK_PURPOSE_MEDIA,
    .is_controlling = !call->is_incoming,
    .exposure = LINK_EXPOSURE_DIRECT,
  };

  leg->upgrade = state;
  ports->link_gather (ports->world, leg->link, &setup);
}

/* Who was called does it once for each change of its addresses. */
static void
wait (Call *call)
{
  unsigned last = G_N_ELEMENTS (PAUSES) - 1;

  if (!call->is_incoming)
    timer_start (&call->upgrade_timer, call->node->ports->timers,
                 PAUSES[MIN (call->upgrades, last)]);
}

static void
on_time (Timer *timer, void *owner)
{
  Call *call = owner;
  CallLeg *leg = winner_of (call);
  const NodePorts *ports = call->node->ports;

  if (leg == NULL || !leg->is_link_up)
    return;
  if (is_calm (call, leg) && leg->upgrade == UPGRADE_NONE && may_upgrade (call, leg) &&
      !ports->link_is_direct (ports->world, leg->link)) {
    log_debug (ports, "seeking a direct path for media link %u", leg->link);
    call->node->direct_sought++;
    call->upgrades++;
    gather (call, leg, UPGRADE_GATHERING);
  }
  wait (call);
}

void
node_upgrade_init (Call *call)
{
  timer_init (&call->upgrade_timer, on_time, call);
}

void
node_upgrade_begin (Call *call)
{
  call->upgrades = 0;
  wait (call);
}

void
node_upgrade_moved (Node *self)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);

    call->upgrades = 0;
    call->has_eaten = false;
    timer_start (&call->upgrade_timer, self->ports->timers,
                 MOVED + (call->is_incoming ? POLITENESS : 0));
  }
}

/* ---- Offer and answer ---- */

bool
node_upgrade_is_offered (const CallLeg *leg, const MediaDescription *media)
{
  return media->tls_id[0] != '\0' && leg->is_link_up &&
         strcmp (media->tls_id, leg->peer_tls_id) == 0;
}

void
node_upgrade_answer (Call *call, CallLeg *leg)
{
  if (leg->next_link == 0 && call_exposure (call) == LINK_EXPOSURE_OPEN)
    gather (call, leg, UPGRADE_ANSWERING);
  else
    session_refuse (call->node->user_agent, call->number);
}

void
node_upgrade_gathered (Call *call, CallLeg *leg, const MediaDescription *media)
{
  UserAgent *ua = call->node->user_agent;
  UpgradeState state = leg->upgrade;

  if (state != UPGRADE_GATHERING && state != UPGRADE_ANSWERING)
    return;
  leg->upgrade = UPGRADE_TOLD;
  if (state == UPGRADE_ANSWERING)
    session_answer (ua, call->number, media);
  else
    session_restart (ua, call->number, media);
}

bool
node_upgrade_media (Call *call, CallLeg *leg, const MediaDescription *media)
{
  if (leg->upgrade != UPGRADE_TOLD)
    return false;
  if (strcmp (media->tls_id, leg->peer_tls_id) == 0) {
    leg->upgrade = UPGRADE_CHECKING;
    call_check (call, leg->link, media, false);
  }
  return true;
}

void
node_link_tried (Node *self, uint32_t link, LinkTrial trial)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);
  UpgradeState state;

  if (call == NULL || leg->link != link)
    return;
  log_debug (self->ports, "another way for media link %u: %d", link, (int) trial);
  state = leg->upgrade;
  leg->upgrade = UPGRADE_NONE;
  self->direct_found += trial == LINK_TRIAL_WON;
  call->has_eaten = call->has_eaten || trial == LINK_TRIAL_EATEN;
  if (state == UPGRADE_ANSWERING)
    session_refuse (self->user_agent, call->number);
}
