/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "core/wire/topology.h"
#include "tests/unit/overlay-stage.h"

/* What is believed of those who say that a finger's place is theirs. The node is 80, among
 * neighbors that pass on whatever they like; places are given in mean spacings of these, behind the
 * target of the search. */

enum { SIDE = LIMIT_NEIGHBORS, SEARCHES = 64, WAYS = 3, AROUND = LIMIT_VICINITY };

typedef struct Fixture {
  OverlayStage *stage;
  Chord *chord;
  Stranger *neighbors[2 * SIDE];
  guint links;              /* asked for before the answers came */
  Stranger *before[AROUND]; /* the place, the nearest first */
} Fixture;

static void
forget_letters (Fixture *self)
{
  for (unsigned i = 0; i < 2 * SIDE; i++)
    while (stranger_next (self->neighbors[i], 0) != NULL)
      ;
}

static bool
is_far_from_us (const Fixture *self)
{
  uint8_t first = self->chord->search.target.bytes[0];

  return self->chord->search.index != 0 && first >= 0xc0 && first < 0xe0;
}

/* Until a place far from us is looked for. */
static void
begin_search (Fixture *self)
{
  uint64_t interval = self->stage->configuration->chord_ping_interval_s * TIME_SECOND;

  for (unsigned i = 0; i < SEARCHES && !is_far_from_us (self); i++) {
    overlay_stage_run (self->stage, interval);
    forget_letters (self);
    self->stage->random = UINT64_C (0x9e3779b97f4a7c15) * (i + 1);
    chord_fingers_start (self->chord, TIME_SECOND);
    overlay_stage_run (self->stage, TIME_SECOND + 100 * TIME_MS);
  }
  g_assert_true (is_far_from_us (self));
  g_assert_cmpuint (self->chord->search.waiting, ==, WAYS);
  self->links = self->stage->links->len;
}

