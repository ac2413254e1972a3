/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Below 5 % of loss concealment is enough; above, RED is clearly the best and costs the bits twice.
 * Opus's own in-band correction gains nothing at 5 % and less than RED beyond, holds every packet
 * back at the receiver, and opusdec fails when it is switched on in a call.
 *
 * Our receivers repair RED before they count, so with RED on a report shows p² instead of p; its
 * root is the loss that the packets meet. A peer that counts before repairing is then taken for
 * worse than it is, which keeps RED on: harmless. The way back is slow on purpose: a switch that
 * swings would be heard. */
#include "media/protection.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>

static const double RED_ON = 0.05, RED_OFF = 0.025;
static const double FOLLOW_FAST = 0.4, FOLLOW_SLOW = 0.1;

static void
enter (Protection *self, ProtectionMode mode, double reported)
{
  self->mode = mode;
  self->reported = reported;
}

void
protection_init (Protection *self)
{
  enter (self, PROTECTION_NONE, 0);
}

double
protection_loss (const Protection *self)
{
  return self->mode == PROTECTION_RED ? sqrt (self->reported) : self->reported;
}

void
protection_report (Protection *self, double fraction_lost)
{
  fraction_lost = CLAMP (fraction_lost, 0.0, 1.0);
  bool is_rise = fraction_lost > self->reported && self->mode != PROTECTION_RED;
  self->reported += (fraction_lost - self->reported) * (is_rise ? FOLLOW_FAST : FOLLOW_SLOW);

  double loss = protection_loss (self);
  switch (self->mode) {
  case PROTECTION_NONE:
    if (loss >= RED_ON)
      enter (self, PROTECTION_RED, loss * loss);
    break;
  case PROTECTION_RED:
    if (loss < RED_OFF)
      enter (self, PROTECTION_NONE, loss);
    break;
  }
}
