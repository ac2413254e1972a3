/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay.h"

#include "core/base/limits.h"
#include "tests/unit/relay-stage.h"

#include <string.h>

/* Data, and who may send it; test-relay-request.c has the rest of what clients ask. */

static const char *const peer_text = "198.51.100.7:9000";

typedef struct Fixture {
  RelayStage stage;
  TurnClient turn;
  RelayClient from;
  Address peer;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  relay_stage_open (&self->stage, "203.0.113.1:6084");
  self->from = relay_stage_client (&self->stage, "192.0.2.9:4444", 1, &self->turn);
  self->peer = relay_stage_address (peer_text);
  g_assert_cmpint (relay_stage_allocate (&self->stage, &self->from, &self->turn), ==, 0);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  relay_stage_close (&self->stage);
}

static void
send_to (Fixture *self, const Address *peer, const char *text)
{
  relay_hear (self->stage.relay, &self->from,
              turn_client_send (&self->turn, peer, bytes_of_text (text)));
}

static void
permit (Fixture *self)
{
  g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &self->turn, &self->peer), ==, 0);
}

static void
bind_channel (Fixture *self)
{
  g_assert_cmpint (relay_stage_bind (&self->stage, &self->from, &self->turn, 0x4001, &self->peer),
                   ==, 0);
}

static void
test_send (Fixture *self, gconstpointer data)
{
  permit (self);
  send_to (self, &self->peer, "hello");
  g_assert_cmpuint (self->stage.sent, ==, 1);
  g_assert_true (address_equal (&self->stage.to, &self->peer));
  g_assert_cmpmem (self->stage.datagram, self->stage.datagram_size, "hello", 5);
}

static void
test_data (Fixture *self, gconstpointer data)
{
  RelayStage *stage = &self->stage;
  StunMessage message;
  Address from;
  uint16_t size = 0;
  const void *bytes;

  permit (self);
  relay_hear_peer (stage->last, &self->peer, bytes_of_text ("hello"));
  g_assert_true (stun_read ((Bytes){ stage->answer, stage->answer_size }, &message));
  g_assert_cmpint (stun_message_get_class (&message), ==, STUN_INDICATION);
  g_assert_cmpint (stun_message_get_method (&message), ==, STUN_IND_DATA);
  g_assert_cmpint (stun_find_address (&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, 0, &from), ==,
                   STUN_FINDING_GOOD);
  g_assert_true (address_equal (&from, &self->peer));
  bytes = stun_message_find (&message, STUN_ATTRIBUTE_DATA, &size);
  g_assert_cmpmem (bytes, size, "hello", 5);
}

/* RFC 8656, 12.4: padded over a stream, as it is over UDP. */
static void
test_channel (Fixture *self, gconstpointer data)
{
  static const uint8_t channel_data[] = { 0x40, 0x01, 0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0 };
  RelayStage *stage = &self->stage;

  bind_channel (self);
  relay_hear (stage->relay, &self->from, (Bytes){ channel_data, 9 });
  relay_hear (stage->relay, &self->from, (Bytes){ channel_data, 12 });
  g_assert_cmpuint (stage->sent, ==, 2);
  g_assert_cmpmem (stage->datagram, stage->datagram_size, "hello", 5);
  relay_hear_peer (stage->last, &self->peer, bytes_of_text ("hello"));
  g_assert_cmpmem (stage->answer, stage->answer_size, channel_data, 9);
}

static void
test_bad_channel_data (Fixture *self, gconstpointer data)
{
  static const uint8_t unbound[] = { 0x40, 0x02, 0, 1, 'x' };
  static const uint8_t longer[] = { 0x40, 0x01, 0, 5, 'h', 'e', 'l', 'l' };
  RelayClient other = self->from;

  bind_channel (self);
  relay_hear (self->stage.relay, &self->from, (Bytes){ unbound, sizeof unbound });
  relay_hear (self->stage.relay, &self->from, (Bytes){ longer, sizeof longer });
  other.peer.port++;
  relay_hear (self->stage.relay, &other, (Bytes){ longer, 4 });
  other = self->from;
  other.stream = 9;
  relay_hear (self->stage.relay, &other, (Bytes){ longer, 4 });
  g_assert_cmpuint (self->stage.sent, ==, 0);
  g_assert_cmpuint (relay_report (self->stage.relay).dropped, ==, 4);
}

static void
test_permission (Fixture *self, gconstpointer data)
{
  RelayStage *stage = &self->stage;
  Address stranger = relay_stage_address ("198.51.100.8:9000");
  Address other_port = relay_stage_address ("198.51.100.7:9001");
  unsigned answers;

  send_to (self, &self->peer, "too early");
  g_assert_cmpuint (stage->sent, ==, 0);
  permit (self);
  answers = stage->answers;
  send_to (self, &stranger, "hello");
  relay_hear_peer (stage->last, &stranger, bytes_of_text ("hello"));
  g_assert_cmpuint (stage->sent, ==, 0);
  g_assert_cmpuint (stage->answers, ==, answers);
  send_to (self, &other_port, "hello"); /* permissions are of hosts */
  relay_hear_peer (stage->last, &other_port, bytes_of_text ("hello"));
  g_assert_cmpuint (stage->sent, ==, 1);
  g_assert_cmpuint (stage->answers, ==, answers + 1);
}

