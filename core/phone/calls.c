/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/calls.h"
#include "core/crypto/safety-words.h"
#include "core/phone/call-end.h"
#include "core/phone/call-tone.h"
#include "core/phone/doctor.h"
#include "core/phone/voice.h"
#include "core/phone/word-list.h"
#include "core/phone/words.h"

/* A Leg is one call as the program sees it: the node's number for it, the object that windows show,
 * its sound and its row of the history. It stays after the end until its window is closed; then
 * only the object is left of it.
 *
 *   dialled:  node_call() -> LOOKING -> CONNECTING -> RINGING -> UP -> ENDED
 *   incoming: CALL_INCOMING = RINGING -> UP -> ENDED
 *
 * The row is written and the devices are opened when it rings, and when it takes long to ring in
 * the meantime: neither a disk nor a sound server holds up what we send. The microphone is heard by
 * nobody before the call is up: sound starts when the call is answered and the media link has its
 * keys, in either order. Only one call is talked on: answering or dialling puts the others on
 * hold. */

enum { SAVE_EVERY_S = 60, EQUIP_MS = 100 };

typedef struct Leg {
  Calls *calls;
  Line *line; /* NULL once it has ended */
  uint32_t number;
  PealCall *call;
  Doctor *doctor;            /* owned */
  CallMediaOptions *options; /* owned; NULL: the devices */
  guint equip_id;            /* 0: it has what follows */
  Voice *voice;              /* NULL without media, and once it has ended */
  PealHistoryEntry *entry;
  uint32_t link;
  MediaCodec codecs[NODE_CODECS_MAX];
  size_t codec_count;
  bool has_media;
  char *address; /* owned; of whom the call is with, should it have been forwarded */
  UserKey key;   /* of whom the call is with; zero: not known */
  bool is_key_changed;
  bool is_muted;
  bool is_doubtful; /* words differed, or were not opened */
  UserKey *owners;  /* owned; whom to choose from */
  size_t owner_count;
  gint64 begun; /* monotonic, microseconds; 0: not yet */
  gint64 rang;
  gint64 answered;
  gint64 heard;
  gint64 given_up; /* when it is given up, while it is lost; else 0 */
} Leg;

struct Calls {
  CallsOptions options;
  GPtrArray *legs;         /* owned */
  CallMediaOptions *sound; /* owned; NULL: the devices */
  guint next_id;
  guint ticker;
  CallMediaTone tone;
  bool is_talking;
};

/* ---- Legs ---- */

static bool
is_over (const Leg *leg)
{
  return !leg->line;
}

static bool
is_up (const Leg *leg)
{
  PealCallState state = peal_call_get_state (leg->call);

  return state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING;
}

static void
leg_free (gpointer data)
{
  Leg *leg = data;

  peal_call_detach (leg->call);
  g_clear_handle_id (&leg->equip_id, g_source_remove);
  call_media_options_free (leg->options);
  voice_free (leg->voice);
  doctor_free (leg->doctor);
  g_free (leg->owners);
  g_free (leg->address);
  g_object_unref (leg->call);
  g_clear_object (&leg->entry);
  g_free (leg);
}

static Leg *
find_number (Calls *self, const Line *line, uint32_t number)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = self->legs->pdata[i];

    if (leg->line == line && leg->number == number)
      return leg;
  }
  return NULL;
}

static int
milliseconds (gint64 from, gint64 to)
{
  return from > 0 && to > 0 ? (int) ((to - from) / 1000) : -1;
}

static bool
is_relayed (void *user_data)
{
  const Leg *leg = user_data;

  return leg->line && leg->has_media &&
         !world_media_is_direct (line_get_world (leg->line), leg->link);
}

static void
show_facts (Leg *leg)
{
  const CallMediaQuality none = { .rtt_ms = -1 };
  const CallMediaQuality *quality = leg->voice ? voice_get_quality (leg->voice) : &none;
  bool is_started = leg->voice && voice_is_started (leg->voice);

  peal_call_show_facts (leg->call, &(PealCallFacts){
                                     .ring_ms = milliseconds (leg->begun, leg->rang),
                                     .answer_to_sound_ms = milliseconds (leg->answered, leg->heard),
                                     .is_encrypted = is_started,
                                     .is_direct = leg->has_media && !is_relayed (leg),
                                     .loss_received = quality->loss_received,
                                     .rtt_ms = is_started ? quality->rtt_ms : -1,
                                   });
}

