/* SPDX-License-Identifier: GPL-3.0-or-later */
/* word-list.h: the words that stand for numbers, to be read aloud (core/crypto/safety-words.h). */
#pragma once
#include <glib.h>
#include <stdint.h>

const char *word_list_get (unsigned number);

/* The words of several numbers with a blank between; to be freed with g_free(). */
char *word_list_join (const uint16_t *numbers, size_t count);