static uint32_t
place_at (Fixture *self, double spacings)
{
  const uint8_t *target = self->chord->search.target.bytes;
  double distance = spacings * routing_table_spacing (self->chord->table) * 4294967296.0;
  uint32_t place =
    (uint32_t) target[0] << 24 | (uint32_t) target[1] << 16 | (uint32_t) target[2] << 8 | target[3];

  return place + (uint32_t) (int32_t) distance;
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->chord = self->stage->overlay->topology.self;
  for (unsigned i = 0; i < SIDE; i++) {
    Stranger **pair = &self->neighbors[2 * i];
    pair[0] = stranger_new (self->stage, "after", 0x90000000 + (i << 24));
    pair[1] = stranger_new (self->stage, "before", 0x70000000 - (i << 24));
    overlay_stage_join (self->stage, pair);
  }
  begin_search (self);
  for (unsigned i = 0; i < AROUND; i++)
    self->before[i] = stranger_new (self->stage, "before", place_at (self, -1.0 * (i + 1)));
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static NodeId
id_at (Fixture *self, double spacings)
{
  uint32_t place = place_at (self, spacings);

  return (NodeId){ { (uint8_t) (place >> 24), (uint8_t) (place >> 16), (uint8_t) (place >> 8),
                     (uint8_t) place } };
}

/* Somebody so far behind the target. */
static Stranger *
somebody (Fixture *self, double spacings)
{
  return stranger_new (self->stage, "somebody", place_at (self, spacings));
}

/* Those whom it names around the place are so many spacings apart (`stretch`), but for the first
 * behind it; 0: it names nobody. Of those behind it knows so many that are near. */
static void
reply (Fixture *self,
       Stranger *by,
       const Letter *letter,
       const Stranger *who,
       const Stranger *first,
       double stretch,
       unsigned near)
{
  const ChordRouteQueryAns body = { .next_peer = who->id };
  NodeId before[AROUND], behind[AROUND];
  ChordVicinity vicinity = { { before, AROUND }, { behind, AROUND } };
  MessageExtension extension = { .type = MESSAGE_EXTENSION_VICINITY };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (unsigned i = 0; i < AROUND; i++) {
    before[i] = stretch > 1 ? id_at (self, -stretch * (i + 1)) : self->before[i]->id;
    behind[i] = i == 0 ? first->id : id_at (self, stretch * (i + (i < near ? 5 : 40)));
  }
  chord_vicinity_encode (&vicinity, bytes);
  extension.extension_contents = (Bytes){ bytes->data, bytes->len };
  stranger_send (by, &(Draft){
                       .code = MESSAGE_ROUTE_QUERY_REQ + 1,
                       .body = &body,
                       .transaction_id = letter->header.transaction_id,
                       .extensions = { &extension, stretch > 0 },
                       .signer = who->signer,
                     });
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

/* The next question that goes to the place itself, or to a node. */
static Letter *
next_question (Fixture *self, DestinationType type, Stranger **ret_neighbor)
{
  for (unsigned i = 0; i < 2 * SIDE; i++) {
    Letter *letter;
    while ((letter = stranger_next (self->neighbors[i], MESSAGE_ROUTE_QUERY_REQ)) != NULL) {
      *ret_neighbor = self->neighbors[i];
      if (letter->header.destination_list.items[0].type == type)
        return letter;
    }
  }
  return NULL;
}

/* The questions, over whichever links they went, are answered by one and then by the other. */
static void
answer (Fixture *self, const Stranger *first, const Stranger *others, double stretch)
{
  Stranger *by = NULL;

  for (unsigned i = 0; i < WAYS; i++) {
    const Stranger *who = i == 0 ? first : others;
    const Letter *letter = next_question (self, DESTINATION_RESOURCE, &by);
    g_assert_nonnull (letter);
    reply (self, by, letter, who, who, stretch, AROUND);
  }
}

/* One of those before the place is asked too, and names `first`. As it stands to the side, its
 * list of successors does not reach as far behind the place. */
static void
confirm (Fixture *self, const Stranger *first)
{
  Stranger *by = NULL;
  const Letter *letter = next_question (self, DESTINATION_NODE, &by);
  const Stranger *who = NULL;

  g_assert_nonnull (letter);
  for (unsigned i = 0; i < AROUND; i++)
    if (node_id_equal (&self->before[i]->id, &letter->header.destination_list.items[0].node_id))
      who = self->before[i];
  g_assert_nonnull (who);
  reply (self, by, letter, who, first, 1, AROUND / 2);
}

static void
assert_refused (Fixture *self, const Stranger *who)
{
  g_assert_cmpuint (self->chord->search.index, ==, 0);
  g_assert_cmpuint (self->stage->links->len, ==, self->links);
  g_assert_false (routing_table_is_finger (self->chord->table, &who->id));
}

/* Whoever names nobody but those who are in league with it. */
static void
test_too_few (Fixture *self, const void *data)
{
  const Stranger *liar = somebody (self, 2);

  answer (self, liar, liar, 5);
  assert_refused (self, liar);
}

static void
test_too_far (Fixture *self, const void *data)
{
  const Stranger *liar = somebody (self, 4);
  uint64_t refused = self->stage->overlay->counters.fingers_refused;

  answer (self, liar, liar, 1);
  confirm (self, liar);
  g_assert_cmpuint (self->stage->overlay->counters.fingers_refused, ==, refused + 1);
  assert_refused (self, liar);
}

/* Those whom it names were made up. */
static void
test_silence (Fixture *self, const void *data)
{
  const Stranger *liar = somebody (self, 2);

  answer (self, liar, liar, 1);
  overlay_stage_run (self->stage, 30 * TIME_SECOND);
  assert_refused (self, liar);
}

/* Nobody is a finger by anybody's word: a link is asked for. */
static void
expect (Fixture *self, const Stranger *honest, const Stranger *liar)
{
  g_assert_true (node_id_equal (&self->chord->search.best, &honest->id));
  g_assert_cmpuint (self->stage->links->len, ==, self->links + 1);
  g_assert_false (routing_table_is_finger (self->chord->table, &honest->id));
  g_assert_false (routing_table_is_finger (self->chord->table, &liar->id));
}

static void
test_nearest_first (Fixture *self, const void *data)
{
  const Stranger *honest = somebody (self, 0.5);
  const Stranger *liar = somebody (self, 2);

  answer (self, honest, liar, 1);
  confirm (self, honest);
  expect (self, honest, liar);
}

static void
test_nearest_others (Fixture *self, const void *data)
{
  const Stranger *honest = somebody (self, 0.5);
  const Stranger *liar = somebody (self, 2);

  answer (self, liar, honest, 1);
  confirm (self, honest);
  expect (self, honest, liar);
}

static void
test_confirmation (Fixture *self, const void *data)
{
  const Stranger *honest = somebody (self, 0.5);
  const Stranger *liar = somebody (self, 2);

  answer (self, liar, liar, 1);
  confirm (self, honest);
  expect (self, honest, liar);
}

/* Peers of RFC 6940 alone. */
static void
test_bare (Fixture *self, const void *data)
{
  const Stranger *honest = somebody (self, 0.5);
  const Stranger *liar = somebody (self, 2);

  answer (self, liar, honest, 0);
  expect (self, honest, liar);
}

static void
test_bare_too_far (Fixture *self, const void *data)
{
  const Stranger *liar = somebody (self, 4);

  answer (self, liar, liar, 0);
  assert_refused (self, liar);
}

static void
test_bare_beside (Fixture *self, const void *data)
{
  const Stranger *honest = somebody (self, 2);
  const Stranger *liar = somebody (self, 0.5);
  Stranger *by = NULL;

  for (unsigned i = 0; i < WAYS; i++) {
    const Letter *letter = next_question (self, DESTINATION_RESOURCE, &by);
    const Stranger *who = i == 0 ? honest : liar;
    g_assert_nonnull (letter);
    reply (self, by, letter, who, who, i == 0 ? 1 : 0, AROUND);
  }
  confirm (self, honest);
  expect (self, honest, liar);
}

static unsigned
questions_in (Fixture *self, uint64_t time)
{
  unsigned count = 0;
  Stranger *by;

  forget_letters (self);
  overlay_stage_run (self->stage, time);
  while (next_question (self, DESTINATION_RESOURCE, &by) != NULL)
    count++;
  return count;
}

/* Nobody answers, until a finger is lost. */
static void
test_in_vain (Fixture *self, const void *data)
{
  unsigned first = questions_in (self, 10 * TIME_MINUTE);

  overlay_stage_run (self->stage, 30 * TIME_MINUTE);
  g_assert_cmpuint (3 * questions_in (self, 10 * TIME_MINUTE), <=, first);
  chord_fingers_start (self->chord, TIME_SECOND);
  g_assert_cmpuint (questions_in (self, 10 * TIME_MINUTE), >, first / 2);
}

#define ADD(path, func) \
  g_test_add ("/chord-fingers/threat-2.3-" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("who-knows-too-few-around-the-place-is-not-heard", test_too_few);
  ADD ("who-is-too-far-from-the-place-is-refused", test_too_far);
  ADD ("who-made-up-those-around-is-refused", test_silence);
  ADD ("of-three-paths-the-nearest-counts/first", test_nearest_first);
  ADD ("of-three-paths-the-nearest-counts/others", test_nearest_others);
  ADD ("whom-one-of-those-around-names-instead-counts", test_confirmation);
  ADD ("the-nearest-of-those-who-name-nobody-serves", test_bare);
  ADD ("who-names-nobody-and-is-too-far-is-refused", test_bare_too_far);
  ADD ("who-names-nobody-does-not-count-beside-one-who-does", test_bare_beside);
  g_test_add ("/chord-fingers/who-finds-nobody-looks-less-often", Fixture, NULL, set_up,
              test_in_vain, tear_down);
  return g_test_run ();
}
