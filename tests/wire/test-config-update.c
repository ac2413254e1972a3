/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/config-update.h"

#include "tests/wire/structures.h"

static void
test_lengths_inside_lengths (void)
{
  ConfigUpdateReq update = { .type = CONFIG_UPDATE_CONFIG, .config_data = bytes_of_text ("<o/>") };
  KindDescription kind = bytes_of_text ("<k/>");

  structure_assert_hex (&config_update_req_type, &update, "01 00000007 000004 3c6f2f3e");
  update = (ConfigUpdateReq){ .type = CONFIG_UPDATE_KIND, .kinds = { &kind, 1 } };
  structure_assert_hex (&config_update_req_type, &update, "02 00000009 000006 0004 3c6b2f3e");
}

static void
test_disagreeing_lengths_are_refused (void)
{
  structure_assert_refused (&config_update_req_type, "01 00000007 000003 3c6f2f 3e", "length");
  structure_assert_refused (&config_update_req_type, "01 00000006 000004 3c6f2f3e", "config_data");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/config-update/lengths-inside-lengths", test_lengths_inside_lengths);
  g_test_add_func ("/wire/config-update/threat-1.1-disagreeing-lengths-are-refused",
                   test_disagreeing_lengths_are_refused);
  return g_test_run ();
}
