/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gate.h"
#include "core/base/limits.h"
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osipparser2/osip_parser.h>

/* The library's parser is lenient where a peer-to-peer phone must not be: it takes numbers that
 * overflow, lengths that disagree with the datagram, messages without Call-ID. So everything is
 * judged twice: as bytes before the library sees it, and as fields afterwards.
 *
 * A request that is merely wrong gets an answer; whatever cannot be answered, all bad responses and
 * all bad ACKs are dropped. The branches of RFC 2543 (without the magic cookie) are refused: in an
 * overlay nobody is that old, and guessing at transactions is not safe. */

enum { NUMBER_DIGITS_MAX = 10, LENGTH_DIGITS_MAX = 6, PORT_DIGITS_MAX = 5 };

#define BRANCH_COOKIE "z9hG4bK"

static bool
is_digits (const char *text, size_t size, size_t size_max)
{
  if (size == 0 || size > size_max)
    return false;
  for (size_t i = 0; i < size; i++)
    if (!g_ascii_isdigit (text[i]))
      return false;
  return true;
}

/* ---- As bytes ---- */

static int
check_content_length (Bytes value, size_t body_size, unsigned *count)
{
  const char *text = (const char *) value.data;

  if (++*count > 1 || !is_digits (text, value.size, LENGTH_DIGITS_MAX))
    return 400;
  return strtoul (text, NULL, 10) == body_size ? GATE_GOOD : 400;
}

/* Without angle brackets "?" and what follows would be headers of the message, not of the URI
 * (RFC 3261, 20.10). */
static int
check_contact (Bytes value, size_t body_size, unsigned *count)
{
  bool is_bare = memchr (value.data, '<', value.size) == NULL;

  return is_bare && memchr (value.data, '?', value.size) != NULL ? 400 : GATE_GOOD;
}

static int
check_date (Bytes value, size_t body_size, unsigned *count)
{
  return value.size > 4 && memcmp (value.data + value.size - 4, " GMT", 4) == 0 ? GATE_GOOD : 400;
}

static const struct {
  const char *name;
  const char *compact;
  int (*check) (Bytes value, size_t body_size, unsigned *count);
} header_checks[] = {
  { "content-length", "l", check_content_length },
  { "contact", "m", check_contact },
  { "date", "date", check_date },
};

static Bytes
trim (const uint8_t *start, const uint8_t *end)
{
  while (start < end && g_ascii_isspace (*start))
    start++;
  while (end > start && g_ascii_isspace (end[-1]))
    end--;
  return (Bytes){ start, (size_t) (end - start) };
}

static bool
is_name (Bytes name, const char *text)
{
  return name.size == strlen (text) &&
         g_ascii_strncasecmp ((const char *) name.data, text, name.size) == 0;
}

/* One header with its folded lines, without the last line end. */
static int
check_header (Bytes header, size_t body_size, unsigned counts[])
{
  const uint8_t *end = header.data + header.size;
  const uint8_t *colon = memchr (header.data, ':', header.size);
  Bytes name, value;

  if (colon == NULL || colon == header.data)
    return GATE_DROP;
  if (header.size > LIMIT_SIP_HEADER_SIZE)
    return 400;
  name = trim (header.data, colon);
  value = trim (colon + 1, end);
  for (size_t i = 0; i < G_N_ELEMENTS (header_checks); i++)
    if (is_name (name, header_checks[i].name) || is_name (name, header_checks[i].compact))
      return header_checks[i].check (value, body_size, &counts[i]);
  return GATE_GOOD;
}

/* Host and port of a SIP URI. An IPv6 address stands in brackets: without them nobody can tell
 * where it ends (RFC 5118, 4.2), and the library guesses. */
static bool
is_host_and_port (const char *uri)
{
  size_t scheme = g_ascii_strncasecmp (uri, "sips:", 5) == 0  ? 5
                  : g_ascii_strncasecmp (uri, "sip:", 4) == 0 ? 4
                                                              : 0;
  const char *at = strrchr (uri, '@');
  const char *host = at != NULL ? at + 1 : uri + scheme;
  const char *port;

  if (scheme == 0)
    return true;
  port = host + (host[0] == '[' ? strcspn (host, "]") : strcspn (host, ":;?"));
  if (host[0] == '[')
    port += port[0] == ']';
  if (port[0] != ':')
    return port[0] == '\0' || port[0] == ';' || port[0] == '?';
  return is_digits (port + 1, strcspn (port + 1, ";?"), PORT_DIGITS_MAX);
}

static int
check_request_line (char *text)
{
  char *version = strrchr (text, ' ');
  const char *uri = strchr (text, ' ');

  if (version == NULL || !g_str_has_prefix (version, " SIP/"))
    return GATE_DROP;
  if (strcmp (version, " SIP/2.0") != 0)
    return 505;
  *version = '\0';
  return uri == version || is_host_and_port (uri + 1) ? GATE_GOOD : 400;
}

static int
check_start_line (Bytes line)
{
  g_autofree char *text = g_strndup ((const char *) line.data, line.size);

  if (g_str_has_prefix (text, "SIP/"))
    return g_str_has_prefix (text, "SIP/2.0 ") && is_digits (text + 8, 3, 3) &&
               (text[11] == ' ' || text[11] == '\0') && text[8] >= '1' && text[8] <= '6'
             ? GATE_GOOD
             : GATE_DROP;
  return check_request_line (text);
}

/* Control characters have no business before the body; a CR must belong to a line end. */
static bool
is_text (Bytes head)
{
  for (size_t i = 0; i < head.size; i++) {
    uint8_t c = head.data[i];

    if (c == '\r' && (i + 1 == head.size || head.data[i + 1] != '\n'))
      return false;
    if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f)
      return false;
  }
  return true;
}

