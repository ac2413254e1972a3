/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/aor.h"

static void
test_typed (void)
{
  static const struct {
    const char *typed;
    const char *read; /* NULL: no address */
  } rows[] = {
    { "bob@home", "bob@home" },
    { "  Bob@Home\n", "bob@home" },
    { "sip:bob@home", "bob@home" },
    { "SIPS:BOB@HOME;transport=tls", "bob@home" },
    { "sip:bob@home?subject=hi", "bob@home" },
    { "peal:bob@home", "bob@home" },
    { "peal://bob@home", "bob@home" },
    { "sip: bob @ home", "bob@home" },
    { "bob%40home", NULL },
    { "%62ob@h%6Fme", "bob@home" },
    { "bob", "bob" },
    { "bob@home 2", "bob@home 2" },
    { "bob@home%202", "bob@home 2" },
    { "bob@K\xc3\xbc"
      "che",
      "bob@k\xc3\xbc"
      "che" },
    { "b", "b" },
    { "a.b-c@home", "a.b-c@home" },
    { "abcdefghijklmnopqrstuvwxyz012345@h", "abcdefghijklmnopqrstuvwxyz012345@h" },
    { "abcdefghijklmnopqrstuvwxyz0123456@h", NULL },
    { "", NULL },
    { "sip:", NULL },
    { "@home", NULL },
    { "-bob@home", NULL },
    { "bob.@home", NULL },
    { "b_b@home", NULL },
    { "b\xc3\xb6"
      "b@home",
      NULL },
    { "bob@home@home", NULL },
    { "bob%00@home", NULL },
    { "bob%zz@home", NULL },
    { "bob@ho%FFme", NULL },
    { "bob@ho\xe2\x80\xaeme", NULL }, /* right-to-left override */
    { "bob@ho\x01me", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = NULL;
    Aor aor;

    if (aor_from_typed (rows[i].typed, &aor))
      text = aor_to_text (&aor);
    g_assert_cmpstr (text, ==, rows[i].read);
  }
}

static void
test_typed_at_length (void)
{
  g_autofree char *label = g_strnfill (AOR_OVERLAY_MAX, 'x');
  g_autofree char *fits = g_strconcat ("bob@", label, NULL);
  g_autofree char *too_long = g_strconcat ("bob@x", label, NULL);
  g_autofree char *endless = g_strnfill (100000, 'x');
  Aor aor;

  g_assert_true (aor_from_typed (fits, &aor));
  g_assert_cmpstr (aor.overlay, ==, label);
  g_assert_false (aor_from_typed (too_long, &aor));
  g_assert_false (aor_from_typed (endless, &aor));
}

static void
test_canonical (void)
{
  g_assert_true (aor_is_canonical ("bob@home-abcd2345.peal.alt"));
  g_assert_true (aor_is_canonical ("b@h"));
  g_assert_false (aor_is_canonical ("Bob@home"));
  g_assert_false (aor_is_canonical ("bob@Home"));
  g_assert_false (aor_is_canonical ("bob"));
  g_assert_false (aor_is_canonical ("bob@"));
  g_assert_false (aor_is_canonical ("@home"));
  g_assert_false (aor_is_canonical ("bob@home."));
  g_assert_false (aor_is_canonical ("bob@.home"));
  g_assert_false (aor_is_canonical ("bob@2home"));
  g_assert_false (aor_is_canonical ("bob@home-"));
  g_assert_false (aor_is_canonical ("bob@home@home"));
  g_assert_false (aor_is_canonical ("bob@ho me"));
}

static void
test_gr (void)
{
  static const struct {
    const char *typed;
    const char *gr;
  } rows[] = {
    { "bob@home", NULL },
    { "sip:bob@home;gr=AbC~", "AbC~" },
    { " sip:bob@home;transport=tcp;GR=AbC;x=y ", "AbC" },
    { "sip:bob@home;gr=AbC?subject=x;gr=no", "AbC" },
    { "gr=AbC", NULL },
    { "sip:bob@home;group=AbC", NULL },
    { "sip:bob@home;gr=", "" },
  };

  g_autofree char *longer = g_strnfill (2000, ';');

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *gr = aor_gr_of_typed (rows[i].typed);
    g_assert_cmpstr (gr, ==, rows[i].gr);
  }
  g_assert_null (aor_gr_of_typed (longer));
}

static void
test_emergency (void)
{
  static const char *const numbers[] = { "112", "911",  "999",   "000",     "110",     "118",
                                         "119", " 112", "9-1-1", "tel:112", "sip:112", "1 1 2 " };
  static const char *const others[] = { "",     "11",       "1120", "113",     "112@home", "a112",
                                        "112a", "112.home", "+112", "tel:113", "bob" };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_true (aor_is_emergency_number (numbers[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (aor_is_emergency_number (others[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aor/typed/becomes-canonical-or-is-refused", test_typed);
  g_test_add_func ("/aor/typed/length-is-bounded", test_typed_at_length);
  g_test_add_func ("/aor/canonical/has-one-form", test_canonical);
  g_test_add_func ("/aor/typed/may-name-one-device", test_gr);
  g_test_add_func ("/aor/emergency/bare-numbers-only", test_emergency);
  return g_test_run ();
}
