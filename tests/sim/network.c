/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/network.h"

#include "core/base/limits.h"
#include "core/base/list.h"
#include "core/wire/frame.h"
#include "tests/sim/foresight.h"
#include "tests/sim/gang.h"
#include "tests/sim/terrain.h"
#include "tests/sim/trouble.h"
#include "tests/sim/world-private.h"

#include <string.h>

/* Everything that happens is on a conveyor: a frame, or what else becomes of an end. A link is a
 * pair of ends. ICE is a user name that says which end it is. */

/* On the Internet: so much of a delay may be added to it, and so often something goes over before
 * DTLS, and ICE before it, are through. */
enum { JITTER_PART = 8, DTLS_WAYS = 4, ICE_WAYS = 4 };

typedef enum SimKind { SIM_DATA, SIM_GATHERED, SIM_UP, SIM_DOWN, SIM_CONNECT } SimKind;

static bool
is_cut (const SimWorld *self, const SimPeer *a, const SimPeer *b)
{
  return self->border > 0 && (a->index < self->border) != (b->index < self->border) &&
         !a->is_between && !b->is_between;
}

static Site *
site_of (const SimPeer *peer)
{
  return &peer->world->sites[peer->index];
}

/* One way, what queues add left out; to NULL, whom nobody knows, as far as from home. */
static uint64_t
latency (const SimPeer *from, const SimPeer *to)
{
  SimWorld *self = from->world;
  uint64_t delay;

  if (self->sites == NULL)
    return (self->options.latency_ms + sim_world_random (self, self->options.jitter_ms + 1)) *
           TIME_MS;
  delay = terrain_delay (site_of (from), site_of (to != NULL ? to : from));
  return delay + sim_world_random (self, (uint32_t) (delay / JITTER_PART) + 1);
}

/* No router is between them. */
static bool
are_near (const SimPeer *a, const SimPeer *b)
{
  return (a->is_walled && b->is_walled) || (a->home != 0 && a->home == b->home);
}

/* Whether ICE finds a way between them. */
static bool
is_way (const SimPeer *a, const SimPeer *b)
{
  return !is_cut (a->world, a, b) && a->is_walled == b->is_walled &&
         (are_near (a, b) || !(a->is_secluded && b->is_secluded));
}

/* ---- Ends ---- */

static SimPeer *
peer_of (SimWorld *self, const SimEnd *end)
{
  return &self->peers[end->peer];
}

/* Of a peer that is on; a life ends with all ends. */
static SimEnd *
end_by_id (SimWorld *self, uint64_t id)
{
  SimEnd *end = sim_end_by_id (self->ends, id);

  return end != NULL && peer_of (self, end)->node != NULL ? end : NULL;
}

/* Most often it is the one over which something came just now. */
static SimEnd *
end_by_number (SimPeer *peer, uint32_t number)
{
  SimEnd *end = sim_end_by_id (peer->world->ends, peer->world->arrived);

  if (end != NULL && end->peer == peer->index && end->number == number)
    return end;
  return sim_end_by_number (peer->world->ends, &peer->ends, number);
}

static SimEnd *
end_new (SimPeer *peer, uint32_t number)
{
  return sim_end_new (peer->world->ends, peer->index, &peer->ends, number);
}

static void
end_drop (SimPeer *peer, SimEnd *end)
{
  sim_end_drop (peer->world->ends, &peer->ends, end);
}

/* ---- Events ---- */

/* `what` goes with it: the LinkEnd of SIM_DOWN, the peer that SIM_CONNECT calls at. */
static void
befall_later (SimWorld *self, SimKind kind, uint64_t end, uint64_t delay, uint32_t what)
{
  conveyor_send (self->conveyor, end, kind, delay, (Bytes){ (const uint8_t *) &what, sizeof what });
}

