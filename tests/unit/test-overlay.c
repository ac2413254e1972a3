/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/overlay.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

static OverlayStage *
stage_alone (void)
{
  OverlayStage *stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  return stage;
}

static Stranger *
join (OverlayStage *stage)
{
  Stranger *carol = stranger_new (stage, "carol", 0x10000000);
  JoinReq join = { .joining_peer_id = carol->id };

  stranger_connect (carol);
  g_assert_cmpint (stranger_verdict (carol, &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &join }),
                   ==, RELOAD_OK);
  overlay_stage_run (stage, TIME_SECOND);
  return carol;
}

static guint
open_links (OverlayStage *stage)
{
  guint count = 0;

  for (guint i = 0; i < stage->links->len; i++)
    count += !g_array_index (stage->links, StageLink, i).is_closed;
  return count;
}

/* ---- Looking at it ---- */

static void
test_counters (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (size_t i = 0; i < overlay_counter_count; i++)
    g_assert_true (g_hash_table_add (names, (void *) overlay_counter_names[i]));
}

static void
on_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  GString *rows = user_data;

  g_string_append_printf (rows, "%02x %s\n", id->bytes[0], role);
}

static void
test_peers (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  g_autoptr (GString) rows = g_string_new (NULL);

  g_assert_cmpuint (overlay_peers (stage->overlay), ==, 1);
  overlay_for_each_peer (stage->overlay, on_peer, rows);
  g_assert_cmpstr (rows->str, ==, "");
  join (stage);
  g_assert_cmpuint (overlay_peers (stage->overlay), ==, 2);
  g_assert_cmpuint (overlay_links (stage->overlay), ==, 1);
  overlay_for_each_peer (stage->overlay, on_peer, rows);
  g_assert_cmpstr (rows->str, ==, "10 successor\n");
}

/* ---- Life ---- */

static void
test_alone (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_OFF);
  overlay_stage_alone (stage);
  g_assert_true (overlay_is_registered (stage->overlay));
  g_assert_cmpuint (overlay_resource_count (stage->overlay), ==, 2);
}

static void
test_stop (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);
  PingReq ping = { .padding = { NULL, 0 } };
  unsigned goodbyes = 0;

  overlay_stop (stage->overlay);
  overlay_stop (stage->overlay);
  overlay_stage_run (stage, TIME_SECOND);
  while (stranger_next (carol, MESSAGE_LEAVE_REQ) != NULL)
    goodbyes++;
  g_assert_cmpuint (goodbyes, >=, 1);
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_OFF);
  g_assert_cmpint (stranger_verdict (carol, &(Draft){ .code = MESSAGE_PING_REQ, .body = &ping }),
                   ==, -1);
}

static void
test_quit (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);

  while (stranger_next (carol, 0) != NULL)
    continue;
  overlay_quit (stage->overlay);
  g_assert_null (stranger_next (carol, 0));
  g_assert_cmpuint (carol->link, ==, 0);
  overlay_stage_run (stage, 10 * TIME_MINUTE);
  g_assert_cmpuint (open_links (stage), ==, 0);
  g_assert_cmpuint (overlay_links (stage->overlay), ==, 0);
}

static void
expire_in (OverlayStage *stage, int64_t seconds)
{
  stage->configuration->expiration_s =
    (int64_t) (stage->ports.wall_clock_ms (stage) / 1000) + seconds;
}

/* In good order, and back when the document is good again. */
static void
test_expires (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);

  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_JOINED);
  expire_in (stage, 30);
  overlay_stage_run (stage, 10 * TIME_SECOND);
  g_assert_false (overlay_is_expired (stage->overlay));
  overlay_stage_run (stage, 2 * TIME_MINUTE);
  g_assert_true (overlay_is_expired (stage->overlay));
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_LOOKING);
  g_assert_nonnull (stranger_next (carol, MESSAGE_LEAVE_REQ));
  overlay_stage_run (stage, 10 * TIME_MINUTE);
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_LOOKING);
  expire_in (stage, 24 * 3600);
  overlay_stage_run (stage, TIME_MINUTE);
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_ALONE);
}

static void
test_expired_before (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  expire_in (stage, 0);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, TIME_MINUTE);
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_LOOKING);
}

static void
test_network_changed (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);

  while (carol->heard->len > 0)
    overlay_stage_run (stage, TIME_MS);
  overlay_network_changed (stage->overlay);
  g_assert_cmpuint (carol->heard->len, ==, 1); /* a sign of life is asked for at once */
}

/* Half of all may have died, and of some records every copy. */
static void
test_calamity (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  uint64_t stored;

  overlay_stage_run (stage, 10 * TIME_SECOND);
  stored = stage->overlay->counters.stored;
  for (unsigned i = 0; i < LIMIT_NEIGHBORS; i++)
    overlay_moved (stage->overlay);
  overlay_stage_run (stage, 2 * TIME_SECOND);
  g_assert_cmpuint (stage->overlay->counters.stored, >, stored);
}

