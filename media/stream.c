/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network half of a session, one bin:
 *
 *   speech ─ valve ─ opusenc ─ rtpopuspay ─ rtpredenc ─ rtpdtmfmux ┐
 *                                               rtpdtmfsrc ────────┤
 *                                                                rtpbin ─ srtpenc ─ funnel ─
 * appsink appsrc ─ srtpdec ─ rtpreddec ─ rtpbin ┬ rtpopusdepay ─ opusdec ─ convert ─ mixer   (each
 * SSRC) └ rtpdtmfdepay ─ fakesink                    (digits)
 *
 * srtpdec stands first: what fails authentication, is replayed or comes without protection goes no
 * further (threats 4.10, 4.11). Nor does what is too old to be heard (staleness.c). Nothing is
 * plugged by what the peer sends but the two chains above, and each of them only
 * LIMIT_MEDIA_STREAMS times (4.12). Such a chain stays as long as the stream: were it to go when
 * its SSRC has been silent for long (rtpbin's autoremove), the thread of the reports would take it
 * away while what comes after a sleep is just pouring in, and rtpssrcdemux bears only one of the
 * two. RED is undone before the jitter buffer, so that a repaired packet fills its gap there. RTP
 * and RTCP share the way (RFC 5761); srtpdec tells them apart.
 *
 * New keys or codecs mean a new stream; there is nothing to change in a running one.
 */
#define G_LOG_DOMAIN "media"
#include "media/stream.h"

#include "core/base/limits.h"
#include "media/codec.h"
#include "media/element.h"
#include "media/staleness.h"

#include <gst/app/app.h>
#include <stdio.h>
#include <string.h>

enum {
  BITRATE = 32000,
  BITRATE_RED = 24000, /* each of the two copies */
  RTP_HEADER_SIZE = 12,
  RTP_FIRST_BYTE_MIN = 128, /* RFC 7983: 128 to 191 is RTP or RTCP */
  RTP_FIRST_BYTE_MAX = 191,
  DTMF_VOLUME = 10, /* -10 dBm0 */
  DTMF_MS = 120,
};

struct Stream {
  GstElement *bin, *pipeline, *speech, *mixer;
  GstElement *rtpbin, *input, *valve, *encoder, *red_encoder, *red_decoder, *digit_source;
  GstPad *speech_pad; /* the tee's, for us */
  Outbox *outbox;
  SrtpKeys keys;
  uint8_t voice_type, digit_type, red_type; /* payload types; 0 when not agreed on */
  guint digit_end_id;

  GMutex lock;       /* what follows is shared with the streaming threads */
  GPtrArray *voices; /* of GstPad, the mixer's */
  unsigned ssrc_count;
  bool is_receiving, has_sounded;
  uint64_t packets, bytes;
  int64_t last_packet_us;

  Staleness staleness; /* the receiving thread's */
};

/* ---- keys ---- */

static GstBuffer *
key_buffer (SrtpProfile profile, const uint8_t *key)
{
  size_t size = profile == SRTP_AEAD_AES_128_GCM ? 16 + 12 : 16 + 14;
  return gst_buffer_new_memdup (key, size);
}

static GstCaps *
on_key_requested (GstElement *decoder, guint ssrc, void *user_data)
{
  Stream *self = user_data;
  g_mutex_lock (&self->lock);
  bool is_refused = self->ssrc_count >= LIMIT_MEDIA_SSRCS;
  self->ssrc_count += !is_refused;
  g_mutex_unlock (&self->lock);
  if (is_refused)
    return NULL;

  bool is_gcm = self->keys.profile == SRTP_AEAD_AES_128_GCM;
  const char *cipher = is_gcm ? "aes-128-gcm" : "aes-128-icm";
  const char *auth = is_gcm ? "null" : "hmac-sha1-80";
  g_autoptr (GstBuffer) key = key_buffer (self->keys.profile, self->keys.receive);
  return gst_caps_new_simple ("application/x-srtp", "ssrc", G_TYPE_UINT, ssrc, "srtp-key",
                              GST_TYPE_BUFFER, key, "srtp-cipher", G_TYPE_STRING, cipher,
                              "srtcp-cipher", G_TYPE_STRING, cipher, "srtp-auth", G_TYPE_STRING,
                              auth, "srtcp-auth", G_TYPE_STRING, auth, NULL);
}

static GstElement *
add_protector (Stream *self)
{
  bool is_gcm = self->keys.profile == SRTP_AEAD_AES_128_GCM;
  const char *cipher = is_gcm ? "aes-128-gcm" : "aes-128-icm";
  const char *auth = is_gcm ? "null" : "hmac-sha1-80";
  GstElement *protector = element_add (self->bin, "srtpenc");
  g_autoptr (GstBuffer) key = key_buffer (self->keys.profile, self->keys.send);
  g_object_set (protector, "key", key, NULL);
  const char *ciphers[] = { "rtp-cipher", "rtcp-cipher" }, *auths[] = { "rtp-auth", "rtcp-auth" };
  for (size_t i = 0; i < 2; i++) {
    gst_util_set_object_arg (G_OBJECT (protector), ciphers[i], cipher);
    gst_util_set_object_arg (G_OBJECT (protector), auths[i], auth);
  }
  return protector;
}

/* ---- receiving ---- */

/* The time stamps of digits stand still while a key is down (RFC 4733, 2.2.1). */
static bool
is_stale (Stream *self, GstBuffer *packet, int64_t now_us)
{
  uint8_t header[RTP_HEADER_SIZE];
  if (gst_buffer_extract (packet, 0, header, sizeof header) != sizeof header)
    return false;
  uint8_t type = header[1] & 0x7f;
  if (type != self->voice_type && (self->red_type == 0 || type != self->red_type))
    return false;
  uint32_t ssrc = GST_READ_UINT32_BE (header + 8), timestamp = GST_READ_UINT32_BE (header + 4);
  return staleness_check (&self->staleness, ssrc, timestamp, now_us);
}

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  Stream *self = user_data;
  GstBuffer *buffer = gst_pad_probe_info_get_buffer (info);
  int64_t now_us = g_get_monotonic_time ();
  g_mutex_lock (&self->lock);
  self->packets++;
  self->bytes += gst_buffer_get_size (buffer);
  self->last_packet_us = now_us;
  g_mutex_unlock (&self->lock);
  return is_stale (self, buffer, now_us) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static gboolean
keep_known_type (GstBuffer **buffer, guint index, void *user_data)
{
  Stream *self = user_data;
  uint8_t header[RTP_HEADER_SIZE];
  bool is_whole = gst_buffer_extract (*buffer, 0, header, sizeof header) == sizeof header;
  uint8_t type = header[1] & 0x7f;
  bool is_known =
    is_whole && (type == self->voice_type || (self->digit_type != 0 && type == self->digit_type));
  if (!is_known)
    gst_clear_buffer (buffer);
  return TRUE;
}

/* rtpbin takes a type it does not know, also one inside RED, for an error and stops. */
static GstPadProbeReturn
on_plain_packet (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *packets = gst_buffer_list_make_writable (info->data);
    gst_buffer_list_foreach (packets, keep_known_type, user_data);
    info->data = packets;
    return gst_buffer_list_length (packets) > 0 ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  }
  GstBuffer *packet = gst_buffer_ref (info->data);
  keep_known_type (&packet, 0, user_data);
  bool is_kept = packet != NULL;
  gst_clear_buffer (&packet);
  return is_kept ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* The first sound of the whole stream, then never again. */
static GstPadProbeReturn
on_sound (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  Stream *self = user_data;
  g_mutex_lock (&self->lock);
  bool is_first = !self->has_sounded && self->is_receiving;
  self->has_sounded |= is_first;
  bool is_done = self->has_sounded;
  g_mutex_unlock (&self->lock);
  if (is_first)
    gst_element_post_message (self->bin,
                              gst_message_new_element (GST_OBJECT (self->bin),
                                                       gst_structure_new_empty ("first-sound")));
  return is_done ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_OK;
}

static void
add_digits (Stream *self, GstPad *pad)
{
  GstElement *digits = gst_bin_new (NULL);
  GstElement *depayloader = element_add (digits, "rtpdtmfdepay");
  GstElement *sink = element_add (digits, "fakesink");
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_element_link (depayloader, sink);
  element_expose_forgiving (digits, depayloader, "sink");
  gst_bin_add (GST_BIN (self->bin), digits);
  gst_element_sync_state_with_parent (digits);
  element_link_pad (pad, digits);
}

/* From packets of one SSRC to the mixer. The chain is a bin of its own, so that it goes at once. */
static void
add_voice (Stream *self, GstPad *pad)
{
  GstElement *voice = gst_bin_new (GST_OBJECT_NAME (pad));
  GstElement *depayloader = element_add (voice, "rtpopusdepay");
  GstElement *decoder = element_add (voice, "opusdec");
  GstElement *convert = element_add (voice, "audioconvert");
  GstElement *format = element_add_format (voice);
  gst_element_link_many (depayloader, decoder, convert, format, NULL);
  g_object_set (decoder, "plc", TRUE, NULL);
  element_expose_forgiving (voice, depayloader, "sink");
  element_expose (voice, format, "src");
  gst_bin_add (GST_BIN (self->bin), voice);

  g_autoptr (GstPad) output = gst_element_get_static_pad (voice, "src");
  gst_pad_add_probe (output, GST_PAD_PROBE_TYPE_BUFFER, on_sound, self, NULL);
  GstPad *ghost = gst_ghost_pad_new (NULL, output);
  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (self->bin, ghost);
  GstPad *mixer_pad = gst_element_request_pad_simple (self->mixer, "sink_%u");

  g_mutex_lock (&self->lock);
  g_object_set (mixer_pad, "mute", !self->is_receiving, NULL);
  g_ptr_array_add (self->voices, mixer_pad);
  g_mutex_unlock (&self->lock);
  gst_pad_link (ghost, mixer_pad);
  gst_element_sync_state_with_parent (voice);
  element_link_pad (pad, voice);
}

static void
on_pad_added (GstElement *rtpbin, GstPad *pad, void *user_data)
{
  Stream *self = user_data;
  unsigned session, ssrc, type;
  if (sscanf (GST_OBJECT_NAME (pad), "recv_rtp_src_%u_%u_%u", &session, &ssrc, &type) != 3)
    return;
  if (type == self->voice_type)
    add_voice (self, pad);
  else if (type == self->digit_type)
    add_digits (self, pad);
}

static void
drop_mixer_pad (Stream *self, GstPad *mixer_pad)
{
  gst_element_release_request_pad (self->mixer, mixer_pad);
  gst_object_unref (mixer_pad);
}

static GstCaps *
on_type_asked (GstElement *rtpbin, guint session, guint type, void *user_data)
{
  Stream *self = user_data;
  if (type == self->voice_type)
    return codec_caps ("OPUS", (int) type);
  if (self->digit_type != 0 && type == self->digit_type)
    return codec_caps ("TELEPHONE-EVENT", (int) type);
  if (self->red_type != 0 && type == self->red_type)
    return codec_caps ("RED", (int) type);
  return NULL;
}

static void
build_receiver (Stream *self)
{
  self->input = element_add (self->bin, "appsrc");
  g_autoptr (GstCaps) caps =
    gst_caps_new_simple ("application/x-srtp", "media", G_TYPE_STRING, "audio", NULL);
  g_object_set (self->input, "caps", caps, "is-live", TRUE, "do-timestamp", TRUE, "format",
                GST_FORMAT_TIME, "max-buffers", (guint64) LIMIT_MEDIA_BACKLOG, "emit-signals",
                FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (self->input), "leaky-type", "downstream");
  GstElement *guard = gst_bin_new (NULL);
  GstElement *decoder = element_add (guard, "srtpdec");
  g_signal_connect (decoder, "request-key", G_CALLBACK (on_key_requested), self);
  element_expose_forgiving (guard, decoder, "rtp_sink");
  element_expose (guard, decoder, "rtp_src");
  element_expose (guard, decoder, "rtcp_src");
  gst_bin_add (GST_BIN (self->bin), guard);
  gst_element_link_pads (self->input, "src", guard, "rtp_sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (guard, "rtp_src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, self, NULL);

  self->red_decoder = element_add (self->bin, "rtpreddec");
  g_object_set (self->red_decoder, "pt", self->red_type != 0 ? self->red_type : -1, NULL);
  gst_element_link_pads (guard, "rtp_src", self->red_decoder, "sink");
  g_autoptr (GstPad) packets = gst_element_get_static_pad (self->red_decoder, "src");
  GstPadProbeType both = GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST;
  gst_pad_add_probe (packets, both, on_plain_packet, self, NULL);
  gst_element_link_pads (self->red_decoder, "src", self->rtpbin, "recv_rtp_sink_0");
  gst_element_link_pads (guard, "rtcp_src", self->rtpbin, "recv_rtcp_sink_0");
}

/* ---- sending ---- */

static GstFlowReturn
on_datagram (GstAppSink *sink, void *user_data)
{
  Stream *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (sample != NULL)
    outbox_put (self->outbox, gst_buffer_ref (gst_sample_get_buffer (sample)));
  return GST_FLOW_OK;
}

static void
build_output (Stream *self)
{
  GstElement *protector = add_protector (self);
  GstElement *funnel = element_add (self->bin, "funnel");
  GstElement *output = element_add (self->bin, "appsink");
  g_object_set (output, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, NULL);
  GstAppSinkCallbacks callbacks = { .new_sample = on_datagram };
  gst_app_sink_set_callbacks (GST_APP_SINK (output), &callbacks, self, NULL);
  gst_element_link_pads (self->rtpbin, "send_rtp_src_0", protector, "rtp_sink_0");
  gst_element_link_pads (self->rtpbin, "send_rtcp_src_0", protector, "rtcp_sink_0");
  gst_element_link_pads (protector, "rtp_src_0", funnel, NULL);
  gst_element_link_pads (protector, "rtcp_src_0", funnel, NULL);
  gst_element_link (funnel, output);
}

static void
build_digit_source (Stream *self, GstElement *mux)
{
  self->digit_source = element_add (self->bin, "rtpdtmfsrc");
  g_object_set (self->digit_source, "pt", self->digit_type, "clock-rate", CODEC_CLOCK_RATE,
                "packet-redundancy", 3, NULL);
  gst_element_link_pads (self->digit_source, "src", mux, "priority_sink_%u");
}

static void
build_sender (Stream *self)
{
  self->valve = element_add (self->bin, "valve");
  gst_util_set_object_arg (G_OBJECT (self->valve), "drop-mode", "forward-sticky-events");
  self->encoder = element_add (self->bin, "opusenc");
  g_object_set (self->encoder, "bitrate", BITRATE, NULL);
  gst_util_set_object_arg (G_OBJECT (self->encoder), "audio-type", "voice");
  gst_util_set_object_arg (G_OBJECT (self->encoder), "frame-size", "20");
  GstElement *payloader = element_add (self->bin, "rtpopuspay");
  g_object_set (payloader, "pt", self->voice_type, NULL);
  gst_element_link_many (self->valve, self->encoder, payloader, NULL);
  GstElement *last = payloader;
  if (self->red_type != 0) {
    self->red_encoder = element_add (self->bin, "rtpredenc");
    g_object_set (self->red_encoder, "pt", self->red_type, "allow-no-red-blocks", FALSE, NULL);
    gst_element_link (last, self->red_encoder);
    last = self->red_encoder;
  }
  if (self->digit_type != 0) {
    GstElement *mux = element_add (self->bin, "rtpdtmfmux");
    gst_element_link_pads (last, "src", mux, "sink_%u");
    build_digit_source (self, mux);
    last = mux;
  }
  gst_element_link_pads (last, "src", self->rtpbin, "send_rtp_sink_0");
  element_expose_forgiving (self->bin, self->valve, "sink");
}

/* ---- the whole ---- */

static void
build_rtpbin (Stream *self, unsigned latency_ms)
{
  self->rtpbin = element_add (self->bin, "rtpbin");
  g_object_set (self->rtpbin, "latency", latency_ms, "do-lost", TRUE, "max-streams",
                LIMIT_MEDIA_STREAMS, NULL);
  gst_util_set_object_arg (G_OBJECT (self->rtpbin), "rtp-profile", "savpf");
  g_signal_connect (self->rtpbin, "request-pt-map", G_CALLBACK (on_type_asked), self);
  g_signal_connect (self->rtpbin, "pad-added", G_CALLBACK (on_pad_added), self);
}

/* A report a second, so that loss is answered soon; RFC 3550's 5 s are for crowds. */
static void
hasten_reports (Stream *self)
{
  g_autoptr (GObject) session = NULL;
  g_signal_emit_by_name (self->rtpbin, "get-internal-session", 0, &session);
  if (session != NULL)
    g_object_set (session, "rtcp-min-interval", (guint64) GST_SECOND, NULL);
}

/* False without Opus. */
static bool
take_codecs (Stream *self, const MediaCodec *codecs, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (g_ascii_strcasecmp (codecs[i].name, "opus") == 0)
      self->voice_type = codecs[i].payload_type;
    else if (g_ascii_strcasecmp (codecs[i].name, "red") == 0)
      self->red_type = codecs[i].payload_type;
    else if (g_ascii_strcasecmp (codecs[i].name, "telephone-event") == 0 &&
             codecs[i].clock_rate == CODEC_CLOCK_RATE)
      self->digit_type = codecs[i].payload_type;
  }
  return self->voice_type != 0;
}

