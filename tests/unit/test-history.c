/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/history-private.h"
#include "tests/unit/phone-stage.h"

static void
test_history_entry_speaks (void)
{
  g_autoptr (PealHistoryEntry) entry =
    peal_history_entry_new (&(PealHistoryStart){ .id = 1, .address = "b@x", .name = "Bob" });

  g_assert_cmpstr (stage_text (entry, "text"), ==, "No answer");
  peal_history_entry_show_end (entry, false, 724);
  g_assert_cmpstr (stage_text (entry, "text"), ==, "Call, 12 min 4 s");
  peal_history_entry_show_end (entry, true, 0);
  g_assert_cmpstr (stage_text (entry, "text"), ==, "Missed call");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-entry/speaks", test_history_entry_speaks);
  return g_test_run ();
}
