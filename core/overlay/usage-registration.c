/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "registration"
#include "core/overlay/usage-registration.h"

#include "core/base/feature-set.h"
#include "core/base/list.h"
#include "core/base/log.h"
#include "core/overlay/hash.h"
#include "core/overlay/known-device.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/received-value.h"
#include "core/overlay/record-set.h"
#include "core/wire/attach.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"

#include <string.h>

/* One Fetch asks for both Kinds under the name: who is registered now, and whose certificates are
 * stored there, which tells an absent person from a name that nobody has. Values are believed by
 * their own signatures, never by who returns them.
 *
 * Who keeps the copies need not be known: the first of them is responsible for the ID just behind
 * the owner's, and the second for the one just behind the first. */

/* Half the lifetime at the latest: REFRESH_S varies by a fifth. Whoever crashed is taken for
 * present as long as the record lives; a refresh of it costs about 12 kB of all peers together. */
enum { LIFETIME_S = 720, REFRESH_S = 300 };

enum { QUERIES = 2, COPIES = 2, COPY_TRIES = 2 };

G_STATIC_ASSERT (REFRESH_S * 6 / 5 <= LIFETIME_S / 2);

typedef struct Lookup {
  ListLink all;
  RegistrationUsage *usage;
  uint32_t number;
  char *address; /* owned */
  NodeId resource;
  bool is_second;
  bool has_asked_us; /* the place */
  unsigned queries;
  NodeId first_hop;
  bool was_answered;
  bool wants_copies;
  NodeId holders[1 + COPIES]; /* who has answered: the owner, then those with copies */
  size_t holder_count;
  RecordSet records;
  Registration found; /* but for its devices */
  Timer timer;
} Lookup;

struct RegistrationUsage {
  Overlay *overlay;
  Publication *own;    /* NULL for a bare peer */
  Publication *second; /* in the second place; NULL while the overlay has had no such */
  char *forward_to;    /* owned; NULL: calls ring here */
  NodeId through;      /* the way to us leads by it; zero: straight */
  RegistrationFunc found;
  void *owner;
  ListLink lookups;
  KnownDevices known;
};

/* ---- Our own ---- */

static GByteArray *
write_own (RegistrationUsage *self)
{
  GByteArray *bytes = g_byte_array_new ();
  Destination way[2] = { destination_of_node (&self->through),
                         destination_of_node (&self->overlay->id) };
  bool is_straight = node_id_is_zero (&self->through);
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .contact_prefs = bytes_of_text ("(& (sip.schemes=SIPS) (sip.audio=TRUE))"),
    .destination_list = { is_straight ? way + 1 : way, is_straight ? 1 : 2 },
  };

  if (self->forward_to != NULL)
    registration =
      (SipRegistration){ .type = SIP_REGISTRATION_URI, .uri = bytes_of_text (self->forward_to) };
  sip_registration_encode (&registration, bytes);
  return bytes;
}

static Publication *
publish_own (RegistrationUsage *self, NodeId resource)
{
  Overlay *overlay = self->overlay;
  g_autoptr (GByteArray) value = write_own (self);
  PublicationOptions options = {
    .resource = resource,
    .kind = KIND_SIP_REGISTRATION,
    .key = node_id_bytes (&overlay->id),
    .value = { value->data, value->len },
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
  };

  return publication_new (overlay, &options);
}

static void
rewrite_own (RegistrationUsage *self)
{
  g_autoptr (GByteArray) value = write_own (self);

  if (self->own == NULL)
    return;
  publication_set_value (self->own, (Bytes){ value->data, value->len });
  if (self->second != NULL)
    publication_set_value (self->second, (Bytes){ value->data, value->len });
}

void
registration_usage_forward (RegistrationUsage *self, const char *address)
{
  g_free (self->forward_to);
  self->forward_to = g_strdup (address);
  rewrite_own (self);
}

