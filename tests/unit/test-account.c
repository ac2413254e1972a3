/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/account-private.h"

static void
test_account_follows_its_label (void)
{
  g_autoptr (PealAccount) account =
    peal_account_new (&(PealAccountStart){ .label = "home",
                                           .instance_name = "home-x.peal.alt",
                                           .user = "alice",
                                           .display_name = "Alice" });

  peal_account_show_label (account, "flat");
  g_assert_cmpstr (peal_account_get_display_address (account), ==, "alice@flat");
  g_assert_cmpstr (peal_account_get_address (account), ==, "alice@home-x.peal.alt");
  g_assert_cmpstr (peal_account_get_key_words (account), ==, "");
  peal_account_show_key_words (account, "kitchen walrus");
  g_assert_cmpstr (peal_account_get_key_words (account), ==, "kitchen walrus");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/follows-its-label", test_account_follows_its_label);
  return g_test_run ();
}
