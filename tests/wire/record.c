/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record FOLDER: an overlay of four peers with real keys, on a virtual clock. It joins, stores,
 * relays, looks up, calls and leaves; FOLDER/life.pcap and life.txt get its RELOAD messages. */
#include "core/overlay/fragment.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "tests/sim/identities.h"
#include "tests/sim/world.h"
#include "tests/wire/capture.h"

#include <string.h>

enum { PEERS = 4 };

typedef struct Recorder {
  SimWorld *world;
  Configuration *configuration; /* for the models of its Kinds */
  Capture *capture;
  Timers *timers;
  Reassembly *reassembly;
} Recorder;

/* A message that came in pieces is printed whole where its last piece is. */
static void
print_message (Recorder *self, uint32_t link, Bytes message, GString *printed)
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
    header_encode (&header, bytes_borrow (payload), whole);
    message = (Bytes){ whole->data, whole->len };
  }
  message_print (message, &kinds, printed);
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
  GString *printed;

  if (!frame_decode (datagram, &frame))
    g_error ("a node sent what is no frame");
  if (!is_reload (&frame))
    return;
  printed = capture_add (self->capture, sim_world_now (self->world), (uint16_t) (1 + from->index),
                         (uint16_t) (1 + to->index), datagram);
  if (frame.type == FRAME_DATA)
    print_message (self, from->index << 16 | to->index, frame.message, printed);
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

/* A relay enters the tree of its service, is found there with its address, and leaves it. */
static void
relay (SimWorld *world)
{
  Node *provider = sim_world_peer (world, 3)->node;
  Address address;

  if (!address_from_text ("192.0.2.7:3478", &address))
    g_error ("no address");
  node_offer_relay (provider, &address);
  sim_world_run (world, 5 * TIME_SECOND);
  node_find_relays (sim_world_peer (world, 2)->node);
  sim_world_run (world, 5 * TIME_SECOND);
  node_offer_relay (provider, NULL);
  sim_world_run (world, 5 * TIME_SECOND);
  node_find_relays (sim_world_peer (world, 1)->node);
  sim_world_run (world, 5 * TIME_SECOND);
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
  relay (world);
  node_lookup (sim_world_peer (world, 2)->node, sim_world_peer (world, 3)->user);
  node_lookup (sim_world_peer (world, 2)->node, "nobody@" SIM_INSTANCE);
  node_call (sim_world_peer (world, 2)->node, &call);
  sim_world_run (world, 10 * TIME_SECOND);
  for (unsigned i = 1; i < count; i++)
    sim_peer_stop (sim_world_peer (world, i));
}

int
main (int argc, char **argv)
{
  g_autoptr (Identities) identities = identities_new (SIM_INSTANCE, 1, IDENTITY_REAL);
  SimOptions options = { .peers = PEERS,
                         .seed = 1,
                         .latency_ms = 1,
                         .init_signer = identities_init_signer,
                         .signer_data = identities };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  Recorder recorder = { .world = world,
                        .configuration = sim_world_configuration (world),
                        .capture = capture_new (),
                        .timers = timers_new (0) };

  if (argc != 2)
    g_error ("Usage: record FOLDER");
  recorder.reassembly = reassembly_new (recorder.timers);
  sim_world_set_tap (world, on_tap, &recorder);
  live (world);
  capture_save (recorder.capture, argv[1], "life");
  reassembly_free (recorder.reassembly);
  timers_free (recorder.timers);
  capture_free (recorder.capture);
  return 0;
}
