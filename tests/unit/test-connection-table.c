/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/connection-table.h"

#include "core/base/limits.h"
#include "core/wire/frame.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

typedef struct Fixture {
  Timers *timers;
  NodePorts ports;
  NodeId own;
  ConnectionTable *table;
  Connection *up;
  unsigned ups, downs, closed;
  LinkEnd why;
  bool closes_on_message;
} Fixture;

static void
port_link_close (void *world, uint32_t link)
{
  ((Fixture *) world)->closed++;
}

static void
port_link_send (void *world, uint32_t link, Bytes bytes)
{
}

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
}

static void
on_up (void *user_data, Connection *connection)
{
  Fixture *self = user_data;

  self->ups++;
  self->up = connection;
}

static void
on_down (void *user_data, Connection *connection, LinkEnd end)
{
  Fixture *self = user_data;

  self->downs++;
  self->why = end;
}

static void
on_message (void *user_data, Connection *connection, Bytes message)
{
  Fixture *self = user_data;

  if (self->closes_on_message)
    connection_table_close (self->table, connection);
}

static void
on_suspected (void *user_data, Connection *connection, bool is_suspected)
{
}

static void
on_stalled (void *user_data, Connection *connection, Bytes message)
{
}

static const ConnectionEvents events = { on_up, on_down, on_message, on_suspected, on_stalled };

static void
set_up (Fixture *self, const void *data)
{
  self->timers = timers_new (0);
  self->own = (NodeId){ { 1 } };
  self->ports = (NodePorts){ .world = self,
                             .timers = self->timers,
                             .log = port_log,
                             .link_close = port_link_close,
                             .link_send = port_link_send };
  self->table = connection_table_new (&self->ports, &self->own, &events, self);
}

static void
tear_down (Fixture *self, const void *data)
{
  connection_table_free (self->table);
  timers_free (self->timers);
}

static NodeId
peer_of (unsigned number)
{
  return (NodeId){ { 2, (uint8_t) (number >> 8), (uint8_t) number } };
}

static void
come_up (Fixture *self, uint32_t link, const NodeId *peer)
{
  Signer signer;

  sim_signer_init (&signer, peer, "user@home");
  connection_table_link_up (self->table, link, signer.own, (LinkTraits){ .is_stream = true });
  sim_signer_clear (&signer);
}

static void
test_best (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);
  Connection *attached;

  come_up (self, LINK_FIRST_INCOMING, &peer);
  g_assert_true (connection_table_find (self->table, &peer) == self->up);
  attached = connection_table_open (self->table, CONNECTION_OVERLAY, &peer);
  g_assert_true (connection_table_find (self->table, &peer) == self->up);
  come_up (self, attached->number, &peer);
  g_assert_true (connection_table_find (self->table, &peer) == attached);
  g_assert_cmpuint (connection_table_count (self->table), ==, 2);
  connection_table_close (self->table, attached);
  g_assert_cmpuint (connection_table_find (self->table, &peer)->number, ==, LINK_FIRST_INCOMING);
  g_assert_cmpuint (self->downs, ==, 0);
}

static void
test_application (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);
  Connection *sip = connection_table_open (self->table, CONNECTION_APPLICATION, &peer);

  g_assert_null (connection_table_find_application (self->table, &peer));
  come_up (self, sip->number, &peer);
  g_assert_true (connection_table_find_application (self->table, &peer) == sip);
  g_assert_null (connection_table_find (self->table, &peer));
  g_assert_cmpuint (connection_table_count (self->table), ==, 0);
}

/* Any frame will do. */
static void
hear (Fixture *self, const Connection *connection)
{
  uint8_t ack[FRAME_ACK_SIZE];

  frame_write_ack (ack, 1, 0);
  connection_table_receive (self->table, connection->number, (Bytes){ ack, sizeof ack });
}

static void
pass (Fixture *self, uint64_t time)
{
  timers_advance (self->timers, timers_now (self->timers) + time, SIZE_MAX);
}

static void
test_several_applications (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);
  Connection *older = connection_table_open (self->table, CONNECTION_APPLICATION, &peer);
  Connection *newer = connection_table_open (self->table, CONNECTION_APPLICATION, &peer);

  come_up (self, older->number, &peer);
  pass (self, TIME_SECOND);
  come_up (self, newer->number, &peer);
  g_assert_true (connection_table_find_application (self->table, &peer) == newer);
  pass (self, TIME_SECOND);
  hear (self, older);
  g_assert_true (connection_table_find_application (self->table, &peer) == older);
}

static void
test_way (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);
  Connection *attached = connection_table_open (self->table, CONNECTION_OVERLAY, &peer);

  come_up (self, attached->number, &peer);
  g_assert_true (connection_table_find_way (self->table, &peer) == attached);
  pass (self, TIME_SECOND);
  come_up (self, LINK_FIRST_INCOMING, &peer);
  g_assert_true (connection_table_find (self->table, &peer) == attached);
  g_assert_true (connection_table_find_way (self->table, &peer) == self->up);
  pass (self, TIME_SECOND);
  hear (self, attached);
  g_assert_true (connection_table_find_way (self->table, &peer) == attached);
}

static void
test_freshest (Fixture *self, const void *data)
{
  NodeId peers[] = { peer_of (1), peer_of (2), peer_of (3) };
  Connection *attached = connection_table_open (self->table, CONNECTION_OVERLAY, &peers[0]);
  Connection *sip = connection_table_open (self->table, CONNECTION_APPLICATION, &peers[1]);

  g_assert_null (connection_table_find_freshest (self->table));
  come_up (self, attached->number, &peers[0]);
  pass (self, TIME_SECOND);
  come_up (self, LINK_FIRST_INCOMING, &peers[2]);
  come_up (self, sip->number, &peers[1]);
  g_assert_cmpuint (connection_table_find_freshest (self->table)->number, ==, LINK_FIRST_INCOMING);
  pass (self, TIME_SECOND);
  hear (self, attached);
  g_assert_true (connection_table_find_freshest (self->table) == attached);
}

