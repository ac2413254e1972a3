/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody on the path (threats 4.10 to 4.12): everything that is not authentic and new is dropped
 * before the jitter buffer, and the conversation goes on as if it had not been there. */
#include "core/base/limits.h"
#include "media/element.h"
#include "media/media.h"
#include "media/stream.h"
#include "tests/media/files.h"
#include "tests/media/sound.h"

#include <gst/app/app.h>
#include <string.h>

enum { PACKET_MAX = 1500, FORGERIES = 20 };

static void
test_wrong_keys_bring_no_sound (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo->b.keys.receive[3] ^= 1;
  duo_start (duo);
  duo_run (duo, &duo->b, 4);
  g_assert_cmpuint (duo->a.first_sounds, ==, 1);
  g_assert_cmpuint (duo->b.first_sounds, ==, 0);
  g_assert_cmpfloat (duo->b.quality.bitrate_received, ==, 0);
  g_assert_cmpfloat (duo->b.quality.silence_s, >, 2);
  g_assert_cmpfloat (duo->b.speaker_db, <, -80);
  g_assert_cmpuint (duo->b.faults->len, ==, 0);
  duo_free (duo);
}

static void
inject (Duo *duo, Bytes datagram)
{
  duo->media->session_receive (duo->b.session, datagram);
}

/* Replays, flipped bits, other SSRCs, plain RTP, too short and too long ones: 20 for each packet.
 */
static void
attack (Duo *duo, Phone *from, Bytes datagram)
{
  if (from != &duo->a || datagram.size > PACKET_MAX)
    return;
  uint8_t forged[LIMIT_MEDIA_DATAGRAM + 100];
  for (unsigned i = 0; i < FORGERIES; i++) {
    memcpy (forged, datagram.data, datagram.size);
    forged[g_rand_int_range (duo->random, 1, (int) datagram.size)] ^= (uint8_t) (1 + i);
    inject (duo, (Bytes){ forged, datagram.size });
    forged[0] = (uint8_t) g_rand_int (duo->random);
    inject (duo, (Bytes){ forged, datagram.size - i });
  }
  memset (forged, 0x80, sizeof forged);
  inject (duo, (Bytes){ forged, sizeof forged });
  for (size_t size = 0; size < 16; size++)
    inject (duo, (Bytes){ forged, size });
  inject (duo, datagram);
  inject (duo, datagram); /* the third copy is the one that the wire brings */
}

static void
test_forged_and_replayed_packets_change_nothing (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo->tap = attack;
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->b, 4);
  g_assert_cmpfloat (duo->b.quality.loss_received, <, 0.01);
  g_assert_cmpfloat (duo->b.quality.bitrate_received, <,
                     1.2 * duo->a.quality.bitrate_sent); /* once each */
  g_assert_cmpuint (duo->b.first_sounds, ==, 1);
  g_assert_cmpuint (duo->b.faults->len, ==, 0);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 2, FILES_HZ_A), >, 0.9);
}

/* RFC 3550, 6.6, from the SSRC of the packet that passes by, in the clear. */
static void
forge_bye (Duo *duo, Phone *from, Bytes datagram)
{
  uint8_t bye[] = { 0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 203, 0, 1, 0, 0, 0, 0 };
  if (from != &duo->a || datagram.size < 12)
    return;
  memcpy (bye + 4, datagram.data + 8, 4);
  memcpy (bye + 12, datagram.data + 8, 4);
  inject (duo, (Bytes){ bye, sizeof bye });
}

static void
test_a_forged_bye_is_ignored (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo->tap = forge_bye;
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->b, 3);
  g_assert_cmpfloat (duo->b.quality.loss_received, <, 0.01);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 2, FILES_HZ_A), >, 0.9);
}

/* ---- what a peer's bytes can meet ---- */

typedef struct Bench {
  GstElement *pipeline, *tee, *mixer;
  Outbox *outbox;
  Stream *stream;
  struct Bench *other;
  bool is_gagged;
} Bench;

