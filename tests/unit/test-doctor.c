/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/doctor.h"
#include "core/phone/signs.h"
#include "tests/unit/phone-stage.h"

#include <string.h>

enum { CALL = 1 }; /* the first that the node is asked for */

static Address
address_of (uint8_t last, uint16_t port)
{
  return (Address){ .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, last }, .port = port };
}

static PathReport
report (PathState state)
{
  PathReport made = { .state = state, .checked_ms = 70, .local_count = 2, .remote_count = 1 };

  made.local[0] = (Candidate){ .type = CANDIDATE_HOST, .address = address_of (1, 5000) };
  made.local[1] = (Candidate){ .type = CANDIDATE_RELAYED, .address = address_of (9, 6000) };
  made.remote[0] = (Candidate){ .type = CANDIDATE_SERVER_REFLEXIVE, .address = address_of (2, 7) };
  made.has_pair = state == PATH_CONNECTED;
  made.pair[0] = made.local[1];
  made.pair[1] = made.remote[0];
  made.relay_count = 2;
  made.relays[0] = (PathRelay){ .address = address_of (9, 6084), .has_answered = true };
  made.relays[1] = (PathRelay){ .address = address_of (8, 6084) };
  return made;
}

static Line *
stage_line (Stage *self)
{
  return self->phone->lines->pdata[0];
}

static PealCall *
dial (Stage *self)
{
  g_autofree char *bob = NULL;

  stage_create (self);
  bob = stage_address (self, "bob");
  return peal_phone_dial (self->phone, bob, NULL);
}

static void
end (Stage *self, PealCall *call, NodeCallEnd how)
{
  stage_tell_call (self, CALL, NODE_CALL_ENDED, how, peal_call_get_address (call));
}

static bool
says (PealCall *call, const char *line)
{
  g_auto (GStrv) lines = peal_call_get_signs (call);

  return g_strv_contains ((const char *const *) lines, line);
}

static void
test_failed_call (Stage *self, gconstpointer data)
{
  PathReport failed = report (PATH_FAILED);
  PealCall *call = dial (self);
  g_autofree char *details = NULL;

  stage_set_path (3, &failed);
  stage_tell_call (self, CALL, NODE_CALL_CONNECTING, 0, peal_call_get_address (call));
  end (self, call, NODE_CALL_END_NO_MEDIA_PATH);
  g_assert_true (says (call, "checks failed, 70 ms"));
  g_assert_true (says (call, "local host 192.0.2.1:5000"));
  g_assert_true (says (call, "local relayed 192.0.2.9:6000"));
  g_assert_true (says (call, "remote reflexive 192.0.2.2:7"));
  g_assert_true (says (call, "relay 192.0.2.9:6084 answered"));
  g_assert_true (says (call, "relay 192.0.2.8:6084 no answer"));
  g_object_get (call, "details", &details, NULL);
  g_assert_nonnull (strstr (details, "Reason: no-media-path\nSearch for a path: failed, 70 ms\n"));
}

/* What is asked of the overlay comes after the end. */
static void
test_way (Stage *self, gconstpointer data)
{
  Findings findings = { .count = 2 };
  PealCall *call = dial (self);
  g_autofree char *asked = g_strdup_printf ("path %s", peal_call_get_address (call));
  NodeEvent event = { .type = NODE_EVENT_DIAGNOSIS };

  end (self, call, NODE_CALL_END_UNREACHABLE);
  stage_assert_said (asked);
  findings.items[0].node_id.bytes[0] = 0xab;
  findings.items[0].rtt_ms = 12;
  findings.items[1].code = 4; /* Error_Request_Timeout */
  event.diagnosis.diagnosis = CALL + 1;
  event.diagnosis.findings = &findings;
  stage_tell (self, &event);
  g_assert_true (says (call, "way 1. ab000000000000000000000000000000 12 ms"));
  g_assert_true (says (call, "way 2. 00000000000000000000000000000000 Error_Request_Timeout"));
}

/* Before it has come to an end. */
static void
test_slow_call (Stage *self, gconstpointer data)
{
  PealCall *call = dial (self);
  g_autoptr (Doctor) doctor = doctor_new (call, stage_line (self));
  g_autofree char *asked = g_strdup_printf ("path %s", peal_call_get_address (call));

  stage_tell_call (self, CALL, NODE_CALL_CONNECTING, 0, peal_call_get_address (call));
  for (unsigned i = 0; i < 4; i++)
    doctor_look (doctor, CALL, NULL);
  stage_assert_not_said (asked);
  for (unsigned i = 0; i < 4; i++)
    doctor_look (doctor, CALL, NULL);
  stage_assert_said (asked);
}

static void
test_nobody_on_the_way (Stage *self, gconstpointer data)
{
  PealCall *call = dial (self);
  NodeEvent event = { .type = NODE_EVENT_DIAGNOSIS };

  end (self, call, NODE_CALL_END_LOST);
  event.diagnosis.diagnosis = CALL + 2; /* somebody else's */
  stage_tell (self, &event);
  g_assert_false (says (call, "way nobody found"));
  event.diagnosis.diagnosis = CALL + 1;
  stage_tell (self, &event);
  g_assert_true (says (call, "way nobody found"));
}

/* Nothing is left to look for, and the window may go. */
static void
test_refused_call (Stage *self, gconstpointer data)
{
  PathReport good = report (PATH_CONNECTED);
  PealCall *call = dial (self);
  g_autofree char *details = NULL;

  stage_set_path (3, &good);
  end (self, call, NODE_CALL_END_DECLINED);
  g_object_get (call, "details", &details, NULL);
  g_assert_cmpstr (details, ==, "");
}

static void
test_sound (Stage *self, gconstpointer data)
{
  const struct {
    CallMediaQuality quality;
    const char *sent, *received;
  } rows[] = {
    { { .hearing = CALL_MEDIA_HEARING_UNKNOWN }, "sent not reported", "received arrives" },
    { { .hearing = CALL_MEDIA_HEARING_HEARD, .silence_s = 4 },
      "sent arrives",
      "received nothing for 4 s" },
    { { .hearing = CALL_MEDIA_HEARING_UNHEARD }, "sent does not arrive", "received arrives" },
  };

  PathReport good = report (PATH_CONNECTED);
  PealCall *call = dial (self);
  g_autoptr (Doctor) doctor = doctor_new (call, stage_line (self));

  stage_set_path (3, &good);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    doctor_look (doctor, CALL, &rows[i].quality);
    g_assert_true (says (call, rows[i].sent));
    g_assert_true (says (call, rows[i].received));
    g_assert_true (says (call, "pair relayed 192.0.2.9:6000 - reflexive 192.0.2.2:7"));
  }
  doctor_drop_line (doctor, stage_line (self));
  doctor_look (doctor, CALL, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Stage, NULL, stage_set_up, test, stage_tear_down)
  ADD ("/doctor/a-call-without-a-path-tells-what-was-tried", test_failed_call);
  ADD ("/doctor/the-way-through-the-overlay-is-asked-for", test_way);
  ADD ("/doctor/a-phone-that-is-long-not-found-is-looked-into", test_slow_call);
  ADD ("/doctor/answers-to-others-are-not-taken", test_nobody_on_the_way);
  ADD ("/doctor/a-call-that-was-refused-has-nothing-to-tell", test_refused_call);
  ADD ("/doctor/sound-is-told-in-both-directions", test_sound);
  return g_test_run ();
}
