/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "link"
#include "core/overlay/link.h"

#include "core/base/log.h"
#include "core/wire/frame.h"

#include <string.h>

/* The sender that RFC 6940 leaves to us (6.6.4):
 *
 *   queue ──> flight (≤ window) ──ACK──> gone
 *                │ RTO, with a new sequence number, ≤ 5 sends
 *                └──> failed
 *
 * What has been sent three times may go another way as well: most dead peers show in that way.
 *
 * The window starts at one frame, doubles per acknowledged flight and is halved by a loss; it never
 * exceeds the 32 frames that an ACK's mask can name. RTO is RFC 6298's without the one-second
 * floor. Every transmission has its own sequence number, so each ACK is a clean measurement.
 *
 * On a stream TCP does all that: frames are numbered and acknowledged only to measure the round
 * trip and to notice a dead peer. There RTO keeps its floor of a second, since TCP has its own
 * retransmissions to make; without an ACK for so long the link is suspect, and dead half a minute
 * after it was used (6.6.5).
 *
 * Both ends ask a silent link for a sign of life, but one question does for both: who asks second
 * does so only when the first has not an RTO later. To be asked, and not asked the same again,
 * shows that both directions work.
 *
 * Five sends at a far peer's RTO take many seconds. When there is reason to think that the network
 * has changed, somebody waits: then a sign of life is demanded, and the link fails sooner without.
 */

#define RTO_FIRST   (500 * TIME_MS)
#define RTO_MIN     (20 * TIME_MS)
#define RTO_MAX     (8 * TIME_SECOND)
#define SUSPECT     (3 * TIME_SECOND)
#define STREAM_RTO  (1 * TIME_SECOND)
#define STREAM_DEAD (30 * TIME_SECOND)
#define DEMAND_MIN  (1 * TIME_SECOND)
#define DEMAND_MAX  (3 * TIME_SECOND)

enum { SENDS = 5, SUSPECT_SENDS = 4, STALLED_SENDS = 3, RECEIVED = 32, HISTORY = 64 };

/* One message on its way, or waiting for its turn, as the frame that carries it. */
typedef struct Flight {
  ListLink link;
  unsigned sends; /* 0: it waits */
  uint32_t sequences[SENDS];
  uint64_t sent_at[SENDS];
  uint64_t due; /* of the next retransmission */
  size_t size;
  bool is_stalled; /* and the host knows */
  uint8_t frame[];
} Flight;

struct LinkWork {
  ListLink flights; /* in the order of sending */
  Flight *waiting;  /* the first that waits, and all behind it; NULL: none */
  uint64_t halved_at;
  uint32_t queue_bytes; /* of the flights that wait */
  uint32_t count;       /* of those that do not */
  GByteArray *stream;   /* a frame that is not yet whole; NULL on datagrams */
  uint32_t framing_errors_since_s;
  uint8_t framing_errors; /* in the minute from then on */
};

static uint64_t
now (const Link *self)
{
  return timers_now (self->host->ports->timers);
}

static LinkWork *
work_new (bool is_stream)
{
  LinkWork *self = g_new0 (LinkWork, 1);

  list_init (&self->flights);
  if (is_stream)
    self->stream = g_byte_array_new ();
  return self;
}

static void
work_free (LinkWork *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->flights, l)
  {
    list_remove (l);
    g_free (list_element (l, Flight, link));
  }
  g_clear_pointer (&self->stream, g_byte_array_unref);
  g_free (self);
}

static unsigned
in_flight (const Link *self)
{
  return self->work != NULL ? self->work->count : 0;
}

static LinkWork *
need_work (Link *self)
{
  if (self->work == NULL)
    self->work = work_new (false);
  return self->work;
}

static void
fail (Link *self)
{
  if (self->has_failed)
    return;
  self->has_failed = true;
  self->host->wake (self, TIME_NEVER);
  self->host->failed (self);
}

static void
set_suspected (Link *self, bool is_suspected)
{
  if (self->is_suspected == is_suspected || self->has_failed)
    return;
  self->is_suspected = is_suspected;
  self->host->suspected (self, is_suspected);
}

static void
send_frame (Link *self, Bytes frame)
{
  self->host->send (self, frame);
}

static uint64_t
round_up_ms (uint64_t time)
{
  return (time + TIME_MS - 1) / TIME_MS * TIME_MS;
}

