/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-turn.h"

#include "core/base/list.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/received-value.h"
#include "core/overlay/redir-search.h"
#include "core/wire/fetch.h"
#include "core/wire/find.h"
#include "core/wire/turn-server.h"

#include <string.h>

/* A relay stores its address under H(Node-ID || d) for each d up to the overlay's turn-density, and
 * provides the service `turn-server`. Whoever looks for relays takes a random provider and the one
 * after it, and fetches their addresses:
 *
 *   ReDiR ──provider──> Fetch H(provider || 1) ──> ReDiR for the one after it ...
 *     └──nobody──> Find near a random place ──> Fetch what it names
 *
 * Find asks a random peer what it happens to hold, so it is repeated a few times. */

enum {
  LIFETIME_S = 900,
  REFRESH_S = 360,
  COPIES_MAX = 20, /* values of d (RFC 6940, 9) */
  FINDS_MAX = 4,
};

G_STATIC_ASSERT (REFRESH_S * 6 / 5 <= LIFETIME_S / 2);

typedef struct Search {
  ListLink all;
  TurnUsage *usage;
  uint32_t number;
  RedirSearch *redir; /* owned, or NULL */
  NodeId key;         /* where the service is searched */
  NodeId resource;    /* being fetched */
  unsigned finds;
  RelaysFound found;
} Search;

struct TurnUsage {
  Overlay *overlay;
  RelaysFunc found;
  void *owner;
  bool is_offering;
  Address address;
  GPtrArray *copies; /* owned: of Publication; NULL unless we have offered something */
  RedirDepths depths;
  ListLink searches;
};

/* H(Node-ID || d) */
static NodeId
resource_of (const NodeId *id, uint8_t d)
{
  uint8_t name[NODE_ID_SIZE + 1];

  memcpy (name, id->bytes, NODE_ID_SIZE);
  name[NODE_ID_SIZE] = d;
  return resource_id_of ((Bytes){ name, sizeof name });
}

/* ---- Offering ---- */

static void
free_copy (void *copy)
{
  publication_free (copy);
}

static Publication *
publish (TurnUsage *self, uint8_t d)
{
  g_autoptr (GByteArray) value = g_byte_array_new ();
  TurnServer server = { .iteration = d, .server_address = ip_address_port_of (&self->address) };
  PublicationOptions options = {
    .resource = resource_of (&self->overlay->id, d),
    .kind = KIND_TURN_SERVICE,
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
  };

  turn_server_encode (&server, value);
  options.value = (Bytes){ value->data, value->len };
  return publication_new (self->overlay, &options);
}

void
turn_usage_start (TurnUsage *self)
{
  const ConfigurationKind *kind =
    configuration_kind (self->overlay->configuration, KIND_TURN_SERVICE);
  unsigned count = MIN (self->overlay->configuration->turn_density, COPIES_MAX);

  g_clear_pointer (&self->copies, g_ptr_array_unref);
  if (!self->is_offering || kind == NULL)
    return;
  self->copies = g_ptr_array_new_with_free_func (free_copy);
  for (unsigned i = 0; i < MIN (count, kind->max_node_multiple); i++) {
    Publication *copy = publish (self, (uint8_t) (i + 1));
    g_ptr_array_add (self->copies, copy);
    publication_start (copy);
  }
}

void
turn_usage_refresh (TurnUsage *self, uint64_t within)
{
  for (guint i = 0; self->is_offering && self->copies != NULL && i < self->copies->len; i++)
    publication_refresh (self->copies->pdata[i], within);
}

unsigned
turn_usage_stop (TurnUsage *self, void (*done) (void *owner), void *owner)
{
  unsigned count = self->is_offering && self->copies != NULL ? self->copies->len : 0;

  for (unsigned i = 0; i < count; i++)
    publication_withdraw (self->copies->pdata[i], done, owner);
  return count;
}

void
turn_usage_offer (TurnUsage *self, const Address *address)
{
  TopologyState state = overlay_state (self->overlay);

  if (address == NULL) {
    turn_usage_stop (self, NULL, NULL);
    redir_usage_withdraw (self->overlay->redir_usage, TURN_NAMESPACE);
    self->is_offering = false;
    return;
  }
  if (self->is_offering && address_equal (&self->address, address))
    return;
  self->is_offering = true;
  self->address = *address;
  redir_usage_provide (self->overlay->redir_usage, TURN_NAMESPACE);
  if (state == TOPOLOGY_JOINED || state == TOPOLOGY_ALONE)
    turn_usage_start (self);
}

/* ---- Finding ---- */

static void
search_free (Search *search)
{
  list_remove (&search->all);
  redir_search_free (search->redir);
  transport_cancel_owner (search->usage->overlay->transport, search);
  g_free (search);
}

static void
conclude (Search *search)
{
  TurnUsage *self = search->usage;
  RelaysFound found = search->found;
  uint32_t number = search->number;

  search_free (search);
  self->found (self->owner, number, &found);
}

static bool
is_found (const Search *search, const NodeId *id)
{
  for (size_t i = 0; i < search->found.count; i++)
    if (node_id_equal (&search->found.relays[i].node_id, id))
      return true;
  return node_id_equal (id, &search->usage->overlay->id);
}

static void
note_value (Search *search, const Answer *answer, const StoredData *data)
{
  Overlay *overlay = search->usage->overlay;
  RelayOffer *relay = &search->found.relays[search->found.count];
  TurnServer server;
  NodeId signer;

  if (search->found.count == RELAYS_MAX || !data->value.value.exists ||
      received_value_signer (overlay, answer->offer, &search->resource, KIND_TURN_SERVICE, data,
                             &signer) == NULL ||
      is_found (search, &signer) ||
      !turn_server_decode (data->value.value.value, answer->arena, &server, NULL) ||
      server.server_address.address.family == ADDRESS_NONE ||
      server.server_address.address.port == 0)
    return;
  *relay = (RelayOffer){ signer, server.server_address.address };
  search->found.count++;
}

