/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/reach.h"

#include "core/os/loop.h"
#include "core/os/socket.h"
#include "core/os/tls-stream.h"

#include <string.h>
#include <sys/socket.h>

/* Every peer that we are attached to talks with us anyway: through whatever firewall, since we
 * began. Whether a stranger could begin is another matter, and only a knock tells: see knock.h. */

typedef struct Visit {
  Reach *all;
  uint16_t port;
  ReachFinding finding;
  TlsStream *stream; /* NULL when there was no way to begin */
  uint8_t heard[KNOCK_ANSWER_SIZE];
  size_t heard_size;
  bool is_over;
  Timer deadline;
} Visit;

struct Reach {
  Loop *loop;
  Tls *tls;
  const Address *from;
  Visit *visits[LIMIT_KNOCKERS];
  size_t count;
  ReachFinding findings[LIMIT_KNOCKERS];
  size_t found;
  unsigned open; /* visits that are not over */
  Timer end;
  void (*done) (void *owner);
  void *owner;
};

static void
visit_free (Visit *visit)
{
  timer_stop (&visit->deadline);
  tls_stream_free (visit->stream);
  g_free (visit);
}

static void
visit_end (Visit *visit)
{
  Reach *self = visit->all;

  if (visit->is_over)
    return;
  visit->is_over = true;
  if (--self->open == 0)
    timer_start (&self->end, loop_timers (self->loop), 0);
}

static void
on_deadline (Timer *timer, void *owner)
{
  visit_end (owner);
}

static void
on_up (void *owner)
{
  Visit *visit = owner;
  uint8_t question[KNOCK_QUESTION_SIZE];

  knock_question_encode (visit->port, question);
  tls_stream_send (visit->stream, (Bytes){ question, sizeof question });
}

static void
on_receive (void *owner, Bytes bytes)
{
  Visit *visit = owner;
  size_t size = MIN (bytes.size, sizeof visit->heard - visit->heard_size);
  KnockAnswer answer;

  memcpy (visit->heard + visit->heard_size, bytes.data, size);
  visit->heard_size += size;
  if (visit->heard_size < sizeof visit->heard || visit->is_over)
    return;
  if (knock_answer_decode ((Bytes){ visit->heard, visit->heard_size }, &answer) &&
      !(answer.ways & KNOCK_REFUSED)) {
    answer.address.port = visit->port;
    visit->finding.answer = answer;
  }
  tls_stream_close (visit->stream);
  visit_end (visit);
}

static void
on_down (void *owner, LinkEnd end)
{
  visit_end (owner);
}

static const TlsStreamEvents stream_events = { on_up, on_receive, on_down };

static void
visit_begin (Visit *visit)
{
  Reach *self = visit->all;
  int fd = socket_connect (SOCK_STREAM, &visit->finding.peer, self->from);
  SSL *ssl;

  timer_init (&visit->deadline, on_deadline, visit);
  timer_start (&visit->deadline, loop_timers (self->loop), LIMIT_KNOCKER_MS * TIME_MS);
  if (fd < 0) {
    visit_end (visit);
    return;
  }
  ssl = tls_knock_connection (self->tls);
  visit->stream = tls_stream_new (self->loop, fd, self->tls, ssl, &stream_events, visit);
  tls_key_by_secret (ssl);
}

static void
reach_forget (Reach *self)
{
  for (size_t i = 0; i < self->count; i++)
    visit_free (self->visits[i]);
  self->count = 0;
}

/* The findings stay; whoever found them is not needed any more. */
static void
on_end (Timer *timer, void *owner)
{
  Reach *self = owner;

  for (size_t i = 0; i < self->count; i++)
    self->findings[i] = self->visits[i]->finding;
  reach_forget (self);
  self->done (self->owner);
}

Reach *
reach_new (Loop *loop, Tls *tls, const Address *from, void (*done) (void *owner), void *owner)
{
  Reach *self = g_new0 (Reach, 1);

  self->loop = loop;
  self->tls = tls;
  self->from = from;
  self->done = done;
  self->owner = owner;
  timer_init (&self->end, on_end, self);
  return self;
}

void
reach_free (Reach *self)
{
  if (self == NULL)
    return;
  reach_forget (self);
  timer_stop (&self->end);
  g_free (self);
}

