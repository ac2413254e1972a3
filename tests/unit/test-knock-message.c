/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock-message.h"

#include <string.h>

static void
test_question (void)
{
  uint8_t bytes[KNOCK_QUESTION_SIZE];
  uint16_t port = 0;

  knock_question_encode (6084, bytes);
  g_assert_true (knock_question_decode ((Bytes){ bytes, sizeof bytes }, &port));
  g_assert_cmpuint (port, ==, 6084);
  g_assert_false (knock_question_decode ((Bytes){ bytes, sizeof bytes - 1 }, &port));
  bytes[0]++;
  g_assert_false (knock_question_decode ((Bytes){ bytes, sizeof bytes }, &port));
}

static void
test_services (void)
{
  static const uint16_t ports[] = { 0, 22, 25, 443, 1023 };
  uint8_t bytes[KNOCK_QUESTION_SIZE];
  uint16_t port = 7;

  for (size_t i = 0; i < G_N_ELEMENTS (ports); i++) {
    knock_question_encode (ports[i], bytes);
    g_assert_false (knock_question_decode ((Bytes){ bytes, sizeof bytes }, &port));
  }
  g_assert_cmpuint (port, ==, 7);
}

static void
test_answer (void)
{
  static const char *const addresses[] = { "192.0.2.7", "2001:db8::7" };

  for (size_t i = 0; i < G_N_ELEMENTS (addresses); i++) {
    KnockAnswer answer = { .ways = KNOCK_UDP | KNOCK_TCP };
    KnockAnswer read = { 0 };
    uint8_t bytes[KNOCK_ANSWER_SIZE];
    g_assert_true (address_from_text (addresses[i], &answer.address));
    knock_answer_encode (&answer, bytes);
    g_assert_true (knock_answer_decode ((Bytes){ bytes, sizeof bytes }, &read));
    g_assert_cmpuint (read.ways, ==, answer.ways);
    g_assert_true (address_equal (&read.address, &answer.address));
  }
}

static void
test_bad_answers (void)
{
  KnockAnswer answer = { .ways = KNOCK_TCP };
  KnockAnswer read = { 0 };
  uint8_t good[KNOCK_ANSWER_SIZE];

  static const struct {
    size_t at;
    uint8_t byte;
  } faults[] = { { 0, 2 }, { 2, 0 }, { 2, 3 }, { 18, 1 } };

  g_assert_true (address_from_text ("192.0.2.7", &answer.address));
  knock_answer_encode (&answer, good);
  for (size_t size = 0; size < sizeof good; size++)
    g_assert_false (knock_answer_decode ((Bytes){ good, size }, &read));
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++) {
    uint8_t bytes[KNOCK_ANSWER_SIZE];
    memcpy (bytes, good, sizeof bytes);
    bytes[faults[i].at] = faults[i].byte;
    g_assert_false (knock_answer_decode ((Bytes){ bytes, sizeof bytes }, &read));
  }
  g_assert_cmpuint (read.ways, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/knock-message/question", test_question);
  g_test_add_func ("/knock-message/threat-4.6-not-where-other-services-are", test_services);
  g_test_add_func ("/knock-message/answer", test_answer);
  g_test_add_func ("/knock-message/damaged-answers", test_bad_answers);
  return g_test_run ();
}
