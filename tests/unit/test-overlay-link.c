/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/link.h"

#include "core/base/limits.h"
#include "core/wire/frame.h"

#include <string.h>

/* One link, and a wire whose other end is the test. */

typedef struct Fixture {
  Timers *timers;
  NodePorts ports;
  Certificate certificate;
  LinkHost host;
  Link link;
  Timer timer;  /* of the link */
  GArray *sent; /* of Sent: data frames */
  GArray *acks; /* of FramedMessage */
  GByteArray *messages;
  unsigned message_count;
  unsigned suspected;
  bool is_suspected;
  unsigned failed;
  GByteArray *stalled; /* their first bytes */
} Fixture;

typedef struct Sent {
  uint32_t sequence;
  uint8_t first; /* byte of the message */
  uint64_t at;
} Sent;

static Fixture *
fixture_of (Link *link)
{
  return list_element (link, Fixture, link);
}

static void
on_send (Link *link, Bytes bytes)
{
  Fixture *self = fixture_of (link);
  FramedMessage frame;
  Sent sent = { .at = timers_now (self->timers) };

  g_assert_true (frame_decode (bytes, &frame));
  if (frame.type == FRAME_ACK) {
    g_array_append_val (self->acks, frame);
    return;
  }
  sent.sequence = frame.sequence;
  sent.first = frame.message.size > 0 ? frame.message.data[0] : 0;
  g_array_append_val (self->sent, sent);
}

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
}

static void
on_message (Link *link, Bytes message)
{
  Fixture *self = fixture_of (link);

  g_byte_array_append (self->messages, message.data, (guint) message.size);
  self->message_count++;
}

static void
on_suspected (Link *link, bool is_suspected)
{
  fixture_of (link)->suspected++;
  fixture_of (link)->is_suspected = is_suspected;
}

static void
on_stalled (Link *link, Bytes message)
{
  g_byte_array_append (fixture_of (link)->stalled, message.data, 1);
}

static void
on_failed (Link *link)
{
  fixture_of (link)->failed++;
}

static void
on_wake (Link *link, uint64_t due)
{
  Fixture *self = fixture_of (link);
  uint64_t now = timers_now (self->timers);

  if (due == TIME_NEVER)
    timer_stop (&self->timer);
  else
    timer_start (&self->timer, self->timers, due > now ? due - now : 0);
}

static void
on_timer (Timer *timer, void *owner)
{
  link_woken (&((Fixture *) owner)->link);
}

static void
set_up (Fixture *self, const void *is_stream)
{
  self->timers = timers_new (0);
  self->ports = (NodePorts){ .world = self, .timers = self->timers, .log = port_log };
  g_atomic_ref_count_init (&self->certificate.references);
  self->host =
    (LinkHost){ &self->ports, on_send, on_message, on_suspected, on_stalled, on_failed, on_wake };
  timer_init (&self->timer, on_timer, self);
  link_init (&self->link, &self->host, &self->certificate, is_stream != NULL);
  self->sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  self->acks = g_array_new (FALSE, FALSE, sizeof (FramedMessage));
  self->messages = g_byte_array_new ();
  self->stalled = g_byte_array_new ();
}

static void
tear_down (Fixture *self, const void *is_stream)
{
  link_clear (&self->link);
  timer_stop (&self->timer);
  g_array_unref (self->sent);
  g_array_unref (self->acks);
  g_byte_array_unref (self->messages);
  g_byte_array_unref (self->stalled);
  timers_free (self->timers);
}

static void
run (Fixture *self, uint64_t microseconds)
{
  timers_advance (self->timers, timers_now (self->timers) + microseconds, SIZE_MAX);
}

static const Sent *
sent_at (const Fixture *self, unsigned i)
{
  g_assert_cmpuint (i, <, self->sent->len);
  return &g_array_index (self->sent, Sent, i);
}

static void
say (Fixture *self, uint8_t text)
{
  link_send (&self->link, (Bytes){ &text, 1 });
}

static GByteArray *
frame_of (const FramedMessage *frame)
{
  GByteArray *bytes = g_byte_array_new ();

  g_assert_true (framed_message_encode (frame, bytes));
  return bytes;
}