static void
on_datagram (void *user_data, Bytes datagram)
{
  Bench *self = user_data;
  if (self->other->stream != NULL && !self->is_gagged)
    stream_receive (self->other->stream, datagram);
}

static void
bench_open (Bench *self, Bench *other, CallMedia *media, const SrtpKeys *keys)
{
  self->other = other;
  self->pipeline = gst_parse_launch ("audiotestsrc is-live=true wave=pink-noise ! "
                                     "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
                                     "tee name=tee allow-not-linked=true "
                                     "audiotestsrc is-live=true wave=silence ! "
                                     "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
                                     "audiomixer name=mixer ! fakesink sync=true async=false",
                                     NULL);
  self->tee = gst_bin_get_by_name (GST_BIN (self->pipeline), "tee");
  self->mixer = gst_bin_get_by_name (GST_BIN (self->pipeline), "mixer");
  self->outbox = outbox_new (on_datagram, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  size_t count;
  const MediaCodec *codecs = media->codecs (media->media, &count);
  StreamPlan plan = { self->pipeline, self->tee, self->mixer, self->outbox,
                      keys,           codecs,    count,       .latency_ms = 20 };
  self->stream = stream_new (&plan);
}

static void
bench_close (Bench *self)
{
  g_clear_pointer (&self->stream, stream_free);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->tee);
  gst_object_unref (self->mixer);
  gst_object_unref (self->pipeline);
  outbox_free (self->outbox);
}

static const char *const allowed[] = {
  /* ours */
  "appsink",
  "appsrc",
  "audioconvert",
  "bin",
  "capsfilter",
  "fakesink",
  "funnel",
  "opusdec",
  "opusenc",
  "rtpdtmfdepay",
  "rtpdtmfmux",
  "rtpdtmfsrc",
  "rtpopusdepay",
  "rtpopuspay",
  "rtpreddec",
  "rtpredenc",
  "srtpdec",
  "srtpenc",
  "valve",
  /* what rtpbin is made of */
  "rtpbin",
  "rtpjitterbuffer",
  "rtpptdemux",
  "rtpsession",
  "rtpssrcdemux",
  "rtpstorage",
  /* the test's own */
  "audiomixer",
  "audiotestsrc",
  "pipeline",
  "tee",
  NULL,
};

static void
check_element (const GValue *value, void *user_data)
{
  GstElementFactory *factory = gst_element_get_factory (g_value_get_object (value));
  const char *name = gst_plugin_feature_get_name (factory);
  if (!g_strv_contains (allowed, name))
    g_error ("%s is not on the list", name);
  *(unsigned *) user_data += g_str_equal (name, "opusdec");
}

static unsigned
count_decoders (GstElement *pipeline)
{
  unsigned count = 0;
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (pipeline));
  while (gst_iterator_foreach (elements, check_element, &count) == GST_ITERATOR_RESYNC) {
    gst_iterator_resync (elements);
    count = 0;
  }
  gst_iterator_free (elements);
  return count;
}

static void
run_until_packets (Bench *self, uint64_t packets)
{
  StreamReport report = { 0 };
  while (report.packets < packets) {
    g_main_context_iteration (NULL, true);
    stream_report (self->stream, &report);
  }
}

static void
test_only_listed_elements_meet_the_network (Files *self, const void *data)
{
  SrtpKeys keys_a, keys_b;
  duo_make_keys (SRTP_AEAD_AES_128_GCM, &keys_a, &keys_b);
  Bench a = { 0 }, b = { 0 };
  bench_open (&a, &b, self->media, &keys_a);
  bench_open (&b, &a, self->media, &keys_b);
  stream_send_digit (a.stream, '5');
  run_until_packets (&b, 50);
  g_assert_cmpuint (count_decoders (b.pipeline), ==, 1);

  /* A peer that begins again and again under new SSRCs gets so many decoders and no more. */
  for (unsigned i = 0; i < LIMIT_MEDIA_STREAMS + 3; i++) {
    StreamReport report;
    stream_report (b.stream, &report);
    bench_close (&a);
    bench_open (&a, &b, self->media, &keys_a);
    run_until_packets (&b, report.packets + 20);
    g_assert_cmpuint (count_decoders (b.pipeline), <=, LIMIT_MEDIA_STREAMS);
  }
  bench_close (&a);
  bench_close (&b);
}

