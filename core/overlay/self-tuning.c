/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/self-tuning.h"

#include "core/base/limits.h"
#include "core/base/timers.h"

#include <math.h>

/* Three things are estimated: the number of peers N, the rate U at which one peer fails, and the
 * rate L at which peers join. A ring stays a ring while its peers look after it log2(N)^2 times
 * before half of them have failed or as many again have joined:
 *
 *   period = min (1 / 2U, N / L) / log2(N)^2, at least 15 s
 *
 * and at most ten minutes, the period of an overlay that is not tuned: an overlay in which nothing
 * has happened for days is looked after all the same.
 *
 * An estimate of one peer is rough, so each round peers tell theirs, and of all that were heard the
 * third quartile counts: of four peers one may lie. Rates travel as events in 24 hours. */

#define PERIOD_MIN (15 * TIME_SECOND)
#define PERIOD_MAX (600 * TIME_SECOND)

#define DAY_S 86400.0

enum { QUARTILE = 75, FINGERS_MIN = 16, HISTORY_SHARE = 4, HISTORY_MIN = 2, LATEST = 2, SLACK = 2 };

typedef struct Age {
  NodeId peer;
  uint64_t since;
} Age;

/* The fields of SelfTuningData; rates are in a second. */
enum { SIZE, JOINS, FAILURES, FIELDS };

typedef struct Opinion {
  NodeId peer;
  double values[FIELDS];
} Opinion;

struct SelfTuning {
  uint64_t started_at;
  GArray *failures; /* of uint64_t, the oldest first */
  GArray *ages;     /* of Age */
  GArray *opinions; /* of Opinion */
  double own[FIELDS];
  double size;
  unsigned length; /* of the lists, before limits */
  uint64_t interval;
  unsigned peers; /* in the last round */
};

SelfTuning *
self_tuning_new (void)
{
  SelfTuning *self = g_new0 (SelfTuning, 1);

  self_tuning_start (self, 0);
  return self;
}

static void
clear (SelfTuning *self)
{
  g_clear_pointer (&self->failures, g_array_unref);
  g_clear_pointer (&self->ages, g_array_unref);
  g_clear_pointer (&self->opinions, g_array_unref);
}

void
self_tuning_free (SelfTuning *self)
{
  if (self == NULL)
    return;
  clear (self);
  g_free (self);
}

void
self_tuning_start (SelfTuning *self, uint64_t now)
{
  clear (self);
  *self = (SelfTuning){
    .started_at = now,
    .failures = g_array_new (FALSE, FALSE, sizeof (uint64_t)),
    .ages = g_array_new (FALSE, FALSE, sizeof (Age)),
    .opinions = g_array_new (FALSE, FALSE, sizeof (Opinion)),
    .own = { [SIZE] = 1 },
    .size = 1,
    .interval = PERIOD_MIN,
    .peers = FINGERS_MIN,
  };
}

static uint64_t
failure_at (const SelfTuning *self, size_t i)
{
  return g_array_index (self->failures, uint64_t, i);
}

static Age *
age_at (const SelfTuning *self, size_t i)
{
  return &g_array_index (self->ages, Age, i);
}

static Opinion *
opinion_at (const SelfTuning *self, size_t i)
{
  return &g_array_index (self->opinions, Opinion, i);
}

/* ---- What happens ---- */

void
self_tuning_note_failure (SelfTuning *self, uint64_t now)
{
  if (self->failures->len == LIMIT_TUNING_FAILURES)
    g_array_remove_index (self->failures, 0);
  g_array_append_val (self->failures, now);
}

void
self_tuning_note_uptime (SelfTuning *self, const NodeId *peer, uint32_t uptime_s, uint64_t now)
{
  uint64_t uptime = uptime_s * TIME_SECOND;
  Age age = { *peer, now > uptime ? now - uptime : 0 };

  for (size_t i = 0; i < self->ages->len; i++)
    if (node_id_equal (&age_at (self, i)->peer, peer)) {
      *age_at (self, i) = age;
      return;
    }
  if (self->ages->len < LIMIT_TUNING_PEERS)
    g_array_append_val (self->ages, age);
}

