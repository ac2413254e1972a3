/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/level.h"

#include <glib.h>

static void
update (Level *self, unsigned count, double microphone_db, double speaker_db, bool is_muted)
{
  for (unsigned i = 0; i < count; i++)
    level_update (self, microphone_db, speaker_db, is_muted);
}

static void
test_eight_seconds_of_nothing_are_silent (void)
{
  Level self;
  level_init (&self);
  update (&self, 79, -70, -100, false);
  g_assert_false (level_is_silent (&self));
  update (&self, 1, -70, -100, false);
  g_assert_true (level_is_silent (&self));
  update (&self, 1, -50, -100, false);
  g_assert_false (level_is_silent (&self));
}

static void
test_a_muted_microphone_is_not_silent (void)
{
  Level self;
  level_init (&self);
  update (&self, 200, -90, -100, true);
  g_assert_false (level_is_silent (&self));
}

static void
test_speech_while_muted_shows_and_fades (void)
{
  Level self;
  level_init (&self);
  update (&self, 5, -25, -60, true);
  g_assert_true (level_is_speaking_muted (&self));
  update (&self, 30, -70, -60, true);
  g_assert_false (level_is_speaking_muted (&self));
}

static void
test_the_loudspeaker_is_no_speech (void)
{
  Level self;
  level_init (&self);
  update (&self, 100, -25, -20, true);
  g_assert_false (level_is_speaking_muted (&self));
}

static void
test_unmuting_ends_the_warning (void)
{
  Level self;
  level_init (&self);
  update (&self, 20, -20, -90, true);
  update (&self, 1, -20, -90, false);
  g_assert_false (level_is_speaking_muted (&self));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/level/eight-seconds-of-nothing-are-silent",
                   test_eight_seconds_of_nothing_are_silent);
  g_test_add_func ("/level/a-muted-microphone-is-not-silent",
                   test_a_muted_microphone_is_not_silent);
  g_test_add_func ("/level/speech-while-muted-shows-and-fades",
                   test_speech_while_muted_shows_and_fades);
  g_test_add_func ("/level/the-loudspeaker-is-no-speech", test_the_loudspeaker_is_no_speech);
  g_test_add_func ("/level/unmuting-ends-the-warning", test_unmuting_ends_the_warning);
  return g_test_run ();
}