/* Where the blank line ends, or 0. */
static size_t
find_body (Bytes text)
{
  const uint8_t *found = memmem (text.data, text.size, "\r\n\r\n", 4);

  return found != NULL ? (size_t) (found - text.data) + 4 : 0;
}

/* The next header (or start line) of `head` with its folded lines; moves `at` behind it. */
static Bytes
next_header (Bytes head, size_t *at)
{
  const uint8_t *start = head.data + *at;
  size_t end = *at;

  do {
    const uint8_t *line_end = memchr (head.data + end, '\n', head.size - end);

    end = line_end != NULL ? (size_t) (line_end - head.data) + 1 : head.size;
  } while (end < head.size && (head.data[end] == ' ' || head.data[end] == '\t'));
  *at = end;
  end -= (size_t) (start - head.data);
  while (end > 0 && (start[end - 1] == '\n' || start[end - 1] == '\r'))
    end--;
  return (Bytes){ start, end };
}

static int
check_text (Bytes text)
{
  unsigned counts[G_N_ELEMENTS (header_checks)] = { 0 };
  size_t body = text.size > 0 && text.size <= LIMIT_SIP_SIZE ? find_body (text) : 0;
  Bytes head = { text.data, body - MIN (body, 2) };
  size_t at = 0;
  int verdict;

  if (body == 0 || !is_text (head))
    return GATE_DROP;
  verdict = check_start_line (next_header (head, &at));
  for (unsigned count = 1; at < head.size && verdict != GATE_DROP; count++) {
    int result = check_header (next_header (head, &at), text.size - body, counts);

    if (count > LIMIT_SIP_HEADERS)
      result = 400;
    if (verdict == GATE_GOOD || result == GATE_DROP)
      verdict = result;
  }
  return verdict;
}

/* ---- As fields ---- */

static bool
is_answerable (const osip_message_t *message)
{
  return message->from != NULL && message->from->url != NULL && message->to != NULL &&
         message->to->url != NULL && message->call_id != NULL && message->call_id->number != NULL &&
         message->cseq != NULL && message->cseq->number != NULL && message->cseq->method != NULL &&
         osip_list_size (&message->vias) > 0;
}

static int
check_vias (const osip_message_t *message)
{
  osip_list_iterator_t walk;
  bool is_top = true;

  if (osip_list_size (&message->vias) > LIMIT_SIP_VIAS)
    return 400;
  for (osip_via_t *via = osip_list_get_first (&message->vias, &walk); via != NULL;
       via = osip_list_get_next (&walk)) {
    osip_generic_param_t *branch = NULL;

    if (via->host == NULL || via->protocol == NULL || via->version == NULL)
      return GATE_DROP;
    osip_via_param_get_byname (via, (char *) "branch", &branch);
    if (is_top && (branch == NULL || branch->gvalue == NULL ||
                   !g_str_has_prefix (branch->gvalue, BRANCH_COOKIE) ||
                   strlen (branch->gvalue) == strlen (BRANCH_COOKIE)))
      return 400;
    is_top = false;
  }
  return GATE_GOOD;
}

static bool
is_cseq_number (const char *text)
{
  return is_digits (text, strlen (text), NUMBER_DIGITS_MAX) &&
         g_ascii_strtoull (text, NULL, 10) < UINT64_C (1) << 31;
}

static int
check_max_forwards (const osip_message_t *message)
{
  osip_header_t *header = NULL;

  if (osip_message_header_get_byname (message, "max-forwards", 0, &header) < 0 || header == NULL)
    return GATE_GOOD;
  if (header->hvalue == NULL ||
      !is_digits (header->hvalue, strlen (header->hvalue), NUMBER_DIGITS_MAX) ||
      g_ascii_strtoull (header->hvalue, NULL, 10) > 255)
    return 400;
  return GATE_GOOD;
}

static int
check_request (const osip_message_t *message)
{
  if (message->req_uri == NULL || message->sip_method == NULL)
    return GATE_DROP;
  if (strcmp (message->sip_method, message->cseq->method) != 0)
    return 400;
  return check_max_forwards (message);
}

static int
check_fields (const osip_message_t *message)
{
  bool is_request = MSG_IS_REQUEST (message);
  int verdict;

  if (!is_answerable (message))
    return GATE_DROP;
  verdict = check_vias (message);
  if (verdict == GATE_GOOD && !is_cseq_number (message->cseq->number))
    verdict = 400;
  if (verdict == GATE_GOOD && is_request)
    verdict = check_request (message);
  return verdict;
}

int
gate_check (Bytes text, struct osip_message **ret_message)
{
  osip_message_t *message = NULL;
  int verdict = check_text (text);

  if (verdict == GATE_DROP || osip_message_init (&message) != OSIP_SUCCESS)
    return GATE_DROP;
  if (osip_message_parse (message, (const char *) text.data, text.size) != OSIP_SUCCESS) {
    osip_message_free (message);
    return GATE_DROP;
  }
  if (verdict == GATE_GOOD)
    verdict = check_fields (message);
  else if (!is_answerable (message) || check_vias (message) == GATE_DROP)
    verdict = GATE_DROP;
  if (verdict != GATE_GOOD && (MSG_IS_RESPONSE (message) || MSG_IS_ACK (message)))
    verdict = GATE_DROP;
  if (verdict == GATE_DROP)
    osip_message_free (message);
  else
    *ret_message = message;
  return verdict;
}
