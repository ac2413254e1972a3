/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/big-endian.h"
#include "core/os/relay-private.h"
#include "core/os/relay-reach.h"

#include <string.h>

/* An allocation is a socket, the hosts that its client lets in, and short names for some of their
 * ports. Permissions and channels are few and lie side by side; those whose time is up make room
 * when room is wanted. */

static const uint64_t PERMISSION_TIME = 5 * TIME_MINUTE; /* RFC 8656, 9 */
static const uint64_t CHANNEL_TIME = 10 * TIME_MINUTE;   /* RFC 8656, 12 */

/* Whose client is silent for so long is not coming back: behind the same address every NAT needs
 * more, and who has got another address since speaks from there. A client that says so itself has
 * asked all its links for a sign of life before: those that work have just been used, and where it
 * is the other end that has moved, what the client sends goes unanswered. */
static const uint64_t SILENCE_TIME = TIME_MINUTE;
static const uint64_t MOVED_TIME = TIME_SECOND;
static const uint64_t LEFT_TIME = 250 * TIME_MS;
static const uint64_t DOUBT_TIME = 5 * TIME_SECOND;

/* Calls never pause for so long, nor do the signs of life of other links. */
static const uint64_t UNUSED_TIME = TIME_MINUTE;

static uint64_t
now_of (const RelayAllocation *self)
{
  return timers_now (self->relay->timers);
}

RelayAllocation *
relay_find (const Relay *self, const RelayClient *client)
{
  return g_hash_table_lookup (self->allocations, client);
}

static void
on_expiry (Timer *timer, void *owner)
{
  relay_refresh (owner, 0);
}

RelayAllocation *
relay_allocate (Relay *self, const RelayClient *client, const RelayWish *wish, uint64_t lifetime)
{
  RelayAllocation *allocation = g_new0 (RelayAllocation, 1);

  allocation->relay = self;
  allocation->client = *client;
  allocation->heard_at = allocation->used_at = timers_now (self->timers);
  timer_init (&allocation->expiry, on_expiry, allocation);
  allocation->socket =
    self->ports->open (self->world, wish, client, allocation, &allocation->relayed);
  if (allocation->socket == NULL) {
    g_free (allocation);
    return NULL;
  }
  g_hash_table_insert (self->allocations, &allocation->client, allocation);
  timer_start (&allocation->expiry, self->timers, lifetime);
  return allocation;
}

void
relay_refresh (RelayAllocation *self, uint64_t lifetime)
{
  if (lifetime == 0)
    g_hash_table_remove (self->relay->allocations, &self->client);
  else
    timer_start (&self->expiry, self->relay->timers, lifetime);
}

void
relay_allocation_free (RelayAllocation *self)
{
  timer_stop (&self->expiry);
  self->relay->ports->close (self->relay->world, self->socket);
  g_free (self);
}

size_t
relay_count_of (const Relay *self, const NodeId *node)
{
  GHashTableIter iter;
  void *value;
  size_t count = 0;

  g_hash_table_iter_init (&iter, self->allocations);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    count += node_id_equal (&((RelayAllocation *) value)->node, node);
  return count;
}

static bool
is_same_host (const Address *a, const Address *b)
{
  return a->family == b->family && memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void
relay_doubt (Relay *self, const NodeId *node)
{
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, self->allocations);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    RelayAllocation *allocation = value;
    if (!node_id_equal (&allocation->node, node))
      continue;
    allocation->is_left = allocation->heard_at + LEFT_TIME <= now_of (allocation);
    allocation->doubted_until = now_of (allocation) + DOUBT_TIME;
  }
}

void
relay_hear_client (RelayAllocation *self)
{
  self->heard_at = now_of (self);
  self->is_left = false;
}

static bool
leads_nowhere (const RelayAllocation *self)
{
  return now_of (self) < self->doubted_until && self->unanswered_since != 0 &&
         self->unanswered_since + LEFT_TIME <= now_of (self);
}

