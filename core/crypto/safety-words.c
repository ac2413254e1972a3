/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/safety-words.h"
#include "core/crypto/digest.h"

#include <string.h>

/* Everything that is hashed has a fixed size and begins with a label of its own, so that no two
 * inputs look alike. Words are taken from the digest's first bits, the highest first. */

#define CALL_LABEL "peal words of a call"
#define KEY_LABEL  "peal words of a key"

enum { WORD_BITS = 11 };

G_STATIC_ASSERT (1 << WORD_BITS == SAFETY_WORD_COUNT);
G_STATIC_ASSERT ((int) SAFETY_NONCE_SIZE == (int) DIGEST_SHA256_SIZE);
G_STATIC_ASSERT (SAFETY_KEY_WORDS *WORD_BITS <= 8 * DIGEST_SHA256_SIZE);

static uint8_t *
append (uint8_t *at, const void *data, size_t size)
{
  memcpy (at, data, size);
  return at + size;
}

static void
take_words (Bytes data, uint16_t *ret_words, size_t count)
{
  uint8_t digest[DIGEST_SHA256_SIZE];

  digest_sha256 (data, digest);
  for (size_t i = 0; i < count; i++) {
    unsigned word = 0;

    for (size_t bit = i * WORD_BITS; bit < (i + 1) * WORD_BITS; bit++)
      word = word << 1 | (digest[bit / 8] >> (7 - bit % 8) & 1);
    ret_words[i] = (uint16_t) word;
  }
}

void
safety_words_commit (const uint8_t nonce[SAFETY_NONCE_SIZE],
                     uint8_t ret_commitment[SAFETY_NONCE_SIZE])
{
  digest_sha256 ((Bytes){ nonce, SAFETY_NONCE_SIZE }, ret_commitment);
}

void
safety_words_of_call (const SafetyWordsInput *input, uint16_t ret_words[SAFETY_WORDS])
{
  uint8_t data[sizeof CALL_LABEL - 1 + 2 * USER_KEY_SIZE + 2 * SAFETY_NONCE_SIZE];
  uint8_t *at = append (data, CALL_LABEL, sizeof CALL_LABEL - 1);

  at = append (at, input->caller->bytes, USER_KEY_SIZE);
  at = append (at, input->callee->bytes, USER_KEY_SIZE);
  at = append (at, input->caller_nonce, SAFETY_NONCE_SIZE);
  at = append (at, input->callee_nonce, SAFETY_NONCE_SIZE);
  g_assert (at == data + sizeof data);
  take_words ((Bytes){ data, sizeof data }, ret_words, SAFETY_WORDS);
}

void
safety_words_of_key (const UserKey *key, uint16_t ret_words[SAFETY_KEY_WORDS])
{
  uint8_t data[sizeof KEY_LABEL - 1 + USER_KEY_SIZE];
  uint8_t *at = append (data, KEY_LABEL, sizeof KEY_LABEL - 1);

  append (at, key->bytes, USER_KEY_SIZE);
  take_words ((Bytes){ data, sizeof data }, ret_words, SAFETY_KEY_WORDS);
}