/* RFC 6298, 2.2 and 2.3, in whole milliseconds (6.6.3.1). */
static uint64_t
retransmission_timeout (const Link *self)
{
  if (self->srtt == 0)
    return RTO_FIRST;
  return CLAMP (round_up_ms (self->srtt + MAX (TIME_MS, 4 * (uint64_t) self->rttvar)), RTO_MIN,
                RTO_MAX);
}

static void
transmit (Link *self, Flight *flight)
{
  uint32_t sequence = self->next_sequence++;

  frame_write_sequence (flight->frame, sequence);
  flight->sequences[flight->sends] = sequence;
  flight->sent_at[flight->sends] = now (self);
  flight->due = now (self) + (retransmission_timeout (self) << flight->sends);
  flight->sends++;
  send_frame (self, (Bytes){ flight->frame, flight->size });
}

static uint64_t
probe_after (const Link *self)
{
  uint64_t period = self->probe_period;

  return period + (self->asks_second ? MIN (retransmission_timeout (self), period / 4) : 0);
}

/* While a sign of life is demanded. */
static uint64_t
demand_due (const Link *self, const Flight *flight)
{
  uint64_t patience = DEMAND_MIN + 2 * retransmission_timeout (self);

  return flight->sent_at[0] + (self->is_stream ? DEMAND_MAX : MIN (patience, DEMAND_MAX));
}

/* Next there is something to send again, or, while everything is acknowledged, to ask for a sign of
 * life. */
static void
rearm (Link *self)
{
  const LinkWork *work = self->work;
  uint64_t due = TIME_NEVER;

  if (self->is_overfull)
    due = now (self);
  else if (in_flight (self) == 0 && self->probe_period > 0)
    due = self->last_heard + probe_after (self);
  else if (work != NULL)
    list_for_each (&work->flights, l)
    {
      const Flight *flight = list_element (l, Flight, link);
      if (flight == work->waiting)
        break;
      due =
        MIN (due, self->is_demanding ? MIN (flight->due, demand_due (self, flight)) : flight->due);
    }
  self->host->wake (self, self->has_failed ? TIME_NEVER : due);
}

static void
fill_window (Link *self)
{
  LinkWork *work = self->work;

  while (work != NULL && work->waiting != NULL && (self->is_stream || work->count < self->window)) {
    Flight *flight = work->waiting;
    ListLink *next = flight->link.next;
    work->waiting = next != &work->flights ? list_element (next, Flight, link) : NULL;
    work->queue_bytes -= (uint32_t) flight->size;
    work->count++;
    transmit (self, flight);
  }
  rearm (self);
}

static void
flight_done (Link *self, Flight *flight)
{
  list_remove (&flight->link);
  self->work->count--;
  g_free (flight);
}

/* A link with nothing in hand holds nothing for it, unless its errors are counted. */
static void
rest (Link *self)
{
  if (!self->is_stream && link_is_idle (self) &&
      (self->work == NULL || self->work->framing_errors == 0))
    g_clear_pointer (&self->work, work_free);
}

static void
halve_window (Link *self)
{
  if (now (self) < self->work->halved_at + retransmission_timeout (self))
    return;
  self->work->halved_at = now (self);
  self->window = (uint8_t) MAX (self->window / 2, 1);
  self->acknowledged = 0;
}

/* Also what waits behind it. */
static void
report_stalled (Link *self)
{
  list_for_each (&self->work->flights, l)
  {
    Flight *flight = list_element (l, Flight, link);
    Bytes message = { flight->frame + FRAME_DATA_HEADER_SIZE,
                      flight->size - FRAME_DATA_HEADER_SIZE };
    if (flight->is_stalled || message.size == 0)
      continue;
    flight->is_stalled = true;
    self->host->stalled (self, message);
  }
}

static void
retransmit_datagram (Link *self, Flight *flight)
{
  halve_window (self);
  if (flight->sends == SENDS) {
    fail (self);
    return;
  }
  transmit (self, flight);
  if (flight->sends >= SUSPECT_SENDS || now (self) >= flight->sent_at[0] + SUSPECT)
    set_suspected (self, true);
  if (flight->sends >= STALLED_SENDS)
    report_stalled (self);
}

/* On a stream nothing is sent again: silence makes the link suspect, then dead (6.6.5). */
static void
judge_stream (Link *self, Flight *flight)
{
  uint64_t age = now (self) - flight->sent_at[0];
  uint64_t rto = MAX (retransmission_timeout (self), STREAM_RTO);

  if (age >= STREAM_DEAD) {
    fail (self);
    return;
  }
  if (age >= rto) {
    set_suspected (self, true);
    report_stalled (self);
  }
  flight->due = flight->sent_at[0] + (age >= rto ? STREAM_DEAD : rto);
}

