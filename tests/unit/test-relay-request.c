/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/relay-private.h"
#include "tests/unit/relay-stage.h"

#include <string.h>

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
  self->peer = relay_stage_address ("198.51.100.7:9000");
}

static void
teardown (Fixture *self, gconstpointer data)
{
  relay_stage_close (&self->stage);
}

static int
allocate (Fixture *self)
{
  return relay_stage_allocate (&self->stage, &self->from, &self->turn);
}

static int
refresh (Fixture *self, uint32_t lifetime_s)
{
  turn_client_begin (&self->turn, STUN_REFRESH);
  stun_message_append32 (&self->turn.message, STUN_ATTRIBUTE_LIFETIME, lifetime_s);
  return relay_stage_ask (&self->stage, &self->from, &self->turn);
}

static uint32_t
lifetime_in_answer (Fixture *self)
{
  StunMessage message;
  uint32_t lifetime = 0;

  stun_read ((Bytes){ self->stage.answer, self->stage.answer_size }, &message);
  stun_message_find32 (&message, STUN_ATTRIBUTE_LIFETIME, &lifetime);
  return lifetime;
}

static void
test_allocate (Fixture *self, gconstpointer data)
{
  StunMessage message;
  Address relayed;
  Address mapped;

  g_assert_cmpint (allocate (self), ==, 0);
  stun_read ((Bytes){ self->stage.answer, self->stage.answer_size }, &message);
  stun_find_address (&message, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, 0, &relayed);
  stun_find_address (&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, 0, &mapped);
  g_assert_cmpuint (relayed.port, ==, 50000);
  g_assert_true (address_equal (&mapped, &self->from.peer));
  g_assert_cmpuint (lifetime_in_answer (self), ==, 600);
  g_assert_true (stun_message_has_attribute (&message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY));
}

static void
test_stranger (Fixture *self, gconstpointer data)
{
  turn_client_begin (&self->turn, STUN_ALLOCATE);
  relay_hear (self->stage.relay, &self->from, turn_client_end (&self->turn));
  g_assert_cmpuint (self->stage.answers, ==, 1);
  g_assert_cmpuint (self->stage.opened, ==, 0);
  g_assert_cmpuint (relay_report (self->stage.relay).refused, ==, 1);
  g_strlcpy (self->turn.credential.password, "guessed", sizeof self->turn.credential.password);
  g_assert_cmpint (allocate (self), ==, 401);
  g_strlcpy (self->turn.credential.user, "nobody", sizeof self->turn.credential.user);
  g_assert_cmpint (allocate (self), ==, 401);
  g_assert_cmpuint (self->stage.opened, ==, 0);
}

/* The name's time counts for what is new, not for what stands. */
static void
test_old_credential (Fixture *self, gconstpointer data)
{
  TurnClient turn;
  RelayClient late = relay_stage_client (&self->stage, "192.0.2.9:5555", 1, &turn);

  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (refresh (self, 3600), ==, 0);
  self->stage.wall_clock_s += LIMIT_RELAY_CREDENTIAL_S;
  g_assert_cmpint (refresh (self, 3600), ==, 0);
  g_assert_cmpint (relay_stage_allocate (&self->stage, &late, &turn), ==, 401);
}

static void
test_stale_nonce (Fixture *self, gconstpointer data)
{
  char first[64];

  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (refresh (self, 3600), ==, 0);
  memcpy (first, self->turn.nonce, sizeof first);
  relay_stage_advance (&self->stage, 601 * TIME_SECOND);
  g_assert_cmpint (refresh (self, 600), ==, 438);
  g_assert_cmpstr (first, !=, self->turn.nonce);
  g_assert_cmpint (refresh (self, 600), ==, 0);
  self->turn.nonce[20] ^= 1;
  g_assert_cmpint (refresh (self, 600), ==, 438);
}

static void
test_mismatch (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (refresh (self, 600), ==, 437);
  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (allocate (self), ==, 437);
  g_assert_cmpuint (self->stage.open, ==, 1);
}

static void
test_resent (Fixture *self, gconstpointer data)
{
  uint8_t bytes[2048];
  Bytes request;
  unsigned answers;

  g_assert_cmpint (allocate (self), ==, 0);
  request = (Bytes){ self->turn.bytes, stun_message_length (&self->turn.message) };
  memcpy (bytes, request.data, request.size);
  answers = self->stage.answers;
  relay_hear (self->stage.relay, &self->from, (Bytes){ bytes, request.size });
  g_assert_cmpuint (self->stage.answers, ==, answers + 1);
  g_assert_cmpuint (self->stage.answer[0], ==, 1); /* a success once more */
  g_assert_cmpuint (self->stage.opened, ==, 1);
}

