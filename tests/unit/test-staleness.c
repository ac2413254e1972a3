/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/staleness.h"

#include <glib.h>

enum {
  PACKET_US = 20000,
  PACKET_STAMPS = 960, /* of 1/48000 s */
  SSRC = 7,
  STILL_PACKETS = 250, /* that come in while somebody stands still: 5 s */
};

/* A sender and the way to us. */
typedef struct Wire {
  Staleness staleness;
  uint32_t timestamp;
  int64_t now_us;
} Wire;

/* Packets that come after `pace_us` each; how many of them are stale. */
static unsigned
pass (Wire *wire, unsigned count, int64_t pace_us)
{
  unsigned stale = 0;
  for (unsigned i = 0; i < count; i++) {
    wire->now_us += pace_us;
    wire->timestamp += PACKET_STAMPS;
    stale += staleness_check (&wire->staleness, SSRC, wire->timestamp, wire->now_us);
  }
  return stale;
}

static Wire
running_wire (void)
{
  Wire wire = { .timestamp = UINT32_MAX - 300 * PACKET_STAMPS, .now_us = 1000000 };
  g_assert_cmpuint (pass (&wire, 200, PACKET_US), ==, 0);
  return wire;
}

static void
test_a_backlog_is_not_played_and_what_follows_is (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  g_assert_cmpuint (pass (&wire, STILL_PACKETS, 100), >=, STILL_PACKETS - 3);
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

/* A slow machine needs a second for it. */
static void
test_a_backlog_may_melt_slowly (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  unsigned stale = pass (&wire, STILL_PACKETS * 10 / 8, PACKET_US / 5);
  g_assert_cmpuint (stale, >=, STILL_PACKETS);
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

static void
test_the_front_of_a_backlog_may_be_missing (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  wire.timestamp += 150 * PACKET_STAMPS;
  g_assert_cmpuint (pass (&wire, 100, 100), >=, 97);
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

/* Its clock may have stood still too: then everything is behind for ever. */
static void
test_a_sender_who_paused_is_heard_within_a_few_packets (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  g_assert_cmpuint (pass (&wire, 20, PACKET_US), <=, STALENESS_JUDGE_MS / 20);
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

static void
test_a_path_that_became_longer_is_heard_within_a_few_packets (void)
{
  Wire wire = running_wire ();
  wire.now_us += (STALENESS_MAX_MS + 100) * 1000;
  g_assert_cmpuint (pass (&wire, 20, PACKET_US), <=, STALENESS_JUDGE_MS / 20);
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

static void
test_silence_on_the_wire_is_no_backlog (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  wire.timestamp += STILL_PACKETS * PACKET_STAMPS;
  g_assert_cmpuint (pass (&wire, 1000, PACKET_US), ==, 0);
}

static void
test_jitter_is_left_to_the_jitter_buffer (void)
{
  Wire wire = running_wire ();
  GRand *random = g_rand_new_with_seed (1);
  for (unsigned i = 0; i < 5000; i++) {
    wire.now_us += PACKET_US;
    wire.timestamp += PACKET_STAMPS;
    int64_t late_us = g_rand_int_range (random, 0, 400000);
    g_assert_false (staleness_check (&wire.staleness, SSRC, wire.timestamp, wire.now_us + late_us));
  }
  g_rand_free (random);
}

/* 200 parts in a million, for three hours. */
static void
test_clocks_may_drift_apart (void)
{
  Wire wire = running_wire ();
  g_assert_cmpuint (pass (&wire, 540000, PACKET_US + 4), ==, 0);
  g_assert_cmpuint (pass (&wire, 540000, PACKET_US - 4), ==, 0);
}

static void
test_another_source_begins_anew (void)
{
  Wire wire = running_wire ();
  wire.now_us += (int64_t) STILL_PACKETS * PACKET_US;
  g_assert_false (staleness_check (&wire.staleness, SSRC + 1, 0, wire.now_us));
  wire.now_us += PACKET_US;
  g_assert_false (staleness_check (&wire.staleness, SSRC + 1, PACKET_STAMPS, wire.now_us));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/staleness/a-backlog-is-not-played-and-what-follows-is",
                   test_a_backlog_is_not_played_and_what_follows_is);
  g_test_add_func ("/staleness/a-backlog-may-melt-slowly", test_a_backlog_may_melt_slowly);
  g_test_add_func ("/staleness/the-front-of-a-backlog-may-be-missing",
                   test_the_front_of_a_backlog_may_be_missing);
  g_test_add_func ("/staleness/a-sender-who-paused-is-heard-within-a-few-packets",
                   test_a_sender_who_paused_is_heard_within_a_few_packets);
  g_test_add_func ("/staleness/a-path-that-became-longer-is-heard-within-a-few-packets",
                   test_a_path_that_became_longer_is_heard_within_a_few_packets);
  g_test_add_func ("/staleness/silence-on-the-wire-is-no-backlog",
                   test_silence_on_the_wire_is_no_backlog);
  g_test_add_func ("/staleness/jitter-is-left-to-the-jitter-buffer",
                   test_jitter_is_left_to_the_jitter_buffer);
  g_test_add_func ("/staleness/clocks-may-drift-apart", test_clocks_may_drift_apart);
  g_test_add_func ("/staleness/another-source-begins-anew", test_another_source_begins_anew);
  return g_test_run ();
}
