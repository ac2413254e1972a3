/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-registration.h"

#include "core/overlay/usage-certificate.h"
#include "core/wire/fetch.h"
#include "core/wire/registration.h"
#include "tests/unit/overlay-stage.h"

/* A ring of one registers with itself; look-ups of others go to two neighbors that the test plays.
 */

static void
test_own (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  g_assert_true (overlay_is_registered (stage->overlay));
  overlay_lookup (stage->overlay, 5, stage->signer.own->user);
  g_assert_cmpuint (stage->found_count, ==, 0);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (stage->found_count, ==, 1);
  g_assert_true (stage->found.was_answered);
  g_assert_true (stage->found.name_exists);
  g_assert_cmpuint (stage->found.device_count, ==, 1);
  g_assert_true (node_id_equal (&stage->found.devices[0].node_id, &stage->overlay->id));
}

static void
test_nobody (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  overlay_stage_alone (stage);
  overlay_lookup (stage->overlay, 5, "nobody@home-stage234.peal.alt");
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (stage->found_count, ==, 1);
  g_assert_true (stage->found.was_answered);
  g_assert_false (stage->found.name_exists);
  g_assert_cmpuint (stage->found.device_count, ==, 0);
}

/* ---- Among neighbors ---- */

typedef struct Ring {
  OverlayStage *stage;
  Stranger *before, *after; /* neighbors, and successors both */
  Stranger *bob;            /* registered; has no link */
  NodeId place;
} Ring;

static void
ring_set_up (Ring *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->after = stranger_new (self->stage, "after", 0x80000001);
  self->before = stranger_new (self->stage, "before", 0x7fffffff);
  overlay_stage_join (self->stage, (Stranger *[]){ self->after, self->before });
  self->bob = stranger_new (self->stage, "bob", 0x12345678);
  self->place = resource_id_of (bytes_of_text (self->bob->signer->own->user));
  overlay_lookup (self->stage->overlay, 1, self->bob->signer->own->user);
}

static void
ring_tear_down (Ring *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* The neighbor that has been asked, and what. */
static Stranger *
asked (Ring *self, Letter **ret_letter)
{
  *ret_letter = stranger_next (self->before, MESSAGE_FETCH_REQ);
  if (*ret_letter != NULL)
    return self->before;
  *ret_letter = stranger_next (self->after, MESSAGE_FETCH_REQ);
  return *ret_letter != NULL ? self->after : NULL;
}

static void
answer_fetch (Ring *self, Stranger *from, const Letter *letter, const Stranger *signer, bool lies)
{
  Destination there = destination_of_node (&self->bob->id);
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .contact_prefs = bytes_of_text (""),
    .destination_list = { &there, 1 },
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SignedValue value = { 0 };
  FetchKindResponse kinds[2] = {
    { .kind = KIND_SIP_REGISTRATION, .values = { &value.data, signer != NULL } },
    { .kind = KIND_CERTIFICATE_BY_USER },
  };
  FetchAns answer = { { kinds, 2 } };
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, self->bob->signer->own->der };
  Destination to = destination_of_node (&self->stage->overlay->id);

  sip_registration_encode (&registration, bytes);
  if (signer != NULL)
    signed_value_init (&value, self->stage, signer->signer, &self->place, KIND_SIP_REGISTRATION,
                       (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                          .key = node_id_bytes (&self->bob->id),
                                          .value = { true, { bytes->data, bytes->len } } });
  if (lies)
    value.signature[0] ^= 1;
  stranger_send (from, &(Draft){
                         .code = MESSAGE_FETCH_REQ + 1,
                         .body = &answer,
                         .transaction_id = letter->header.transaction_id,
                         .destinations = &to,
                         .destination_count = 1,
                         .signer = self->before->signer, /* who is responsible */
                         .certificates = { &certificate, 1 },
                       });
}

static void
test_found (Ring *self, const void *data)
{
  Letter *letter;
  Stranger *one = asked (self, &letter);

  g_assert_nonnull (one);
  answer_fetch (self, one, letter, self->bob, false);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_cmpuint (self->stage->found.device_count, ==, 1);
  g_assert_true (node_id_equal (&self->stage->found.devices[0].node_id, &self->bob->id));
}

/* "Not found" of one is asked again through another. */
static void
test_two_answers (Ring *self, const void *data)
{
  Letter *letter;
  Stranger *one = asked (self, &letter);
  Stranger *two;

  g_assert_nonnull (one);
  answer_fetch (self, one, letter, NULL, false);
  g_assert_cmpuint (self->stage->found_count, ==, 0);
  two = asked (self, &letter);
  g_assert_nonnull (two);
  g_assert_true (two != one);
  answer_fetch (self, two, letter, self->bob, false);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_cmpuint (self->stage->found.device_count, ==, 1);
}

static void
test_forged (Ring *self, const void *data)
{
  Letter *letter;

  for (unsigned i = 0; i < 2; i++) {
    Stranger *one = asked (self, &letter);
    g_assert_nonnull (one);
    answer_fetch (self, one, letter, i == 0 ? self->bob : self->after, i == 0);
  }
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_true (self->stage->found.was_answered);
  g_assert_cmpuint (self->stage->found.device_count, ==, 0);
  g_assert_cmpuint (self->stage->overlay->counters.bad_value_signature, ==, 2);
}

static void
test_silence (Ring *self, const void *data)
{
  overlay_stage_run (self->stage, 30 * TIME_SECOND);
  g_assert_cmpuint (self->stage->found_count, ==, 1);
  g_assert_false (self->stage->found.was_answered);
}

#define ADD(path, func) g_test_add (path, Ring, NULL, ring_set_up, func, ring_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registration/own/is-found-under-its-name", test_own);
  g_test_add_func ("/registration/lookup/a-name-that-nobody-has", test_nobody);
  ADD ("/registration/lookup/one-signed-answer-is-enough", test_found);
  ADD ("/registration/lookup/threat-2.2-not-found-needs-two", test_two_answers);
  ADD ("/registration/lookup/threat-3.7-values-are-believed-by-their-signatures", test_forged);
  ADD ("/registration/lookup/silence-is-no-answer", test_silence);
  return g_test_run ();
}