static void
join_pipeline (Stream *self)
{
  gst_bin_add (GST_BIN (self->pipeline), self->bin);
  gst_element_sync_state_with_parent (self->bin);
  self->speech_pad = element_request_branch (self->speech);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->bin, "sink");
  gst_pad_link (self->speech_pad, sink);
}

Stream *
stream_new (const StreamPlan *plan)
{
  Stream *self = g_new0 (Stream, 1);
  if (!take_codecs (self, plan->codecs, plan->codec_count)) {
    g_free (self);
    return NULL;
  }
  self->pipeline = plan->pipeline;
  self->speech = plan->speech;
  self->mixer = plan->mixer;
  self->outbox = plan->outbox;
  self->keys = *plan->keys;
  self->is_receiving = true;
  self->last_packet_us = g_get_monotonic_time ();
  self->voices = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  self->bin = gst_bin_new ("stream");
  build_rtpbin (self, plan->latency_ms);
  build_sender (self);
  build_output (self);
  build_receiver (self);
  hasten_reports (self);
  join_pipeline (self);
  return self;
}

/* The tee is let go first, so that our end never blocks the microphone's thread. */
void
stream_free (Stream *self)
{
  if (self == NULL)
    return;
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->bin, "sink");
  gst_pad_unlink (self->speech_pad, sink);
  gst_element_release_request_pad (self->speech, self->speech_pad);
  gst_object_unref (self->speech_pad);
  g_clear_handle_id (&self->digit_end_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->rtpbin, self);
  gst_element_set_state (self->bin, GST_STATE_NULL);
  for (unsigned i = 0; i < self->voices->len; i++)
    drop_mixer_pad (self, self->voices->pdata[i]);
  gst_bin_remove (GST_BIN (self->pipeline), self->bin);
  g_ptr_array_unref (self->voices);
  g_mutex_clear (&self->lock);
  explicit_bzero (&self->keys, sizeof self->keys);
  g_free (self);
}