static void
give (Fixture *self, const FramedMessage *frame)
{
  g_autoptr (GByteArray) bytes = frame_of (frame);

  link_receive (&self->link, (Bytes){ bytes->data, bytes->len });
}

static void
acknowledge (Fixture *self, uint32_t sequence, uint32_t received)
{
  give (self,
        &(FramedMessage){ .type = FRAME_ACK, .ack_sequence = sequence, .received = received });
}

static void
hear (Fixture *self, uint32_t sequence, const char *text)
{
  give (self, &(FramedMessage){
                .type = FRAME_DATA, .sequence = sequence, .message = bytes_of_text (text) });
}

static void
test_window (Fixture *self, const void *data)
{
  unsigned expected = 1;

  for (unsigned i = 0; i < 200; i++)
    say (self, (uint8_t) (1 + i));
  for (unsigned round = 0, from = 0; round < 6; round++) {
    g_assert_cmpuint (self->sent->len - from, ==, expected);
    unsigned until = self->sent->len;
    run (self, 10 * TIME_MS);
    for (; from < until; from++)
      acknowledge (self, sent_at (self, from)->sequence, 0);
    from = until;
    expected = MIN (2 * expected, (unsigned) LIMIT_LINK_WINDOW);
  }
  for (unsigned i = 0; i < self->sent->len; i++)
    g_assert_cmpuint (sent_at (self, i)->first, ==, (uint8_t) (1 + i));
}

static void
test_loss (Fixture *self, const void *data)
{
  say (self, 1);
  run (self, 20 * TIME_MS);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  g_assert_cmpuint (link_rtt (&self->link), ==, 20 * TIME_MS);
  say (self, 2);
  run (self, 400 * TIME_MS);
  g_assert_cmpuint (self->sent->len, >=, 3);
  g_assert_cmpuint (sent_at (self, 2)->first, ==, 2);
  /* Every transmission has its own number, so its ACK measures it. */
  g_assert_cmpuint (sent_at (self, 2)->sequence, !=, sent_at (self, 1)->sequence);
  acknowledge (self, sent_at (self, 2)->sequence, 0);
  g_assert_true (link_is_idle (&self->link));
  run (self, 10 * TIME_SECOND);
  g_assert_cmpuint (self->failed, ==, 0);
}

static void
test_mask (Fixture *self, const void *data)
{
  say (self, 1);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  say (self, 2);
  say (self, 3);
  g_assert_cmpuint (self->sent->len, ==, 3);
  /* The ACK of the first of two was lost; the second's mask tells of it. */
  acknowledge (self, sent_at (self, 2)->sequence, 1U << 1);
  g_assert_true (link_is_idle (&self->link));
}

static void
test_five_sends (Fixture *self, const void *data)
{
  say (self, 1);
  run (self, 5 * TIME_MINUTE);
  g_assert_cmpuint (self->sent->len, ==, 5);
  g_assert_cmpuint (self->failed, ==, 1);
  g_assert_true (link_is_suspected (&self->link));
  for (unsigned i = 2; i < 5; i++)
    g_assert_cmpuint (sent_at (self, i)->at - sent_at (self, i - 1)->at, >,
                      sent_at (self, i - 1)->at - sent_at (self, i - 2)->at);
  say (self, 2);
  run (self, TIME_MINUTE);
  g_assert_cmpuint (self->sent->len, ==, 5);
  g_assert_cmpuint (self->failed, ==, 1);
}

static void
test_restored (Fixture *self, const void *data)
{
  say (self, 1);
  for (unsigned i = 0; i < 100 && !self->is_suspected; i++)
    run (self, 100 * TIME_MS);
  g_assert_true (self->is_suspected);
  g_assert_cmpuint (self->failed, ==, 0);
  acknowledge (self, sent_at (self, self->sent->len - 1)->sequence, 0);
  g_assert_false (self->is_suspected);
  g_assert_cmpuint (self->suspected, ==, 2);
}

/* Of what may go another way each message is told of once, before the link is suspect; also what
 * the window holds back. */
