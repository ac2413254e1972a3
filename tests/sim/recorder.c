/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/recorder.h"

#include "core/node-private.h"

/* The signed part stays as it was; the Forwarding Header is written anew: all of the ttl, no via
 * list, and, where it was for one node, another node. */

enum { KEPT = 512, AT_ONCE = 5 };

typedef struct Record {
  GByteArray *message; /* owned */
  uint64_t heard_at;
} Record;

struct Recorder {
  Record records[KEPT];
  unsigned count; /* ever; the ring wraps */
};

Recorder *
recorder_new (void)
{
  return g_new0 (Recorder, 1);
}

void
recorder_free (Recorder *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < KEPT; i++)
    g_clear_pointer (&self->records[i].message, g_byte_array_unref);
  g_free (self);
}

void
recorder_hears (Recorder *self, const Overheard *message)
{
  Record *record = &self->records[self->count % KEPT];
  ForwardingHeader header = message->header;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  header.via_list = (DestinationList){ NULL, 0 };
  header.ttl = message->self->node->overlay->configuration->initial_ttl;
  if (!message_code_is_request (message->code) || !header_is_whole (&header) ||
      !header_encode (&header, message->payload, bytes))
    return;
  g_clear_pointer (&record->message, g_byte_array_unref);
  *record = (Record){ g_steal_pointer (&bytes), sim_world_now (message->self->world) };
  self->count++;
}

static bool
is_way (const Connection *connection)
{
  return connection->is_up && connection->is_peer && !connection->is_closed &&
         connection->kind != CONNECTION_APPLICATION;
}

/* What was for the member that heard it is for whoever is at the other end now. */
static void
say_again (const Record *record, Connection *connection)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Destination to = destination_of_node (&connection->peer);
  ForwardingHeader header;
  Bytes payload;

  if (!header_decode ((Bytes){ record->message->data, record->message->len }, arena, &header,
                      &payload, NULL))
    return;
  if (header.destination_list.count == 1 &&
      header.destination_list.items[0].type == DESTINATION_NODE)
    header.destination_list = (DestinationList){ &to, 1 };
  if (header_encode (&header, payload, bytes))
    link_send (&connection->link, (Bytes){ bytes->data, bytes->len });
}

static Connection *
choose_link (SimPeer *member)
{
  ConnectionTable *connections = member->node->overlay->connections;
  unsigned at = sim_world_random (member->world, MAX (connection_table_count (connections), 1));

  connection_table_for_each (connections, connection)
  {
    if (is_way (connection) && at-- == 0)
      return connection;
  }
  return NULL;
}

void
recorder_step (Recorder *self, Gang *gang)
{
  for (unsigned i = 0; i < AT_ONCE && self->count > 0; i++) {
    const Record *record = &self->records[sim_world_random (gang->world, MIN (self->count, KEPT))];
    SimPeer *member =
      g_ptr_array_index (gang->members, sim_world_random (gang->world, gang->members->len));
    Connection *connection = member->node != NULL ? choose_link (member) : NULL;
    if (connection != NULL && record->heard_at + TIME_SECOND <= sim_world_now (gang->world))
      say_again (record, connection);
  }
}
