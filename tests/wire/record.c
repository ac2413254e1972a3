/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record FOLDER: an overlay of four peers with real keys, on a virtual clock. It joins, stores,
 * looks up, calls and leaves; FOLDER/capture.pcap gets its RELOAD messages in their frames, as they
 * would be without DTLS, FOLDER/printed.txt what we read in each of them. */
#include "core/overlay/fragment.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "tests/sim/identities.h"
#include "tests/sim/world.h"

#include <string.h>

enum {
  PEERS = 4,
  PORT = 6084,
  PCAP_MAGIC = 0xa1b2c3d4,
  PCAP_RAW = 101, /* LINKTYPE_RAW: a packet begins with its IP header */
  IP_SIZE = 20,
  UDP_SIZE = 8,
  IP_DO_NOT_FRAGMENT = 0x4000,
  IP_TTL = 64,
  IP_UDP = 17,
};

typedef struct Recorder {
  SimWorld *world;
  Configuration *configuration; /* for the models of its Kinds */
  GByteArray *capture;
  GString *printed;
  Timers *timers;
  Reassembly *reassembly;
  unsigned frames;
} Recorder;

static void
put16 (GByteArray *bytes, unsigned value)
{
  const uint8_t encoded[2] = { (uint8_t) (value >> 8), (uint8_t) value };

  g_byte_array_append (bytes, encoded, sizeof encoded);
}

static void
put32 (GByteArray *bytes, uint32_t value)
{
  put16 (bytes, value >> 16);
  put16 (bytes, value & 0xffff);
}

static void
put_capture_header (GByteArray *bytes)
{
  put32 (bytes, PCAP_MAGIC);
  put16 (bytes, 2); /* version 2.4 */
  put16 (bytes, 4);
  put32 (bytes, 0);
  put32 (bytes, 0);
  put32 (bytes, UINT16_MAX);
  put32 (bytes, PCAP_RAW);
}

/* Checksums are left out: that of UDP may be 0, and nobody here looks at IP's. */
static void
put_datagram (GByteArray *bytes, uint64_t now, const SimPeer *from, const SimPeer *to, Bytes data)
{
  const uint32_t net = UINT32_C (10) << 24;
  uint32_t size = IP_SIZE + UDP_SIZE + (uint32_t) data.size;

  put32 (bytes, (uint32_t) (now / TIME_SECOND));
  put32 (bytes, (uint32_t) (now % TIME_SECOND));
  put32 (bytes, size);
  put32 (bytes, size);
  put16 (bytes, 0x4500);
  put16 (bytes, size);
  put16 (bytes, 0);
  put16 (bytes, IP_DO_NOT_FRAGMENT);
  put16 (bytes, IP_TTL << 8 | IP_UDP);
  put16 (bytes, 0);
  put32 (bytes, net + 1 + from->index);
  put32 (bytes, net + 1 + to->index);
  put16 (bytes, PORT);
  put16 (bytes, PORT);
  put16 (bytes, UDP_SIZE + (unsigned) data.size);
  put16 (bytes, 0);
  g_byte_array_append (bytes, data.data, (guint) data.size);
}

/* A message that came in pieces is printed whole where its last piece is. */
static void
print_message (Recorder *self, uint32_t link, Bytes message)
{
  WireKinds kinds = configuration_wire_kinds (self->configuration);
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autoptr (GBytes) payload = NULL;
  ForwardingHeader header;
  Bytes piece;

  if (header_decode (message, arena, &header, &piece, NULL) && !header_is_whole (&header) &&
      reassembly_add (self->reassembly, link, &header, piece, LIMIT_MESSAGE_SIZE, &payload) ==
        REASSEMBLY_WHOLE) {
    header.fragment = FRAGMENT_ONLY;
    header_encode (&header, (Bytes){ g_bytes_get_data (payload, NULL), g_bytes_get_size (payload) },
                   whole);
    message = (Bytes){ whole->data, whole->len };
  }
  message_print (message, &kinds, self->printed);
}

/* What is no RELOAD is left out: SIP on the links of applications, and the empty frames that ask
 * for a sign of life, too short for tshark to see a frame in them. */
static bool
is_reload (const FramedMessage *frame)
{
  return frame->type == FRAME_ACK ||
         (frame->message.size > 0 && frame->message.data[0] == RELO_TOKEN >> 24);
}

static void
on_tap (SimPeer *from, SimPeer *to, Bytes datagram, void *user_data)
{
  Recorder *self = user_data;
  FramedMessage frame;

  if (!frame_decode (datagram, &frame))
    g_error ("a node sent what is no frame");
  if (!is_reload (&frame))
    return;
  put_datagram (self->capture, sim_world_now (self->world), from, to, datagram);
  g_string_append_printf (self->printed, "Frame: %u\n", ++self->frames);
  if (frame.type == FRAME_DATA)
    print_message (self, from->index << 16 | to->index, frame.message);
}

static bool
is_everybody_ready (SimWorld *world, void *user_data)
{
  const unsigned *count = user_data;

  for (unsigned i = 0; i < *count; i++)
    if (sim_world_peer (world, i)->state != NODE_READY)
      return false;
  return true;
}

static void
live (SimWorld *world)
{
  unsigned count = PEERS;
  NodeCallOptions call = { .address = sim_world_peer (world, 1)->user };

  sim_peer_start (sim_world_peer (world, 0), NULL, 0);
  sim_world_run (world, 6 * TIME_SECOND);
  for (unsigned i = 1; i < count; i++)
    sim_peer_start (sim_world_peer (world, i), (unsigned[]){ 0 }, 1);
  if (!sim_world_run_until (world, is_everybody_ready, &count, 60 * TIME_SECOND))
    g_error ("no overlay");
  sim_world_run (world, 90 * TIME_SECOND);
  node_lookup (sim_world_peer (world, 2)->node, sim_world_peer (world, 3)->user);
  node_lookup (sim_world_peer (world, 2)->node, "nobody@" SIM_INSTANCE);
  node_call (sim_world_peer (world, 2)->node, &call);
  sim_world_run (world, 10 * TIME_SECOND);
  for (unsigned i = 1; i < count; i++)
    sim_peer_stop (sim_world_peer (world, i));
}

static void
save (const Recorder *self, const char *folder)
{
  g_autofree char *capture = g_build_filename (folder, "capture.pcap", NULL);
  g_autofree char *printed = g_build_filename (folder, "printed.txt", NULL);

  if (!g_file_set_contents (capture, (const char *) self->capture->data,
                            (gssize) self->capture->len, NULL) ||
      !g_file_set_contents (printed, self->printed->str, (gssize) self->printed->len, NULL))
    g_error ("cannot write to %s", folder);
}

int
main (int argc, char **argv)
{
  g_autoptr (Identities) identities = identities_new (SIM_INSTANCE);
  SimOptions options = { .peers = PEERS,
                         .seed = 1,
                         .latency_ms = 1,
                         .init_signer = identities_init_signer,
                         .signer_data = identities };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  Recorder recorder = { .world = world,
                        .configuration = sim_world_configuration (world),
                        .capture = g_byte_array_new (),
                        .printed = g_string_new (NULL),
                        .timers = timers_new (0) };

  if (argc != 2)
    g_error ("Usage: record FOLDER");
  recorder.reassembly = reassembly_new (recorder.timers);
  put_capture_header (recorder.capture);
  sim_world_set_tap (world, on_tap, &recorder);
  live (world);
  save (&recorder, argv[1]);
  reassembly_free (recorder.reassembly);
  timers_free (recorder.timers);
  g_byte_array_unref (recorder.capture);
  g_string_free (recorder.printed, true);
  return 0;
}
