/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include "core/base/list.h"
#include "core/wire/frame.h"
#include "tests/sim/dropper.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* Everything that happens is a SimEvent: a timer of the one heap, so that order is by time and then
 * by making. A link is a pair of ends; each end is a number at a peer, in the peer's table. ICE is
 * a user name that says which end it is. */

#define SIM_PORT 6084

typedef struct SimEnd {
  SimPeer *peer;
  unsigned life; /* of the peer, when the end was made */
  uint32_t number;
  uint64_t id;     /* in world->ends; what the other side calls it */
  uint64_t other;  /* the other end, 0 while there is none */
  bool is_checked; /* its side has asked for checks */
  bool is_up;
  bool is_stream;
  uint64_t free_at; /* of a stream: nothing arrives before what was sent before */
} SimEnd;

typedef enum SimKind { SIM_GATHERED, SIM_UP, SIM_DATA, SIM_DOWN, SIM_CONNECT } SimKind;

typedef struct SimEvent {
  Timer timer;
  SimWorld *world;
  ListLink all;
  SimKind kind;
  uint64_t end;
  LinkEnd why;
  unsigned target; /* of a connect */
  GBytes *bytes;
} SimEvent;

struct SimWorld {
  SimOptions options;
  Timers *timers;
  Configuration *configuration;
  SimPeer *peers;
  unsigned *lives;       /* how often each was started */
  GHashTable *ends;      /* id -> SimEnd, owned */
  GHashTable *by_number; /* (peer << 32 | number) -> SimEnd, borrowed */
  uint64_t next_end;
  ListLink events;
  uint64_t random;
  uint64_t trace;
  unsigned border;
  SimEventFunc event_func;
  void *event_data;
  SimTapFunc tap_func;
  void *tap_data;
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

static void
trace (SimWorld *self, const void *data, size_t size)
{
  const uint8_t *bytes = data;

  for (size_t i = 0; i < size; i++)
    self->trace = (self->trace ^ bytes[i]) * UINT64_C (0x100000001b3);
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

static uint64_t
number_key (const SimPeer *peer, uint32_t number)
{
  return (uint64_t) peer->index << 32 | number;
}

static SimEnd *
end_by_id (SimWorld *self, uint64_t id)
{
  SimEnd *end = g_hash_table_lookup (self->ends, &id);

  return end != NULL && end->peer->node != NULL && end->life == self->lives[end->peer->index]
           ? end
           : NULL;
}

static SimEnd *
end_by_number (SimPeer *peer, uint32_t number)
{
  uint64_t key = number_key (peer, number);

  return g_hash_table_lookup (peer->world->by_number, &key);
}

static SimEnd *
end_new (SimPeer *peer, uint32_t number)
{
  SimWorld *world = peer->world;
  SimEnd *end = g_new0 (SimEnd, 1);
  uint64_t *key = g_new (uint64_t, 1);

  end->peer = peer;
  end->life = world->lives[peer->index];
  end->number = number;
  end->id = ++world->next_end;
  *key = number_key (peer, number);
  g_hash_table_insert (world->ends, &end->id, end);
  g_hash_table_insert (world->by_number, key, end);
  return end;
}

static void
end_drop (SimWorld *self, SimEnd *end)
{
  uint64_t key = number_key (end->peer, end->number);

  g_hash_table_remove (self->by_number, &key);
  g_hash_table_remove (self->ends, &end->id);
}

/* ---- Events ---- */

static void
event_free (SimEvent *event)
{
  list_remove (&event->all);
  timer_stop (&event->timer);
  g_clear_pointer (&event->bytes, g_bytes_unref);
  g_free (event);
}

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

  if (peer == NULL || peer->node == NULL || is_cut (self, caller->peer, peer)) {
    event_new (self, SIM_DOWN, caller->id, 2 * TIME_SECOND)->why = LINK_END_UNREACHABLE;
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
deliver (SimWorld *self, SimEnd *end, GBytes *bytes)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  uint8_t empty[FRAME_DATA_HEADER_SIZE];

  if (end->peer->is_dropper && !end->is_stream &&
      dropper_drops (end->peer, (Bytes){ data, size })) {
    empty_frame (data, empty);
    data = empty;
    size = sizeof empty;
  }
  if (end->is_up)
    node_receive (end->peer->node, end->number, (Bytes){ data, size });
}

static void
on_event (Timer *timer, void *owner)
{
  SimEvent *event = owner;
  SimWorld *self = event->world;
  SimEnd *end = end_by_id (self, event->end);
  uint32_t number;
  SimPeer *peer;

  if (end == NULL) {
    event_free (event);
    return;
  }
  switch (event->kind) {
  case SIM_GATHERED:
    gathered (self, end);
    break;
  case SIM_UP:
    bring_up (self, end);
    break;
  case SIM_DATA:
    deliver (self, end, event->bytes);
    break;
  case SIM_DOWN:
    number = end->number;
    peer = end->peer;
    end_drop (self, end);
    node_link_down (peer->node, number, event->why);
    break;
  case SIM_CONNECT:
    connect (self, end, event->target);
    break;
  }
  event_free (event);
}

static SimEvent *
event_new (SimWorld *self, SimKind kind, uint64_t end, uint64_t delay)
{
  SimEvent *event = g_new0 (SimEvent, 1);

  event->world = self;
  event->kind = kind;
  event->end = end;
  timer_init (&event->timer, on_event, event);
  timer_start (&event->timer, self->timers, delay);
  list_append (&self->events, &event->all);
  return event;
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
  if (other == NULL || is_cut (self->world, self, other->peer)) {
    event_new (self->world, SIM_DOWN, end->id, 7 * TIME_SECOND)->why = LINK_END_UNREACHABLE;
  } else if (other->is_checked && other->other == end->id) {
    event_new (self->world, SIM_UP, end->id, delay);
    event_new (self->world, SIM_UP, other->id, delay);
  }
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
  trace (w, &self->index, sizeof self->index);
  trace (w, bytes.data, bytes.size);
  if (other == NULL || is_cut (w, self, other->peer))
    return;
  if (w->tap_func != NULL)
    w->tap_func (self, other->peer, bytes, w->tap_data);
  if (!end->is_stream && w->options.loss > 0 &&
      sim_world_random (w, 1000000) < w->options.loss * 1000000)
    return;
  if (end->is_stream) {
    end->free_at = MAX (end->free_at, timers_now (w->timers) + delay);
    delay = end->free_at - timers_now (w->timers);
  }
  event_new (w, SIM_DATA, other->id, delay)->bytes = g_bytes_new (bytes.data, bytes.size);
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
  end_drop (self->world, end);
}

static void
port_keep (void *world, KeepTable table, Bytes key, Bytes value)
{
  SimPeer *self = world;
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  uint8_t name = (uint8_t) table;

  g_byte_array_append (whole, &name, 1);
  g_byte_array_append (whole, key.data, (guint) key.size);
  if (value.size > 0)
    g_hash_table_insert (self->kept, g_bytes_new (whole->data, whole->len),
                         g_bytes_new (value.data, value.size));
  else {
    g_autoptr (GBytes) bytes = g_bytes_new (whole->data, whole->len);
    g_hash_table_remove (self->kept, bytes);
  }
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
  else
    sim_signer_init (&self->signer, &id, self->user);
  self->kept = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                      (GDestroyNotify) g_bytes_unref);
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
  self->lives = g_new0 (unsigned, options->peers);
  self->ends = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->by_number = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  list_init (&self->events);
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
  for (unsigned i = 0; i < self->options.peers; i++) {
    node_free (g_steal_pointer (&self->peers[i].node));
    sim_signer_clear (&self->peers[i].signer);
    g_hash_table_unref (self->peers[i].kept);
  }
  list_for_each (&self->events, l) event_free (list_element (l, SimEvent, all));
  g_hash_table_unref (self->by_number);
  g_hash_table_unref (self->ends);
  configuration_unref (self->configuration);
  timers_free (self->timers);
  g_free (self->peers);
  g_free (self->lives);
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

  while (timers_next (self->timers) <= end)
    timers_advance (self->timers, end, 1000);
  timers_advance (self->timers, end, 1);
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

static void
restore (SimPeer *self)
{
  g_autoptr (GList) keys = g_hash_table_get_keys (self->kept);

  keys = g_list_sort (keys, (GCompareFunc) g_bytes_compare);
  for (GList *k = keys; k != NULL; k = k->next) {
    gsize key_size, value_size;
    const uint8_t *name = g_bytes_get_data (k->data, &key_size);
    const uint8_t *data = g_bytes_get_data (g_hash_table_lookup (self->kept, k->data), &value_size);
    g_autofree uint8_t *name_copy = g_memdup2 (name, key_size);
    g_autofree uint8_t *data_copy = g_memdup2 (data, value_size);
    node_restore (self->node, (KeepTable) name_copy[0], (Bytes){ name_copy + 1, key_size - 1 },
                  (Bytes){ data_copy, value_size });
  }
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
  self->world->lives[self->index]++;
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

void
sim_peer_kill (SimPeer *self)
{
  SimPeer dead = *self;

  /* Nothing it does while it is freed reaches anybody. */
  self->world->lives[self->index]++;
  self->node = NULL;
  self->state = NODE_OFF;
  node_free (dead.node);
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