static void
test_stalled (Fixture *self, const void *data)
{
  say (self, 1);
  say (self, 2);
  link_send (&self->link, (Bytes){ NULL, 0 });
  run (self, 1400 * TIME_MS);
  g_assert_cmpuint (self->stalled->len, ==, 0);
  run (self, 200 * TIME_MS);
  g_assert_cmpuint (self->stalled->len, ==, 2);
  g_assert_cmpuint (self->stalled->data[0], ==, 1);
  g_assert_cmpuint (self->stalled->data[1], ==, 2);
  g_assert_false (self->is_suspected);
  run (self, TIME_MINUTE);
  g_assert_cmpuint (self->stalled->len, ==, 2);
}

/* A number long past names nothing. */
static void
test_stale_ack (Fixture *self, const void *data)
{
  say (self, 1);
  acknowledge (self, sent_at (self, 0)->sequence - 1, UINT32_MAX);
  acknowledge (self, sent_at (self, 0)->sequence + 40, UINT32_MAX);
  g_assert_false (link_is_idle (&self->link));
  acknowledge (self, sent_at (self, 0)->sequence + 31, UINT32_C (1) << 31);
  g_assert_true (link_is_idle (&self->link));
}

static void
test_receiver (Fixture *self, const void *data)
{
  hear (self, 5, "b");
  hear (self, 4, "a");
  hear (self, 5, "b");
  hear (self, 9, "c");
  g_assert_cmpuint (self->acks->len, ==, 4);
  g_assert_cmpuint (g_array_index (self->acks, FramedMessage, 1).ack_sequence, ==, 4);
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 0).received, ==, 0);
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 3).received, ==, 1U << 4 | 1U << 5);
  g_assert_cmpuint (self->message_count, ==, 4);
}

/* RTO is the smoothed round trip and four deviations, in whole milliseconds (RFC 6298, 2.2; RFC
 * 6940, 6.6.3.1). */
static void
test_rto (Fixture *self, const void *data)
{
  say (self, 1);
  run (self, 100 * TIME_MS + 300);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  g_assert_cmpuint (link_rtt (&self->link), ==, 100 * TIME_MS + 300);
  say (self, 2); /* RTO = R + 4 * R / 2 = 300.9 ms */
  run (self, TIME_SECOND);
  g_assert_cmpuint (sent_at (self, 2)->at - sent_at (self, 1)->at, ==, 301 * TIME_MS);
  g_assert_cmpuint (sent_at (self, 3)->at - sent_at (self, 2)->at, ==, 602 * TIME_MS);
  g_assert_cmpuint (sent_at (self, 2)->sequence, ==, sent_at (self, 1)->sequence + 1);
  g_assert_cmpuint (sent_at (self, 3)->sequence, ==, sent_at (self, 2)->sequence + 1);
}

/* Before anything was measured: 0, 500, 1500, 3500, 7500 ms. */
static void
test_first_rto (Fixture *self, const void *data)
{
  static const unsigned times_ms[] = { 0, 500, 1500, 3500, 7500 };

  say (self, 1);
  run (self, 7400 * TIME_MS);
  g_assert_cmpuint (sent_at (self, 0)->sequence, ==, 0);
  g_assert_true (self->is_suspected); /* since the third retransmission */
  run (self, 10 * TIME_SECOND);
  g_assert_cmpuint (self->sent->len, ==, G_N_ELEMENTS (times_ms));
  for (unsigned i = 0; i < G_N_ELEMENTS (times_ms); i++)
    g_assert_cmpuint (sent_at (self, i)->at, ==, times_ms[i] * TIME_MS);
}

/* Grows to `window` by acknowledged rounds. */
static void
grow_to (Fixture *self, unsigned window)
{
  for (unsigned size = 1; size < window; size *= 2)
    for (unsigned i = 0; i < size; i++) {
      say (self, 1);
      run (self, 10 * TIME_MS);
      acknowledge (self, sent_at (self, self->sent->len - 1)->sequence, 0);
    }
}

/* What the network lost is a sign that there is too much of it (RFC 5405, 3.1). */
static void
test_congestion (Fixture *self, const void *data)
{
  unsigned before;

  grow_to (self, 16);
  before = self->sent->len;
  for (unsigned i = 0; i < 100; i++)
    say (self, 2);
  g_assert_cmpuint (self->sent->len - before, ==, 16);
  run (self, 60 * TIME_MS); /* one RTO and a bit: all 16 again, the window is 8 */
  before = self->sent->len;
  for (unsigned i = 0; i < 16; i++)
    acknowledge (self, sent_at (self, before - 1 - i)->sequence, 0);
  g_assert_cmpuint (self->sent->len - before, >=, 8);
  g_assert_cmpuint (self->sent->len - before, <=, 16);
}

