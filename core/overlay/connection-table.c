/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "connections"
#include "core/overlay/connection-table-private.h"

#include "core/base/log.h"

#include <string.h>

/* A connection may be closed while one of its own messages is being handled, so closing only marks
 * it and a timer of delay zero frees it. Every message asks for connections, by number or by peer,
 * among some forty; each of what they are asked by stands in a column, in the order of opening.
 * So does when each link wants to be woken: one timer, set for the first of them, wakes them all.
 * What a link has spent is forgotten once it is whole again: most links only probe. */

#define CROSSING (5 * TIME_SECOND)

enum { GROWTH = 4 };

/* The first bytes of a Node-ID. */
static uint32_t
prefix_of (const NodeId *id)
{
  uint32_t prefix;

  memcpy (&prefix, id->bytes, sizeof prefix);
  return prefix;
}

static void
append (ConnectionTable *self, Connection *connection)
{
  if (self->count == self->room) {
    self->room += GROWTH;
    self->numbers = g_renew (uint32_t, self->numbers, self->room);
    self->peers = g_renew (uint32_t, self->peers, self->room);
    self->dues = g_renew (uint64_t, self->dues, self->room);
    self->connections = g_renew (Connection *, self->connections, self->room);
  }
  self->numbers[self->count] = connection->number;
  self->peers[self->count] = 0;
  self->dues[self->count] = TIME_NEVER;
  connection->place = self->count;
  self->connections[self->count++] = connection;
}

static void
remove_at (ConnectionTable *self, unsigned i)
{
  size_t behind = --self->count - i;

  memmove (self->numbers + i, self->numbers + i + 1, behind * sizeof *self->numbers);
  memmove (self->peers + i, self->peers + i + 1, behind * sizeof *self->peers);
  memmove (self->dues + i, self->dues + i + 1, behind * sizeof *self->dues);
  memmove (self->connections + i, self->connections + i + 1, behind * sizeof *self->connections);
  for (; i < self->count; i++)
    self->connections[i]->place--;
}

static void
set_peer (ConnectionTable *self, Connection *connection, const NodeId *peer)
{
  connection->has_peer = true;
  connection->peer = *peer;
  self->peers[connection->place] = prefix_of (peer);
}

static void
connection_free (ConnectionTable *self, Connection *connection)
{
  remove_at (self, connection->place);
  if (connection->is_up)
    link_clear (&connection->link);
  g_free (connection->allowance);
  g_free (connection);
}

static void
on_sweep (Timer *timer, void *owner)
{
  ConnectionTable *self = owner;

  for (unsigned i = self->count; i-- > 0;)
    if (self->connections[i]->is_closed)
      connection_free (self, self->connections[i]);
}

Allowance *
connection_allowance (Connection *connection)
{
  if (connection->allowance == NULL)
    connection->allowance = g_new0 (Allowance, 1);
  return connection->allowance;
}

/* The higher the better; 0 is no overlay link that stands. */
static int
rank (const Connection *connection)
{
  if (connection->is_closed || !connection->is_up)
    return 0;
  switch ((ConnectionKind) connection->kind) {
  case CONNECTION_OVERLAY:
    return link_is_suspected (&connection->link) ? 2 : 4;
  case CONNECTION_BOOTSTRAP:
  case CONNECTION_INCOMING:
    return link_is_suspected (&connection->link) ? 1 : 3;
  case CONNECTION_APPLICATION:
  case CONNECTION_MEDIA:
    break;
  }
  return 0;
}

static void
mark_closed (ConnectionTable *self, Connection *connection)
{
  self->standing -= rank (connection) > 0;
  connection->is_closed = true;
  self->numbers[connection->place] = 0;
  if (connection->is_up)
    link_set_probe (&connection->link, 0);
  timer_start (&self->sweep_timer, self->ports->timers, 0);
}

static void
end (ConnectionTable *self, Connection *connection, LinkEnd why)
{
  if (connection->is_closed)
    return;
  mark_closed (self, connection);
  self->events->down (self->user_data, connection, why);
}

static Connection *
connection_of (Link *link)
{
  return list_element (link, Connection, link);
}

static ConnectionTable *
table_of (Link *link)
{
  return list_element (link->host, ConnectionTable, host);
}

static void
on_link_send (Link *link, Bytes bytes)
{
  const NodePorts *ports = link->host->ports;

  ports->link_send (ports->world, connection_of (link)->number, bytes);
}

static void
on_link_message (Link *link, Bytes message)
{
  ConnectionTable *self = table_of (link);

  if (!connection_of (link)->is_closed)
    self->events->message (self->user_data, connection_of (link), message);
}

static void
on_link_suspected (Link *link, bool is_suspected)
{
  ConnectionTable *self = table_of (link);

  if (!connection_of (link)->is_closed)
    self->events->suspected (self->user_data, connection_of (link), is_suspected);
}

static void
on_link_stalled (Link *link, Bytes message)
{
  ConnectionTable *self = table_of (link);

  if (!connection_of (link)->is_closed)
    self->events->stalled (self->user_data, connection_of (link), message);
}

