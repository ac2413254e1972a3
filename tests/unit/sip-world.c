/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/sip-world.h"
#include <string.h>

#define INSTANCE "club-abcd2345.peal.alt"
#define LATENCY  (5 * TIME_MS)

static const char *const event_words[] = {
  [SIP_EVENT_INCOMING] = "incoming",
  [SIP_EVENT_RINGING] = "ringing",
  [SIP_EVENT_MEDIA] = "media",
  [SIP_EVENT_OFFER] = "offer",
  [SIP_EVENT_UP] = "up",
  [SIP_EVENT_LEG_GONE] = "gone",
  [SIP_EVENT_HOLD] = "hold",
  [SIP_EVENT_LOST] = "lost",
  [SIP_EVENT_MENDED] = "mended",
  [SIP_EVENT_ENDED] = "ended",
  [SIP_EVENT_PRESENCE] = "presence",
  [SIP_EVENT_REQUEST] = "request",
};

static const char *const end_words[] = {
  [SESSION_END_HUNG_UP] = "hung-up",     [SESSION_END_DECLINED] = "declined",
  [SESSION_END_BUSY] = "busy",           [SESSION_END_NO_ANSWER] = "no-answer",
  [SESSION_END_CANCELLED] = "cancelled", [SESSION_END_ELSEWHERE] = "elsewhere",
  [SESSION_END_NOT_FOUND] = "not-found", [SESSION_END_UNREACHABLE] = "unreachable",
  [SESSION_END_REFUSED] = "refused",     [SESSION_END_NO_CODEC] = "no-codec",
  [SESSION_END_MOVED] = "moved",         [SESSION_END_LOST] = "lost",
  [SESSION_END_FAILED] = "failed",
};

static const char *const presence_words[] = {
  [PRESENCE_UNKNOWN] = "unknown",     [PRESENCE_PENDING] = "pending",
  [PRESENCE_REFUSED] = "refused",     [PRESENCE_OFFLINE] = "offline",
  [PRESENCE_AWAY] = "away",           [PRESENCE_AVAILABLE] = "available",
  [PRESENCE_DO_NOT_DISTURB] = "busy", [PRESENCE_IN_CALL] = "in-call",
};

/* ---- Time and chance ---- */

static void
random_bytes (void *world, uint8_t *ret_bytes, size_t size)
{
  SipWorld *self = world;

  for (size_t i = 0; i < size; i++)
    ret_bytes[i] = (uint8_t) g_rand_int (self->rand);
}

static uint32_t
random_below (void *world, uint32_t limit)
{
  return (uint32_t) g_rand_int_range (((SipWorld *) world)->rand, 0, (gint32) limit);
}

/* Something that happens later, once. */
typedef struct Errand {
  Timer timer;
  SipPhone *from;
  SipPhone *to;
  uint8_t *frame; /* NULL: the link is due */
  size_t size;
} Errand;

static SipPhone *
find_phone (SipWorld *self, const NodeId *id)
{
  for (size_t i = 0; i < self->phone_count; i++)
    if (node_id_equal (&self->phones[i].id, id))
      return &self->phones[i];
  g_assert_not_reached ();
}

static void
on_errand (Timer *timer, void *owner)
{
  Errand *errand = owner;
  SipPhone *from = errand->from, *to = errand->to;
  bool is_linked = from->world->is_linked[from->index][to->index];

  if (errand->frame == NULL && !is_linked && !to->is_cut && !to->is_unknown)
    sip_world_link (from, to);
  else if (errand->frame == NULL && (to->is_cut || to->is_unknown))
    user_agent_link_failed (from->ua, &to->id, to->is_unknown);
  else if (errand->frame != NULL && is_linked && to->ua != NULL)
    user_agent_receive (to->ua, &from->id, (Bytes){ errand->frame, errand->size });
  g_free (errand->frame);
  g_free (errand);
}

static void
send_errand (SipPhone *from, SipPhone *to, Bytes frame, uint64_t delay)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->from = from;
  errand->to = to;
  errand->frame = bytes_dup (frame);
  errand->size = frame.size;
  timer_init (&errand->timer, on_errand, errand);
  timer_start (&errand->timer, from->world->timers, delay);
}

/* ---- What user agents ask for ---- */

static void
on_send (void *user_data, const NodeId *peer, Bytes frame)
{
  SipPhone *self = user_data;
  SipPhone *to = find_phone (self->world, peer);

  g_assert_cmpuint (frame.size, <=, 1200);
  g_ptr_array_add (to->inbox, g_strndup ((const char *) frame.data, frame.size));
  send_errand (self, to, frame, LATENCY);
}

static void
on_want_link (void *user_data, const NodeId *peer)
{
  SipPhone *self = user_data;

  if (!self->is_stranger_to_all)
    send_errand (self, find_phone (self->world, peer), (Bytes){ 0 }, 500 * TIME_MS);
}

