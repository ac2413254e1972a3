/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/sdp.h"
#include "tests/fuzz/driver.h"

/* Whatever is read can be answered, and the answer can be read. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  MediaDescription media = { 0 }, answer = { 0 };
  SdpIdentity identity = { .session_id = 1, .version = 1 };
  g_autofree char *text = NULL;
  MediaCodec codecs[MEDIA_CODECS_MAX];

  if (sdp_read ((Bytes){ data, size }, &media) != 0)
    return 0;
  g_assert (media.codec_count > 0 && media.codec_count <= MEDIA_CODECS_MAX);
  g_assert (media.ptime_ms >= 10 && media.ptime_ms <= 60);
  g_assert (media.ice.candidate_count <= LIMIT_CANDIDATES);
  g_assert (sdp_common_codecs (&media, media.codecs, media.codec_count, true, codecs) <=
            media.codec_count);
  text = sdp_write_answer (&identity, &media, (Bytes){ data, size });
  g_assert (sdp_read (bytes_of_text (text), &answer) == 0);
  g_assert (answer.codec_count == media.codec_count);
  g_assert (answer.ice.candidate_count == media.ice.candidate_count);
  return 0;
}