/* A window of one is a lawful stop-and-wait sender (6.6.3.1). */
static void
test_stop_and_wait (Fixture *self, const void *data)
{
  say (self, 1);
  say (self, 2);
  run (self, 600 * TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 2);
  g_assert_cmpuint (sent_at (self, 1)->first, ==, 1);
  acknowledge (self, sent_at (self, 1)->sequence, 0);
  g_assert_cmpuint (sent_at (self, 2)->first, ==, 2);
}

/* The mask knows the 32 that came last, whatever their numbers (6.6.2). */
static void
test_received_mask (Fixture *self, const void *data)
{
  for (uint32_t i = 0; i < 40; i++)
    hear (self, i, "x");
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 0).received, ==, 0);
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 3).received, ==, 0xe);
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 39).received, ==, 0xfffffffe);
  hear (self, 71, "x");
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 40).received, ==, 0);
  hear (self, 72, "x");
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 41).received, ==, 1U << 1);
  hear (self, 50, "x");
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 42).received, ==, 0xfffff800);
  for (unsigned i = 0; i < self->acks->len; i++)
    g_assert_cmpuint (g_array_index (self->acks, FramedMessage, i).type, ==, FRAME_ACK);
}

/* Numbers go round (6.6.2). */
static void
test_numbers_wrap (Fixture *self, const void *data)
{
  hear (self, UINT32_MAX, "x");
  hear (self, 0, "x");
  hear (self, 2, "x");
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 1).received, ==, 1U << 1);
  g_assert_cmphex (g_array_index (self->acks, FramedMessage, 2).received, ==, 1U << 2 | 1U << 3);
}

static void
test_queue_limit (Fixture *self, const void *data)
{
  uint8_t message[1024] = { 1 };

  for (unsigned i = 0; i <= LIMIT_LINK_QUEUE / sizeof message + 1; i++)
    link_send (&self->link, (Bytes){ message, sizeof message });
  g_assert_cmpuint (self->failed, ==, 0); /* not from inside */
  timers_advance (self->timers, timers_now (self->timers) + TIME_MS, 100);
  g_assert_cmpuint (self->failed, ==, 1);
}

static void
test_framing (Fixture *self, const void *data)
{
  static const uint8_t nonsense[] = { 1, 2, 3 };

  for (unsigned i = 0; i < LIMIT_FRAMING_ERRORS - 1; i++)
    link_receive (&self->link, (Bytes){ nonsense, 3 });
  run (self, 61 * TIME_SECOND);
  for (unsigned i = 0; i < LIMIT_FRAMING_ERRORS - 1; i++)
    link_receive (&self->link, (Bytes){ nonsense, 3 });
  g_assert_cmpuint (self->failed, ==, 0);
  link_receive (&self->link, (Bytes){ nonsense, 3 });
  g_assert_cmpuint (self->failed, ==, 1);
}

/* What is sent in between and acknowledged changes nothing. */
static void
test_framing_at_rest (Fixture *self, const void *data)
{
  static const uint8_t nonsense[] = { 1, 2, 3 };

  for (unsigned i = 0; i < LIMIT_FRAMING_ERRORS; i++) {
    g_assert_cmpuint (self->failed, ==, 0);
    say (self, 'x');
    acknowledge (self, sent_at (self, i)->sequence, 0);
    g_assert_true (link_is_idle (&self->link));
    link_receive (&self->link, (Bytes){ nonsense, 3 });
  }
  g_assert_cmpuint (self->failed, ==, 1);
}

static void
test_probe (Fixture *self, const void *data)
{
  link_set_probe (&self->link, 2 * TIME_SECOND);
  run (self, 2 * TIME_SECOND);
  g_assert_cmpuint (self->sent->len, ==, 1);
  g_assert_cmpuint (sent_at (self, 0)->first, ==, 0);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  run (self, TIME_SECOND);
  hear (self, 1, "x");
  run (self, 1900 * TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 1);
  run (self, 105 * TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 2);
  link_set_probe (&self->link, 0);
  acknowledge (self, sent_at (self, 1)->sequence, 0);
  run (self, TIME_MINUTE);
  g_assert_cmpuint (self->sent->len, ==, 2);
}

