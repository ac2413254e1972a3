/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"

/* Takes the string. */
static void
assert_says (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static gint64
local (int year, int month, int day, int hour, int minute)
{
  g_autoptr (GDateTime) time = g_date_time_new_local (year, month, day, hour, minute, 0);

  return g_date_time_to_unix (time);
}

static void
test_when (void)
{
  gint64 now = local (2026, 11, 22, 12, 0); /* a Sunday */

  assert_says (words_when (local (2026, 11, 22, 0, 1), now), "00:01");
  assert_says (words_when (local (2026, 11, 21, 23, 59), now), "Yesterday 23:59");
  assert_says (words_when (local (2026, 11, 20, 18, 20), now), "Friday 18:20");
  assert_says (words_when (local (2026, 11, 16, 18, 20), now), "Monday 18:20");
  assert_says (words_when (local (2026, 11, 15, 18, 20), now), "15 November 18:20");
  assert_says (words_when (local (2025, 12, 31, 9, 5), now), "31 December 2025 09:05");
  assert_says (words_when (local (2026, 11, 24, 9, 5), now), "24 November 09:05");
}

static void
test_seen (void)
{
  gint64 now = local (2026, 11, 22, 12, 0);

  assert_says (words_seen_day (local (2026, 11, 22, 8, 3), now), "seen 08:03");
  assert_says (words_seen_day (local (2026, 11, 21, 8, 3), now), "seen yesterday");
  assert_says (words_seen_day (local (2026, 11, 20, 8, 3), now), "seen Friday");
  assert_says (words_seen_day (local (2026, 3, 1, 8, 3), now), "seen 1 March");
  assert_says (words_seen_day (local (2024, 3, 1, 8, 3), now), "seen 1 March 2024");
}

/* Since when we know of the other key: when it was made only its owner could say. */
static void
test_key_changed (void)
{
  gint64 now = local (2026, 11, 22, 12, 0);

  assert_says (words_key_changed ("Bob", 0, now), "Bob's key has changed.");
  assert_says (words_key_changed ("Bob", local (2026, 11, 22, 8, 3), now),
               "Bob's key has changed since 08:03 today.");
  assert_says (words_key_changed ("Bob", local (2026, 11, 21, 8, 3), now),
               "Bob's key has changed since yesterday.");
  assert_says (words_key_changed ("Bob", local (2026, 11, 20, 8, 3), now),
               "Bob's key has changed since Friday.");
  assert_says (words_key_changed ("Bob", local (2026, 11, 12, 8, 3), now),
               "Bob's key has changed since 12 November.");
  assert_says (words_key_changed ("Bob", local (2025, 11, 12, 8, 3), now),
               "Bob's key has changed since 12 November 2025.");
}

static void
test_report (void)
{
  assert_says (words_call_report (NODE_CALL_END_NO_MEDIA_PATH, "bob@home-x.peal.alt",
                                  PEAL_CALL_RINGING),
               "Address: bob@home-x.peal.alt\nReached: ringing\nReason: no-media-path");
  g_assert_null (words_call_report (NODE_CALL_END_BUSY, "bob@home-x.peal.alt", PEAL_CALL_RINGING));
}

static void
test_duration (void)
{
  assert_says (words_duration (0), "0 s");
  assert_says (words_duration (59), "59 s");
  assert_says (words_duration (724), "12 min 4 s");
  assert_says (words_duration (7260), "2 h 1 min");
  assert_says (words_clock (151), "02:31");
  assert_says (words_clock (3751), "1:02:31");
}

static void
test_every_call_state_has_its_words (void)
{
  WordsCall call = { .name = "Bob", .display_address = "bob@home", .duration = 151 };
  const char *expected[] = { "Looking for Bob…", "Connecting…",   "Ringing…",
                             "In call · 02:31",  "Reconnecting…", "Call ended" };

  for (unsigned i = 0; i < G_N_ELEMENTS (expected); i++) {
    call.state = (PealCallState) i;
    assert_says (words_call_state (&call), expected[i]);
  }
  call.state = PEAL_CALL_RECONNECTING;
  call.left = 12;
  assert_says (words_call_state (&call), "Reconnecting… (12 s left, then ends)");
  call.state = PEAL_CALL_RINGING;
  call.is_incoming = true;
  assert_says (words_call_state (&call), "Bob is calling");
  call.state = PEAL_CALL_UP;
  call.is_held_by_peer = true;
  assert_says (words_call_state (&call), "Bob put you on hold");
  call.is_held = true;
  assert_says (words_call_state (&call), "You put Bob on hold");
}

static void
test_every_end_has_its_words (void)
{
  WordsCall call = { .name = "Bob", .display_address = "bob@home", .duration = 724 };

  const struct {
    NodeCallEnd end;
    const char *text;
    const char *hint;
    PealCallRemedy remedy;
  } rows[] = {
    { NODE_CALL_END_HUNG_UP, "Call ended · 12 min 4 s", "", PEAL_CALL_REMEDY_NONE },
    { NODE_CALL_END_DECLINED, "Bob declined", "", PEAL_CALL_REMEDY_NONE },
    { NODE_CALL_END_BUSY, "Bob is busy", "", PEAL_CALL_REMEDY_CALL_AGAIN },
    { NODE_CALL_END_NO_ANSWER, "No answer", "", PEAL_CALL_REMEDY_CALL_AGAIN },
    { NODE_CALL_END_ELSEWHERE, "Answered on another device", "", PEAL_CALL_REMEDY_NONE },
    { NODE_CALL_END_UNREACHABLE, "Bob is not reachable", "", PEAL_CALL_REMEDY_CALL_AGAIN },
    { NODE_CALL_END_FORWARDED, "Bob's calls are forwarded, but nobody can be reached there.", "",
      PEAL_CALL_REMEDY_CALL_AGAIN },
    { NODE_CALL_END_NO_SUCH_NAME, "Nobody called “bob” is in “home”.", "Check the spelling.",
      PEAL_CALL_REMEDY_ADD_FOR_LATER },
    { NODE_CALL_END_NO_MEDIA_PATH, "Phone found Bob but no path for sound.",
      "A strict router is in the way.", PEAL_CALL_REMEDY_CALL_AGAIN },
    { NODE_CALL_END_KEY_CHANGED, "Bob's key has changed.",
      "It may be a new device, or someone else.", PEAL_CALL_REMEDY_COMPARE },
    { NODE_CALL_END_BAD_IDENTITY,
      "This person's identity could not be checked, so the call was not made.", "",
      PEAL_CALL_REMEDY_NONE },
    { NODE_CALL_END_NOT_CONFIRMED, "Bob has not accepted you yet.", "You can call once they have.",
      PEAL_CALL_REMEDY_ASK_AGAIN },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    assert_says (words_call_end (&call, rows[i].end), rows[i].text);
    g_assert_cmpstr (words_call_hint (rows[i].end), ==, rows[i].hint);
    g_assert_cmpint (words_call_remedy (rows[i].end), ==, rows[i].remedy);
  }
  for (unsigned end = NODE_CALL_END_HUNG_UP; end <= NODE_CALL_END_FAILED; end++) {
    g_autofree char *text = words_call_end (&call, (NodeCallEnd) end);

    g_assert_cmpstr (text, !=, "");
  }
}

static void
test_incoming_ends_tell_the_callee (void)
{
  WordsCall call = { .name = "Bob", .display_address = "bob@home", .is_incoming = true };

  assert_says (words_call_end (&call, NODE_CALL_END_CANCELLED), "Missed call from Bob");
  assert_says (words_call_end (&call, NODE_CALL_END_NO_ANSWER), "Missed call from Bob");
  assert_says (words_call_end (&call, NODE_CALL_END_DECLINED), "You declined");
}

static void
test_problems (void)
{
  g_assert_cmpstr (words_problem (NODE_PROBLEM_NONE), ==, "");
  for (int problem = NODE_PROBLEM_NO_ANSWER; problem <= NODE_PROBLEM_OTHER; problem++)
    g_assert_true (g_str_has_suffix (words_problem (problem), "."));
}

static void
test_account (void)
{
  assert_says (words_account_status (PEAL_ACCOUNT_LOOKING, "home", "alice@home", 1),
               "Looking for people on this network…");
  assert_says (words_account_status (PEAL_ACCOUNT_ALONE, "home", "alice@home", 1),
               "Ready · nobody else is in “home” yet");
  assert_says (words_account_status (PEAL_ACCOUNT_READY, "home", "alice@home", 5),
               "Ready · “home”: 4 people connected");
  assert_says (words_account_status (PEAL_ACCOUNT_READY, "home", "alice@home", 2),
               "Ready · “home”: 1 person connected");
  assert_says (words_account_status (PEAL_ACCOUNT_EXPIRED, "home", "alice@home", 1),
               "“home” has expired. Ask whoever runs it to renew it.");
  assert_says (words_account_status (PEAL_ACCOUNT_NAME_TAKEN, "home", "alice@home", 1),
               "Someone is already called alice@home. Try alice2.");
  assert_says (words_account_status (PEAL_ACCOUNT_DUPLICATE, "home", "alice@home", 1),
               "Peal is already running with this identity on another computer.");
  assert_says (words_account_status (PEAL_ACCOUNT_UNSUPPORTED, "home", "alice@home", 1),
               "This network asks for something that this Peal cannot do.");
}

static void
test_details_say_how_others_reach_us (void)
{
  WordsReach reach = { .has_relays = true };

  assert_says (words_account_details ("Ready", NULL), "Ready");
  assert_says (words_account_details ("Ready", &reach), "Ready");
  reach = (WordsReach){ .is_client = true };
  assert_says (words_account_details ("Ready", &reach),
               "Ready\nOthers cannot reach this computer directly, and no other passes calls on to "
               "it yet.\nNobody is known who relays calls.");
  reach.spare = "dave@home";
  assert_says (words_account_details ("Ready", &reach),
               "Ready\nOthers cannot reach this computer directly. Calls come through dave@home.\n"
               "Nobody is known who relays calls.");
  reach.home = "carol@home";
  reach.has_relays = true;
  assert_says (words_account_details ("Ready", &reach),
               "Ready\nOthers cannot reach this computer directly. Calls come through carol@home, "
               "or else through dave@home.\nOthers relay calls where there is no other way.");
  reach.is_metered = true;
  assert_says (
    words_account_details ("Ready", &reach),
    "Ready\nThis connection is metered, so others do this computer's share of the work.\n"
    "Others relay calls where there is no other way.");
}

static void
test_details_have_no_figure_that_was_not_measured (void)
{
  WordsDetails details = {
    .codec = "opus",
    .cipher = "AES-128-GCM",
    .quality = { .loss_received = 0.012,
                 .loss_sent = -1,
                 .jitter_ms = 3.2,
                 .jitter_sent_ms = -1,
                 .rtt_ms = -1,
                 .bitrate_sent = 32000,
                 .bitrate_received = 31500 },
  };

  assert_says (words_call_details (&details), "Codec: opus\n"
                                              "Path: direct connection\n"
                                              "Loss: 1.2 % received, – sent\n"
                                              "Jitter: 3.2 ms received, – sent\n"
                                              "Round trip: –\n"
                                              "Bit rate: 32 kbit/s received, 32 kbit/s sent\n"
                                              "Cipher: AES-128-GCM");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "Europe/Berlin", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/when", test_when);
  g_test_add_func ("/words/seen", test_seen);
  g_test_add_func ("/words/details-say-how-others-reach-us", test_details_say_how_others_reach_us);
  g_test_add_func ("/words/key-changed", test_key_changed);
  g_test_add_func ("/words/duration", test_duration);
  g_test_add_func ("/words/call/every-state-has-its-words", test_every_call_state_has_its_words);
  g_test_add_func ("/words/call/every-end-has-its-words", test_every_end_has_its_words);
  g_test_add_func ("/words/call/incoming-ends-tell-the-callee", test_incoming_ends_tell_the_callee);
  g_test_add_func ("/words/call/a-failed-one-has-a-report", test_report);
  g_test_add_func ("/words/problem/every-one-has-its-sentence", test_problems);
  g_test_add_func ("/words/account", test_account);
  g_test_add_func ("/words/details/have-no-figure-that-was-not-measured",
                   test_details_have_no_figure_that_was_not_measured);
  return g_test_run ();
}