static void
test_somebody_else (Fixture *self, gconstpointer data)
{
  TurnClient other;

  relay_stage_client (&self->stage, "192.0.2.9:4444", 2, &other);
  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &other, &self->peer), ==, 441);
}

static void
test_wishes (Fixture *self, gconstpointer data)
{
  static const struct {
    uint32_t transport;
    unsigned attribute;
    uint32_t value;
    int code;
  } rows[] = {
    { 0, 0, 0, 400 },
    { 6u << 24, 0, 0, 442 },
    { 17u << 24, STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE, 2u << 24, 440 },
    { 17u << 24, STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE, 9u << 24, 440 },
    { 17u << 24, STUN_ATTRIBUTE_EVEN_PORT, 0x80u << 24, 508 },
    { 17u << 24, STUN_ATTRIBUTE_EVEN_PORT, 0, 0 },
    { 17u << 24, STUN_ATTRIBUTE_RESERVATION_TOKEN, 1, 508 },
    { 17u << 24, STUN_ATTRIBUTE_DONT_FRAGMENT, 0, 420 },
    { 17u << 24, 0x7fff, 0, 420 },
    { 17u << 24, STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE, 1u << 24, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    turn_client_begin (&self->turn, STUN_ALLOCATE);
    if (rows[i].transport != 0)
      stun_message_append32 (&self->turn.message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT,
                             rows[i].transport);
    if (rows[i].attribute != 0)
      stun_message_append32 (&self->turn.message, (StunAttribute) rows[i].attribute, rows[i].value);
    g_assert_cmpint (relay_stage_ask (&self->stage, &self->from, &self->turn), ==, rows[i].code);
    relay_drop (self->stage.relay, &self->from);
  }
}

static void
test_lifetimes (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (refresh (self, 100000), ==, 0);
  g_assert_cmpuint (lifetime_in_answer (self), ==, 3600);
  g_assert_cmpint (refresh (self, 1), ==, 0);
  g_assert_cmpuint (lifetime_in_answer (self), ==, 600);
  relay_stage_advance (&self->stage, 600 * TIME_SECOND - 1);
  g_assert_cmpuint (self->stage.open, ==, 1);
  relay_stage_advance (&self->stage, 1);
  g_assert_cmpuint (self->stage.open, ==, 0);
  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (refresh (self, 0), ==, 0);
  g_assert_cmpuint (lifetime_in_answer (self), ==, 0);
  g_assert_cmpuint (self->stage.open, ==, 0);
}

static void
test_quota (Fixture *self, gconstpointer data)
{
  unsigned made = 0;

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS + 10; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    TurnClient turn;
    RelayClient from = relay_stage_client (&self->stage, text, (uint8_t) (i / 5 + 1), &turn);
    int code = relay_stage_allocate (&self->stage, &from, &turn);
    bool is_fifth = i % 5 == 4;
    g_assert_cmpint (code, ==, is_fifth ? 486 : made < LIMIT_RELAY_ALLOCATIONS ? 0 : 508);
    made += code == 0;
  }
  g_assert_cmpuint (self->stage.open, <=, LIMIT_RELAY_ALLOCATIONS);
}

static int
allocate_from (Fixture *self, const char *text)
{
  TurnClient turn;
  RelayClient from = relay_stage_client (&self->stage, text, 1, &turn);

  return relay_stage_allocate (&self->stage, &from, &turn);
}

/* After a change of networks a member must not wait until what it cannot reach any more expires. */
static void
test_moved (Fixture *self, gconstpointer data)
{
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    g_assert_cmpint (allocate_from (self, text), ==, 0);
  }
  g_assert_cmpint (allocate_from (self, "198.51.100.1:6000"), ==, 486);
  relay_stage_advance (&self->stage, 2 * TIME_SECOND);
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7000"), ==, 486);
  g_assert_cmpint (allocate_from (self, "198.51.100.1:6001"), ==, 0);
  g_assert_cmpuint (self->stage.open, ==, LIMIT_RELAY_ALLOCATIONS_NODE);
  relay_stage_advance (&self->stage, TIME_MINUTE);
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7001"), ==, 0);
  g_assert_cmpuint (self->stage.open, ==, LIMIT_RELAY_ALLOCATIONS_NODE);
}