/* What RTP knows of both ends. */
static unsigned
count_sources (const Bench *self)
{
  g_autoptr (GstElement) rtpbin = element_find (self->pipeline, "rtpbin");
  g_autoptr (GObject) session = NULL;
  unsigned count;
  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  g_object_get (session, "num-sources", &count, NULL);
  return count;
}

/* RTP forgets whom it has not heard for a while; what they say next is not to meet a decoder that
 * is just being taken away. */
static void
test_who_was_silent_keeps_the_decoder (Files *self, const void *data)
{
  SrtpKeys keys_a, keys_b;
  duo_make_keys (SRTP_AEAD_AES_128_GCM, &keys_a, &keys_b);
  Bench a = { 0 }, b = { 0 };
  bench_open (&a, &b, self->media, &keys_a);
  bench_open (&b, &a, self->media, &keys_b);
  run_until_packets (&b, 50);
  unsigned sources = count_sources (&b);
  a.is_gagged = true;
  while (count_sources (&b) >= sources)
    g_main_context_iteration (NULL, true);
  g_assert_cmpuint (count_decoders (b.pipeline), ==, 1);

  StreamReport report;
  stream_report (b.stream, &report);
  a.is_gagged = false;
  run_until_packets (&b, report.packets + 50);
  g_assert_cmpuint (count_decoders (b.pipeline), ==, 1);
  bench_close (&a);
  bench_close (&b);
}

/* ---- an authentic peer that sends nonsense ---- */

enum { RANDOM_PACKETS = 3000, KEY_SIZE = 28 };

typedef struct Fuzz {
  Bench *target;
  GRand *random;
  GstElement *pipeline, *source;
  Outbox *outbox;
  unsigned sent, arrived;
} Fuzz;

static void
on_fuzz_datagram (void *user_data, Bytes datagram)
{
  Fuzz *self = user_data;
  stream_receive (self->target->stream, datagram);
  self->arrived++;
}

static GstFlowReturn
on_fuzz_sample (GstAppSink *sink, void *user_data)
{
  Fuzz *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  outbox_put (self->outbox, gst_buffer_ref (gst_sample_get_buffer (sample)));
  return GST_FLOW_OK;
}

static void
fuzz_open (Fuzz *self, const SrtpKeys *keys)
{
  self->random = g_rand_new_with_seed (412);
  self->outbox = outbox_new (on_fuzz_datagram, self);
  self->pipeline =
    gst_parse_launch ("appsrc name=in format=time caps=application/x-rtp,media=audio,payload=111,"
                      "clock-rate=48000,encoding-name=OPUS,ssrc=(uint)77 ! "
                      "srtpenc name=enc rtp-cipher=aes-128-gcm rtcp-cipher=aes-128-gcm "
                      "rtp-auth=null rtcp-auth=null ! appsink name=out sync=false async=false",
                      NULL);
  g_autoptr (GstElement) protector = gst_bin_get_by_name (GST_BIN (self->pipeline), "enc");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "out");
  g_autoptr (GstBuffer) key = gst_buffer_new_memdup (keys->send, KEY_SIZE);
  g_object_set (protector, "key", key, NULL);
  GstAppSinkCallbacks callbacks = { .new_sample = on_fuzz_sample };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "in");
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

static void
fuzz_close (Fuzz *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->pipeline);
  outbox_free (self->outbox);
  g_rand_free (self->random);
}

