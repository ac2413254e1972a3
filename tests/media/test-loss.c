/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire that loses packets: RED comes when it is needed, and the tone goes on. */
#include "media/media.h"
#include "tests/media/files.h"
#include "tests/media/sound.h"

static bool
is_a_sending_red (Duo *duo)
{
  return duo->a.sent_red > 100;
}

static void
test_red_engages_and_repairs (Files *self, const void *data)
{
  double loss = GPOINTER_TO_INT (data) / 100.0;
  Duo *duo = files_open_duo (self);
  duo->loss = loss;
  duo_start (duo);
  duo_wait (duo, is_a_sending_red);
  duo_run (duo, &duo->b, 5);
  /* Without RED it would be as much as the wire loses. */
  g_assert_cmpfloat (duo->b.quality.loss_received, <, 0.6 * loss);
  duo_free (duo);

  size_t count, last = 4 * SOUND_RATE;
  g_autofree int16_t *samples = sound_read (self->heard_b, &count);
  g_assert_cmpuint (count, >, last);
  double continuity = sound_continuity (samples + count - last, last, FILES_HZ_A);
  g_assert_cmpfloat (1 - continuity, <, 0.5 * loss);
}

/* The buffer grows to what the wire asks for, and from then on little comes too late. */
static void
test_jitter_is_absorbed (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo->jitter_ms = 40;
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->b, 8);
  g_assert_cmpfloat (duo->b.quality.jitter_ms, >, 3);
  g_assert_cmpfloat (duo->b.quality.loss_received, <, 0.05);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 3, FILES_HZ_A), >, 0.85);
}

static void
test_a_good_wire_carries_no_red (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_run (duo, &duo->b, 5);
  g_assert_cmpuint (duo->a.sent_red, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FILES_ADD ("/loss/red-engages-and-repairs/12-percent", GINT_TO_POINTER (12),
             test_red_engages_and_repairs);
  FILES_ADD ("/loss/red-engages-and-repairs/20-percent", GINT_TO_POINTER (20),
             test_red_engages_and_repairs);
  FILES_ADD ("/loss/jitter-is-absorbed", NULL, test_jitter_is_absorbed);
  FILES_ADD ("/loss/a-good-wire-carries-no-red", NULL, test_a_good_wire_carries_no_red);
  return g_test_run ();
}
