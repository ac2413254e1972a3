/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/handlers.h"

#include "core/wire/config-update.h"
#include "tests/unit/overlay-stage.h"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->alice = stranger_new (self->stage, "alice", 0);
  stranger_connect (self->alice);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static void
ask (Fixture *self, uint16_t code, const void *body, void *ret_answer)
{
  Letter *letter =
    stranger_answer (self->alice,
                     stranger_send (self->alice, &(Draft){ .code = code, .body = body }));

  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, code + 1u);
  letter_read (letter, self->stage, ret_answer);
}

static void
test_ping (Fixture *self, const void *data)
{
  PingReq body = { { NULL, 0 } };
  PingAns first, second;

  ask (self, MESSAGE_PING_REQ, &body, &first);
  ask (self, MESSAGE_PING_REQ, &body, &second);
  g_assert_cmpuint (first.time, ==, self->stage->ports.wall_clock_ms (self->stage));
  g_assert_cmphex (first.response_id, !=, second.response_id);
}

static void
test_probe (Fixture *self, const void *data)
{
  static const uint8_t wanted[] = { PROBE_UPTIME, 99, PROBE_RESPONSIBLE_SET, PROBE_UPTIME,
                                    PROBE_NUM_RESOURCES };
  ProbeReq body = { .requested_info = { wanted, sizeof wanted } };
  ProbeAns answer;

  ask (self, MESSAGE_PROBE_REQ, &body, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, 3);
  g_assert_cmpuint (answer.probe_info.items[0].type, ==, PROBE_UPTIME);
  g_assert_cmpuint (answer.probe_info.items[0].value, ==, 8);
  g_assert_cmpuint (answer.probe_info.items[1].type, ==, PROBE_RESPONSIBLE_SET);
  g_assert_cmpuint (answer.probe_info.items[1].value, ==, 1000000000);
  g_assert_cmpuint (answer.probe_info.items[2].type, ==, PROBE_NUM_RESOURCES);
  g_assert_cmpuint (answer.probe_info.items[2].value, ==,
                    overlay_resource_count (self->stage->overlay));
}

static void
test_old_configuration (Fixture *self, const void *data)
{
  ConfigUpdateReq body = {
    .type = CONFIG_UPDATE_CONFIG,
    .config_data = self->stage->configuration->document,
  };
  EmptyAns answer;

  ask (self, MESSAGE_CONFIG_UPDATE_REQ, &body, &answer);
  g_assert_cmpuint (self->stage->configurations, ==, 0);
  g_assert_cmpuint (self->stage->overlay->counters.bad_configuration, ==, 1);
}

static void
test_unknown (Fixture *self, const void *data)
{
  for (uint16_t code = 0x23; code < 0x40; code += 2)
    g_assert_cmpint (stranger_verdict (self->alice, &(Draft){ .code = code }), ==,
                     RELOAD_INVALID_MESSAGE);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/handlers/ping/tells-the-time", test_ping);
  ADD ("/handlers/probe/tells-what-is-asked-once-each", test_probe);
  ADD ("/handlers/config-update/threat-1.12-the-same-sequence-changes-nothing",
       test_old_configuration);
  ADD ("/handlers/what-nobody-answers-is-refused", test_unknown);
  return g_test_run ();
}
