/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "transport"
#include "core/overlay/transport-private.h"

#include "core/overlay/message-writer.h"
#include "core/overlay/walk.h"
#include "core/wire/fetch.h"

#include <string.h>

/* A transaction of ours:
 *
 *   request ──send──> waiting ──answer──> done
 *                        │ overlay-reliability-timer, same transaction id, another first hop;
 *                        │ from the second send on also by ways that a walk finds (walk.h), or
 *                        │ from the third on, when it is a Store: nobody waits for that
 *                        └──after the last try──> done (time-out)
 *
 * An answer counts once, for a transaction that is open, and only from whom we asked. */

enum { TRIES = 5, WALK_FROM = 2, WALK_FROM_STORE = 3, WAITS = 2 };

typedef struct Transaction {
  ListLink all;
  Transport *transport;
  uint64_t id;
  uint16_t code;
  unsigned tries;
  unsigned sends;
  unsigned walk_from; /* the send */
  unsigned waits;     /* for the walk, after the last send */
  bool is_for_anyone;
  bool hears_the_way;
  bool is_last_word;
  bool is_urgent;
  uint32_t response_size_max;
  bool is_offered; /* the last send asked for a direct response */
  FirstHop hop;
  NodeId tried; /* the first hop of the last send */
  uint8_t resource[NODE_ID_SIZE];
  GByteArray *contents;
  GPtrArray *certificates; /* owned references, or NULL */
  AnswerFunc answered;
  EnoughFunc is_enough;
  void *owner;
  ReloadCode failure; /* what it is to end with when nobody answers */
  Walk *walk;         /* owned; NULL before the second send */
  Timer timer;
  size_t destination_count;
  Destination destinations[];
} Transaction;

static void
transaction_free (Transaction *transaction)
{
  list_remove (&transaction->all);
  transaction->transport->transaction_count--;
  timer_stop (&transaction->timer);
  walk_free (transaction->walk);
  g_byte_array_unref (transaction->contents);
  g_clear_pointer (&transaction->certificates, g_ptr_array_unref);
  g_free (transaction);
}

static void
finish (Transaction *transaction, Answer *answer)
{
  AnswerFunc answered = transaction->answered;
  void *owner = transaction->owner;

  transaction_free (transaction);
  if (answered != NULL)
    answered (owner, answer);
}

/* The request, by that destination list. */
static void
send_by (Transaction *transaction,
         Destination *destinations,
         size_t count,
         FirstHop hop,
         ForwardingOptionList options)
{
  Overlay *overlay = transaction->transport->overlay;
  ForwardingHeader header = transport_header (overlay, transaction->id, destinations, count);
  NodeId first = { { 0 } };
  g_autoptr (GByteArray) payload = NULL;

  if (transaction->code == MESSAGE_CONFIG_UPDATE_REQ)
    header.configuration_sequence = SEQUENCE_ANY;
  header.max_response_length = transaction->response_size_max;
  header.options = options;
  payload =
    message_payload_write (overlay, &header,
                           (Bytes){ transaction->contents->data, transaction->contents->len },
                           forwarding_is_direct (overlay->forwarding, &header),
                           transaction->certificates);
  if (forwarding_send (overlay->forwarding, &header, (Bytes){ payload->data, payload->len }, hop,
                       &first))
    transaction->tried = first;
}

static void
on_way_found (void *owner, const Destination *destinations, size_t count)
{
  Destination list[LIMIT_WALK_PATH];

  memcpy (list, destinations, count * sizeof *list);
  send_by (owner, list, count, (FirstHop){ .connection = 0 }, (ForwardingOptionList){ NULL, 0 });
}

/* A request that is routed through the overlay to one ID, and is worth the whole effort. */
static bool
may_walk (const Transaction *transaction)
{
  Overlay *overlay = transaction->transport->overlay;
  const Destination *to = &transaction->destinations[0];

  return transaction->hop.connection == 0 && transaction->destination_count == 1 &&
         transaction->tries >= TRIES && !transaction->is_last_word && !overlay->is_plain &&
         overlay_state (overlay) == TOPOLOGY_JOINED &&
         !node_id_equal (&transaction->tried, &overlay->id) &&
         (to->type == DESTINATION_RESOURCE ||
          (to->type == DESTINATION_NODE && !node_id_is_wildcard (&to->node_id) &&
           connection_table_find (overlay->connections, &to->node_id) == NULL));
}

static void
start_walk (Transaction *transaction)
{
  Overlay *overlay = transaction->transport->overlay;

  overlay->counters.walks++;
  transaction->walk = walk_new (overlay, &(WalkOptions){
                                           .target = &transaction->destinations[0],
                                           .wants_copies = transaction->code == MESSAGE_FETCH_REQ,
                                           .found = on_way_found,
                                           .owner = transaction,
                                         });
}

