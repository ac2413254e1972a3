/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/bootstrap.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A node that is new in the world, and the places it tries. Nobody answers unless the test does. */

static Address
place (unsigned number)
{
  Address address = { .family = ADDRESS_IPV4, .port = 6084 };

  address.bytes[0] = 10;
  address.bytes[2] = (uint8_t) (number >> 8);
  address.bytes[3] = (uint8_t) number;
  return address;
}

static void
add (OverlayStage *stage, unsigned number)
{
  Address address = place (number);

  overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &address);
}

static StageLink *
link_at (OverlayStage *stage, guint i)
{
  return &g_array_index (stage->links, StageLink, i);
}

/* Each turn of a place begins with one. */
static bool
is_of_datagrams (OverlayStage *stage, guint i)
{
  return link_at (stage, i)->transport == LINK_TRANSPORT_DTLS;
}

/* How often that place had its turn. */
static unsigned
tries_of (OverlayStage *stage, unsigned number)
{
  Address address = place (number);
  unsigned count = 0;

  for (guint i = 0; i < stage->links->len; i++)
    count += is_of_datagrams (stage, i) && address_equal (&link_at (stage, i)->to, &address);
  return count;
}

/* Of all places. */
static unsigned
count_tries (OverlayStage *stage)
{
  unsigned count = 0;

  for (guint i = 0; i < stage->links->len; i++)
    count += is_of_datagrams (stage, i);
  return count;
}

/* The link of the last turn that began. */
static StageLink *
last_try (OverlayStage *stage)
{
  guint i = stage->links->len;

  while (!is_of_datagrams (stage, --i))
    ;
  return link_at (stage, i);
}

/* Nothing answers at any place, for that long. */
static void
run_in_silence (OverlayStage *stage, uint64_t microseconds)
{
  uint64_t end = timers_now (stage->timers) + microseconds;

  while (timers_now (stage->timers) < end) {
    overlay_stage_run (stage, 100 * TIME_MS);
    for (guint i = 0; i < stage->links->len; i++)
      if (!link_at (stage, i)->is_closed && link_at (stage, i)->transport != 0) {
        link_at (stage, i)->is_closed = true;
        overlay_link_down (stage->overlay, link_at (stage, i)->number, LINK_END_UNREACHABLE);
      }
  }
}

/* ---- What is tried ---- */

static void
test_first_try (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  add (stage, 1);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (stage->links->len, ==, 0); /* it is not on the air yet */
  overlay_start (stage->overlay);
  overlay_stage_run (stage, 0);
  g_assert_cmpuint (tries_of (stage, 1), ==, 1);
  g_assert_cmpint (link_at (stage, 0)->transport, ==, LINK_TRANSPORT_DTLS);
  g_assert_cmpuint (overlay_trying (stage->overlay), ==, 1);
}

/* A place named again is tried no more often. */
static void
test_repeated (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_start (stage->overlay);
  for (unsigned i = 0; i < 50; i++) {
    add (stage, 1);
    overlay_stage_run (stage, 10 * TIME_MS);
  }
  g_assert_cmpuint (tries_of (stage, 1), ==, 1);
}

static void
test_own (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Address own = place (7);

  add (stage, 7);
  overlay_set_listening (stage->overlay, &own, 1);
  overlay_start (stage->overlay);
  add (stage, 7);
  overlay_stage_run (stage, TIME_MINUTE);
  g_assert_cmpuint (stage->links->len, ==, 0);
}

static void
test_no_places (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Address none = { .family = ADDRESS_NONE, .port = 6084 };
  Address no_port = place (1);

  no_port.port = 0;
  overlay_start (stage->overlay);
  overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &none);
  overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &no_port);
  overlay_stage_run (stage, TIME_MINUTE);
  g_assert_cmpuint (stage->links->len, ==, 0);
}

/* ---- Walls: no datagram gets out ---- */

/* Somebody answers at place 1, by that way. */
static void
answer (OverlayStage *stage, LinkTransport transport)
{
  Stranger *bob = stranger_new (stage, "bob", 0x10000000);
  guint i = stage->links->len;

  while (link_at (stage, --i)->transport != transport)
    ;
  overlay_link_up (stage->overlay, link_at (stage, i)->number, bob->signer->own,
                   (LinkTraits){ .is_stream = transport == LINK_TRANSPORT_TLS });
}

