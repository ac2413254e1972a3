/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/carrier.h"

#include "core/os/relay-book.h"
#include "tests/unit/fake-node.h"

/* Alice knows Bob as a relay. */
typedef struct Fixture {
  Peer *alice;
  Peer *bob;
  uint32_t links;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  Address address;
  g_autoptr (GTimer) timer = g_timer_new ();

  *self = (Fixture){ .alice = peer_member (), .bob = peer_member () };
  g_assert_true (world_open_relay (self->bob->world, true, &address));
  relay_book_add (self->alice->world->relays, &address, false);
  while (!relay_book_has (self->alice->world->relays, &address)) {
    wait_ms (1);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 20);
  }
}

static void
teardown (Fixture *self, gconstpointer data)
{
  peer_free (self->alice);
  peer_free (self->bob);
}

static uint32_t
gather (Fixture *self, LinkPurpose purpose)
{
  const LinkSetup setup = { .purpose = purpose };
  uint32_t link = ++self->links;

  self->alice->ports->link_gather (self->alice->ports->world, link, &setup);
  return link;
}

static bool
has_room (Fixture *self, uint32_t link)
{
  const Heard *heard = peer_heard (self->alice, link);

  wait_for (&heard->gathered, 1);
  for (size_t i = 0; i < heard->local.candidate_count; i++)
    if (heard->local.candidates[i].type == CANDIDATE_RELAYED)
      return true;
  return false;
}

/* On a busy machine a relay may answer too late: then it is asked again. */
static uint32_t
expect_room (Fixture *self, LinkPurpose purpose)
{
  for (unsigned i = 0; i < 20; i++) {
    uint32_t link = gather (self, purpose);
    if (has_room (self, link))
      return link;
    self->alice->ports->link_close (self->alice->ports->world, link);
    wait_ms (20);
  }
  g_assert_not_reached ();
}

/* Who joins a ring attaches to many peers at once. */
static void
test_room_is_left (Fixture *self, gconstpointer data)
{
  LinkPurpose purpose = (LinkPurpose) GPOINTER_TO_INT (data);
  uint32_t links[8];
  RelayReport report;

  for (unsigned i = 0; i < G_N_ELEMENTS (links); i++)
    links[i] = gather (self, LINK_PURPOSE_OVERLAY);
  for (unsigned i = 0; i < G_N_ELEMENTS (links); i++)
    g_assert_true (i < 2 || !has_room (self, links[i]));
  g_assert_true (world_relay_report (self->bob->world, &report));
  g_assert_cmpuint (report.allocations, <=, 2);
  expect_room (self, purpose);
  expect_room (self, purpose);
}

static void
test_room_comes_back (Fixture *self, gconstpointer data)
{
  uint32_t first = expect_room (self, LINK_PURPOSE_OVERLAY);

  expect_room (self, LINK_PURPOSE_OVERLAY);
  g_assert_false (has_room (self, gather (self, LINK_PURPOSE_OVERLAY)));
  self->alice->ports->link_close (self->alice->ports->world, first);
  wait_ms (20);
  expect_room (self, LINK_PURPOSE_OVERLAY);
}

/* For a call that has its room, and seeks a way without one. */
static void
test_direct (Fixture *self, gconstpointer data)
{
  const LinkSetup setup = { .purpose = LINK_PURPOSE_MEDIA, .exposure = LINK_EXPOSURE_DIRECT };

  self->alice->ports->link_gather (self->alice->ports->world, 100, &setup);
  g_assert_false (has_room (self, 100));
  g_assert_cmpuint (peer_heard (self->alice, 100)->local.candidate_count, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test, data) \
  g_test_add (path, Fixture, GINT_TO_POINTER (data), setup, test, teardown)
  ADD ("/carrier-ice/links-of-the-overlay-leave-calls-their-room", test_room_is_left,
       LINK_PURPOSE_MEDIA);
  ADD ("/carrier-ice/links-of-the-overlay-leave-sip-its-room", test_room_is_left,
       LINK_PURPOSE_APPLICATION);
  ADD ("/carrier-ice/room-that-is-given-back-is-used-again", test_room_comes_back, 0);
  ADD ("/carrier-ice/who-seeks-a-direct-way-asks-no-relay", test_direct, 0);
  return g_test_run ();
}
