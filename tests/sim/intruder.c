/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/intruder.h"

#include "core/node-private.h"
#include "core/overlay/message-writer.h"
#include "core/wire/frame.h"

#define PATIENCE (3 * TIME_SECOND)

/* Numbers of frames that the link itself never comes to. */
#define FIRST_BLAST UINT32_C (0x40000000)

static Connection *
find_link (Intruder *self, SimPeer *victim)
{
  return connection_table_find (self->peer->node->overlay->connections, sim_peer_id (victim));
}

Connection *
intruder_reach (Intruder *self, SimPeer *victim)
{
  Overlay *overlay = self->peer->node->overlay;
  Connection *connection = find_link (self, victim);
  uint64_t end = sim_world_now (self->peer->world) + PATIENCE;

  if (connection != NULL)
    return connection;
  connection = connection_table_open (overlay->connections, CONNECTION_BOOTSTRAP, NULL);
  overlay->ports->link_connect (overlay->ports->world, connection->number, LINK_TRANSPORT_DTLS,
                                &victim->node->overlay->listening[0]);
  while ((connection = find_link (self, victim)) == NULL) {
    g_assert_cmpuint (sim_world_now (self->peer->world), <, end);
    sim_world_run (self->peer->world, 10 * TIME_MS);
  }
  return connection;
}

/* The victim has had enough of it. */
static bool
is_shut_out (Intruder *self, SimPeer *victim)
{
  return find_link (self, victim) == NULL &&
         guests_is_expelled (victim->node->overlay->guests, sim_peer_id (self->peer));
}

void
intruder_send (Intruder *self, SimPeer *victim, Bytes message)
{
  if (is_shut_out (self, victim))
    return;
  link_send (&intruder_reach (self, victim)->link, message);
}

static void
on_answered (void *owner, const Answer *answer)
{
  Intruder *self = owner;

  if (answer->code == RELOAD_OK) {
    self->granted++;
  } else if (answer->code == RELOAD_REQUEST_TIMEOUT) {
    self->unanswered++;
  } else {
    self->refused++;
    self->code = answer->code;
  }
}

void
intruder_ask (Intruder *self, SimPeer *victim, uint16_t code, const void *body)
{
  Destination to = destination_of_node (sim_peer_id (victim));

  if (is_shut_out (self, victim)) {
    self->refused++;
    return;
  }
  transport_request (self->peer->node->overlay->transport,
                     &(Request){
                       .code = code,
                       .body = body,
                       .destinations = &to,
                       .destination_count = 1,
                       .hop = { .connection = intruder_reach (self, victim)->number },
                       .tries = 1,
                       .answered = on_answered,
                       .owner = self,
                     });
}

void
intruder_blast (Intruder *self, SimPeer *victim, uint16_t code, const void *body)
{
  Overlay *overlay = self->peer->node->overlay;
  Destination to = destination_of_node (sim_peer_id (victim));
  ForwardingHeader header = {
    .overlay = overlay->hash,
    .configuration_sequence = overlay->configuration->sequence,
    .ttl = 1,
    .fragment = FRAGMENT_ONLY,
    .transaction_id = ++self->blasts,
    .destination_list = { &to, 1 },
  };
  g_autoptr (GByteArray) contents = message_contents_write (code, message_body_type (code), body,
                                                            (MessageExtensionList){ NULL, 0 });
  g_autoptr (GByteArray) payload =
    message_payload_write (overlay, &header, (Bytes){ contents->data, contents->len }, true, NULL);
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  FramedMessage frame = { .type = FRAME_DATA, .sequence = FIRST_BLAST + self->blasts };

  if (is_shut_out (self, victim))
    return;
  g_assert_true (header_encode (&header, (Bytes){ payload->data, payload->len }, message));
  frame.message = (Bytes){ message->data, message->len };
  framed_message_encode (&frame, bytes);
  overlay->ports->link_send (overlay->ports->world, intruder_reach (self, victim)->number,
                             (Bytes){ bytes->data, bytes->len });
}
