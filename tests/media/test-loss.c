/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire that loses packets: RED comes when it is needed, and the tone goes on. */
#include "media/media.h"
#include "tests/media/files.h"
#include "tests/media/sound.h"

/* A busy machine makes packets late, and for who listens what is late is lost: so one good stretch
 * is enough. Where losses are not repaired, or the buffer does not grow, there is none. */
enum { STRETCHES = 10, STRETCH_S = 4 };

static bool
is_a_sending_red (Duo *duo)
{
  return duo->a.sent_red > 100;
}

/* Until b has lost less than that share in a stretch. */
static void
run_until_less_is_lost (Duo *duo, double share)
{
  for (unsigned i = 0; i < STRETCHES; i++) {
    duo_run (duo, &duo->b, STRETCH_S);
    if (duo->b.quality.loss_received < share)
      break;
  }
  g_assert_cmpfloat (duo->b.quality.loss_received, <, share);
}

typedef double (*Measure) (const int16_t *samples, size_t count, double hz);

/* Of what b has heard of `a`, the best of the stretches. */
static double
best_stretch (const Files *self, Measure measure)
{
  size_t count, stretch = STRETCH_S * SOUND_RATE;
  g_autofree int16_t *samples = sound_read (self->heard_b, &count);
  double best = 0;

  g_assert_cmpuint (count, >, stretch);
  for (size_t at = count; at >= stretch; at -= MIN (at, SOUND_RATE))
    best = MAX (best, measure (samples + at - stretch, stretch, FILES_HZ_A));
  return best;
}

static void
test_red_engages_and_repairs (Files *self, const void *data)
{
  double loss = GPOINTER_TO_INT (data) / 100.0;
  Duo *duo = files_open_duo (self);
  duo->loss = loss;
  duo_start (duo);
  duo_wait (duo, is_a_sending_red);
  /* Without RED it would be as much as the wire loses. */
  run_until_less_is_lost (duo, 0.4 * loss);
  duo_free (duo);
  g_assert_cmpfloat (1 - best_stretch (self, sound_continuity), <, 0.5 * loss);
}

/* The buffer grows to what the wire asks for, and from then on little comes too late. */
static void
test_jitter_is_absorbed (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo->jitter_ms = 40;
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->b, STRETCH_S);
  run_until_less_is_lost (duo, 0.05);
  g_assert_cmpfloat (duo->b.quality.jitter_ms, >, 3);
  duo_free (duo);
  g_assert_cmpfloat (best_stretch (self, sound_share), >, 0.85);
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
