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

static void
assert_details (PealAccount *account, const char *expected)
{
  g_autofree char *details = NULL;

  g_object_get (account, "details", &details, NULL);
  g_assert_cmpstr (details, ==, expected);
}

static void
on_notify (PealAccount *account, GParamSpec *spec, unsigned *count)
{
  *count += 1;
}

static void
test_account_tells_how_it_is_reached (void)
{
  g_autoptr (PealAccount) account =
    peal_account_new (&(PealAccountStart){ .label = "home",
                                           .instance_name = "home-x.peal.alt",
                                           .user = "alice",
                                           .display_name = "Alice" });
  const WordsReach reach = { .is_client = true, .home = "carol@home", .spare = "dave@home" };
  unsigned told = 0;

  g_signal_connect (account, "notify::details", G_CALLBACK (on_notify), &told);
  peal_account_show_state (account, PEAL_ACCOUNT_READY, 3);
  g_assert_cmpuint (told, ==, 1);
  assert_details (account, "Ready · “home”: 2 people connected");
  peal_account_show_reach (account, &reach);
  peal_account_show_reach (account, &reach);
  g_assert_cmpuint (told, ==, 2);
  assert_details (account, "Ready · “home”: 2 people connected\nOthers cannot reach this computer "
                           "directly. Calls come through carol@home, or else through "
                           "dave@home.\nNobody is known who relays calls.");
  peal_account_show_state (account, PEAL_ACCOUNT_LOOKING, 1);
  assert_details (account, "Looking for people on this network…");
  peal_account_show_outside (account, "A firewall.", "open it");
  assert_details (account, "Looking for people on this network…\nA firewall.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/follows-its-label", test_account_follows_its_label);
  g_test_add_func ("/account/tells-how-it-is-reached", test_account_tells_how_it_is_reached);
  return g_test_run ();
}