/* Whose router has forgotten everything comes from the same address as before. */
static void
test_left (Fixture *self, gconstpointer data)
{
  NodeId node = { { [15] = 1 } };
  NodeId other = { { [15] = 2 } };
  RelayClient kept = { 0 };
  TurnClient turn;

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    kept = relay_stage_client (&self->stage, text, 1, &turn);
    g_assert_cmpint (relay_stage_allocate (&self->stage, &kept, &turn), ==, 0);
  }
  relay_stage_advance (&self->stage, 2 * TIME_SECOND);
  relay_doubt (self->stage.relay, &other);
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7000"), ==, 486);
  turn_client_begin (&turn, STUN_REFRESH);
  g_assert_cmpint (relay_stage_ask (&self->stage, &kept, &turn), ==, 0);
  relay_doubt (self->stage.relay, &node);
  for (unsigned i = 1; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 7000 + i);
    g_assert_cmpint (allocate_from (self, text), ==, 0);
  }
  g_assert_cmpint (allocate_from (self, "192.0.2.9:8000"), ==, 486);
  g_assert_cmpuint (self->stage.open, ==, LIMIT_RELAY_ALLOCATIONS_NODE);
}

static void
test_back_again (Fixture *self, gconstpointer data)
{
  NodeId node = { { [15] = 1 } };
  TurnClient turn[LIMIT_RELAY_ALLOCATIONS_NODE];
  RelayClient from[LIMIT_RELAY_ALLOCATIONS_NODE];

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    from[i] = relay_stage_client (&self->stage, text, 1, &turn[i]);
    g_assert_cmpint (relay_stage_allocate (&self->stage, &from[i], &turn[i]), ==, 0);
  }
  relay_stage_advance (&self->stage, 2 * TIME_SECOND);
  relay_doubt (self->stage.relay, &node);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    turn_client_begin (&turn[i], STUN_REFRESH);
    g_assert_cmpint (relay_stage_ask (&self->stage, &from[i], &turn[i]), ==, 0);
  }
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7000"), ==, 486);
}

/* It is the other end that has moved: what the client sends there is not answered any more. */
static void
test_unanswered (Fixture *self, gconstpointer data)
{
  static const uint8_t bytes[] = { 0x40, 0x01, 0, 1, 'a', 0, 0, 0 };
  Bytes said = { bytes, 5 };
  NodeId node = { { [15] = 1 } };
  Address peer = relay_stage_address ("198.51.100.7:7000");
  RelayClient from[LIMIT_RELAY_ALLOCATIONS_NODE];
  RelayAllocation *made[LIMIT_RELAY_ALLOCATIONS_NODE];
  TurnClient turn;

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    from[i] = relay_stage_client (&self->stage, text, 1, &turn);
    g_assert_cmpint (relay_stage_allocate (&self->stage, &from[i], &turn), ==, 0);
    made[i] = self->stage.last;
    g_assert_cmpint (relay_stage_bind (&self->stage, &from[i], &turn, 0x4001, &peer), ==, 0);
    relay_hear (self->stage.relay, &from[i], said);
  }
  relay_doubt (self->stage.relay, &node);
  relay_stage_advance (&self->stage, 300 * TIME_MS);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    relay_hear (self->stage.relay, &from[i], said);
  for (unsigned i = 1; i < LIMIT_RELAY_ALLOCATIONS_NODE; i++)
    relay_hear_peer (made[i], &peer, bytes_of_text ("a"));
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7000"), ==, 0);
  g_assert_false (relay_serves (self->stage.relay, &from[0]));
  g_assert_cmpint (allocate_from (self, "192.0.2.9:7001"), ==, 486);
}

static void
test_all_taken (Fixture *self, gconstpointer data)
{
  for (unsigned i = 0; i <= LIMIT_RELAY_ALLOCATIONS; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    TurnClient turn;
    RelayClient from = relay_stage_client (&self->stage, text, (uint8_t) (i + 1), &turn);
    g_assert_cmpint (relay_stage_allocate (&self->stage, &from, &turn), ==,
                     i < LIMIT_RELAY_ALLOCATIONS ? 0 : 508);
  }
}

