/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/clock.h"

#include "core/overlay/overlay-private.h"

/* Three different peers with direct links are pinged. One liar of three cannot move the median. */

#define FIRST_CHECK (8 * TIME_SECOND)
#define NEXT_CHECK  TIME_HOUR

enum { ASKED = 3, OFFSET_MAX_MS = 30000 };

struct ClockCheck {
  Overlay *overlay;
  Timer timer;
  unsigned waiting;
  unsigned count;
  int64_t offsets_ms[ASKED];
  uint64_t asked_at;
  bool is_reported;
  int64_t offset_ms; /* 0 while ours is right enough */
};

static int
compare_offsets (const void *a, const void *b)
{
  const int64_t *left = a;
  const int64_t *right = b;

  return (*left > *right) - (*left < *right);
}

static void
judge (ClockCheck *self)
{
  int64_t median;
  bool is_off;

  if (self->count == 0)
    return;
  qsort (self->offsets_ms, self->count, sizeof self->offsets_ms[0], compare_offsets);
  median = self->offsets_ms[self->count / 2];
  is_off = median > OFFSET_MAX_MS || median < -OFFSET_MAX_MS;
  if (is_off || self->is_reported)
    self->overlay->events->clock (self->overlay->user_data, is_off ? median : 0);
  self->is_reported = is_off;
  self->offset_ms = is_off ? median : 0;
}

static void
on_ping (void *owner, const Answer *answer)
{
  ClockCheck *self = owner;
  const NodePorts *ports = self->overlay->ports;
  PingAns body;

  if (answer_decode (answer, self->overlay, MESSAGE_PING_REQ, &body) && self->count < ASKED) {
    uint64_t round_trip_ms = (overlay_now (self->overlay) - self->asked_at) / TIME_MS;
    int64_t here_ms = (int64_t) (ports->wall_clock_ms (ports->world) - round_trip_ms / 2);
    self->offsets_ms[self->count++] = (int64_t) MIN (body.time, INT64_MAX) - here_ms;
  }
  if (--self->waiting == 0)
    judge (self);
}

static void
ask (ClockCheck *self, const Connection *connection)
{
  PingReq body = { .padding = { NULL, 0 } };
  Destination to = destination_of_node (&connection->peer);

  self->waiting++;
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = { .connection = connection->number },
                                                 .tries = 2,
                                                 .answered = on_ping,
                                                 .owner = self,
                                               });
}

static void
on_timer (Timer *timer, void *owner)
{
  ClockCheck *self = owner;

  timer_start (timer, self->overlay->ports->timers, NEXT_CHECK);
  if (self->waiting > 0)
    return;
  self->count = 0;
  self->asked_at = overlay_now (self->overlay);
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && connection->is_peer && !connection->is_closed &&
        connection->kind != CONNECTION_APPLICATION && self->waiting < ASKED &&
        connection_table_find (self->overlay->connections, &connection->peer) == connection)
      ask (self, connection);
  }
}

void
clock_check_start (ClockCheck *self)
{
  timer_start (&self->timer, self->overlay->ports->timers, FIRST_CHECK);
}

uint64_t
clock_check_time_ms (const ClockCheck *self)
{
  const NodePorts *ports = self->overlay->ports;

  return ports->wall_clock_ms (ports->world) + (uint64_t) self->offset_ms;
}

ClockCheck *
clock_check_new (Overlay *overlay)
{
  ClockCheck *self = g_new0 (ClockCheck, 1);

  self->overlay = overlay;
  timer_init (&self->timer, on_timer, self);
  return self;
}

void
clock_check_free (ClockCheck *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  transport_cancel_owner (self->overlay->transport, self);
  g_free (self);
}
