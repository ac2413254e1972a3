/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec.h: the formats we speak. */
#pragma once
#include "core/base/codec.h"

#include <gst/gst.h>

enum { CODEC_CLOCK_RATE = 48000 };

/* Preferred first; static. */
const MediaCodec *codec_list (size_t *ret_count);

/* RTP caps of one payload type; the encoding name as GStreamer writes it. */
GstCaps *codec_caps (const char *encoding, int payload_type);

/* RFC 4733, 3.2: the event of a key and back; -1 and 0 for what is no key. */
int codec_digit_number (char digit);
char codec_digit_of_number (int number);