/* To ask sooner does not begin the silence anew, and to ask as before changes nothing. */
static void
test_sooner (Fixture *self, const void *data)
{
  link_set_probe (&self->link, 20 * TIME_SECOND);
  for (unsigned i = 0; i < 10; i++) {
    run (self, TIME_SECOND);
    link_set_probe (&self->link, 20 * TIME_SECOND);
  }
  g_assert_cmpuint (self->sent->len, ==, 0);
  link_set_probe (&self->link, 2 * TIME_SECOND);
  run (self, TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 1);
  link_set_probe (&self->link, 20 * TIME_SECOND);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  run (self, 19 * TIME_SECOND);
  g_assert_cmpuint (self->sent->len, ==, 1);
  run (self, TIME_SECOND);
  g_assert_cmpuint (self->sent->len, ==, 2);
}

static void
test_demand (Fixture *self, const void *data)
{
  link_demand (&self->link);
  run (self, 1990 * TIME_MS);
  link_demand (&self->link); /* buys no time */
  g_assert_cmpuint (self->failed, ==, 0);
  run (self, 20 * TIME_MS);
  g_assert_cmpuint (self->failed, ==, 1);
}

static void
test_demand_met (Fixture *self, const void *data)
{
  link_demand (&self->link);
  run (self, 100 * TIME_MS);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  run (self, TIME_MINUTE);
  link_demand (&self->link);
  run (self, TIME_SECOND);
  hear (self, 1, "x");
  run (self, TIME_SECOND);
  g_assert_cmpuint (self->failed, ==, 0);
}

static void
test_second (Fixture *self, const void *data)
{
  link_ask_second (&self->link);
  say (self, 1);
  run (self, 40 * TIME_MS);
  acknowledge (self, sent_at (self, 0)->sequence, 0); /* RTO is 120 ms */
  link_set_probe (&self->link, 2 * TIME_SECOND);
  for (uint32_t i = 0; i < 10; i++) {
    run (self, 2100 * TIME_MS);
    hear (self, i, "");
  }
  g_assert_cmpuint (self->sent->len, ==, 1);
  run (self, 2100 * TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 1);
  run (self, 25 * TIME_MS);
  g_assert_cmpuint (self->sent->len, ==, 2);
}

/* Frames of a stream, cut wherever it may be. */
static void
test_stream_cuts (Fixture *self, const void *data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  size_t before = 0;

  for (uint32_t i = 0; i < 5; i++) {
    char text[] = "message 0";
    text[8] = (char) ('0' + i);
    framed_message_encode (&(FramedMessage){ .type = FRAME_DATA,
                                             .sequence = i,
                                             .message = bytes_of_text (text) },
                           bytes);
  }
  for (size_t cut = 1; cut < bytes->len; cut++) {
    link_receive (&self->link, (Bytes){ bytes->data, cut });
    link_receive (&self->link, (Bytes){ bytes->data + cut, bytes->len - cut });
    g_assert_cmpuint (self->messages->len - before, ==, 45);
    g_assert_cmpmem (self->messages->data + before, 45,
                     "message 0message 1message 2message 3message 4", 45);
    before = self->messages->len;
  }
  for (size_t i = 0; i < bytes->len; i++)
    link_receive (&self->link, (Bytes){ bytes->data + i, 1 });
  g_assert_cmpuint (self->messages->len - before, ==, 45);
}

static void
test_stream_lost (Fixture *self, const void *data)
{
  static const uint8_t nonsense[] = { 1, 2, 3 };

  link_receive (&self->link, (Bytes){ nonsense, 3 });
  g_assert_cmpuint (self->failed, ==, 1);
  hear (self, 1, "x");
  g_assert_cmpuint (self->message_count, ==, 0);
}