/* The first send asks for a direct response where the overlay prefers it, and no later one does. */
static bool
offer_direct (Transaction *transaction, Arena *arena, ForwardingOption *option)
{
  Overlay *overlay = transaction->transport->overlay;
  const Destination *first = &transaction->destinations[0];

  return transaction->sends == 0 && transaction->hop.connection == 0 &&
         (first->type != DESTINATION_NODE ||
          connection_table_find (overlay->connections, &first->node_id) == NULL) &&
         direct_response_offer (overlay->direct_responses, arena, option);
}

static void
transmit_by (Transaction *transaction, FirstHop hop)
{
  Overlay *overlay = transaction->transport->overlay;
  g_autoptr (Arena) arena = arena_new ();
  ForwardingOption option;

  transaction->is_offered = offer_direct (transaction, arena, &option);
  transaction->sends++;
  send_by (transaction, transaction->destinations, transaction->destination_count, hop,
           (ForwardingOptionList){ &option, transaction->is_offered });
  timer_start (&transaction->timer, overlay->ports->timers,
               overlay->configuration->overlay_reliability_timer_ms * TIME_MS);
  if (transaction->sends >= transaction->walk_from && transaction->walk == NULL &&
      may_walk (transaction))
    start_walk (transaction);
}

static void
transmit (Transaction *transaction)
{
  Overlay *overlay = transaction->transport->overlay;
  bool is_first = transaction->sends == 0;
  Connection *freshest = transaction->is_urgent && is_first
                           ? connection_table_find_freshest (overlay->connections)
                           : NULL;
  FirstHop hop = transaction->hop;

  if (freshest != NULL)
    hop.connection = freshest->number;
  else if (transaction->sends > 0 && hop.connection == 0 && !overlay->is_plain)
    hop.exclude = &transaction->tried;
  transmit_by (transaction, hop);
}

static void
on_transaction_timer (Timer *timer, void *owner)
{
  Transaction *transaction = owner;
  Overlay *overlay = transaction->transport->overlay;
  Answer answer = { .code = transaction->failure, .first_hop = transaction->tried };

  if (transaction->is_offered)
    direct_response_note (overlay->direct_responses, false);
  if (transaction->sends < transaction->tries) {
    overlay->counters.retransmitted++;
    transmit (transaction);
    return;
  }
  if (transaction->walk != NULL && walk_goes_on (transaction->walk) &&
      transaction->waits++ < WAITS) {
    timer_start (timer, overlay->ports->timers,
                 overlay->configuration->overlay_reliability_timer_ms * TIME_MS);
    return;
  }
  overlay->counters.timed_out += transaction->failure == RELOAD_REQUEST_TIMEOUT;
  finish (transaction, &answer);
}

/* Whether it is for a node whose place in the ring is ours, and that has no link to us: it is not
 * there, and nobody else could tell (6.1.1). */
static bool
is_for_nobody (const Transaction *transaction)
{
  Overlay *overlay = transaction->transport->overlay;
  const Topology *topology = &overlay->topology;
  const Destination *first = &transaction->destinations[0];

  return transaction->hop.connection == 0 && first->type == DESTINATION_NODE &&
         !node_id_is_wildcard (&first->node_id) && !node_id_equal (&first->node_id, &overlay->id) &&
         topology->plugin->is_responsible (topology->self, &first->node_id) &&
         connection_table_find (overlay->connections, &first->node_id) == NULL;
}

/* A transaction that cannot be sent at all fails at once, but not from inside the call. */
static void
start (Transaction *transaction)
{
  Transport *self = transaction->transport;

  if (is_for_nobody (transaction))
    transaction->failure = RELOAD_NOT_FOUND;
  else if (self->transaction_count <= LIMIT_TRANSACTIONS) {
    transmit (transaction);
    while (transaction->is_last_word && transaction->sends < transaction->tries)
      transmit (transaction);
    return;
  }
  transaction->sends = transaction->tries;
  timer_start (&transaction->timer, self->overlay->ports->timers, 0);
}

static void
copy_destinations (Transaction *transaction, const Request *request)
{
  transaction->destination_count = request->destination_count;
  for (size_t i = 0; i < request->destination_count; i++) {
    Destination *copy = &transaction->destinations[i];
    *copy = request->destinations[i];
    if (copy->type != DESTINATION_RESOURCE)
      continue;
    g_assert (copy->resource_id.size == NODE_ID_SIZE);
    memcpy (transaction->resource, copy->resource_id.data, NODE_ID_SIZE);
    copy->resource_id.data = transaction->resource;
  }
}

