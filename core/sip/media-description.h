/* SPDX-License-Identifier: GPL-3.0-or-later */
/* media-description.h: one end of a call's sound, as SDP carries it (see sdp.h). */
#pragma once
#include "core/base/codec.h"
#include "core/base/ice.h"
#include <stdbool.h>

enum {
  MEDIA_CODECS_MAX = LIMIT_SDP_FORMATS,
  MEDIA_FINGERPRINT_SIZE = 32,
  MEDIA_WORDS_SIZE = 32,
  MEDIA_TLS_ID_SIZE = 256, /* with the final zero */
};

/* Who starts DTLS (RFC 4145, 4; RFC 5763, 5). */
typedef enum MediaSetup {
  MEDIA_SETUP_ACTPASS,
  MEDIA_SETUP_ACTIVE,  /* DTLS client */
  MEDIA_SETUP_PASSIVE, /* DTLS server */
} MediaSetup;

/* Bits, so that an answer is an intersection (RFC 3264, 6.1). */
typedef enum MediaDirection {
  MEDIA_INACTIVE = 0,
  MEDIA_SENDONLY = 1,
  MEDIA_RECVONLY = 2,
  MEDIA_SENDRECV = 3,
} MediaDirection;

typedef struct MediaDescription {
  IceDescription ice;
  uint8_t fingerprint[MEDIA_FINGERPRINT_SIZE]; /* SHA-256 of the DTLS certificate */
  char tls_id[MEDIA_TLS_ID_SIZE]; /* names the DTLS association (RFC 8842, 4); may be empty */
  MediaSetup setup;
  MediaDirection direction;
  MediaCodec codecs[MEDIA_CODECS_MAX]; /* preferred first */
  size_t codec_count;
  unsigned ptime_ms; /* 10..60 */
  bool has_words;
  uint8_t words[MEDIA_WORDS_SIZE]; /* see comparison.c */
} MediaDescription;
