/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/peer-ports.h"

#include "tests/sim/network.h"
#include "tests/sim/trouble.h"
#include "tests/sim/world-private.h"

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

static uint32_t
port_random_below (void *world, uint32_t limit)
{
  return sim_world_random (((SimPeer *) world)->world, MAX (limit, 1));
}

static void
port_link_connect (void *world, uint32_t link, LinkTransport transport, const Address *to)
{
  network_connect (world, link, transport, to);
}

static void
port_link_gather (void *world, uint32_t link, const LinkSetup *setup)
{
  network_gather (world, link);
}

static void
port_link_check (void *world,
                 uint32_t link,
                 const IceDescription *remote,
                 const LinkSetup *setup,
                 Bytes fingerprint)
{
  network_check (world, link, remote);
}

static void
port_link_send (void *world, uint32_t link, Bytes bytes)
{
  network_send (world, link, bytes);
}

static void
port_link_close (void *world, uint32_t link)
{
  network_close (world, link);
}

/* There are no relays. */
static bool
port_link_is_direct (void *world, uint32_t link)
{
  return true;
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

void
peer_ports_init (SimPeer *self)
{
  const char *level = g_getenv ("SIM_LOG");

  self->ports = (NodePorts){
    .world = self,
    .timers = self->world->timers,
    .signer = &self->signer,
    .log_level = level != NULL ? (LogLevel) g_ascii_strtoull (level, NULL, 10) : 0,
    .log = port_log,
    .wall_clock_ms = port_wall_clock_ms,
    .random_bytes = peer_ports_random_bytes,
    .random_below = port_random_below,
    .link_connect = port_link_connect,
    .link_gather = port_link_gather,
    .link_check = port_link_check,
    .link_send = port_link_send,
    .link_close = port_link_close,
    .link_is_direct = port_link_is_direct,
    .keep = port_keep,
  };
}

void
peer_ports_random_bytes (void *peer, uint8_t *ret_bytes, size_t size)
{
  SimPeer *self = peer;

  for (size_t i = 0; i < size; i++)
    ret_bytes[i] = (uint8_t) sim_world_random_64 (self->world);
}