static void
resend (Link *self)
{
  LinkWork *work = self->work;

  list_for_each (&work->flights, l)
  {
    Flight *flight = list_element (l, Flight, link);
    if (flight == work->waiting)
      break;
    if (self->is_demanding && demand_due (self, flight) <= now (self))
      fail (self);
    else if (flight->due > now (self))
      continue;
    else if (self->is_stream)
      judge_stream (self, flight);
    else
      retransmit_datagram (self, flight);
    if (self->has_failed)
      return;
  }
}

/* RFC 6298, 2.2 and 2.3. */
static void
measure (Link *self, uint64_t rtt)
{
  uint64_t srtt = self->srtt;
  uint64_t rttvar = self->rttvar;
  uint64_t deviation = rtt > srtt ? rtt - srtt : srtt - rtt;

  if (srtt == 0) {
    srtt = rtt;
    rttvar = rtt / 2;
  } else {
    rttvar = (3 * rttvar + deviation) / 4;
    srtt = (7 * srtt + rtt) / 8;
  }
  self->srtt = (uint32_t) CLAMP (srtt, 1, UINT32_MAX);
  self->rttvar = (uint32_t) MIN (rttvar, UINT32_MAX);
}

static void
grow_window (Link *self)
{
  if (++self->acknowledged < self->window)
    return;
  self->acknowledged = 0;
  self->window = (uint8_t) MIN (2 * self->window, LIMIT_LINK_WINDOW);
}

/* Which of a flight's transmissions the ACK names, or -1. */
static int
named_by (const Flight *flight, uint32_t ack_sequence, uint32_t received)
{
  for (unsigned i = 0; i < flight->sends; i++) {
    uint32_t before = ack_sequence - flight->sequences[i];
    if (before == 0 || (before < RECEIVED && (received & UINT32_C (1) << before) != 0))
      return (int) i;
  }
  return -1;
}

static void
take_ack (Link *self, uint32_t ack_sequence, uint32_t received)
{
  LinkWork *work = self->work;

  list_for_each (&work->flights, l)
  {
    Flight *flight = list_element (l, Flight, link);
    int which = flight != work->waiting ? named_by (flight, ack_sequence, received) : -1;
    if (flight == work->waiting)
      break;
    if (which < 0)
      continue;
    if (flight->sequences[which] == ack_sequence)
      measure (self, now (self) - flight->sent_at[which]);
    grow_window (self);
    flight_done (self, flight);
  }
}

static void
on_ack (Link *self, uint32_t ack_sequence, uint32_t received)
{
  if (self->work != NULL)
    take_ack (self, ack_sequence, received);
  set_suspected (self, false);
  fill_window (self);
  rest (self);
}

/* 6.6.2: bit N - M says that M, of the 32 before N, has been received. Notes N, too. */
static uint32_t
received_mask (Link *self, uint32_t sequence)
{
  uint32_t ahead = sequence - self->newest;
  uint32_t back = self->newest - sequence;
  uint32_t mask;

  if (self->history == 0 || (ahead > 0 && ahead < UINT32_C (1) << 31)) {
    self->history = ahead < HISTORY ? self->history << ahead : 0;
    self->newest = sequence;
    back = 0;
  }
  if (back >= HISTORY)
    return 0;
  mask = (uint32_t) (self->history >> back) & ~UINT32_C (1);
  self->history |= UINT64_C (1) << back;
  return mask;
}

static void
acknowledge (Link *self, uint32_t sequence)
{
  uint8_t frame[FRAME_ACK_SIZE];

  frame_write_ack (frame, sequence, received_mask (self, sequence));
  send_frame (self, (Bytes){ frame, sizeof frame });
}

static void
on_frame (Link *self, const FramedMessage *frame)
{
  if (frame->type == FRAME_ACK) {
    on_ack (self, frame->ack_sequence, frame->received);
    return;
  }
  acknowledge (self, frame->sequence);
  if (frame->message.size > 0)
    self->host->message (self, frame->message);
}