static void
test_stream_silence (Fixture *self, const void *data)
{
  say (self, 1);
  say (self, 2);
  g_assert_cmpuint (self->sent->len, ==, 2);
  run (self, 990 * TIME_MS);
  g_assert_false (self->is_suspected);
  run (self, 20 * TIME_MS);
  g_assert_true (self->is_suspected);
  run (self, 28980 * TIME_MS);
  g_assert_cmpuint (self->failed, ==, 0);
  run (self, 20 * TIME_MS);
  g_assert_cmpuint (self->failed, ==, 1);
  g_assert_cmpuint (self->sent->len, ==, 2);
}

/* Where the way is long, silence of more than a second is nothing yet. */
static void
test_stream_rto (Fixture *self, const void *data)
{
  say (self, 1);
  run (self, 900 * TIME_MS);
  acknowledge (self, sent_at (self, 0)->sequence, 0);
  g_assert_cmpuint (link_rtt (&self->link), ==, 900 * TIME_MS);
  say (self, 2);
  run (self, 2690 * TIME_MS); /* RTO is 900 + 4 * 450 ms */
  g_assert_false (self->is_suspected);
  run (self, 20 * TIME_MS);
  g_assert_true (self->is_suspected);
  acknowledge (self, sent_at (self, 1)->sequence, 0);
  g_assert_false (self->is_suspected);
  run (self, TIME_MINUTE);
  g_assert_cmpuint (self->failed, ==, 0);
}

#define ADD(path, func)        g_test_add (path, Fixture, NULL, set_up, func, tear_down)
#define ADD_STREAM(path, func) g_test_add (path, Fixture, (void *) path, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/link/sender/the-window-doubles-each-round-up-to-the-mask", test_window);
  ADD ("/link/sender/rfc6940-6.6.3-1-the-window-is-halved-by-a-loss", test_congestion);
  ADD ("/link/sender/rfc6940-6.6.3.1-1-it-starts-with-stop-and-wait", test_stop_and_wait);
  ADD ("/link/sender/what-is-lost-is-sent-again-and-measured", test_loss);
  ADD ("/link/sender/rfc6940-6.6.3.1-2-rfc6940-6.6.3.1-8-as-the-example-says", test_first_rto);
  ADD ("/link/sender/rfc6940-6.6.3.1-3-rfc6940-6.6.3.1-6-rto-is-that-of-rfc-6298", test_rto);
  ADD ("/link/sender/five-sends-and-it-is-over", test_five_sends);
  ADD ("/link/sender/the-mask-makes-up-for-a-lost-ack", test_mask);
  ADD ("/link/sender/suspected-until-an-ack-comes", test_restored);
  ADD ("/link/sender/what-stalls-is-told-of-once", test_stalled);
  ADD ("/link/sender/an-ack-names-32-numbers-and-no-more", test_stale_ack);
  ADD ("/link/sender/threat-5.9-a-queue-has-its-limit", test_queue_limit);
  ADD ("/link/receiver/reordered-and-repeated-frames-are-acknowledged", test_receiver);
  ADD ("/link/receiver/rfc6940-6.6.2-2-the-mask-names-the-32-that-came-last", test_received_mask);
  ADD ("/link/receiver/numbers-go-round", test_numbers_wrap);
  ADD ("/link/receiver/threat-1.1-eight-framing-errors-a-minute-close-it", test_framing);
  ADD ("/link/receiver/threat-1.1-errors-are-counted-while-nothing-is-sent", test_framing_at_rest);
  ADD ("/link/probe/only-after-silence", test_probe);
  ADD ("/link/probe/sooner-than-before", test_sooner);
  ADD ("/link/probe/the-second-asks-when-the-first-is-silent", test_second);
  ADD ("/link/probe/who-does-not-meet-a-demand-is-gone-in-two-seconds", test_demand);
  ADD ("/link/probe/any-sign-of-life-meets-a-demand", test_demand_met);
  ADD_STREAM ("/link/stream/frames-are-put-together-wherever-they-are-cut", test_stream_cuts);
  ADD_STREAM ("/link/stream/what-is-no-frame-ends-it", test_stream_lost);
  ADD_STREAM ("/link/stream/silence-is-suspect-then-death", test_stream_silence);
  ADD_STREAM ("/link/stream/rfc6940-6.6.5-1-rto-is-measured", test_stream_rto);
  return g_test_run ();
}