/* However long the rest of the ring takes. */
static void
test_calamity_lasts (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  uint64_t stored;

  overlay_stage_run (stage, 10 * TIME_SECOND);
  stored = stage->overlay->counters.stored;
  for (unsigned i = 0; i < 3 * LIMIT_NEIGHBORS; i++) {
    overlay_moved (stage->overlay);
    overlay_stage_run (stage, 100 * TIME_MS);
  }
  g_assert_cmpuint (stage->overlay->counters.stored, >, stored);
  stored = stage->overlay->counters.stored;
  overlay_stage_run (stage, 2 * TIME_SECOND);
  g_assert_cmpuint (stage->overlay->counters.stored, >, stored);
  overlay_stage_run (stage, TIME_MINUTE); /* in which the rest is */
  stored = stage->overlay->counters.stored;
  overlay_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpuint (stage->overlay->counters.stored, ==, stored);
}

/* Each change puts the storing off, but not for ever. */
static void
test_storm (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  uint64_t stored;

  overlay_stage_run (stage, 10 * TIME_SECOND);
  stored = stage->overlay->counters.stored;
  g_assert_cmpuint (stored, >, 0);
  for (unsigned i = 0; i < 30 * LIMIT_NEIGHBORS; i++) {
    overlay_moved (stage->overlay);
    overlay_stage_run (stage, TIME_SECOND / LIMIT_NEIGHBORS);
  }
  g_assert_cmpuint (stage->overlay->counters.stored, >, stored);
}

/* Tries at the address that a lost neighbor listened on. */
static unsigned
count_tries (OverlayStage *stage, const Address *address)
{
  unsigned count = 0;

  for (guint i = 0; i < stage->links->len; i++) {
    const StageLink *link = &g_array_index (stage->links, StageLink, i);
    count += link->transport == LINK_TRANSPORT_DTLS && address_equal (&link->to, address);
    if (link->transport != 0 && !link->is_closed)
      overlay_link_down (stage->overlay, link->number, LINK_END_UNREACHABLE);
  }
  return count;
}

static void
test_gone (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);
  Stranger *dave = stranger_new (stage, "dave", 0x40000000);
  JoinReq join_dave = { .joining_peer_id = dave->id };
  Address address = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 7 }, .port = 6084 };
  unsigned tries = 0;

  stranger_connect (dave);
  g_assert_cmpint (stranger_verdict (dave,
                                     &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &join_dave }),
                   ==, RELOAD_OK);
  bootstrap_note_listening (stage->overlay->bootstrap, &carol->id, &address, 1);
  overlay_link_down (stage->overlay, carol->link, LINK_END_LOST);
  for (unsigned i = 0; i < 600; i++) {
    overlay_stage_run (stage, TIME_SECOND);
    tries = count_tries (stage, &address);
  }
  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_JOINED);
  g_test_message ("%u tries in ten minutes", tries);
  g_assert_cmpuint (tries, >=, 9);
  g_assert_cmpuint (tries, <=, 21); /* strangers are looked for as well */
}

static void
test_restore_damaged (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Bytes key = bytes_of_text ("resource");

  stage->ports.keep (stage, KEEP_RESOURCE, key, bytes_of_text ("damaged"));
  overlay_restore (stage->overlay, KEEP_RESOURCE, key, bytes_of_text ("damaged"));
  g_assert_cmpuint (g_hash_table_size (stage->kept), ==, 0);
}

static void
test_listening (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Address many[2 * LIMIT_CANDIDATES] = { { .family = ADDRESS_IPV4, .port = 6084 } };

  overlay_set_listening (stage->overlay, many, G_N_ELEMENTS (many));
  g_assert_cmpuint (stage->overlay->listening_count, ==, LIMIT_CANDIDATES);
  overlay_set_listening (stage->overlay, many, 1);
  g_assert_cmpuint (stage->overlay->listening_count, ==, 1);
}

