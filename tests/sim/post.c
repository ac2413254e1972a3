/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/post.h"

/* Links of a model mend themselves as those of TCP do, with the shortest wait that SIP has over
 * UDP, which is kind to the models. */

#define REPEAT (500 * TIME_MS)

void
post_init (Post *self, unsigned count, uint64_t seed)
{
  *self = (Post){
    .timers = timers_new (0), .sites = terrain_new (count, seed), .count = count, .random = seed
  };
}

void
post_clear (Post *self)
{
  timers_free (self->timers);
  g_free (self->sites);
}

uint32_t
post_random (Post *self, uint32_t limit)
{
  /* splitmix64 */
  uint64_t z = self->random += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return (uint32_t) ((z ^ z >> 31) % limit);
}

/* False when it is lost: on the way, or at a full uplink. */
static bool
try_once (Post *self, unsigned from, unsigned to, uint64_t at, size_t size, uint64_t *delay)
{
  Site *here = &self->sites[from];
  uint64_t queue = terrain_send (here, at, size);

  self->messages++;
  if (queue == TIME_NEVER || post_random (self, 1000000) < here->loss + self->sites[to].loss)
    return false;
  *delay += queue + terrain_delay (here, &self->sites[to]);
  return true;
}

uint64_t
post_send (Post *self, unsigned from, unsigned to, size_t size)
{
  uint64_t delay = 0;

  while (!try_once (self, from, to, timers_now (self->timers) + delay, size, &delay))
    delay += REPEAT;
  return delay;
}

void
post_tally_init (PostTally *self)
{
  *self = (PostTally){ .durations = g_array_new (FALSE, FALSE, sizeof (uint64_t)) };
}

void
post_tally_clear (PostTally *self)
{
  g_array_unref (self->durations);
}

void
post_tally_add (PostTally *self, uint64_t duration)
{
  self->found++;
  g_array_append_val (self->durations, duration);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  uint64_t one = *(const uint64_t *) a;
  uint64_t two = *(const uint64_t *) b;

  return one < two ? -1 : one > two;
}

double
post_tally_ms (PostTally *self, double share)
{
  guint count = self->durations->len;
  guint at = MIN ((guint) (share * count), count - 1);

  if (count == 0)
    return 0;
  g_array_sort (self->durations, compare);
  return (double) g_array_index (self->durations, uint64_t, at) / TIME_MS;
}
