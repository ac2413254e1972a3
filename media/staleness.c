/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A phone that stood still (a laptop asleep, a machine out of memory) finds seconds of sound in its
 * socket when it goes on; one whose peer stood still gets what waited there. The jitter buffer
 * would play all of it: the conversation would be seconds late from then on, or silent until its
 * clocks have met again.
 *
 * Transit is arrival less time stamp: the two clocks differ by who knows what, but only what is
 * behind the quickest packet matters. One that is STALENESS_MAX_MS behind is stale, and so are
 * those after it until the backlog is through, which comes faster than it was spoken. When the
 * packets come at the pace of speech and stay behind, then it is the path or the sender's clock
 * that has changed, and they are the measure of what is to come. The measure gives way slowly, so
 * that two clocks which drift apart do not end there.
 */
#include "media/staleness.h"

#include "core/base/limits.h"
#include "media/codec.h"

enum {
  US_PER_MS = 1000,
  FORGETTING = 1024, /* packets, about, until the quickest is forgotten: 20 s */
};

G_STATIC_ASSERT ((int) STALENESS_MAX_MS > (int) LIMIT_JITTER_MS);

static const int64_t US_PER_S = 1000000;

static void
begin (Staleness *self, uint32_t ssrc, uint32_t timestamp, int64_t arrival_us)
{
  *self =
    (Staleness){ .has_any = true, .ssrc = ssrc, .timestamp = timestamp, .least_us = arrival_us };
}

static void
judge_from (Staleness *self, int64_t arrival_us, int64_t transit_us)
{
  self->is_behind = true;
  self->judged_us = arrival_us;
  self->judged_transit_us = transit_us;
}

/* What comes at less than one and a half times the pace of speech is no backlog. */
static bool
is_melting (const Staleness *self, int64_t arrival_us, int64_t transit_us)
{
  return 2 * (self->judged_transit_us - transit_us) >= arrival_us - self->judged_us;
}

bool
staleness_check (Staleness *self, uint32_t ssrc, uint32_t timestamp, int64_t arrival_us)
{
  if (!self->has_any || ssrc != self->ssrc)
    begin (self, ssrc, timestamp, arrival_us);
  self->media_us += (int32_t) (timestamp - self->timestamp) * US_PER_S / CODEC_CLOCK_RATE;
  self->timestamp = timestamp;
  int64_t transit_us = arrival_us - self->media_us;
  int64_t behind_us = transit_us - self->least_us;

  if (behind_us <= STALENESS_LEFT_MS * US_PER_MS)
    self->is_behind = false;
  else if (!self->is_behind && behind_us > STALENESS_MAX_MS * US_PER_MS)
    judge_from (self, arrival_us, transit_us);
  if (self->is_behind && arrival_us - self->judged_us >= STALENESS_JUDGE_MS * US_PER_MS) {
    if (!is_melting (self, arrival_us, transit_us)) {
      begin (self, ssrc, timestamp, arrival_us);
      return false;
    }
    judge_from (self, arrival_us, transit_us);
  }
  if (self->is_behind)
    return true;
  if (behind_us < 0)
    self->least_us = transit_us;
  else
    self->least_us += behind_us / FORGETTING;
  return false;
}
