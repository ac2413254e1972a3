/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/sound.h"
#include "tests/unit/phone-stage.h"

static void
test_devices (Stage *self, gconstpointer data)
{
  GListModel *inputs = peal_phone_get_devices (self->phone, CALL_MEDIA_INPUT);
  gboolean is_default;
  int direction;

  g_assert_cmpuint (stage_count (inputs), ==, 1);
  g_assert_cmpuint (stage_count (peal_phone_get_devices (self->phone, CALL_MEDIA_OUTPUT)), ==, 0);
  g_assert_cmpstr (peal_device_get_id (stage_item (inputs, 0)), ==, "mic");
  g_assert_cmpstr (stage_text (stage_item (inputs, 0), "name"), ==, "Microphone");
  g_object_get (stage_item (inputs, 0), "is-default", &is_default, "direction", &direction, NULL);
  g_assert_true (is_default);
  g_assert_cmpint (direction, ==, CALL_MEDIA_INPUT);
  peal_phone_set_device (self->phone, CALL_MEDIA_INPUT, "mic");
  stage_assert_said ("device 0 mic");
  peal_phone_set_ring_device (self->phone, "");
  stage_assert_said ("ring device ");
}

static void
on_level (void *user_data, double level)
{
  *(double *) user_data = level;
}

static void
on_done (void *user_data, bool was_heard)
{
  *(bool *) user_data = was_heard;
}

static void
test_sound_check (Stage *self, gconstpointer data)
{
  double level = 0;
  bool was_heard = false;

  peal_phone_watch_microphone (self->phone, on_level, &level);
  g_assert_cmpfloat (level, ==, 0.5);
  peal_phone_watch_microphone (self->phone, NULL, NULL);
  peal_phone_record_and_play (self->phone, on_done, &was_heard);
  g_assert_true (was_heard);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/device/lists-and-choice", test_devices);
  ADD ("/device/sound-check", test_sound_check);
  return g_test_run ();
}