/* A good header but for the payload type, which is often one of ours, and any payload. */
static void
fuzz_send (Fuzz *self)
{
  static const uint8_t types[] = { 111, 111, 112, 112, 101, 0, 55, 127 };
  uint8_t packet[PACKET_MAX];
  size_t size = 12 + (size_t) g_rand_int_range (self->random, 0, 400);
  for (size_t i = 0; i < size; i++)
    packet[i] = (uint8_t) g_rand_int (self->random);
  unsigned number = self->sent++;
  packet[0] = 0x80;
  packet[1] = types[g_rand_int_range (self->random, 0, G_N_ELEMENTS (types))];
  if (packet[1] == 112 && size > 12)
    packet[12] = (uint8_t) (types[g_rand_int_range (self->random, 0, 8)] | (packet[12] & 0x80));
  GST_WRITE_UINT16_BE (packet + 2, number);
  GST_WRITE_UINT32_BE (packet + 4, number * 960);
  GST_WRITE_UINT32_BE (packet + 8, 77);
  gst_app_src_push_buffer (GST_APP_SRC (self->source), gst_buffer_new_memdup (packet, size));
}

static void
test_random_payloads_are_survived (Files *self, const void *data)
{
  SrtpKeys keys_a, keys_b;
  duo_make_keys (SRTP_AEAD_AES_128_GCM, &keys_a, &keys_b);
  Bench a = { 0 }, b = { 0 };
  bench_open (&a, &b, self->media, &keys_a);
  bench_open (&b, &a, self->media, &keys_b);
  Fuzz fuzz = { .target = &b };
  fuzz_open (&fuzz, &keys_a);
  while (fuzz.sent < RANDOM_PACKETS) {
    for (unsigned i = 0; i < 20; i++)
      fuzz_send (&fuzz);
    while (fuzz.arrived < fuzz.sent)
      g_main_context_iteration (NULL, true);
  }
  StreamReport report;
  stream_report (b.stream, &report);
  run_until_packets (&b, report.packets + 50); /* it still listens */
  fuzz_close (&fuzz);
  bench_close (&a);
  bench_close (&b);
}

/* ---- the same into each decoder, one after another and without a clock ---- */

typedef struct Chain {
  const char *caps;
  const char *factories[4]; /* as stream.c puts them together */
} Chain;

static const Chain chains[] = {
  { "application/x-rtp,media=audio,payload=111,clock-rate=48000,encoding-name=OPUS",
    { "rtpopusdepay", "opusdec" } },
  { "application/x-rtp,media=audio,payload=112,clock-rate=48000,encoding-name=RED",
    { "rtpreddec" } },
  { "application/x-rtp,media=audio,payload=101,clock-rate=48000,encoding-name=TELEPHONE-EVENT",
    { "rtpdtmfdepay" } },
};

static GstPadProbeReturn
on_decoded (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  ++*(unsigned *) user_data;
  return GST_PAD_PROBE_OK;
}

/* Running; `ret_decoded` counts what comes out at its end. */
static GstElement *
chain_open (const Chain *chain, unsigned *ret_decoded)
{
  GstElement *bin = gst_object_ref_sink (gst_bin_new (NULL));
  GstElement *before = NULL;
  GstElement *sink = element_add (bin, "fakesink");
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  for (size_t i = 0; chain->factories[i] != NULL; i++) {
    GstElement *element = element_add (bin, chain->factories[i]);
    if (g_str_equal (chain->factories[i], "opusdec"))
      g_object_set (element, "plc", TRUE, NULL);
    if (g_str_equal (chain->factories[i], "rtpreddec"))
      g_object_set (element, "pt", 112, NULL);
    if (before == NULL)
      element_expose_forgiving (bin, element, "sink");
    else
      gst_element_link (before, element);
    before = element;
  }
  gst_element_link (before, sink);
  g_autoptr (GstPad) end = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (end, GST_PAD_PROBE_TYPE_BUFFER, on_decoded, ret_decoded, NULL);
  gst_element_set_state (bin, GST_STATE_PLAYING);
  return bin;
}