void
stream_receive (Stream *self, Bytes datagram)
{
  if (datagram.size < RTP_HEADER_SIZE || datagram.size > LIMIT_MEDIA_DATAGRAM ||
      datagram.data[0] < RTP_FIRST_BYTE_MIN || datagram.data[0] > RTP_FIRST_BYTE_MAX)
    return;
  GstBuffer *buffer = gst_buffer_new_memdup (datagram.data, datagram.size);
  gst_app_src_push_buffer (GST_APP_SRC (self->input), buffer);
}

void
stream_set_direction (Stream *self, bool is_sending, bool is_receiving)
{
  g_object_set (self->valve, "drop", !is_sending, NULL);
  g_mutex_lock (&self->lock);
  self->is_receiving = is_receiving;
  for (unsigned i = 0; i < self->voices->len; i++)
    g_object_set (self->voices->pdata[i], "mute", !is_receiving, NULL);
  g_mutex_unlock (&self->lock);
}

void
stream_set_latency (Stream *self, unsigned latency_ms)
{
  g_assert (latency_ms <= LIMIT_JITTER_MS);
  g_object_set (self->rtpbin, "latency", latency_ms, NULL);
}

void
stream_set_protection (Stream *self, ProtectionMode mode, double loss)
{
  bool is_red = mode == PROTECTION_RED && self->red_encoder != NULL;
  /* For a peer that takes no RED: Opus's own correction (RFC 6716, 2.1.7). */
  bool is_fec = mode != PROTECTION_NONE && !is_red;
  if (self->red_encoder != NULL)
    g_object_set (self->red_encoder, "distance", is_red ? 1 : 0, NULL);
  g_object_set (self->encoder, "bitrate", is_red ? BITRATE_RED : BITRATE, "inband-fec", is_fec,
                "packet-loss-percentage", is_fec ? (int) (100 * loss) : 0, NULL);
}