static bool
is_stale (const RelayAllocation *self, const RelayClient *newer)
{
  bool is_elsewhere = !is_same_host (&self->client.peer, &newer->peer);

  return self->is_left || leads_nowhere (self) ||
         self->heard_at + (is_elsewhere ? MOVED_TIME : SILENCE_TIME) <= now_of (self);
}

bool
relay_end_stale (Relay *self, const NodeId *node, const RelayClient *newer)
{
  RelayAllocation *stale = NULL;
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, self->allocations);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    RelayAllocation *allocation = value;
    if (node_id_equal (&allocation->node, node) && is_stale (allocation, newer) &&
        (stale == NULL || allocation->heard_at < stale->heard_at))
      stale = allocation;
  }
  if (stale != NULL)
    relay_refresh (stale, 0);
  return stale != NULL;
}

/* Of whoever has more than `most`, and most of all, what has been used least of late. */
static RelayAllocation *
find_room (const Relay *self, size_t most, bool may_be_used)
{
  RelayAllocation *room = NULL;
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, self->allocations);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    RelayAllocation *allocation = value;
    size_t count = relay_count_of (self, &allocation->node);
    bool is_better =
      count > most || (room != NULL && count == most && allocation->used_at < room->used_at);
    if ((!may_be_used && allocation->used_at + UNUSED_TIME > now_of (allocation)) || !is_better)
      continue;
    room = allocation;
    most = count;
  }
  return room;
}

bool
relay_make_room (Relay *self, const NodeId *node)
{
  size_t own = relay_count_of (self, node);
  RelayAllocation *room = find_room (self, own, false);

  if (room == NULL)
    room = find_room (self, own + 1, true);
  if (room != NULL)
    relay_refresh (room, 0);
  return room != NULL;
}

static bool
is_relayed (const Relay *self, const Address *address)
{
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, self->allocations);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (address_equal (&((RelayAllocation *) value)->relayed, address))
      return true;
  return false;
}

/* Two of our clients may talk to each other; nothing else on this machine may be reached. */
bool
relay_may_send (const RelayAllocation *self, const Address *peer)
{
  const Relay *relay = self->relay;

  if (!relay_may_reach (&self->relayed, peer))
    return false;
  return !relay->ports->is_own (relay->world, peer) || is_relayed (relay, peer);
}

static RelayPermission *
permission_room (RelayAllocation *self, const Address *host)
{
  RelayPermission *room = NULL;

  for (size_t i = 0; i < self->permission_count; i++) {
    if (is_same_host (&self->permissions[i].host, host))
      return &self->permissions[i];
    if (self->permissions[i].until <= now_of (self))
      room = &self->permissions[i];
  }
  if (room == NULL && self->permission_count < LIMIT_RELAY_PERMISSIONS)
    room = &self->permissions[self->permission_count++];
  return room;
}

bool
relay_permit (RelayAllocation *self, const Address *peer)
{
  RelayPermission *permission = permission_room (self, peer);

  if (permission == NULL)
    return false;
  permission->host = *peer;
  permission->host.port = 0;
  permission->until = now_of (self) + PERMISSION_TIME;
  return true;
}

bool
relay_is_permitted (const RelayAllocation *self, const Address *peer)
{
  for (size_t i = 0; i < self->permission_count; i++)
    if (is_same_host (&self->permissions[i].host, peer))
      return self->permissions[i].until > now_of (self);
  return false;
}

RelayChannel *
relay_channel_by_number (RelayAllocation *self, unsigned number)
{
  for (size_t i = 0; i < self->channel_count; i++)
    if (self->channels[i].number == number && self->channels[i].until > now_of (self))
      return &self->channels[i];
  return NULL;
}

RelayChannel *
relay_channel_by_peer (RelayAllocation *self, const Address *peer)
{
  for (size_t i = 0; i < self->channel_count; i++)
    if (address_equal (&self->channels[i].peer, peer) && self->channels[i].until > now_of (self))
      return &self->channels[i];
  return NULL;
}

