/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-registration.h"

#include "core/base/feature-set.h"
#include "core/overlay/storage-private.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"
#include "core/wire/store.h"
#include "tests/sim/sim-signer.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A ring of three: our node at 80…, carol at 10…, dave at 40…. What is looked up is carol's to
 * answer for; she is asked directly or through dave. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *carol;
  Stranger *dave;
  Stranger *bob; /* whose name is looked up */
  Stranger *eve;
  NodeId resource; /* of bob's name */
} Fixture;

static void
join (Stranger *self)
{
  JoinReq join = { .joining_peer_id = self->id };

  stranger_connect (self);
  g_assert_cmpint (stranger_verdict (self, &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &join }), ==,
                   RELOAD_OK);
}

/* Somebody whose name is between our node and carol. */
static Stranger *
find_bob (Fixture *self)
{
  for (unsigned i = 0;; i++) {
    g_autofree char *user = g_strdup_printf ("bob%u", i);
    Stranger *bob = stranger_new (self->stage, user, 0);
    self->resource = resource_id_of (bytes_of_text (bob->signer->own->user));
    if (self->resource.bytes[0] < 0x10 || self->resource.bytes[0] > 0x80)
      return bob;
  }
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->carol = stranger_new (self->stage, "carol", 0x10000000);
  self->dave = stranger_new (self->stage, "dave", 0x40000000);
  self->eve = stranger_new (self->stage, "eve", 0);
  self->bob = find_bob (self);
  join (self->carol);
  join (self->dave);
  overlay_stage_run (self->stage, TIME_SECOND);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* ---- Values ---- */

typedef struct Values {
  SignedValue devices[24];
  GByteArray *records[24];
  size_t device_count;
  SignedValue certificate;
  bool has_certificate;
  GenericCertificate certificates[24];
  size_t certificate_count;
} Values;

static void
values_clear (Values *self)
{
  for (size_t i = 0; i < self->device_count; i++)
    g_byte_array_unref (self->records[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static void
add_certificate (Values *self, const Signer *signer)
{
  self->certificates[self->certificate_count++] =
    (GenericCertificate){ CERTIFICATE_TYPE_X509, signer->own->der };
}

static void
add_record (Values *self,
            Fixture *fixture,
            const Stranger *owner,
            const Signer *signer,
            const SipRegistration *registration,
            bool exists)
{
  size_t i = self->device_count++;

  self->records[i] = g_byte_array_new ();
  g_assert_true (sip_registration_encode (registration, self->records[i]));
  signed_value_init (
    &self->devices[i], fixture->stage, signer, &fixture->resource, KIND_SIP_REGISTRATION,
    (StoredDataValue){
      .model = DATA_MODEL_DICTIONARY,
      .key = node_id_bytes (&owner->id),
      .value = { exists, { self->records[i]->data, exists ? self->records[i]->len : 0 } } });
  add_certificate (self, signer);
}

/* A record of `owner` that leads to its device, signed by `signer`. */
static void
add_device (
  Values *self, Fixture *fixture, const Stranger *owner, const Signer *signer, bool exists)
{
  Destination there = destination_of_node (&owner->id);
  SipRegistration registration = { .type = SIP_REGISTRATION_ROUTE,
                                   .destination_list = { &there, 1 } };

  add_record (self, fixture, owner, signer, &registration, exists);
}

static void
add_holder (Values *self, Fixture *fixture, const Stranger *owner)
{
  signed_value_init (&self->certificate, fixture->stage, owner->signer, &fixture->resource,
                     KIND_CERTIFICATE_BY_USER,
                     (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                        .value = { true, owner->signer->own->der } });
  self->has_certificate = true;
  add_certificate (self, owner->signer);
}

/* ---- Asking and answering ---- */

/* The Fetch of bob's name that came over that peer's link, or NULL. */
static const Letter *
asked (Fixture *self, Stranger *peer)
{
  const Letter *letter;
  FetchReq body;

  while ((letter = stranger_next (peer, MESSAGE_FETCH_REQ)) != NULL) {
    letter_read (letter, self->stage, &body);
    if (body.resource.size == NODE_ID_SIZE &&
        memcmp (body.resource.data, self->resource.bytes, NODE_ID_SIZE) == 0)
      return letter;
  }
  return NULL;
}

/* Carol's answer, over the link of `over`. */
static void
answer (Fixture *self, Stranger *over, const Letter *request, Values *values)
{
  StoredData devices[24];
  FetchKindResponse kinds[2] = {
    { .kind = KIND_SIP_REGISTRATION, .values = { devices, values->device_count } },
    { .kind = KIND_CERTIFICATE_BY_USER,
      .values = { &values->certificate.data, values->has_certificate } },
  };
  FetchAns body = { { kinds, 2 } };

  for (size_t i = 0; i < values->device_count; i++)
    devices[i] = values->devices[i].data;
  stranger_send (over, &(Draft){
                         .code = MESSAGE_FETCH_REQ + 1,
                         .body = &body,
                         .transaction_id = request->header.transaction_id,
                         .signer = self->carol->signer,
                         .certificates = { values->certificates, values->certificate_count },
                       });
}

static void
look_up (Fixture *self)
{
  overlay_lookup (self->stage->overlay, 7, self->bob->signer->own->user);
  overlay_stage_run (self->stage, 100 * TIME_MS);
}

/* Asks; the first answer has `first`, the second, over another peer, has `second`; NULL: there must
 * be no second question. */
static const Registration *
look_up_twice (Fixture *self, Values *first, Values *second)
{
  const Letter *letter;
  Stranger *over = self->carol;

  look_up (self);
  letter = asked (self, over);
  if (letter == NULL)
    letter = asked (self, over = self->dave);
  g_assert_nonnull (letter);
  answer (self, over, letter, first);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  over = over == self->carol ? self->dave : self->carol;
  letter = asked (self, over);
  if (second == NULL) {
    g_assert_null (letter);
  } else {
    g_assert_cmpuint (self->stage->found_count, ==, 0);
    g_assert_nonnull (letter);
    answer (self, over, letter, second);
    overlay_stage_run (self->stage, 100 * TIME_MS);
  }
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_true (self->stage->found.was_answered);
  return &self->stage->found;
}

/* ---- Tests ---- */

static void
test_found (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  const Registration *found;

  add_device (&values, self, self->bob, self->bob->signer, true);
  found = look_up_twice (self, &values, NULL);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_false (found->is_partial);
  g_assert_true (node_id_equal (&found->devices[0].node_id, &self->bob->id));
  g_assert_cmpmem (&found->devices[0].user_key, USER_KEY_SIZE, &self->bob->signer->own->user_key,
                   USER_KEY_SIZE);
}

static void
test_not_found (Fixture *self, const void *data)
{
  g_auto (Values) nothing = { .device_count = 0 };
  const Registration *found = look_up_twice (self, &nothing, &nothing);

  g_assert_cmpuint (found->device_count, ==, 0);
  g_assert_false (found->name_exists);
}

static void
test_found_later (Fixture *self, const void *data)
{
  g_auto (Values) nothing = { .device_count = 0 };
  g_auto (Values) values = { .device_count = 0 };

  add_device (&values, self, self->bob, self->bob->signer, true);
  g_assert_cmpuint (look_up_twice (self, &nothing, &values)->device_count, ==, 1);
}

/* It was signed, but longer ago than anybody leaves it. */
static void
test_outdated (Fixture *self, const void *data)
{
  g_auto (Values) outdated = { .devices = { { .data = { .storage_time = 1 } } } };
  g_auto (Values) latest = { .device_count = 0 };
  SipRegistration forward = { .type = SIP_REGISTRATION_URI, .uri = bytes_of_text ("carol@x.alt") };
  const Registration *found;

  add_device (&outdated, self, self->bob, self->bob->signer, true);
  add_record (&latest, self, self->bob, self->bob->signer, &forward, true);
  found = look_up_twice (self, &outdated, &latest);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_cmpuint (found->devices[0].uri.size, ==, forward.uri.size);
  self->stage->found_count = 0;
  g_assert_cmpuint (look_up_twice (self, &outdated, &outdated)->device_count, ==, 1);
}

/* Dave's answer, over the link of `over`. */
static void
answer_as_dave (Fixture *self, Stranger *over, const Letter *request, Values *values)
{
  Stranger *carol = self->carol;

  self->carol = self->dave;
  answer (self, over, request, values);
  self->carol = carol;
}

/* Carol answers for the name; dave is the first behind her, and we are the second. */
static const Registration *
look_up_all (Fixture *self, Values *owners, Values *copies)
{
  const Letter *letter;
  NodeId behind = node_id_add_power (&self->carol->id, 0);
  Stranger *over = self->carol;

  overlay_lookup_all (self->stage->overlay, 7, self->bob->signer->own->user);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  letter = asked (self, over);
  if (letter == NULL)
    letter = asked (self, over = self->dave);
  answer (self, over, letter, owners);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (self->stage->found_count, ==, 0);
  letter = asked (self, over = self->dave);
  if (letter == NULL)
    letter = asked (self, over = self->carol);
  g_assert_nonnull (letter);
  g_assert_cmpmem (letter->header.destination_list.items[0].resource_id.data, NODE_ID_SIZE,
                   behind.bytes, NODE_ID_SIZE);
  answer_as_dave (self, over, letter, copies);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  return &self->stage->found;
}

static void
test_newest_copy (Fixture *self, const void *data)
{
  g_auto (Values) former = { .device_count = 0 };
  g_auto (Values) latest = { .device_count = 0 };
  SipRegistration forward = { .type = SIP_REGISTRATION_URI, .uri = bytes_of_text ("carol@x.alt") };
  const Registration *found;

  add_device (&former, self, self->bob, self->bob->signer, true);
  overlay_stage_run (self->stage, TIME_SECOND);
  add_record (&latest, self, self->bob, self->bob->signer, &forward, true);
  found = look_up_all (self, &former, &latest);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_cmpuint (found->devices[0].uri.size, ==, forward.uri.size);
  self->stage->found_count = 0;
  found = look_up_all (self, &latest, &former);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_cmpuint (found->devices[0].uri.size, ==, forward.uri.size);
}

static void
test_copy_withdrawn (Fixture *self, const void *data)
{
  g_auto (Values) former = { .device_count = 0 };
  g_auto (Values) latest = { .device_count = 0 };

  add_device (&former, self, self->bob, self->bob->signer, true);
  overlay_stage_run (self->stage, TIME_SECOND);
  add_device (&latest, self, self->bob, self->bob->signer, false);
  g_assert_cmpuint (look_up_all (self, &former, &latest)->device_count, ==, 0);
}

static void
test_absent (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  const Registration *found;

  add_holder (&values, self, self->bob);
  found = look_up_twice (self, &values, &values);
  g_assert_cmpuint (found->device_count, ==, 0);
  g_assert_true (found->name_exists);
  g_assert_cmpuint (found->holder_count, ==, 1);
  g_assert_cmpmem (&found->holders[0], USER_KEY_SIZE, &self->bob->signer->own->user_key,
                   USER_KEY_SIZE);
}

static void
test_withdrawn (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };

  add_device (&values, self, self->bob, self->bob->signer, false);
  g_assert_cmpuint (look_up_twice (self, &values, &values)->device_count, ==, 0);
}

/* Whoever holds the record may add what he likes: only bob's own counts. */
static void
test_foreign (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  const OverlayCounters *counters = &self->stage->overlay->counters;

  add_device (&values, self, self->eve, self->eve->signer, true);
  add_device (&values, self, self->bob, self->carol->signer, true);
  g_assert_cmpuint (look_up_twice (self, &values, &values)->device_count, ==, 0);
  g_assert_cmpuint (counters->bad_value_signature, ==, 4);
}

/* Whoever asks is told that there was more; his own records go on counting. */
static void
test_partial (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  const Registration *found;

  add_device (&values, self, self->bob, self->bob->signer, true);
  add_device (&values, self, self->eve, self->eve->signer, true);
  found = look_up_twice (self, &values, NULL);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_true (found->is_partial);
}

static void
test_forged (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };

  add_device (&values, self, self->bob, self->bob->signer, true);
  values.devices[0].data.storage_time++;
  g_assert_cmpuint (look_up_twice (self, &values, &values)->device_count, ==, 0);
  g_assert_cmpuint (self->stage->overlay->counters.bad_value_signature, ==, 2);
}

static void
test_many (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  g_autofree char *user =
    g_strndup (self->bob->signer->own->user, strcspn (self->bob->signer->own->user, "@"));

  for (unsigned i = 0; i < REGISTERED_DEVICES + 4; i++) {
    Stranger *device = stranger_new (self->stage, user, 0);
    add_device (&values, self, device, device->signer, true);
  }
  g_assert_cmpuint (look_up_twice (self, &values, NULL)->device_count, ==, REGISTERED_DEVICES);
}

/* No keys: all devices are asked for at once. */
static void
test_asks_for_all (Fixture *self, const void *data)
{
  const Letter *letter;
  FetchReq body;

  look_up (self);
  letter = asked (self, self->carol);
  if (letter == NULL)
    letter = asked (self, self->dave);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpuint (body.specifiers.items[0].kind, ==, KIND_SIP_REGISTRATION);
  g_assert_cmpuint (body.specifiers.items[0].keys.count, ==, 0);
  g_assert_cmpuint (body.specifiers.items[0].generation, ==, 0);
}

/* The address is a stage's copy no longer when the look-up is over: only its size is looked at. */
static void
test_uri (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  const Registration *found;
  SipRegistration forward = { .type = SIP_REGISTRATION_URI,
                              .uri = bytes_of_text ("sip:carol@home-stage234.peal.alt") };

  add_record (&values, self, self->bob, self->bob->signer, &forward, true);
  found = look_up_twice (self, &values, NULL);
  g_assert_cmpuint (found->device_count, ==, 1);
  g_assert_cmpuint (found->devices[0].uri.size, ==, forward.uri.size);
  g_assert_true (node_id_equal (&found->devices[0].node_id, &self->bob->id));
}

static void
test_bad_records (Fixture *self, const void *data)
{
  g_auto (Values) values = { .device_count = 0 };
  g_autofree char *user =
    g_strndup (self->bob->signer->own->user, strcspn (self->bob->signer->own->user, "@"));
  g_autofree uint8_t *text = g_malloc0 (LIMIT_REGISTRATION_URI + 1);
  SipRegistration records[] = {
    { .type = SIP_REGISTRATION_URI },
    { .type = SIP_REGISTRATION_URI, .uri = { text, LIMIT_REGISTRATION_URI + 1 } },
    { .type = SIP_REGISTRATION_ROUTE },
    { .type = 77, .unknown = bytes_of_text ("of the future") },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (records); i++) {
    const Stranger *device = stranger_new (self->stage, user, 0);
    add_record (&values, self, device, device->signer, &records[i], true);
  }
  g_assert_cmpuint (look_up_twice (self, &values, &values)->device_count, ==, 0);
}

static uint16_t
application_for (Fixture *self, const char *preferences)
{
  g_auto (Values) values = { .device_count = 0 };
  Destination there = destination_of_node (&self->bob->id);
  SipRegistration route = { .type = SIP_REGISTRATION_ROUTE,
                            .contact_prefs = bytes_of_text (preferences),
                            .destination_list = { &there, 1 } };

  self->stage->found_count = 0;
  add_record (&values, self, self->bob, self->bob->signer, &route, true);
  g_assert_cmpuint (look_up_twice (self, &values, NULL)->device_count, ==, 1);
  return registration_usage_application (self->stage->overlay->registration_usage, &self->bob->id);
}

static void
test_scheme (Fixture *self, const void *data)
{
  g_assert_cmpuint (application_for (self, ""), ==, 5061);
  g_assert_cmpuint (application_for (self, "(sip.schemes=SIP)"), ==, 5060);
  g_assert_cmpuint (application_for (self, "(& (sip.audio=TRUE) (sip.schemes=SIP))"), ==, 5060);
  g_assert_cmpuint (application_for (self, "(sip.schemes=SIPS)"), ==, 5061);
  g_assert_cmpuint (application_for (self, "(| (sip.schemes=SIP) (sip.schemes=SIPS))"), ==, 5061);
  g_assert_cmpuint (application_for (self, "(sip.schemes=tel)"), ==, 5061);
}

/* The record of `signer` for bob's device, by that list. */
static Route
route_told (Fixture *self, const Stranger *signer, const NodeId *via, size_t via_count)
{
  g_auto (Values) values = { .device_count = 0 };
  Destination list[LIMIT_ROUTE_PEERS + 2];
  SipRegistration route = { .type = SIP_REGISTRATION_ROUTE,
                            .destination_list = { list, via_count + 1 } };

  for (size_t i = 0; i < via_count; i++)
    list[i] = destination_of_node (&via[i]);
  list[via_count] = destination_of_node (&self->bob->id);
  self->stage->found_count = 0;
  add_record (&values, self, signer, signer->signer, &route, true);
  g_assert_cmpuint (look_up_twice (self, &values, NULL)->device_count, ==, 1);
  g_assert_true (node_id_equal (&self->stage->found.devices[0].node_id, &self->bob->id));
  return registration_usage_route (self->stage->overlay->registration_usage, &self->bob->id);
}

static void
test_route (Fixture *self, const void *data)
{
  NodeId via[LIMIT_ROUTE_PEERS + 1] = { { { 1 } }, { { 2 } }, { { 3 } }, { { 4 } }, { { 5 } } };
  NodeId circle[] = { { { 1 } }, { { 2 } }, { { 1 } } };
  Route route = route_told (self, self->bob, via, LIMIT_ROUTE_PEERS);

  g_assert_cmpuint (route.via_count, ==, LIMIT_ROUTE_PEERS);
  g_assert_cmpmem (route.via, sizeof route.via, via, sizeof route.via);
  g_assert_cmpuint (route_told (self, self->bob, via, 0).via_count, ==, 0);
  g_assert_cmpuint (route_told (self, self->bob, via, LIMIT_ROUTE_PEERS + 1).via_count, ==, 0);
  g_assert_cmpuint (route_told (self, self->bob, circle, 3).via_count, ==, 0);
  g_assert_cmpuint (route_told (self, self->bob, &self->stage->overlay->id, 1).via_count, ==, 0);
}

/* Another device of his may say how this one is reached, but not against its own word. */
static void
test_route_hearsay (Fixture *self, const void *data)
{
  g_autofree char *user =
    g_strndup (self->bob->signer->own->user, strcspn (self->bob->signer->own->user, "@"));
  const Stranger *other = stranger_new (self->stage, user, 0);
  NodeId via[] = { { { 1 } }, { { 2 } } };

  g_assert_cmpuint (route_told (self, other, via, 2).via_count, ==, 2);
  g_assert_cmpuint (route_told (self, self->bob, via, 1).via_count, ==, 1);
  g_assert_cmpuint (route_told (self, other, via, 2).via_count, ==, 1);
}

/* A name that this overlay cannot have is not asked for. */
static void
test_foreign_domain (Fixture *self, const void *data)
{
  overlay_lookup (self->stage->overlay, 7, "bob@elsewhere.peal.alt");
  g_assert_cmpuint (self->stage->found_count, ==, 0);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_true (self->stage->found.was_answered);
  g_assert_false (self->stage->found.name_exists);
}

static void
test_silence (Fixture *self, const void *data)
{
  look_up (self);
  overlay_stage_run (self->stage, 3 * TIME_MINUTE);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_false (self->stage->found.was_answered);
}

/* A node that is freed leaves no question open. */
static void
test_given_up (Fixture *self, const void *data)
{
  for (unsigned i = 0; i < 10; i++)
    look_up (self);
  g_assert_cmpuint (self->stage->found_count, ==, 0);
}

/* ---- Our own ---- */

static void
test_own (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  g_assert_true (overlay_is_registered (stage->overlay));
  overlay_lookup (stage->overlay, 1, stage->signer.own->user);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (stage->found_count, ==, 1);
  g_assert_cmpuint (stage->found.device_count, ==, 1);
  g_assert_true (node_id_equal (&stage->found.devices[0].node_id, &stage->overlay->id));
  g_assert_true (stage->found.name_exists);
  registration_usage_stop (stage->overlay->registration_usage, NULL, NULL);
  overlay_stage_run (stage, TIME_SECOND);
  overlay_lookup (stage->overlay, 2, stage->signer.own->user);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (stage->found_count, ==, 2);
  g_assert_cmpuint (stage->found.device_count, ==, 0);
  g_assert_true (stage->found.name_exists);
}

/* What lies in our own storage under our name. */
static const StoredValue *
own_record (OverlayStage *stage)
{
  NodeId place = resource_id_of (bytes_of_text (stage->signer.own->user));
  StoredKind *kind = storage_find_kind (storage_find_resource (stage->overlay->storage, &place),
                                        KIND_SIP_REGISTRATION);

  return storage_find_value (kind, DATA_MODEL_DICTIONARY, 0, node_id_bytes (&stage->overlay->id));
}

static void
read_own (OverlayStage *stage, Arena *arena, SipRegistration *ret_registration)
{
  const StoredValue *value = own_record (stage);

  g_assert_nonnull (value);
  g_assert_true (value->exists);
  g_assert_true (
    sip_registration_decode (stored_value_content (value), arena, ret_registration, NULL));
}

static void
test_own_preferences (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  g_autoptr (Arena) arena = arena_new ();
  SipRegistration own;

  overlay_stage_alone (stage);
  read_own (stage, arena, &own);
  g_assert_cmpuint (own.type, ==, SIP_REGISTRATION_ROUTE);
  g_assert_true (feature_set_permits (own.contact_prefs, "sip.schemes", "SIPS"));
  g_assert_false (feature_set_permits (own.contact_prefs, "sip.schemes", "SIP"));
  g_assert_true (feature_set_permits (own.contact_prefs, "sip.audio", "TRUE"));
  g_assert_false (feature_set_permits (own.contact_prefs, "sip.audio", "FALSE"));
}

/* At once, not with the next refresh; and so is the way back. */
static void
test_own_forward (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  g_autoptr (Arena) arena = arena_new ();
  SipRegistration own;

  overlay_forward (stage->overlay, "carol@home-stage234.peal.alt");
  overlay_stage_alone (stage);
  read_own (stage, arena, &own);
  g_assert_cmpuint (own.type, ==, SIP_REGISTRATION_URI);
  g_assert_true (bytes_equal (own.uri, bytes_of_text ("carol@home-stage234.peal.alt")));
  overlay_forward (stage->overlay, NULL);
  overlay_stage_run (stage, TIME_SECOND);
  read_own (stage, arena, &own);
  g_assert_cmpuint (own.type, ==, SIP_REGISTRATION_ROUTE);
}

/* Never older than half its lifetime, however the refresh falls. */
static void
test_own_refresh (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  uint64_t oldest = 0;

  overlay_stage_alone (stage);
  for (unsigned minute = 0; minute < 6 * 60; minute++) {
    const StoredValue *value = own_record (stage);
    g_assert_nonnull (value);
    oldest = MAX (oldest, timers_now (stage->timers) - value->stored_at);
    g_assert_cmpuint (oldest, <=, value->lifetime * TIME_SECOND / 2);
    overlay_stage_run (stage, TIME_MINUTE);
  }
  g_assert_cmpuint (oldest, >=, 5 * TIME_MINUTE);
}

/* What every storing peer would refuse is not sent; we can still call. */
static void
test_own_not_permitted (Fixture *self, const void *data)
{
  NodeId id = { { 0x80 } };
  Signer signer;
  OverlayStage *stage;

  sim_signer_init (&signer, &id, "self@elsewhere.peal.alt");
  stage = overlay_stage_new_with (&signer, "home-stage234.peal.alt");
  stage->signer.key_ring = &stage->signer;
  overlay_stage_alone (stage);
  g_assert_null (own_record (stage));
  g_assert_true (overlay_is_registered (stage->overlay));
  overlay_stage_free (stage);
}

static void
add (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/usage-registration/lookup/one-answer-with-a-device-is-enough", test_found);
  add ("/usage-registration/lookup/threat-2.2-not-found-needs-two-answers", test_not_found);
  add ("/usage-registration/lookup/the-second-answer-may-find", test_found_later);
  add ("/usage-registration/lookup/threat-3.7-an-old-record-needs-two-answers", test_outdated);
  add ("/usage-registration/lookup/threat-3.7-of-copies-the-newest-counts", test_newest_copy);
  add ("/usage-registration/lookup/threat-3.7-what-was-taken-back-stays-so", test_copy_withdrawn);
  add ("/usage-registration/lookup/an-absent-person-has-a-name", test_absent);
  add ("/usage-registration/lookup/what-was-withdrawn-is-gone", test_withdrawn);
  add ("/usage-registration/lookup/threat-3.7-foreign-signatures-are-ignored", test_foreign);
  add ("/usage-registration/lookup/threat-3.7-forged-signatures-are-ignored", test_forged);
  add ("/usage-registration/lookup/rfc6940-7.4.2.2-5-foreign-values-are-told-of", test_partial);
  add ("/usage-registration/lookup/only-so-many-devices", test_many);
  add ("/usage-registration/lookup/silence-is-told-once", test_silence);
  add ("/usage-registration/lookup/given-up-with-the-node", test_given_up);
  add ("/usage-registration/lookup/rfc7904-4.2-2-asks-for-all-devices", test_asks_for_all);
  add ("/usage-registration/lookup/another-address-may-stand-there", test_uri);
  add ("/usage-registration/lookup/what-leads-nowhere-is-no-device", test_bad_records);
  add ("/usage-registration/lookup/rfc7904-5.1-5-sip-or-sips-as-they-prefer", test_scheme);
  add ("/usage-registration/route/rfc7904-3.2-by-peers-to-the-device", test_route);
  add ("/usage-registration/route/its-own-word-counts", test_route_hearsay);
  add ("/usage-registration/lookup/rfc7904-4.1-1-names-that-cannot-be-here", test_foreign_domain);
  add ("/usage-registration/own/rfc7904-5.1-6-says-what-we-take", test_own_preferences);
  add ("/usage-registration/own/sends-calls-elsewhere-at-once", test_own_forward);
  add ("/usage-registration/own/is-renewed-within-half-its-lifetime", test_own_refresh);
  add ("/usage-registration/own/rfc7904-3.3-1-is-not-tried-where-refused", test_own_not_permitted);
  add ("/usage-registration/own/is-found-until-it-is-withdrawn", test_own);
  return g_test_run ();
}
