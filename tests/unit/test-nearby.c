/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/surroundings.h"
#include "tests/unit/phone-stage.h"

static void
test_overlay_is_shown (Stage *self, gconstpointer data)
{
  GListModel *list = peal_phone_get_nearby (self->phone);

  stage_hear ("home-x.peal.alt", "home", 3);
  stage_hear ("home-x.peal.alt", "home", 1);
  stage_hear ("home-x.peal.alt", "home", 3);
  g_assert_cmpuint (stage_count (list), ==, 1);
  g_assert_cmpuint (peal_nearby_get_peers (stage_item (list, 0)), ==, 3);
  g_assert_cmpstr (stage_text (stage_item (list, 0), "text"), ==,
                   "There is already a network “home” here with 3 people.");
  g_assert_cmpstr (stage_text (stage_item (list, 0), "label"), ==, "home");
}

static void
test_own_overlay_is_connected_to (Stage *self, gconstpointer data)
{
  PealAccount *account = stage_create (self);

  stage_hear (peal_account_get_instance_name (account), "home", 3);
  stage_assert_said ("bootstrap 192.0.2.99:6084");
  g_assert_cmpuint (stage_count (peal_phone_get_nearby (self->phone)), ==, 0);
}

static void
test_list_has_a_limit (Stage *self, gconstpointer data)
{
  for (int i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("o%d.peal.alt", i);

    stage_hear (name, "o", 1);
  }
  g_assert_cmpuint (stage_count (peal_phone_get_nearby (self->phone)), ==, 32);
}

static void
test_odd_label_is_left_out (Stage *self, gconstpointer data)
{
  stage_hear ("home-x.peal.alt", "\xff\xfe", 1);
  g_assert_cmpuint (stage_count (peal_phone_get_nearby (self->phone)), ==, 0);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/nearby/overlay-is-shown", test_overlay_is_shown);
  ADD ("/nearby/own-overlay-is-connected-to", test_own_overlay_is_connected_to);
  ADD ("/nearby/list-has-a-limit", test_list_has_a_limit);
  ADD ("/nearby/odd-label-is-left-out", test_odd_label_is_left_out);
  return g_test_run ();
}
