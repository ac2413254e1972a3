/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/pcp.h"

#include "core/os/socket.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A router of the test's own answers in a thread; with miniupnpd it is tried in tests/natlab. */

static PcpMap
example (PcpProtocol protocol)
{
  PcpMap map = {
    .nonce = "0123456789a", .protocol = protocol, .outside_port = 6084, .lifetime_s = 3600
  };

  g_assert_true (address_from_text ("192.168.1.10:6084", &map.inside));
  return map;
}

/* RFC 6887, figures 2 and 9. */
static const uint8_t expected[PCP_SIZE] = {
  2,    1,    0,    0,  /* version, MAP */
  0,    0,    14,   16, /* an hour */
  0,    0,    0,    0,    0,   0,   0,   0,   0,   0,   0xff, 0xff,
  192,  168,  1,    10,                                          /* our address */
  '0',  '1',  '2',  '3',  '4', '5', '6', '7', '8', '9', 'a',  0, /* nonce */
  17,   0,    0,    0,                                           /* UDP */
  0x17, 0xc4, 0x17, 0xc4,                                        /* port 6084, twice */
  0,    0,    0,    0,    0,   0,   0,   0,   0,   0,   0xff, 0xff,
  0,    0,    0,    0, /* any address */
};

/* With IPv6 both addresses are what they are; any address is all of zeros. */
static void
test_ipv6 (void)
{
  PcpMap map = { .protocol = PCP_TCP, .outside_port = 6084, .lifetime_s = 1 };
  uint8_t bytes[PCP_SIZE], none[16] = { 0 };
  PcpMapped mapped;

  g_assert_true (address_from_text ("[2001:db8::7]:6084", &map.inside));
  pcp_encode (&map, bytes);
  g_assert_cmpmem (bytes + 8, 16, map.inside.bytes, 16);
  g_assert_cmpmem (bytes + 44, 16, none, 16);
  bytes[1] |= 0x80;
  memcpy (bytes + 44, map.inside.bytes, 16);
  g_assert_true (pcp_decode ((Bytes){ bytes, sizeof bytes }, &map, &mapped));
  g_assert_true (address_equal (&mapped.outside, &map.inside));
}

/* The answer that leads 198.51.100.7 there. */
static void
answer_to (const uint8_t request[PCP_SIZE], uint8_t ret_answer[PCP_SIZE])
{
  memcpy (ret_answer, request, PCP_SIZE);
  ret_answer[1] |= 0x80;
  memset (ret_answer + 8, 0, 16);
  memcpy (ret_answer + 56, (const uint8_t[]){ 198, 51, 100, 7 }, 4);
}

static void
test_request (void)
{
  PcpMap map = example (PCP_UDP);
  uint8_t bytes[PCP_SIZE];

  pcp_encode (&map, bytes);
  g_assert_cmpmem (bytes, sizeof bytes, expected, sizeof expected);
}

static void
test_answer (void)
{
  PcpMap map = example (PCP_UDP);
  PcpMapped mapped;
  Address outside;
  uint8_t bytes[PCP_SIZE];

  answer_to (expected, bytes);
  bytes[43]++;
  g_assert_true (pcp_decode ((Bytes){ bytes, sizeof bytes }, &map, &mapped));
  g_assert_true (address_from_text ("198.51.100.7:6085", &outside));
  g_assert_true (address_equal (&mapped.outside, &outside));
  g_assert_cmpuint (mapped.lifetime_s, ==, 3600);
}

/* Of another version, to another request, refused, of a wrong size. */
static void
test_other_answers (void)
{
  static const uint8_t places[] = { 0, 1, 3, 24, 35, 36, 40 };
  PcpMap map = example (PCP_UDP);
  PcpMapped mapped = { .lifetime_s = 7 };
  uint8_t good[PCP_SIZE];

  answer_to (expected, good);
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++) {
    uint8_t bytes[PCP_SIZE];
    memcpy (bytes, good, sizeof bytes);
    bytes[places[i]] ^= 1;
    g_assert_false (pcp_decode ((Bytes){ bytes, sizeof bytes }, &map, &mapped));
  }
  for (size_t size = 0; size < sizeof good; size++)
    g_assert_false (pcp_decode ((Bytes){ good, size }, &map, &mapped));
  g_assert_cmpuint (mapped.lifetime_s, ==, 7);
}

static void
test_refusals (void)
{
  static const uint8_t natpmp[] = { 0, 0x80, 0, 1, 0, 0, 0, 9 };
  uint8_t answer[PCP_SIZE];

  answer_to (expected, answer);
  g_assert_false (pcp_is_refusal ((Bytes){ answer, sizeof answer }));
  answer[3] = 2;
  g_assert_true (pcp_is_refusal ((Bytes){ answer, sizeof answer }));
  g_assert_true (pcp_is_refusal ((Bytes){ natpmp, sizeof natpmp }));
  g_assert_false (pcp_is_refusal ((Bytes){ expected, sizeof expected }));
}

/* ---- Asking ---- */

typedef struct Router {
  int fd;
  bool is_willing;
  unsigned lost; /* requests that it does not hear */
} Router;

static void *
run_router (void *data)
{
  Router *self = data;
  uint8_t request[PCP_SIZE_MAX], answer[PCP_SIZE];
  struct sockaddr_storage from;
  socklen_t size = sizeof from;

  while (recvfrom (self->fd, request, sizeof request, 0, (struct sockaddr *) &from, &size) ==
         PCP_SIZE) {
    if (self->lost > 0) {
      self->lost--;
      continue;
    }
    answer_to (request, answer);
    answer[3] = self->is_willing ? 0 : 2;
    sendto (self->fd, answer, sizeof answer, 0, (struct sockaddr *) &from, size);
    break;
  }
  return NULL;
}

static bool
ask_router (Router router, PcpMapped *ret_mapped)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  PcpMap map = example (PCP_TCP);
  GThread *thread;
  bool is_mapped;

  map.inside.family = ADDRESS_NONE;
  router.fd = socket (AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_storage system;
  size_t size = socket_address_to_system (&address, &system);
  g_assert_cmpint (bind (router.fd, (struct sockaddr *) &system, (socklen_t) size), ==, 0);
  address = socket_address (router.fd);
  thread = g_thread_new ("router", run_router, &router);
  is_mapped = pcp_ask (&address, &map, ret_mapped);
  g_thread_join (thread);
  close (router.fd);
  return is_mapped;
}

/* It waits for a second at most: on a busy machine the router may be later than that. */
static bool
ask_in_the_end (Router router, PcpMapped *ret_mapped)
{
  for (unsigned i = 0; i < 50; i++)
    if (ask_router (router, ret_mapped))
      return true;
  return false;
}

static void
test_ask (void)
{
  PcpMapped mapped = { 0 };

  g_assert_true (ask_in_the_end ((Router){ .is_willing = true }, &mapped));
  g_assert_cmpuint (mapped.outside.port, ==, 6084);
  g_assert_true (ask_in_the_end ((Router){ .is_willing = true, .lost = 1 }, &mapped));
  g_assert_false (ask_router ((Router){ .is_willing = false }, &mapped));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcp/request", test_request);
  g_test_add_func ("/pcp/request-and-answer-of-ipv6", test_ipv6);
  g_test_add_func ("/pcp/answer", test_answer);
  g_test_add_func ("/pcp/other-answers-are-not-believed", test_other_answers);
  g_test_add_func ("/pcp/refusals-are-understood", test_refusals);
  g_test_add_func ("/pcp/a-router-is-asked-until-it-answers", test_ask);
  return g_test_run ();
}