/* ---- digits ---- */

static void
send_digit_event (Stream *self, bool is_start, int number)
{
  GstStructure *event = gst_structure_new ("dtmf-event", "type", G_TYPE_INT, 1, "start",
                                           G_TYPE_BOOLEAN, is_start, "method", G_TYPE_INT, 1, NULL);
  if (is_start)
    gst_structure_set (event, "number", G_TYPE_INT, number, "volume", G_TYPE_INT, DTMF_VOLUME,
                       NULL);
  /* Only the source's own pad passes it on. */
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->digit_source, "src");
  gst_pad_send_event (pad, gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, event));
}

static gboolean
on_digit_end (void *user_data)
{
  Stream *self = user_data;
  self->digit_end_id = 0;
  send_digit_event (self, false, 0);
  return G_SOURCE_REMOVE;
}

bool
stream_send_digit (Stream *self, char digit)
{
  int number = codec_digit_number (digit);
  if (number < 0 || self->digit_source == NULL)
    return false;
  if (self->digit_end_id != 0) {
    g_source_remove (self->digit_end_id);
    send_digit_event (self, false, 0);
  }
  send_digit_event (self, true, number);
  self->digit_end_id = g_timeout_add (DTMF_MS, on_digit_end, self);
  return true;
}

/* ---- reports ---- */

