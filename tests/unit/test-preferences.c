/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

/* Switches, before and after a restart, and what a line is told of them. */

static void
test_open (Stage *self, gconstpointer data)
{
  g_assert_true (peal_phone_get_open (self->phone));
  peal_phone_set_open (self->phone, false);
  stage_restart (self);
  g_assert_false (peal_phone_get_open (self->phone));
}

static void
test_hidden (Stage *self, gconstpointer data)
{
  g_assert_false (peal_phone_get_hidden (self->phone));
  stage_create (self);
  stage_assert_said ("show");
  peal_phone_set_hidden (self->phone, true);
  stage_assert_said ("hide");
  stage_restart (self);
  stage_assert_said ("hide");
  g_assert_true (peal_phone_get_hidden (self->phone));
}

static void
test_maps_port (Stage *self, gconstpointer data)
{
  g_assert_true (peal_phone_get_maps_port (self->phone));
  stage_create (self);
  stage_assert_said ("map");
  peal_phone_set_maps_port (self->phone, false);
  stage_assert_said ("do not map");
  stage_restart (self);
  stage_assert_said ("do not map");
  g_assert_false (peal_phone_get_maps_port (self->phone));
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/preferences/newcomers-come-in-until-it-is-said-otherwise", test_open);
  ADD ("/preferences/strangers-see-us-until-it-is-said-otherwise", test_hidden);
  ADD ("/preferences/a-router-opens-a-port-until-it-is-said-otherwise", test_maps_port);
  return g_test_run ();
}
