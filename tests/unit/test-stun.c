/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/stun.h"

#include "core/base/limits.h"

#include <string.h>

static const uint8_t id[STUN_ID_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

static void
append (GByteArray *message, unsigned type, size_t size)
{
  const uint8_t head[] = { (uint8_t) (type >> 8), (uint8_t) type, (uint8_t) (size >> 8),
                           (uint8_t) size };
  static const uint8_t zeros[1024];

  g_byte_array_append (message, head, sizeof head);
  g_byte_array_append (message, zeros, (unsigned) ((size + 3) & ~(size_t) 3));
  message->data[2] = (uint8_t) ((message->len - 20) >> 8);
  message->data[3] = (uint8_t) (message->len - 20);
}

static GByteArray *
request_new (void)
{
  uint8_t bytes[STUN_REPLY_SIZE];
  Bytes request = stun_ask_binding (id, bytes);
  GByteArray *message = g_byte_array_new ();

  return g_byte_array_append (message, request.data, (unsigned) request.size);
}

static size_t
answer_to (const GByteArray *request, uint8_t reply[STUN_REPLY_SIZE])
{
  Address from = address_of ("192.0.2.7:4000");

  return stun_answer_binding ((Bytes){ request->data, request->len }, &from, reply);
}

static void
test_first_byte (void)
{
  uint8_t bytes[20] = { 0 };

  for (unsigned first = 0; first < 256; first++) {
    bytes[0] = (uint8_t) first;
    g_assert_cmpint (stun_is_message ((Bytes){ bytes, 20 }), ==, first < 4);
    g_assert_cmpint (stun_is_channel_data ((Bytes){ bytes, 20 }), ==, first / 64 == 1);
  }
  bytes[0] = 0;
  g_assert_false (stun_is_message ((Bytes){ bytes, 19 }));
}

static void
test_binding (void)
{
  const char *const texts[] = { "192.0.2.7:4000", "[2001:db8::7]:4000" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GByteArray) request = request_new ();
    uint8_t other[STUN_ID_SIZE] = { 0 };
    uint8_t reply[STUN_REPLY_SIZE];
    Address from = address_of (texts[i]);
    Address seen;
    size_t size = stun_answer_binding ((Bytes){ request->data, request->len }, &from, reply);

    g_assert_cmpuint (size, <=, 20 + 24);
    g_assert_true (stun_read_binding ((Bytes){ reply, size }, id, &seen));
    g_assert_true (address_equal (&seen, &from));
    g_assert_false (stun_read_binding ((Bytes){ reply, size }, other, &seen));
    g_assert_cmpuint (stun_answer_binding ((Bytes){ reply, size }, &from, request->data), ==, 0);
  }
}

/* Without the cookie, as libnice asks. */
static void
test_classic (void)
{
  static const uint8_t expected[] = { 0, 1, 0, 8, 0, 1, 0x0f, 0xa0, 192, 0, 2, 7 };
  g_autoptr (GByteArray) request = request_new ();
  uint8_t reply[STUN_REPLY_SIZE];
  Address seen;
  size_t size;

  request->data[4] ^= 1;
  size = answer_to (request, reply);
  g_assert_cmpmem (reply + 20, size - 20, expected, sizeof expected);
  g_assert_cmpmem (reply + 4, 16, request->data + 4, 16);
  g_assert_false (stun_read_binding ((Bytes){ reply, size }, id, &seen));
}