static void
add_jitterbuffer (GstElement *jitterbuffer, void *user_data)
{
  StreamReport *report = user_data;
  g_autoptr (GstStructure) stats = NULL;
  g_object_get (jitterbuffer, "stats", &stats, NULL);
  uint64_t pushed = 0, lost = 0, late = 0, jitter_ns = 0;
  gst_structure_get (stats, "num-pushed", G_TYPE_UINT64, &pushed, "num-lost", G_TYPE_UINT64, &lost,
                     "num-late", G_TYPE_UINT64, &late, "avg-jitter", G_TYPE_UINT64, &jitter_ns,
                     NULL);
  report->played += pushed;
  report->lost += lost;
  report->late += late;
  report->jitter_ms = MAX (report->jitter_ms, (double) jitter_ns / 1e6);
}

/* RFC 3550, 6.4.1: the block of a report that the peer wrote about us. */
static void
take_report_block (const GstStructure *source, StreamReport *report)
{
  gboolean has_block = FALSE, has_report = FALSE, is_ours = FALSE;
  unsigned fraction = 0, round_trip = 0, highest = 0, jitter = 0;
  gst_structure_get (source, "have-rb", G_TYPE_BOOLEAN, &has_block, "have-sr", G_TYPE_BOOLEAN,
                     &has_report, "internal", G_TYPE_BOOLEAN, &is_ours, NULL);
  if (has_report && !is_ours)
    gst_structure_get (source, "sr-ntptime", G_TYPE_UINT64, &report->report_time, NULL);
  if (!has_block)
    return;
  gst_structure_get (source, "rb-fractionlost", G_TYPE_UINT, &fraction, "rb-round-trip",
                     G_TYPE_UINT, &round_trip, "rb-exthighestseq", G_TYPE_UINT, &highest,
                     "rb-jitter", G_TYPE_UINT, &jitter, NULL);
  report->loss_sent = MIN (fraction, 255) / 256.0;
  report->rtt_ms = round_trip * 1000.0 / 65536;
  report->jitter_sent_ms = jitter * 1000.0 / CODEC_CLOCK_RATE;
  report->report = highest;
}