static void
test_permission_ends (Fixture *self, gconstpointer data)
{
  permit (self);
  relay_stage_advance (&self->stage, 5 * TIME_MINUTE - 1);
  send_to (self, &self->peer, "hello");
  g_assert_cmpuint (self->stage.sent, ==, 1);
  relay_stage_advance (&self->stage, 1);
  send_to (self, &self->peer, "hello");
  g_assert_cmpuint (self->stage.sent, ==, 1);
  permit (self);
  send_to (self, &self->peer, "hello");
  g_assert_cmpuint (self->stage.sent, ==, 2);
}

static unsigned
burst (Fixture *self)
{
  static const uint8_t data[1000];
  unsigned before = self->stage.sent;
  uint8_t channel_data[4 + sizeof data] = { 0x40, 0x01, sizeof data >> 8, sizeof data & 0xff };

  for (unsigned i = 0; i < 200; i++)
    relay_hear (self->stage.relay, &self->from, (Bytes){ channel_data, sizeof channel_data });
  return self->stage.sent - before;
}

static void
test_rate (Fixture *self, gconstpointer data)
{
  const unsigned second = LIMIT_RELAY_BYTES_PER_S / 1000;

  bind_channel (self);
  g_assert_cmpuint (burst (self), <=, second + 2);
  relay_stage_advance (&self->stage, TIME_SECOND);
  g_assert_cmpuint (burst (self), >=, second - 2);
  g_assert_cmpuint (relay_report (self->stage.relay).dropped, >, 0);
}

/* Nobody who is on the path is needed to say it: only whoever sends from the client's address. */
static void
test_indication (Fixture *self, gconstpointer data)
{
  Bytes good = turn_client_send (&self->turn, &self->peer, bytes_of_text ("hello"));
  uint8_t bytes[256];

  permit (self);
  good = turn_client_send (&self->turn, &self->peer, bytes_of_text ("hello"));
  memcpy (bytes, good.data, good.size);
  bytes[1] = 0x17; /* Data, which only the relay says */
  relay_hear (self->stage.relay, &self->from, (Bytes){ bytes, good.size });
  bytes[1] = 0x16;
  bytes[25] = 3; /* a family that does not exist */
  relay_hear (self->stage.relay, &self->from, (Bytes){ bytes, good.size });
  relay_hear (self->stage.relay, &self->from, (Bytes){ bytes, 20 });
  g_assert_cmpuint (self->stage.sent, ==, 0);
}

/* Two members may meet at one relay, and still see nothing else of its machine. */
static void
test_own_machine (Fixture *self, gconstpointer data)
{
  TurnClient turn;
  RelayClient other = relay_stage_client (&self->stage, "192.0.2.9:5555", 2, &turn);
  Address listener = self->stage.host;
  Address relayed = self->stage.host;

  relayed.port = 50000;
  g_assert_cmpint (relay_stage_allocate (&self->stage, &other, &turn), ==, 0);
  g_assert_cmpint (relay_stage_permit (&self->stage, &other, &turn, &listener), ==, 403);
  g_assert_cmpint (relay_stage_permit (&self->stage, &other, &turn, &relayed), ==, 0);
  relay_hear (self->stage.relay, &other, turn_client_send (&turn, &relayed, bytes_of_text ("a")));
  g_assert_cmpuint (self->stage.sent, ==, 1);
  relay_hear (self->stage.relay, &other, turn_client_send (&turn, &listener, bytes_of_text ("a")));
  g_assert_cmpuint (self->stage.sent, ==, 1);
}

static void
test_dropped_client (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (relay_report (self->stage.relay).allocations, ==, 1);
  relay_drop (self->stage.relay, &self->from);
  g_assert_cmpuint (relay_report (self->stage.relay).allocations, ==, 0);
  g_assert_cmpuint (self->stage.open, ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/relay/send-indications-reach-the-peer", test_send);
  ADD ("/relay/what-the-peer-says-comes-as-data", test_data);
  ADD ("/relay/channels-carry-both-ways", test_channel);
  ADD ("/relay/bad-channel-data-is-dropped", test_bad_channel_data);
  ADD ("/relay/threat-4.6-nothing-passes-without-permission", test_permission);
  ADD ("/relay/threat-4.6-permissions-end-after-five-minutes", test_permission_ends);
  ADD ("/relay/threat-4.6-nobody-gets-more-than-his-rate", test_rate);
  ADD ("/relay/bad-indications-are-dropped", test_indication);
  ADD ("/relay/threat-4.6-the-relays-own-machine-is-out-of-reach", test_own_machine);
  ADD ("/relay/a-connection-that-is-gone-takes-its-allocation-along", test_dropped_client);
  return g_test_run ();
}