static void
bring_up (SimWorld *self, SimEnd *end)
{
  SimEnd *other = end_by_id (self, end->other);

  if (end->is_up || other == NULL)
    return;
  end->is_up = true;
  node_link_up (peer_of (self, end)->node, end->number,
                certificate_ref (peer_of (self, other)->signer.own),
                (LinkTraits){ .is_stream = end->is_stream,
                              .is_near = are_near (peer_of (self, end), peer_of (self, other)) });
}

static SimPeer *
peer_at (SimWorld *self, unsigned index)
{
  return index < self->options.peers ? &self->peers[index] : NULL;
}

/* Whether what somebody calls with gets to that listener. */
static bool
is_heard (const SimPeer *caller, bool is_stream, const SimPeer *at)
{
  if (are_near (caller, at))
    return true;
  return sim_peer_is_open (at) && (is_stream || !caller->is_walled);
}

/* Somebody calls at a listener. */
static void
connect (SimWorld *self, SimEnd *caller, unsigned target)
{
  SimPeer *peer = peer_at (self, target);
  SimEnd *callee;
  uint64_t delay = latency (peer_of (self, caller), peer) * (self->sites != NULL ? DTLS_WAYS : 1);
  uint64_t silence =
    self->options.silence_ms > 0 ? self->options.silence_ms * TIME_MS : 2 * TIME_SECOND;

  if (peer == NULL || peer->node == NULL ||
      !is_heard (peer_of (self, caller), caller->is_stream, peer) ||
      is_cut (self, peer_of (self, caller), peer)) {
    befall_later (self, SIM_DOWN, caller->id, silence, LINK_END_UNREACHABLE);
    return;
  }
  callee = end_new (peer, LINK_FIRST_INCOMING + peer->next_incoming++);
  callee->other = caller->id;
  caller->other = callee->id;
  callee->is_stream = caller->is_stream;
  befall_later (self, SIM_UP, callee->id, delay, 0);
  befall_later (self, SIM_UP, caller->id, delay, 0);
}

static void
gathered (SimWorld *self, SimEnd *end)
{
  IceDescription local = { .candidate_count = 1 };

  g_snprintf (local.ufrag, sizeof local.ufrag, "end%" G_GUINT64_FORMAT, end->id);
  g_strlcpy (local.password, "aPasswordOfTheRightLength", sizeof local.password);
  local.candidates[0] = (Candidate){
    .type = CANDIDATE_HOST,
    .address = { .family = ADDRESS_IPV4, .port = (uint16_t) (1024 + end->id % 60000) },
    .priority = 1,
    .foundation = "1",
  };
  local.candidates[0].address.bytes[0] = 10;
  local.candidates[0].address.bytes[2] = (uint8_t) (end->peer >> 8);
  local.candidates[0].address.bytes[3] = (uint8_t) end->peer;
  node_link_gathered (peer_of (self, end)->node, end->number, &local);
}

/* The link works; only what was in the frame is gone. */
static void
empty_frame (const uint8_t *frame, uint8_t ret_frame[FRAME_DATA_HEADER_SIZE])
{
  memset (ret_frame, 0, FRAME_DATA_HEADER_SIZE);
  memcpy (ret_frame, frame, FRAME_DATA_HEADER_SIZE - 3); /* but for the length */
}

static void
deliver (SimWorld *self, const SimEnd *end, Bytes frame)
{
  uint8_t empty[FRAME_DATA_HEADER_SIZE];
  SimPeer *peer = peer_of (self, end);

  if (peer->gang != NULL && !end->is_stream && gang_takes (peer->gang, peer, end->number, frame)) {
    empty_frame (frame.data, empty);
    frame = (Bytes){ empty, sizeof empty };
  }
  if (!end->is_up) {
    self->traffic.dropped++;
    return;
  }
  self->traffic.delivered++;
  self->arrived = end->id;
  node_receive (peer->node, end->number, frame);
}

