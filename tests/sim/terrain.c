/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/terrain.h"

#include "core/base/timers.h"

#include <math.h>

/* Three continents in a plane, and what the last mile adds to it: Vivaldi's model of coordinates
 * with heights (SIGCOMM 2004). Round trips between two of the sites have the quantiles of the
 * Internet between homes: 24 ms (5 %), 84 ms (half), 175 ms (90 %), 350 ms (99 %); the hosts that
 * Vivaldi's authors measured on PlanetLab had a median of 76 ms. Three quarters are behind a router
 * that maps addresses independently of who is on the other side, one quarter is not. */

enum {
  SPREAD_US = 16000,      /* of the sites of a continent */
  ACCESS_US = 5000,       /* the median of what the last mile adds */
  OPEN_PERCENT = 25,      /* of the sites */
  BAD_PERCENT = 10,       /* of them lose more */
  CLOCK_BAD_PERCENT = 5,  /* of them are not set by the network */
  CLOCK_GOOD_MS = 50,     /* is how far a clock that is set may be off, */
  CLOCK_BAD_MS = 30000,   /* and one that is not */
  OVERHEAD = 20 + 8 + 37, /* IP, UDP, DTLS with AES-GCM */
};

#define ACCESS_SPREAD 1.5 /* the deviation of its logarithm */
#define QUEUE_MAX     TIME_SECOND

static const struct {
  int percent;
  int32_t x_us;
  int32_t y_us;
} continents[] = { { 60, 0, 0 }, { 30, 75000, 0 }, { 10, -60000, 100000 } };

/* Bytes a second: 1, 5, 20 and 100 Mbit/s. */
static const struct {
  int percent;
  uint32_t uplink;
} uplinks[] = { { 20, 125000 }, { 40, 625000 }, { 30, 2500000 }, { 10, 12500000 } };

static uint64_t
draw (uint64_t *state)
{
  /* splitmix64 */
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static int
draw_below (uint64_t *state, int limit)
{
  return (int) (draw (state) % (uint64_t) limit);
}

/* Above 0 and below 1. */
static double
draw_uniform (uint64_t *state)
{
  return ((double) (draw (state) >> 12) + 0.5) / (double) (UINT64_C (1) << 52);
}

static double
draw_normal (uint64_t *state)
{
  double radius = sqrt (-2 * log (draw_uniform (state)));

  return radius * cos (2 * G_PI * draw_uniform (state));
}

static Site
draw_site (uint64_t *state)
{
  Site site = { 0 };
  size_t i = 0;
  int left = draw_below (state, 100);

  while (left >= continents[i].percent)
    left -= continents[i++].percent;
  site.x_us = continents[i].x_us + (int32_t) (SPREAD_US * draw_normal (state));
  site.y_us = continents[i].y_us + (int32_t) (SPREAD_US * draw_normal (state));
  site.access_us = (uint32_t) (ACCESS_US * exp (ACCESS_SPREAD * draw_normal (state)));
  site.access_us = MIN (site.access_us, TIME_SECOND);
  left = draw_below (state, 100);
  for (i = 0; left >= uplinks[i].percent; i++)
    left -= uplinks[i].percent;
  site.uplink = uplinks[i].uplink;
  site.loss = (uint32_t) draw_below (state, draw_below (state, 100) < BAD_PERCENT ? 20000 : 1000);
  left = draw_below (state, 100) < CLOCK_BAD_PERCENT ? CLOCK_BAD_MS : CLOCK_GOOD_MS;
  site.clock_offset_ms = draw_below (state, 2 * left + 1) - left;
  site.is_open = draw_below (state, 100) < OPEN_PERCENT;
  return site;
}

Site *
terrain_new (unsigned count, uint64_t seed)
{
  Site *sites = g_new (Site, count);
  uint64_t state = seed ^ UINT64_C (0x7465727261696e00);

  for (unsigned i = 0; i < count; i++)
    sites[i] = draw_site (&state);
  sites[0].is_open = true;
  return sites;
}

uint64_t
terrain_delay (const Site *from, const Site *to)
{
  double x = from->x_us - to->x_us;
  double y = from->y_us - to->y_us;

  return ((uint64_t) sqrt (x * x + y * y) + from->access_us + to->access_us) / 2;
}

uint64_t
terrain_send (Site *self, uint64_t now, size_t size)
{
  uint64_t free_at = MAX (self->free_at, now);

  if (free_at - now > QUEUE_MAX)
    return TIME_NEVER;
  self->free_at = free_at + (size + OVERHEAD) * TIME_SECOND / self->uplink;
  return self->free_at - now;
}