static Transaction *
transaction_new (size_t destination_count)
{
  g_assert (destination_count > 0 && destination_count <= LIMIT_DESTINATIONS);
  return g_malloc0 (sizeof (Transaction) + destination_count * sizeof (Destination));
}

uint64_t
transport_request (Transport *self, const Request *request)
{
  const NodePorts *ports = self->overlay->ports;
  Transaction *transaction = transaction_new (request->destination_count);

  transaction->transport = self;
  ports->random_bytes (ports->world, (uint8_t *) &transaction->id, sizeof transaction->id);
  transaction->code = request->code;
  transaction->failure = RELOAD_REQUEST_TIMEOUT;
  transaction->walk_from = request->walks_at_once               ? 0
                           : request->code == MESSAGE_STORE_REQ ? WALK_FROM_STORE
                                                                : WALK_FROM;
  transaction->is_last_word = request->is_last_word;
  transaction->is_urgent = request->is_urgent;
  transaction->tries = request->tries > 0 ? request->tries : TRIES;
  transaction->is_for_anyone = request->is_for_anyone;
  transaction->hears_the_way = request->hears_the_way;
  transaction->response_size_max = request->response_size_max;
  transaction->hop = (FirstHop){ .connection = request->hop.connection };
  transaction->answered = request->answered;
  transaction->is_enough = request->is_enough;
  transaction->owner = request->owner;
  transaction->certificates = certificates_copy (request->certificates);
  transaction->contents = message_contents_write (request->code, message_body_type (request->code),
                                                  request->body, request->extensions);
  copy_destinations (transaction, request);
  timer_init (&transaction->timer, on_transaction_timer, transaction);
  list_append (&self->transactions, &transaction->all);
  self->transaction_count++;
  if (request->hop.exclude != NULL) {
    /* As if it had been tried that way already. */
    transaction->tried = *request->hop.exclude;
    transaction->sends++;
    transaction->tries++;
  }
  start (transaction);
  return transaction->id;
}

static Transaction *
find_transaction (Transport *self, uint64_t id)
{
  list_for_each (&self->transactions, l)
  {
    Transaction *transaction = list_element (l, Transaction, all);
    if (transaction->id == id)
      return transaction;
  }
  return NULL;
}

static Transaction *
find_of_owner (Transport *self, const void *owner)
{
  list_for_each (&self->transactions, l)
  {
    Transaction *transaction = list_element (l, Transaction, all);
    if (transaction->owner == owner)
      return transaction;
  }
  return NULL;
}

void
transport_hurry (Transport *self, const Connection *connection)
{
  list_for_each (&self->transactions, l)
  {
    Transaction *transaction = list_element (l, Transaction, all);
    if (transaction->is_urgent && transaction->sends < transaction->tries)
      transmit_by (transaction, (FirstHop){ .connection = connection->number });
  }
}

void
transport_cancel (Transport *self, uint64_t id)
{
  Transaction *transaction = find_transaction (self, id);

  if (transaction != NULL)
    transaction_free (transaction);
}

/* One that is freed takes the queries of its walk along. */
void
transport_cancel_owner (Transport *self, const void *owner)
{
  Transaction *transaction;

  while ((transaction = find_of_owner (self, owner)) != NULL)
    transaction_free (transaction);
}

void
transport_forget_requests (Transport *self)
{
  while (!list_is_empty (&self->transactions))
    transaction_free (list_element (self->transactions.next, Transaction, all));
}

bool
transport_is_open (Transport *self, uint64_t id)
{
  return find_transaction (self, id) != NULL;
}

unsigned
transport_open_count (const Transport *self)
{
  return self->transaction_count;
}

/* ---- Answers ---- */

/* Who may answer (6.3.4): the node asked; for a Resource-ID nobody who is farther from it than a
 * neighbor of ours, unless it was asked for a copy. */
static bool
may_answer (Transaction *transaction, const NodeId *responder)
{
  Overlay *overlay = transaction->transport->overlay;
  const Destination *last = &transaction->destinations[transaction->destination_count - 1];
  NodeId id;

  if (last->type == DESTINATION_NODE)
    return node_id_is_wildcard (&last->node_id) || node_id_equal (&last->node_id, responder);
  if (transaction->is_for_anyone)
    return true;
  if (transaction->walk != NULL && walk_is_copy (transaction->walk, responder))
    return true;
  return node_id_from_bytes (last->resource_id, &id) &&
         overlay->topology.plugin->may_answer (overlay->topology.self, &id, responder);
}

