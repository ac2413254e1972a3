/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration-update.h"

#include "core/wire/config-update.h"
#include "tests/unit/document-edit.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Documents and Kinds that come to a running node, and what it makes of them. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice;
  Stranger *bob;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->alice = stranger_new (self->stage, "alice", 0);
  self->bob = stranger_new (self->stage, "bob", 0);
  stranger_connect (self->alice);
  stranger_connect (self->bob);
  overlay_stage_run (self->stage, TIME_SECOND);
  while (stranger_next (self->alice, 0) != NULL || stranger_next (self->bob, 0) != NULL)
    ;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static const Configuration *
present (const Fixture *self)
{
  return self->stage->overlay->configuration;
}

/* ---- Documents ---- */

static char *
write_document (
  const Fixture *self, unsigned sequence, const char *from, const char *to, const Signer *signer)
{
  return document_edit (present (self), sequence, from, to, signer);
}

static int
give (Fixture *self, const char *document)
{
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_CONFIG, .config_data = bytes_of_text (document) };

  return stranger_verdict (self->bob, &(Draft){ .code = MESSAGE_CONFIG_UPDATE_REQ, .body = &body });
}

static void
test_answers (Fixture *self, const void *data)
{
  g_autofree char *first =
    write_document (self, 1, "<initial-ttl>", "<initial-ttl>", &self->stage->signer);
  g_autofree char *foreign =
    write_document (self, 2, "<initial-ttl>", "<initial-ttl>", self->bob->signer);
  g_autofree char *good =
    write_document (self, 2, "<initial-ttl>40", "<initial-ttl>41", &self->stage->signer);

  g_assert_cmpint (give (self, foreign), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (give (self, first), ==, RELOAD_CONFIG_TOO_OLD);
  g_assert_cmpint (give (self, "<overlay>"), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpuint (present (self)->initial_ttl, ==, 40);
  g_assert_cmpint (give (self, good), ==, RELOAD_OK);
  g_assert_cmpint (give (self, good), ==, RELOAD_CONFIG_TOO_OLD);
  g_assert_cmpuint (present (self)->sequence, ==, 2);
  g_assert_cmpuint (present (self)->initial_ttl, ==, 41);
}

/* What a document asks for comes after who signed it. */
static void
test_unsupported (Fixture *self, const void *data)
{
  static const char *const demands[] = {
    "<mandatory-extension>urn:x:y</mandatory-extension><initial-ttl>",
    "<overlay-link-protocol>HIP</overlay-link-protocol><initial-ttl>",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (demands); i++) {
    g_autofree char *foreign =
      write_document (self, 2, "<initial-ttl>", demands[i], self->bob->signer);
    g_autofree char *own =
      write_document (self, 2, "<initial-ttl>", demands[i], &self->stage->signer);
    g_assert_cmpint (give (self, foreign), ==, RELOAD_FORBIDDEN);
    g_assert_cmpuint (self->stage->unsupported, ==, i);
    g_assert_cmpint (give (self, own), ==, RELOAD_OK);
    g_assert_cmpuint (self->stage->unsupported, ==, i + 1);
  }
  g_assert_cmpuint (present (self)->sequence, ==, 1);
}

/* A document may share a secret from now on; the world keys new links with it (13.4). */
static void
test_shared_secret (Fixture *self, const void *data)
{
  g_autofree char *text = write_document (self, 2, "<initial-ttl>",
                                          "<shared-secret>tell nobody</shared-secret><initial-ttl>",
                                          &self->stage->signer);

  g_assert_null (present (self)->shared_secret);
  g_assert_cmpint (give (self, text), ==, RELOAD_OK);
  g_assert_cmpuint (self->stage->unsupported, ==, 0);
  g_assert_cmpuint (present (self)->sequence, ==, 2);
  g_assert_cmpstr (present (self)->shared_secret, ==, "tell nobody");
}

static void
test_topology (Fixture *self, const void *data)
{
  g_autofree char *own =
    write_document (self, 2, "CHORD-SELF-TUNING", "PASTRY", &self->stage->signer);

  g_assert_cmpint (give (self, own), ==, RELOAD_OK);
  g_assert_cmpuint (self->stage->unsupported, ==, 1);
}

/* 65535 is no number: 0 follows 65534 (6.3.2.1). */
static void
test_round (Fixture *self, const void *data)
{
  static const unsigned sequences[] = { 30000, 60000, 65534, 0, 1 };

  for (unsigned i = 0; i < G_N_ELEMENTS (sequences); i++) {
    g_autofree char *text =
      write_document (self, sequences[i], "<initial-ttl>", "<initial-ttl>", &self->stage->signer);
    g_assert_cmpint (give (self, text), ==, RELOAD_OK);
    g_assert_cmpuint (present (self)->sequence, ==, sequences[i]);
  }
}

static void
test_newer (void)
{
  g_assert_true (configuration_is_newer (2, 1));
  g_assert_false (configuration_is_newer (1, 1));
  g_assert_false (configuration_is_newer (1, 2));
  g_assert_true (configuration_is_newer (0, 65534));
  g_assert_false (configuration_is_newer (65534, 0));
  g_assert_true (configuration_is_newer (5, 65530));
}

/* Whose signer may sign Kinds no more has no Kinds, and nothing in them. */
static void
test_dropped_kind (Fixture *self, const void *data)
{
  static const char kind[] = "<kind name=\"CERTIFICATE_BY_USER\">";
  Bytes now = present (self)->document;
  g_autofree char *text = g_strndup ((const char *) now.data, now.size);
  const char *start = g_strrstr_len (text, strstr (text, kind) - text, "<kind-block>");
  const char *end = strstr (start, "</kind-block>") + strlen ("</kind-block>");
  g_autofree char *block = g_strndup (start, (gsize) (end - start));
  g_autofree char *without = NULL;
  unsigned before;

  overlay_stage_run (self->stage, 5 * TIME_SECOND);
  before = storage_value_count (self->stage->overlay->storage);
  g_assert_cmpuint (before, >, 1);
  without = write_document (self, 2, block, "", &self->stage->signer);
  g_assert_cmpint (give (self, without), ==, RELOAD_OK);
  g_assert_cmpuint (storage_value_count (self->stage->overlay->storage), ==, before - 1);
}

/* ---- Handing on ---- */

static void
test_spread (Fixture *self, const void *data)
{
  g_autofree char *good =
    write_document (self, 2, "<initial-ttl>", "<initial-ttl>", &self->stage->signer);
  ErrorResponse behind = { .error_code = RELOAD_CONFIG_TOO_NEW };
  ConfigUpdateReq body;
  Letter *letter;

  g_assert_cmpint (give (self, good), ==, RELOAD_OK);
  overlay_stage_run (self->stage, TIME_SECOND);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.configuration_sequence, ==, 2);
  stranger_send (self->alice, &(Draft){ .code = MESSAGE_ERROR,
                                        .body = &behind,
                                        .transaction_id = letter->header.transaction_id });
  letter = stranger_next (self->alice, MESSAGE_CONFIG_UPDATE_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.configuration_sequence, ==, 65535);
  g_assert_true (
    config_update_req_decode (letter->message.contents.message_body, letter->arena, &body, NULL));
  g_assert_true (bytes_equal (body.config_data, bytes_of_text (good)));
}

/* Whoever does not know a Kind is told of it. */
static void
test_unknown_kind (Fixture *self, const void *data)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  KindId ids[] = { 0x1, 0x7777 };
  UnknownKinds unknown = { { ids, G_N_ELEMENTS (ids) } };
  const PingReq ping = { { NULL, 0 } };
  Destination to = destination_of_node (&self->alice->id);
  ErrorResponse error = { .error_code = RELOAD_UNKNOWN_KIND };
  g_autofree char *block = NULL;
  ConfigUpdateReq body;
  Letter *letter;

  transport_request (self->stage->overlay->transport, &(Request){ .code = MESSAGE_PING_REQ,
                                                                  .body = &ping,
                                                                  .destinations = &to,
                                                                  .destination_count = 1 });
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_true (unknown_kinds_encode (&unknown, info));
  error.error_info = (Bytes){ info->data, info->len };
  stranger_send (self->alice, &(Draft){ .code = MESSAGE_ERROR,
                                        .body = &error,
                                        .transaction_id = letter->header.transaction_id });
  letter = stranger_next (self->alice, MESSAGE_CONFIG_UPDATE_REQ);
  g_assert_nonnull (letter);
  g_assert_true (
    config_update_req_decode (letter->message.contents.message_body, letter->arena, &body, NULL));
  g_assert_cmpint (body.type, ==, CONFIG_UPDATE_KIND);
  g_assert_cmpuint (body.kinds.count, ==, 1);
  block = g_strndup ((const char *) body.kinds.items[0].data, body.kinds.items[0].size);
  g_assert_true (g_str_has_prefix (block, "<kind-block><kind name=\"SIP-REGISTRATION\">"));
  g_assert_true (g_str_has_suffix (block, "</kind-signature></kind-block>"));
}