static void
tell_arrival (SimWorld *self, Parcel *parcel, const SimEnd *end)
{
  SimEnd *other = end_by_id (self, end->other);

  if (other != NULL)
    self->arrival_func (&(SimArrival){ .to = peer_of (self, end),
                                       .to_link = end->number,
                                       .from = peer_of (self, other),
                                       .bytes = parcel->bytes,
                                       .size = parcel->size },
                        self->arrival_data);
}

static void
on_approach (const Parcel *parcel, unsigned stage, void *user_data)
{
  foresight_approach (user_data, parcel, stage);
}

static void
on_frame (SimWorld *self, Parcel *parcel)
{
  SimEnd *end = end_by_id (self, parcel->end);

  self->traffic.in_flight--;
  if (end != NULL && self->arrival_func != NULL) {
    tell_arrival (self, parcel, end);
    end = end_by_id (self, parcel->end); /* it may be gone by that */
  }
  if (end != NULL)
    deliver (self, end, (Bytes){ parcel->bytes, parcel->size });
  else
    self->traffic.dropped++;
}

static void
befall (SimWorld *self, SimEnd *end, SimKind kind, uint32_t what)
{
  uint32_t number = end->number;
  SimPeer *peer = peer_of (self, end);

  switch (kind) {
  case SIM_DATA:
    break;
  case SIM_GATHERED:
    gathered (self, end);
    break;
  case SIM_UP:
    bring_up (self, end);
    break;
  case SIM_DOWN:
    end_drop (peer, end);
    node_link_down (peer->node, number, (LinkEnd) what);
    break;
  case SIM_CONNECT:
    connect (self, end, what);
    break;
  }
}

static void
on_arrival (Parcel *parcel, void *user_data)
{
  SimWorld *self = user_data;
  SimEnd *end;
  uint32_t what;

  if (parcel->kind == SIM_DATA) {
    on_frame (self, parcel);
    return;
  }
  memcpy (&what, parcel->bytes, sizeof what);
  end = end_by_id (self, parcel->end);
  if (end != NULL)
    befall (self, end, (SimKind) parcel->kind, what);
}

static bool
is_lost (const SimPeer *from, const SimPeer *to)
{
  SimWorld *self = from->world;
  double loss = self->options.loss * 1000000;

  if (self->sites != NULL)
    loss += site_of (from)->loss + site_of (to)->loss;
  return loss > 0 && sim_world_random (self, 1000000) < loss;
}

/* Adds to `delay` how long it takes to get out. False when there is no room to wait in. */
static bool
leave (const SimPeer *from, size_t size, uint64_t *delay)
{
  uint64_t queue;

  if (from->world->sites == NULL)
    return true;
  queue = terrain_send (site_of (from), timers_now (from->world->timers), size);
  if (queue != TIME_NEVER)
    *delay += queue;
  return queue != TIME_NEVER;
}

static void
carry (SimWorld *self, const SimEnd *to, uint64_t delay, Bytes bytes)
{
  self->traffic.in_flight++;
  conveyor_send (self->conveyor, to->id, SIM_DATA, delay, bytes);
}

static void
carry_datagram (SimWorld *self, const SimEnd *to, uint64_t delay, Bytes bytes)
{
  switch (trouble_of_datagram (self, self->options.trouble)) {
  case TROUBLE_FAILED:
    self->traffic.dropped++;
    return;
  case TROUBLE_TWICE:
    self->traffic.sent++;
    carry (self, to, delay + trouble_delay (self), bytes);
    break;
  case TROUBLE_LATE:
    delay += trouble_delay (self);
    break;
  case TROUBLE_NONE:
    break;
  }
  carry (self, to, delay, bytes);
}

/* ---- Ports ---- */

void
network_connect (SimPeer *from, uint32_t link, LinkTransport transport, const Address *to)
{
  SimEnd *end = end_new (from, link);
  unsigned target = (unsigned) to->bytes[1] << 16 | (unsigned) to->bytes[2] << 8 | to->bytes[3];
  uint64_t delay = latency (from, peer_at (from->world, target));

  end->is_stream = transport == LINK_TRANSPORT_TLS;
  befall_later (from->world, SIM_CONNECT, end->id, delay, target);
}

