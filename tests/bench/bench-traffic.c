/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/frame.h"
#include "core/wire/message.h"
#include "tests/bench/bench.h"
#include "tests/sim/census.h"
#include "tests/sim/identities.h"
#include "tests/sim/world.h"

/* What an overlay of a hundred peers with real keys and certificates sends so that one of them
 * joins, registers, finds somebody, asks whether he is there, and calls: all messages that belong
 * to it, on every link of their way, in their frames, without acknowledgements and without what
 * DTLS and UDP add.
 *
 * A peer leaves its certificate out where the other side has it. What would be sent without that is
 * counted beside: each message that carries no certificate of its signer would be longer by one. */

enum { PEERS = 100, SAMPLES = 20, CERTIFICATE_HEAD = 3 };

typedef enum Phase {
  PHASE_NONE,
  PHASE_JOIN,
  PHASE_REGISTER,
  PHASE_FIND,
  PHASE_PROBE,
  PHASE_CALL,
} Phase;

typedef struct Traffic {
  SimWorld *world;
  Phase phase;
  unsigned joining;         /* whose links count while it joins */
  GHashTable *transactions; /* numbers of those that belong to the phase */
  uint64_t bytes, without;  /* of the phase */
} Traffic;

static bool
belongs (Phase phase, uint16_t code)
{
  switch (phase) {
  case PHASE_REGISTER:
    return code == MESSAGE_STORE_REQ;
  case PHASE_FIND:
    return code == MESSAGE_FETCH_REQ;
  case PHASE_PROBE:
    return code == MESSAGE_PING_REQ;
  case PHASE_CALL:
    return code == MESSAGE_FETCH_REQ || code == MESSAGE_APP_ATTACH_REQ;
  case PHASE_NONE:
  case PHASE_JOIN:
    break;
  }
  return false;
}

/* Of a request, whether it belongs to the phase; of anything else, whether its request did. */
static bool
is_counted (Traffic *self,
            const SimPeer *from,
            const SimPeer *to,
            const ForwardingHeader *header,
            Bytes payload)
{
  uint16_t code;

  if (self->phase == PHASE_JOIN)
    return from->index == self->joining || to->index == self->joining;
  if (header_fragment_offset (header) == 0 && payload.size >= 2) {
    code = (uint16_t) (payload.data[0] << 8 | payload.data[1]);
    if (belongs (self->phase, code))
      g_hash_table_add (self->transactions,
                        g_memdup2 (&header->transaction_id, sizeof header->transaction_id));
  }
  return g_hash_table_contains (self->transactions, &header->transaction_id);
}

/* How much longer it would be with its signer's certificate. */
static size_t
missing_certificate (const SimPeer *from,
                     const ForwardingHeader *header,
                     Bytes payload,
                     Arena *arena)
{
  Message message;

  if (!header_is_whole (header) || !message_decode (payload, arena, &message, NULL) ||
      message.security.certificates.count > 0)
    return 0;
  return from->signer.own->der.size + CERTIFICATE_HEAD;
}

static void
on_tap (SimPeer *from, SimPeer *to, Bytes bytes, void *user_data)
{
  Traffic *self = user_data;
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  FramedMessage frame;
  Bytes payload;

  if (self->phase == PHASE_NONE || !frame_decode (bytes, &frame) || frame.type != FRAME_DATA ||
      !header_decode (frame.message, arena, &header, &payload, NULL) ||
      !is_counted (self, from, to, &header, payload))
    return;
  self->bytes += bytes.size;
  self->without += bytes.size + missing_certificate (from, &header, payload, arena);
}

static void
begin (Traffic *self, Phase phase)
{
  self->phase = phase;
  self->bytes = self->without = 0;
  g_hash_table_remove_all (self->transactions);
}

