/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"

/* Peers that were lost. For a while nobody's word that one of them is there counts: who says so has
 * not noticed yet. After that it does: the loss may have been ours alone, by a short cut say, and
 * then nobody has news to tell us of. So our nearest neighbors are asked for theirs. One of those
 * that went away is also tried each minute, by the address it listened on. */

#define DISBELIEF (30 * TIME_SECOND)
#define ASK_PAUSE (10 * TIME_SECOND)
#define RETRY     TIME_MINUTE

/* NULL when it was not lost, or is back. */
static GonePeer *
find (const Chord *self, const NodeId *id)
{
  for (unsigned i = 0; i < MIN (self->gone_count, (unsigned) LIMIT_GONE_PEERS); i++)
    if (node_id_equal (&self->gone[i].id, id))
      return &self->gone[i];
  return NULL;
}

void
chord_gone_note (Chord *self, const NodeId *id)
{
  chord_gone_forget (self, id);
  if (self->gone == NULL)
    self->gone = g_new0 (GonePeer, LIMIT_GONE_PEERS);
  self->gone[self->gone_count++ % LIMIT_GONE_PEERS] =
    (GonePeer){ .id = *id, .until = overlay_now (self->overlay) + DISBELIEF };
  if (self->gone_count >= 2 * LIMIT_GONE_PEERS)
    self->gone_count -= LIMIT_GONE_PEERS;
  if (!timer_is_set (&self->disbelief_timer))
    timer_start (&self->disbelief_timer, self->overlay->ports->timers, DISBELIEF);
}

void
chord_gone_forget (Chord *self, const NodeId *id)
{
  GonePeer *gone = find (self, id);

  if (gone != NULL)
    *gone = (GonePeer){ .until = 0 };
}

bool
chord_is_gone (const Chord *self, const NodeId *id)
{
  const GonePeer *gone = find (self, id);

  return gone != NULL && gone->until > overlay_now (self->overlay);
}

static void
ask_nearest (Chord *self)
{
  size_t counts[2];
  const NodeId *nearest[2] = { routing_table_successors (self->table, &counts[0]),
                               routing_table_predecessors (self->table, &counts[1]) };

  for (unsigned i = 0; i < G_N_ELEMENTS (nearest); i++) {
    Connection *connection = counts[i] > 0 ? chord_link_to (self, nearest[i]) : NULL;
    if (connection != NULL)
      chord_update_ask (self, connection);
  }
}

static void
on_disbelief_timer (Timer *timer, void *owner)
{
  Chord *self = owner;
  uint64_t now = overlay_now (self->overlay);
  uint64_t next = TIME_NEVER;
  bool is_missed = false;

  for (unsigned i = 0; i < LIMIT_GONE_PEERS; i++) {
    GonePeer *gone = &self->gone[i];
    if (gone->until > now) {
      next = MIN (next, gone->until);
    } else if (gone->until > 0) {
      gone->until = 0;
      is_missed = is_missed || routing_table_wants (self->table, &gone->id);
    }
  }
  if (is_missed && self->state == TOPOLOGY_JOINED)
    ask_nearest (self);
  if (next != TIME_NEVER)
    timer_start (timer, self->overlay->ports->timers, MAX (next - now, ASK_PAUSE));
}

static void
retry (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  unsigned count = MIN (self->gone_count, (unsigned) LIMIT_GONE_PEERS);
  unsigned first = count > 0 ? ports->random_below (ports->world, count) : 0;

  for (unsigned i = 0; i < count; i++) {
    const NodeId *id = &self->gone[(first + i) % count].id;
    if (node_id_is_zero (id) || chord_link_to (self, id) != NULL)
      continue;
    bootstrap_try_peer (self->overlay->bootstrap, id);
    return;
  }
}

static void
on_gone_timer (Timer *timer, void *owner)
{
  Chord *self = owner;

  if (self->state == TOPOLOGY_JOINED) {
    retry (self);
    chord_watch_all (self);
  }
  timer_start (timer, self->overlay->ports->timers, RETRY);
}

void
chord_gone_init (Chord *self)
{
  timer_init (&self->gone_timer, on_gone_timer, self);
  timer_init (&self->disbelief_timer, on_disbelief_timer, self);
}

void
chord_gone_start (Chord *self)
{
  timer_start (&self->gone_timer, self->overlay->ports->timers, RETRY);
}

void
chord_gone_stop (Chord *self)
{
  timer_stop (&self->gone_timer);
  timer_stop (&self->disbelief_timer);
}

void
chord_gone_free (Chord *self)
{
  chord_gone_stop (self);
  g_free (self->gone);
}
