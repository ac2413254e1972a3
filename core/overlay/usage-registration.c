/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "registration"
#include "core/overlay/usage-registration.h"

#include "core/base/feature-set.h"
#include "core/base/list.h"
#include "core/base/log.h"
#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/received-value.h"
#include "core/wire/attach.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"

#include <string.h>

/* One Fetch asks for both Kinds under the name: who is registered now, and whose certificates are
 * stored there, which tells an absent person from a name that nobody has. Values are believed by
 * their own signatures, never by who returns them. */

/* Half the lifetime at the latest: REFRESH_S varies by a fifth. Whoever crashed is taken for
 * present as long as the record lives; a refresh of it costs about 12 kB of all peers together. */
enum { LIFETIME_S = 720, REFRESH_S = 300, QUERIES = 2 };

G_STATIC_ASSERT (REFRESH_S * 6 / 5 <= LIFETIME_S / 2);

typedef struct Lookup {
  ListLink all;
  RegistrationUsage *usage;
  uint32_t number;
  NodeId resource;
  unsigned queries;
  NodeId first_hop;
  bool was_answered;
  Timer timer;
} Lookup;

/* What records tell of a device beyond its Node-ID. */
typedef struct KnownDevice {
  ListLink all;
  bool is_own_word; /* told by the device itself */
  bool is_plain;    /* takes sip: but no sips: */
  Route route;
} KnownDevice;

struct RegistrationUsage {
  Overlay *overlay;
  Publication *own; /* NULL for a bare peer */
  RegistrationFunc found;
  void *owner;
  ListLink lookups;
  ListLink known; /* of KnownDevice, the latest last */
  unsigned known_count;
};

/* ---- Our own ---- */

static GByteArray *
write_own (RegistrationUsage *self, const char *forward_to)
{
  GByteArray *bytes = g_byte_array_new ();
  Destination here = destination_of_node (&self->overlay->id);
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .contact_prefs = bytes_of_text ("(& (sip.schemes=SIPS) (sip.audio=TRUE))"),
    .destination_list = { &here, 1 },
  };

  if (forward_to != NULL)
    registration =
      (SipRegistration){ .type = SIP_REGISTRATION_URI, .uri = bytes_of_text (forward_to) };
  sip_registration_encode (&registration, bytes);
  return bytes;
}

static Publication *
publish_own (RegistrationUsage *self)
{
  Overlay *overlay = self->overlay;
  const Certificate *certificate = overlay->ports->signer->own;
  g_autoptr (GByteArray) value = write_own (self, NULL);
  PublicationOptions options = {
    .resource = resource_id_of (bytes_of_text (certificate->user)),
    .kind = KIND_SIP_REGISTRATION,
    .key = node_id_bytes (&overlay->id),
    .value = { value->data, value->len },
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
  };

  return publication_new (overlay, &options);
}

void
registration_usage_forward (RegistrationUsage *self, const char *address)
{
  g_autoptr (GByteArray) value = write_own (self, address);

  if (self->own != NULL)
    publication_set_value (self->own, (Bytes){ value->data, value->len });
}

bool
registration_is_permitted (const struct Configuration *configuration, const char *user)
{
  const char *at = strchr (user, '@');

  return at != NULL && configuration_permits_domain (configuration, at + 1);
}

static bool
is_own_permitted (const RegistrationUsage *self)
{
  return registration_is_permitted (self->overlay->configuration,
                                    self->overlay->ports->signer->own->user);
}

/* What others would have to refuse is not sent to them. */
void
registration_usage_start (RegistrationUsage *self)
{
  if (self->own == NULL)
    return;
  if (is_own_permitted (self))
    publication_start (self->own);
  else
    log_info (self->overlay->ports, "this overlay takes no names like ours");
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
  return self->own != NULL && (publication_is_stored (self->own) || !is_own_permitted (self));
}

/* ---- Others ---- */

static void
lookup_free (Lookup *lookup)
{
  list_remove (&lookup->all);
  timer_stop (&lookup->timer);
  transport_cancel_owner (lookup->usage->overlay->transport, lookup);
  g_free (lookup);
}

static KnownDevice *
find_known (const RegistrationUsage *self, const NodeId *device)
{
  list_for_each ((ListLink *) &self->known, l)
  {
    KnownDevice *known = list_element (l, KnownDevice, all);
    if (node_id_equal (&known->route.device, device))
      return known;
  }
  return NULL;
}

static void
forget (RegistrationUsage *self, KnownDevice *known)
{
  list_remove (&known->all);
  self->known_count--;
  g_free (known);
}

/* No message may pass a node twice (RFC 6940, 13.6.5). */
static bool
is_straight (const RegistrationUsage *self, const Route *route)
{
  for (size_t i = 0; i < route->via_count; i++) {
    if (node_id_equal (&route->via[i], &route->device) ||
        node_id_equal (&route->via[i], &self->overlay->id))
      return false;
    for (size_t j = 0; j < i; j++)
      if (node_id_equal (&route->via[i], &route->via[j]))
        return false;
  }
  return true;
}

/* Anybody may register a way to a device of somebody else: that must not hide the device's own. */
static void
note_device (RegistrationUsage *self, const KnownDevice *news)
{
  KnownDevice *known = find_known (self, &news->route.device);
  bool has_way = news->route.via_count > 0 && is_straight (self, &news->route);

  if (known != NULL && known->is_own_word && !news->is_own_word)
    return;
  if (known != NULL)
    forget (self, known);
  if (!news->is_plain && !has_way)
    return;
  if (self->known_count >= LIMIT_KNOWN_DEVICES)
    forget (self, list_element (self->known.next, KnownDevice, all));
  known = g_new (KnownDevice, 1);
  *known = *news;
  if (!has_way)
    known->route.via_count = 0;
  list_append (&self->known, &known->all);
  self->known_count++;
}

