/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-private.h"
#include "core/phone/property.h"
#include "core/phone/signs.h"
#include "core/phone/words.h"

struct _PealCall {
  GObject parent;

  const PealCallActions *actions; /* NULL once detached */
  gpointer owner;
  guint id;
  char *address;
  char *display_address;
  char *name;
  PealCallState state;
  PealCallRemedy remedy;
  PealCallRemedy warning_remedy;
  char *end_text;
  char *end_hint;
  char *security_text;
  char *path_text;
  char *words;
  char *warning_text;
  char *details;
  char *measured;   /* the first lines of the details; NULL: none */
  GPtrArray *signs; /* the others; NULL: none */
  PealCallQuality quality;
  unsigned duration;
  unsigned left;
  double microphone_level;
  double speaker_level;
  bool is_incoming;
  bool is_muted;
  bool is_held;
  bool is_held_by_peer;
  PealCallSecurity security;
  PealCallChoice *choices; /* owned, with what is in it */
  size_t choice_count;
  PealCallFacts facts;
};

G_DEFINE_FINAL_TYPE (PealCall, peal_call, G_TYPE_OBJECT)

enum {
  PROP_ADDRESS = 1,
  PROP_DISPLAY_ADDRESS,
  PROP_NAME,
  PROP_IS_INCOMING,
  PROP_STATE,
  PROP_STATE_TEXT,
  PROP_END_TEXT,
  PROP_END_HINT,
  PROP_DURATION,
  PROP_IS_MUTED,
  PROP_IS_HELD,
  PROP_IS_HELD_BY_PEER,
  PROP_SECURITY,
  PROP_SECURITY_TEXT,
  PROP_PATH_TEXT,
  PROP_IS_KEY_CHANGED,
  PROP_WORDS,
  PROP_MICROPHONE_LEVEL,
  PROP_SPEAKER_LEVEL,
  PROP_QUALITY,
  PROP_QUALITY_TEXT,
  PROP_WARNING_TEXT,
  PROP_DETAILS,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "address", G_TYPE_STRING, offsetof (PealCall, address) },
  { "display-address", G_TYPE_STRING, offsetof (PealCall, display_address) },
  { "name", G_TYPE_STRING, offsetof (PealCall, name) },
  { "is-incoming", G_TYPE_BOOLEAN, offsetof (PealCall, is_incoming) },
  { "state", G_TYPE_INT, offsetof (PealCall, state) },
  { "state-text", G_TYPE_STRING },
  { "end-text", G_TYPE_STRING, offsetof (PealCall, end_text) },
  { "end-hint", G_TYPE_STRING, offsetof (PealCall, end_hint) },
  { "duration", G_TYPE_UINT, offsetof (PealCall, duration) },
  { "is-muted", G_TYPE_BOOLEAN, offsetof (PealCall, is_muted) },
  { "is-held", G_TYPE_BOOLEAN, offsetof (PealCall, is_held) },
  { "is-held-by-peer", G_TYPE_BOOLEAN, offsetof (PealCall, is_held_by_peer) },
  { "security", G_TYPE_INT, offsetof (PealCall, security) },
  { "security-text", G_TYPE_STRING, offsetof (PealCall, security_text) },
  { "path-text", G_TYPE_STRING, offsetof (PealCall, path_text) },
  { "is-key-changed", G_TYPE_BOOLEAN },
  { "words", G_TYPE_STRING, offsetof (PealCall, words) },
  { "microphone-level", G_TYPE_DOUBLE, offsetof (PealCall, microphone_level) },
  { "speaker-level", G_TYPE_DOUBLE, offsetof (PealCall, speaker_level) },
  { "quality", G_TYPE_INT, offsetof (PealCall, quality) },
  { "quality-text", G_TYPE_STRING },
  { "warning-text", G_TYPE_STRING, offsetof (PealCall, warning_text) },
  { "details", G_TYPE_STRING, offsetof (PealCall, details) },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static char *
call_state_text (PealCall *self)
{
  if (self->state == PEAL_CALL_ENDED)
    return g_strdup (self->end_text);
  return words_call_state (&(WordsCall){
    .state = self->state,
    .name = self->name,
    .is_incoming = self->is_incoming,
    .is_held = self->is_held,
    .is_held_by_peer = self->is_held_by_peer,
    .duration = self->duration,
    .left = self->left,
  });
}

static void
peal_call_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealCall *self = PEAL_CALL (object);

  switch (id) {
  case PROP_IS_KEY_CHANGED:
    g_value_set_boolean (value, self->security == PEAL_CALL_SECURITY_KEY_CHANGED);
    break;
  case PROP_STATE_TEXT:
    g_value_take_string (value, call_state_text (self));
    break;
  case PROP_QUALITY_TEXT:
    g_value_set_string (value, words_quality (self->quality));
    break;
  default:
    property_get (self, &rows[id - 1], value);
  }
}

