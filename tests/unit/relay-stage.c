/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/relay-stage.h"

#include <string.h>

static uint64_t
on_wall_clock (void *world)
{
  return ((RelayStage *) world)->wall_clock_s;
}

static void
on_random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  memset (ret_bytes, 7, size);
}

static void *
on_open (void *world,
         const RelayWish *wish,
         const RelayClient *client,
         RelayAllocation *allocation,
         Address *ret_relayed)
{
  RelayStage *self = world;

  if (wish->family != self->host.family)
    return NULL;
  self->last = allocation;
  self->open++;
  *ret_relayed = self->host;
  ret_relayed->port = (uint16_t) (50000 + 2 * self->opened++);
  return self;
}

static void
on_close (void *world, void *socket)
{
  ((RelayStage *) world)->open--;
}

static bool
on_is_own (void *world, const Address *address)
{
  const RelayStage *self = world;

  return memcmp (address->bytes, self->host.bytes, sizeof address->bytes) == 0;
}

static void
on_to_client (void *world, const RelayClient *client, Bytes bytes)
{
  RelayStage *self = world;

  self->answers++;
  self->answered = *client;
  self->answer_size = bytes.size;
  memcpy (self->answer, bytes.data, bytes.size);
}

static void
on_to_peer (void *world, void *socket, const Address *peer, Bytes datagram)
{
  RelayStage *self = world;

  g_assert_true (socket == self);
  self->sent++;
  self->to = *peer;
  self->datagram_size = datagram.size;
  memcpy (self->datagram, datagram.data, datagram.size);
}

static const RelayPorts ports = { on_wall_clock, on_random_bytes, on_open,   on_close,
                                  on_is_own,     on_to_client,    on_to_peer };

void
relay_stage_open (RelayStage *self, const char *host)
{
  *self = (RelayStage){ .timers = timers_new (TIME_SECOND), .wall_clock_s = 1000000 };
  self->host = relay_stage_address (host);
  self->relay = relay_new (self->timers, &ports, self, 0);
}

void
relay_stage_close (RelayStage *self)
{
  relay_free (self->relay);
  g_assert_cmpuint (self->open, ==, 0);
  timers_free (self->timers);
}

Address
relay_stage_address (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

RelayClient
relay_stage_client (RelayStage *self, const char *peer, uint8_t node, TurnClient *client)
{
  const NodeId id = { { [15] = node } };

  *client = (TurnClient){ 0 };
  relay_admit (self->relay, &id, &client->credential);
  return (RelayClient){ .peer = relay_stage_address (peer), .local = self->host };
}

static int
ask_once (RelayStage *self, const RelayClient *from, TurnClient *client)
{
  unsigned answers = self->answers;
  StunMessage message;

  relay_hear (self->relay, from, turn_client_end (client));
  g_assert_cmpuint (self->answers, ==, answers + 1);
  return turn_client_read (client, (Bytes){ self->answer, self->answer_size }, &message);
}

int
relay_stage_ask (RelayStage *self, const RelayClient *from, TurnClient *client)
{
  bool is_first = client->nonce[0] == '\0';
  size_t length = stun_message_length (&client->message);
  StunMethod method = stun_message_get_method (&client->message);
  g_autofree uint8_t *attributes = bytes_dup ((Bytes){ client->bytes + 20, length - 20 });
  int code = ask_once (self, from, client);
  uint8_t *again;

  if (!is_first || code != STUN_ERROR_UNAUTHORIZED)
    return code;
  turn_client_begin (client, method);
  again = client->bytes + 20;
  if (length > 20)
    memcpy (again, attributes, length - 20);
  client->bytes[2] = (uint8_t) ((length - 20) >> 8);
  client->bytes[3] = (uint8_t) (length - 20);
  return ask_once (self, from, client);
}

int
relay_stage_allocate (RelayStage *self, const RelayClient *from, TurnClient *client)
{
  turn_client_begin (client, STUN_ALLOCATE);
  stun_message_append32 (&client->message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, 17u << 24);
  return relay_stage_ask (self, from, client);
}

int
relay_stage_permit (RelayStage *self,
                    const RelayClient *from,
                    TurnClient *client,
                    const Address *peer)
{
  turn_client_begin (client, STUN_CREATEPERMISSION);
  stun_append_address (&client->message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, peer);
  return relay_stage_ask (self, from, client);
}

int
relay_stage_bind (RelayStage *self,
                  const RelayClient *from,
                  TurnClient *client,
                  unsigned number,
                  const Address *peer)
{
  turn_client_begin (client, STUN_CHANNELBIND);
  stun_message_append32 (&client->message, STUN_ATTRIBUTE_CHANNEL_NUMBER, number << 16);
  stun_append_address (&client->message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, peer);
  return relay_stage_ask (self, from, client);
}

void
relay_stage_advance (RelayStage *self, uint64_t time)
{
  self->wall_clock_s += time / TIME_SECOND;
  timers_advance (self->timers, timers_now (self->timers) + time, SIZE_MAX);
}