static Opinion *
opinion_of (SelfTuning *self, const NodeId *peer)
{
  for (size_t i = 0; i < self->opinions->len; i++)
    if (node_id_equal (&opinion_at (self, i)->peer, peer))
      return opinion_at (self, i);
  if (self->opinions->len >= LIMIT_TUNING_OPINIONS)
    return NULL;
  g_array_set_size (self->opinions, self->opinions->len + 1);
  return opinion_at (self, self->opinions->len - 1);
}

void
self_tuning_hear (SelfTuning *self, const NodeId *peer, const SelfTuningData *data)
{
  Opinion *opinion = opinion_of (self, peer);

  if (opinion != NULL)
    *opinion = (Opinion){
      .peer = *peer,
      .values = {
        [SIZE] = data->network_size,
        [JOINS] = data->join_rate / DAY_S,
        [FAILURES] = data->leave_rate / DAY_S,
      },
    };
}

/* ---- Our own estimates ---- */

static double
seconds (uint64_t time)
{
  return MAX ((double) time / TIME_SECOND, 1.0);
}

/* k failures of M peers in the time T: k / (M * T), of the last K failures, K a quarter of the
 * Routing Table. The time since the last one counts as if there were one now, unless that makes the
 * rate higher: after a burst comes quiet. */
static double
estimate_failures (const SelfTuning *self, size_t peers, uint64_t now)
{
  size_t wanted = MAX (peers / HISTORY_SHARE, (size_t) HISTORY_MIN);
  size_t count = self->failures->len;
  size_t kept = MIN (count, MIN (wanted, (size_t) LIMIT_TUNING_FAILURES - 1));
  size_t first = count - kept;
  uint64_t from = first > 0 ? failure_at (self, first - 1) : self->started_at;
  double until_now, until_last;

  if (peers == 0)
    return 0;
  until_now = (double) (kept + 1) / ((double) peers * seconds (now - from));
  if (kept < wanted)
    return until_now;
  until_last = (double) kept / ((double) peers * seconds (failure_at (self, count - 1) - from));
  return MIN (until_now, until_last);
}

static int
compare_ages (const void *a, const void *b)
{
  const uint64_t *left = a;
  const uint64_t *right = b;

  return (*left > *right) - (*left < *right);
}

/* Ages of peers that have left the Routing Table are forgotten here. */
static size_t
collect_ages (
  SelfTuning *self, const NodeId *peers, size_t peer_count, uint64_t now, uint64_t *ret_ages)
{
  size_t kept = 0;

  for (size_t i = 0; i < self->ages->len; i++)
    for (size_t k = 0; k < peer_count; k++)
      if (node_id_equal (&age_at (self, i)->peer, &peers[k])) {
        ret_ages[kept] = now - age_at (self, i)->since;
        *age_at (self, kept++) = *age_at (self, i);
        break;
      }
  g_array_set_size (self->ages, (guint) kept);
  return kept;
}

/* As many as there are have joined in the age of the median peer. But an overlay that many joined
 * at once, and nobody since, is at rest: no rate is higher than that of the latest few. */
static double
estimate_joins (SelfTuning *self, const NodeId *peers, size_t peer_count, uint64_t now)
{
  uint64_t ages[LIMIT_TUNING_PEERS];
  size_t count = collect_ages (self, peers, peer_count, now, ages);
  double by_median, by_latest;

  if (count == 0)
    return 0;
  qsort (ages, count, sizeof ages[0], compare_ages);
  by_median = self->own[SIZE] / seconds (ages[count / 2]);
  if (count < LATEST)
    return by_median;
  by_latest = self->own[SIZE] * LATEST / ((double) count * seconds (ages[LATEST - 1]));
  return MIN (by_median, by_latest);
}

/* ---- Everybody's ---- */

static int
compare_numbers (const void *a, const void *b)
{
  const double *left = a;
  const double *right = b;

  return (*left > *right) - (*left < *right);
}