static void
report (Traffic *self, const char *name, unsigned count, GString *extra)
{
  double bytes = (double) self->bytes / count;
  double without = (double) self->without / count;

  self->phase = PHASE_NONE;
  g_print ("%-9s %7.0f bytes, %7.0f if every message had its certificate\n", name, bytes, without);
  g_string_append_printf (extra, ",\"%s_bytes\":%.0f,\"%s_uncached_bytes\":%.0f", name, bytes, name,
                          without);
}

static bool
is_ready (SimWorld *world, void *user_data)
{
  return ((SimPeer *) user_data)->state == NODE_READY;
}

/* All but one, who comes last. */
static void
gather (Traffic *self)
{
  sim_peer_start (sim_world_peer (self->world, 0), NULL, 0);
  sim_world_run (self->world, 6 * TIME_SECOND);
  for (unsigned i = 1; i + 1 < PEERS; i++) {
    unsigned hint = sim_world_random (self->world, i);
    sim_peer_start (sim_world_peer (self->world, i), &hint, 1);
    sim_world_run (self->world, TIME_SECOND);
  }
  if (!sim_world_run_until (self->world, census_is_one_ring, NULL, 5 * TIME_MINUTE))
    g_error ("no ring");
  sim_world_run (self->world, 2 * TIME_MINUTE);
}

static void
run_phases (Traffic *self, GString *extra)
{
  SimPeer *last = sim_world_peer (self->world, PEERS - 1);
  unsigned hint = 0;

  begin (self, PHASE_JOIN);
  self->joining = last->index;
  sim_peer_start (last, &hint, 1);
  if (!sim_world_run_until (self->world, is_ready, last, TIME_MINUTE))
    g_error ("nobody joined");
  report (self, "join", 1, extra);
  sim_world_run (self->world, TIME_MINUTE);

  begin (self, PHASE_REGISTER);
  for (unsigned i = 0; i < SAMPLES; i++)
    registration_usage_refresh (sim_world_peer (self->world, i)->node->overlay->registration_usage);
  sim_world_run (self->world, 2 * TIME_SECOND);
  report (self, "register", SAMPLES, extra);

  begin (self, PHASE_FIND);
  for (unsigned i = 0; i < SAMPLES; i++)
    node_lookup (sim_world_peer (self->world, i)->node,
                 sim_world_peer (self->world, PEERS - 1 - i)->user);
  sim_world_run (self->world, 2 * TIME_SECOND);
  report (self, "find", SAMPLES, extra);

  begin (self, PHASE_PROBE);
  for (unsigned i = 0; i < SAMPLES; i++)
    overlay_probe (sim_world_peer (self->world, i)->node->overlay, i,
                   sim_peer_id (sim_world_peer (self->world, PEERS - 1 - i)));
  sim_world_run (self->world, 2 * TIME_SECOND);
  report (self, "probe", SAMPLES, extra);

  begin (self, PHASE_CALL);
  for (unsigned i = 0; i < SAMPLES; i++)
    node_call (sim_world_peer (self->world, i)->node,
               &(NodeCallOptions){ .address = sim_world_peer (self->world, 50 + i)->user });
  sim_world_run (self->world, 3 * TIME_SECOND);
  report (self, "call", SAMPLES, extra);
}

int
bench_traffic (const BenchOptions *options)
{
  g_autoptr (Identities) identities = identities_new (SIM_INSTANCE, 1, IDENTITY_REAL);
  SimOptions world = { .peers = PEERS,
                       .seed = 1,
                       .latency_ms = 10,
                       .init_signer = identities_init_signer,
                       .signer_data = identities };
  Traffic self = {
    .world = sim_world_new (&world),
    .transactions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL),
  };
  g_autoptr (GString) extra = g_string_new (NULL);

  sim_world_set_tap (self.world, on_tap, &self);
  gather (&self);
  run_phases (&self, extra);
  if (options->is_json)
    g_print ("{\"name\":\"traffic\",\"peers\":%u%s}\n", PEERS, extra->str);
  sim_world_free (self.world);
  g_hash_table_unref (self.transactions);
  return 0;
}
