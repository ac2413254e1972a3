/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/disk.h"
#include "tests/sim/network.h"
#include "tests/sim/peer-ports.h"
#include "tests/sim/sim-signer.h"
#include "tests/sim/world-private.h"

/* The peers, and the clock that all of them have. */

#define SIM_PORT 6084

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
  g_autofree char *user = g_strdup_printf ("user%u@" SIM_INSTANCE, index);
  NodeId id;

  self->world = world;
  self->index = index;
  peer_ports_random_bytes (self, id.bytes, NODE_ID_SIZE);
  if (world->options.init_signer != NULL)
    world->options.init_signer (&self->signer, user, world->options.signer_data);
  else {
    sim_signer_init (&self->signer, &id, user);
    self->signer.check = check_known;
    g_hash_table_add (world->certificates, certificate_ref (self->signer.own));
  }
  self->user = self->signer.own->user;
  if (world->sites != NULL)
    self->clock_offset_ms = world->sites[index].clock_offset_ms;
  peer_ports_init (self);
}

/* Of Updates and of looks at fingers, as in the template of an overlay: the same. */
static void
fix_periods (Configuration *configuration, unsigned period_s)
{
  g_free (configuration->topology_plugin);
  configuration->topology_plugin = g_strdup ("CHORD-RELOAD");
  configuration->chord_update_interval_s = period_s;
  configuration->chord_ping_interval_s = period_s;
}

SimWorld *
sim_world_new (const SimOptions *options)
{
  SimWorld *self = g_new0 (SimWorld, 1);

  self->options = *options;
  self->random = options->seed;
  self->timers = timers_new (TIME_SECOND);
  self->peers = g_new0 (SimPeer, options->peers);
  self->certificates = sim_certificates_new ();
  self->ends = sim_end_table_new ();
  self->sites = options->is_internet ? terrain_new (options->peers, options->seed) : NULL;
  self->conveyor = conveyor_new (self->timers, &network_events, self);
  for (unsigned i = 0; i < options->peers; i++)
    peer_init (self, i);
  self->configuration = configuration_create ("home", SIM_INSTANCE, &self->peers[0].signer);
  g_assert_nonnull (self->configuration);
  self->trace = sim_trace_new (self->configuration);
  if (options->fixed_s > 0)
    fix_periods (self->configuration, options->fixed_s);
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
  sim_trace_free (self->trace);
  configuration_unref (self->configuration);
  conveyor_free (self->conveyor);
  timers_free (self->timers);
  sim_end_table_free (self->ends);
  g_free (self->sites);
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

static bool
is_behind_router (const SimPeer *self)
{
  return self->world->sites != NULL && !self->world->sites[self->index].is_open;
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
  static const MediaCodec codec = {
    .name = "opus", .clock_rate = 48000, .channels = 2, .payload_type = 111
  };

  g_assert (self->node == NULL);
  self->node = node_new (&options);
  if (!is_behind_router (self)) /* else its own address is of no use to others */
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

bool
sim_peer_is_open (const SimPeer *self)
{
  return !self->is_secluded && !self->is_walled && !is_behind_router (self);
}

Address
sim_peer_listener (const SimPeer *self)
{
  return address_of (self->index);
}

void
sim_world_wire (SimPeer *a, uint32_t a_link, SimPeer *b, uint32_t b_link)
{
  network_wire (a, a_link, b, b_link);
}

void
sim_peer_kill (SimPeer *self)
{
  SimPeer dead = *self;

  /* Nothing it does while it is freed reaches anybody. */
  self->node = NULL;
  self->state = NODE_OFF;
  node_free (dead.node);
  network_forget (self); /* what it did not hear of yet */
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
  return sim_trace_number (self->trace);
}

uint64_t
sim_world_random_64 (SimWorld *self)
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
  return (uint32_t) (sim_world_random_64 (self) % limit);
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
