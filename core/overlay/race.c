/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/race.h"

#include "core/overlay/overlay-private.h"

/* A listener has one port for both; where UDP does not pass, TCP may, and where that does not, the
 * way that is open to all: whoever is there may be at the port of the web too. None of them says
 * that it is closed, so each begins a moment after the one before, or when that has failed:
 *
 *   0      datagrams
 *   250 ms stream
 *   500 ms web, beyond private networks
 *
 * What has led there before comes first, and datagrams, the better way, at the same time. */

#define HEAD_START (250 * TIME_MS)

struct Race {
  Overlay *overlay;
  Address to;
  Way order[WAYS];
  unsigned count;
  unsigned begun; /* of these */
  uint64_t next_at;
  uint64_t datagrams_since;
  uint32_t numbers[WAYS]; /* of the connections, in that order; 0: not under way */
  bool is_won;
};

static void
add_way (Race *self, Way way)
{
  for (unsigned i = 0; i < self->count; i++)
    if (self->order[i] == way)
      return;
  if (way != WAY_WEB || !address_is_private (&self->to))
    self->order[self->count++] = way;
}

Race *
race_new (Overlay *overlay, const Address *to, Way known)
{
  Race *self = g_new0 (Race, 1);

  self->overlay = overlay;
  self->to = *to;
  add_way (self, known);
  add_way (self, WAY_DATAGRAMS);
  add_way (self, WAY_STREAM);
  add_way (self, WAY_WEB);
  return self;
}

static void
close_at (Race *self, unsigned i)
{
  ConnectionTable *connections = self->overlay->connections;
  Connection *connection = connection_table_by_number (connections, self->numbers[i]);

  self->numbers[i] = 0;
  if (connection != NULL)
    connection_table_close (connections, connection);
}

void
race_free (Race *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < self->begun; i++)
    if (self->numbers[i] != 0)
      close_at (self, i);
  g_free (self);
}

static void
begin (Race *self, unsigned i)
{
  const NodePorts *ports = self->overlay->ports;
  Connection *connection =
    connection_table_open (self->overlay->connections, CONNECTION_BOOTSTRAP, NULL);
  Way way = self->order[i];
  Address to = self->to;

  self->numbers[i] = connection->number;
  connection->is_ours = true;
  if (way == WAY_WEB)
    to.port = PORT_WEB;
  if (way == WAY_DATAGRAMS)
    self->datagrams_since = MAX (overlay_now (self->overlay), 1);
  ports->link_connect (ports->world, connection->number,
                       way == WAY_DATAGRAMS ? LINK_TRANSPORT_DTLS : LINK_TRANSPORT_TLS, &to);
}

uint64_t
race_run (Race *self)
{
  uint64_t now = overlay_now (self->overlay);

  while (self->begun < self->count && self->next_at <= now) {
    begin (self, self->begun++);
    /* Datagrams do not wait for another way that is known. */
    if (self->begun == self->count || self->order[self->begun] != WAY_DATAGRAMS)
      self->next_at = now + HEAD_START;
  }
  return self->begun < self->count ? self->next_at : UINT64_MAX;
}

static int
index_of (const Race *self, uint32_t number)
{
  for (unsigned i = 0; i < self->begun; i++)
    if (self->numbers[i] == number)
      return (int) i;
  return -1;
}

Way
race_way_of (const Race *self, uint32_t number)
{
  int i = number != 0 ? index_of (self, number) : -1;

  return i >= 0 ? self->order[i] : 0;
}

void
race_note_up (Race *self, uint32_t number)
{
  for (unsigned i = 0; i < self->begun; i++) {
    if (self->numbers[i] == number)
      self->numbers[i] = 0;
    else if (self->numbers[i] != 0 && self->order[i] != WAY_DATAGRAMS)
      close_at (self, i);
  }
  self->count = self->begun;
  self->is_won = true;
}

void
race_note_down (Race *self, uint32_t number)
{
  int i = index_of (self, number);

  if (i >= 0)
    self->numbers[i] = 0;
  self->next_at = 0;
}

bool
race_is_over (const Race *self)
{
  for (unsigned i = 0; i < self->begun; i++)
    if (self->numbers[i] != 0)
      return false;
  return self->begun == self->count;
}

bool
race_is_won (const Race *self)
{
  return self->is_won;
}

uint64_t
race_datagrams_since (const Race *self)
{
  return self->datagrams_since;
}
