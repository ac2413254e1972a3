/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-leg.h"
#include "core/crypto/safety-words.h"
#include "core/phone/call-end.h"
#include "core/phone/doctor.h"
#include "core/phone/voice.h"
#include "core/phone/word-list.h"
#include "core/phone/words.h"

/* A leg stays after the end until its window is closed; then only the object is left of it.
 *
 *   dialled:  node_call() -> LOOKING -> CONNECTING -> RINGING -> UP -> ENDED
 *   incoming: CALL_INCOMING = RINGING -> UP -> ENDED
 *
 * The row is written and the devices are opened when it rings, and when it takes long to ring in
 * the meantime: neither a disk nor a sound server holds up what we send. The microphone is heard by
 * nobody before the call is up: sound starts when the call is answered and the media link has its
 * keys, in either order. */

enum { SAVE_EVERY_S = 60, EQUIP_MS = 100 };

struct CallLeg {
  const CallMedia *media; /* NULL: no sound */
  Contacts *contacts;
  CallLog *log;
  Line *line; /* NULL once it has ended */
  const CallLegEvents *events;
  void *user_data;
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
};

bool
call_leg_is_over (const CallLeg *self)
{
  return !self->line;
}

bool
call_leg_is_up (const CallLeg *self)
{
  PealCallState state = peal_call_get_state (self->call);

  return state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING;
}

/* ---- What there is to see of it ---- */

static int
milliseconds (gint64 from, gint64 to)
{
  return from > 0 && to > 0 ? (int) ((to - from) / 1000) : -1;
}

static bool
is_relayed (void *user_data)
{
  const CallLeg *self = user_data;

  return self->line && self->has_media &&
         !world_media_is_direct (line_get_world (self->line), self->link);
}

static void
show_facts (CallLeg *self)
{
  const CallMediaQuality none = { .rtt_ms = -1 };
  const CallMediaQuality *quality = self->voice ? voice_get_quality (self->voice) : &none;
  bool is_started = self->voice && voice_is_started (self->voice);

  peal_call_show_facts (self->call,
                        &(PealCallFacts){
                          .ring_ms = milliseconds (self->begun, self->rang),
                          .answer_to_sound_ms = milliseconds (self->answered, self->heard),
                          .is_encrypted = is_started,
                          .is_direct = self->has_media && !is_relayed (self),
                          .loss_received = quality->loss_received,
                          .rtt_ms = is_started ? quality->rtt_ms : -1,
                        });
}

static unsigned
seconds_up (const CallLeg *self)
{
  return self->answered ? (unsigned) ((g_get_monotonic_time () - self->answered) / G_USEC_PER_SEC)
                        : 0;
}

/* Until a lost call is given up; 0: it is not lost, or never given up. At least one while there is
 * hope. */