/* Of the addresses of a peer, the first that we could go to, and a public one. */
static void
test_peer_listening (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  const NodeId peer = { { 7 } };
  Address own, theirs[4];
  const char *const texts[] = { "192.168.1.9:6084", "192.0.2.9:6084", "[fd00::9]:6084",
                                "[2001:db8::9]:6084" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (address_from_text (texts[i], &theirs[i]));
  bootstrap_note_listening (stage->overlay->bootstrap, &peer, theirs, 4);
  g_assert_cmpuint (stage->listening_count, ==, 2);
  g_assert_true (address_equal (&stage->listening, &theirs[1]));
  g_assert_true (address_from_text ("[2001:db8:1::1]:6084", &own));
  overlay_set_listening (stage->overlay, &own, 1);
  bootstrap_note_listening (stage->overlay->bootstrap, &peer, theirs, 4);
  g_assert_cmpuint (stage->listening_count, ==, 4);
  g_assert_true (address_equal (&stage->listening, &theirs[3]));
}

/* ---- SIP links and sound ---- */

static void
test_application_nowhere (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  NodeId nobody = { { 0x33 } };

  overlay_want_application (stage->overlay, &nobody);
  overlay_stage_run (stage, TIME_SECOND);
  for (guint i = 0; i < stage->links->len; i++) {
    IceDescription local = {
      .ufrag = "abcd",
      .password = "aPasswordOfTheRightLength",
      .candidate_count = 1,
      .candidates = { { .type = CANDIDATE_HOST,
                        .foundation = "1",
                        .address = { .family = ADDRESS_IPV4, .port = 1024 } } },
    };
    overlay_link_gathered (stage->overlay, g_array_index (stage->links, StageLink, i).number,
                           &local);
  }
  /* A ring of one knows at once. */
  overlay_stage_run (stage, TIME_MS);
  g_assert_cmpint (stage->application_failure, ==, RELOAD_NOT_FOUND);
  overlay_stage_run (stage, 2 * TIME_MINUTE);
  g_assert_cmpuint (open_links (stage), ==, 0);
  g_assert_false (overlay_has_application (stage->overlay, &nobody));
}

static void
test_application_once (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  Stranger *carol = join (stage);
  guint before = stage->links->len;

  for (unsigned i = 0; i < 5; i++)
    overlay_want_application (stage->overlay, &carol->id);
  overlay_stage_run (stage, 100 * TIME_MS);
  g_assert_cmpuint (stage->links->len, ==, before + 1);
  g_assert_false (overlay_has_application (stage->overlay, &carol->id));
  /* Nothing goes where no link is. */
  overlay_send_application (stage->overlay, &carol->id, bytes_of_text ("lost"));
  overlay_close_application (stage->overlay, &carol->id);
  g_assert_cmpuint (overlay_applications (stage->overlay, 0, NULL, 0), ==, 0);
}

static void
test_media (void)
{
  g_autoptr (OverlayStage) stage = stage_alone ();
  uint32_t first = overlay_open_media (stage->overlay);
  uint32_t second = overlay_open_media (stage->overlay);
  IceDescription local = { .candidate_count = 0 };

  g_assert_cmpuint (first, !=, second);
  g_assert_cmpuint (second, <, LINK_FIRST_INCOMING);
  g_assert_false (overlay_link_gathered (stage->overlay, first, &local));
  g_assert_false (overlay_link_up (stage->overlay, first, NULL, (LinkTraits){ 0 }));
  g_assert_false (overlay_link_down (stage->overlay, first, LINK_END_LOST));
  overlay_close_media (stage->overlay, second);
  overlay_close_media (stage->overlay, second);
  g_assert_true (overlay_link_down (stage->overlay, second, LINK_END_LOST));
  g_assert_cmpuint (overlay_links (stage->overlay), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/look/each-counter-has-a-name-of-its-own", test_counters);
  g_test_add_func ("/overlay/look/peers-have-their-roles", test_peers);
  g_test_add_func ("/overlay/life/alone-is-a-ring-and-registered", test_alone);
  g_test_add_func ("/overlay/life/who-stops-says-good-bye-and-no-more", test_stop);
  g_test_add_func ("/overlay/life/who-quits-says-nothing", test_quit);
  g_test_add_func ("/overlay/life/what-has-expired-is-left", test_expires);
  g_test_add_func ("/overlay/life/what-has-expired-is-not-joined", test_expired_before);
  g_test_add_func ("/overlay/life/a-changed-network-has-every-link-probed", test_network_changed);
  g_test_add_func ("/overlay/life/what-is-damaged-on-disk-is-erased", test_restore_damaged);
  g_test_add_func ("/overlay/life/only-so-many-addresses-of-ours", test_listening);
  g_test_add_func ("/overlay/life/of-a-peer-s-addresses-those-that-we-can-use",
                   test_peer_listening);
  g_test_add_func ("/overlay/life/what-is-ours-is-stored-again-as-soon-as-the-ring-is-quiet",
                   test_calamity);
  g_test_add_func ("/overlay/life/what-is-stored-is-stored-at-once-and-when-all-is-quiet",
                   test_calamity_lasts);
  g_test_add_func ("/overlay/life/what-is-stored-is-stored-again-in-a-storm-of-changes",
                   test_storm);
  g_test_add_func ("/overlay/life/threat-2.8-a-gone-neighbor-is-tried-once-a-minute", test_gone);
  g_test_add_func ("/overlay/application/a-link-to-nobody-fails-at-once", test_application_nowhere);
  g_test_add_func ("/overlay/application/wanted-often-is-made-once", test_application_once);
  g_test_add_func ("/overlay/media/its-numbers-are-not-the-overlay-s", test_media);
  return g_test_run ();
}