/* How long after the first datagram it is believed that they do not get out. */
static uint64_t
doubt (OverlayStage *stage)
{
  uint64_t began = timers_now (stage->timers);

  add (stage, 1);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, 300 * TIME_MS);
  g_assert_cmpuint (bootstrap_walled_at (stage->overlay->bootstrap), ==, UINT64_MAX);
  answer (stage, LINK_TRANSPORT_TLS);
  g_assert_cmpuint (bootstrap_walled_at (stage->overlay->bootstrap), <, UINT64_MAX);
  return bootstrap_walled_at (stage->overlay->bootstrap) - began;
}

/* One that was lost comes again after one second, and after three. */
static void
test_wall (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  uint64_t believed = doubt (stage);

  g_assert_cmpuint (believed, >, 3 * TIME_SECOND);
  g_assert_cmpuint (believed, <, 5 * TIME_SECOND);
}

/* Somebody comes by datagrams. */
static bool
is_walled_beside (bool is_near)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *carol = stranger_new (stage, "carol", 0x20000000);

  doubt (stage);
  overlay_link_up (stage->overlay, LINK_FIRST_INCOMING, carol->signer->own,
                   (LinkTraits){ .is_near = is_near });
  return bootstrap_walled_at (stage->overlay->bootstrap) != UINT64_MAX;
}

/* Who is on the same network is behind the same wall, if there is one. */
static void
test_no_wall (void)
{
  g_assert_true (is_walled_beside (true));
  g_assert_false (is_walled_beside (false));
}

static void
test_wall_elsewhere (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  doubt (stage);
  overlay_network_changed (stage->overlay);
  g_assert_cmpuint (bootstrap_walled_at (stage->overlay->bootstrap), ==, UINT64_MAX);
}

/* ---- How often ---- */

/* Each turn is a race of the two, or of all three. */
static void
expect_ways (OverlayStage *stage, const Address *to, unsigned count)
{
  overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, to);
  overlay_start (stage->overlay);
  run_in_silence (stage, TIME_MINUTE);
  g_assert_cmpuint (stage->links->len, >=, 2 * count);
  g_assert_cmpuint (stage->links->len, ==, count * count_tries (stage));
  for (guint i = 0; i < stage->links->len; i++) {
    g_assert_cmpint (is_of_datagrams (stage, i), ==, i % count == 0);
    g_assert_cmpuint (link_at (stage, i)->to.port, ==, i % count == 2 ? PORT_WEB : 6084);
  }
}

static void
test_ways (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Address near = place (1);

  expect_ways (stage, &near, 2);
}

/* Beyond routers, where firewalls may stand that let nothing out but what goes to the web. */
static void
test_web (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  const Address beyond = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 6084 };

  expect_ways (stage, &beyond, 3);
}

static void
test_back_off (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  unsigned first_minute;

  add (stage, 1);
  overlay_start (stage->overlay);
  run_in_silence (stage, TIME_MINUTE);
  first_minute = count_tries (stage);
  g_assert_cmpuint (first_minute, <=, 10);
  run_in_silence (stage, 9 * TIME_MINUTE);
  /* Once a minute at the least, twice at the most. */
  g_assert_cmpuint (count_tries (stage) - first_minute, >=, 8);
  g_assert_cmpuint (count_tries (stage) - first_minute, <=, 18);
}

/* Nobody says that he is not there: four turns at once, then one after the other, never too many
 * under way. */
static void
test_parallel (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  enum { PLACES = 40, PARALLEL = 4, PARALLEL_FIRST = 32 };

  for (unsigned i = 0; i < PLACES; i++)
    add (stage, i);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, 0);
  g_assert_cmpuint (count_tries (stage), ==, PARALLEL);
  for (unsigned i = 1; i <= 100; i++) {
    overlay_stage_run (stage, 250 * TIME_MS);
    g_assert_cmpuint (count_tries (stage), <=, MIN (PARALLEL + i, (guint) PARALLEL_FIRST));
  }
  g_assert_cmpuint (count_tries (stage), ==, PARALLEL_FIRST);
  g_assert_cmpuint (overlay_trying (stage->overlay), ==, PARALLEL_FIRST);
  run_in_silence (stage, 10 * TIME_SECOND);
  for (unsigned i = 0; i < PLACES; i++)
    g_assert_cmpuint (tries_of (stage, i), >=, 1);
}