static void
chain_begin (const Chain *chain, GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (chain->caps);
  GstSegment segment;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_stream_start ("nonsense"));
  gst_pad_send_event (pad, gst_event_new_caps (caps));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
}

/* RTP of that type, good enough to be looked into; now and then something is lost instead. */
static void
chain_push (GstPad *pad, GRand *random, uint8_t type, unsigned number)
{
  uint8_t packet[PACKET_MAX];
  size_t size = 12 + (size_t) g_rand_int_range (random, 0, type == 101 ? 7 : 400);
  GstClockTime time = number * 20 * GST_MSECOND;
  for (size_t i = 12; i < size; i++)
    packet[i] = (uint8_t) g_rand_int (random);
  packet[0] = 0x80;
  packet[1] = (uint8_t) (type | (g_rand_boolean (random) ? 0x80 : 0));
  if (type == 112 && size > 12 && g_rand_boolean (random))
    packet[12] = (uint8_t) (111 | (packet[12] & 0x80));
  if (type == 101)
    packet[12] &= 0x1f;
  GST_WRITE_UINT16_BE (packet + 2, number);
  GST_WRITE_UINT32_BE (packet + 4, number * 960);
  GST_WRITE_UINT32_BE (packet + 8, 77);
  if (g_rand_int_range (random, 0, 10) == 0) {
    gst_pad_send_event (pad, gst_event_new_gap (time, 20 * GST_MSECOND));
    return;
  }
  GstBuffer *buffer = gst_buffer_new_memdup (packet, size);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = time;
  gst_pad_chain (pad, buffer);
}

/* PAYLOADS: as many for each decoder, and not the few that there is always time for. */
static unsigned
payload_count (void)
{
  const char *text = g_getenv ("PAYLOADS");
  return text != NULL ? (unsigned) g_ascii_strtoull (text, NULL, 10) : RANDOM_PACKETS;
}

static void
test_decoders_survive_nonsense (Files *self, const void *data)
{
  static const uint8_t types[] = { 111, 112, 101 };
  g_autoptr (GRand) random = g_rand_new_with_seed (412);
  for (size_t i = 0; i < G_N_ELEMENTS (chains); i++) {
    unsigned decoded = 0;
    g_autoptr (GstElement) chain = chain_open (&chains[i], &decoded);
    g_autoptr (GstPad) pad = gst_element_get_static_pad (chain, "sink");
    chain_begin (&chains[i], pad);
    for (unsigned number = 1; number <= payload_count (); number++)
      chain_push (pad, random, types[i], number);
    g_test_message ("%u payloads into %s: %u came out", payload_count (), chains[i].factories[0],
                    decoded);
    g_assert_cmpuint (decoded, >, 0);
    gst_element_set_state (chain, GST_STATE_NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FILES_ADD ("/attack/threat-4.10-wrong-keys-bring-no-sound", NULL, test_wrong_keys_bring_no_sound);
  FILES_ADD ("/attack/threat-4.10-forged-and-replayed-packets-change-nothing", NULL,
             test_forged_and_replayed_packets_change_nothing);
  FILES_ADD ("/attack/threat-4.11-a-forged-bye-is-ignored", NULL, test_a_forged_bye_is_ignored);
  FILES_ADD ("/attack/threat-4.12-only-listed-elements-meet-the-network", NULL,
             test_only_listed_elements_meet_the_network);
  FILES_ADD ("/attack/who-was-silent-for-long-keeps-the-decoder", NULL,
             test_who_was_silent_keeps_the_decoder);
  FILES_ADD ("/attack/threat-4.12-random-payloads-are-survived", NULL,
             test_random_payloads_are_survived);
  FILES_ADD ("/attack/threat-4.12-each-decoder-survives-nonsense", NULL,
             test_decoders_survive_nonsense);
  return g_test_run ();
}
