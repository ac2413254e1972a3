/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/feature-set.h"

#include <string.h>

static bool
permits (const char *predicate, const char *scheme)
{
  return feature_set_permits (bytes_of_text (predicate), "sip.schemes", scheme);
}

static void
test_schemes (void)
{
  g_assert_true (permits ("(sip.schemes=SIPS)", "sips"));
  g_assert_false (permits ("(sip.schemes=SIPS)", "sip"));
  g_assert_true (permits ("(sip.schemes=SIP)", "sip"));
  g_assert_false (permits ("(sip.schemes=sip)", "SIPS"));
  g_assert_false (permits (" ( & (sip.audio=TRUE) ( sip.schemes = SIP ) ) ", "sips"));
}

/* What is not said of a feature leaves it open. */
static void
test_logic (void)
{
  g_assert_true (permits ("(& (sip.audio=TRUE) (sip.video=FALSE))", "sip"));
  g_assert_true (permits ("(| (sip.schemes=SIPS) (sip.audio=TRUE))", "sip"));
  g_assert_false (permits ("(| (sip.schemes=SIPS) (sip.schemes=tel))", "sip"));
  g_assert_false (permits ("(! (sip.schemes=SIP))", "sip"));
  g_assert_true (permits ("(! (sip.schemes=SIP))", "sips"));
  g_assert_true (permits ("(! (& (sip.schemes=SIP) (sip.audio=TRUE)))", "sip"));
  g_assert_true (permits ("(sip.schemes=[sip,sips])", "sips"));
  g_assert_false (permits ("(sip.schemes=[tel, sips])", "sip"));
}

/* RFC 3840, 5.1 has such ones. */
static void
test_others (void)
{
  const char *rich = "(& (sip.mobility=fixed)"
                     " (| (! (sip.events=presence)) (sip.events=message-summary))"
                     " (| (language=en) (language=de))"
                     " (sip.description=\"<PC>\");q=0.5 (sip.priority>=20)"
                     " (sip.schemes=SIPS))";

  g_assert_true (permits (rich, "sips"));
  g_assert_false (permits (rich, "sip"));
}

static void
test_malformed (void)
{
  const char *texts[] = { "",
                          "(",
                          ")",
                          "()",
                          "(&)",
                          "(sip.schemes)",
                          "(sip.schemes=)",
                          "(sip.schemes=SIPS",
                          "(sip.schemes=SIPS))",
                          "(sip.schemes=SIPS) more",
                          "(sip.schemes=[SIPS)",
                          "(sip.schemes>SIPS)",
                          "sip.schemes=SIPS",
                          "(& (sip.schemes=SIPS)",
                          "\xff\xfe(" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (permits (texts[i], "sip"));
}

static void
test_deep (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  for (unsigned i = 0; i < 500; i++)
    g_string_append (deep, "(!");
  g_string_append (deep, "(sip.schemes=SIP)");
  for (unsigned i = 0; i < 500; i++)
    g_string_append_c (deep, ')');
  g_assert_true (permits (deep->str, "sip"));
  g_assert_true (permits (deep->str, "sips"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feature-set/schemes-are-told-apart", test_schemes);
  g_test_add_func ("/feature-set/open-features-rule-nothing-out", test_logic);
  g_test_add_func ("/feature-set/what-others-write-is-read", test_others);
  g_test_add_func ("/feature-set/malformed-rules-nothing-out", test_malformed);
  g_test_add_func ("/feature-set/nested-too-deeply-rules-nothing-out", test_deep);
  return g_test_run ();
}