void
reach_ask (Reach *self, const ReachErrand *errands, size_t count)
{
  g_assert (!reach_is_asking (self));
  self->found = self->count = self->open = (unsigned) MIN (count, LIMIT_KNOCKERS);
  for (size_t i = 0; i < self->count; i++) {
    self->visits[i] = g_new0 (Visit, 1);
    self->visits[i]->all = self;
    self->visits[i]->port = errands[i].port;
    self->visits[i]->finding.peer = errands[i].peer;
  }
  for (size_t i = 0; i < self->count; i++)
    visit_begin (self->visits[i]);
  if (self->count == 0)
    timer_start (&self->end, loop_timers (self->loop), 0);
}

void
reach_tell_again (Reach *self)
{
  timer_start (&self->end, loop_timers (self->loop), 0);
}

bool
reach_is_asking (const Reach *self)
{
  return self->open > 0 || timer_is_set (&self->end);
}

const ReachFinding *
reach_findings (const Reach *self, size_t *ret_count)
{
  *ret_count = self->found;
  return self->findings;
}

/* ---- What it means ---- */

static bool
is_same_host (const Address *a, const Address *b)
{
  return a->family == b->family && memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Of IPv4 a /24, of IPv6 a /64: what is one network most of the time. */
bool
reach_is_near (const Address *peer, const Address *seen)
{
  return peer->family == seen->family &&
         memcmp (peer->bytes, seen->bytes, peer->family == ADDRESS_IPV4 ? 3 : 8) == 0;
}

static bool
is_own (const Address *own, size_t own_count, const Address *address)
{
  for (size_t i = 0; i < own_count; i++)
    if (is_same_host (&own[i], address))
      return true;
  return false;
}

/* From where a peer knocked: from our own network, or from elsewhere at an address that is ours, or
 * at one that we share with others. */
typedef enum Side { SIDE_NEAR, SIDE_OURS, SIDE_SHARED, SIDE_COUNT } Side;

typedef struct Tally {
  unsigned knocks;
  uint8_t ways;
  Address address; /* of the last, better one that let somebody in */
} Tally;

static Side
side_of (const ReachFinding *finding, const Address *own, size_t own_count)
{
  const Address *at = &finding->answer.address;

  if (address_is_private (at) || reach_is_near (&finding->peer, at))
    return SIDE_NEAR;
  return is_own (own, own_count, at) ? SIDE_OURS : SIDE_SHARED;
}

static void
tally_add (Tally *tally, const KnockAnswer *answer)
{
  tally->knocks++;
  if (answer->ways != 0 || tally->ways == 0)
    tally->address = answer->address;
  tally->ways |= answer->ways & (KNOCK_UDP | KNOCK_TCP);
}

static ReachReport
report (ReachVerdict verdict, const Tally *tally)
{
  return (ReachReport){ .verdict = verdict,
                        .by_udp = (tally->ways & KNOCK_UDP) != 0,
                        .by_tcp = (tally->ways & KNOCK_TCP) != 0,
                        .address = tally->address };
}

/* A NAT that knows us lets in datagrams for a while, of anybody or of a few; a connection over TCP
 * it lets in only when it was told to lead it to us. */
ReachReport
reach_judge (const ReachFinding *findings, size_t count, const Address *own, size_t own_count)
{
  Tally tallies[SIDE_COUNT] = { 0 };
  const Tally *near = &tallies[SIDE_NEAR];
  const Tally *ours = &tallies[SIDE_OURS];
  const Tally *shared = &tallies[SIDE_SHARED];

  for (size_t i = 0; i < count; i++)
    if (findings[i].answer.address.family != ADDRESS_NONE)
      tally_add (&tallies[side_of (&findings[i], own, own_count)], &findings[i].answer);
  if (ours->ways != 0)
    return report (REACH_OPEN, ours);
  if (shared->ways & KNOCK_TCP)
    return report (REACH_OPEN, shared);
  if (near->knocks > 0 && near->ways == 0)
    return report (REACH_CLOSED_HERE, near);
  if (ours->knocks > 0)
    return report (REACH_CLOSED, ours);
  if (near->knocks + shared->knocks > 0)
    return report (REACH_NETWORK, near->knocks > 0 ? near : shared);
  return (ReachReport){ .verdict = REACH_UNKNOWN };
}
