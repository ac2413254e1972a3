/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first update after quality_init() counts from zero, so that it shows something at once. */
#include "media/quality.h"

void
quality_init (Quality *self)
{
  *self = (Quality){ 0 };
}

void
quality_forget_hearing (Quality *self)
{
  self->hearing = CALL_MEDIA_HEARING_UNKNOWN;
  self->stalled = 0;
}

/* Counters start again when the peer's stream does; a window across that says nothing. */
static uint64_t
grown (uint64_t now, uint64_t then)
{
  return now >= then ? now - then : 0;
}

static double
share_lost (const QualityCounters *now, const QualityCounters *then)
{
  uint64_t lost = grown (now->lost, then->lost);
  uint64_t played = grown (now->played, then->played);
  return lost == 0 ? 0 : (double) lost / (double) (lost + played);
}

/* What is not reported is not known: a report counts, and not that none comes. */
static void
hear (Quality *self, const QualityCounters *then, const QualityCounters *now)
{
  if (now->report_time == then->report_time)
    return;
  self->stalled = now->highest != then->highest ? 0 : self->stalled + 1;
  if (self->stalled == 0)
    self->hearing = CALL_MEDIA_HEARING_HEARD;
  else if (self->stalled >= QUALITY_STALLED)
    self->hearing = CALL_MEDIA_HEARING_UNHEARD;
}

void
quality_update (Quality *self, const QualityCounters *now, CallMediaQuality *ret_quality)
{
  static const QualityCounters zero = { 0 };
  unsigned size = G_N_ELEMENTS (self->seconds);
  unsigned span_s = self->count < QUALITY_WINDOW_S ? self->count + 1 : QUALITY_WINDOW_S;
  const QualityCounters *then = &zero;
  if (self->count >= QUALITY_WINDOW_S)
    then = &self->seconds[(self->count - QUALITY_WINDOW_S) % size];
  hear (self, self->count > 0 ? &self->seconds[(self->count - 1) % size] : &zero, now);
  self->seconds[self->count++ % size] = *now;

  *ret_quality = (CallMediaQuality){
    .loss_received = share_lost (now, then),
    .loss_sent = now->loss_sent,
    .jitter_ms = now->jitter_ms,
    .jitter_sent_ms = now->jitter_sent_ms,
    .rtt_ms = now->rtt_ms,
    .bitrate_sent = 8.0 * (double) grown (now->bytes_sent, then->bytes_sent) / span_s,
    .bitrate_received = 8.0 * (double) grown (now->bytes_received, then->bytes_received) / span_s,
    .silence_s = now->silence_s,
    .hearing = self->hearing,
  };
}