static void
test_unknown (void)
{
  g_autoptr (GByteArray) request = request_new ();
  uint8_t reply[STUN_REPLY_SIZE];
  StunMessage message;
  Address seen;
  size_t size;
  int code = 0;

  append (request, 0x0003, 4); /* CHANGE-REQUEST of RFC 5780 */
  size = answer_to (request, reply);
  g_assert_true (stun_read ((Bytes){ reply, size }, &message));
  g_assert_cmpint (stun_message_find_error (&message, &code), ==, STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpint (code, ==, 420);
  g_assert_false (stun_read_binding ((Bytes){ reply, size }, id, &seen));
}

static void
test_optional (void)
{
  g_autoptr (GByteArray) request = request_new ();
  uint8_t reply[STUN_REPLY_SIZE];
  Address seen;

  append (request, STUN_ATTRIBUTE_SOFTWARE, 5);
  append (request, 0xc001, 3);
  g_assert_true (stun_read_binding ((Bytes){ reply, answer_to (request, reply) }, id, &seen));
}

static void
test_limits (void)
{
  g_autoptr (GByteArray) many = request_new ();
  g_autoptr (GByteArray) fits = request_new ();
  g_autoptr (GByteArray) wide = request_new ();
  uint8_t reply[STUN_REPLY_SIZE];

  for (unsigned i = 0; i < LIMIT_STUN_ATTRIBUTES; i++)
    append (many, 0xc001, 1);
  g_assert_cmpuint (answer_to (many, reply), >, 0);
  append (many, 0xc001, 1);
  g_assert_cmpuint (answer_to (many, reply), ==, 0);
  append (fits, STUN_ATTRIBUTE_USERNAME, LIMIT_STUN_NAME);
  g_assert_cmpuint (answer_to (fits, reply), >, 0);
  append (wide, STUN_ATTRIBUTE_USERNAME, LIMIT_STUN_NAME + 1);
  g_assert_cmpuint (answer_to (wide, reply), ==, 0);
}

static void
test_damage (void)
{
  g_autoptr (GByteArray) request = request_new ();
  uint8_t reply[STUN_REPLY_SIZE];

  append (request, STUN_ATTRIBUTE_SOFTWARE, 8);
  for (unsigned size = 0; size < request->len; size++) {
    Address from = address_of ("192.0.2.7:4000");
    g_assert_cmpuint (stun_answer_binding ((Bytes){ request->data, size }, &from, reply), ==, 0);
  }
  request->data[23] = 200; /* an attribute longer than the message */
  g_assert_cmpuint (answer_to (request, reply), ==, 0);
  request->data[23] = 8;
  g_assert_cmpuint (answer_to (request, reply), >, 0);
}

/* RFC 5769, 2.1: the sample request has a FINGERPRINT. */
static void
test_fingerprint (void)
{
  static const char sample[] = "000100582112a442b7e7a701bc34d686fa87dfae"
                               "802200105354554e207465737420636c69656e74"
                               "002400046e0001ff80290008932ff9b151263b36"
                               "000600096576746a3a68367659202020"
                               "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                               "80280004e57a3bcf";
  uint8_t bytes[(sizeof sample - 1) / 2];
  StunMessage message;

  g_assert_true (bytes_from_hex (sample, bytes, sizeof bytes));
  g_assert_true (stun_read ((Bytes){ bytes, sizeof bytes }, &message));
  for (size_t i = 8; i < sizeof bytes - 8; i++) {
    bytes[i] ^= 0x40;
    g_assert_false (stun_read ((Bytes){ bytes, sizeof bytes }, &message));
    bytes[i] ^= 0x40;
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun/told-apart-by-the-first-byte", test_first_byte);
  g_test_add_func ("/stun/binding-says-where-it-came-from", test_binding);
  g_test_add_func ("/stun/rfc-3489-is-answered-in-kind", test_classic);
  g_test_add_func ("/stun/what-must-be-understood-and-is-not-is-named", test_unknown);
  g_test_add_func ("/stun/what-need-not-be-understood-is-passed-over", test_optional);
  g_test_add_func ("/stun/threat-4.5-attributes-are-few-and-short", test_limits);
  g_test_add_func ("/stun/threat-4.5-damaged-messages-are-dropped", test_damage);
  g_test_add_func ("/stun/threat-4.5-fingerprint-is-checked", test_fingerprint);
  return g_test_run ();
}