/* RFC 7363, 2: the value at the rank nearest to that share of them. */
static double
quartile (double *numbers, size_t count)
{
  size_t rank = (QUARTILE * count + 50) / 100;

  qsort (numbers, count, sizeof numbers[0], compare_numbers);
  return numbers[MAX (rank, (size_t) 1) - 1];
}

/* Of all opinions and our own. */
static double
agree (const SelfTuning *self, unsigned field)
{
  double numbers[LIMIT_TUNING_OPINIONS + 1];
  size_t count = 0;

  numbers[count++] = self->own[field];
  for (size_t i = 0; i < self->opinions->len; i++)
    numbers[count++] = opinion_at (self, i)->values[field];
  return quartile (numbers, count);
}

static double
log2_squared (double size)
{
  double log_size = MAX (log2 (size), 1.0);

  return log_size * log_size;
}

static uint64_t
period_of (double size, double failures_s, double joins_s)
{
  double period_s = (double) PERIOD_MAX / TIME_SECOND;

  if (failures_s > 0)
    period_s = MIN (period_s, 1 / (2 * failures_s) / log2_squared (size));
  if (joins_s > 0)
    period_s = MIN (period_s, size / (joins_s * log2_squared (size)));
  return MAX ((uint64_t) (period_s * TIME_SECOND), PERIOD_MIN);
}

/* log2(N), and back only when that has become much less: the estimate wavers, and each entry that
 * comes or goes is told to all neighbors. */
static unsigned
length_for (double size, unsigned former)
{
  double length = log2 (size);

  return length > former || length + SLACK < former ? (unsigned) ceil (length) : former;
}

void
self_tuning_update (
  SelfTuning *self, double size, const NodeId *peers, size_t peer_count, uint64_t now)
{
  self->own[SIZE] = MAX (size, 1.0);
  self->own[FAILURES] = estimate_failures (self, peer_count, now);
  self->own[JOINS] = estimate_joins (self, peers, peer_count, now);
  self->size = MAX (agree (self, SIZE), 1.0);
  self->length = length_for (self->size, self->length);
  self->interval = period_of (self->size, agree (self, FAILURES), agree (self, JOINS));
  self->peers = (unsigned) peer_count;
  g_array_set_size (self->opinions, 0);
}

static uint32_t
whole (double number)
{
  return (uint32_t) MIN (ceil (number), (double) UINT32_MAX);
}

SelfTuningData
self_tuning_data (const SelfTuning *self)
{
  return (SelfTuningData){
    .network_size = whole (self->own[SIZE]),
    .join_rate = whole (self->own[JOINS] * DAY_S),
    .leave_rate = whole (self->own[FAILURES] * DAY_S),
  };
}

uint64_t
self_tuning_interval (const SelfTuning *self)
{
  return self->interval;
}

uint64_t
self_tuning_lifetime (const SelfTuning *self, uint64_t now)
{
  size_t count = self->failures->len;

  if (count < LATEST)
    return TIME_NEVER;
  return (now - failure_at (self, count - LATEST)) * self->peers / LATEST;
}

double
self_tuning_size (const SelfTuning *self)
{
  return self->size;
}

/* RFC 7363 has log2(N). But each change is told to all on both lists by all on both lists, which
 * costs the square of that; and of lists of eight, when half the peers die, one in 256 is left
 * empty, whose owner finds its neighbors by the other side and by its links. Half as long, and
 * three more, grow slowly enough, and fewer than eight do not survive that. */
unsigned
self_tuning_neighbors (const SelfTuning *self)
{
  return CLAMP ((self->length + 1) / 2 + 3, (unsigned) LIMIT_NEIGHBORS,
                (unsigned) LIMIT_NEIGHBORS_TUNED);
}

unsigned
self_tuning_fingers (const SelfTuning *self)
{
  return CLAMP (self->length, (unsigned) FINGERS_MIN, (unsigned) LIMIT_FINGERS);
}