/* Those who had their turn wait for the four. */
static void
test_second_turns (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  guint before;

  enum { PLACES = 40, PARALLEL = 4 };

  for (unsigned i = 0; i < PLACES; i++)
    add (stage, i);
  overlay_start (stage->overlay);
  run_in_silence (stage, 30 * TIME_SECOND);
  before = count_tries (stage);
  overlay_stage_run (stage, 5 * TIME_MINUTE); /* now nobody says anything */
  g_assert_cmpuint (count_tries (stage), <=, before + PARALLEL);
  g_assert_cmpuint (overlay_trying (stage->overlay), ==, PARALLEL);
}

static void
test_bounded (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  unsigned tried = 0;

  for (unsigned i = 0; i < 10 * LIMIT_HOSTS; i++)
    add (stage, i);
  overlay_start (stage->overlay);
  run_in_silence (stage, 10 * TIME_MINUTE);
  for (unsigned i = 0; i < 10 * LIMIT_HOSTS; i++)
    tried += tries_of (stage, i) > 0;
  g_assert_cmpuint (tried, ==, LIMIT_HOSTS);
}

static void
test_wake (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  guint before;

  add (stage, 1);
  overlay_start (stage->overlay);
  run_in_silence (stage, 5 * TIME_MINUTE);
  before = stage->links->len;
  overlay_network_changed (stage->overlay);
  run_in_silence (stage, 2100 * TIME_MS);
  g_assert_cmpuint (stage->links->len, >, before);
}

/* In case the link is dead and nobody knows yet; but not while it is being tried. */
static void
test_call_again (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *peer = stranger_new (stage, "peer", 0);
  guint before;

  add (stage, 1);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, TIME_SECOND);
  stranger_take (peer, link_at (stage, 0)->number);
  overlay_stage_run (stage, 10 * TIME_SECOND);
  before = tries_of (stage, 1);
  overlay_network_changed (stage->overlay);
  overlay_network_changed (stage->overlay);
  g_assert_cmpuint (tries_of (stage, 1), ==, before + 1);
}

static void
test_stopped (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  guint before;

  add (stage, 1);
  overlay_start (stage->overlay);
  run_in_silence (stage, 10 * TIME_SECOND);
  overlay_stop (stage->overlay);
  before = stage->links->len;
  run_in_silence (stage, 5 * TIME_MINUTE);
  g_assert_cmpuint (stage->links->len, ==, before);
}

/* ---- Who was there ---- */

/* Somebody answers at place 1. */
static Stranger *
reach (OverlayStage *stage)
{
  Stranger *bob = stranger_new (stage, "bob", 0x10000000);

  add (stage, 1);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, TIME_MS);
  g_assert_cmpuint (stage->links->len, ==, 1);
  stranger_take (bob, link_at (stage, 0)->number);
  return bob;
}

static void
test_linked (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  reach (stage);
  for (unsigned i = 0; i < 60; i++) {
    add (stage, 1);
    overlay_stage_run (stage, TIME_SECOND);
  }
  g_assert_cmpuint (tries_of (stage, 1), ==, 1);
}

/* Disk of one life, put into the next. */
static void
restore (OverlayStage *to, OverlayStage *from, gsize size_max)
{
  GHashTableIter iter;
  void *key, *value;

  g_hash_table_iter_init (&iter, from->kept);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    gsize key_size, size;
    const uint8_t *name = g_bytes_get_data (key, &key_size);
    const uint8_t *data = g_bytes_get_data (value, &size);
    if (name[0] == KEEP_HOST)
      overlay_restore (to->overlay, KEEP_HOST, (Bytes){ name + 1, key_size - 1 },
                       (Bytes){ data, MIN (size, size_max) });
  }
}

/* The way that led there is kept too. */
static void
test_kept_wall (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();
  uint64_t believed = doubt (first);

  restore (second, first, G_MAXSIZE);
  overlay_start (second->overlay);
  overlay_stage_run (second, 0);
  g_assert_cmpuint (second->links->len, ==, 2); /* both begin at once */
  g_assert_cmpuint (doubt (second), <, believed);
}