static unsigned
seconds_left (const CallLeg *self)
{
  gint64 left = (self->given_up - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  return self->given_up == 0 ? 0 : (unsigned) MAX (left, 1);
}

static void
examine (CallLeg *self)
{
  bool has_sound = self->voice && voice_is_started (self->voice);

  doctor_look (self->doctor, self->number, has_sound ? voice_get_quality (self->voice) : NULL);
}

/* What is known of the other side's key; before the answer only what warns is said. */
static void
show_security (CallLeg *self)
{
  PealTrust trust = contacts_trust (self->contacts, self->address, &self->key);
  PealCallSecurity security = PEAL_CALL_SECURITY_NONE;
  g_autofree char *text = NULL;

  if (self->is_doubtful || trust == PEAL_TRUST_DIFFERED)
    security = PEAL_CALL_SECURITY_DOUBTFUL;
  else if (self->is_key_changed)
    security = PEAL_CALL_SECURITY_KEY_CHANGED;
  else if (self->answered && trust == PEAL_TRUST_VERIFIED)
    security = PEAL_CALL_SECURITY_VERIFIED;
  else if (self->answered)
    security = PEAL_CALL_SECURITY_ENCRYPTED;
  text = words_call_security (security, peal_call_get_name (self->call),
                              peal_call_get_words (self->call)[0] != '\0',
                              contacts_key_since (self->contacts, self->address));
  peal_call_show_security (self->call, security, text);
}

/* ---- Sound ---- */

static void
send_media (void *user_data, Bytes datagram)
{
  CallLeg *self = user_data;

  if (self->line && self->has_media)
    world_media_send (line_get_world (self->line), self->link, datagram);
}

static void
on_first_sound (void *user_data)
{
  CallLeg *self = user_data;

  if (self->heard == 0)
    self->heard = g_get_monotonic_time ();
  show_facts (self);
}

static void
on_heard (void *user_data, bool is_heard)
{
  CallLeg *self = user_data;

  if (self->line && self->has_media)
    node_link_heard (line_get_node (self->line), self->link, is_heard);
}

static const VoiceEvents voice_events = {
  .send = send_media, .first_sound = on_first_sound, .heard = on_heard, .is_relayed = is_relayed
};

static void
start_voice (CallLeg *self)
{
  SrtpKeys keys;

  if (!self->voice || !self->has_media || !self->answered ||
      !world_media_keys (line_get_world (self->line), self->link, &keys))
    return;
  voice_start (self->voice, &keys, self->codecs, self->codec_count);
  explicit_bzero (&keys, sizeof keys);
}

static void
write_down (CallLeg *self)
{
  g_clear_handle_id (&self->equip_id, g_source_remove);
  if (!self->entry)
    self->entry = call_log_begin (self->log, peal_call_get_address (self->call),
                                  peal_call_get_is_incoming (self->call));
}

/* Once; afterwards it does nothing. */
static void
equip (CallLeg *self)
{
  if (self->entry)
    return;
  write_down (self);
  if (!self->media)
    return;
  self->voice = voice_new (self->media, self->options, self->call, &voice_events, self);
  if (self->is_muted)
    voice_set_muted (self->voice, true);
}

static gboolean
on_equip (gpointer user_data)
{
  CallLeg *self = user_data;

  self->equip_id = 0;
  equip (self);
  return G_SOURCE_REMOVE;
}

/* ---- What a person asks of a call ---- */

static void
answer (gpointer owner, PealCall *call)
{
  CallLeg *self = owner;

  self->events->taken (self->user_data, self);
  node_call_answer (line_get_node (self->line), self->number);
}

static void
decline (gpointer owner, PealCall *call)
{
  CallLeg *self = owner;

  node_call_decline (line_get_node (self->line), self->number, false);
}

static void
end (gpointer owner, PealCall *call)
{
  CallLeg *self = owner;

  node_call_end (line_get_node (self->line), self->number);
}

static void
close_call (gpointer owner, PealCall *call)
{
  CallLeg *self = owner;

  if (call_leg_is_over (self))
    self->events->closed (self->user_data, self);
}

static void
set_muted (gpointer owner, PealCall *call, bool is_muted)
{
  CallLeg *self = owner;

  self->is_muted = is_muted;
  if (self->voice)
    voice_set_muted (self->voice, is_muted);
  peal_call_show_muted (call, is_muted);
}

static void
set_held (gpointer owner, PealCall *call, bool is_held)
{
  CallLeg *self = owner;

  if (!is_held)
    self->events->taken (self->user_data, self);
  node_call_hold (line_get_node (self->line), self->number, is_held);
}

static void
send_digit (gpointer owner, PealCall *call, char digit)
{
  CallLeg *self = owner;

  if (self->voice)
    voice_send_digit (self->voice, digit);
}

static void
compared (gpointer owner, PealCall *call, bool is_match)
{
  CallLeg *self = owner;

  self->is_doubtful = !is_match;
  self->is_key_changed = self->is_key_changed && !is_match;
  contacts_compared (self->contacts, self->address, &self->key, is_match);
  show_security (self);
  if (!is_match)
    node_call_end (line_get_node (self->line), self->number);
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

/* ---- What the node tells ---- */

static void
check_key (CallLeg *self, const NodeEvent *event)
{
  const char *address = event->call.address;

  if (!event->call.user_key || !address)
    return;
  self->is_key_changed = !contacts_check_key (self->contacts, address, event->call.user_key);
  self->key = *event->call.user_key;
  if (strcmp (self->address, address) != 0) {
    g_free (self->address);
    self->address = g_strdup (address);
  }
  show_security (self);
}

static void
on_words (CallLeg *self, const NodeEvent *event)
{
  g_autofree char *words =
    event->words.words ? word_list_join (event->words.words, SAFETY_WORDS) : NULL;

  self->key = *event->words.user_key;
  self->is_doubtful = !words;
  peal_call_show_words (self->call, words);
  show_security (self);
}

static void
on_up (CallLeg *self)
{
  if (self->answered == 0) {
    self->answered = g_get_monotonic_time ();
    call_log_update (self->log, self->entry, false, 0, false);
    contacts_talked (self->contacts, peal_call_get_address (self->call));
    show_security (self);
    start_voice (self);
  }
  peal_call_show_state (self->call, PEAL_CALL_UP);
}

static void
finish (CallLeg *self, NodeCallEnd end)
{
  CallEnd how = { .end = end,
                  .duration = seconds_up (self),
                  .is_answered = self->answered > 0,
                  .is_doubtful = self->is_doubtful,
                  .has_relays = world_relays (line_get_world (self->line)) > 0 };
  bool is_missed = call_end_is_missed (self->call, &how);
  /* A call that was answered counts as one second at least: 0 says that it was not. */
  unsigned duration = how.is_answered ? MAX (how.duration, 1) : 0;

  write_down (self);
  show_facts (self);
  examine (self);
  if (call_end_is_failure (&how))
    doctor_ask_way (self->doctor);
  else if (!how.is_answered)
    doctor_forget (self->doctor);
  call_end_show (self->call, contacts_find (self->contacts, peal_call_get_address (self->call)),
                 &how);
  self->line = NULL;
  g_clear_pointer (&self->voice, voice_free);
  call_log_update (self->log, self->entry, is_missed, duration, true);
  if (is_missed)
    self->events->missed (self->user_data, peal_call_get_address (self->call));
  self->events->changed (self->user_data, end);
}

static void
on_state (CallLeg *self, const NodeEvent *event)
{
  check_key (self, event);
  if (event->call.is_forwarded && event->call.address) {
    g_autofree char *name = contacts_name (self->contacts, event->call.address);
    g_autofree char *display_address =
      contacts_display_address (self->contacts, event->call.address);

    peal_call_show_other (self->call, display_address, name);
  }
  switch (event->call.state) {
  case NODE_CALL_LOOKING:
    peal_call_show_state (self->call, PEAL_CALL_LOOKING);
    break;
  case NODE_CALL_CONNECTING:
    peal_call_show_state (self->call, PEAL_CALL_CONNECTING);
    break;
  case NODE_CALL_RINGING:
    if (self->rang == 0)
      self->rang = g_get_monotonic_time ();
    peal_call_show_state (self->call, PEAL_CALL_RINGING);
    show_facts (self);
    equip (self);
    break;
  case NODE_CALL_UP:
    self->given_up = 0;
    equip (self);
    on_up (self);
    break;
  case NODE_CALL_LOST:
    self->given_up =
      event->call.left_s == 0 ? 0 : g_get_monotonic_time () + event->call.left_s * G_USEC_PER_SEC;
    peal_call_show_left (self->call, seconds_left (self));
    peal_call_show_state (self->call, PEAL_CALL_RECONNECTING);
    break;
  case NODE_CALL_ENDED:
    self->owner_count = event->call.owner_count;
    self->owners = g_memdup2 (event->call.owners, self->owner_count * sizeof *self->owners);
    if (self->owner_count > 0)
      call_end_offer (self->call, self->contacts, event->call.owners, event->call.owner_count);
    finish (self, event->call.end);
    return;
  }
  self->events->changed (self->user_data, NODE_CALL_END_NONE);
}

static void
on_media_keys (CallLeg *self, const NodeEvent *event)
{
  self->link = event->media.link;
  self->codec_count = MIN (event->media.codec_count, NODE_CODECS_MAX);
  memcpy (self->codecs, event->media.codecs, sizeof self->codecs);
  self->has_media = true;
  peal_call_show_path (self->call, words_path (!is_relayed (self)));
  start_voice (self);
}

static void
on_hold (CallLeg *self, const NodeEvent *event)
{
  peal_call_show_hold (self->call, event->hold.is_local, event->hold.is_remote);
  if (self->voice)
    voice_set_hold (self->voice, event->hold.is_local, event->hold.is_remote);
}

/* ---- The whole ---- */

CallLeg *
call_leg_new (const CallLegOptions *options)
{
  CallLeg *self = g_new0 (CallLeg, 1);
  const char *address = options->address;
  g_autofree char *name = contacts_name (options->contacts, address);
  g_autofree char *display_address = contacts_display_address (options->contacts, address);
  PealCallStart start = { .id = options->id,
                          .address = address,
                          .display_address = display_address,
                          .name = name,
                          .is_incoming = options->is_incoming };

  self->media = options->media;
  self->contacts = options->contacts;
  self->log = options->log;
  self->line = options->line;
  self->events = options->events;
  self->user_data = options->user_data;
  self->address = g_strdup (address);
  self->begun = g_get_monotonic_time ();
  self->call = peal_call_new (&start, &call_actions, self);
  self->doctor = doctor_new (self->call, options->line);
  self->options = call_media_options_copy (options->sound);
  return self;
}

void
call_leg_free (CallLeg *self)
{
  if (!self)
    return;
  peal_call_detach (self->call);
  g_clear_handle_id (&self->equip_id, g_source_remove);
  call_media_options_free (self->options);
  voice_free (self->voice);
  doctor_free (self->doctor);
  g_free (self->owners);
  g_free (self->address);
  g_object_unref (self->call);
  g_clear_object (&self->entry);
  g_free (self);
}

void
call_leg_dial (CallLeg *self, const NodeCallOptions *callee)
{
  self->events->taken (self->user_data, self);
  self->number = node_call (line_get_node (self->line), callee);
  self->equip_id = g_timeout_add (EQUIP_MS, on_equip, self);
}

void
call_leg_ring (CallLeg *self, const NodeEvent *event)
{
  self->number = event->call.call;
  self->rang = self->begun;
  equip (self);
  check_key (self, event);
}

bool
call_leg_is (const CallLeg *self, const Line *line, uint32_t number)
{
  return self->line == line && self->number == number;
}

void
call_leg_on_event (CallLeg *self, const NodeEvent *event)
{
  if (event->type == NODE_EVENT_CALL_STATE)
    on_state (self, event);
  else if (event->type == NODE_EVENT_CALL_MEDIA)
    on_media_keys (self, event);
  else if (event->type == NODE_EVENT_CALL_WORDS)
    on_words (self, event);
  else if (event->type == NODE_EVENT_CALL_HOLD)
    on_hold (self, event);
}

void
call_leg_on_diagnosis (CallLeg *self, const Line *line, const NodeEvent *event)
{
  doctor_on_diagnosis (self->doctor, line, event);
}

bool
call_leg_receive (CallLeg *self, const Line *line, uint32_t link, Bytes datagram)
{
  if (self->line != line || !self->has_media || self->link != link || !self->voice ||
      !voice_is_started (self->voice))
    return false;
  voice_receive (self->voice, datagram);
  return true;
}

void
call_leg_tick (CallLeg *self)
{
  unsigned duration = seconds_up (self);

  examine (self);
  if (!self->answered)
    return;
  peal_call_show_duration (self->call, duration);
  peal_call_show_left (self->call, seconds_left (self));
  if (duration > 0 && duration % SAVE_EVERY_S == 0)
    call_log_update (self->log, self->entry, false, duration, false);
  show_facts (self);
  if (self->has_media)
    peal_call_show_path (self->call, words_path (!is_relayed (self)));
}

void
call_leg_hold (CallLeg *self)
{
  if (!call_leg_is_over (self) && call_leg_is_up (self) && !peal_call_get_is_held (self->call))
    node_call_hold (line_get_node (self->line), self->number, true);
}

void
call_leg_drop_line (CallLeg *self, Line *line)
{
  if (self->line == line) {
    node_call_end (line_get_node (line), self->number);
    /* The node may have told so already. */
    if (!call_leg_is_over (self))
      finish (self, self->answered ? NODE_CALL_END_HUNG_UP : NODE_CALL_END_NOT_CONNECTED);
  }
  doctor_drop_line (self->doctor, line);
}

PealCall *
call_leg_get_call (const CallLeg *self)
{
  return self->call;
}

const UserKey *
call_leg_get_owner (const CallLeg *self, size_t choice)
{
  return choice < self->owner_count ? &self->owners[choice] : NULL;
}
