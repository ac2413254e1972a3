/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include "core/base/list.h"
#include "core/wire/frame.h"
#include "tests/sim/disk.h"
#include "tests/sim/dropper.h"
#include "tests/sim/sim-signer.h"
#include "tests/sim/trouble.h"

#include <string.h>

/* Everything that happens is a SimEvent: a timer of the one wheel, so that order is by time and
 * then by making. A link is a pair of ends. ICE is a user name that says which end it is. */

#define SIM_PORT 6084

typedef enum SimKind { SIM_GATHERED, SIM_UP, SIM_DATA, SIM_DOWN, SIM_CONNECT } SimKind;

typedef struct SimEvent {
  Timer timer; /* its owner is the world */
  uint64_t end;
  SimKind kind;
  LinkEnd why;
  unsigned target; /* of a connect */
  uint32_t size;
  uint8_t bytes[];
} SimEvent;

struct SimWorld {
  SimOptions options;
  Timers *timers;
  Configuration *configuration;
  SimPeer *peers;
  GHashTable *certificates; /* references to those of the peers: a set, by their DER */
  SimEndTable *ends;
  SimTraffic traffic;
  uint64_t random;
  uint64_t trace;
  unsigned border;
  SimEventFunc event_func;
  void *event_data;
  SimTapFunc tap_func;
  void *tap_data;
  SimArrivalFunc arrival_func;
  void *arrival_data;
};

