/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "carrier"
#include "core/os/carrier-private.h"

#include "core/base/log.h"
#include "core/node.h"

/* Another way for a media link that stands: a second ICE session beside the one in use, with the
 * same DTLS and the same keys. What comes over either is heard. It is taken when the sound has
 * shown it (trial.h), and forgotten when it has not in time. */

static const uint64_t OFFER_PATIENCE = 25 * TIME_SECOND; /* for what the other side gathers */
static const uint64_t CHECK_PATIENCE = 12 * TIME_SECOND;

/* For sound. Who is second waits for what the first decides. */
static const uint64_t FIRST_PATIENCE = 8 * TIME_SECOND;
static const uint64_t SECOND_PATIENCE = 16 * TIME_SECOND;

static void
wait (Carrier *self, uint64_t patience)
{
  timer_start (&self->trial_timer, loop_timers (self->world->loop), patience);
}

static void
retire (Carrier *self, Ice *ice)
{
  g_ptr_array_add (self->retired, ice);
  carrier_turn_later (self);
}

static void
finish (Carrier *self, LinkTrial result)
{
  log_debug (&self->world->ports, "link %" G_GUINT32_FORMAT ": trial of another way: %d",
             self->number, (int) result);
  timer_stop (&self->trial_timer);
  self->is_trying = false;
  if (self->has_ice_failed && result != LINK_TRIAL_WON) {
    carrier_fail (self, LINK_END_LOST);
    return;
  }
  self->has_ice_failed = false;
  if (self->world->node != NULL)
    node_link_tried (self->world->node, self->number, result);
}

static void
lose (Carrier *self, LinkTrial result)
{
  retire (self, g_steal_pointer (&self->next));
  finish (self, result);
}

static void
win (Carrier *self)
{
  retire (self, self->ice);
  self->ice = g_steal_pointer (&self->next);
  finish (self, LINK_TRIAL_WON);
}

static void
on_patience (Timer *timer, void *owner)
{
  Carrier *self = owner;

  if (self->state == CARRIER_UP && self->next != NULL)
    lose (self, self->is_trying ? trial_verdict (&self->trial) : LINK_TRIAL_FAILED);
}

void
carrier_trial_init (Carrier *self)
{
  timer_init (&self->trial_timer, on_patience, self);
}

void
carrier_trial_gather (Carrier *self, Ice *ice)
{
  if (self->next != NULL)
    retire (self, self->next);
  self->next = ice;
  self->is_trying = false;
  wait (self, OFFER_PATIENCE);
}

void
carrier_trial_check (Carrier *self, const IceDescription *remote, bool is_first)
{
  trial_begin (&self->trial, is_first);
  wait (self, CHECK_PATIENCE);
  ice_check (self->next, remote, is_first);
}

void
carrier_trial_connected (Carrier *self)
{
  self->is_trying = true;
  wait (self, self->trial.is_first ? FIRST_PATIENCE : SECOND_PATIENCE);
}

void
carrier_trial_failed (Carrier *self)
{
  lose (self, LINK_TRIAL_FAILED);
}

void
carrier_trial_hear (Carrier *self, const Ice *ice)
{
  if (!self->is_trying || (ice != self->ice && ice != self->next))
    return;
  trial_hear (&self->trial, ice == self->next);
  if (ice == self->next && self->trial.fresh == 1 && !self->trial.is_first)
    wait (self, SECOND_PATIENCE);
  if (trial_is_won (&self->trial))
    win (self);
}

void
carrier_trial_send (Carrier *self, Bytes datagram)
{
  if (self->is_trying && trial_speaks (&self->trial))
    ice_send (self->next, datagram);
}
