/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/attach-candidates.h"

#include <string.h>

/* What stands in an Attach, and what of it is taken. */

enum { EITHER = LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS };

#define UFRAG    "abcd"
#define PASSWORD "aPasswordOfTheRightLeng"

static Address
address (uint8_t last)
{
  return (Address){ .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, last }, .port = 6084 };
}

static IceCandidate
candidate (OverlayLinkType link, CandType type)
{
  IceCandidate self = {
    .addr_port = ip_address_port_of (
      &(Address){ .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, (uint8_t) link }, .port = 6084 }),
    .overlay_link = (uint8_t) link,
    .foundation = bytes_of_text ("1"),
    .priority = 5,
    .type = (uint8_t) type,
  };

  if (type != CAND_HOST)
    self.rel_addr_port = ip_address_port_of (&self.addr_port.address);
  return self;
}

static size_t
taken (uint8_t no_ice, IceCandidate *items, size_t count)
{
  IceDescription remote;
  IceCandidateList list = { items, count };

  return candidates_read (no_ice, bytes_of_text (UFRAG), bytes_of_text (PASSWORD), &list, &remote)
           ? remote.candidate_count
           : 0;
}

static void
test_link_types (void)
{
  IceCandidate ice[] = { candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST),
                         candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_SRFLX),
                         candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_RELAY) };
  IceCandidate no_ice[] = { candidate (OVERLAY_LINK_DTLS_UDP_SR_NO_ICE, CAND_HOST),
                            candidate (OVERLAY_LINK_TLS_TCP_FH_NO_ICE, CAND_HOST),
                            candidate (2, CAND_HOST), /* of another time */
                            candidate (OVERLAY_LINK_TLS_TCP_FH_NO_ICE, CAND_RELAY) };

  g_assert_cmpuint (taken (0, ice, 3), ==, 3);
  g_assert_cmpuint (taken (EITHER, ice, 3), ==, 0);
  g_assert_cmpuint (taken (0, no_ice, 4), ==, 0);
  g_assert_cmpuint (taken (EITHER, no_ice, 4), ==, 2);
  g_assert_cmpuint (taken (LINK_TRANSPORT_TLS, no_ice, 4), ==, 1);
  g_assert_cmpuint (taken (LINK_TRANSPORT_DTLS, no_ice, 4), ==, 1);
}

static void
test_mixed (void)
{
  IceCandidate both[] = { candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST),
                          candidate (OVERLAY_LINK_TLS_TCP_FH_NO_ICE, CAND_HOST) };

  g_assert_cmpuint (taken (0, both, 2), ==, 0);
  g_assert_cmpuint (taken (EITHER, both, 2), ==, 0);
}

static void
test_credentials (void)
{
  static const struct {
    const char *ufrag, *password;
    bool is_good;
  } cases[] = {
    { "abcd", "aPasswordOfTheRightLen", true },
    { "abc", PASSWORD, false },
    { "abcd", "aPasswordOfTheRightLe", false },
    { "ab-d", PASSWORD, false },
    { "", "", false },
  };

  IceCandidate ice = candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST);
  IceCandidate no_ice = candidate (OVERLAY_LINK_TLS_TCP_FH_NO_ICE, CAND_HOST);
  IceDescription remote;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    Bytes ufrag = bytes_of_text (cases[i].ufrag);
    Bytes password = bytes_of_text (cases[i].password);
    IceCandidateList list = { &ice, 1 };
    g_assert_true (candidates_read (0, ufrag, password, &list, &remote) == cases[i].is_good);
    list.items = &no_ice; /* to whom they mean nothing */
    g_assert_true (candidates_read (EITHER, ufrag, password, &list, &remote));
    g_assert_true (remote.is_no_ice && remote.candidates[0].is_stream);
  }
}

/* 256 characters each are the most (RFC 8839, 5.4), and more than the field can say. */
static void
test_long_credentials (void)
{
  IceCandidate ice = candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST);
  IceCandidateList list = { &ice, 1 };
  g_autofree char *text = g_strnfill (255, 'x');
  IceDescription remote;

  g_assert_true (candidates_read (0, bytes_of_text (text), bytes_of_text (text), &list, &remote));
  g_assert_cmpstr (remote.ufrag, ==, text);
  g_assert_cmpstr (remote.password, ==, text);
}