static uint64_t
next_random (SimWorld *self)
{
  /* splitmix64 */
  uint64_t z = self->random += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

uint32_t
sim_world_random (SimWorld *self, uint32_t limit)
{
  return (uint32_t) (next_random (self) % limit);
}

/* Eight bytes at a time: every frame goes through here. */
static void
trace (SimWorld *self, uint64_t index, Bytes bytes)
{
  uint64_t hash = self->trace ^ index ^ (uint64_t) bytes.size << 32;

  for (size_t at = 0; at < bytes.size; at += sizeof (uint64_t)) {
    uint64_t word = 0;
    memcpy (&word, bytes.data + at, MIN (sizeof word, bytes.size - at));
    hash = (hash ^ word) * UINT64_C (0x9e3779b97f4a7c15);
    hash ^= hash >> 32;
  }
  self->trace = hash;
}

static bool
is_cut (const SimWorld *self, const SimPeer *a, const SimPeer *b)
{
  return self->border > 0 && (a->index < self->border) != (b->index < self->border);
}

static uint64_t
latency (SimWorld *self)
{
  return (self->options.latency_ms + sim_world_random (self, self->options.jitter_ms + 1)) *
         TIME_MS;
}

/* ---- Ends ---- */

static SimEnd *
end_by_id (SimWorld *self, uint64_t id)
{
  SimEnd *end = sim_end_by_id (self->ends, id);

  return end != NULL && end->peer->node != NULL && end->life == end->peer->life ? end : NULL;
}

static SimEnd *
end_by_number (SimPeer *peer, uint32_t number)
{
  return sim_end_by_number (peer->world->ends, &peer->ends, number);
}

static SimEnd *
end_new (SimPeer *peer, uint32_t number)
{
  SimEnd *end = sim_end_new (peer->world->ends, peer, &peer->ends, number);

  end->life = peer->life;
  return end;
}

static void
end_drop (SimEnd *end)
{
  SimPeer *peer = end->peer;

  sim_end_drop (peer->world->ends, &peer->ends, end);
}

/* ---- Events ---- */

static SimEvent *event_new (SimWorld *self, SimKind kind, uint64_t end, uint64_t delay);

static void
bring_up (SimWorld *self, SimEnd *end)
{
  SimEnd *other = end_by_id (self, end->other);

  if (end->is_up || other == NULL)
    return;
  end->is_up = true;
  node_link_up (end->peer->node, end->number, certificate_ref (other->peer->signer.own),
                end->is_stream);
}

/* Somebody calls at a listener. */
static void
connect (SimWorld *self, SimEnd *caller, unsigned target)
{
  SimPeer *peer = target < self->options.peers ? &self->peers[target] : NULL;
  SimEnd *callee;
  uint64_t delay = latency (self);
  uint64_t silence =
    self->options.silence_ms > 0 ? self->options.silence_ms * TIME_MS : 2 * TIME_SECOND;

  if (peer == NULL || peer->node == NULL || peer->is_secluded || peer->is_walled ||
      is_cut (self, caller->peer, peer)) {
    event_new (self, SIM_DOWN, caller->id, silence)->why = LINK_END_UNREACHABLE;
    return;
  }
  callee = end_new (peer, LINK_FIRST_INCOMING + peer->next_incoming++);
  callee->other = caller->id;
  caller->other = callee->id;
  callee->is_stream = caller->is_stream;
  event_new (self, SIM_UP, callee->id, delay);
  event_new (self, SIM_UP, caller->id, delay);
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
  local.candidates[0].address.bytes[2] = (uint8_t) (end->peer->index >> 8);
  local.candidates[0].address.bytes[3] = (uint8_t) end->peer->index;
  node_link_gathered (end->peer->node, end->number, &local);
}

/* The link works; only what was in the frame is gone. */
static void
empty_frame (const uint8_t *frame, uint8_t ret_frame[FRAME_DATA_HEADER_SIZE])
{
  memset (ret_frame, 0, FRAME_DATA_HEADER_SIZE);
  memcpy (ret_frame, frame, FRAME_DATA_HEADER_SIZE - 3); /* but for the length */
}

static void
deliver (SimEnd *end, Bytes frame)
{
  uint8_t empty[FRAME_DATA_HEADER_SIZE];

  if (end->peer->is_dropper && !end->is_stream && dropper_drops (end->peer, frame)) {
    empty_frame (frame.data, empty);
    frame = (Bytes){ empty, sizeof empty };
  }
  if (!end->is_up) {
    end->peer->world->traffic.dropped++;
    return;
  }
  end->peer->world->traffic.delivered++;
  node_receive (end->peer->node, end->number, frame);
}

static void
tell_arrival (SimWorld *self, SimEvent *event, SimEnd *end)
{
  SimEnd *other = end_by_id (self, end->other);

  if (self->arrival_func != NULL && event->kind == SIM_DATA && other != NULL)
    self->arrival_func (&(SimArrival){ .to = end->peer,
                                       .to_link = end->number,
                                       .from = other->peer,
                                       .bytes = event->bytes,
                                       .size = event->size },
                        self->arrival_data);
}

static void
befall (SimWorld *self, const SimEvent *event, SimEnd *end)
{
  uint32_t number = end->number;
  SimPeer *peer = end->peer;

  switch (event->kind) {
  case SIM_GATHERED:
    gathered (self, end);
    break;
  case SIM_UP:
    bring_up (self, end);
    break;
  case SIM_DATA:
    deliver (end, (Bytes){ event->bytes, event->size });
    break;
  case SIM_DOWN:
    end_drop (end);
    node_link_down (peer->node, number, event->why);
    break;
  case SIM_CONNECT:
    connect (self, end, event->target);
    break;
  }
}

static void
on_event (Timer *timer, void *owner)
{
  SimWorld *self = owner;
  SimEvent *event = list_element (timer, SimEvent, timer);
  SimEnd *end = end_by_id (self, event->end);

  self->traffic.in_flight -= event->kind == SIM_DATA;
  if (end != NULL)
    tell_arrival (self, event, end);
  end = end_by_id (self, event->end); /* it may be gone by that */
  if (end != NULL)
    befall (self, event, end);
  else
    self->traffic.dropped += event->kind == SIM_DATA;
  g_free (event);
}

static SimEvent *
event_with (SimWorld *self, SimKind kind, uint64_t end, uint64_t delay, Bytes bytes)
{
  SimEvent *event = g_malloc (sizeof *event + bytes.size);

  *event = (SimEvent){ .kind = kind, .end = end, .size = (uint32_t) bytes.size };
  if (bytes.size > 0)
    memcpy (event->bytes, bytes.data, bytes.size);
  timer_init (&event->timer, on_event, self);
  timer_start (&event->timer, self->timers, delay);
  return event;
}

static SimEvent *
event_new (SimWorld *self, SimKind kind, uint64_t end, uint64_t delay)
{
  return event_with (self, kind, end, delay, (Bytes){ NULL, 0 });
}

/* ---- Ports ---- */

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
  SimPeer *self = world;

  g_printerr ("%10.3f %4u %s: %s\n", (double) timers_now (self->world->timers) / TIME_SECOND,
              self->index, domain, text);
}

static uint64_t
port_wall_clock_ms (void *world)
{
  SimPeer *self = world;

  return UINT64_C (1790000000000) +
         (uint64_t) ((int64_t) (timers_now (self->world->timers) / TIME_MS) +
                     self->clock_offset_ms);
}

static void
port_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  SimPeer *self = world;

  for (size_t i = 0; i < size; i++)
    ret_bytes[i] = (uint8_t) next_random (self->world);
}

