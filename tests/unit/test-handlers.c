/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/handlers.h"
#include "core/wire/config-update.h"
#include "tests/unit/document.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *bob;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->bob = stranger_new (self->stage, "bob", 0);
  stranger_connect (self->bob);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static const Letter *
ask (Fixture *self, uint16_t code, const void *body, void *ret_answer)
{
  uint64_t id = stranger_send (self->bob, &(Draft){ .code = code, .body = body });
  const Letter *letter = stranger_answer (self->bob, id);

  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->message.contents.message_code, ==, code + 1);
  letter_read (letter, self->stage, ret_answer);
  return letter;
}

/* ---- Ping and Probe ---- */

static void
test_ping (Fixture *self, const void *data)
{
  const NodePorts *ports = self->stage->overlay->ports;
  PingReq body = { .padding = bytes_of_text ("filled up") };
  PingAns first, second;

  ask (self, MESSAGE_PING_REQ, &body, &first);
  ask (self, MESSAGE_PING_REQ, &body, &second);
  g_assert_cmpuint (first.time, ==, ports->wall_clock_ms (ports->world));
  g_assert_cmpuint (first.response_id, !=, second.response_id);
}

static const ProbeInformation *
find_information (const ProbeAns *answer, uint8_t type)
{
  const ProbeInformation *found = NULL;

  for (size_t i = 0; i < answer->probe_info.count; i++)
    if (answer->probe_info.items[i].type == type) {
      g_assert_null (found);
      found = &answer->probe_info.items[i];
    }
  g_assert_nonnull (found);
  return found;
}

static void
test_probe (Fixture *self, const void *data)
{
  static const uint8_t asked[] = { PROBE_UPTIME, PROBE_RESPONSIBLE_SET, PROBE_NUM_RESOURCES };
  ProbeReq body = { .requested_info = { asked, sizeof asked } };
  ProbeAns answer;

  overlay_stage_run (self->stage, 100 * TIME_SECOND);
  ask (self, MESSAGE_PROBE_REQ, &body, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, 3);
  g_assert_cmpuint (find_information (&answer, PROBE_RESPONSIBLE_SET)->value, ==, 1000000000);
  g_assert_cmpuint (find_information (&answer, PROBE_NUM_RESOURCES)->value, ==,
                    overlay_resource_count (self->stage->overlay));
  g_assert_cmpuint (find_information (&answer, PROBE_UPTIME)->value, ==, 108);
}

/* What is asked twice, or unheard of, makes the answer no longer. */
static void
test_probe_greedy (Fixture *self, const void *data)
{
  uint8_t asked[255];
  ProbeReq body = { .requested_info = { asked, sizeof asked } };
  ProbeAns answer;

  for (size_t i = 0; i < sizeof asked; i++)
    asked[i] = (uint8_t) (i % 8);
  ask (self, MESSAGE_PROBE_REQ, &body, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, 3);
  find_information (&answer, PROBE_RESPONSIBLE_SET);
  body.requested_info.size = 0;
  ask (self, MESSAGE_PROBE_REQ, &body, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, 0);
}

/* ---- What is no request of any method ---- */

static void
test_unknown (Fixture *self, const void *data)
{
  static const uint16_t codes[] = { 0x0b, 0x1b, 0x23, 0x65, 0x7fff };

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_cmpint (stranger_verdict (self->bob, &(Draft){ .code = codes[i],
                                                            .raw_body = bytes_of_text ("?") }),
                     ==, RELOAD_INVALID_MESSAGE);
}

static void
test_malformed (Fixture *self, const void *data)
{
  for (size_t i = 0; i < method_count; i++) {
    Draft draft = { .code = methods[i].code, .raw_body = bytes_of_text ("\377\377\377") };

    g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_INVALID_MESSAGE);
  }
  g_assert_cmpuint (self->stage->overlay->counters.bad_body, ==, method_count);
}

/* ---- ConfigUpdate ---- */

static int
update (Fixture *self, Bytes document)
{
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_CONFIG, .config_data = document };

  return stranger_verdict (self->bob, &(Draft){ .code = MESSAGE_CONFIG_UPDATE_REQ, .body = &body });
}

static Configuration *
next_document (Fixture *self, const Signer *signer)
{
  return document_after (self->stage->overlay->configuration, signer);
}

static void
test_newer_document (Fixture *self, const void *data)
{
  g_autoptr (Configuration) next = next_document (self, &self->stage->signer);

  g_assert_cmpint (update (self, next->document), ==, RELOAD_OK);
  g_assert_cmpuint (self->stage->configurations, ==, 1);
  g_assert_cmpuint (self->stage->overlay->configuration->sequence, ==, 2);
  /* Once more is once too often, and does no harm. */
  g_assert_cmpint (update (self, next->document), ==, RELOAD_CONFIG_TOO_OLD);
  g_assert_cmpuint (self->stage->configurations, ==, 1);
}

static void
expect_refused (Fixture *self, Bytes document, ReloadCode code)
{
  uint64_t before = self->stage->overlay->counters.bad_configuration;

  g_assert_cmpint (update (self, document), ==, code);
  g_assert_cmpuint (self->stage->overlay->counters.bad_configuration, ==, before + 1);
  g_assert_cmpuint (self->stage->configurations, ==, 0);
  g_assert_cmpuint (self->stage->overlay->configuration->sequence, ==, 1);
}

static void
test_bad_documents (Fixture *self, const void *data)
{
  g_autoptr (Configuration) foreign = next_document (self, self->bob->signer);
  g_autoptr (Configuration) next = next_document (self, &self->stage->signer);
  g_autofree uint8_t *old = bytes_dup (self->stage->overlay->configuration->document);
  g_autofree uint8_t *cut = bytes_dup (next->document);

  expect_refused (self, foreign->document, RELOAD_FORBIDDEN);
  expect_refused (self, (Bytes){ old, self->stage->overlay->configuration->document.size },
                  RELOAD_CONFIG_TOO_OLD);
  expect_refused (self, (Bytes){ cut, next->document.size / 2 }, RELOAD_INVALID_MESSAGE);
  g_strstr_len ((char *) cut, (gssize) next->document.size, "sequence=\"2\"")[10] = '3';
  expect_refused (self, (Bytes){ cut, next->document.size }, RELOAD_FORBIDDEN);
  expect_refused (self, bytes_of_text ("no document"), RELOAD_INVALID_MESSAGE);
}

/* Each document may hold many signatures: a rate of their own. */
static void
test_document_flood (Fixture *self, const void *data)
{
  uint64_t before = self->stage->overlay->counters.bad_configuration;

  for (unsigned i = 0; i < 10 * LIMIT_CONFIGURATIONS_BURST; i++)
    update (self, bytes_of_text ("no document"));
  g_assert_cmpuint (self->stage->overlay->counters.bad_configuration, ==,
                    before + LIMIT_CONFIGURATIONS_BURST);
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
  add ("/handlers/ping/tells-the-time-and-never-the-same", test_ping);
  add ("/handlers/probe/tells-what-was-asked", test_probe);
  add ("/handlers/probe/tells-each-thing-once", test_probe_greedy);
  add ("/handlers/unknown/is-an-invalid-message", test_unknown);
  add ("/handlers/malformed/is-an-invalid-message-in-every-method", test_malformed);
  add ("/handlers/configuration/a-newer-one-of-its-signer-is-adopted-once", test_newer_document);
  add ("/handlers/configuration/threat-1.12-a-foreign-old-or-damaged-one-is-not",
       test_bad_documents);
  add ("/handlers/configuration/threat-3.5-documents-have-a-rate", test_document_flood);
  return g_test_run ();
}