static void
on_link_failed (Link *link)
{
  connection_table_end (table_of (link), connection_of (link), LINK_END_LOST);
}

static void
set_wake_timer (ConnectionTable *self)
{
  uint64_t now = timers_now (self->ports->timers);

  self->due = TIME_NEVER;
  for (unsigned i = 0; i < self->count; i++)
    self->due = MIN (self->due, self->dues[i]);
  if (self->due == TIME_NEVER)
    timer_stop (&self->wake_timer);
  else
    timer_start (&self->wake_timer, self->ports->timers, self->due > now ? self->due - now : 0);
}

static void
on_link_wake (Link *link, uint64_t due)
{
  ConnectionTable *self = table_of (link);
  uint64_t *own = &self->dues[connection_of (link)->place];
  bool was_first = *own == self->due;

  *own = due;
  if (due < self->due || (was_first && due > self->due))
    set_wake_timer (self);
}

static void
on_wake (Timer *timer, void *owner)
{
  ConnectionTable *self = owner;
  uint64_t now = timers_now (self->ports->timers);

  self->due = 0; /* nothing is set meanwhile */
  for (unsigned i = 0; i < self->count; i++)
    if (self->dues[i] <= now) {
      self->dues[i] = TIME_NEVER;
      link_woken (&self->connections[i]->link);
    }
  set_wake_timer (self);
}

ConnectionTable *
connection_table_new (const NodePorts *ports,
                      const NodeId *own,
                      const ConnectionEvents *events,
                      void *user_data)
{
  ConnectionTable *self = g_new0 (ConnectionTable, 1);

  self->host = (LinkHost){
    .ports = ports,
    .send = on_link_send,
    .message = on_link_message,
    .suspected = on_link_suspected,
    .stalled = on_link_stalled,
    .failed = on_link_failed,
    .wake = on_link_wake,
  };
  self->ports = ports;
  self->own = *own;
  self->events = events;
  self->user_data = user_data;
  self->next_number = 1;
  self->due = TIME_NEVER;
  timer_init (&self->wake_timer, on_wake, self);
  timer_init (&self->sweep_timer, on_sweep, self);
  return self;
}

void
connection_table_free (ConnectionTable *self)
{
  if (self == NULL)
    return;
  connection_table_for_each (self, connection)
  {
    if (!connection->is_closed)
      self->ports->link_close (self->ports->world, connection->number);
  }
  while (self->count > 0)
    connection_free (self, self->connections[self->count - 1]);
  timer_stop (&self->sweep_timer);
  timer_stop (&self->wake_timer);
  g_free (self->numbers);
  g_free (self->peers);
  g_free (self->dues);
  g_free (self->connections);
  g_free (self);
}

static Connection *
add (ConnectionTable *self, ConnectionKind kind, uint32_t number, const NodeId *peer)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->kind = (uint8_t) kind;
  connection->number = number;
  connection->opened_at = timers_now (self->ports->timers);
  append (self, connection);
  if (peer != NULL)
    set_peer (self, connection, peer);
  return connection;
}

Connection *
connection_table_open (ConnectionTable *self, ConnectionKind kind, const NodeId *peer)
{
  g_assert (self->next_number < LINK_FIRST_INCOMING);
  return add (self, kind, self->next_number++, peer);
}

void
connection_table_close (ConnectionTable *self, Connection *connection)
{
  if (connection->is_closed)
    return;
  self->ports->link_close (self->ports->world, connection->number);
  mark_closed (self, connection);
}

void
connection_table_end (ConnectionTable *self, Connection *connection, LinkEnd why)
{
  if (connection->is_closed)
    return;
  self->ports->link_close (self->ports->world, connection->number);
  end (self, connection, why);
}

Connection *
connection_table_by_number (ConnectionTable *self, uint32_t number)
{
  for (unsigned i = 0; i < self->count; i++)
    if (self->numbers[i] == number)
      return self->connections[i];
  return NULL;
}

/* Of two Attaches that crossed, both sides keep that of the larger Node-ID: were each to close its
 * own, none would be left. */
static bool
is_crossing_winner (const ConnectionTable *self, const Connection *one, const Connection *other)
{
  uint64_t apart = MAX (one->opened_at, other->opened_at) - MIN (one->opened_at, other->opened_at);

  return apart < CROSSING && one->is_requested != other->is_requested &&
         one->is_requested == (node_id_compare (&self->own, &one->peer) > 0);
}

/* Whether `one`, the younger, is to be used rather than `other`. */
static bool
is_better (const ConnectionTable *self, const Connection *one, const Connection *other)
{
  if (other == NULL || rank (one) != rank (other))
    return rank (one) > (other != NULL ? rank (other) : 0);
  return !is_crossing_winner (self, other, one);
}

Connection *
connection_table_find (ConnectionTable *self, const NodeId *peer)
{
  uint32_t prefix = prefix_of (peer);
  Connection *best = NULL;

  for (unsigned i = 0; i < self->count; i++) {
    Connection *connection = self->connections[i];
    if (self->peers[i] == prefix && node_id_equal (&connection->peer, peer) &&
        rank (connection) > 0 && is_better (self, connection, best))
      best = connection;
  }
  return best;
}