/* A few have taken all there is, and use one allocation each, or none. */
static void
take_all (Fixture *self, unsigned each)
{
  static const uint8_t bytes[] = { 0x40, 0x01, 0, 1, 'a', 0, 0, 0 };
  Address peer = relay_stage_address ("198.51.100.7:7000");

  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS; i++) {
    g_autofree char *text = g_strdup_printf ("192.0.2.9:%u", 6000 + i);
    TurnClient turn;
    RelayClient from = relay_stage_client (&self->stage, text, (uint8_t) (i / each + 1), &turn);
    g_assert_cmpint (relay_stage_allocate (&self->stage, &from, &turn), ==, 0);
    g_assert_cmpint (relay_stage_bind (&self->stage, &from, &turn, 0x4001, &peer), ==, 0);
    if (i == LIMIT_RELAY_ALLOCATIONS - 1) {
      relay_stage_advance (&self->stage, TIME_MINUTE - TIME_SECOND);
      relay_hear (self->stage.relay, &from, (Bytes){ bytes, 5 });
    }
  }
}

static int
allocate_as (Fixture *self, uint8_t node, unsigned port)
{
  g_autofree char *text = g_strdup_printf ("203.0.113.1:%u", port);
  TurnClient turn;
  RelayClient from = relay_stage_client (&self->stage, text, node, &turn);

  return relay_stage_allocate (&self->stage, &from, &turn);
}

/* Whoever has nothing gets what others keep unused, as long as he has less than they. */
static void
test_hoarders (Fixture *self, gconstpointer data)
{
  enum { HOARDERS = LIMIT_RELAY_ALLOCATIONS / 2 };

  take_all (self, 2);
  relay_stage_advance (&self->stage, TIME_SECOND);
  for (unsigned i = 0; i < HOARDERS; i++)
    g_assert_cmpint (allocate_as (self, (uint8_t) (200 + i), 5001 + i), ==, 0);
  g_assert_cmpint (allocate_as (self, 1, 5100), ==, 508); /* a hoarder, of no one who has more */
  g_assert_cmpuint (self->stage.open, ==, LIMIT_RELAY_ALLOCATIONS);
}

/* Of those who talk over as many as they may get each keeps one. */
static void
test_greedy (Fixture *self, gconstpointer data)
{
  enum { GREEDY = LIMIT_RELAY_ALLOCATIONS / LIMIT_RELAY_ALLOCATIONS_NODE };

  take_all (self, LIMIT_RELAY_ALLOCATIONS_NODE);
  for (unsigned i = 0; i < LIMIT_RELAY_ALLOCATIONS - GREEDY; i++)
    g_assert_cmpint (allocate_as (self, (uint8_t) (100 + i), 5001 + i), ==, 0);
  for (unsigned i = 0; i < GREEDY; i++)
    g_assert_cmpint (allocate_as (self, (uint8_t) (i + 1), 5200 + i), ==, 508);
  g_assert_cmpuint (self->stage.open, ==, LIMIT_RELAY_ALLOCATIONS);
}

/* Who talks over it keeps it, even the only one of many. */
static void
test_talkers (Fixture *self, gconstpointer data)
{
  take_all (self, 1);
  relay_stage_advance (&self->stage, TIME_SECOND);
  for (unsigned i = 0; i + 1 < LIMIT_RELAY_ALLOCATIONS; i++)
    g_assert_cmpint (allocate_as (self, (uint8_t) (100 + i), 5001 + i), ==, 0);
  g_assert_cmpint (allocate_as (self, 250, 5100), ==, 508);
}

/* All or none of the peers of one request. */
static void
test_several_peers (Fixture *self, gconstpointer data)
{
  Address other = relay_stage_address ("198.51.100.8:1");
  Address bad = relay_stage_address ("10.0.0.1:1");

  g_assert_cmpint (allocate (self), ==, 0);
  turn_client_begin (&self->turn, STUN_CREATEPERMISSION);
  stun_append_address (&self->turn.message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &self->peer);
  stun_append_address (&self->turn.message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &bad);
  g_assert_cmpint (relay_stage_ask (&self->stage, &self->from, &self->turn), ==, 403);
  g_assert_false (relay_is_permitted (self->stage.last, &self->peer));
  turn_client_begin (&self->turn, STUN_CREATEPERMISSION);
  stun_append_address (&self->turn.message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &self->peer);
  stun_append_address (&self->turn.message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &other);
  g_assert_cmpint (relay_stage_ask (&self->stage, &self->from, &self->turn), ==, 0);
  g_assert_true (relay_is_permitted (self->stage.last, &self->peer));
  g_assert_true (relay_is_permitted (self->stage.last, &other));
}