/* ---- What all calls have in common: tones, presence, the second hand ---- */

static void
play (Calls *self, CallMediaTone tone)
{
  if (tone == self->tone)
    return;
  self->tone = tone;
  if (self->options.media)
    self->options.media->set_tone (self->options.media->media, tone);
}

static unsigned
seconds_up (const Leg *leg)
{
  return leg->answered ? (unsigned) ((g_get_monotonic_time () - leg->answered) / G_USEC_PER_SEC)
                       : 0;
}

/* Until a lost call is given up; 0: it is not lost, or never given up. At least one while there is
 * hope. */
static unsigned
seconds_left (const Leg *leg)
{
  gint64 left = (leg->given_up - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  return leg->given_up == 0 ? 0 : (unsigned) MAX (left, 1);
}

static void
examine (Leg *leg)
{
  bool has_sound = leg->voice && voice_is_started (leg->voice);

  doctor_look (leg->doctor, leg->number, has_sound ? voice_get_quality (leg->voice) : NULL);
}

static gboolean
on_second (gpointer user_data)
{
  Calls *self = user_data;

  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = self->legs->pdata[i];
    unsigned duration = seconds_up (leg);

    if (is_over (leg))
      continue;
    examine (leg);
    if (!leg->answered)
      continue;
    peal_call_show_duration (leg->call, duration);
    peal_call_show_left (leg->call, seconds_left (leg));
    if (duration > 0 && duration % SAVE_EVERY_S == 0)
      call_log_update (self->options.log, leg->entry, false, duration, false);
    show_facts (leg);
    if (leg->has_media)
      peal_call_show_path (leg->call, words_path (!is_relayed (leg)));
  }
  return G_SOURCE_CONTINUE;
}

/* After any change of any call. `ended` is how one ended just now. */
static void
settle (Calls *self, NodeCallEnd ended)
{
  bool is_busy = false;
  bool is_talking = false;
  CallMediaTone tone = call_tone_find (G_LIST_MODEL (self->options.list));

  for (guint i = 0; i < self->legs->len; i++) {
    is_busy |= !is_over (self->legs->pdata[i]);
    is_talking |= !is_over (self->legs->pdata[i]) && is_up (self->legs->pdata[i]);
  }
  if (tone == CALL_MEDIA_TONE_NONE && !is_talking && ended == NODE_CALL_END_BUSY)
    tone = CALL_MEDIA_TONE_BUSY;
  play (self, tone);
  if (is_busy && self->ticker == 0)
    self->ticker = g_timeout_add_seconds (1, on_second, self);
  if (!is_busy)
    g_clear_handle_id (&self->ticker, g_source_remove);
  if (is_talking == self->is_talking)
    return;
  self->is_talking = is_talking;
  self->options.talking (self->options.user_data, is_talking);
}

static void
hold_others (Calls *self, const Leg *except)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = self->legs->pdata[i];

    if (leg != except && !is_over (leg) && is_up (leg) && !peal_call_get_is_held (leg->call))
      node_call_hold (line_get_node (leg->line), leg->number, true);
  }
}

/* ---- Sound ---- */

static void
send_media (void *user_data, Bytes datagram)
{
  Leg *leg = user_data;

  if (leg->line && leg->has_media)
    world_media_send (line_get_world (leg->line), leg->link, datagram);
}

static void
on_first_sound (void *user_data)
{
  Leg *leg = user_data;

  if (leg->heard == 0)
    leg->heard = g_get_monotonic_time ();
  show_facts (leg);
}

static void
on_heard (void *user_data, bool is_heard)
{
  Leg *leg = user_data;

  if (leg->line && leg->has_media)
    node_link_heard (line_get_node (leg->line), leg->link, is_heard);
}

static const VoiceEvents voice_events = {
  .send = send_media, .first_sound = on_first_sound, .heard = on_heard, .is_relayed = is_relayed
};

