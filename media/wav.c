/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RIFF: "RIFF" size "WAVE", then chunks of name, size (both 4 bytes, little endian), contents
 * padded to even length. "fmt " tells the format, "data" holds the frames. A file that is still
 * being written, or was cut off, says too large a size: the end of the file counts then.
 *
 * The file may come from anywhere, so every length is checked against what is there. */
#include "media/wav.h"

#include "media/media.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
  TAG_PCM = 1,
  TAG_FLOAT = 3,
  TAG_EXTENSIBLE = 0xfffe, /* the real tag begins the GUID at offset 24 */
  HEADER_SIZE = 44,
  RATE_MAX = 192000,
  CHANNELS_MAX = 8,
};

struct WavWriter {
  FILE *file;
  unsigned rate, channels;
  uint32_t size; /* of the samples */
};

static unsigned
get_u16 (const uint8_t *p)
{
  return p[0] | (unsigned) p[1] << 8;
}

static uint32_t
get_u32 (const uint8_t *p)
{
  return get_u16 (p) | (uint32_t) get_u16 (p + 2) << 16;
}

static uint8_t *
put_text (uint8_t *p, const char *text)
{
  memcpy (p, text, 4);
  return p + 4;
}

static uint8_t *
put_u16 (uint8_t *p, unsigned value)
{
  p[0] = value & 0xff;
  p[1] = value >> 8 & 0xff;
  return p + 2;
}

static uint8_t *
put_u32 (uint8_t *p, uint32_t value)
{
  return put_u16 (put_u16 (p, value & 0xffff), value >> 16);
}

static bool
parse_format (Bytes chunk, WavFormat *ret_format)
{
  if (chunk.size < 16)
    return false;
  unsigned tag = get_u16 (chunk.data);
  if (tag == TAG_EXTENSIBLE && chunk.size >= 26)
    tag = get_u16 (chunk.data + 24);
  *ret_format = (WavFormat){
    .is_float = tag == TAG_FLOAT,
    .channels = get_u16 (chunk.data + 2),
    .rate = get_u32 (chunk.data + 4),
    .bits = get_u16 (chunk.data + 14),
  };
  bool is_pcm = tag == TAG_PCM && (ret_format->bits == 8 || ret_format->bits == 16 ||
                                   ret_format->bits == 24 || ret_format->bits == 32);
  bool is_float = tag == TAG_FLOAT && ret_format->bits == 32;
  return (is_pcm || is_float) && ret_format->rate >= 1000 && ret_format->rate <= RATE_MAX &&
         ret_format->channels >= 1 && ret_format->channels <= CHANNELS_MAX;
}

bool
wav_parse (Bytes file, WavFormat *ret_format, Bytes *ret_samples, GError **error)
{
  WavFormat format = { 0 };
  Bytes samples = { 0 };
  bool is_wave =
    file.size >= 12 && memcmp (file.data, "RIFF", 4) == 0 && memcmp (file.data + 8, "WAVE", 4) == 0;
  size_t at = 12;
  while (is_wave && file.size > at && file.size - at >= 8 && samples.data == NULL) {
    const uint8_t *name = file.data + at;
    size_t left = file.size - at - 8;
    Bytes chunk = { name + 8, MIN (get_u32 (name + 4), left) };
    if (memcmp (name, "fmt ", 4) == 0 && !parse_format (chunk, &format))
      break;
    if (memcmp (name, "data", 4) == 0)
      samples = chunk;
    at += 8 + chunk.size + (chunk.size & 1);
  }
  if (format.rate == 0 || samples.data == NULL) {
    g_set_error_literal (error, MEDIA_ERROR, MEDIA_ERROR_FILE, "no WAV file with PCM sound");
    return false;
  }
  samples.size -= samples.size % (format.channels * format.bits / 8);
  *ret_format = format;
  *ret_samples = samples;
  return true;
}

static void
write_header (WavWriter *self)
{
  uint8_t header[HEADER_SIZE], *p = header;
  unsigned frame = 2 * self->channels;
  p = put_u32 (put_text (p, "RIFF"), HEADER_SIZE - 8 + self->size);
  p = put_u32 (put_text (put_text (p, "WAVE"), "fmt "), 16);
  p = put_u16 (put_u16 (p, TAG_PCM), self->channels);
  p = put_u32 (put_u32 (p, self->rate), self->rate * frame);
  p = put_u16 (put_u16 (p, frame), 16);
  p = put_u32 (put_text (p, "data"), self->size);
  g_assert (p == header + sizeof header);
  rewind (self->file);
  fwrite (header, sizeof header, 1, self->file);
}

WavWriter *
wav_writer_new (const char *path, unsigned rate, unsigned channels, GError **error)
{
  FILE *file = fopen (path, "wbe");
  if (file == NULL) {
    int saved_errno = errno;
    g_set_error (error, MEDIA_ERROR, MEDIA_ERROR_FILE, "%s: %s", path, g_strerror (saved_errno));
    return NULL;
  }
  WavWriter *self = g_new0 (WavWriter, 1);
  *self = (WavWriter){ .file = file, .rate = rate, .channels = channels };
  write_header (self);
  return self;
}

void
wav_writer_add (WavWriter *self, Bytes samples)
{
  if (samples.size > UINT32_MAX - HEADER_SIZE - self->size)
    return; /* RIFF ends at 4 GiB */
  self->size += (uint32_t) fwrite (samples.data, 1, samples.size, self->file);
}

void
wav_writer_free (WavWriter *self)
{
  if (self == NULL)
    return;
  write_header (self);
  fclose (self->file);
  g_free (self);
}
