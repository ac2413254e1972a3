/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/fragment.h"

#include "core/base/limits.h"
#include "core/base/list.h"

#include <string.h>

/* A partial message is a buffer that grows with what has really arrived (never with what a header
 * claims) and a short list of the runs that are there. The oldest partial message gives way when
 * its link has too many, or all together hold too much. */

enum { PIECE_MIN = 256, RUNS = 64, PATH_GROWTH = 32 };

typedef struct Run {
  uint32_t start;
  uint32_t end;
} Run;

typedef struct Partial {
  ListLink all;
  uint32_t link;
  uint64_t transaction_id;
  uint64_t started_at;
  GByteArray *bytes;
  uint32_t total; /* 0 until the last fragment has come */
  Run runs[RUNS];
  size_t run_count;
} Partial;

struct Reassembly {
  Timers *timers;
  ListLink partials; /* the oldest first */
  size_t bytes;
  Timer expiry_timer;
};

static void
partial_free (Reassembly *self, Partial *partial)
{
  list_remove (&partial->all);
  self->bytes -= partial->bytes->len;
  g_byte_array_unref (partial->bytes);
  g_free (partial);
}

static void
on_expiry (Timer *timer, void *owner)
{
  Reassembly *self = owner;
  uint64_t now = timers_now (self->timers);

  while (!list_is_empty (&self->partials)) {
    Partial *oldest = list_element (self->partials.next, Partial, all);
    uint64_t due = oldest->started_at + LIMIT_REASSEMBLY_S * TIME_SECOND;
    if (due > now) {
      timer_start (timer, self->timers, due - now);
      return;
    }
    partial_free (self, oldest);
  }
}

Reassembly *
reassembly_new (Timers *timers)
{
  Reassembly *self = g_new0 (Reassembly, 1);

  self->timers = timers;
  list_init (&self->partials);
  timer_init (&self->expiry_timer, on_expiry, self);
  return self;
}

void
reassembly_free (Reassembly *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->partials, l) partial_free (self, list_element (l, Partial, all));
  timer_stop (&self->expiry_timer);
  g_free (self);
}

static Partial *
find (Reassembly *self, uint32_t link, uint64_t transaction_id)
{
  list_for_each (&self->partials, l)
  {
    Partial *partial = list_element (l, Partial, all);
    if (partial->transaction_id == transaction_id && partial->link == link)
      return partial;
  }
  return NULL;
}

static void
make_room (Reassembly *self, uint32_t link, size_t size)
{
  unsigned count = 0;
  Partial *oldest = NULL;

  list_for_each (&self->partials, l)
  {
    Partial *partial = list_element (l, Partial, all);
    if (partial->link != link)
      continue;
    count++;
    oldest = oldest != NULL ? oldest : partial;
  }
  if (count >= LIMIT_REASSEMBLIES_LINK)
    partial_free (self, oldest);
  while (!list_is_empty (&self->partials) && self->bytes + size > LIMIT_REASSEMBLY_BYTES)
    partial_free (self, list_element (self->partials.next, Partial, all));
}

static Partial *
start (Reassembly *self, uint32_t link, const ForwardingHeader *header, size_t size)
{
  Partial *partial = g_new0 (Partial, 1);

  make_room (self, link, size);
  partial->link = link;
  partial->transaction_id = header->transaction_id;
  partial->started_at = timers_now (self->timers);
  partial->bytes = g_byte_array_new ();
  list_append (&self->partials, &partial->all);
  if (!timer_is_set (&self->expiry_timer))
    timer_start (&self->expiry_timer, self->timers, LIMIT_REASSEMBLY_S * TIME_SECOND);
  return partial;
}

/* The same piece twice is lawful (a retransmission); overlapping ones are not. */
typedef enum RunFit { RUN_NEW, RUN_REPEATED, RUN_BAD } RunFit;

static RunFit
fit (const Partial *partial, Run run)
{
  for (size_t i = 0; i < partial->run_count; i++) {
    Run old = partial->runs[i];
    if (old.start <= run.start && run.end <= old.end)
      return RUN_REPEATED;
    if (run.start < old.end && old.start < run.end)
      return RUN_BAD;
  }
  return partial->run_count < RUNS ? RUN_NEW : RUN_BAD;
}

static void
add_run (Partial *partial, Run run)
{
  for (size_t i = 0; i < partial->run_count;) {
    Run old = partial->runs[i];
    if (old.end != run.start && old.start != run.end) {
      i++;
      continue;
    }
    run = (Run){ MIN (old.start, run.start), MAX (old.end, run.end) };
    partial->runs[i] = partial->runs[--partial->run_count];
    i = 0;
  }
  partial->runs[partial->run_count++] = run;
}

static void
write_piece (Reassembly *self, Partial *partial, Run run, Bytes piece)
{
  if (partial->bytes->len < run.end) {
    self->bytes += run.end - partial->bytes->len;
    g_byte_array_set_size (partial->bytes, run.end);
  }
  memcpy (partial->bytes->data + run.start, piece.data, piece.size);
  add_run (partial, run);
}

static bool
is_whole (const Partial *partial)
{
  return partial->total > 0 && partial->run_count == 1 && partial->runs[0].start == 0 &&
         partial->runs[0].end == partial->total;
}

static bool
fits_total (const Partial *partial, const ForwardingHeader *header, Run run)
{
  if (!header_is_last_fragment (header))
    return partial->total == 0 || run.end < partial->total;
  return (partial->total == 0 || partial->total == run.end) && partial->bytes->len <= run.end;
}

ReassemblyResult
reassembly_add (Reassembly *self,
                uint32_t link,
                const ForwardingHeader *header,
                Bytes piece,
                size_t size_max,
                GBytes **ret_payload)
{
  Run run = { header_fragment_offset (header), 0 };
  Partial *partial;

  if (piece.size == 0 || run.start + piece.size > size_max)
    return REASSEMBLY_REFUSED;
  run.end = run.start + (uint32_t) piece.size;
  partial = find (self, link, header->transaction_id);
  if (partial == NULL)
    partial = start (self, link, header, piece.size);
  switch (fit (partial, run)) {
  case RUN_REPEATED:
    return REASSEMBLY_WAITING;
  case RUN_BAD:
    partial_free (self, partial);
    return REASSEMBLY_REFUSED;
  case RUN_NEW:
    break;
  }
  if (!fits_total (partial, header, run)) {
    partial_free (self, partial);
    return REASSEMBLY_REFUSED;
  }
  if (header_is_last_fragment (header))
    partial->total = run.end;
  write_piece (self, partial, run, piece);
  if (!is_whole (partial))
    return REASSEMBLY_WAITING;
  *ret_payload = g_bytes_new (partial->bytes->data, partial->total);
  partial_free (self, partial);
  return REASSEMBLY_WHOLE;
}

size_t
fragment_size (size_t header_size, size_t payload_size, size_t message_size_max)
{
  size_t room, pieces;

  if (header_size + PATH_GROWTH + PIECE_MIN > message_size_max)
    return 0;
  room = message_size_max - header_size - PATH_GROWTH;
  pieces = (payload_size + room - 1) / room;
  return (payload_size + pieces - 1) / pieces;
}
