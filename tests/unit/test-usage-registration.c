/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-registration.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"
#include "core/wire/store.h"
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

/* A record of `owner` that leads to its device, signed by `signer`. */
static void
add_device (
  Values *self, Fixture *fixture, const Stranger *owner, const Signer *signer, bool exists)
{
  size_t i = self->device_count++;
  Destination there = destination_of_node (&owner->id);
  SipRegistration registration = { .type = SIP_REGISTRATION_ROUTE,
                                   .destination_list = { &there, 1 } };

  self->records[i] = g_byte_array_new ();
  g_assert_true (sip_registration_encode (&registration, self->records[i]));
  signed_value_init (
    &self->devices[i], fixture->stage, signer, &fixture->resource, KIND_SIP_REGISTRATION,
    (StoredDataValue){
      .model = DATA_MODEL_DICTIONARY,
      .key = node_id_bytes (&owner->id),
      .value = { exists, { self->records[i]->data, exists ? self->records[i]->len : 0 } } });
  add_certificate (self, signer);
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
  add ("/usage-registration/lookup/an-absent-person-has-a-name", test_absent);
  add ("/usage-registration/lookup/what-was-withdrawn-is-gone", test_withdrawn);
  add ("/usage-registration/lookup/threat-3.7-foreign-signatures-are-ignored", test_foreign);
  add ("/usage-registration/lookup/threat-3.7-forged-signatures-are-ignored", test_forged);
  add ("/usage-registration/lookup/only-so-many-devices", test_many);
  add ("/usage-registration/lookup/silence-is-told-once", test_silence);
  add ("/usage-registration/lookup/given-up-with-the-node", test_given_up);
  add ("/usage-registration/own/is-found-until-it-is-withdrawn", test_own);
  return g_test_run ();
}