static RelayChannel *
channel_room (RelayAllocation *self)
{
  for (size_t i = 0; i < self->channel_count; i++)
    if (self->channels[i].until <= now_of (self))
      return &self->channels[i];
  if (self->channel_count == LIMIT_RELAY_CHANNELS)
    return NULL;
  return &self->channels[self->channel_count++];
}

bool
relay_bind (RelayAllocation *self, unsigned number, const Address *peer)
{
  RelayChannel *channel = relay_channel_by_peer (self, peer);

  if (channel == NULL)
    channel = channel_room (self);
  if (channel == NULL || !relay_permit (self, peer))
    return false;
  channel->peer = *peer;
  channel->number = (uint16_t) number;
  channel->until = now_of (self) + CHANNEL_TIME;
  return true;
}

/* ---- Data ---- */

static bool
may_pass (RelayAllocation *self, TokenBucket *bucket, size_t size)
{
  uint32_t rate = self->relay->bytes_per_s;
  uint64_t now = now_of (self);
  bool has_room = token_bucket_take (bucket, now, rate, rate);

  if (has_room)
    token_bucket_charge (bucket, now, rate, (uint32_t) size);
  return has_room;
}

static bool
count (RelayAllocation *self, bool is_passed)
{
  *(is_passed ? &self->relay->report.relayed : &self->relay->report.dropped) += 1;
  return is_passed;
}

void
relay_send (RelayAllocation *self, const Address *peer, Bytes datagram)
{
  Relay *relay = self->relay;
  bool is_good = relay_is_permitted (self, peer) && relay_may_send (self, peer) &&
                 may_pass (self, &self->outgoing, datagram.size);

  if (!count (self, is_good))
    return;
  self->used_at = now_of (self);
  if (self->unanswered_since == 0)
    self->unanswered_since = now_of (self);
  relay->ports->to_peer (relay->world, self->socket, peer, datagram);
}

static void
send_channel_data (RelayAllocation *self, const RelayChannel *channel, Bytes datagram)
{
  Relay *relay = self->relay;
  uint8_t bytes[LIMIT_RELAY_DATAGRAM + 8] = { 0 };
  size_t size = 4 + datagram.size;

  big_endian_write (bytes, 2, channel->number);
  big_endian_write (bytes + 2, 2, datagram.size);
  memcpy (bytes + 4, datagram.data, datagram.size);
  if (self->client.stream != 0)
    size = (size + 3) & ~(size_t) 3;
  relay->ports->to_client (relay->world, &self->client, (Bytes){ bytes, size });
}

static void
send_indication (RelayAllocation *self, const Address *from, Bytes datagram)
{
  Relay *relay = self->relay;
  uint8_t bytes[LIMIT_RELAY_DATAGRAM + 128];
  StunTransactionId id;
  StunMessage message = { .buffer = bytes, .buffer_len = sizeof bytes };

  relay->ports->random_bytes (relay->world, id, sizeof id);
  memcpy (id, (const uint8_t[]){ 0x21, 0x12, 0xa4, 0x42 }, 4);
  if (stun_message_init (&message, STUN_INDICATION, STUN_IND_DATA, id) &&
      stun_append_address (&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, from) &&
      stun_message_append_bytes (&message, STUN_ATTRIBUTE_DATA, datagram.data, datagram.size) ==
        STUN_MESSAGE_RETURN_SUCCESS)
    relay->ports->to_client (relay->world, &self->client,
                             (Bytes){ bytes, stun_message_length (&message) });
}

void
relay_hear_peer (RelayAllocation *self, const Address *from, Bytes datagram)
{
  const RelayChannel *channel;
  bool is_good = datagram.size <= LIMIT_RELAY_DATAGRAM && relay_is_permitted (self, from) &&
                 may_pass (self, &self->incoming, datagram.size);

  if (!count (self, is_good))
    return;
  self->unanswered_since = 0;
  self->used_at = now_of (self);
  channel = relay_channel_by_peer (self, from);
  if (channel != NULL)
    send_channel_data (self, channel, datagram);
  else
    send_indication (self, from, datagram);
}
