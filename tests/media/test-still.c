/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of two stands still for some seconds, as a laptop asleep: what the other says meanwhile waits
 * for it, and comes at once. They are to speak with each other then, not with the past. */
#include "media/media.h"
#include "tests/media/files.h"
#include "tests/media/sound.h"

enum {
  STILL_S = 7,      /* RTP forgets whom it has not heard for five reports */
  PACKETS_MAX = 60, /* of the other, until it is heard what is said now */
};

static const double QUIET_DB = -60, LOUD_DB = -20;

static bool
is_b_hearing (Duo *duo)
{
  return duo->b.speaker_db > LOUD_DB;
}

static bool
has_held_enough (Duo *duo)
{
  return duo->held->len >= STILL_S * 50;
}

/* b is to hear what `a` says after it, which is the opposite of what it said meanwhile: the past
 * would be heard first, packet by packet. `data` says whether all that waits arrives. */
static void
test_what_is_said_now_is_heard_at_once (Files *self, const void *data)
{
  bool is_cut = GPOINTER_TO_INT (data);
  Duo *duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, is_b_hearing);
  self->media->session_set_muted (duo->a.session, true);
  duo_run (duo, &duo->b, 1);

  duo->is_still = true;
  duo_run (duo, &duo->a, STILL_S);
  duo_wait (duo, has_held_enough);
  if (is_cut)
    g_ptr_array_remove_range (duo->held, 0, duo->held->len * 3 / 5);
  self->media->session_set_muted (duo->a.session, false);
  duo_forget (duo);
  uint64_t sent = duo->a.sent_rtp;
  duo_go_on (duo);
  duo_wait (duo, is_b_hearing);
  g_test_message ("heard after %u packets", (unsigned) (duo->a.sent_rtp - sent));
  g_assert_cmpuint (duo->a.sent_rtp - sent, <=, PACKETS_MAX);

  duo_run (duo, &duo->b, 2);
  g_assert_cmpuint (duo->b.faults->len, ==, 0);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 1, FILES_HZ_A), >, 0.9);
  g_assert_cmpfloat (files_share_heard (self->heard_a, 1, FILES_HZ_B), >, 0.9);
}

static void
test_the_past_is_not_played (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, is_b_hearing);
  duo->is_still = true;
  duo_run (duo, &duo->a, STILL_S);
  duo_wait (duo, has_held_enough);
  self->media->session_set_muted (duo->a.session, true);
  uint64_t sent = duo->a.sent_rtp;
  duo_go_on (duo);
  while (duo->a.sent_rtp - sent < PACKETS_MAX)
    g_main_context_iteration (NULL, true);
  duo_forget (duo);
  duo_run (duo, &duo->b, 2);
  g_assert_cmpfloat (duo->b.speaker_db, <, QUIET_DB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FILES_ADD ("/still/what-is-said-now-is-heard-at-once/all-that-waits-arrives",
             GINT_TO_POINTER (false), test_what_is_said_now_is_heard_at_once);
  FILES_ADD ("/still/what-is-said-now-is-heard-at-once/the-end-of-what-waits-arrives",
             GINT_TO_POINTER (true), test_what_is_said_now_is_heard_at_once);
  FILES_ADD ("/still/the-past-is-not-played", NULL, test_the_past_is_not_played);
  return g_test_run ();
}