/* ---- Kinds ---- */

static char *
write_kind (KindId id, unsigned max_count, const Signer *signer)
{
  g_autofree char *kind = g_strdup_printf (
    "<kind id=\"%u\"><data-model>SINGLE</data-model><access-control>USER-MATCH</access-control>"
    "<max-count>%u</max-count><max-size>100</max-size></kind>",
    id, max_count);
  g_autofree char *signature = document_signature (signer, kind);

  return g_strdup_printf ("<kind-block>%s<kind-signature>%s</kind-signature></kind-block>", kind,
                          signature);
}

static int
give_kind (Fixture *self, const char *block)
{
  KindDescription kind = bytes_of_text (block);
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_KIND, .kinds = { &kind, 1 } };

  return stranger_verdict (self->bob, &(Draft){ .code = MESSAGE_CONFIG_UPDATE_REQ, .body = &body });
}

static void
test_kind (Fixture *self, const void *data)
{
  g_autofree char *good = write_kind (4026531850, 3, &self->stage->signer);
  g_autofree char *again = write_kind (4026531850, 5, &self->stage->signer);
  g_autofree char *foreign = write_kind (4026531851, 3, self->bob->signer);
  size_t before = present (self)->kind_count;

  g_assert_cmpint (give_kind (self, foreign), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (give_kind (self, "<kind-block/>"), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpint (give_kind (self, "</required-kinds>"), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpuint (present (self)->kind_count, ==, before);
  g_assert_cmpint (give_kind (self, good), ==, RELOAD_OK);
  g_assert_cmpuint (present (self)->kind_count, ==, before + 1);
  g_assert_cmpuint (configuration_kind (present (self), 4026531850)->max_count, ==, 3);
  g_assert_cmpuint (present (self)->sequence, ==, 1);
  g_assert_cmpint (give_kind (self, again), ==, RELOAD_OK);
  g_assert_cmpuint (present (self)->kind_count, ==, before + 1);
  g_assert_cmpuint (present (self)->block_count, ==, 1);
  g_assert_cmpuint (configuration_kind (present (self), 4026531850)->max_count, ==, 5);
}

/* What the disk has of the Kind; NULL when there is nothing. (transfer full) */
static GBytes *
kept_kind (const Fixture *self, KindId id)
{
  const uint8_t name[] = { KEEP_OWN, (uint8_t) (id >> 24), (uint8_t) (id >> 16),
                           (uint8_t) (id >> 8), (uint8_t) id };
  g_autoptr (GBytes) key = g_bytes_new (name, sizeof name);
  GBytes *value = g_hash_table_lookup (self->stage->kept, key);

  return value != NULL ? g_bytes_ref (value) : NULL;
}

/* In another life, that begins with `document`. */
static void
restore_kind (Fixture *self, const Configuration *document, KindId id, GBytes *value)
{
  Overlay *overlay = self->stage->overlay;
  const uint8_t key[] = { (uint8_t) (id >> 24), (uint8_t) (id >> 16), (uint8_t) (id >> 8),
                          (uint8_t) id };
  gsize size;
  const uint8_t *data = g_bytes_get_data (value, &size);

  configuration_unref (overlay->configuration);
  overlay->configuration = configuration_parse (document->document, NULL, NULL);
  overlay_restore (overlay, KEEP_OWN, (Bytes){ key, sizeof key }, (Bytes){ data, size });
}

static void
test_kept_kind (Fixture *self, const void *data)
{
  const KindId id = 4026531850;
  g_autoptr (Configuration) first = configuration_ref (self->stage->overlay->configuration);
  g_autofree char *block = write_kind (id, 3, &self->stage->signer);
  g_autofree char *again = write_kind (id, 5, &self->stage->signer);
  g_autofree char *document =
    write_document (self, 2, "<initial-ttl>", "<initial-ttl>", &self->stage->signer);
  g_autoptr (Configuration) second = configuration_parse (bytes_of_text (document), NULL, NULL);
  g_autoptr (GBytes) kept = NULL;

  g_assert_cmpint (give_kind (self, block), ==, RELOAD_OK);
  g_assert_cmpint (give_kind (self, again), ==, RELOAD_OK);
  kept = kept_kind (self, id);
  g_assert_nonnull (kept);
  restore_kind (self, first, id, kept);
  g_assert_cmpuint (configuration_kind (present (self), id)->max_count, ==, 5);
  /* It belongs to that document alone: another one is whole. */
  restore_kind (self, second, id, kept);
  g_assert_null (configuration_kind (present (self), id));
  g_assert_null (kept_kind (self, id));
}

static void
test_kind_is_forgotten (Fixture *self, const void *data)
{
  const KindId id = 4026531850;
  g_autofree char *block = write_kind (id, 3, &self->stage->signer);
  g_autofree char *document =
    write_document (self, 2, "<initial-ttl>", "<initial-ttl>", &self->stage->signer);

  g_assert_cmpint (give_kind (self, block), ==, RELOAD_OK);
  g_assert_cmpint (give (self, document), ==, RELOAD_OK);
  g_assert_null (kept_kind (self, id));
}

/* Two may sign Kinds; neither takes the other's. */
static void
test_kind_conflict (Fixture *self, const void *data)
{
  char hex[33];
  g_autofree char *signers = g_strdup_printf ("<kind-signer>%s</kind-signer><kind-signer>",
                                              node_id_to_hex (&self->bob->id, hex));
  g_autofree char *document =
    write_document (self, 2, "<kind-signer>", signers, &self->stage->signer);
  g_autofree char *ours = write_kind (4026531850, 3, &self->stage->signer);
  g_autofree char *his = write_kind (4026531850, 4, self->bob->signer);
  g_autofree char *his_own = write_kind (4026531851, 5, self->bob->signer);
  g_autofree char *outbox = write_kind (4026531841, 6, self->bob->signer);

  g_assert_cmpint (give (self, document), ==, RELOAD_OK);
  g_assert_cmpint (give_kind (self, ours), ==, RELOAD_OK);
  g_assert_cmpint (give_kind (self, his), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (give_kind (self, outbox), ==, RELOAD_FORBIDDEN); /* of the document */
  g_assert_cmpint (give_kind (self, his_own), ==, RELOAD_OK);
  g_assert_cmpuint (configuration_kind (present (self), 4026531850)->max_count, ==, 3);
  g_assert_cmpuint (configuration_kind (present (self), 4026531851)->max_count, ==, 5);
}

/* Nobody fills our memory with them. */
static void
test_many_kinds (Fixture *self, const void *data)
{
  for (KindId id = 4026532000; id < 4026532000 + LIMIT_CONFIGURATION_KINDS; id++) {
    g_autofree char *block = write_kind (id, 1, &self->stage->signer);
    overlay_stage_run (self->stage, TIME_SECOND / LIMIT_CONFIGURATIONS_PER_S);
    give_kind (self, block);
  }
  g_assert_cmpuint (present (self)->kind_count, ==, LIMIT_CONFIGURATION_KINDS);
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
  add ("/configuration-update/rfc6940-6.5.4.2-2-what-is-not-taken-over-is-an-error", test_answers);
  add ("/configuration-update/rfc6940-11.1-31-who-cannot-do-it-leaves", test_unsupported);
  add ("/configuration-update/a-secret-may-be-shared-from-now-on", test_shared_secret);
  add ("/configuration-update/rfc6940-11.1-31-another-topology-is-left", test_topology);
  add ("/configuration-update/rfc6940-6.3.2.1-7-numbers-go-round", test_round);
  g_test_add_func ("/configuration-update/rfc6940-6.3.2.1-2-what-is-newer", test_newer);
  add ("/configuration-update/rfc6940-11.1-32-a-kind-goes-with-its-values", test_dropped_kind);
  add ("/configuration-update/rfc6940-6.5.4-1-neighbors-are-told", test_spread);
  add ("/configuration-update/rfc6940-7.4.1.2-7-unknown-kinds-are-told", test_unknown_kind);
  add ("/configuration-update/rfc6940-6.5.4.2-3-a-kind-alone", test_kind);
  add ("/configuration-update/rfc6940-6.5.4.2-3-no-kind-of-another-signer", test_kind_conflict);
  add ("/configuration-update/threat-1.12-only-so-many-kinds", test_many_kinds);
  add ("/configuration-update/a-kind-that-came-alone-survives", test_kept_kind);
  add ("/configuration-update/a-newer-document-is-whole", test_kind_is_forgotten);
  return g_test_run ();
}
