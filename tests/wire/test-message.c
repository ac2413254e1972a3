/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/message.h"
#include "core/wire/methods.h"
#include "tests/wire/structures.h"

#include <string.h>

typedef struct Made {
  ForwardingHeader header;
  GByteArray *contents; /* owned */
  GByteArray *bytes;    /* owned */
} Made;

static Made
make (uint16_t code, Bytes body)
{
  MessageContents contents = { .message_code = code, .message_body = body };
  SecurityBlock security = { .signature = signature_none () };
  Made made = { .header = { .overlay = 0x01020304,
                            .fragment = FRAGMENT_ONLY,
                            .transaction_id = 0x1122334455667788 },
                .contents = g_byte_array_new (),
                .bytes = g_byte_array_new () };
  Bytes encoded;

  g_assert_true (message_contents_encode (&contents, made.contents));
  encoded = (Bytes){ made.contents->data, made.contents->len };
  g_assert_true (message_encode (&made.header, encoded, &security, made.bytes));
  return made;
}

static void
unmake (Made *made)
{
  g_byte_array_unref (made->contents);
  g_byte_array_unref (made->bytes);
}

static void
test_parts (void)
{
  g_autoptr (Arena) arena = arena_new ();
  Made made = make (MESSAGE_PING_REQ, bytes_of_text ("body"));
  ForwardingHeader header;
  Message message;
  Bytes payload;

  g_assert_true (
    header_decode ((Bytes){ made.bytes->data, made.bytes->len }, arena, &header, &payload, NULL));
  g_assert_true (message_decode (payload, arena, &message, NULL));
  g_assert_cmpuint (message.contents.message_code, ==, MESSAGE_PING_REQ);
  g_assert_true (bytes_equal (message.contents.message_body, bytes_of_text ("body")));
  g_assert_cmpmem (message.contents_received.data, message.contents_received.size,
                   made.contents->data, made.contents->len);
  g_assert_true (signature_is_none (&message.security.signature));
  payload.size--;
  g_assert_false (message_decode (payload, arena, &message, NULL));
  unmake (&made);
}

/* overlay || transaction_id || MessageContents || SignerIdentity (RFC 6940, 6.3.4) */
static void
test_signature_input (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *hex = NULL;
  Made made = make (MESSAGE_PING_REQ, bytes_of_text ("B"));
  SignerIdentity identity = { .identity_type = SIGNER_CERT_HASH,
                              .hash_alg = 4,
                              .certificate_hash = bytes_of_text ("h") };

  message_signature_input (&made.header, (Bytes){ made.contents->data, made.contents->len },
                           &identity, bytes);
  hex = bytes_to_hex ((Bytes){ bytes->data, bytes->len });
  g_assert_cmpstr (hex, ==,
                   "01020304"
                   "1122334455667788"
                   "0017000000014200000000"
                   "010003040168");
  unmake (&made);
}

static void
assert_printed (Bytes bytes, const char *what)
{
  g_autoptr (GString) text = g_string_new (NULL);

  message_print (bytes, NULL, text);
  g_assert_nonnull (strstr (text->str, what));
}

static void
test_printing_what_is_broken (void)
{
  Made known = make (MESSAGE_PING_REQ, bytes_of_text ("B"));
  Made unknown = make (0x7001, bytes_of_text ("B"));

  assert_printed ((Bytes){ known.bytes->data, known.bytes->len }, "malformed: padding");
  assert_printed ((Bytes){ known.bytes->data, known.bytes->len - 1 }, "malformed: length");
  assert_printed ((Bytes){ known.bytes->data, 3 }, "malformed: relo_token");
  assert_printed ((Bytes){ unknown.bytes->data, unknown.bytes->len }, "message_body: 42");
  unmake (&known);
  unmake (&unknown);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/message/parts", test_parts);
  g_test_add_func ("/wire/message/threat-1.5-signature-input", test_signature_input);
  g_test_add_func ("/wire/message/printing-what-is-broken", test_printing_what_is_broken);
  return g_test_run ();
}
