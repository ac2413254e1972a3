/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "tests/unit/node-stage.h"

static const uint64_t AGAIN = 250 * TIME_MS;

typedef struct Fixture {
  NodeStage *stage;
  uint32_t call; /* as its caller knows it */
  StageCall *ends[2];
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  self->stage = node_stage_new (2);
  node_stage_start (self->stage);
  self->call = node_stage_talk (self->stage);
  self->ends[0] = node_stage_seen (self->stage, 0, self->call);
  self->ends[1] = node_stage_incoming (self->stage, 1);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  node_stage_free (self->stage);
}

/* As the world tells it on that link. */
static void
be_silent (Fixture *self, unsigned phone, uint32_t link, unsigned times)
{
  for (unsigned i = 0; i < times; i++) {
    node_link_silent (node_stage_node (self->stage, phone), link, true);
    node_stage_run (self->stage, AGAIN);
  }
}

static void
assert_story (const Fixture *self, unsigned phone, const char *story, unsigned media)
{
  g_assert_cmpstr (self->ends[phone]->story, ==, story);
  g_assert_cmpuint (self->ends[phone]->media, ==, media);
}

/* Over the link that the phone has now. */
static void
sound (const Fixture *self, unsigned phone)
{
  node_link_silent (node_stage_node (self->stage, phone), self->ends[phone]->link, false);
}

static void
test_restart (Fixture *self, gconstpointer data)
{
  uint32_t former = self->ends[0]->link;

  be_silent (self, 0, former, 1);
  assert_story (self, 0, "LCRUX", 1);
  be_silent (self, 0, former, 1);
  node_stage_run (self->stage, 2 * TIME_SECOND);
  assert_story (self, 0, "LCRUX", 2);
  sound (self, 0);
  assert_story (self, 0, "LCRUXU", 2);
  assert_story (self, 1, "RU", 2);
  g_assert_cmpuint (self->ends[0]->link, !=, former);
  g_assert_cmpuint (node_stage_media_links (self->stage, 0), ==, 1);
  g_assert_cmpuint (node_stage_media_links (self->stage, 1), ==, 1);
}

/* The former link's silence says nothing of the new one. */
static void
test_former_link (Fixture *self, gconstpointer data)
{
  uint32_t former = self->ends[0]->link;

  be_silent (self, 0, former, 2);
  node_stage_run (self->stage, 2 * TIME_SECOND);
  node_link_silent (node_stage_node (self->stage, 0), self->ends[0]->link, false);
  be_silent (self, 0, former, 20);
  assert_story (self, 0, "LCRUXU", 2);
}

static void
test_short (Fixture *self, gconstpointer data)
{
  be_silent (self, 0, self->ends[0]->link, 1);
  node_link_silent (node_stage_node (self->stage, 0), self->ends[0]->link, false);
  node_stage_run (self->stage, 10 * TIME_SECOND);
  assert_story (self, 0, "LCRUXU", 1);
  assert_story (self, 1, "RU", 1);
}

static void
test_callee (Fixture *self, gconstpointer data)
{
  uint32_t link = self->ends[1]->link;

  be_silent (self, 1, link, 15);
  assert_story (self, 1, "RUX", 1);
  be_silent (self, 1, link, 1);
  node_stage_run (self->stage, 2 * TIME_SECOND);
  sound (self, 1);
  assert_story (self, 1, "RUXU", 2);
  assert_story (self, 0, "LCRU", 2);
}

static void
test_both (Fixture *self, gconstpointer data)
{
  uint32_t links[2] = { self->ends[0]->link, self->ends[1]->link };

  for (unsigned i = 0; i < 4; i++) {
    for (unsigned phone = 0; phone < 2; phone++)
      node_link_silent (node_stage_node (self->stage, phone), links[phone], true);
    node_stage_run (self->stage, AGAIN);
  }
  node_stage_run (self->stage, 2 * TIME_SECOND);
  for (unsigned phone = 0; phone < 2; phone++)
    node_link_silent (node_stage_node (self->stage, phone), self->ends[phone]->link, false);
  node_stage_run (self->stage, 8 * TIME_SECOND);
  assert_story (self, 0, "LCRUXU", 2);
  assert_story (self, 1, "RUXU", 2);
}

static void
test_hold (Fixture *self, gconstpointer data)
{
  node_call_hold (node_stage_node (self->stage, 1), self->ends[1]->number, true);
  node_stage_run (self->stage, TIME_SECOND);
  g_assert_true (self->ends[0]->is_held_there);
  be_silent (self, 0, self->ends[0]->link, 100);
  assert_story (self, 0, "LCRU", 1);
  node_call_hold (node_stage_node (self->stage, 1), self->ends[1]->number, false);
  node_stage_run (self->stage, TIME_SECOND);
  be_silent (self, 0, self->ends[0]->link, 1);
  assert_story (self, 0, "LCRUX", 1);
}