static void
clear_choices (PealCall *self)
{
  for (size_t i = 0; i < self->choice_count; i++) {
    g_free (self->choices[i].name);
    g_free (self->choices[i].words);
  }
  g_clear_pointer (&self->choices, g_free);
  self->choice_count = 0;
}

static void
peal_call_finalize (GObject *object)
{
  PealCall *self = PEAL_CALL (object);

  clear_choices (self);
  g_free (self->address);
  g_free (self->display_address);
  g_free (self->name);
  g_free (self->end_text);
  g_free (self->end_hint);
  g_free (self->security_text);
  g_free (self->path_text);
  g_free (self->words);
  g_free (self->warning_text);
  g_free (self->details);
  g_free (self->measured);
  g_clear_pointer (&self->signs, g_ptr_array_unref);
  G_OBJECT_CLASS (peal_call_parent_class)->finalize (object);
}

static void
peal_call_class_init (PealCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = peal_call_get_property;
  object_class->finalize = peal_call_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
peal_call_init (PealCall *self)
{
  self->end_text = g_strdup ("");
  self->end_hint = g_strdup ("");
  self->security_text = g_strdup ("");
  self->path_text = g_strdup ("");
  self->words = g_strdup ("");
  self->warning_text = g_strdup ("");
  self->details = g_strdup ("");
  self->facts = (PealCallFacts){ .ring_ms = -1, .answer_to_sound_ms = -1, .rtt_ms = -1 };
}

static void
notify (PealCall *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

guint
peal_call_get_id (PealCall *self)
{
  return self->id;
}

const char *
peal_call_get_address (PealCall *self)
{
  return self->address;
}

const char *
peal_call_get_display_address (PealCall *self)
{
  return self->display_address;
}

const char *
peal_call_get_name (PealCall *self)
{
  return self->name;
}

bool
peal_call_get_is_incoming (PealCall *self)
{
  return self->is_incoming;
}

PealCallState
peal_call_get_state (PealCall *self)
{
  return self->state;
}

PealCallRemedy
peal_call_get_remedy (PealCall *self)
{
  return self->remedy;
}

PealCallRemedy
peal_call_get_warning_remedy (PealCall *self)
{
  return self->warning_remedy;
}

PealCallSecurity
peal_call_get_security (PealCall *self)
{
  return self->security;
}

const char *
peal_call_get_words (PealCall *self)
{
  return self->words;
}

const PealCallChoice *
peal_call_get_choices (PealCall *self, size_t *ret_count)
{
  *ret_count = self->choice_count;
  return self->choices;
}

void
peal_call_compared (PealCall *self, bool is_match)
{
  if (self->actions && self->words[0] && self->state != PEAL_CALL_ENDED)
    self->actions->compared (self->owner, self, is_match);
}

void
peal_call_answer (PealCall *self)
{
  if (self->actions && self->is_incoming && self->state == PEAL_CALL_RINGING)
    self->actions->answer (self->owner, self);
}

void
peal_call_decline (PealCall *self)
{
  if (self->actions && self->is_incoming && self->state == PEAL_CALL_RINGING)
    self->actions->decline (self->owner, self);
}

void
peal_call_end (PealCall *self)
{
  if (self->actions && self->state != PEAL_CALL_ENDED)
    self->actions->end (self->owner, self);
}

void
peal_call_close (PealCall *self)
{
  if (self->actions)
    self->actions->close (self->owner, self);
}

void
peal_call_set_muted (PealCall *self, bool is_muted)
{
  if (self->actions && self->state != PEAL_CALL_ENDED)
    self->actions->set_muted (self->owner, self, is_muted);
}

void
peal_call_set_held (PealCall *self, bool is_held)
{
  if (self->actions && self->state == PEAL_CALL_UP)
    self->actions->set_held (self->owner, self, is_held);
}

void
peal_call_send_digit (PealCall *self, char digit)
{
  if (self->actions && self->state == PEAL_CALL_UP && digit && strchr ("0123456789*#", digit))
    self->actions->send_digit (self->owner, self, digit);
}

PealCallFacts
peal_call_get_facts (PealCall *self)
{
  return self->facts;
}

PealCall *
peal_call_new (const PealCallStart *start, const PealCallActions *actions, gpointer owner)
{
  PealCall *self = g_object_new (PEAL_TYPE_CALL, NULL);

  self->id = start->id;
  self->address = g_strdup (start->address);
  self->display_address = g_strdup (start->display_address);
  self->name = g_strdup (start->name);
  self->is_incoming = start->is_incoming;
  self->state = start->is_incoming ? PEAL_CALL_RINGING : PEAL_CALL_LOOKING;
  self->actions = actions;
  self->owner = owner;
  return self;
}

void
peal_call_detach (PealCall *self)
{
  self->actions = NULL;
  self->owner = NULL;
}

void
peal_call_show_state (PealCall *self, PealCallState state)
{
  if (self->state == state || self->state == PEAL_CALL_ENDED)
    return;
  self->state = state;
  notify (self, PROP_STATE);
  notify (self, PROP_STATE_TEXT);
}

void
peal_call_show_end (PealCall *self, const char *text, const char *hint, PealCallRemedy remedy)
{
  if (self->state == PEAL_CALL_ENDED)
    return;
  self->remedy = remedy;
  property_show_text (self, &self->end_text, text, properties[PROP_END_TEXT]);
  property_show_text (self, &self->end_hint, hint, properties[PROP_END_HINT]);
  property_show_text (self, &self->warning_text, "", properties[PROP_WARNING_TEXT]);
  peal_call_show_levels (self, 0, 0);
  peal_call_show_state (self, PEAL_CALL_ENDED);
}

void
peal_call_show_other (PealCall *self, const char *display_address, const char *name)
{
  property_show_text (self, &self->display_address, display_address,
                      properties[PROP_DISPLAY_ADDRESS]);
  property_show_text (self, &self->name, name, properties[PROP_NAME]);
  notify (self, PROP_STATE_TEXT);
}

void
peal_call_show_duration (PealCall *self, unsigned seconds)
{
  if (self->duration == seconds)
    return;
  self->duration = seconds;
  notify (self, PROP_DURATION);
  notify (self, PROP_STATE_TEXT);
}

void
peal_call_show_left (PealCall *self, unsigned seconds)
{
  if (self->left == seconds)
    return;
  self->left = seconds;
  notify (self, PROP_STATE_TEXT);
}

void
peal_call_show_muted (PealCall *self, bool is_muted)
{
  property_show_flag (self, &self->is_muted, is_muted, properties[PROP_IS_MUTED]);
}

void
peal_call_show_hold (PealCall *self, bool is_held, bool is_held_by_peer)
{
  property_show_flag (self, &self->is_held, is_held, properties[PROP_IS_HELD]);
  property_show_flag (self, &self->is_held_by_peer, is_held_by_peer,
                      properties[PROP_IS_HELD_BY_PEER]);
  notify (self, PROP_STATE_TEXT);
}

void
peal_call_show_security (PealCall *self, PealCallSecurity security, const char *text)
{
  property_show_text (self, &self->security_text, text, properties[PROP_SECURITY_TEXT]);
  if (self->security == security)
    return;
  self->security = security;
  notify (self, PROP_SECURITY);
  notify (self, PROP_IS_KEY_CHANGED);
}

void
peal_call_show_words (PealCall *self, const char *words)
{
  property_show_text (self, &self->words, words, properties[PROP_WORDS]);
}

void
peal_call_show_choices (PealCall *self, const PealCallChoice *choices, size_t count)
{
  clear_choices (self);
  self->choices = g_new0 (PealCallChoice, count);
  self->choice_count = count;
  for (size_t i = 0; i < count; i++) {
    self->choices[i].name = g_strdup (choices[i].name);
    self->choices[i].words = g_strdup (choices[i].words);
  }
}

void
peal_call_show_path (PealCall *self, const char *text)
{
  property_show_text (self, &self->path_text, text, properties[PROP_PATH_TEXT]);
}

void
peal_call_show_levels (PealCall *self, double microphone, double speaker)
{
  if (self->microphone_level != microphone) {
    self->microphone_level = microphone;
    notify (self, PROP_MICROPHONE_LEVEL);
  }
  if (self->speaker_level != speaker) {
    self->speaker_level = speaker;
    notify (self, PROP_SPEAKER_LEVEL);
  }
}

static void
show_details (PealCall *self)
{
  g_autofree char *text = signs_to_words (self->signs, self->measured);

  property_show_text (self, &self->details, text, properties[PROP_DETAILS]);
}

void
peal_call_show_signs (PealCall *self, GPtrArray *signs)
{
  g_clear_pointer (&self->signs, g_ptr_array_unref);
  self->signs = g_ptr_array_ref (signs);
  show_details (self);
}

char **
peal_call_get_signs (PealCall *self)
{
  return signs_to_lines (self->signs);
}

void
peal_call_show_quality (PealCall *self, PealCallQuality quality, const char *details)
{
  g_free (self->measured);
  self->measured = g_strdup (details);
  show_details (self);
  if (self->quality == quality)
    return;
  self->quality = quality;
  notify (self, PROP_QUALITY);
  notify (self, PROP_QUALITY_TEXT);
}

void
peal_call_show_warning (PealCall *self, const char *text, PealCallRemedy remedy)
{
  self->warning_remedy = remedy;
  property_show_text (self, &self->warning_text, text, properties[PROP_WARNING_TEXT]);
}

bool
peal_call_get_is_held (PealCall *self)
{
  return self->is_held;
}

unsigned
peal_call_get_duration (PealCall *self)
{
  return self->duration;
}

void
peal_call_show_facts (PealCall *self, const PealCallFacts *facts)
{
  self->facts = *facts;
}