static PresenceDecision
on_decide (void *user_data, const char *address, const UserKey *user_key)
{
  return ((SipPhone *) user_data)->decision;
}

static void
tell_story (SipPhone *self, const SipEvent *event)
{
  GString *story = self->story;

  g_string_append_printf (story, "%s%s", story->len > 0 ? " " : "", event_words[event->type]);
  if (event->type == SIP_EVENT_ENDED)
    g_string_append_printf (story, ":%s", end_words[event->end]);
  if (event->type == SIP_EVENT_PRESENCE)
    g_string_append_printf (story, ":%s", presence_words[event->presence]);
  if (event->type == SIP_EVENT_HOLD)
    g_string_append_printf (story, ":%s%s", event->is_local ? "we" : "",
                            event->is_remote ? "they" : "");
}

static void
respond (SipPhone *self, const SipEvent *event)
{
  MediaDescription media;

  if (event->type == SIP_EVENT_OFFER && self->refuses_offers) {
    session_refuse (self->ua, event->call);
  } else if (event->type == SIP_EVENT_OFFER) {
    sip_phone_describe (self, &media);
    session_answer (self->ua, event->call, &media);
  }
  if (event->type != SIP_EVENT_INCOMING)
    return;
  sip_phone_describe (self, &media);
  if (self->rings)
    session_ring (self->ua, event->call, self->rings_early ? &media : NULL);
  if (self->answers)
    session_answer (self->ua, event->call, &media);
}

static void
on_event (void *user_data, const SipEvent *event)
{
  SipPhone *self = user_data;

  if (event->type == SIP_EVENT_WORDS) {
    self->words_told++;
    self->has_words = event->words != NULL;
    if (event->words != NULL)
      memcpy (self->words, event->words, sizeof self->words);
    self->words_key = *event->user_key;
    return;
  }
  tell_story (self, event);
  if (event->type != SIP_EVENT_PRESENCE && event->type != SIP_EVENT_REQUEST)
    self->call = event->call;
  self->incoming += event->type == SIP_EVENT_INCOMING;
  if (event->media != NULL) {
    self->media = *event->media;
    self->is_server = event->is_server;
  }
  self->status = event->status;
  if (event->display_name != NULL) {
    g_free (self->name);
    self->name = g_strdup (event->display_name);
  }
  respond (self, event);
}

static const UserAgentDelegate delegate = {
  .send = on_send,
  .want_link = on_want_link,
  .decide = on_decide,
  .event = on_event,
};

/* ---- The world ---- */

SipWorld *
sip_world_new (void)
{
  SipWorld *self = g_new0 (SipWorld, 1);

  self->timers = timers_new (TIME_SECOND);
  self->rand = g_rand_new_with_seed (7);
  self->ports = (NodePorts){
    .world = self,
    .timers = self->timers,
    .random_bytes = random_bytes,
    .random_below = random_below,
  };
  return self;
}

void
sip_world_free (SipWorld *self)
{
  for (size_t i = 0; i < self->phone_count; i++) {
    SipPhone *phone = &self->phones[i];

    phone->is_stranger_to_all = true;
    user_agent_free (phone->ua);
    phone->ua = NULL;
  }
  sip_world_run (self, 10); /* errands free themselves */
  for (size_t i = 0; i < self->phone_count; i++) {
    g_free (self->phones[i].address);
    g_free (self->phones[i].name);
    g_string_free (self->phones[i].story, TRUE);
    g_ptr_array_unref (self->phones[i].inbox);
  }
  g_assert_cmpuint (timers_next (self->timers), ==, TIME_NEVER);
  g_rand_free (self->rand);
  timers_free (self->timers);
  g_free (self);
}

SipPhone *
sip_world_add_stranger (SipWorld *self, const char *user)
{
  SipPhone *phone = &self->phones[self->phone_count];

  g_assert_cmpuint (self->phone_count, <, SIP_PHONES_MAX);
  phone->world = self;
  phone->index = self->phone_count++;
  phone->address =
    strchr (user, '@') != NULL ? g_strdup (user) : g_strdup_printf ("%s@" INSTANCE, user);
  memset (phone->id.bytes, 0x11 * (int) (phone->index + 1), sizeof phone->id.bytes);
  memset (phone->user_key.bytes, user[0], sizeof phone->user_key.bytes);
  phone->story = g_string_new (NULL);
  phone->inbox = g_ptr_array_new_with_free_func (g_free);
  return phone;
}

