/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/registrar.h"

/* The server is in the midst of the largest continent, well connected, and never busy. */

enum {
  MESSAGE = 400,      /* bytes, of SIP */
  UPLINK = 125000000, /* of the server: 1 Gbit/s */
  REFRESH_S = 60,     /* a registration; NATs want it more often */
};

#define PAUSE TIME_SECOND

Registrar *
registrar_new (unsigned users, uint64_t seed)
{
  Registrar *self = g_new0 (Registrar, 1);

  post_init (&self->post, users + 1, seed);
  self->post.sites[users] = (Site){ .access_us = TIME_MS, .uplink = UPLINK, .is_open = true };
  return self;
}

void
registrar_free (Registrar *self)
{
  if (self == NULL)
    return;
  post_clear (&self->post);
  g_free (self);
}

void
registrar_ask (Registrar *self, unsigned count, PostTally *tally)
{
  unsigned server = self->post.count - 1;

  for (unsigned i = 0; i < count; i++) {
    unsigned user = post_random (&self->post, server);
    tally->asked++;
    if (!self->is_dead)
      post_tally_add (tally, post_send (&self->post, user, server, MESSAGE) +
                               post_send (&self->post, server, user, MESSAGE));
    timers_advance (self->post.timers, timers_now (self->post.timers) + PAUSE, SIZE_MAX);
  }
}

double
registrar_upkeep (const Registrar *self)
{
  return 2.0 / REFRESH_S;
}
