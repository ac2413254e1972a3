/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/sdp.h"

/* What both sides can make of each other's formats and directions (RFC 3264). The offerer's payload
 * types and order count. */

static bool
is_same_codec (const MediaCodec *a, const MediaCodec *b)
{
  return g_ascii_strcasecmp (a->name, b->name) == 0 && a->clock_rate == b->clock_rate &&
         a->channels == b->channels;
}

static bool
is_red (const MediaCodec *codec)
{
  return g_ascii_strcasecmp (codec->name, "red") == 0;
}

static bool
is_voice (const MediaCodec *codec)
{
  return !is_red (codec) && g_ascii_strcasecmp (codec->name, "telephone-event") != 0 &&
         g_ascii_strcasecmp (codec->name, "CN") != 0;
}

/* Redundancy (RFC 2198) names the payload types that it carries: all must be common. */
static bool
is_carried (const MediaCodec *red, const MediaCodec *codecs, size_t count)
{
  g_auto (GStrv) types = g_strsplit (red->fmtp, "/", 8);

  for (size_t i = 0; types[i] != NULL; i++) {
    guint64 payload_type = 0;
    bool is_found = false;

    if (!g_ascii_string_to_unsigned (types[i], 10, 0, 127, &payload_type, NULL))
      return false;
    for (size_t j = 0; j < count; j++)
      is_found = is_found || (codecs[j].payload_type == payload_type && is_voice (&codecs[j]));
    if (!is_found)
      return false;
  }
  return types[0] != NULL;
}

static const MediaCodec *
find_own (const MediaCodec *codec, const MediaCodec *own, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (is_same_codec (codec, &own[i]))
      return &own[i];
  return NULL;
}

size_t
sdp_common_codecs (const MediaDescription *remote,
                   const MediaCodec *own,
                   size_t own_count,
                   bool is_answer,
                   MediaCodec ret_codecs[MEDIA_CODECS_MAX])
{
  size_t count = 0, kept = 0;
  bool has_voice = false;

  for (size_t i = 0; i < remote->codec_count; i++) {
    const MediaCodec *codec = &remote->codecs[i];
    const MediaCodec *ours = find_own (codec, own, own_count);

    if (ours == NULL)
      continue;
    ret_codecs[count] = *codec;
    if (is_answer && !is_red (codec))
      g_strlcpy (ret_codecs[count].fmtp, ours->fmtp, sizeof ours->fmtp);
    has_voice = has_voice || is_voice (codec);
    count++;
  }
  for (size_t i = 0; i < count; i++)
    if (!is_red (&ret_codecs[i]) || is_carried (&ret_codecs[i], ret_codecs, count))
      ret_codecs[kept++] = ret_codecs[i];
  return has_voice ? kept : 0;
}

MediaDirection
sdp_answer_direction (MediaDirection offered, MediaDirection wanted)
{
  MediaDirection possible = (MediaDirection) (((offered & MEDIA_SENDONLY) ? MEDIA_RECVONLY : 0) |
                                              ((offered & MEDIA_RECVONLY) ? MEDIA_SENDONLY : 0));

  return (MediaDirection) (possible & wanted);
}
