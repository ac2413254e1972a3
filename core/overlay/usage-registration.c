/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "registration"
#include "core/overlay/usage-registration.h"

#include "core/base/list.h"
#include "core/base/log.h"
#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/received-value.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"

/* One Fetch asks for both Kinds under the name: who is registered now, and whose certificates are
 * stored there, which tells an absent person from a name that nobody has. Values are believed by
 * their own signatures, never by who returns them. */

enum { LIFETIME_S = 3600, REFRESH_S = 600, QUERIES = 2 };

typedef struct Lookup {
  ListLink all;
  RegistrationUsage *usage;
  uint32_t number;
  NodeId resource;
  unsigned queries;
  NodeId first_hop;
  bool was_answered;
} Lookup;

struct RegistrationUsage {
  Overlay *overlay;
  Publication *own; /* NULL for a bare peer */
  RegistrationFunc found;
  void *owner;
  ListLink lookups;
};

/* ---- Our own ---- */

static Publication *
publish_own (Overlay *overlay)
{
  const Certificate *certificate = overlay->ports->signer->own;
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Destination here = destination_of_node (&overlay->id);
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .contact_prefs = bytes_of_text ("(& (sip.schemes=SIPS) (audio=TRUE))"),
    .destination_list = { &here, 1 },
  };
  PublicationOptions options = {
    .resource = resource_id_of (bytes_of_text (certificate->user)),
    .kind = KIND_SIP_REGISTRATION,
    .key = node_id_bytes (&overlay->id),
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
  };

  sip_registration_encode (&registration, value);
  options.value = (Bytes){ value->data, value->len };
  return publication_new (overlay, &options);
}

void
registration_usage_start (RegistrationUsage *self)
{
  if (self->own != NULL)
    publication_start (self->own);
}

void
registration_usage_refresh (RegistrationUsage *self)
{
  if (self->own != NULL)
    publication_refresh (self->own);
}

bool
registration_usage_stop (RegistrationUsage *self, void (*done) (void *owner), void *owner)
{
  if (self->own == NULL)
    return false;
  publication_withdraw (self->own, done, owner);
  return true;
}

bool
registration_usage_is_registered (const RegistrationUsage *self)
{
  return self->own != NULL && publication_is_stored (self->own);
}

/* ---- Others ---- */

static void
lookup_free (Lookup *lookup)
{
  list_remove (&lookup->all);
  transport_cancel_owner (lookup->usage->overlay->transport, lookup);
  g_free (lookup);
}

static void
read_device (const StoredData *data, const Certificate *signer, Arena *arena, Registration *found)
{
  SipRegistration registration;
  const DestinationList *list = &registration.destination_list;
  RegisteredDevice *device = &found->devices[found->device_count];

  if (found->device_count == REGISTERED_DEVICES ||
      !sip_registration_decode (data->value.value.value, arena, &registration, NULL) ||
      registration.type != SIP_REGISTRATION_ROUTE || list->count == 0 ||
      list->items[list->count - 1].type != DESTINATION_NODE)
    return;
  device->node_id = list->items[list->count - 1].node_id;
  device->user_key = signer->user_key;
  device->certificate = signer;
  found->device_count++;
}

static void
read_holder (const Certificate *signer, Registration *found)
{
  found->name_exists = true;
  if (found->holder_count < REGISTERED_DEVICES)
    found->holders[found->holder_count++] = signer->user_key;
}

static void
read_values (Lookup *lookup, const FetchAns *body, const Answer *answer, Registration *found)
{
  for (size_t i = 0; i < body->kind_responses.count; i++) {
    const FetchKindResponse *response = &body->kind_responses.items[i];
    for (size_t k = 0; k < response->values.count; k++) {
      const StoredData *data = &response->values.items[k];
      const Certificate *signer = NULL;
      if (data->value.value.exists)
        signer = received_value_signer (lookup->usage->overlay, answer->offer, &lookup->resource,
                                        response->kind, data, NULL);
      if (signer == NULL)
        continue;
      if (response->kind == KIND_SIP_REGISTRATION)
        read_device (data, signer, answer->arena, found);
      else
        read_holder (signer, found);
    }
  }
}

static void query (Lookup *lookup, const NodeId *exclude);

static bool
has_another_way (Lookup *lookup)
{
  Topology *topology = &lookup->usage->overlay->topology;
  NodeId peer;

  return !node_id_equal (&lookup->first_hop, &lookup->usage->overlay->id) &&
         topology->plugin->random_peer (topology->self, &lookup->first_hop, &peer);
}

static void
on_fetched (void *owner, const Answer *answer)
{
  Lookup *lookup = owner;
  RegistrationUsage *usage = lookup->usage;
  Registration found = { .hops = answer->hops };
  uint32_t number = lookup->number;
  FetchAns body;

  if (answer_decode (answer, usage->overlay, MESSAGE_FETCH_REQ, &body)) {
    lookup->was_answered = true;
    read_values (lookup, &body, answer, &found);
  }
  lookup->first_hop = answer->first_hop;
  if (found.device_count == 0 && lookup->queries < QUERIES && has_another_way (lookup)) {
    query (lookup, &lookup->first_hop);
    return;
  }
  found.was_answered = lookup->was_answered;
  lookup_free (lookup);
  usage->found (usage->owner, number, &found);
}

static void
query (Lookup *lookup, const NodeId *exclude)
{
  ArrayRange all = { 0, ARRAY_INDEX_LAST };
  StoredDataSpecifier specifiers[2] = {
    { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY },
    { .kind = KIND_CERTIFICATE_BY_USER, .model = DATA_MODEL_ARRAY, .indices = { &all, 1 } },
  };
  FetchReq body = {
    .resource = node_id_bytes (&lookup->resource),
    .specifiers = { specifiers, 2 },
  };
  Destination to = destination_of_resource (body.resource);

  lookup->queries++;
  transport_request (lookup->usage->overlay->transport, &(Request){
                                                          .code = MESSAGE_FETCH_REQ,
                                                          .body = &body,
                                                          .destinations = &to,
                                                          .destination_count = 1,
                                                          .hop = { .exclude = exclude },
                                                          .answered = on_fetched,
                                                          .owner = lookup,
                                                        });
}

void
registration_usage_lookup (RegistrationUsage *self, uint32_t number, const char *address)
{
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->usage = self;
  lookup->number = number;
  lookup->resource = resource_id_of (bytes_of_text (address));
  list_append (&self->lookups, &lookup->all);
  query (lookup, NULL);
}

RegistrationUsage *
registration_usage_new (Overlay *overlay, bool is_user, RegistrationFunc found, void *owner)
{
  RegistrationUsage *self = g_new0 (RegistrationUsage, 1);

  self->overlay = overlay;
  self->found = found;
  self->owner = owner;
  list_init (&self->lookups);
  if (is_user)
    self->own = publish_own (overlay);
  return self;
}

void
registration_usage_free (RegistrationUsage *self)
{
  if (self == NULL)
    return;
  publication_free (self->own);
  list_for_each (&self->lookups, l) lookup_free (list_element (l, Lookup, all));
  g_free (self);
}
