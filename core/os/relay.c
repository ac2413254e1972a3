/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-private.h"

#include "core/base/big-endian.h"

#include <openssl/crypto.h>
#include <string.h>

/* A client's messages are requests (relay-request.c), which make and keep its allocation, and data:
 * Send indications, or ChannelData once a channel is bound. What comes to the relayed address goes
 * back the same two ways (relay-allocation.c).
 *
 *   client --request, Send, ChannelData--> relay_hear ------> allocation's socket --> peer
 *   client <---answer, Data, ChannelData--           relay_hear_peer <-------------- peer
 *
 * Nothing is kept for strangers: they get a nonce, which is made of nothing but time, their address
 * and a key, and only so many of them a second. */

enum { CHANNEL_HEADER = 4 };

static unsigned
client_hash (const void *key)
{
  const RelayClient *client = key;

  return address_hash (&client->peer) ^ client->stream * 2654435761u;
}

static gboolean
client_is_same (const void *a, const void *b)
{
  const RelayClient *first = a;
  const RelayClient *second = b;

  return first->stream == second->stream && address_equal (&first->peer, &second->peer) &&
         address_equal (&first->local, &second->local);
}

Relay *
relay_new (Timers *timers, const RelayPorts *ports, void *world, uint32_t bytes_per_s)
{
  Relay *self = g_new0 (Relay, 1);

  self->timers = timers;
  self->ports = ports;
  self->world = world;
  self->bytes_per_s = bytes_per_s != 0 ? bytes_per_s : LIMIT_RELAY_BYTES_PER_S;
  ports->random_bytes (world, self->key, sizeof self->key);
  ports->random_bytes (world, self->nonce_key, sizeof self->nonce_key);
  self->allocations = g_hash_table_new_full (client_hash, client_is_same, NULL,
                                             (GDestroyNotify) relay_allocation_free);
  return self;
}

void
relay_free (Relay *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->allocations);
  OPENSSL_cleanse (self->key, sizeof self->key);
  g_free (self);
}

void
relay_admit (const Relay *self, const NodeId *node, RelayCredential *ret_credential)
{
  uint64_t now_s = self->ports->wall_clock_s (self->world);

  relay_credential_make (self->key, node, now_s + LIMIT_RELAY_CREDENTIAL_S, ret_credential);
}

static void
hear_channel_data (Relay *self, const RelayClient *from, Bytes message)
{
  RelayAllocation *allocation = relay_find (self, from);
  unsigned number = (unsigned) big_endian_read (message.data, 2);
  size_t size = big_endian_read (message.data + 2, 2);
  const RelayChannel *channel =
    allocation != NULL ? relay_channel_by_number (allocation, number) : NULL;

  if (allocation != NULL)
    relay_hear_client (allocation);
  if (channel == NULL || size > message.size - CHANNEL_HEADER)
    self->report.dropped++;
  else
    relay_send (allocation, &channel->peer, (Bytes){ message.data + CHANNEL_HEADER, size });
}

/* Indications need no integrity (RFC 8656, 11): whoever forges the client's address can be heard
 * only by peers that the client has let in. */
static void
hear_indication (Relay *self, const RelayClient *from, const StunMessage *message)
{
  RelayAllocation *allocation = relay_find (self, from);
  uint16_t size = 0;
  const uint8_t *data = stun_message_find (message, STUN_ATTRIBUTE_DATA, &size);
  Address peer;

  if (allocation != NULL)
    relay_hear_client (allocation);
  if (allocation == NULL || data == NULL || stun_message_get_method (message) != STUN_IND_SEND ||
      stun_message_has_attribute (message, STUN_ATTRIBUTE_DONT_FRAGMENT) ||
      stun_find_address (message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, 0, &peer) != STUN_FINDING_GOOD)
    self->report.dropped++;
  else
    relay_send (allocation, &peer, (Bytes){ data, size });
}

/* So many requests are looked at, before anything is computed for them. */
static bool
may_ask (Relay *self, const RelayClient *from)
{
  RelayAllocation *allocation = relay_find (self, from);
  uint64_t now = timers_now (self->timers);

  if (allocation != NULL) {
    relay_hear_client (allocation);
    return token_bucket_take (&allocation->requests, now, LIMIT_RELAY_REQUESTS_PER_S,
                              LIMIT_RELAY_REQUESTS_BURST);
  }
  return token_bucket_take (&self->strangers, now, LIMIT_STUN_PER_S, LIMIT_STUN_BURST);
}

void
relay_hear (Relay *self, const RelayClient *from, Bytes bytes)
{
  StunMessage message;

  if (stun_is_channel_data (bytes))
    hear_channel_data (self, from, bytes);
  else if (!stun_read (bytes, &message))
    self->report.dropped++;
  else if (stun_message_get_class (&message) == STUN_INDICATION)
    hear_indication (self, from, &message);
  else if (stun_message_get_class (&message) == STUN_REQUEST && may_ask (self, from))
    relay_answer (self, from, bytes);
}

bool
relay_serves (const Relay *self, const RelayClient *client)
{
  return relay_find (self, client) != NULL;
}

void
relay_drop (Relay *self, const RelayClient *client)
{
  g_hash_table_remove (self->allocations, client);
}

RelayReport
relay_report (const Relay *self)
{
  RelayReport report = self->report;

  report.allocations = g_hash_table_size (self->allocations);
  return report;
}