static void
test_useless (void)
{
  IceCandidate items[5];

  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    items[i] = candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST);
  items[0].addr_port.address.port = 0;
  items[1].addr_port.address.family = ADDRESS_NONE;
  items[2].foundation = (Bytes){ NULL, 0 };
  items[3].type = 3;
  g_assert_cmpuint (taken (0, items, 4), ==, 0);
  g_assert_cmpuint (taken (0, items, 5), ==, 1);
}

static void
test_limit (void)
{
  IceCandidate items[LIMIT_CANDIDATES + 5];

  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    items[i] = candidate (OVERLAY_LINK_DTLS_UDP_SR, CAND_HOST);
  g_assert_cmpuint (taken (0, items, G_N_ELEMENTS (items)), ==, LIMIT_CANDIDATES);
}

/* What is written reads as it was, IPv6 too. */
static void
test_round (gconstpointer data)
{
  bool is_no_ice = GPOINTER_TO_INT (data);
  IceDescription local = {
    .is_no_ice = is_no_ice,
    .candidate_count = 2,
    .candidates = { { .type = CANDIDATE_HOST, .priority = 9, .foundation = "1" },
                    { .type = CANDIDATE_HOST,
                      .is_stream = is_no_ice,
                      .priority = 8,
                      .foundation = "2" } },
  };
  const Address listening[2] = { address (7), address (8) };
  Address heard[LIMIT_CANDIDATES];
  g_autoptr (Arena) arena = arena_new ();
  IceDescription remote;
  IceCandidateList list;

  local.candidates[0].address = address (1);
  local.candidates[1].address =
    (Address){ .family = ADDRESS_IPV6, .bytes = { 0x20, 1, 0xd, 0xb8 }, .port = 7 };
  if (!is_no_ice) {
    g_strlcpy (local.ufrag, UFRAG, sizeof local.ufrag);
    g_strlcpy (local.password, PASSWORD, sizeof local.password);
  }
  list = candidates_write (arena, &local, listening, 2);
  g_assert_true (candidates_read (is_no_ice ? EITHER : 0, bytes_of_text (local.ufrag),
                                  bytes_of_text (local.password), &list, &remote));
  g_assert_cmpuint (remote.candidate_count, ==, 2);
  for (size_t i = 0; i < 2; i++) {
    g_assert_true (address_equal (&remote.candidates[i].address, &local.candidates[i].address));
    g_assert_true (remote.candidates[i].is_stream == local.candidates[i].is_stream);
    g_assert_cmpuint (remote.candidates[i].priority, ==, local.candidates[i].priority);
    g_assert_cmpstr (remote.candidates[i].foundation, ==, local.candidates[i].foundation);
  }
  g_assert_cmpuint (candidates_read_listening (&list, heard, LIMIT_CANDIDATES), ==, 2);
  g_assert_true (address_equal (&heard[1], &listening[1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attach-candidates/rfc6940-6.5.1.5-1-of-the-overlay-s-kind-alone",
                   test_link_types);
  g_test_add_func ("/attach-candidates/rfc6940-6.5.1.1-4-never-both", test_mixed);
  g_test_add_func ("/attach-candidates/credentials-are-for-ice", test_credentials);
  g_test_add_func ("/attach-candidates/credentials-may-be-long", test_long_credentials);
  g_test_add_func ("/attach-candidates/what-cannot-be-used-is-left-out", test_useless);
  g_test_add_func ("/attach-candidates/threat-1.1-ten-are-enough", test_limit);
  g_test_add_data_func ("/attach-candidates/there-and-back/ice", GINT_TO_POINTER (0), test_round);
  g_test_add_data_func ("/attach-candidates/rfc6940-6.5.1.1-2-there-and-back/no-ice",
                        GINT_TO_POINTER (1), test_round);
  return g_test_run ();
}