static void
test_peers (Fixture *self, gconstpointer data)
{
  Address ipv6 = relay_stage_address ("[2001:db8::7]:1");

  g_assert_cmpint (allocate (self), ==, 0);
  turn_client_begin (&self->turn, STUN_CREATEPERMISSION);
  g_assert_cmpint (relay_stage_ask (&self->stage, &self->from, &self->turn), ==, 400);
  g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &self->turn, &ipv6), ==, 443);
}

static void
test_channels (Fixture *self, gconstpointer data)
{
  Address other = relay_stage_address ("198.51.100.7:9001");
  RelayStage *stage = &self->stage;

  g_assert_cmpint (allocate (self), ==, 0);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x3fff, &self->peer), ==,
                   400);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x8000, &self->peer), ==,
                   400);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x7fff, &self->peer), ==, 0);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x7fff, &self->peer), ==, 0);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x4000, &self->peer), ==,
                   400);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x7fff, &other), ==, 400);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x4000, &other), ==, 0);
  refresh (self, 3600);
  relay_stage_advance (stage, 10 * TIME_MINUTE);
  g_assert_cmpint (relay_stage_bind (stage, &self->from, &self->turn, 0x4000, &self->peer), ==, 0);
}

static void
test_tables_are_full (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (allocate (self), ==, 0);
  for (unsigned i = 0; i <= LIMIT_RELAY_CHANNELS; i++) {
    g_autofree char *text = g_strdup_printf ("198.51.100.%u:9000", i + 1);
    Address peer = relay_stage_address (text);
    relay_stage_advance (&self->stage, TIME_SECOND);
    g_assert_cmpint (relay_stage_bind (&self->stage, &self->from, &self->turn, 0x4000 + i, &peer),
                     ==, i < LIMIT_RELAY_CHANNELS ? 0 : 508);
    g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &self->turn, &peer), ==,
                     i < LIMIT_RELAY_PERMISSIONS ? 0 : 508);
  }
  relay_stage_advance (&self->stage, 5 * TIME_MINUTE);
  g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &self->turn, &self->peer), ==, 0);
}

static void
test_forbidden (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "0.0.0.0:9",       "0.1.2.3:9",          "10.0.0.1:9",        "10.255.255.255:9",
    "100.64.0.1:9",    "100.127.255.255:9",  "127.0.0.1:9",       "127.255.255.254:9",
    "169.254.1.1:9",   "169.254.169.254:80", "172.16.0.1:9",      "172.31.255.255:9",
    "192.0.0.8:9",     "192.168.0.1:9",      "192.168.255.255:9", "224.0.0.1:9",
    "239.255.77.84:9", "240.0.0.1:9",        "255.255.255.255:9", "203.0.113.1:6084",
    "203.0.113.1:22",  "198.51.100.7:0",
  };
  static const char *const texts_ipv6[] = {
    "[::]:9",
    "[::1]:9",
    "[::127.0.0.1]:9",
    "[::ffff:127.0.0.1]:9",
    "[::ffff:0.0.0.0]:9",
    "[::ffff:10.0.0.1]:9",
    "[::ffff:192.168.0.1]:9",
    "[::ffff:198.51.100.7]:9",
    "[64:ff9b::127.0.0.1]:9",
    "[64:ff9b::10.0.0.1]:9",
    "[64:ff9b:1::1]:9",
    "[100::1]:9",
    "[2001::1]:9",
    "[2002:7f00:1::1]:9",
    "[2002:a00:1::1]:9",
    "[2002:c0a8:1::1]:9",
    "[fc00::1]:9",
    "[fd00::1]:9",
    "[fe80::1]:9",
    "[febf::1]:9",
    "[fec0::1]:9",
    "[ff02::1]:9",
    "[ff0e::1]:9",
    "[2001:db8::1]:6084",
  };
  bool is_ipv6 = data != NULL;
  const char *const *all = is_ipv6 ? texts_ipv6 : texts;
  size_t count = is_ipv6 ? G_N_ELEMENTS (texts_ipv6) : G_N_ELEMENTS (texts);

  for (size_t i = 0; i < count; i++) {
    Address peer = relay_stage_address (all[i]);
    relay_stage_advance (&self->stage, TIME_SECOND);
    g_assert_cmpint (relay_stage_permit (&self->stage, &self->from, &self->turn, &peer), ==, 403);
    g_assert_cmpint (relay_stage_bind (&self->stage, &self->from, &self->turn, 0x4000, &peer), ==,
                     403);
    relay_permit (self->stage.last, &peer); /* were it permitted all the same */
    relay_hear (self->stage.relay, &self->from,
                turn_client_send (&self->turn, &peer, bytes_of_text ("x")));
    g_assert_cmpuint (self->stage.sent, ==, 0);
  }
}