static void
start_voice (Leg *leg)
{
  SrtpKeys keys;

  if (!leg->voice || !leg->has_media || !leg->answered ||
      !world_media_keys (line_get_world (leg->line), leg->link, &keys))
    return;
  voice_start (leg->voice, &keys, leg->codecs, leg->codec_count);
  explicit_bzero (&keys, sizeof keys);
}

/* ---- Whom one talks to ---- */

/* What is known of the other side's key; before the answer only what warns is said. */
static void
show_security (Leg *leg)
{
  PealTrust trust = contacts_trust (leg->calls->options.contacts, leg->address, &leg->key);
  PealCallSecurity security = PEAL_CALL_SECURITY_NONE;
  g_autofree char *text = NULL;

  if (leg->is_doubtful || trust == PEAL_TRUST_DIFFERED)
    security = PEAL_CALL_SECURITY_DOUBTFUL;
  else if (leg->is_key_changed)
    security = PEAL_CALL_SECURITY_KEY_CHANGED;
  else if (leg->answered && trust == PEAL_TRUST_VERIFIED)
    security = PEAL_CALL_SECURITY_VERIFIED;
  else if (leg->answered)
    security = PEAL_CALL_SECURITY_ENCRYPTED;
  text = words_call_security (security, peal_call_get_name (leg->call),
                              peal_call_get_words (leg->call)[0] != '\0',
                              contacts_key_since (leg->calls->options.contacts, leg->address));
  peal_call_show_security (leg->call, security, text);
}

/* ---- What a person asks of a call ---- */

static void
answer (gpointer owner, PealCall *call)
{
  Leg *leg = owner;

  hold_others (leg->calls, leg);
  node_call_answer (line_get_node (leg->line), leg->number);
}

static void
decline (gpointer owner, PealCall *call)
{
  Leg *leg = owner;

  node_call_decline (line_get_node (leg->line), leg->number, false);
}

static void
end (gpointer owner, PealCall *call)
{
  Leg *leg = owner;

  node_call_end (line_get_node (leg->line), leg->number);
}

static void
close_call (gpointer owner, PealCall *call)
{
  Leg *leg = owner;
  Calls *self = leg->calls;
  guint position;

  if (!is_over (leg))
    return;
  if (g_list_store_find (self->options.list, call, &position))
    g_list_store_remove (self->options.list, position);
  g_ptr_array_remove (self->legs, leg);
}

static void
set_muted (gpointer owner, PealCall *call, bool is_muted)
{
  Leg *leg = owner;

  leg->is_muted = is_muted;
  if (leg->voice)
    voice_set_muted (leg->voice, is_muted);
  peal_call_show_muted (call, is_muted);
}

static void
set_held (gpointer owner, PealCall *call, bool is_held)
{
  Leg *leg = owner;

  if (!is_held)
    hold_others (leg->calls, leg);
  node_call_hold (line_get_node (leg->line), leg->number, is_held);
}

static void
send_digit (gpointer owner, PealCall *call, char digit)
{
  Leg *leg = owner;

  if (leg->voice)
    voice_send_digit (leg->voice, digit);
}

static void
compared (gpointer owner, PealCall *call, bool is_match)
{
  Leg *leg = owner;

  leg->is_doubtful = !is_match;
  leg->is_key_changed = leg->is_key_changed && !is_match;
  contacts_compared (leg->calls->options.contacts, leg->address, &leg->key, is_match);
  show_security (leg);
  if (!is_match)
    node_call_end (line_get_node (leg->line), leg->number);
}

static const PealCallActions call_actions = {
  .answer = answer,
  .decline = decline,
  .end = end,
  .close = close_call,
  .set_muted = set_muted,
  .set_held = set_held,
  .send_digit = send_digit,
  .compared = compared,
};

/* ---- Beginning ---- */

static void
write_down (Leg *leg)
{
  g_clear_handle_id (&leg->equip_id, g_source_remove);
  if (!leg->entry)
    leg->entry = call_log_begin (leg->calls->options.log, peal_call_get_address (leg->call),
                                 peal_call_get_is_incoming (leg->call));
}

