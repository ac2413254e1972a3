/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/guest.h"

#include "core/base/limits.h"
#include "tests/sim/sim-signer.h"
#include "tests/unit/overlay-stage.h"

/* Links as guests.c tells them apart: who has come to us, and whether it has said that it is a
 * peer. */

typedef struct Fixture {
  OverlayStage *stage;
  Guests *guests;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->guests = self->stage->overlay->guests;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static Connection *
link_of (Fixture *self, Stranger *stranger)
{
  return connection_table_by_number (self->stage->overlay->connections, stranger->link);
}

/* Somebody who has called at our listener. */
static Connection *
call (Fixture *self, uint32_t id)
{
  Stranger *stranger = stranger_new (self->stage, "guest", id);

  stranger_connect (stranger);
  return link_of (self, stranger);
}

static unsigned
admit (Fixture *self, Connection *connection, unsigned count)
{
  unsigned admitted = 0;

  for (unsigned i = 0; i < count; i++)
    admitted += guests_admit (self->guests, connection);
  return admitted;
}

/* All together take what is left over; a phone that comes then has its share all the same. */
static void
test_shares (Fixture *self, const void *data)
{
  Connection *greedy = call (self, 0x11);
  Connection *other = call (self, 0x22);
  Connection *phone = call (self, 0x33);

  /* The first words of all three were messages, too. */
  g_assert_cmpuint (admit (self, greedy, 100000), <=, LIMIT_GUEST_BURST + LIMIT_GUESTS_BURST);
  g_assert_cmpuint (admit (self, other, 100000), <=, LIMIT_GUEST_BURST);
  g_assert_cmpuint (admit (self, other, 1), ==, 0);
  g_assert_cmpuint (admit (self, phone, LIMIT_GUEST_BURST / 2), ==, LIMIT_GUEST_BURST / 2);
}

/* Only one peer is home. */
static void
test_elsewhere (Fixture *self, const void *data)
{
  Stranger *neighbors[] = { stranger_new (self->stage, "before", 0x10000000),
                            stranger_new (self->stage, "behind", 0xf0000000) };
  Overlay *overlay = self->stage->overlay;
  Connection *guest;

  overlay_stage_join (self->stage, neighbors);
  admit (self, call (self, 0x11000000), 100000);
  guest = call (self, 0xf1000000);
  g_assert_false (overlay->topology.plugin->is_responsible (overlay->topology.self, &guest->peer));
  g_assert_cmpuint (admit (self, guest, LIMIT_STRANGER_BURST / 2), ==, LIMIT_STRANGER_BURST / 2);
  g_assert_cmpuint (admit (self, guest, 100000), <=, LIMIT_STRANGER_BURST / 2);
}

/* A phone that is busy keeps its link, whatever of it is dropped; a flood does not. */
static void
test_flood (Fixture *self, const void *data)
{
  Connection *greedy = call (self, 0x11);
  Connection *phone = call (self, 0x22);
  NodeId id = greedy->peer;

  while (guests_admit (self->guests, greedy))
    ;
  admit (self, greedy, LIMIT_GUEST_EXCESS_BURST / 2);
  g_assert_false (greedy->is_closed);
  admit (self, greedy, LIMIT_GUEST_EXCESS_BURST);
  g_assert_true (greedy->is_closed);
  g_assert_true (guests_is_expelled (self->guests, &greedy->peer));
  g_assert_false (guests_is_expelled (self->guests, &phone->peer));
  overlay_stage_run (self->stage, 6 * TIME_MINUTE);
  g_assert_false (guests_is_expelled (self->guests, &id));
}

/* However many links a guest has, and if it has a new one: as much as over one. */
static void
test_links (Fixture *self, const void *data)
{
  Stranger *greedy = stranger_new (self->stage, "greedy", 0x44);
  unsigned taken = 0;

  admit (self, call (self, 0x11), 100000);
  for (unsigned i = 0; i < 4; i++) {
    stranger_connect (greedy);
    taken += admit (self, link_of (self, greedy), LIMIT_GUEST_BURST);
  }
  g_assert_cmpuint (taken, <=, LIMIT_GUEST_BURST);
}

static void
test_peers (Fixture *self, const void *data)
{
  Connection *peer = call (self, 0x55);

  peer->is_peer = true;
  g_assert_cmpuint (admit (self, peer, 10000), ==, 10000);
}

/* Its bootstrap peer has not said yet what it is when it answers. */
static void
test_newcomer (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *helper = stranger_new (stage, "helper", 0x66);
  Connection *connection;
  unsigned admitted = 0;

  overlay_start (stage->overlay);
  stranger_connect (helper);
  connection = connection_table_by_number (stage->overlay->connections, helper->link);
  for (unsigned i = 0; i < 10000; i++)
    admitted += guests_admit (stage->overlay->guests, connection);
  g_assert_cmpuint (admitted, ==, 10000);
}

/* Who is a guest over one link and a peer over another is a peer. */
static void
test_second_link (Fixture *self, const void *data)
{
  Stranger *peer = stranger_new (self->stage, "peer", 0x77);
  Connection *older;

  stranger_connect (peer);
  older = link_of (self, peer);
  stranger_connect (peer);
  link_of (self, peer)->is_peer = true;
  g_assert_true (older != link_of (self, peer));
  g_assert_cmpuint (admit (self, older, 10000), ==, 10000);
}

static unsigned
count_open (Fixture *self)
{
  unsigned count = 0;

  connection_table_for_each (self->stage->overlay->connections, connection)
  {
    count += connection->is_up && !connection->is_closed;
  }
  return count;
}

/* As if they had come by Attach, of which there may be more than of callers. */
static void
attach_guests (Fixture *self, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    NodeId id = { { 0x80, (uint8_t) i, 1 } };
    ConnectionTable *connections = self->stage->overlay->connections;
    Connection *connection = connection_table_open (connections, CONNECTION_OVERLAY, &id);
    Signer signer;
    sim_signer_init (&signer, &id, "guest@home");
    connection_table_link_up (connections, connection->number, signer.own,
                              (LinkTraits){ .is_stream = true });
    sim_signer_clear (&signer);
  }
}

static void
test_too_many (Fixture *self, const void *data)
{
  Connection *first;
  NodeId last = { { 0x80, LIMIT_GUESTS + 9, 1 } };

  attach_guests (self, LIMIT_GUESTS + 10);
  first = connection_table_at (self->stage->overlay->connections, 0);
  guests_tidy (self->guests);
  g_assert_cmpuint (count_open (self), ==, LIMIT_GUESTS + 10); /* they may still join */
  overlay_stage_run (self->stage, 31 * TIME_SECOND);
  guests_tidy (self->guests);
  g_assert_cmpuint (count_open (self), <=, LIMIT_GUESTS);
  g_assert_null (connection_table_find (self->stage->overlay->connections, &last));
  g_assert_true (connection_table_at (self->stage->overlay->connections, 0) == first);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/guest/threat-3.5-the-greedy-leave-the-others-their-share", test_shares);
  ADD ("/guest/threat-3.5-a-client-has-its-share-at-home", test_elsewhere);
  ADD ("/guest/threat-3.5-a-link-that-is-flooded-is-closed", test_flood);
  ADD ("/guest/threat-3.5-several-links-are-worth-no-more-than-one", test_links);
  ADD ("/guest/peers-are-none", test_peers);
  ADD ("/guest/a-newcomer-has-none", test_newcomer);
  ADD ("/guest/one-link-of-a-peer-speaks-for-all", test_second_link);
  ADD ("/guest/threat-3.5-the-youngest-of-too-many-go", test_too_many);
  return g_test_run ();
}
