/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/presence.h"
#include "core/sip/session.h"
#include "tests/fuzz/driver.h"
#include <string.h>

/* A whole user agent against one hostile peer. An input is a sequence of steps, separated by lines
 * "===". A step that begins with '@' is something that happens here (see act()); any other is a
 * message from the peer, in which %V %F %T %C %Q stand for Via, From, To, Call-ID and CSeq of what
 * we sent last, so that mutations stay inside our dialogs. */

#define SEPARATOR "===\n"

static const char *const letters = "VFTCQ";
static const char *const headers[] = { "Via", "From", "To", "Call-ID", "CSeq" };

typedef struct Victim {
  Timers *timers;
  NodePorts ports;
  UserAgent *ua;
  NodeId peer;
  uint32_t call;
  uint32_t own_calls;
  uint32_t random;
  char *sent; /* our latest message */
} Victim;

static void
random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  Victim *self = world;

  for (size_t i = 0; i < size; i++) {
    self->random = self->random * 1103515245 + 12345;
    ret_bytes[i] = (uint8_t) (self->random >> 16);
  }
}

static uint32_t
random_below (void *world, uint32_t limit)
{
  return ((Victim *) world)->random % limit;
}

static void
on_send (void *user_data, const NodeId *peer, Bytes frame)
{
  Victim *self = user_data;

  if (frame.size == 0 || frame.data[0] == 1)
    return;
  g_free (self->sent);
  self->sent = g_strndup ((const char *) frame.data, frame.size);
}

static void
on_want_link (void *user_data, const NodeId *peer)
{
}

static PresenceDecision
on_decide (void *user_data, const char *address, const UserKey *user_key)
{
  return PRESENCE_UNDECIDED;
}

static void
on_event (void *user_data, const SipEvent *event)
{
  Victim *self = user_data;

  if (event->type != SIP_EVENT_PRESENCE && event->type != SIP_EVENT_REQUEST)
    self->call = event->call;
}

static const UserAgentDelegate delegate = {
  .send = on_send,
  .want_link = on_want_link,
  .decide = on_decide,
  .event = on_event,
};

static void
describe (MediaDescription *ret_media)
{
  *ret_media = (MediaDescription){ .ptime_ms = 20 };
  g_strlcpy (ret_media->ice.ufrag, "abcd", 5);
  g_strlcpy (ret_media->ice.password, "0123456789abcdefghijklmn", 25);
}

static void
link_up (Victim *self)
{
  static char user[] = "bob@x";
  Certificate certificate = { .node_ids = { self->peer }, .node_id_count = 1, .user = user };

  user_agent_link_up (self->ua, &self->peer, &certificate);
}

static void
call (Victim *self)
{
  SessionDevice device = { .node_id = self->peer };
  MediaDescription media;

  describe (&media);
  session_invite (self->ua, ++self->own_calls, "bob@x", &device, 1);
  session_offer (self->ua, self->own_calls, &self->peer, &media);
}

static void
act (Victim *self, const char *step, size_t size)
{
  MediaDescription media;

  describe (&media);
  switch (size > 1 ? step[1] : 0) {
  case 't':
    timers_advance (self->timers, timers_now (self->timers) + TIME_SECOND, 1000);
    break;
  case 'T':
    timers_advance (self->timers, timers_now (self->timers) + 40 * TIME_SECOND, 1000);
    break;
  case 'c':
    call (self);
    break;
  case 'r':
    session_ring (self->ua, self->call, size > 2 && step[2] == 'e' ? &media : NULL);
    break;
  case 'a':
    session_answer (self->ua, self->call, &media);
    break;
  case 'd':
    session_decline (self->ua, self->call, true);
    break;
  case 'e':
    session_end (self->ua, self->call);
    break;
  case 'h':
    session_hold (self->ua, self->call, size > 2 && step[2] == '1');
    break;
  case 'i':
    session_restart (self->ua, self->call, &media);
    break;
  case 'u':
    user_agent_link_down (self->ua, &self->peer, true);
    break;
  case 'U':
    link_up (self);
    break;
  case 'f':
    user_agent_link_failed (self->ua, &self->peer, size > 2 && step[2] == '1');
    break;
  case 's':
    presence_subscribe (self->ua, "bob@x", &self->peer, 1);
    break;
  case 'S':
    presence_unsubscribe (self->ua, "bob@x");
    break;
  case 'p':
    presence_decided (self->ua, "bob@x", &(UserKey){ { 0 } }, PRESENCE_ACCEPTED);
    break;
  case 'n':
    presence_set_own (self->ua, PRESENCE_IN_CALL);
    break;
  case 'q':
    user_agent_stop (self->ua);
    break;
  case 'x':
    user_agent_receive (self->ua, &self->peer, (Bytes){ (const uint8_t *) step + 2, size - 2 });
    break;
  default:
    break;
  }
}

static void
append_header (GString *text, const char *sent, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\r\n%s: ", name);
  const char *value = sent != NULL ? strstr (sent, start) : NULL;

  if (value == NULL)
    return;
  value += strlen (start);
  g_string_append_len (text, value, (gssize) strcspn (value, "\r"));
}

/* Line ends become CRLF unless the input has its own. */
static void
speak (Victim *self, const char *step, size_t size)
{
  g_autoptr (GString) text = g_string_new (NULL);
  bool has_cr = memchr (step, '\r', size) != NULL;

  for (size_t i = 0; i < size; i++) {
    const char *letter =
      step[i] == '%' && i + 1 < size && step[i + 1] != '\0' ? strchr (letters, step[i + 1]) : NULL;

    if (letter != NULL) {
      append_header (text, self->sent, headers[letter - letters]);
      i++;
      continue;
    }
    if (step[i] == '\n' && !has_cr)
      g_string_append_c (text, '\r');
    g_string_append_c (text, step[i]);
  }
  user_agent_receive (self->ua, &self->peer, (Bytes){ (const uint8_t *) text->str, text->len });
}

static void
set_up (Victim *self)
{
  static const MediaCodec pcma = {
    .name = "PCMA", .clock_rate = 8000, .channels = 1, .payload_type = 8
  };

  *self = (Victim){ .timers = timers_new (0), .random = 1 };
  self->ports = (NodePorts){ .world = self,
                             .timers = self->timers,
                             .random_bytes = random_bytes,
                             .random_below = random_below };
  memset (self->peer.bytes, 7, sizeof self->peer.bytes);
  self->ua = user_agent_new (&(UserAgentOptions){ .ports = &self->ports,
                                                  .delegate = &delegate,
                                                  .user_data = self,
                                                  .address = "alice@x",
                                                  .display_name = "Alice" });
  user_agent_set_codecs (self->ua, &pcma, 1);
  link_up (self);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *at = (const char *) data, *end = at + size;
  Victim victim;

  set_up (&victim);
  for (unsigned steps = 0; at < end && steps < 50; steps++) {
    const char *next = memmem (at, (size_t) (end - at), SEPARATOR, strlen (SEPARATOR));
    size_t length = (size_t) ((next != NULL ? next : end) - at);

    if (length > 0 && at[0] == '@')
      act (&victim, at, length);
    else
      speak (&victim, at, length);
    at = next != NULL ? next + strlen (SEPARATOR) : end;
  }
  timers_advance (victim.timers, timers_now (victim.timers) + 100 * TIME_SECOND, 1000);
  user_agent_free (victim.ua);
  g_assert (timers_next (victim.timers) == TIME_NEVER);
  timers_free (victim.timers);
  g_free (victim.sent);
  return 0;
}