void
network_gather (SimPeer *from, uint32_t link)
{
  SimEnd *end = end_new (from, link);

  befall_later (from->world, SIM_GATHERED, end->id, TIME_MS, 0);
}

void
network_check (SimPeer *from, uint32_t link, const IceDescription *remote)
{
  SimEnd *end = end_by_number (from, link);
  SimWorld *w = from->world;
  bool is_end = g_str_has_prefix (remote->ufrag, "end");
  uint64_t id = is_end ? g_ascii_strtoull (remote->ufrag + 3, NULL, 10) : 0;
  SimEnd *other = end_by_id (w, id);
  uint64_t delay = (w->sites != NULL ? ICE_WAYS + DTLS_WAYS : 2) *
                   latency (from, other != NULL ? peer_of (w, other) : NULL);

  if (end == NULL)
    return;
  end->is_checked = true;
  if (!is_end)
    return;
  end->other = id;
  if (other == NULL || !is_way (from, peer_of (w, other))) {
    befall_later (w, SIM_DOWN, end->id, LIMIT_HANDSHAKE_S * TIME_SECOND, LINK_END_UNREACHABLE);
  } else if (other->is_checked && other->other == end->id) {
    befall_later (w, SIM_UP, end->id, delay, 0);
    befall_later (w, SIM_UP, other->id, delay, 0);
  }
}

void
network_send (SimPeer *from, uint32_t link, Bytes bytes)
{
  SimWorld *w = from->world;
  SimEnd *end = end_by_number (from, link);
  SimEnd *other = end != NULL ? sim_end_by_id (w->ends, end->other) : NULL;
  uint64_t delay = latency (from, other != NULL ? peer_of (w, other) : NULL);

  from->bytes_sent += bytes.size;
  from->messages_sent++;
  w->traffic.sent++;
  sim_trace_add (w->trace, from->index, bytes);
  if (other == NULL || is_cut (w, from, peer_of (w, other))) {
    w->traffic.dropped++;
    return;
  }
  if (w->tap_func != NULL)
    w->tap_func (from, peer_of (w, other), bytes, w->tap_data);
  if ((!end->is_stream && is_lost (from, peer_of (w, other))) ||
      !leave (from, bytes.size, &delay)) {
    w->traffic.dropped++;
    return;
  }
  if (end->is_stream) {
    uint64_t at = MAX (sim_end_free_at (w->ends, end), timers_now (w->timers) + delay);
    sim_end_set_free_at (w->ends, end, at);
    carry (w, other, at - timers_now (w->timers), bytes);
  } else {
    carry_datagram (w, other, delay, bytes);
  }
}

void
network_close (SimPeer *from, uint32_t link)
{
  SimEnd *end = end_by_number (from, link);
  SimEnd *other;

  if (end == NULL)
    return;
  other = end_by_id (from->world, end->other);
  if (from->node != NULL && other != NULL && other->other == end->id &&
      !is_cut (from->world, from, peer_of (from->world, other)))
    befall_later (from->world, SIM_DOWN, other->id, latency (from, peer_of (from->world, other)),
                  LINK_END_CLOSED);
  end_drop (from, end);
}

void
network_wire (SimPeer *a, uint32_t a_link, SimPeer *b, uint32_t b_link)
{
  SimEnd *one = end_new (a, a_link);
  SimEnd *two = end_new (b, b_link);

  one->other = two->id;
  two->other = one->id;
  bring_up (a->world, one);
  bring_up (b->world, two);
}

void
network_forget (SimPeer *peer)
{
  sim_end_list_drop (peer->world->ends, &peer->ends);
}

const ConveyorEvents network_events = {
  .arrival = on_arrival,
  .approach = on_approach,
  .stages = FORESIGHT_STAGES,
};
