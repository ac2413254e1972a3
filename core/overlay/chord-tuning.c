/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

#include <string.h>

/* CHORD-SELF-TUNING (RFC 7363): CHORD-RELOAD whose stabilization period and lists follow the
 * overlay. At the end of each period the estimates are made anew, the lists are sized, Updates go
 * to the first successor and the first predecessor alone, and some fingers are asked for their
 * estimates: neighbors would err like we do.
 *
 * What changes beside us is still told at once, as chord-reactive wants it: the periods are for the
 * rest of the lists, and for what nobody has noticed. */

enum { AGAIN = 8 }; /* rounds */

bool
chord_is_tuned (const Chord *self)
{
  return configuration_is_self_tuning (self->overlay->configuration);
}

uint64_t
chord_tuning_interval (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t interval = self_tuning_interval (self->tuning);

  /* Never sooner than that: the lower limit would be none. */
  return interval +
         ports->random_below (ports->world, (uint32_t) (interval / TIME_MS / 4)) * TIME_MS;
}

/* ---- What others think ---- */

/* The extension with our own estimates; memory of the arena. */
static MessageExtensionList
write_estimates (Chord *self, Arena *arena)
{
  SelfTuningData data = self_tuning_data (self->tuning);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  MessageExtensionList list = { arena_new_array (arena, MessageExtension, 1), 1 };

  self_tuning_data_encode (&data, bytes);
  list.items[0] = (MessageExtension){
    .type = MESSAGE_EXTENSION_SELF_TUNING_DATA,
    .extension_contents = arena_dup (arena, (Bytes){ bytes->data, bytes->len }),
  };
  return list;
}

static bool
hear_estimates (Chord *self, const NodeId *from, const MessageExtensionList *list, Arena *arena)
{
  SelfTuningData data;

  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].type == MESSAGE_EXTENSION_SELF_TUNING_DATA &&
        self_tuning_data_decode (list->items[i].extension_contents, arena, &data, NULL)) {
      self_tuning_hear (self->tuning, from, &data);
      return true;
    }
  return false;
}

MessageExtensionList
chord_tuning_answer (Chord *self, const Incoming *request)
{
  const MessageExtensionList *theirs = &request->message.contents.extensions;

  if (chord_is_tuned (self) && hear_estimates (self, &request->from, theirs, request->arena))
    return write_estimates (self, request->arena);
  return (MessageExtensionList){ NULL, 0 };
}

static void
on_probed (void *owner, const Answer *answer)
{
  Chord *self = owner;
  uint32_t uptime;

  if (answer->code != RELOAD_OK)
    return;
  hear_estimates (self, &answer->responder, &answer->extensions, answer->arena);
  if (chord_read_uptime (self, answer, &uptime))
    self_tuning_note_uptime (self->tuning, &answer->responder, uptime, overlay_now (self->overlay));
}

static void
probe (Chord *self, const NodeId *peer, MessageExtensionList extensions)
{
  static const uint8_t wanted[] = { PROBE_UPTIME };
  ProbeReq body = { .requested_info = { wanted, sizeof wanted } };
  Destination to = destination_of_node (peer);

  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PROBE_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .extensions = extensions,
                                                 .tries = 2,
                                                 .answered = on_probed,
                                                 .owner = self,
                                               });
}

void
chord_tuning_new_finger (Chord *self, const NodeId *peer)
{
  if (chord_is_tuned (self))
    probe (self, peer, (MessageExtensionList){ NULL, 0 });
}

/* As many random fingers as the configuration says. */
static void
share_estimates (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  NodeId fingers[LIMIT_FINGERS];
  uint32_t count = (uint32_t) routing_table_fingers (self->table, fingers);
  g_autoptr (Arena) arena = arena_new ();
  MessageExtensionList ours = write_estimates (self, arena);

  for (unsigned i = 0; i < self->overlay->configuration->peers_to_probe && count > 0; i++) {
    uint32_t chosen = ports->random_below (ports->world, count);
    probe (self, &fingers[chosen], ours);
    fingers[chosen] = fingers[--count];
  }
}

/* ---- What happens here ---- */

void
chord_tuning_uptime (Chord *self, const NodeId *peer, uint32_t uptime_s)
{
  self_tuning_note_uptime (self->tuning, peer, uptime_s, overlay_now (self->overlay));
}

void
chord_tuning_lost (Chord *self)
{
  self_tuning_note_failure (self->tuning, overlay_now (self->overlay));
}

void
chord_tuning_joined (Chord *self)
{
  self_tuning_start (self->tuning, overlay_now (self->overlay));
}

G_STATIC_ASSERT ((int) LIMIT_TUNING_PEERS == (int) LIMIT_FINGERS + 2 * (int) LIMIT_NEIGHBORS_TUNED);

static size_t
list_peers (Chord *self, NodeId peers[LIMIT_TUNING_PEERS])
{
  size_t successors, predecessors, count = 0;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  size_t fingers;

  memcpy (peers, after, successors * sizeof *after);
  count = successors;
  memcpy (peers + count, before, predecessors * sizeof *before);
  count += predecessors;
  fingers = routing_table_fingers (self->table, peers + count) + count;
  /* Each once: a peer may stand in all three lists. */
  count = 0;
  for (size_t i = 0; i < fingers; i++) {
    size_t k = 0;
    while (k < count && !node_id_equal (&peers[k], &peers[i]))
      k++;
    if (k == count)
      peers[count++] = peers[i];
  }
  return count;
}

static void
retune (Chord *self)
{
  NodeId peers[LIMIT_TUNING_PEERS];
  size_t count = list_peers (self, peers);

  self_tuning_update (self->tuning, 1 / routing_table_spacing (self->table), peers, count,
                      overlay_now (self->overlay));
  log_debug (self->overlay->ports, "about %.0f peers, next look in %.0f s",
             self_tuning_size (self->tuning),
             (double) self_tuning_interval (self->tuning) / TIME_SECOND);
  chord_changed (self, routing_table_resize (self->table, self_tuning_neighbors (self->tuning),
                                             self_tuning_fingers (self->tuning)));
}

/* To both sides, once when they are the same peer. Who has heard all there is to say already, since
 * it was told at once, hears it again every now and then: something may have kept it from heeding.
 */
static void
update_nearest (Chord *self)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  bool says_again = self->rounds++ % AGAIN == 0;
  NodeId nearest[2];
  size_t count = 0;

  if (successors > 0)
    nearest[count++] = after[0];
  if (predecessors > 0 && (count == 0 || !node_id_equal (&before[0], &nearest[0])))
    nearest[count++] = before[0];
  for (size_t i = 0; i < count; i++) {
    Connection *connection = chord_link_to (self, &nearest[i]);
    if (connection != NULL && (connection->told != self->version || says_again))
      chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
  }
}

void
chord_tuning_round (Chord *self)
{
  retune (self);
  chord_watch_all (self);
  update_nearest (self);
  share_estimates (self);
}
