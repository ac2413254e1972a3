/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/received-value.h"
#include "tests/unit/overlay-stage.h"

/* Values as a hostile peer might return them, judged by a node that knows bob and eve. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *bob;
  Stranger *eve;
  NodeId place; /* of bob's name */
  SignedValue value;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->bob = stranger_new (self->stage, "bob", 0);
  self->eve = stranger_new (self->stage, "eve", 0);
  stranger_connect (self->bob);
  stranger_connect (self->eve);
  self->place = resource_id_of (bytes_of_text (self->bob->signer->own->user));
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static void
sign (Fixture *self, const Stranger *signer)
{
  signed_value_init (&self->value, self->stage, signer->signer, &self->place, KIND_SIP_REGISTRATION,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = node_id_bytes (&signer->id),
                                        .value = { true, bytes_of_text ("here") } });
}

static const Certificate *
judge (Fixture *self, uint32_t kind, NodeId *ret_node_id)
{
  return received_value_signer (self->stage->overlay, NULL, &self->place, kind, &self->value.data,
                                ret_node_id);
}

static void
test_owner (Fixture *self, const void *data)
{
  NodeId node_id;
  const Certificate *signer;

  sign (self, self->bob);
  signer = judge (self, KIND_SIP_REGISTRATION, &node_id);
  g_assert_nonnull (signer);
  g_assert_cmpstr (signer->user, ==, self->bob->signer->own->user);
  g_assert_true (node_id_equal (&node_id, &self->bob->id));
  g_assert_cmpuint (self->stage->overlay->counters.bad_value_signature, ==, 0);
}

static void
test_others (Fixture *self, const void *data)
{
  sign (self, self->eve);
  g_assert_null (judge (self, KIND_SIP_REGISTRATION, NULL));
  sign (self, self->bob);
  g_assert_null (judge (self, 0xf0001234, NULL));
  self->value.data.storage_time++;
  g_assert_null (judge (self, KIND_SIP_REGISTRATION, NULL));
  g_assert_cmpuint (self->stage->overlay->counters.bad_value_signature, ==, 2);
}

/* "Nobody stored anything here" is nobody's word, and no fault. */
static void
test_unsigned (Fixture *self, const void *data)
{
  sign (self, self->bob);
  self->value.data.signature = signature_none ();
  g_assert_null (judge (self, KIND_SIP_REGISTRATION, NULL));
  g_assert_cmpuint (self->stage->overlay->counters.bad_value_signature, ==, 0);
}

static void
test_expired (Fixture *self, const void *data)
{
  sign (self, self->bob);
  g_assert_nonnull (judge (self, KIND_SIP_REGISTRATION, NULL));
  self->bob->own.own->not_after_s = (int64_t) (self->stage->wall_ms / 1000) + 60;
  g_assert_nonnull (judge (self, KIND_SIP_REGISTRATION, NULL));
  overlay_stage_run (self->stage, 2 * TIME_MINUTE);
  g_assert_null (judge (self, KIND_SIP_REGISTRATION, NULL));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/received-value/rfc6940-7.4.2.2-3-the-owner's-signature-is-checked", test_owner);
  ADD ("/received-value/rfc6940-7.4.2.2-4-what-others-signed-is-discarded", test_others);
  ADD ("/received-value/what-nobody-stored-is-no-fault", test_unsigned);
  ADD ("/received-value/rfc6940-7.1-1-certificates-expire", test_expired);
  return g_test_run ();
}