/* Once; afterwards it does nothing. */
static void
equip (Leg *leg)
{
  const CallMedia *media = leg->calls->options.media;

  if (leg->entry)
    return;
  write_down (leg);
  if (!media)
    return;
  leg->voice = voice_new (media, leg->options, leg->call, &voice_events, leg);
  if (leg->is_muted)
    voice_set_muted (leg->voice, true);
}

static gboolean
on_equip (gpointer user_data)
{
  Leg *leg = user_data;

  leg->equip_id = 0;
  equip (leg);
  return G_SOURCE_REMOVE;
}

static Leg *
add_leg (
  Calls *self, Line *line, const char *address, bool is_incoming, const CallMediaOptions *options)
{
  Leg *leg = g_new0 (Leg, 1);
  g_autofree char *name = contacts_name (self->options.contacts, address);
  g_autofree char *display_address = contacts_display_address (self->options.contacts, address);
  PealCallStart start = { .id = ++self->next_id,
                          .address = address,
                          .display_address = display_address,
                          .name = name,
                          .is_incoming = is_incoming };

  leg->calls = self;
  leg->line = line;
  leg->address = g_strdup (address);
  leg->begun = g_get_monotonic_time ();
  leg->call = peal_call_new (&start, &call_actions, leg);
  leg->doctor = doctor_new (leg->call, line);
  leg->options = call_media_options_copy (options ? options : self->sound);
  g_ptr_array_add (self->legs, leg);
  return leg;
}

static PealCall *
dial (Calls *self, Line *line, const NodeCallOptions *callee, const CallMediaOptions *options)
{
  Leg *leg = add_leg (self, line, callee->address, false, options);

  hold_others (self, leg);
  leg->number = node_call (line_get_node (line), callee);
  leg->equip_id = g_timeout_add (EQUIP_MS, on_equip, leg);
  g_list_store_insert (self->options.list, 0, leg->call);
  settle (self, NODE_CALL_END_NONE);
  return leg->call;
}

PealCall *
calls_dial (
  Calls *self, Line *line, const char *address, const char *gr, const CallMediaOptions *options)
{
  NodeCallOptions callee = { .address = address,
                             .pin = contacts_pin (self->options.contacts, address),
                             .gr = gr };

  return dial (self, line, &callee, options);
}

PealCall *
calls_dial_key (Calls *self, Line *line, const char *address, const UserKey *key)
{
  return dial (self, line, &(NodeCallOptions){ .address = address, .pin = key }, NULL);
}

PealCall *
calls_choose (Calls *self, Line *line, PealCall *call, size_t choice)
{
  for (guint i = 0; i < self->legs->len; i++) {
    const Leg *leg = self->legs->pdata[i];
    NodeCallOptions callee = { .address = peal_call_get_address (call) };
    UserKey key;

    if (leg->call != call || choice >= leg->owner_count)
      continue;
    key = leg->owners[choice];
    contacts_choose (self->options.contacts, callee.address, &key);
    callee.pin = &key;
    return dial (self, line, &callee, NULL);
  }
  return NULL;
}

/* ---- What the node tells ---- */

static void
check_key (Leg *leg, const NodeEvent *event)
{
  const char *address = event->call.address;

  if (!event->call.user_key || !address)
    return;
  leg->is_key_changed =
    !contacts_check_key (leg->calls->options.contacts, address, event->call.user_key);
  leg->key = *event->call.user_key;
  if (strcmp (leg->address, address) != 0) {
    g_free (leg->address);
    leg->address = g_strdup (address);
  }
  show_security (leg);
}

static void
on_words (Leg *leg, const NodeEvent *event)
{
  g_autofree char *words =
    event->words.words ? word_list_join (event->words.words, SAFETY_WORDS) : NULL;

  leg->key = *event->words.user_key;
  leg->is_doubtful = !words;
  peal_call_show_words (leg->call, words);
  show_security (leg);
}

/* Talks, or has dialled somebody else. What only rings here keeps nobody out: else whoever rings
 * often enough would. */