void
registration_usage_lead (RegistrationUsage *self, const NodeId *through)
{
  self->through = through != NULL ? *through : (NodeId){ { 0 } };
  if (self->forward_to == NULL)
    rewrite_own (self);
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

static Publication *
need_second (RegistrationUsage *self)
{
  if (self->second == NULL)
    self->second =
      publish_own (self, resource_id_of_second (self->overlay->ports->signer->own->user));
  return self->second;
}

/* What others would have to refuse is not sent to them. */
void
registration_usage_start (RegistrationUsage *self)
{
  if (self->own == NULL)
    return;
  if (!is_own_permitted (self)) {
    log_info (self->overlay->ports, "this overlay takes no names like ours");
    return;
  }
  publication_start (self->own);
  if (self->overlay->configuration->has_second_places)
    publication_start (need_second (self));
}

void
registration_usage_refresh (RegistrationUsage *self)
{
  if (self->own == NULL)
    return;
  publication_refresh (self->own, 0);
  if (self->second != NULL)
    publication_refresh (self->second, 0);
}

bool
registration_usage_stop (RegistrationUsage *self, void (*done) (void *owner), void *owner)
{
  if (self->own == NULL)
    return false;
  if (self->overlay->configuration->has_second_places && self->second != NULL)
    publication_withdraw (self->second, NULL, NULL);
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
  g_free (lookup->address);
  record_set_clear (&lookup->records);
  g_free (lookup);
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
read_registration (const StoredData *data,
                   const NodeId *key,
                   Arena *arena,
                   RegisteredDevice *device,
                   KnownDevice *news)
{
  SipRegistration registration;

  if (!data->value.value.exists ||
      !sip_registration_decode (data->value.value.value, arena, &registration, NULL))
    return false;
  switch (registration.type) {
  case SIP_REGISTRATION_URI:
    device->node_id = *key;
    device->uri = registration.uri;
    return registration.uri.size > 0 && registration.uri.size <= LIMIT_REGISTRATION_URI;
  case SIP_REGISTRATION_ROUTE:
    if (!read_route (&registration.destination_list, &news->route))
      return false;
    device->node_id = news->route.device;
    news->is_own_word = node_id_equal (key, &device->node_id);
    news->is_plain = wants_plain (registration.contact_prefs);
    return true;
  }
  return false;
}

static void
read_device (Lookup *lookup, const StoredData *data, const Certificate *signer, Arena *arena)
{
  RegisteredDevice device = { .user_key = signer->user_key, .certificate = signer };
  KnownDevice news = { .is_own_word = false };
  NodeId key;
  bool is_device;

  if (!node_id_from_bytes (data->value.key, &key))
    return;
  is_device = read_registration (data, &key, arena, &device, &news);
  if (record_set_add (&lookup->records, &key, data->storage_time, is_device ? &device : NULL) &&
      is_device && device.uri.size == 0)
    known_devices_note (&lookup->usage->known, &news);
}

static bool
is_holder_known (const Registration *found, const UserKey *key)
{
  for (size_t i = 0; i < found->holder_count; i++)
    if (memcmp (found->holders[i].bytes, key->bytes, USER_KEY_SIZE) == 0)
      return true;
  return false;
}

static void
read_holder (const StoredData *data, const Certificate *signer, Registration *found)
{
  if (!data->value.value.exists)
    return;
  found->name_exists = true;
  if (found->holder_count < REGISTERED_DEVICES && !is_holder_known (found, &signer->user_key))
    found->holders[found->holder_count++] = signer->user_key;
}

static void
read_value (Lookup *lookup, uint32_t kind, const StoredData *data, const Answer *answer)
{
  Overlay *overlay = lookup->usage->overlay;
  const Certificate *signer;

  /* What nobody stored has nobody's signature (7.4.2.2). */
  if (!data->value.value.exists && signature_is_none (&data->signature))
    return;
  signer = received_value_signer (overlay, answer->offer, &lookup->resource, kind, data, NULL);
  if (signer == NULL)
    lookup->found.is_partial = lookup->found.is_partial || data->value.value.exists;
  else if (kind == KIND_SIP_REGISTRATION)
    read_device (lookup, data, signer, answer->arena);
  else
    read_holder (data, signer, &lookup->found);
}

static void
read_values (Lookup *lookup, const FetchAns *body, const Answer *answer)
{
  for (size_t i = 0; i < body->kind_responses.count; i++) {
    const FetchKindResponse *response = &body->kind_responses.items[i];
    for (size_t k = 0; k < response->values.count; k++)
      read_value (lookup, response->kind, &response->values.items[k], answer);
  }
}

static void query (Lookup *lookup, const NodeId *exclude, const NodeId *copy);

static bool
has_another_way (Lookup *lookup)
{
  Topology *topology = &lookup->usage->overlay->topology;
  NodeId peer;

  return !node_id_equal (&lookup->first_hop, &lookup->usage->overlay->id) &&
         !lookup->usage->overlay->is_plain &&
         topology->plugin->random_peer (topology->self, &lookup->first_hop, &peer);
}

/* Asks the next one that keeps a copy; false when there is none, or the last one said nothing. */
static bool
ask_copy (Lookup *lookup, const Answer *answer)
{
  NodeId behind = node_id_add_power (&answer->responder, 0);

  if (!lookup->wants_copies || answer->code != RELOAD_OK || lookup->holder_count > COPIES)
    return false;
  for (size_t i = 0; i < lookup->holder_count; i++)
    if (node_id_equal (&lookup->holders[i], &answer->responder))
      return false;
  lookup->holders[lookup->holder_count++] = answer->responder;
  if (lookup->holder_count > COPIES)
    return false;
  query (lookup, NULL, &behind);
  return true;
}

static void
report (Lookup *lookup)
{
  RegistrationUsage *usage = lookup->usage;
  Registration *found = &lookup->found;

  found->was_answered = lookup->was_answered;
  found->device_count = record_set_devices (&lookup->records, found->devices);
  list_remove (&lookup->all);
  usage->found (usage->owner, lookup->number, found);
  lookup_free (lookup);
}

static bool
has_devices (const Lookup *lookup)
{
  RegisteredDevice devices[REGISTERED_DEVICES];

  return record_set_devices (&lookup->records, devices) > 0;
}

/* Somebody is there, and no record is older than one that is still kept can be: a peer may give an
 * old one, for it was signed too. Its lifetime was not, and may be made up. */
static bool
has_current_devices (const Lookup *lookup)
{
  uint64_t now = clock_check_time_ms (lookup->usage->overlay->clock_check);

  for (size_t i = 0; i < lookup->records.count; i++) {
    const Record *record = &lookup->records.records[i];
    if (record->exists && record->storage_time + LIFETIME_S * UINT64_C (1000) < now)
      return false;
  }
  return has_devices (lookup);
}

/* That there is nobody no single peer can say, nor what has become of an old record: the newest of
 * what several know counts. */
static bool
on_heard (void *owner, const Answer *answer)
{
  Lookup *lookup = owner;
  FetchAns body;

  if (answer_decode (answer, lookup->usage->overlay, MESSAGE_FETCH_REQ, &body))
    read_values (lookup, &body, answer);
  return has_current_devices (lookup);
}

/* Whoever keeps copies may be silent, and one of them be this node. */
static bool
ask_ourselves (Lookup *lookup)
{
  Overlay *overlay = lookup->usage->overlay;

  if (has_devices (lookup) || overlay->is_plain ||
      !storage_has (overlay->storage, &lookup->resource) ||
      !overlay->topology.plugin->is_responsible (overlay->topology.self, &overlay->id))
    return false;
  lookup->has_asked_us = true;
  query (lookup, NULL, &overlay->id);
  return true;
}

/* Those who keep the first place are few, and may all be in league. */
static bool
try_second_place (Lookup *lookup)
{
  const Overlay *overlay = lookup->usage->overlay;

  if (has_devices (lookup) || lookup->is_second || !overlay->configuration->has_second_places)
    return false;
  lookup->is_second = true;
  lookup->resource = resource_id_of_second (lookup->address);
  lookup->queries = 0;
  lookup->holder_count = 0;
  lookup->has_asked_us = false;
  query (lookup, NULL, NULL);
  return true;
}

static void
conclude (Lookup *lookup)
{
  if (!try_second_place (lookup))
    report (lookup);
}

static void
on_fetched (void *owner, const Answer *answer)
{
  Lookup *lookup = owner;
  FetchAns body;

  if (answer_decode (answer, lookup->usage->overlay, MESSAGE_FETCH_REQ, &body))
    lookup->was_answered = lookup->was_answered || !lookup->has_asked_us || has_devices (lookup);
  if (lookup->has_asked_us) {
    conclude (lookup);
    return;
  }
  if (lookup->holder_count == 0) {
    lookup->found.hops = answer->hops;
    lookup->first_hop = answer->first_hop;
    if (!has_current_devices (lookup) && !answer->is_settled && lookup->queries < QUERIES &&
        has_another_way (lookup)) {
      query (lookup, &lookup->first_hop, NULL);
      return;
    }
  }
  if (!ask_copy (lookup, answer) && !ask_ourselves (lookup))
    conclude (lookup);
}

/* From whoever is responsible for the name, or for the ID `copy`. */
static void
query (Lookup *lookup, const NodeId *exclude, const NodeId *copy)
{
  ArrayRange all = { 0, ARRAY_INDEX_LAST };
  StoredDataSpecifier specifiers[2] = {
    { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY },
    { .kind = KIND_CERTIFICATE_BY_USER, .model = DATA_MODEL_ARRAY, .indices = { &all, 1 } },
  };
  FetchReq body = {
    .resource = node_id_bytes (&lookup->resource),
    .specifiers = { specifiers, lookup->is_second ? 1 : 2 }, /* no certificates lie there */
  };
  Destination to = destination_of_resource (copy != NULL ? node_id_bytes (copy) : body.resource);

  lookup->queries += copy == NULL;
  transport_request (lookup->usage->overlay->transport, &(Request){
                                                          .code = MESSAGE_FETCH_REQ,
                                                          .body = &body,
                                                          .destinations = &to,
                                                          .destination_count = 1,
                                                          .hop = { .exclude = exclude },
                                                          .walks_at_once = exclude != NULL,
                                                          .tries = copy != NULL ? COPY_TRIES : 0,
                                                          .is_enough = on_heard,
                                                          .answered = on_fetched,
                                                          .owner = lookup,
                                                        });
}

/* There can be nobody of that name here. */
static void
on_not_permitted (Timer *timer, void *owner)
{
  Lookup *lookup = owner;

  lookup->was_answered = true;
  report (lookup);
}

static void
look_up (RegistrationUsage *self, uint32_t number, const char *address, bool wants_copies)
{
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->usage = self;
  lookup->number = number;
  lookup->wants_copies = wants_copies;
  lookup->address = g_strdup (address);
  lookup->resource = resource_id_of (bytes_of_text (address));
  timer_init (&lookup->timer, on_not_permitted, lookup);
  list_append (&self->lookups, &lookup->all);
  if (registration_is_permitted (self->overlay->configuration, address))
    query (lookup, NULL, NULL);
  else
    timer_start (&lookup->timer, self->overlay->ports->timers, 0);
}

void
registration_usage_lookup (RegistrationUsage *self, uint32_t number, const char *address)
{
  look_up (self, number, address, false);
}

void
registration_usage_lookup_all (RegistrationUsage *self, uint32_t number, const char *address)
{
  look_up (self, number, address, true);
}

uint16_t
registration_usage_application (const RegistrationUsage *self, const NodeId *device)
{
  const KnownDevice *known = known_devices_find (&self->known, device);

  return known != NULL && known->is_plain ? APPLICATION_SIP : APPLICATION_SIPS;
}

void
registration_usage_note_route (RegistrationUsage *self, const Route *route)
{
  known_devices_note (&self->known, &(KnownDevice){ .route = *route });
}

Route
registration_usage_route (const RegistrationUsage *self, const NodeId *device)
{
  const KnownDevice *known = known_devices_find (&self->known, device);

  return known != NULL ? known->route : (Route){ .device = *device };
}

bool
registration_usage_forget_route (RegistrationUsage *self, const NodeId *device)
{
  return known_devices_forget_route (&self->known, device);
}

RegistrationUsage *
registration_usage_new (Overlay *overlay, bool is_user, RegistrationFunc found, void *owner)
{
  RegistrationUsage *self = g_new0 (RegistrationUsage, 1);
  const char *user = overlay->ports->signer->own->user;

  self->overlay = overlay;
  self->found = found;
  self->owner = owner;
  list_init (&self->lookups);
  known_devices_init (&self->known, &overlay->id);
  if (is_user)
    self->own = publish_own (self, resource_id_of (bytes_of_text (user)));
  return self;
}

void
registration_usage_free (RegistrationUsage *self)
{
  if (self == NULL)
    return;
  publication_free (self->own);
  publication_free (self->second);
  g_free (self->forward_to);
  list_for_each (&self->lookups, l) lookup_free (list_element (l, Lookup, all));
  known_devices_clear (&self->known);
  g_free (self);
}