static void
read_values (Search *search, const Answer *answer)
{
  FetchAns body;

  if (!answer_decode (answer, search->usage->overlay, MESSAGE_FETCH_REQ, &body))
    return;
  search->found.was_answered = true;
  for (size_t i = 0; i < body.kind_responses.count; i++) {
    const FetchKindResponse *response = &body.kind_responses.items[i];
    for (size_t k = 0; response->kind == KIND_TURN_SERVICE && k < response->values.count; k++)
      note_value (search, answer, &response->values.items[k]);
  }
}

static void
request (Search *search, uint16_t code, const void *body, const NodeId *place, AnswerFunc answered)
{
  Destination to = destination_of_resource (node_id_bytes (place));

  transport_request (search->usage->overlay->transport, &(Request){
                                                          .code = code,
                                                          .body = body,
                                                          .destinations = &to,
                                                          .destination_count = 1,
                                                          .answered = answered,
                                                          .owner = search,
                                                        });
}

static void
fetch (Search *search, const NodeId *resource, AnswerFunc answered)
{
  StoredDataSpecifier specifier = { .kind = KIND_TURN_SERVICE, .model = DATA_MODEL_SINGLE };
  FetchReq body = { .specifiers = { &specifier, 1 } };

  search->resource = *resource;
  body.resource = node_id_bytes (&search->resource);
  request (search, MESSAGE_FETCH_REQ, &body, resource, answered);
}

static void find (Search *search);

static void
on_find_fetched (void *owner, const Answer *answer)
{
  Search *search = owner;

  read_values (search, answer);
  if (search->found.count > 0 || search->finds == FINDS_MAX)
    conclude (search);
  else
    find (search);
}

/* The zero Resource-ID says that there is none (7.4.4.2). */
static bool
read_closest (Search *search, const Answer *answer, NodeId *ret_resource)
{
  FindAns body;

  if (!answer_decode (answer, search->usage->overlay, MESSAGE_FIND_REQ, &body))
    return false;
  search->found.was_answered = true;
  return body.results.count == 1 && body.results.items[0].kind == KIND_TURN_SERVICE &&
         node_id_from_bytes (body.results.items[0].closest, ret_resource) &&
         !node_id_is_zero (ret_resource);
}

static void
on_find (void *owner, const Answer *answer)
{
  Search *search = owner;
  NodeId resource;

  if (read_closest (search, answer, &resource))
    fetch (search, &resource, on_find_fetched);
  else if (search->finds == FINDS_MAX)
    conclude (search);
  else
    find (search);
}

static void
find (Search *search)
{
  const NodePorts *ports = search->usage->overlay->ports;
  KindId kind = KIND_TURN_SERVICE;
  NodeId place;
  FindReq body = { .kinds = { &kind, 1 } };

  search->finds++;
  ports->random_bytes (ports->world, place.bytes, NODE_ID_SIZE);
  body.resource = node_id_bytes (&place);
  request (search, MESSAGE_FIND_REQ, &body, &place, on_find);
}

static void look (Search *search);

static void
on_fetched (void *owner, const Answer *answer)
{
  Search *search = owner;
  size_t before = search->found.count;

  read_values (search, answer);
  if (search->found.count > before && before + 1 < RELAYS_MAX)
    look (search);
  else if (search->found.count > 0)
    conclude (search);
  else
    find (search);
}

/* After the last provider any may come, one that we have too: then the first one is asked for. */
static bool
go_round (Search *search)
{
  if (search->found.count == 0 || node_id_is_zero (&search->key))
    return false;
  search->key = (NodeId){ { 0 } };
  return true;
}

static void
on_provider (void *owner, const ServiceFound *found)
{
  Search *search = owner;
  NodeId resource;

  g_clear_pointer (&search->redir, redir_search_free);
  search->found.was_answered = search->found.was_answered || found->was_answered;
  if (found->is_found && !is_found (search, &found->provider)) {
    search->key = node_id_add_power (&found->provider, 0);
    resource = resource_of (&found->provider, 1);
    fetch (search, &resource, on_fetched);
  } else if (found->is_found && go_round (search)) {
    look (search);
  } else if (search->found.count > 0) {
    conclude (search);
  } else {
    find (search);
  }
}

static void
look (Search *search)
{
  search->redir = redir_search_new (search->usage->overlay, TURN_NAMESPACE, &search->key,
                                    &search->usage->depths, on_provider, search);
}

void
turn_usage_find (TurnUsage *self, uint32_t number)
{
  const NodePorts *ports = self->overlay->ports;
  Search *search = g_new0 (Search, 1);

  search->usage = self;
  search->number = number;
  ports->random_bytes (ports->world, search->key.bytes, NODE_ID_SIZE);
  list_append (&self->searches, &search->all);
  look (search);
}

/* ---- Life ---- */

TurnUsage *
turn_usage_new (Overlay *overlay, RelaysFunc found, void *owner)
{
  TurnUsage *self = g_new0 (TurnUsage, 1);

  self->overlay = overlay;
  self->found = found;
  self->owner = owner;
  list_init (&self->searches);
  return self;
}

void
turn_usage_free (TurnUsage *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->copies, g_ptr_array_unref);
  list_for_each (&self->searches, l) search_free (list_element (l, Search, all));
  g_free (self);
}