static bool
is_engaged (Calls *self, const char *address)
{
  for (guint i = 0; i < self->legs->len; i++) {
    const Leg *leg = self->legs->pdata[i];
    bool is_dialled = !peal_call_get_is_incoming (leg->call) &&
                      g_strcmp0 (peal_call_get_address (leg->call), address) != 0;

    if (!is_over (leg) && (is_up (leg) || is_dialled))
      return true;
  }
  return false;
}

/* The caller hears that we are busy, and the person afterwards who it was. */
static void
turn_away (Calls *self, Line *line, const NodeEvent *event)
{
  const char *address = event->call.address;
  g_autoptr (PealHistoryEntry) entry = call_log_begin (self->options.log, address, true);

  node_call_decline (line_get_node (line), event->call.call, true);
  call_log_update (self->options.log, entry, true, 0, true);
  self->options.missed (self->options.user_data, address);
}

static void
on_incoming (Calls *self, Line *line, const NodeEvent *event)
{
  Leg *leg;

  if (is_engaged (self, event->call.address)) {
    turn_away (self, line, event);
    return;
  }
  leg = add_leg (self, line, event->call.address, true, NULL);
  leg->number = event->call.call;
  leg->rang = leg->begun;
  equip (leg);
  check_key (leg, event);
  g_list_store_insert (self->options.list, 0, leg->call);
  settle (self, NODE_CALL_END_NONE);
}

static void
on_up (Leg *leg)
{
  Calls *self = leg->calls;

  if (leg->answered == 0) {
    leg->answered = g_get_monotonic_time ();
    call_log_update (self->options.log, leg->entry, false, 0, false);
    contacts_talked (self->options.contacts, peal_call_get_address (leg->call));
    show_security (leg);
    start_voice (leg);
  }
  peal_call_show_state (leg->call, PEAL_CALL_UP);
}

static void
finish (Leg *leg, NodeCallEnd end)
{
  Calls *self = leg->calls;
  CallEnd how = { .end = end,
                  .duration = seconds_up (leg),
                  .is_answered = leg->answered > 0,
                  .is_doubtful = leg->is_doubtful,
                  .has_relays = world_relays (line_get_world (leg->line)) > 0 };
  bool is_missed = call_end_is_missed (leg->call, &how);
  /* A call that was answered counts as one second at least: 0 says that it was not. */
  unsigned duration = how.is_answered ? MAX (how.duration, 1) : 0;

  write_down (leg);
  show_facts (leg);
  examine (leg);
  if (call_end_is_failure (&how))
    doctor_ask_way (leg->doctor);
  else if (!how.is_answered)
    doctor_forget (leg->doctor);
  call_end_show (leg->call,
                 contacts_find (self->options.contacts, peal_call_get_address (leg->call)), &how);
  leg->line = NULL;
  g_clear_pointer (&leg->voice, voice_free);
  call_log_update (self->options.log, leg->entry, is_missed, duration, true);
  if (is_missed)
    self->options.missed (self->options.user_data, peal_call_get_address (leg->call));
  settle (self, end);
}

static void
on_state (Leg *leg, const NodeEvent *event)
{
  Calls *self = leg->calls;

  check_key (leg, event);
  if (event->call.is_forwarded && event->call.address) {
    g_autofree char *name = contacts_name (self->options.contacts, event->call.address);
    g_autofree char *display_address =
      contacts_display_address (self->options.contacts, event->call.address);

    peal_call_show_other (leg->call, display_address, name);
  }
  switch (event->call.state) {
  case NODE_CALL_LOOKING:
    peal_call_show_state (leg->call, PEAL_CALL_LOOKING);
    break;
  case NODE_CALL_CONNECTING:
    peal_call_show_state (leg->call, PEAL_CALL_CONNECTING);
    break;
  case NODE_CALL_RINGING:
    if (leg->rang == 0)
      leg->rang = g_get_monotonic_time ();
    peal_call_show_state (leg->call, PEAL_CALL_RINGING);
    show_facts (leg);
    equip (leg);
    break;
  case NODE_CALL_UP:
    leg->given_up = 0;
    equip (leg);
    on_up (leg);
    break;
  case NODE_CALL_LOST:
    leg->given_up =
      event->call.left_s == 0 ? 0 : g_get_monotonic_time () + event->call.left_s * G_USEC_PER_SEC;
    peal_call_show_left (leg->call, seconds_left (leg));
    peal_call_show_state (leg->call, PEAL_CALL_RECONNECTING);
    break;
  case NODE_CALL_ENDED:
    leg->owner_count = event->call.owner_count;
    leg->owners = g_memdup2 (event->call.owners, leg->owner_count * sizeof *leg->owners);
    if (leg->owner_count > 0)
      call_end_offer (leg->call, self->options.contacts, event->call.owners,
                      event->call.owner_count);
    finish (leg, event->call.end);
    return;
  }
  settle (self, NODE_CALL_END_NONE);
}