static uint32_t
port_random_below (void *world, uint32_t limit)
{
  return sim_world_random (((SimPeer *) world)->world, MAX (limit, 1));
}

static void
port_link_connect (void *world, uint32_t link, LinkTransport transport, const Address *to)
{
  SimPeer *self = world;
  SimEnd *end = end_new (self, link);
  SimEvent *event;

  end->is_stream = transport == LINK_TRANSPORT_TLS;
  event = event_new (self->world, SIM_CONNECT, end->id, latency (self->world));
  event->target = (unsigned) to->bytes[1] << 16 | (unsigned) to->bytes[2] << 8 | to->bytes[3];
}

static void
port_link_gather (void *world, uint32_t link, const LinkSetup *setup)
{
  SimPeer *self = world;
  SimEnd *end = end_new (self, link);

  event_new (self->world, SIM_GATHERED, end->id, TIME_MS);
}

static void
port_link_check (void *world,
                 uint32_t link,
                 const IceDescription *remote,
                 const LinkSetup *setup,
                 Bytes fingerprint)
{
  SimPeer *self = world;
  SimEnd *end = end_by_number (self, link);
  SimEnd *other;
  uint64_t delay = 2 * latency (self->world);

  if (end == NULL)
    return;
  end->is_checked = true;
  if (!g_str_has_prefix (remote->ufrag, "end"))
    return;
  end->other = g_ascii_strtoull (remote->ufrag + 3, NULL, 10);
  other = end_by_id (self->world, end->other);
  if (other == NULL || is_cut (self->world, self, other->peer) ||
      self->is_walled != other->peer->is_walled ||
      (self->is_secluded && other->peer->is_secluded)) {
    event_new (self->world, SIM_DOWN, end->id, 7 * TIME_SECOND)->why = LINK_END_UNREACHABLE;
  } else if (other->is_checked && other->other == end->id) {
    event_new (self->world, SIM_UP, end->id, delay);
    event_new (self->world, SIM_UP, other->id, delay);
  }
}

