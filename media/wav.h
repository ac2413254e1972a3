/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wav.h: reading and writing of PCM in RIFF files. */
#pragma once
#include "core/base/bytes.h"

typedef struct WavFormat {
  bool is_float;
  unsigned bits; /* 8 (unsigned), 16, 24 or 32 */
  unsigned channels;
  unsigned rate; /* Hz */
} WavFormat;

/* Points `ret_samples` into `file`; whole frames only. */
bool wav_parse (Bytes file, WavFormat *ret_format, Bytes *ret_samples, GError **error);

typedef struct WavWriter WavWriter;

/* 16 bit, little endian. */
WavWriter *wav_writer_new (const char *path, unsigned rate, unsigned channels, GError **error);
void wav_writer_add (WavWriter *self, Bytes samples);

/* Puts the sizes right and closes the file. */
void wav_writer_free (WavWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WavWriter, wav_writer_free)