static void
test_kept (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();

  reach (first);
  restore (second, first, G_MAXSIZE);
  overlay_start (second->overlay);
  overlay_stage_run (second, TIME_MS);
  g_assert_cmpuint (tries_of (second, 1), ==, 1);
}

/* A row as the release before wrote it, when `seen_s` is 0, or as this one does. */
static void
restore_host (OverlayStage *stage, unsigned number, uint32_t seen_s, unsigned failures)
{
  Address address = place (number);
  uint8_t key[NODE_ID_SIZE] = { 9, (uint8_t) (number >> 8), (uint8_t) number };
  uint8_t value[25] = { LINK_TRANSPORT_DTLS, ADDRESS_IPV4 };

  memcpy (value + 2, address.bytes, 16);
  value[18] = 6084 >> 8;
  value[19] = 6084 & 0xff;
  for (unsigned i = 0; i < 4; i++)
    value[20 + i] = (uint8_t) (seen_s >> (24 - 8 * i));
  value[24] = (uint8_t) failures;
  overlay_restore (stage->overlay, KEEP_HOST, (Bytes){ key, sizeof key },
                   (Bytes){ value, seen_s == 0 ? 20 : sizeof value });
}

static void
expect_order (OverlayStage *stage, const unsigned *numbers, size_t count)
{
  overlay_start (stage->overlay);
  run_in_silence (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (count_tries (stage), >=, count);
  for (guint i = 0, at = 0; at < count; i++) {
    Address address = place (numbers[at]);
    if (!is_of_datagrams (stage, i))
      continue;
    g_assert_true (address_equal (&link_at (stage, i)->to, &address));
    at++;
  }
}

static void
test_kept_order (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  const unsigned order[] = { 5, 3, 4, 6, 2, 1 };

  restore_host (stage, 1, 1790000000, 15); /* often tried in vain */
  restore_host (stage, 2, 1790000000, 1);
  restore_host (stage, 3, 1790000000, 0);
  restore_host (stage, 4, 1780000000, 0); /* not met for long */
  restore_host (stage, 5, 1790000600, 0);
  restore_host (stage, 6, 0, 0); /* kept by the release before */
  expect_order (stage, order, G_N_ELEMENTS (order));
}

/* Who is said to be there now comes first, whatever was before. */
static void
test_kept_named (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  const unsigned order[] = { 1, 2 };

  restore_host (stage, 1, 1790000000, 15);
  restore_host (stage, 2, 1790000000, 0);
  add (stage, 1);
  expect_order (stage, order, G_N_ELEMENTS (order));
}

/* An address that works everywhere is worth a week. */
static void
test_kept_public (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  const uint8_t keys[][NODE_ID_SIZE] = { { 1 }, { 2 }, { 3 } };
  const uint8_t addresses[][4] = { { 192, 0, 2, 1 }, { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
  const uint32_t ages_s[] = { 6 * 24 * 3600, 0, 9 * 24 * 3600 };

  for (size_t i = 3; i-- > 0;) {
    uint32_t seen_s = 1790000000 - ages_s[i];
    uint8_t value[25] = { LINK_TRANSPORT_DTLS, ADDRESS_IPV4, [18] = 23, 196 };
    memcpy (value + 2, addresses[i], 4);
    for (unsigned k = 0; k < 4; k++)
      value[20 + k] = (uint8_t) (seen_s >> (24 - 8 * k));
    overlay_restore (stage->overlay, KEEP_HOST, (Bytes){ keys[i], NODE_ID_SIZE },
                     (Bytes){ value, sizeof value });
  }
  overlay_start (stage->overlay);
  overlay_stage_run (stage, 0);
  g_assert_cmpuint (stage->links->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpmem (link_at (stage, i)->to.bytes, 4, addresses[i], 4);
}

/* What was learned in one life about a place that does not answer holds in the next; when its peer
 * is there again, it is as good as any. */
static void
test_kept_failures (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();
  const unsigned order[] = { 2, 1 };

  restore_host (first, 1, 1790000000, 0);
  restore_host (first, 2, 1780000000, 1);
  overlay_start (first->overlay);
  overlay_stage_run (first, 0);
  g_assert_cmpuint (count_tries (first), ==, 2);
  while (tries_of (first, 1) < 2)
    run_in_silence (first, 100 * TIME_MS);
  while (tries_of (first, 2) < 3)
    overlay_stage_run (first, 100 * TIME_MS);
  stranger_take (stranger_new (first, "bob", 0x10000000), last_try (first)->number);
  restore (second, first, G_MAXSIZE);
  expect_order (second, order, G_N_ELEMENTS (order));
}

static void
test_kept_damaged (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();
  const uint8_t key[NODE_ID_SIZE] = { 1 };
  uint8_t value[20] = { 9, 4, 10 };

  reach (first);
  for (gsize size = 0; size < 25; size++)
    if (size != 20) /* as long as those of the release before */
      restore (second, first, size);
  overlay_restore (second->overlay, KEEP_HOST, (Bytes){ key, sizeof key },
                   (Bytes){ value, sizeof value }); /* no such transport */
  value[0] = LINK_TRANSPORT_DTLS;
  value[1] = 77; /* no such family */
  overlay_restore (second->overlay, KEEP_HOST, (Bytes){ key, sizeof key },
                   (Bytes){ value, sizeof value });
  value[1] = ADDRESS_IPV4;
  overlay_restore (second->overlay, KEEP_HOST, (Bytes){ key, 3 }, (Bytes){ value, sizeof value });
  overlay_start (second->overlay);
  overlay_stage_run (second, TIME_MINUTE);
  g_assert_cmpuint (second->links->len, ==, 0);
}

/* What the disk holds. */
static unsigned
count_kept (OverlayStage *stage)
{
  GHashTableIter iter;
  void *key;
  unsigned count = 0;

  g_hash_table_iter_init (&iter, stage->kept);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    gsize size;
    count += ((const uint8_t *) g_bytes_get_data (key, &size))[0] == KEEP_HOST;
  }
  return count;
}

/* That place is named, tried once more, and that peer answers; then it goes. */
static void
visit (OverlayStage *stage, unsigned number, Stranger *peer)
{
  unsigned before = tries_of (stage, number);
  Address address = place (number);
  guint i;

  add (stage, number);
  while (tries_of (stage, number) == before)
    overlay_stage_run (stage, 100 * TIME_MS);
  i = stage->links->len;
  while (!is_of_datagrams (stage, --i) || !address_equal (&link_at (stage, i)->to, &address))
    ;
  stranger_take (peer, link_at (stage, i)->number);
  overlay_link_down (stage->overlay, link_at (stage, i)->number, LINK_END_CLOSED);
}

/* However many come and go: what is forgotten is forgotten on the disk too. */
static void
test_kept_bounded (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_start (stage->overlay);
  for (unsigned i = 0; i < 3 * LIMIT_HOSTS; i++) {
    visit (stage, i, stranger_new (stage, "peer", i + 1));
    g_assert_cmpuint (count_kept (stage), ==, MIN (i + 1, LIMIT_HOSTS));
  }
}

/* Several addresses of one peer are one entry: that at which it answered last. */
static void
test_kept_peer_once (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *bob = stranger_new (stage, "bob", 0x10000000);
  const Address places[] = { place (1), place (2), place (3) };

  bootstrap_note_listening (stage->overlay->bootstrap, &bob->id, places, G_N_ELEMENTS (places));
  overlay_start (stage->overlay);
  overlay_stage_run (stage, 0);
  g_assert_cmpuint (stage->links->len, ==, 3);
  stranger_take (bob, link_at (stage, 1)->number);
  g_assert_cmpuint (count_kept (stage), ==, 1);
}

/* Another peer at an old address: the first is not there any more. */
static void
test_kept_once (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_start (stage->overlay);
  for (unsigned i = 0; i < 5; i++) {
    visit (stage, 1, stranger_new (stage, "peer", i + 1));
    g_assert_cmpuint (count_kept (stage), ==, 1);
  }
}

/* Somebody names more addresses than there is room for. */
static void
test_kept_flood (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  reach (stage);
  for (unsigned i = 2; i < 10 * LIMIT_HOSTS; i++)
    add (stage, i);
  g_assert_cmpuint (count_kept (stage), ==, 1);
}

/* The next life begins among hints that lead to nobody, as many as there is room for: the one peer
 * of before is called all the same, within seconds. */
static void
test_kept_anchor (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();

  reach (first);
  restore (second, first, G_MAXSIZE);
  for (unsigned i = 2; i < 2 + 2 * LIMIT_HOSTS; i++)
    add (second, i);
  overlay_start (second->overlay);
  run_in_silence (second, 10 * TIME_SECOND);
  g_assert_cmpuint (tries_of (second, 1), >, 0);
}

/* Nobody was reached there: it is nothing to remember. */
static void
test_not_kept (void)
{
  g_autoptr (OverlayStage) first = overlay_stage_new ();
  g_autoptr (OverlayStage) second = overlay_stage_new ();

  add (first, 1);
  overlay_start (first->overlay);
  run_in_silence (first, TIME_MINUTE);
  restore (second, first, G_MAXSIZE);
  overlay_start (second->overlay);
  overlay_stage_run (second, TIME_MINUTE);
  g_assert_cmpuint (second->links->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bootstrap/try/at-once-when-on-the-air", test_first_try);
  g_test_add_func ("/bootstrap/try/a-place-named-again-is-tried-no-more-often", test_repeated);
  g_test_add_func ("/bootstrap/try/never-ourselves", test_own);
  g_test_add_func ("/bootstrap/try/never-what-is-no-place", test_no_places);
  g_test_add_func ("/bootstrap/race/tcp-after-udp", test_ways);
  g_test_add_func ("/bootstrap/race/beyond-routers-the-port-of-the-web-too", test_web);
  g_test_add_func ("/bootstrap/wall/believed-when-three-datagrams-were-in-vain", test_wall);
  g_test_add_func ("/bootstrap/wall/not-when-datagrams-come-from-outside", test_no_wall);
  g_test_add_func ("/bootstrap/wall/not-in-another-network", test_wall_elsewhere);
  g_test_add_func ("/bootstrap/wall/believed-sooner-the-next-time", test_kept_wall);
  g_test_add_func ("/bootstrap/pace/a-silent-place-is-tried-ever-less", test_back_off);
  g_test_add_func ("/bootstrap/pace/nobody-waits-long-for-a-first-turn", test_parallel);
  g_test_add_func ("/bootstrap/pace/four-at-a-time-have-further-turns", test_second_turns);
  g_test_add_func ("/bootstrap/pace/only-so-many-places-are-remembered", test_bounded);
  g_test_add_func ("/bootstrap/pace/a-new-network-is-tried-at-once", test_wake);
  g_test_add_func ("/bootstrap/pace/whose-link-may-be-dead-is-called-again", test_call_again);
  g_test_add_func ("/bootstrap/pace/nothing-is-tried-after-stop", test_stopped);
  g_test_add_func ("/bootstrap/kept/a-linked-peer-is-not-called-again", test_linked);
  g_test_add_func ("/bootstrap/kept/who-was-reached-is-tried-in-the-next-life", test_kept);
  g_test_add_func ("/bootstrap/kept/the-promising-come-first", test_kept_order);
  g_test_add_func ("/bootstrap/kept/who-is-named-now-comes-first", test_kept_named);
  g_test_add_func ("/bootstrap/kept/a-public-address-counts-for-more", test_kept_public);
  g_test_add_func ("/bootstrap/kept/failures-are-remembered-until-it-answers", test_kept_failures);
  g_test_add_func ("/bootstrap/kept/a-peer-is-kept-once", test_kept_peer_once);
  g_test_add_func ("/bootstrap/kept/what-is-damaged-is-ignored", test_kept_damaged);
  g_test_add_func ("/bootstrap/kept/the-disk-holds-no-more-than-we-do", test_kept_bounded);
  g_test_add_func ("/bootstrap/kept/one-peer-for-each-place", test_kept_once);
  g_test_add_func ("/bootstrap/kept/threat-2.7-names-alone-push-nobody-out", test_kept_flood);
  g_test_add_func ("/bootstrap/kept/threat-2.7-a-peer-of-before-is-found-among-false-hints",
                   test_kept_anchor);
  g_test_add_func ("/bootstrap/kept/who-was-not-reached-is-forgotten", test_not_kept);
  return g_test_run ();
}