static void
carry (SimWorld *self, const SimEnd *to, uint64_t delay, Bytes bytes)
{
  self->traffic.in_flight++;
  event_with (self, SIM_DATA, to->id, delay, bytes);
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

static void
port_link_send (void *world, uint32_t link, Bytes bytes)
{
  SimPeer *self = world;
  SimWorld *w = self->world;
  SimEnd *end = end_by_number (self, link);
  SimEnd *other = end != NULL ? end_by_id (w, end->other) : NULL;
  uint64_t delay = latency (w);

  self->bytes_sent += bytes.size;
  self->messages_sent++;
  w->traffic.sent++;
  trace (w, self->index, bytes);
  if (other == NULL || is_cut (w, self, other->peer)) {
    w->traffic.dropped++;
    return;
  }
  if (w->tap_func != NULL)
    w->tap_func (self, other->peer, bytes, w->tap_data);
  if (!end->is_stream && w->options.loss > 0 &&
      sim_world_random (w, 1000000) < w->options.loss * 1000000) {
    w->traffic.dropped++;
    return;
  }
  if (end->is_stream) {
    end->free_at = MAX (end->free_at, timers_now (w->timers) + delay);
    delay = end->free_at - timers_now (w->timers);
  }
  if (end->is_stream)
    carry (w, other, delay, bytes);
  else
    carry_datagram (w, other, delay, bytes);
}

static void
port_link_close (void *world, uint32_t link)
{
  SimPeer *self = world;
  SimEnd *end = end_by_number (self, link);
  SimEnd *other;

  if (end == NULL)
    return;
  other = end_by_id (self->world, end->other);
  if (self->node != NULL && other != NULL && other->other == end->id &&
      !is_cut (self->world, self, other->peer))
    event_new (self->world, SIM_DOWN, other->id, latency (self->world))->why = LINK_END_CLOSED;
  end_drop (end);
}

static void
port_keep (void *world, KeepTable table, Bytes key, Bytes value)
{
  SimPeer *self = world;
  const SimOptions *options = &self->world->options;

  if (options->is_diskless || trouble_of_disk (self->world, options->trouble))
    return;
  if (self->disk == NULL)
    self->disk = sim_disk_new ();
  sim_disk_keep (self->disk, table, key, value);
}

/* A certificate that a peer of the world has made is good wherever it is seen, and one copy of it
 * is enough. Any other is looked at. */
static CertificateVerdict
check_known (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  SimPeer *self = list_element (key_ring, SimPeer, signer);
  Certificate wanted = { .der = der };
  Certificate *known = g_hash_table_lookup (self->world->certificates, &wanted);

  if (known == NULL)
    return sim_signer_check (key_ring, der, chain, chain_count, ret_certificate);
  *ret_certificate = certificate_ref (known);
  return CERTIFICATE_GOOD;
}

/* ---- The world ---- */

static void
on_node_event (const NodeEvent *event, void *user_data)
{
  SimPeer *self = user_data;

  self->events++;
  if (event->type == NODE_EVENT_STATE) {
    if (event->state.state == NODE_READY && self->state != NODE_READY)
      self->ready_at = timers_now (self->world->timers);
    self->state = event->state.state;
  }
  if (self->world->event_func != NULL)
    self->world->event_func (self, event, self->world->event_data);
}

static void
peer_init (SimWorld *world, unsigned index)
{
  SimPeer *self = &world->peers[index];
  const char *level = g_getenv ("SIM_LOG");
  NodeId id;

  self->world = world;
  self->index = index;
  port_random_bytes (self, id.bytes, NODE_ID_SIZE);
  g_snprintf (self->user, sizeof self->user, "user%u@" SIM_INSTANCE, index);
  if (world->options.init_signer != NULL)
    world->options.init_signer (&self->signer, self->user, world->options.signer_data);
  else {
    sim_signer_init (&self->signer, &id, self->user);
    self->signer.check = check_known;
    g_hash_table_add (world->certificates, certificate_ref (self->signer.own));
  }
  self->ports = (NodePorts){
    .world = self,
    .timers = world->timers,
    .signer = &self->signer,
    .log_level = level != NULL ? (LogLevel) g_ascii_strtoull (level, NULL, 10) : 0,
    .log = port_log,
    .wall_clock_ms = port_wall_clock_ms,
    .random_bytes = port_random_bytes,
    .random_below = port_random_below,
    .link_connect = port_link_connect,
    .link_gather = port_link_gather,
    .link_check = port_link_check,
    .link_send = port_link_send,
    .link_close = port_link_close,
    .keep = port_keep,
  };
}

SimWorld *
sim_world_new (const SimOptions *options)
{
  SimWorld *self = g_new0 (SimWorld, 1);

  self->options = *options;
  self->random = options->seed;
  self->timers = timers_new (TIME_SECOND);
  self->trace = UINT64_C (0xcbf29ce484222325);
  self->peers = g_new0 (SimPeer, options->peers);
  self->certificates = sim_certificates_new ();
  self->ends = sim_end_table_new ();
  for (unsigned i = 0; i < options->peers; i++)
    peer_init (self, i);
  self->configuration = configuration_create ("home", SIM_INSTANCE, &self->peers[0].signer);
  g_assert_nonnull (self->configuration);
  if (options->is_untuned) {
    g_free (self->configuration->topology_plugin);
    self->configuration->topology_plugin = g_strdup ("CHORD-RELOAD");
  }
  return self;
}

void
sim_world_free (SimWorld *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < self->options.peers; i++)
    node_free (g_steal_pointer (&self->peers[i].node));
  sim_world_run (self, TIME_HOUR); /* what is still on its way arrives nowhere */
  g_hash_table_unref (self->certificates);
  for (unsigned i = 0; i < self->options.peers; i++) {
    sim_signer_clear (&self->peers[i].signer);
    sim_disk_free (self->peers[i].disk);
    sim_end_list_clear (&self->peers[i].ends);
  }
  configuration_unref (self->configuration);
  timers_free (self->timers);
  sim_end_table_free (self->ends);
  g_free (self->peers);
  g_free (self);
}

SimPeer *
sim_world_peer (SimWorld *self, unsigned index)
{
  g_assert (index < self->options.peers);
  return &self->peers[index];
}

unsigned
sim_world_size (const SimWorld *self)
{
  return self->options.peers;
}

Configuration *
sim_world_configuration (const SimWorld *self)
{
  return self->configuration;
}

void
sim_world_run (SimWorld *self, uint64_t microseconds)
{
  uint64_t end = timers_now (self->timers) + microseconds;

  timers_advance (self->timers, end, SIZE_MAX);
}

uint64_t
sim_world_now (const SimWorld *self)
{
  return timers_now (self->timers);
}

bool
sim_world_run_until (SimWorld *self,
                     bool (*is_done) (SimWorld *self, void *user_data),
                     void *user_data,
                     uint64_t microseconds)
{
  uint64_t end = timers_now (self->timers) + microseconds;

  while (timers_now (self->timers) < end && !is_done (self, user_data))
    sim_world_run (self, 100 * TIME_MS);
  return is_done (self, user_data);
}

