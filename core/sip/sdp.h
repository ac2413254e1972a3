/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sdp.h: MediaDescription to and from SDP (RFC 8866, 8839, 8842, 5763, 5764).
 *
 * One audio stream, UDP/TLS/RTP/SAVPF, one component (rtcp-mux), SHA-256. Everything else is
 * refused; other m-lines of an offer are answered with port 0. The addresses of c= and m= are
 * never used: sound goes where ICE says. */
#pragma once
#include "core/sip/media-description.h"

typedef struct SdpIdentity {
  uint64_t session_id; /* stays for a dialog */
  uint32_t version;    /* grows by one with each change (RFC 3264, 8) */
} SdpIdentity;

/* An offer. To be freed with g_free(). */
char *sdp_write_offer (const SdpIdentity *identity, const MediaDescription *local);

/* The answer to `offer`, with as many m-lines as it has. To be freed with g_free(). */
char *sdp_write_answer (const SdpIdentity *identity, const MediaDescription *local, Bytes offer);

/* Reads offer or answer. 0, or the SIP status that says why it is refused: 400 or 488. */
int sdp_read (Bytes text, MediaDescription *ret_media);

/* The formats that `remote` and `own` share, in the order of `remote`; how many. 0 when there is no
 * voice among them. With the format parameters of `remote`, to send by; or, for an answer
 * (`is_answer`), with ours. */
size_t sdp_common_codecs (const MediaDescription *remote,
                          const MediaCodec *own,
                          size_t own_count,
                          bool is_answer,
                          MediaCodec ret_codecs[MEDIA_CODECS_MAX]);

/* What may be answered to an offered direction by somebody who wants `wanted` (RFC 3264, 6.1). */
MediaDirection sdp_answer_direction (MediaDirection offered, MediaDirection wanted);