static void
framing_error (Link *self)
{
  uint32_t now_s = (uint32_t) (now (self) / TIME_SECOND);
  LinkWork *work = need_work (self);

  if (now_s > work->framing_errors_since_s + 60) {
    work->framing_errors_since_s = now_s;
    work->framing_errors = 0;
  }
  log_debug (self->host->ports, "a link brings bytes that are no frame");
  if (++work->framing_errors >= LIMIT_FRAMING_ERRORS || self->is_stream)
    fail (self);
}

static void
receive_datagram (Link *self, Bytes datagram)
{
  FramedMessage frame;

  if (!frame_decode (datagram, &frame))
    framing_error (self);
  else
    on_frame (self, &frame);
}

static void
receive_stream (Link *self, Bytes bytes)
{
  g_autoptr (GByteArray) whole = g_steal_pointer (&self->work->stream);
  size_t at = 0;
  FrameResult result = FRAME_INCOMPLETE;

  g_byte_array_append (whole, bytes.data, (guint) bytes.size);
  while (!self->has_failed && at < whole->len) {
    FramedMessage frame;
    size_t used;
    Bytes rest = { whole->data + at, whole->len - at };
    result = frame_take (rest, LIMIT_MESSAGE_SIZE, &frame, &used);
    if (result != FRAME_GOOD)
      break;
    at += used;
    on_frame (self, &frame);
  }
  if (result == FRAME_BAD)
    framing_error (self);
  g_byte_array_remove_range (whole, 0, (guint) at);
  self->work->stream = g_steal_pointer (&whole);
}

void
link_init (Link *self, const LinkHost *host, Certificate *peer, bool is_stream)
{
  *self = (Link){ .host = host, .is_stream = is_stream, .window = 1 };
  self->peer = certificate_ref (peer);
  self->last_heard = now (self);
  if (is_stream)
    self->work = work_new (true);
}

void
link_clear (Link *self)
{
  g_clear_pointer (&self->work, work_free);
  g_clear_pointer (&self->peer, certificate_unref);
}

Certificate *
link_certificate (const Link *self)
{
  return self->peer;
}

void
link_send (Link *self, Bytes message)
{
  size_t size = FRAME_DATA_HEADER_SIZE + message.size;
  LinkWork *work;
  Flight *flight;

  g_assert (message.size <= link_message_size_max (self));
  if (self->has_failed || self->is_overfull)
    return;
  work = need_work (self);
  if (work->queue_bytes + size > LIMIT_LINK_QUEUE) {
    self->is_overfull = true; /* whoever sends is not ready to hear of it */
    rearm (self);
    return;
  }
  flight = g_malloc (sizeof *flight + size);
  *flight = (Flight){ .size = size };
  frame_write_data (flight->frame, message);
  list_append (&work->flights, &flight->link);
  if (work->waiting == NULL)
    work->waiting = flight;
  work->queue_bytes += (uint32_t) size;
  fill_window (self);
}

void
link_flush (Link *self)
{
  if (self->has_failed)
    return;
  self->window = LIMIT_LINK_WINDOW;
  fill_window (self);
}

size_t
link_message_size_max (const Link *self)
{
  return self->is_stream ? LIMIT_MESSAGE_SIZE : LIMIT_FRAGMENT_PAYLOAD + 64;
}

void
link_receive (Link *self, Bytes bytes)
{
  if (self->has_failed || bytes.size == 0)
    return;
  self->last_heard = now (self);
  self->is_demanding = false;
  if (self->is_stream)
    receive_stream (self, bytes);
  else
    receive_datagram (self, bytes);
}

void
link_woken (Link *self)
{
  if (self->is_overfull)
    fail (self);
  else if (in_flight (self) > 0)
    resend (self);
  else if (now (self) >= self->last_heard + probe_after (self))
    link_send (self, (Bytes){ NULL, 0 });
  rearm (self);
}

void
link_demand (Link *self)
{
  self->is_demanding = true;
  link_send (self, (Bytes){ NULL, 0 });
}

void
link_ask_second (Link *self)
{
  self->asks_second = true;
}

void
link_set_probe (Link *self, uint64_t period)
{
  if (self->probe_period == period)
    return;
  self->probe_period = (uint32_t) MIN (period, UINT32_MAX);
  rearm (self);
}

uint64_t
link_rtt (const Link *self)
{
  return self->srtt;
}

uint64_t
link_heard_at (const Link *self)
{
  return self->last_heard;
}

bool
link_is_suspected (const Link *self)
{
  return self->is_suspected;
}

bool
link_is_idle (const Link *self)
{
  return self->work == NULL || list_is_empty (&self->work->flights);
}