static void
on_media_keys (Leg *leg, const NodeEvent *event)
{
  leg->link = event->media.link;
  leg->codec_count = MIN (event->media.codec_count, NODE_CODECS_MAX);
  memcpy (leg->codecs, event->media.codecs, sizeof leg->codecs);
  leg->has_media = true;
  peal_call_show_path (leg->call, words_path (!is_relayed (leg)));
  start_voice (leg);
}

static void
on_hold (Leg *leg, const NodeEvent *event)
{
  peal_call_show_hold (leg->call, event->hold.is_local, event->hold.is_remote);
  if (leg->voice)
    voice_set_hold (leg->voice, event->hold.is_local, event->hold.is_remote);
}

void
calls_on_event (Calls *self, Line *line, const NodeEvent *event)
{
  uint32_t number = event->type == NODE_EVENT_CALL_MEDIA   ? event->media.call
                    : event->type == NODE_EVENT_CALL_HOLD  ? event->hold.call
                    : event->type == NODE_EVENT_CALL_WORDS ? event->words.call
                                                           : event->call.call;
  Leg *leg = find_number (self, line, number);

  if (event->type == NODE_EVENT_CALL_INCOMING)
    on_incoming (self, line, event);
  else if (leg && event->type == NODE_EVENT_CALL_STATE)
    on_state (leg, event);
  else if (leg && event->type == NODE_EVENT_CALL_MEDIA)
    on_media_keys (leg, event);
  else if (leg && event->type == NODE_EVENT_CALL_WORDS)
    on_words (leg, event);
  else if (leg && event->type == NODE_EVENT_CALL_HOLD)
    on_hold (leg, event);
}

void
calls_on_diagnosis (Calls *self, Line *line, const NodeEvent *event)
{
  for (guint i = 0; i < self->legs->len; i++)
    doctor_on_diagnosis (((Leg *) self->legs->pdata[i])->doctor, line, event);
}

void
calls_on_media (Calls *self, Line *line, uint32_t link, Bytes datagram)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = self->legs->pdata[i];

    if (leg->line == line && leg->has_media && leg->link == link && leg->voice &&
        voice_is_started (leg->voice)) {
      voice_receive (leg->voice, datagram);
      return;
    }
  }
}

void
calls_drop_line (Calls *self, Line *line)
{
  for (guint i = 0; i < self->legs->len; i++) {
    Leg *leg = self->legs->pdata[i];

    if (leg->line != line) {
      doctor_drop_line (leg->doctor, line);
      continue;
    }
    node_call_end (line_get_node (line), leg->number);
    /* The node may have told so already. */
    if (!is_over (leg))
      finish (leg, leg->answered ? NODE_CALL_END_HUNG_UP : NODE_CALL_END_NOT_CONNECTED);
    doctor_drop_line (leg->doctor, line);
  }
}

/* ---- The whole ---- */

Calls *
calls_new (const CallsOptions *options)
{
  Calls *self = g_new0 (Calls, 1);

  self->options = *options;
  self->legs = g_ptr_array_new_with_free_func (leg_free);
  return self;
}

void
calls_set_options (Calls *self, const CallMediaOptions *options)
{
  call_media_options_free (self->sound);
  self->sound = call_media_options_copy (options);
}

void
calls_free (Calls *self)
{
  if (!self)
    return;
  play (self, CALL_MEDIA_TONE_NONE);
  g_clear_handle_id (&self->ticker, g_source_remove);
  calls_set_options (self, NULL);
  g_list_store_remove_all (self->options.list);
  g_ptr_array_unref (self->legs);
  g_free (self);
}
