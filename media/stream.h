/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.h: one RTP stream each way, between sound and datagrams. */
#pragma once
#include "core/phone/call-media.h"
#include "media/outbox.h"
#include "media/protection.h"

#include <gst/gst.h>

typedef struct Stream Stream;

/* What the stream is put between, and what it speaks. */
typedef struct StreamPlan {
  GstElement *pipeline; /* plays */
  GstElement *speech;   /* a tee of our voice, S16LE 48 kHz mono */
  GstElement *mixer;    /* takes the peer's */
  Outbox *outbox;       /* outlives the stream */
  const SrtpKeys *keys;
  const MediaCodec *codecs; /* the first is Opus */
  size_t codec_count;
  unsigned latency_ms;
} StreamPlan;

/* Totals since it began. */
typedef struct StreamReport {
  uint64_t played, lost, late; /* packets, by the jitter buffers */
  uint64_t packets, bytes;     /* authenticated RTP */
  uint64_t red_packets;        /* of them, those that carry the one before too */
  int64_t last_packet_us;      /* g_get_monotonic_time(); that of the beginning before the first */
  double jitter_ms;
  double jitter_sent_ms; /* -1 before the first report */
  double rtt_ms;         /* -1 before the first report */
  double loss_sent;      /* -1 before the first report */
  unsigned report;       /* highest sequence number in the peer's last report; 0 before the first */
  uint64_t report_time;  /* the peer's clock in its last report; 0 before the first */
} StreamReport;

/* NULL when Opus is not among the codecs. Messages "first-sound" and "dtmf-event" come on the
 * pipeline's bus. */
Stream *stream_new (const StreamPlan *plan);
void stream_free (Stream *self);

/* Anything may come in here; what is no authentic SRTP or SRTCP is dropped. */
void stream_receive (Stream *self, Bytes datagram);

void stream_set_direction (Stream *self, bool is_sending, bool is_receiving);
void stream_set_latency (Stream *self, unsigned latency_ms);
void stream_set_protection (Stream *self, ProtectionMode mode, double loss);

/* False when the codecs have no telephone-event or it is no digit. */
bool stream_send_digit (Stream *self, char digit);

void stream_report (Stream *self, StreamReport *ret_report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)