static void
test_forbidden_ipv4 (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (allocate (self), ==, 0);
  test_forbidden (self, NULL);
}

static void
test_forbidden_ipv6 (Fixture *self, gconstpointer data)
{
  self->stage.host = relay_stage_address ("[2001:db8::1]:6084");
  turn_client_begin (&self->turn, STUN_ALLOCATE);
  stun_message_append32 (&self->turn.message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, 17u << 24);
  stun_message_append32 (&self->turn.message, STUN_ATTRIBUTE_REQUESTED_ADDRESS_TYPE, 2u << 24);
  g_assert_cmpint (relay_stage_ask (&self->stage, &self->from, &self->turn), ==, 0);
  test_forbidden (self, self);
}

static void
test_flood (Fixture *self, gconstpointer data)
{
  unsigned answers;

  turn_client_begin (&self->turn, STUN_ALLOCATE);
  for (unsigned i = 0; i < 10 * LIMIT_STUN_BURST; i++)
    relay_hear (self->stage.relay, &self->from, (Bytes){ self->turn.bytes, 20 });
  g_assert_cmpuint (self->stage.answers, ==, LIMIT_STUN_BURST);
  answers = self->stage.answers;
  relay_stage_advance (&self->stage, TIME_SECOND);
  relay_hear (self->stage.relay, &self->from, (Bytes){ self->turn.bytes, 20 });
  g_assert_cmpuint (self->stage.answers, ==, answers + 1);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/relay/request/allocate", test_allocate);
  ADD ("/relay/request/threat-4.6-strangers-get-nothing", test_stranger);
  ADD ("/relay/request/threat-4.6-credentials-end", test_old_credential);
  ADD ("/relay/request/a-nonce-goes-stale", test_stale_nonce);
  ADD ("/relay/request/one-allocation-for-a-5-tuple", test_mismatch);
  ADD ("/relay/request/what-is-sent-again-is-answered-again", test_resent);
  ADD ("/relay/request/another-name-gets-441", test_somebody_else);
  ADD ("/relay/request/wishes-that-cannot-be-met", test_wishes);
  ADD ("/relay/request/lifetimes", test_lifetimes);
  ADD ("/relay/request/threat-4.6-the-fifth-of-a-node-gets-486", test_quota);
  ADD ("/relay/request/threat-4.6-what-a-node-has-left-behind-makes-room", test_moved);
  ADD ("/relay/request/threat-4.6-a-change-of-networks-makes-room-at-once", test_left);
  ADD ("/relay/request/what-is-not-answered-gives-way-when-its-client-doubts", test_unanswered);
  ADD ("/relay/request/who-speaks-again-keeps-what-was-doubted", test_back_again);
  ADD ("/relay/request/threat-4.6-no-more-than-all-get-508", test_all_taken);
  ADD ("/relay/request/threat-4.6-who-keeps-many-unused-gives-way", test_hoarders);
  ADD ("/relay/request/threat-4.6-who-talks-over-many-leaves-room", test_greedy);
  ADD ("/relay/request/threat-4.6-who-talks-over-it-keeps-it", test_talkers);
  ADD ("/relay/request/several-peers-or-none", test_several_peers);
  ADD ("/relay/request/peers-that-are-none", test_peers);
  ADD ("/relay/request/channels", test_channels);
  ADD ("/relay/request/tables-are-bounded", test_tables_are_full);
  ADD ("/relay/request/threat-4.6-forbidden-ipv4-peers", test_forbidden_ipv4);
  ADD ("/relay/request/threat-4.6-forbidden-ipv6-peers", test_forbidden_ipv6);
  ADD ("/relay/request/threat-4.6-a-flood-is-answered-in-part", test_flood);
  return g_test_run ();
}
