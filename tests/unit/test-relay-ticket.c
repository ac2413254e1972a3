/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-ticket.h"

#include <string.h>

static const uint8_t key[RELAY_KEY_SIZE] = { 1 };

static size_t
make (RelayTicket *ret_ticket, uint8_t ret_bytes[RELAY_TICKET_SIZE])
{
  const NodeId node = { { 1 } };

  ret_ticket->lifetime_s = 600;
  relay_credential_make (key, &node, UINT64_MAX, &ret_ticket->credential);
  return relay_ticket_encode (ret_ticket, ret_bytes);
}

static void
test_round_trip (void)
{
  uint8_t bytes[RELAY_TICKET_SIZE + 1] = { 0 };
  RelayTicket said = { 0 };
  RelayTicket heard;
  size_t size = make (&said, bytes);

  for (size_t i = 0; i < size; i++)
    g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, i }, &heard), ==, RELAY_TICKET_MORE);
  g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, size }, &heard), ==, RELAY_TICKET_DONE);
  g_assert_cmpint (heard.lifetime_s, ==, 600);
  g_assert_cmpstr (heard.credential.user, ==, said.credential.user);
  g_assert_cmpstr (heard.credential.password, ==, said.credential.password);
  g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, size + 1 }, &heard), ==, RELAY_TICKET_BAD);
}

static void
test_no_relay (void)
{
  static const uint8_t expected[] = { 0, 5, 1, 0, 0, 0, 0 };
  const RelayTicket none = { 0 };
  uint8_t bytes[RELAY_TICKET_SIZE];
  RelayTicket heard;
  size_t size = relay_ticket_encode (&none, bytes);

  g_assert_cmpmem (bytes, size, expected, sizeof expected);
  g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, size }, &heard), ==, RELAY_TICKET_DONE);
  g_assert_cmpstr (heard.credential.user, ==, "");
}

static void
test_bad (void)
{
  RelayTicket said = { 0 };
  RelayTicket heard;
  uint8_t bytes[RELAY_TICKET_SIZE];
  size_t size = make (&said, bytes);
  static const size_t places[] = { 0, 1, 2, 5 };

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++) {
    bytes[places[i]] ^= 0x80;
    g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, size }, &heard), ==, RELAY_TICKET_BAD);
    bytes[places[i]] ^= 0x80;
  }
  bytes[6] = '\n';
  g_assert_cmpint (relay_ticket_decode ((Bytes){ bytes, size }, &heard), ==, RELAY_TICKET_BAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/ticket/round-trip", test_round_trip);
  g_test_add_func ("/relay/ticket/who-does-not-relay-says-so", test_no_relay);
  g_test_add_func ("/relay/ticket/bad-ones", test_bad);
  return g_test_run ();
}