static bool
is_fresher (const Connection *one, const Connection *other)
{
  return other == NULL || link_heard_at (&one->link) >= link_heard_at (&other->link);
}

Connection *
connection_table_find_application (ConnectionTable *self, const NodeId *peer)
{
  Connection *best = NULL;

  connection_table_for_each (self, connection)
  {
    if (connection->kind == CONNECTION_APPLICATION && !connection->is_closed && connection->is_up &&
        node_id_equal (&connection->peer, peer) && is_fresher (connection, best))
      best = connection;
  }
  return best;
}

/* Who calls although there is a link may have lost that one. */
static bool
may_succeed (const Connection *one, const Connection *other)
{
  return (one->kind == CONNECTION_BOOTSTRAP || one->kind == CONNECTION_INCOMING) &&
         rank (one) > 0 && !link_is_suspected (&one->link) &&
         link_heard_at (&other->link) < one->opened_at;
}

Connection *
connection_table_find_way (ConnectionTable *self, const NodeId *peer)
{
  Connection *best = connection_table_find (self, peer);
  uint64_t prefix = prefix_of (peer);

  for (unsigned i = best != NULL ? best->place + 1 : self->count; i < self->count; i++)
    if (self->peers[i] == prefix && node_id_equal (&self->connections[i]->peer, peer) &&
        may_succeed (self->connections[i], best))
      best = self->connections[i];
  return best;
}

Connection *
connection_table_find_freshest (ConnectionTable *self)
{
  Connection *best = NULL;

  connection_table_for_each (self, connection)
  {
    if (rank (connection) > 0 && is_fresher (connection, best))
      best = connection;
  }
  return best;
}

Connection *
connection_table_at (ConnectionTable *self, unsigned place)
{
  return place < self->count ? self->connections[place] : NULL;
}

static bool
is_whole (const Allowance *allowance, uint64_t now)
{
  uint64_t empty_at = MAX (allowance->messages.empty_at, allowance->requests.empty_at);

  empty_at = MAX (empty_at, allowance->excess.empty_at);
  empty_at = MAX (empty_at, MAX (allowance->checks.empty_at, allowance->errors.empty_at));
  for (unsigned kind = 0; kind < RATE_KINDS; kind++)
    empty_at = MAX (empty_at, allowance->methods[kind].empty_at);
  return empty_at <= now;
}

void
connection_table_tidy (ConnectionTable *self)
{
  uint64_t now = timers_now (self->ports->timers);

  connection_table_for_each (self, connection)
  {
    if (connection->allowance != NULL && is_whole (connection->allowance, now))
      g_clear_pointer (&connection->allowance, g_free);
  }
}

unsigned
connection_table_count (ConnectionTable *self)
{
  return self->standing;
}

static unsigned
count_incoming (ConnectionTable *self)
{
  unsigned count = 0;

  connection_table_for_each (self, connection)
  {
    count += connection->kind == CONNECTION_INCOMING && !connection->is_closed;
  }
  return count;
}

/* Makes room among the incoming links by closing the oldest to a peer that has an overlay link too;
 * such a link has done its work. */
static bool
may_come_in (ConnectionTable *self)
{
  if (count_incoming (self) < LIMIT_LINKS_INCOMING)
    return true;
  connection_table_for_each (self, connection)
  {
    Connection *best =
      connection->has_peer ? connection_table_find (self, &connection->peer) : NULL;
    if (connection->kind == CONNECTION_INCOMING && best != NULL && best != connection) {
      connection_table_close (self, connection);
      return true;
    }
  }
  return false;
}

void
connection_table_link_up (ConnectionTable *self,
                          uint32_t number,
                          Certificate *peer,
                          LinkTraits traits)
{
  Connection *connection = connection_table_by_number (self, number);

  if (connection == NULL && number >= LINK_FIRST_INCOMING && may_come_in (self))
    connection = add (self, CONNECTION_INCOMING, number, NULL);
  if (connection == NULL) {
    self->ports->link_close (self->ports->world, number);
    return;
  }
  if (connection->has_peer && !node_id_equal (&connection->peer, &peer->node_ids[0])) {
    log_debug (self->ports, "link %u: certificate of somebody else", number);
    self->ports->link_close (self->ports->world, number);
    end (self, connection, LINK_END_CERTIFICATE);
    return;
  }
  set_peer (self, connection, &peer->node_ids[0]);
  link_init (&connection->link, &self->host, peer, traits.is_stream);
  connection->is_near = traits.is_near;
  if (node_id_compare (&self->own, &connection->peer) < 0)
    link_ask_second (&connection->link);
  connection->is_up = true;
  self->standing += rank (connection) > 0;
  self->events->up (self->user_data, connection);
}

void
connection_table_receive (ConnectionTable *self, uint32_t number, Bytes bytes)
{
  Connection *connection = connection_table_by_number (self, number);

  if (connection != NULL && connection->is_up)
    link_receive (&connection->link, bytes);
}

void
connection_table_link_down (ConnectionTable *self, uint32_t number, LinkEnd why)
{
  Connection *connection = connection_table_by_number (self, number);

  if (connection != NULL)
    end (self, connection, why);
}
