/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/safety-words.h"

#include <string.h>

/* The vectors were made with Python's hashlib. */

typedef struct Call {
  UserKey alice;
  UserKey bob;
  uint8_t alice_nonce[SAFETY_NONCE_SIZE];
  uint8_t bob_nonce[SAFETY_NONCE_SIZE];
} Call;

static Call
make_call (void)
{
  Call call;

  memset (call.alice.bytes, 0xa1, USER_KEY_SIZE);
  memset (call.bob.bytes, 0xb2, USER_KEY_SIZE);
  call.alice.bytes[0] = call.bob.bytes[0] = 4;
  for (uint8_t i = 0; i < SAFETY_NONCE_SIZE; i++) {
    call.alice_nonce[i] = i;
    call.bob_nonce[i] = (uint8_t) (SAFETY_NONCE_SIZE + i);
  }
  return call;
}

static void
expect (const Call *call, bool is_reversed, const uint16_t expected[SAFETY_WORDS])
{
  uint16_t words[SAFETY_WORDS];

  safety_words_of_call (&(SafetyWordsInput){ .caller = is_reversed ? &call->bob : &call->alice,
                                             .callee = is_reversed ? &call->alice : &call->bob,
                                             .caller_nonce = call->alice_nonce,
                                             .callee_nonce = call->bob_nonce },
                        words);
  for (size_t i = 0; i < SAFETY_WORDS; i++)
    g_assert_cmpuint (words[i], ==, expected[i]);
}

static void
test_call (void)
{
  static const uint16_t expected[] = { 1103, 411, 1955, 1994 };
  static const uint16_t reversed[] = { 387, 9, 428, 834 };
  Call call = make_call ();

  expect (&call, false, expected);
  expect (&call, true, reversed);
}

static void
test_everything_counts (void)
{
  Call call = make_call (), other;
  uint8_t *const parts[] = { other.alice.bytes, other.bob.bytes, other.alice_nonce,
                             other.bob_nonce };
  const size_t sizes[] = { USER_KEY_SIZE, USER_KEY_SIZE, SAFETY_NONCE_SIZE, SAFETY_NONCE_SIZE };
  uint16_t words[SAFETY_WORDS], others[SAFETY_WORDS];

  safety_words_of_call (&(SafetyWordsInput){ &call.alice, &call.bob, call.alice_nonce,
                                             call.bob_nonce },
                        words);
  for (size_t part = 0; part < G_N_ELEMENTS (parts); part++)
    for (size_t i = 0; i < sizes[part]; i++) {
      other = call;
      parts[part][i] ^= 1;
      safety_words_of_call (&(SafetyWordsInput){ &other.alice, &other.bob, other.alice_nonce,
                                                 other.bob_nonce },
                            others);
      g_assert_true (memcmp (words, others, sizeof words) != 0);
    }
}

static void
test_key (void)
{
  static const uint16_t expected[] = { 15, 865, 1290, 70, 1552, 1207 };
  Call call = make_call ();
  uint16_t words[SAFETY_KEY_WORDS];

  safety_words_of_key (&call.alice, words);
  for (size_t i = 0; i < SAFETY_KEY_WORDS; i++)
    g_assert_cmpuint (words[i], ==, expected[i]);
}

static void
test_commit (void)
{
  Call call = make_call ();
  uint8_t commitment[SAFETY_NONCE_SIZE];
  g_autofree char *hex = NULL;

  safety_words_commit (call.alice_nonce, commitment);
  hex = bytes_to_hex ((Bytes){ commitment, sizeof commitment });
  g_assert_cmpstr (hex, ==, "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safety-words/call/are-those-of-the-vectors", test_call);
  g_test_add_func ("/safety-words/call/every-bit-of-keys-and-nonces-counts",
                   test_everything_counts);
  g_test_add_func ("/safety-words/key/are-those-of-the-vector", test_key);
  g_test_add_func ("/safety-words/commit/is-the-digest-of-the-nonce", test_commit);
  return g_test_run ();
}
