/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safety-words.h: what two people read to each other to know that nobody is between them.
 *
 * Four words, 44 bits, come of both user keys and of a nonce of each side. The caller commits to
 * its nonce before it sees the other's and opens it afterwards: whoever sits in the middle must
 * choose blindly, so that one try in 2^44 succeeds however much is computed beforehand. */
#pragma once
#include "core/crypto/certificate.h"

enum {
  SAFETY_WORDS = 4,
  SAFETY_KEY_WORDS = 6, /* a key alone can be sought at leisure: 66 bits */
  SAFETY_WORD_COUNT = 2048,
  SAFETY_NONCE_SIZE = 32, /* like a commitment */
};

void safety_words_commit (const uint8_t nonce[SAFETY_NONCE_SIZE],
                          uint8_t ret_commitment[SAFETY_NONCE_SIZE]);

typedef struct SafetyWordsInput {
  const UserKey *caller;
  const UserKey *callee;
  const uint8_t *caller_nonce;
  const uint8_t *callee_nonce;
} SafetyWordsInput;

/* Numbers of words, 0 to SAFETY_WORD_COUNT - 1. */
void safety_words_of_call (const SafetyWordsInput *input, uint16_t ret_words[SAFETY_WORDS]);

/* The name of a key, to tell it from another of the same address. */
void safety_words_of_key (const UserKey *key, uint16_t ret_words[SAFETY_KEY_WORDS]);