SipPhone *
sip_world_add (SipWorld *self, const char *user)
{
  static const MediaCodec codecs[] = {
    { .name = "opus",
      .clock_rate = 48000,
      .channels = 2,
      .payload_type = 96,
      .fmtp = "useinbandfec=1" },
    { .name = "PCMA", .clock_rate = 8000, .channels = 1, .payload_type = 8 },
    { .name = "telephone-event", .clock_rate = 48000, .channels = 1, .payload_type = 101 },
  };
  SipPhone *phone = sip_world_add_stranger (self, user);

  phone->rings = true;
  phone->ua = user_agent_new (&(UserAgentOptions){ .ports = &self->ports,
                                                   .delegate = &delegate,
                                                   .user_data = phone,
                                                   .address = phone->address,
                                                   .display_name = user,
                                                   .node_id = phone->id,
                                                   .user_key = phone->user_key });
  user_agent_set_codecs (phone->ua, codecs, G_N_ELEMENTS (codecs));
  return phone;
}

void
sip_world_run (SipWorld *self, double seconds)
{
  uint64_t end = timers_now (self->timers) + (uint64_t) (seconds * TIME_SECOND);

  while (timers_advance (self->timers, end, 100000) == 100000)
    g_error ("the world does not come to rest");
}

static void
tell_link (SipPhone *self, SipPhone *other)
{
  Certificate certificate = {
    .node_ids = { other->id },
    .node_id_count = 1,
    .user = other->address,
    .user_key = other->user_key,
  };

  if (self->ua != NULL)
    user_agent_link_up (self->ua, &other->id, &certificate);
}

void
sip_world_link (SipPhone *a, SipPhone *b)
{
  a->world->is_linked[a->index][b->index] = a->world->is_linked[b->index][a->index] = true;
  tell_link (a, b);
  tell_link (b, a);
}

void
sip_world_unlink (SipPhone *a, SipPhone *b, bool is_lost)
{
  a->world->is_linked[a->index][b->index] = a->world->is_linked[b->index][a->index] = false;
  if (a->ua != NULL)
    user_agent_link_down (a->ua, &b->id, is_lost);
  if (b->ua != NULL)
    user_agent_link_down (b->ua, &a->id, is_lost);
}

/* ---- Phones ---- */

void
sip_phone_describe (SipPhone *self, MediaDescription *ret_media)
{
  *ret_media = (MediaDescription){ .ptime_ms = 20 };
  /* Short, so that an INVITE stays one frame: strangers put none together. */
  g_snprintf (ret_media->ice.ufrag, 9, "%02u%03u", (unsigned) self->index, ++self->ice);
  g_strlcpy (ret_media->ice.password, "0123456789abcdefghijkl", 23);
  ret_media->ice.candidate_count = 1;
  ret_media->ice.candidates[0] = (Candidate){ .type = CANDIDATE_HOST, .priority = 1000 };
  g_strlcpy (ret_media->ice.candidates[0].foundation, "1", 2);
  g_assert_true (address_from_text ("192.0.2.1:4000", &ret_media->ice.candidates[0].address));
  memset (ret_media->fingerprint, (int) self->index + 1, sizeof ret_media->fingerprint);
}

uint32_t
sip_phone_call (SipPhone *caller, SipPhone *callee, SipPhone *second, SipPhone *third)
{
  static uint32_t last_call;
  SipPhone *callees[] = { callee, second, third };
  SessionDevice devices[3] = { 0 };
  MediaDescription media;
  size_t count = 0;

  for (; count < G_N_ELEMENTS (callees) && callees[count] != NULL; count++)
    devices[count] =
      (SessionDevice){ .node_id = callees[count]->id, .address = callees[count]->address };
  session_invite (caller->ua, ++last_call, callee->address, devices, count);
  for (size_t i = 0; i < count; i++) {
    sip_phone_describe (caller, &media);
    session_offer (caller->ua, last_call, &devices[i].node_id, &media);
  }
  return last_call;
}

void
sip_phone_speak (SipPhone *from, SipPhone *to, const char *text)
{
  user_agent_receive (to->ua, &from->id, bytes_of_text (text));
}

void
sip_phone_watch (SipPhone *self, SipPhone *whom)
{
  presence_subscribe (self->ua, whom->address, &whom->id, 1);
}

char *
sip_phone_story (SipPhone *self)
{
  char *story = g_strdup (self->story->str);

  g_string_truncate (self->story, 0);
  return story;
}

const char *
sip_phone_received (const SipPhone *self, const char *start)
{
  for (guint i = self->inbox->len; i > 0; i--)
    if (g_str_has_prefix (self->inbox->pdata[i - 1], start))
      return self->inbox->pdata[i - 1];
  return NULL;
}

char *
sip_header (const char *message, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\r\n%s: ", name);
  const char *value = strstr (message, start);

  if (value == NULL)
    return NULL;
  value += strlen (start);
  return g_strndup (value, strcspn (value, "\r"));
}

void
sip_two_set_up (SipTwo *self, gconstpointer data)
{
  self->world = sip_world_new ();
  self->alice = sip_world_add (self->world, "alice");
  self->bob = sip_world_add (self->world, "bob");
}

void
sip_two_tear_down (SipTwo *self, gconstpointer data)
{
  sip_world_free (self->world);
}