static void
read_session (Stream *self, StreamReport *report)
{
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstStructure) stats = NULL;
  g_signal_emit_by_name (self->rtpbin, "get-internal-session", 0, &session);
  if (session == NULL)
    return;
  g_object_get (session, "stats", &stats, NULL);
  const GValue *list = gst_structure_get_value (stats, "source-stats");
  GValueArray *sources = list == NULL ? NULL : g_value_get_boxed (list);
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS /* GStreamer still speaks GValueArray here */
    for (unsigned i = 0; sources != NULL && i < sources->n_values; i++)
      take_report_block (g_value_get_boxed (g_value_array_get_nth (sources, i)), report);
  G_GNUC_END_IGNORE_DEPRECATIONS
}

void
stream_report (Stream *self, StreamReport *ret_report)
{
  StreamReport report = { .jitter_sent_ms = -1, .rtt_ms = -1, .loss_sent = -1 };
  g_mutex_lock (&self->lock);
  report.packets = self->packets;
  report.bytes = self->bytes;
  report.last_packet_us = self->last_packet_us;
  g_mutex_unlock (&self->lock);
  unsigned red_packets;
  g_object_get (self->red_decoder, "received", &red_packets, NULL);
  report.red_packets = red_packets;
  element_foreach (self->bin, "rtpjitterbuffer", add_jitterbuffer, &report);
  read_session (self, &report);
  *ret_report = report;
}
