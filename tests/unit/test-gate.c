/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gate.h"
#include "core/sip/stack.h"
#include "tests/unit/sip-world.h"
#include <string.h>

/* RFC 4475: what the gate says of each message. Behind the gate a request may still be refused; see
 * test-pair.c. */
static const struct {
  const char *name;
  int verdict;
} torture[] = {
  { "wsinv", 400 },         /* its branch is of RFC 2543 */
  { "intmeth", GATE_DROP }, /* an escaped NUL in a method of punctuation */
  { "esc01", GATE_GOOD },    { "escnull", GATE_GOOD },
  { "esc02", GATE_GOOD },    { "lwsdisp", GATE_GOOD },
  { "longreq", 400 }, /* more Via than we follow, the first without branch */
  { "dblreq", 400 },  /* bytes behind Content-Length: a frame is one message */
  { "semiuri", GATE_GOOD },  { "transports", GATE_GOOD },
  { "mpart01", GATE_GOOD },  { "unreason", GATE_GOOD },
  { "noreason", GATE_GOOD }, { "badinv01", GATE_DROP },
  { "clerr", GATE_DROP },    { "ncl", 400 },
  { "scalar02", 400 },       { "scalarlg", GATE_DROP }, /* a response */
  { "quotbal", GATE_DROP },  { "ltgtruri", GATE_DROP },
  { "lwsruri", GATE_DROP },  { "lwsstart", GATE_DROP },
  { "trws", GATE_DROP },     { "escruri", GATE_GOOD },
  { "baddate", 400 },        { "regbadct", 400 },
  { "badaspec", GATE_DROP }, { "baddn", GATE_DROP },
  { "badvers", 505 },        { "mismatch01", 400 },
  { "mismatch02", 400 },     { "bigcode", GATE_DROP },
  { "badbranch", 400 },      { "insuf", GATE_DROP },
  { "unkscm", GATE_GOOD },   { "novelsc", GATE_DROP },
  { "unksm2", GATE_GOOD },   { "bext01", GATE_GOOD },
  { "invut", GATE_GOOD },    { "regaut01", GATE_GOOD },
  { "multi01", GATE_DROP },  { "mcl01", GATE_DROP },
  { "bcast", GATE_GOOD },    { "zeromf", GATE_GOOD },
  { "cparam01", GATE_GOOD }, { "cparam02", GATE_GOOD },
  { "regescrt", GATE_GOOD }, { "sdp01", GATE_GOOD },
  { "inv2543", 400 },
};

/* RFC 5118's cases in messages of our own: addresses with many colons. */
static const struct {
  const char *name;
  int verdict;
} ipv6[] = {
  { "ipv6-good", GATE_GOOD },
  { "ipv6-bad", 400 }, /* no brackets */
  { "port-ambiguous", GATE_GOOD },
  { "port-unambiguous", GATE_GOOD },
  { "via-received-param-with-delim", GATE_GOOD },
  { "via-received-param-no-delim", GATE_GOOD },
  { "ipv6-in-sdp", GATE_GOOD },
  { "mult-ip-in-header", GATE_GOOD },
  { "mult-ip-in-sdp", GATE_GOOD },
  { "ipv4-mapped-ipv6", GATE_GOOD },
  { "ipv6-bug-abnf-3-colons", GATE_GOOD },
};

#define REQUEST                                                    \
  "OPTIONS sip:bob@x SIP/2.0\r\n"                                  \
  "Via: SIP/2.0/TLS x;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"     \
  "From: <sip:alice@x>;tag=1\r\nTo: <sip:bob@x>\r\nCall-ID: 1\r\n" \
  "CSeq: 1 OPTIONS\r\n"