bool
answer_decode (const Answer *self, Overlay *overlay, uint16_t request_code, void *ret_body)
{
  WireKinds kinds = configuration_wire_kinds (overlay->configuration);

  return self->code == RELOAD_OK && wire_decode (message_body_type ((uint16_t) (request_code + 1)),
                                                 self->body, self->arena, &kinds, ret_body, NULL);
}

/* Whoever asks where a message gets stuck wants to hear it from those on the way (RFC 7851, 6.2).
 */
static bool
may_complain (const Transaction *transaction, const MessageContents *contents)
{
  return transaction->hears_the_way && contents->message_code == MESSAGE_ERROR;
}

static bool
has_values (const Transaction *transaction, const Answer *answer)
{
  FetchAns body;

  if (!answer_decode (answer, transaction->transport->overlay, MESSAGE_FETCH_REQ, &body))
    return false;
  for (size_t i = 0; i < body.kind_responses.count; i++)
    for (size_t k = 0; k < body.kind_responses.items[i].values.count; k++)
      if (body.kind_responses.items[i].values.items[k].value.value.exists)
        return true;
  return false;
}

/* Who keeps no copy proves nothing. */
static bool
is_worthless (const Transaction *transaction, const Answer *answer)
{
  return transaction->walk != NULL && walk_is_copy (transaction->walk, &answer->responder) &&
         !has_values (transaction, answer);
}

/* Whether the answer came straight decides whether that is asked for again; whoever does not know
 * how is asked once more without. Returns whether the transaction goes on. */
static bool
settle_offer (Transaction *transaction, const Incoming *incoming, ReloadCode code)
{
  DirectResponses *direct = transaction->transport->overlay->direct_responses;

  if (!transaction->is_offered)
    return false;
  if (incoming->connection != 0)
    direct_response_note (direct, incoming->is_direct);
  if (code != RELOAD_UNKNOWN_EXTENSION || transaction->sends >= transaction->tries)
    return false;
  transmit (transaction);
  return true;
}

/* So few know each other, and are asked by two ways (usage-registration.c). */
static bool
is_small (const Overlay *overlay)
{
  return overlay->topology.plugin->estimate (overlay->topology.self) <= 2 * LIMIT_NEIGHBORS;
}

/* Nobody proves by an answer that there is nothing (threats 2.2): it takes all whom several ways
 * name as those who would keep it. */
static bool
is_conclusive (Transaction *transaction, Answer *answer)
{
  const Overlay *overlay = transaction->transport->overlay;

  if (transaction->is_enough (transaction->owner, answer) || overlay->is_plain)
    return true;
  if (is_small (overlay))
    return !is_worthless (transaction, answer);
  if (transaction->walk == NULL &&
      (node_id_equal (&answer->responder, &overlay->id) || !may_walk (transaction)))
    return true;
  if (transaction->walk == NULL)
    start_walk (transaction);
  walk_hear (transaction->walk, &answer->responder);
  answer->is_settled = walk_is_settled (transaction->walk);
  return answer->is_settled;
}

bool
transport_conclude (Transport *self, const Incoming *incoming)
{
  Transaction *transaction = find_transaction (self, incoming->header.transaction_id);
  const MessageContents *contents = &incoming->message.contents;
  Answer answer = {
    .body = contents->message_body,
    .arena = incoming->arena,
    .offer = incoming->offer,
    .signer = incoming->signer,
    .extensions = contents->extensions,
    .responder = incoming->from,
    .first_hop = incoming->previous_hop,
    .hops = (unsigned) incoming->header.via_list.count + 1,
  };

  if (transaction == NULL ||
      (!may_answer (transaction, &incoming->from) && !may_complain (transaction, contents)))
    return false;
  if (!node_id_equal (&incoming->previous_hop, &incoming->from))
    doubts_forget (&self->overlay->doubts, &incoming->previous_hop);
  if (contents->message_code == MESSAGE_ERROR) {
    ErrorResponse error;
    if (!error_response_decode (contents->message_body, incoming->arena, &error, NULL))
      error = (ErrorResponse){ .error_code = RELOAD_INVALID_MESSAGE };
    answer.code = (ReloadCode) error.error_code;
    answer.info = error.error_info;
    configuration_update_on_error (self->overlay->configuration_update, &incoming->from,
                                   incoming->connection, answer.code, answer.info);
  } else if (contents->message_code != transaction->code + 1) {
    return false;
  }
  if (settle_offer (transaction, incoming, answer.code))
    return true;
  if (transaction->is_enough != NULL ? is_conclusive (transaction, &answer)
                                     : !is_worthless (transaction, &answer))
    finish (transaction, &answer);
  return true;
}