static bool
wants_plain (Bytes preferences)
{
  return feature_set_permits (preferences, "sip.schemes", "sip") &&
         !feature_set_permits (preferences, "sip.schemes", "sips");
}

/* A list that we do not follow still names the device at its end. */
static bool
read_route (const DestinationList *list, Route *ret_route)
{
  Route route = { .via_count = 0 };

  if (list->count == 0 || list->items[list->count - 1].type != DESTINATION_NODE)
    return false;
  route.device = list->items[list->count - 1].node_id;
  for (size_t i = 0; i + 1 < list->count; i++) {
    if (list->items[i].type != DESTINATION_NODE || list->count > LIMIT_ROUTE_PEERS + 1) {
      route.via_count = 0;
      break;
    }
    route.via[route.via_count++] = list->items[i].node_id;
  }
  *ret_route = route;
  return true;
}

/* The record of a route ends at a device; one of an address stands under the key of the device that
 * forwards. */
static bool
read_registration (RegistrationUsage *self,
                   const StoredData *data,
                   Arena *arena,
                   RegisteredDevice *device)
{
  SipRegistration registration;
  KnownDevice news = { .is_own_word = false };
  NodeId key;

  if (!sip_registration_decode (data->value.value.value, arena, &registration, NULL))
    return false;
  switch (registration.type) {
  case SIP_REGISTRATION_URI:
    device->uri = registration.uri;
    return registration.uri.size > 0 && registration.uri.size <= LIMIT_REGISTRATION_URI &&
           node_id_from_bytes (data->value.key, &device->node_id);
  case SIP_REGISTRATION_ROUTE:
    if (!read_route (&registration.destination_list, &news.route))
      return false;
    device->node_id = news.route.device;
    news.is_own_word =
      node_id_from_bytes (data->value.key, &key) && node_id_equal (&key, &device->node_id);
    news.is_plain = wants_plain (registration.contact_prefs);
    note_device (self, &news);
    return true;
  }
  return false;
}

static void
read_device (RegistrationUsage *self,
             const StoredData *data,
             const Certificate *signer,
             Arena *arena,
             Registration *found)
{
  RegisteredDevice device = { .user_key = signer->user_key, .certificate = signer };

  if (found->device_count < REGISTERED_DEVICES && read_registration (self, data, arena, &device))
    found->devices[found->device_count++] = device;
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
      const Certificate *signer;
      if (!data->value.value.exists)
        continue;
      signer = received_value_signer (lookup->usage->overlay, answer->offer, &lookup->resource,
                                      response->kind, data, NULL);
      found->is_partial = found->is_partial || signer == NULL;
      if (signer == NULL)
        continue;
      if (response->kind == KIND_SIP_REGISTRATION)
        read_device (lookup->usage, data, signer, answer->arena, found);
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
                                                          .walks_at_once = exclude != NULL,
                                                          .answered = on_fetched,
                                                          .owner = lookup,
                                                        });
}

/* There can be nobody of that name here. */
static void
on_not_permitted (Timer *timer, void *owner)
{
  Lookup *lookup = owner;
  RegistrationUsage *usage = lookup->usage;
  Registration found = { .was_answered = true };
  uint32_t number = lookup->number;

  lookup_free (lookup);
  usage->found (usage->owner, number, &found);
}

void
registration_usage_lookup (RegistrationUsage *self, uint32_t number, const char *address)
{
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->usage = self;
  lookup->number = number;
  lookup->resource = resource_id_of (bytes_of_text (address));
  timer_init (&lookup->timer, on_not_permitted, lookup);
  list_append (&self->lookups, &lookup->all);
  if (registration_is_permitted (self->overlay->configuration, address))
    query (lookup, NULL);
  else
    timer_start (&lookup->timer, self->overlay->ports->timers, 0);
}

uint16_t
registration_usage_application (const RegistrationUsage *self, const NodeId *device)
{
  const KnownDevice *known = find_known (self, device);

  return known != NULL && known->is_plain ? APPLICATION_SIP : APPLICATION_SIPS;
}

void
registration_usage_note_route (RegistrationUsage *self, const Route *route)
{
  note_device (self, &(KnownDevice){ .route = *route });
}

Route
registration_usage_route (const RegistrationUsage *self, const NodeId *device)
{
  const KnownDevice *known = find_known (self, device);

  return known != NULL ? known->route : (Route){ .device = *device };
}

bool
registration_usage_forget_route (RegistrationUsage *self, const NodeId *device)
{
  KnownDevice *known = find_known (self, device);

  if (known == NULL || known->route.via_count == 0)
    return false;
  known->route.via_count = 0;
  return true;
}

RegistrationUsage *
registration_usage_new (Overlay *overlay, bool is_user, RegistrationFunc found, void *owner)
{
  RegistrationUsage *self = g_new0 (RegistrationUsage, 1);

  self->overlay = overlay;
  self->found = found;
  self->owner = owner;
  list_init (&self->lookups);
  list_init (&self->known);
  if (is_user)
    self->own = publish_own (self);
  return self;
}

void
registration_usage_free (RegistrationUsage *self)
{
  if (self == NULL)
    return;
  publication_free (self->own);
  list_for_each (&self->lookups, l) lookup_free (list_element (l, Lookup, all));
  list_for_each (&self->known, l) forget (self, list_element (l, KnownDevice, all));
  g_free (self);
}
