/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/overlay-private.h"

/* The links that are not the overlay's own: SIP's to other users' nodes, asked for by AppAttach
 * (6.5.2), and those that only carry a call's sound, which run here for their numbers' sake. */

/* Signs of life on SIP links. */
#define PROBE_BUSY  (3 * TIME_SECOND)
#define PROBE_QUIET (25 * TIME_SECOND)

#define WORN_AFTER (10 * TIME_SECOND)

void
overlay_application_up (Overlay *self, Connection *connection)
{
  link_set_probe (&connection->link, PROBE_QUIET);
  self->events->application_up (self->user_data, connection);
  attach_on_up (self->attaches, connection);
}

static void
on_application_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Overlay *self = owner;
  uint16_t application = registration_usage_application (self->registration_usage, target);

  if (connection != NULL || overlay_has_application (self, target))
    return;
  /* The other side's own AppAttach goes on, or will come in a moment. */
  if (code == RELOAD_IN_PROGRESS)
    attach_adopt (self->attaches, target, application, on_application_attached, self);
  else if (registration_usage_forget_route (self->registration_usage, target))
    overlay_want_application (self, target);
  else
    self->events->application_failed (self->user_data, target, code);
}

/* By the peers that its record names; when they lead nowhere, by its Node-ID alone (RFC 7904, 5.1).
 */
static size_t
way_to (Overlay *self, const NodeId *device, Destination ret_list[LIMIT_ROUTE_PEERS + 1])
{
  Route route = registration_usage_route (self->registration_usage, device);

  for (size_t i = 0; i < route.via_count; i++)
    ret_list[i] = destination_of_node (&route.via[i]);
  ret_list[route.via_count] = destination_of_node (device);
  return route.via_count + 1;
}

void
overlay_note_route (Overlay *self, const Route *route)
{
  registration_usage_note_route (self->registration_usage, route);
}

static void
ask_for_application (Overlay *self, const NodeId *peer, bool is_urgent)
{
  Destination to[LIMIT_ROUTE_PEERS + 1];
  uint16_t application = registration_usage_application (self->registration_usage, peer);
  AttachOptions options = {
    .destinations = to,
    .destination_count = way_to (self, peer, to),
    .application = application,
    .is_urgent = is_urgent,
    .done = on_application_attached,
    .owner = self,
  };

  if (!attach_is_asked (self->attaches, peer, application))
    attach_start (self->attaches, &options);
}

void
overlay_want_application (Overlay *self, const NodeId *peer)
{
  if (!overlay_has_application (self, peer))
    ask_for_application (self, peer, false);
}

void
overlay_renew_application (Overlay *self, const NodeId *peer)
{
  ask_for_application (self, peer, true);
}

/* One of them is enough. The larger Node-ID says which: were both to do so, none might be left. */
void
overlay_tidy_applications (Overlay *self)
{
  connection_table_for_each (self->connections, connection)
  {
    Connection *best = connection->has_peer && connection->kind == CONNECTION_APPLICATION
                         ? connection_table_find_application (self->connections, &connection->peer)
                         : NULL;
    if (best != NULL && best != connection && connection->is_up && !connection->is_closed &&
        node_id_compare (&self->id, &connection->peer) > 0 && link_is_idle (&connection->link) &&
        overlay_now (self) > MAX (best->opened_at, connection->opened_at) + WORN_AFTER)
      connection_table_close (self->connections, connection);
  }
}

bool
overlay_has_application (Overlay *self, const NodeId *peer)
{
  return connection_table_find_application (self->connections, peer) != NULL;
}

const Certificate *
overlay_application_certificate (Overlay *self, const NodeId *peer)
{
  Connection *connection = connection_table_find_application (self->connections, peer);

  return connection != NULL ? link_certificate (&connection->link) : NULL;
}

void
overlay_send_application (Overlay *self, const NodeId *peer, Bytes message)
{
  Connection *connection = connection_table_find_application (self->connections, peer);

  if (connection != NULL && message.size <= link_message_size_max (&connection->link))
    link_send (&connection->link, message);
}

void
overlay_watch_application (Overlay *self, const NodeId *peer, bool is_busy)
{
  Connection *connection = connection_table_find_application (self->connections, peer);

  if (connection != NULL)
    link_set_probe (&connection->link, is_busy ? PROBE_BUSY : PROBE_QUIET);
}

void
overlay_ask_application (Overlay *self, const NodeId *peer)
{
  Connection *connection = connection_table_find_application (self->connections, peer);

  if (connection != NULL)
    link_send (&connection->link, (Bytes){ NULL, 0 });
}

bool
overlay_application_is_alive (Overlay *self, const NodeId *peer, uint64_t within)
{
  Connection *connection = connection_table_find_application (self->connections, peer);

  return connection != NULL && link_heard_at (&connection->link) + within >= overlay_now (self);
}

void
overlay_close_application (Overlay *self, const NodeId *peer)
{
  Connection *connection;

  while ((connection = connection_table_find_application (self->connections, peer)) != NULL)
    connection_table_close (self->connections, connection);
}

size_t
overlay_applications (Overlay *self, uint64_t age, NodeId *ret_peers, size_t size)
{
  size_t count = 0;

  connection_table_for_each (self->connections, connection)
  {
    if (connection->kind == CONNECTION_APPLICATION && connection->is_up && !connection->is_closed &&
        connection->opened_at + age <= overlay_now (self) && count < size)
      ret_peers[count++] = connection->peer;
  }
  return count;
}

uint32_t
overlay_open_media (Overlay *self)
{
  return connection_table_open (self->connections, CONNECTION_MEDIA, NULL)->number;
}

void
overlay_close_media (Overlay *self, uint32_t number)
{
  Connection *connection = connection_table_by_number (self->connections, number);

  if (connection != NULL)
    connection_table_close (self->connections, connection);
}
