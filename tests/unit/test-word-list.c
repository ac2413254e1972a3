/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/safety-words.h"
#include "core/phone/word-list.h"

#include <string.h>

static void
test_words (void)
{
  for (unsigned i = 0; i < SAFETY_WORD_COUNT; i++) {
    const char *word = word_list_get (i);

    g_assert_cmpuint (strspn (word, "abcdefghijklmnopqrstuvwxyz"), ==, strlen (word));
    g_assert_cmpuint (strlen (word), >=, 4);
    g_assert_cmpuint (strlen (word), <=, 7);
    if (i > 0)
      g_assert_cmpstr (word_list_get (i - 1), <, word);
  }
}

static void
test_join (void)
{
  const uint16_t numbers[] = { 0, 1, SAFETY_WORD_COUNT - 1 };
  g_autofree char *text = word_list_join (numbers, G_N_ELEMENTS (numbers));
  g_autofree char *none = word_list_join (NULL, 0);

  g_assert_cmpstr (text, ==, "abacus abbey zodiac");
  g_assert_cmpstr (none, ==, "");
}

/* Two versions of the program must agree on every word. */
static void
test_stays (void)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (unsigned i = 0; i < SAFETY_WORD_COUNT; i++)
    g_checksum_update (checksum, (const guchar *) word_list_get (i), -1);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
                   "ba87ce199da2e352a20e61d9afe99b08bfc33f9d540038db8ace9bd0fc8ea11a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/word-list/words/are-plain-and-in-order", test_words);
  g_test_add_func ("/word-list/words/are-joined-by-blanks", test_join);
  g_test_add_func ("/word-list/words/stay-what-they-are", test_stays);
  return g_test_run ();
}