/* SIP's link is dead, too: no offer goes over it, and the new link brings one at once. */
static void
test_new_link (Fixture *self, gconstpointer data)
{
  Node *node = node_stage_node (self->stage, 0);
  const NodeId *other = node_id (node_stage_node (self->stage, 1));
  uint32_t sound = self->ends[0]->link;
  Connection *sip = connection_table_find_application (node->overlay->connections, other);

  node_link_silent (node, sound, true);
  node_link_down (node, sip->number, LINK_END_LOST);
  node_stage_run (self->stage, 3 * TIME_SECOND);
  node_link_silent (node, self->ends[0]->link, false);
  assert_story (self, 0, "LCRUXU", 2);
  assert_story (self, 1, "RU", 2);
}

/* SIP's link stands, and nothing comes over it: another is made beside it, and brings the offer. */
static void
test_beside (Fixture *self, gconstpointer data)
{
  Node *node = node_stage_node (self->stage, 0);
  const NodeId *other = node_id (node_stage_node (self->stage, 1));
  uint32_t sound = self->ends[0]->link;
  Connection *sip = connection_table_find_application (node->overlay->connections, other);

  sip->number = LINK_FIRST_INCOMING - 1; /* what is said goes nowhere */
  be_silent (self, 0, sound, 3);
  assert_story (self, 0, "LCRUX", 2);
  assert_story (self, 1, "RU", 2);
  g_assert_true (connection_table_find_application (node->overlay->connections, other) != sip);
  node_link_silent (node, self->ends[0]->link, false);
  node_stage_run (self->stage, 10 * TIME_SECOND);
  assert_story (self, 0, "LCRUXU", 2);
}

/* The other side's microphone, perhaps; but once it has been heard it is the network again. */
static void
test_in_vain (Fixture *self, gconstpointer data)
{
  sound (self, 0);
  be_silent (self, 0, self->ends[0]->link, 1);
  g_assert_cmpuint (self->ends[0]->left_s, >, 0);
  be_silent (self, 0, self->ends[0]->link, 1);
  node_stage_run (self->stage, 2 * TIME_SECOND);
  be_silent (self, 0, self->ends[0]->link, 8);
  assert_story (self, 0, "LCRUX", 2);
  g_assert_cmpuint (self->ends[0]->left_s, ==, 0);
  sound (self, 0);
  assert_story (self, 0, "LCRUXU", 2);
  be_silent (self, 0, self->ends[0]->link, 2);
  node_stage_run (self->stage, 2 * TIME_SECOND);
  assert_story (self, 0, "LCRUXUX", 3);
}

/* No new link comes up either. */
static void
test_over (Fixture *self, gconstpointer data)
{
  Node *node = node_stage_node (self->stage, 0);
  uint32_t sound = self->ends[0]->link;

  node_link_silent (node, sound, false);
  for (unsigned i = 0; i < 4 * NODE_CALL_MEND_S; i++) {
    const CallLeg *leg = &list_element (node->calls.next, Call, all)->legs[0];
    if (leg->next_link != 0)
      node_link_down (node, leg->next_link, LINK_END_UNREACHABLE);
    g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
    node_link_silent (node, sound, true);
    if (list_is_empty (&node->calls))
      break;
    if (leg->next_link != 0)
      node_link_down (node, leg->next_link, LINK_END_UNREACHABLE);
    node_stage_run (self->stage, AGAIN);
  }
  node_stage_run (self->stage, TIME_SECOND);
  assert_story (self, 0, "LCRUXE", 1);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_LOST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, setup, test, teardown)
  ADD ("/node-mend/silence-restarts-ice-when-sip-gives-a-sign-of-life", test_restart);
  ADD ("/node-mend/what-was-replaced-may-be-silent", test_former_link);
  ADD ("/node-mend/silence-that-ends-by-itself-changes-nothing", test_short);
  ADD ("/node-mend/the-callee-waits-for-the-caller", test_callee);
  ADD ("/node-mend/two-that-hear-nothing-restart-once", test_both);
  ADD ("/node-mend/on-hold-nothing-is-heard", test_hold);
  ADD ("/node-mend/a-new-link-that-is-silent-too-stays", test_in_vain);
  ADD ("/node-mend/a-call-that-cannot-be-mended-ends", test_over);
  ADD ("/node-mend/a-link-of-sip-that-is-as-silent-gets-another-beside-it", test_beside);
  ADD ("/node-mend/with-sip-on-a-new-link-ice-restarts-at-once", test_new_link);
  return g_test_run ();
}
