/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock-desk.h"

#include "core/base/limits.h"
#include "core/os/knock.h"

#include <string.h>

/* A visitor says one thing, and hears one thing when the knock is over. Only members get here, each
 * of them once in PAUSE; who is led to is who asks, since TCP vouches for his address; and what is
 * sent there is no more than he has sent himself. So nobody can have a stranger knocked at, search
 * ports at a pace worth it, or make two packets of one. */

static const uint64_t PAUSE = LIMIT_KNOCK_PAUSE_S * TIME_SECOND;
static const uint64_t PATIENCE = LIMIT_HANDSHAKE_S * TIME_SECOND; /* with who stays, or is dumb */

typedef struct Visitor {
  ListLink all;
  KnockDesk *desk;
  Address from;
  NodeId member;
  TlsStream *stream;
  uint8_t heard[KNOCK_QUESTION_SIZE];
  size_t heard_size;
  Knock *knock; /* NULL before it has asked, and afterwards */
  bool has_asked;
  Timer deadline;
} Visitor;

/* Who was here lately. */
typedef struct Caller {
  NodeId member;
  uint64_t last; /* 0: nobody */
} Caller;

struct KnockDesk {
  Loop *loop;
  const Address *from;
  ListLink visitors;
  unsigned count;
  Caller callers[LIMIT_KNOCK_CALLERS];
  KnockReport report;
};

static void
visitor_free (Visitor *visitor)
{
  timer_stop (&visitor->deadline);
  knock_free (visitor->knock);
  tls_stream_free (visitor->stream);
  list_remove (&visitor->all);
  visitor->desk->count--;
  g_free (visitor);
}

static void
visitor_end_later (Visitor *visitor, uint64_t delay)
{
  timer_start (&visitor->deadline, loop_timers (visitor->desk->loop), delay);
}

static void
on_deadline (Timer *timer, void *owner)
{
  visitor_free (owner);
}

/* He hangs up when he has heard it. */
static void
visitor_answer (Visitor *visitor, uint8_t ways)
{
  KnockAnswer answer = { ways, visitor->from };
  uint8_t bytes[KNOCK_ANSWER_SIZE];

  if (ways & KNOCK_REFUSED)
    visitor->desk->report.refused++;
  else
    visitor->desk->report.done++;
  knock_answer_encode (&answer, bytes);
  tls_stream_send (visitor->stream, (Bytes){ bytes, sizeof bytes });
  visitor_end_later (visitor, PATIENCE);
}

static void
on_knocked (uint8_t ways, void *owner)
{
  Visitor *visitor = owner;

  g_clear_pointer (&visitor->knock, knock_free);
  visitor_answer (visitor, ways);
}

/* Notes that the member is here, unless it was a moment ago, or too many were. */
static bool
desk_admits (KnockDesk *self, const NodeId *member)
{
  uint64_t now = timers_now (loop_timers (self->loop));
  Caller *place = NULL;

  for (size_t i = 0; i < LIMIT_KNOCK_CALLERS; i++) {
    Caller *caller = &self->callers[i];
    bool is_recent = caller->last > 0 && now < caller->last + PAUSE;
    if (is_recent && node_id_equal (&caller->member, member))
      return false;
    if (!is_recent && place == NULL)
      place = caller;
  }
  if (place != NULL)
    *place = (Caller){ *member, MAX (now, 1) };
  return place != NULL;
}

static void
visitor_ask (Visitor *visitor)
{
  KnockDesk *self = visitor->desk;
  Address at = visitor->from;

  visitor->has_asked = true;
  if (!knock_question_decode ((Bytes){ visitor->heard, visitor->heard_size }, &at.port) ||
      !desk_admits (self, &visitor->member)) {
    visitor_answer (visitor, KNOCK_REFUSED);
    return;
  }
  timer_stop (&visitor->deadline);
  visitor->knock = knock_new (self->loop, &at, self->from, on_knocked, visitor);
}

static void
on_stream_up (void *owner)
{
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
  Visitor *visitor = owner;
  size_t size = MIN (bytes.size, sizeof visitor->heard - visitor->heard_size);

  memcpy (visitor->heard + visitor->heard_size, bytes.data, size);
  visitor->heard_size += size;
  if (visitor->heard_size == sizeof visitor->heard && !visitor->has_asked)
    visitor_ask (visitor);
}

static void
on_stream_down (void *owner, LinkEnd end)
{
  visitor_end_later (owner, 0);
}

static const TlsStreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

KnockDesk *
knock_desk_new (Loop *loop, const Address *from)
{
  KnockDesk *self = g_new0 (KnockDesk, 1);

  self->loop = loop;
  self->from = from;
  list_init (&self->visitors);
  return self;
}

void
knock_desk_free (KnockDesk *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->visitors, l) visitor_free (list_element (l, Visitor, all));
  g_free (self);
}

void
knock_desk_take (KnockDesk *self, const Address *from, TlsStream *stream)
{
  Visitor *visitor = g_new0 (Visitor, 1);

  visitor->desk = self;
  visitor->from = *from;
  visitor->member = tls_stream_peer (stream)->certificate->node_ids[0];
  visitor->stream = stream;
  timer_init (&visitor->deadline, on_deadline, visitor);
  list_append (&self->visitors, &visitor->all);
  tls_stream_hand_over (stream, &stream_events, visitor);
  visitor_end_later (visitor, PATIENCE);
  if (++self->count <= LIMIT_KNOCKS)
    return;
  visitor->has_asked = true;
  visitor_answer (visitor, KNOCK_REFUSED);
}

KnockReport
knock_desk_report (const KnockDesk *self)
{
  return self->report;
}
