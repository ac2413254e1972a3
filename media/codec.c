/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opus in 20 ms frames at 48 kHz (RFC 7587; two channels by name, one in fact), RED over it, and
 * keys at Opus's clock rate (RFC 4733, 2.1). */
#include "media/codec.h"

#include <string.h>

static const MediaCodec codecs[] = {
  { .name = "opus",
    .clock_rate = CODEC_CLOCK_RATE,
    .channels = 2,
    .payload_type = 111,
    .fmtp = "minptime=10;useinbandfec=1" },
  { .name = "red",
    .clock_rate = CODEC_CLOCK_RATE,
    .channels = 2,
    .payload_type = 112,
    .fmtp = "111/111" },
  { .name = "telephone-event",
    .clock_rate = CODEC_CLOCK_RATE,
    .channels = 1,
    .payload_type = 101,
    .fmtp = "0-15" },
};

static const char keys[] = "0123456789*#ABCD";

const MediaCodec *
codec_list (size_t *ret_count)
{
  *ret_count = G_N_ELEMENTS (codecs);
  return codecs;
}

GstCaps *
codec_caps (const char *encoding, int payload_type)
{
  return gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING, "audio", "encoding-name",
                              G_TYPE_STRING, encoding, "clock-rate", G_TYPE_INT, CODEC_CLOCK_RATE,
                              "payload", G_TYPE_INT, payload_type, NULL);
}

int
codec_digit_number (char digit)
{
  const char *found = digit == '\0' ? NULL : strchr (keys, g_ascii_toupper (digit));
  return found == NULL ? -1 : (int) (found - keys);
}

char
codec_digit_of_number (int number)
{
  return number >= 0 && number < (int) strlen (keys) ? keys[number] : '\0';
}