static const struct {
  const char *what;
  const char *text;
  int verdict;
} cases[] = {
  { "good", REQUEST "\r\n", GATE_GOOD },
  { "with-length", REQUEST "Content-Length: 2\r\n\r\nab", GATE_GOOD },
  { "short-length", REQUEST "Content-Length: 1\r\n\r\nab", 400 },
  { "two-lengths", REQUEST "Content-Length: 0\r\nl: 0\r\n\r\n", GATE_DROP },
  { "length-with-sign", REQUEST "Content-Length: +0\r\n\r\n", 400 },
  { "huge-length", REQUEST "Content-Length: 4294967296\r\n\r\n", 400 },
  { "no-blank-line", REQUEST, GATE_DROP },
  { "empty", "", GATE_DROP },
  { "only-a-blank-line", "\r\n\r\n", GATE_DROP },
  { "header-without-colon", REQUEST "Nonsense\r\n\r\n", GATE_DROP },
  { "header-without-name", REQUEST ": x\r\n\r\n", GATE_DROP },
  { "bare-cr", REQUEST "Subject: a\rb\r\n\r\n", GATE_DROP },
  { "escape-character", REQUEST "Subject: \033[2J\r\n\r\n", GATE_DROP },
  { "max-forwards-256", REQUEST "Max-Forwards: 256\r\n\r\n", GATE_GOOD }, /* the first counts */
  { "status-700", "SIP/2.0 700 x\r\n\r\n", GATE_DROP },
  { "status-099", "SIP/2.0 099 x\r\n\r\n", GATE_DROP },
  { "status-2000", "SIP/2.0 2000 x\r\n\r\n", GATE_DROP },
  /* CVE-2021-33056 and CVE-2021-43611 of another stack. */
  { "uri-without-scheme",
    "OPTIONS bob SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\nFrom: <alice>;tag=1\r\n"
    "To: <bob>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
    GATE_DROP },
  { "display-name-ends-in-backslash",
    "OPTIONS sip:bob@x SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\n"
    "From: \"alice\\\r\nTo: <sip:bob@x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
    GATE_DROP },
};

static void
ignore_text (void *user_data, Bytes text)
{
}

static void
ignore_request (void *user_data, uint32_t transaction, const SipMessage *request)
{
}

static void
ignore_message (void *user_data, const SipMessage *message)
{
}

static const SipStackEvents events = {
  .send = ignore_text,
  .request = ignore_request,
  .ack = ignore_message,
  .cancel = ignore_request,
  .response = ignore_message,
};

/* The library must be running for its parser to work: a stack sees to that. */
static void
assert_verdict (const char *what, Bytes text, int verdict)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  g_autoptr (SipStack) stack = sip_stack_new (&world->ports, &events, NULL);

  g_test_message ("%s", what);
  g_assert_cmpint (sip_stack_receive (stack, text), ==, verdict);
}

static void
assert_file (const char *name, int verdict)
{
  g_autofree char *path = g_strdup_printf (SIP_TORTURE "/%s.dat", name);
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  assert_verdict (name, (Bytes){ (const uint8_t *) text, size }, verdict);
}

static void
test_torture (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (torture); i++)
    assert_file (torture[i].name, torture[i].verdict);
}

static void
test_ipv6 (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ipv6); i++)
    assert_file (ipv6[i].name, ipv6[i].verdict);
}

static void
test_cases (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_verdict (cases[i].what, bytes_of_text (cases[i].text), cases[i].verdict);
}

static void
test_nul (void)
{
  static const char text[] = REQUEST "Subject: a\0b\r\n\r\n";

  assert_verdict ("nul", (Bytes){ (const uint8_t *) text, sizeof text - 1 }, GATE_DROP);
}

static void
assert_repeated (const char *line, size_t count, size_t pad, int verdict)
{
  g_autoptr (GString) text = g_string_new (REQUEST);

  for (size_t i = 0; i < count; i++)
    g_string_append (text, line);
  for (size_t i = 0; i < pad; i++)
    g_string_insert_c (text, (gssize) text->len - 2, 'x');
  g_string_append (text, "\r\n");
  assert_verdict (line, bytes_of_text (text->str), verdict);
}

static void
test_limits (void)
{
  assert_repeated ("Subject: x\r\n", 94, 0, GATE_GOOD);
  assert_repeated ("Subject: x\r\n", 95, 0, 400);
  assert_repeated ("Via: SIP/2.0/TLS y\r\n", 31, 0, GATE_GOOD);
  assert_repeated ("Via: SIP/2.0/TLS y\r\n", 32, 0, 400);
  assert_repeated ("Subject: x\r\n", 1, 8000, GATE_GOOD);
  assert_repeated ("Subject: x\r\n", 1, 8200, 400);
  assert_repeated ("Subject: x\r\n", 1, 66000, GATE_DROP);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/gate/threat-4.7-torture-messages-get-their-verdicts", test_torture);
  g_test_add_func ("/sip/gate/threat-4.7-addresses-of-many-colons-get-their-verdicts", test_ipv6);
  g_test_add_func ("/sip/gate/threat-4.7-odd-messages-get-theirs", test_cases);
  g_test_add_func ("/sip/gate/threat-4.7-no-nul-in-the-head", test_nul);
  g_test_add_func ("/sip/gate/threat-4.7-headers-have-limits", test_limits);
  return g_test_run ();
}