static void
test_identity (Fixture *self, const void *data)
{
  NodeId wanted = peer_of (1);
  NodeId other = peer_of (2);
  Connection *connection = connection_table_open (self->table, CONNECTION_OVERLAY, &wanted);

  come_up (self, connection->number, &other);
  g_assert_cmpuint (self->ups, ==, 0);
  g_assert_cmpuint (self->closed, ==, 1);
  g_assert_cmpint (self->why, ==, LINK_END_CERTIFICATE);
}

static void
test_incoming (Fixture *self, const void *data)
{
  NodeId first = peer_of (0);
  NodeId late = peer_of (1000);
  Connection *attached;

  for (unsigned i = 0; i < LIMIT_LINKS_INCOMING; i++) {
    NodeId peer = peer_of (i);
    come_up (self, LINK_FIRST_INCOMING + i, &peer);
  }
  come_up (self, LINK_FIRST_INCOMING + 1000, &late);
  g_assert_null (connection_table_find (self->table, &late));
  /* One that has an overlay link too has done its work. */
  attached = connection_table_open (self->table, CONNECTION_OVERLAY, &first);
  come_up (self, attached->number, &first);
  come_up (self, LINK_FIRST_INCOMING + 1001, &late);
  g_assert_nonnull (connection_table_find (self->table, &late));
  g_assert_null (connection_table_by_number (self->table, LINK_FIRST_INCOMING));
}

/* The message that is being handled closes its link; two frames came at once. */
static void
test_closed_inside (Fixture *self, const void *data)
{
  static const uint8_t frames[] = { 128, 0, 0, 0, 1, 0, 0, 1, 'a', 128, 0, 0, 0, 2, 0, 0, 1, 'b' };
  NodeId peer = peer_of (1);

  come_up (self, LINK_FIRST_INCOMING, &peer);
  self->closes_on_message = true;
  connection_table_receive (self->table, LINK_FIRST_INCOMING, (Bytes){ frames, sizeof frames });
  g_assert_cmpuint (self->closed, ==, 1);
  g_assert_cmpuint (self->downs, ==, 0);
  timers_advance (self->timers, 1, 10);
  connection_table_link_down (self->table, LINK_FIRST_INCOMING, LINK_END_LOST);
  g_assert_cmpuint (self->downs, ==, 0);
}

static void
test_down (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);

  come_up (self, LINK_FIRST_INCOMING, &peer);
  connection_table_link_down (self->table, LINK_FIRST_INCOMING, LINK_END_LOST);
  connection_table_link_down (self->table, LINK_FIRST_INCOMING, LINK_END_LOST);
  g_assert_cmpuint (self->downs, ==, 1);
  g_assert_cmpint (self->why, ==, LINK_END_LOST);
  g_assert_null (connection_table_find (self->table, &peer));
}

/* And while anything of it is missing it stays, or asking again would make it whole. */
static void
test_allowance (Fixture *self, const void *data)
{
  NodeId peer = peer_of (1);

  come_up (self, LINK_FIRST_INCOMING, &peer);
  g_assert_null (self->up->allowance);
  token_bucket_take (&connection_allowance (self->up)->methods[RATE_ATTACH], 0, 1, 1);
  timers_advance (self->timers, TIME_SECOND - 1, 1);
  connection_table_tidy (self->table);
  g_assert_nonnull (self->up->allowance);
  timers_advance (self->timers, TIME_SECOND, 1);
  connection_table_tidy (self->table);
  g_assert_null (self->up->allowance);
}

/* Whoever goes through all meets those that come meanwhile, and none twice. */
static void
test_through_all (Fixture *self, const void *data)
{
  unsigned count = 0;

  for (unsigned i = 0; i < 10; i++)
    connection_table_open (self->table, CONNECTION_OVERLAY, NULL);
  connection_table_for_each (self->table, connection)
  {
    connection_table_close (self->table, connection);
    if (count++ < 10)
      connection_table_open (self->table, CONNECTION_OVERLAY, NULL);
  }
  g_assert_cmpuint (count, ==, 20);
  timers_advance (self->timers, 1, 1);
  g_assert_null (connection_table_at (self->table, 0));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/connection-table/the-best-link-to-a-peer", test_best);
  ADD ("/connection-table/an-application's-link-carries-nothing-else", test_application);
  ADD ("/connection-table/of-several-links-for-sip-that-which-speaks", test_several_applications);
  ADD ("/connection-table/who-calls-again-is-answered-there-while-the-older-link-is-silent",
       test_way);
  ADD ("/connection-table/the-link-that-has-just-shown-that-it-works", test_freshest);
  ADD ("/connection-table/r5-identity-is-the-certificate's", test_identity);
  ADD ("/connection-table/threat-2.7-incoming-links-are-few", test_incoming);
  ADD ("/connection-table/closed-while-its-own-message-is-handled", test_closed_inside);
  ADD ("/connection-table/an-end-is-reported-once", test_down);
  ADD ("/connection-table/threat-3.5-what-was-spent-is-forgotten-when-it-is-whole", test_allowance);
  ADD ("/connection-table/those-that-come-while-one-goes-through-all", test_through_all);
  return g_test_run ();
}