static Address
address_of (unsigned index)
{
  Address address = { .family = ADDRESS_IPV4, .port = SIM_PORT };

  address.bytes[0] = 10;
  address.bytes[1] = (uint8_t) (index >> 16);
  address.bytes[2] = (uint8_t) (index >> 8);
  address.bytes[3] = (uint8_t) index;
  return address;
}

/* What comes back may be kept anew, so not from the disk itself. */
static void
copy_kept (KeepTable table, Bytes key, Bytes value, void *user_data)
{
  sim_disk_keep (user_data, table, key, value);
}

static void
restore_kept (KeepTable table, Bytes key, Bytes value, void *user_data)
{
  node_restore (user_data, table, key, value);
}

static void
restore (SimPeer *self)
{
  SimDisk *disk;

  if (self->disk == NULL)
    return;
  disk = sim_disk_new ();
  sim_disk_for_each (self->disk, copy_kept, disk);
  sim_disk_for_each (disk, restore_kept, self->node);
  sim_disk_free (disk);
}

void
sim_peer_start (SimPeer *self, const unsigned *hints, unsigned hint_count)
{
  Address own = address_of (self->index);
  NodeOptions options = {
    .ports = &self->ports,
    .configuration = self->world->configuration,
    .display_name = self->user,
    .is_user = true,
    .event = on_node_event,
    .user_data = self,
  };
  MediaCodec codec = { .name = "opus", .clock_rate = 48000, .channels = 2, .payload_type = 111 };

  g_assert (self->node == NULL);
  self->life++;
  self->node = node_new (&options);
  node_set_listening (self->node, &own, 1);
  node_set_codecs (self->node, &codec, 1);
  restore (self);
  for (unsigned i = 0; i < hint_count; i++) {
    Address address = address_of (hints[i]);
    node_add_bootstrap (self->node, LINK_TRANSPORT_DTLS, &address);
  }
  node_start (self->node);
}

const NodeId *
sim_peer_id (const SimPeer *self)
{
  return &self->signer.own->node_ids[0];
}

Address
sim_peer_listener (const SimPeer *self)
{
  return address_of (self->index);
}

void
sim_world_wire (SimPeer *a, uint32_t a_link, SimPeer *b, uint32_t b_link)
{
  SimEnd *one = end_new (a, a_link);
  SimEnd *two = end_new (b, b_link);

  one->other = two->id;
  two->other = one->id;
  bring_up (a->world, one);
  bring_up (b->world, two);
}

void
sim_peer_kill (SimPeer *self)
{
  SimPeer dead = *self;

  /* Nothing it does while it is freed reaches anybody. */
  self->life++;
  self->node = NULL;
  self->state = NODE_OFF;
  node_free (dead.node);
  sim_end_list_drop (self->world->ends, &self->ends); /* those that it did not hear of yet */
}

void
sim_peer_stop (SimPeer *self)
{
  node_stop (self->node);
  sim_world_run (self->world, 500 * TIME_MS);
  node_free (self->node); /* closes its links while it is still there to say so */
  self->node = NULL;
  sim_peer_kill (self);
}

void
sim_world_cut (SimWorld *self, unsigned border)
{
  self->border = border;
}

SimTraffic
sim_world_traffic (const SimWorld *self)
{
  return self->traffic;
}

uint64_t
sim_world_trace (const SimWorld *self)
{
  return self->trace;
}

unsigned
sim_world_running (SimWorld *self)
{
  unsigned count = 0;

  for (unsigned i = 0; i < self->options.peers; i++)
    count += self->peers[i].node != NULL;
  return count;
}

uint64_t
sim_world_bytes_sent (const SimWorld *self)
{
  uint64_t bytes = 0;

  for (unsigned i = 0; i < self->options.peers; i++)
    bytes += self->peers[i].bytes_sent;
  return bytes;
}

void
sim_world_set_event_func (SimWorld *self, SimEventFunc func, void *user_data)
{
  self->event_func = func;
  self->event_data = user_data;
}

void
sim_world_set_tap (SimWorld *self, SimTapFunc func, void *user_data)
{
  self->tap_func = func;
  self->tap_data = user_data;
}

void
sim_world_set_arrival_func (SimWorld *self, SimArrivalFunc func, void *user_data)
{
  self->arrival_func = func;
  self->arrival_data = user_data;
}
