/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec.h: an audio format as SDP names it (RFC 8866, 6.6 and 6.15). */
#pragma once
#include <stdint.h>

typedef struct MediaCodec {
  char name[24];        /* encoding name: "opus", "red", "telephone-event", "PCMA" */
  uint32_t clock_rate;  /* Hz */
  uint8_t channels;     /* as written in rtpmap; 1 when it is left out there */
  uint8_t payload_type; /* 0..127 */
  char fmtp[160];       /* format parameters, empty when there are none */
} MediaCodec;
