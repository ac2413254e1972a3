/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/calls.h"
#include "core/phone/call-leg.h"
#include "core/phone/call-tone.h"

/* What calls have in common: the tone that is heard, whether this person talks, the second hand;
 * and that only one call is talked on: answering or dialling puts the others on hold. What each has
 * for itself is in call-leg.c. */

struct Calls {
  CallsOptions options;
  GPtrArray *legs;         /* owned */
  CallMediaOptions *sound; /* owned; NULL: the devices */
  guint next_id;
  guint ticker;
  CallMediaTone tone;
  bool is_talking;
};

/* ---- Tones, presence, the second hand ---- */

static void
play (Calls *self, CallMediaTone tone)
{
  if (tone == self->tone)
    return;
  self->tone = tone;
  if (self->options.media)
    self->options.media->set_tone (self->options.media->media, tone);
}

static gboolean
on_second (gpointer user_data)
{
  Calls *self = user_data;

  for (guint i = 0; i < self->legs->len; i++)
    if (!call_leg_is_over (self->legs->pdata[i]))
      call_leg_tick (self->legs->pdata[i]);
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
    const CallLeg *leg = self->legs->pdata[i];

    is_busy |= !call_leg_is_over (leg);
    is_talking |= !call_leg_is_over (leg) && call_leg_is_up (leg);
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

/* ---- What legs tell ---- */

static void
on_taken (void *user_data, const CallLeg *taken)
{
  Calls *self = user_data;

  for (guint i = 0; i < self->legs->len; i++)
    if (self->legs->pdata[i] != taken)
      call_leg_hold (self->legs->pdata[i]);
}

static void
on_changed (void *user_data, NodeCallEnd end)
{
  settle (user_data, end);
}

static void
on_missed (void *user_data, const char *address)
{
  Calls *self = user_data;

  self->options.missed (self->options.user_data, address);
}

static void
on_closed (void *user_data, CallLeg *leg)
{
  Calls *self = user_data;
  guint position;

  if (g_list_store_find (self->options.list, call_leg_get_call (leg), &position))
    g_list_store_remove (self->options.list, position);
  g_ptr_array_remove (self->legs, leg);
}

static const CallLegEvents leg_events = {
  .taken = on_taken,
  .changed = on_changed,
  .missed = on_missed,
  .closed = on_closed,
};

/* ---- Beginning ---- */

static CallLeg *
add_leg (
  Calls *self, Line *line, const char *address, bool is_incoming, const CallMediaOptions *sound)
{
  CallLeg *leg = call_leg_new (&(CallLegOptions){ .media = self->options.media,
                                                  .contacts = self->options.contacts,
                                                  .log = self->options.log,
                                                  .line = line,
                                                  .address = address,
                                                  .is_incoming = is_incoming,
                                                  .id = ++self->next_id,
                                                  .sound = sound ? sound : self->sound,
                                                  .events = &leg_events,
                                                  .user_data = self });

  g_ptr_array_add (self->legs, leg);
  return leg;
}

static PealCall *
show (Calls *self, const CallLeg *leg)
{
  PealCall *call = call_leg_get_call (leg);

  g_list_store_insert (self->options.list, 0, call);
  settle (self, NODE_CALL_END_NONE);
  return call;
}

static PealCall *
dial (Calls *self, Line *line, const NodeCallOptions *callee, const CallMediaOptions *sound)
{
  CallLeg *leg = add_leg (self, line, callee->address, false, sound);

  call_leg_dial (leg, callee);
  return show (self, leg);
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
    const CallLeg *leg = self->legs->pdata[i];
    const UserKey *owner = call_leg_get_owner (leg, choice);
    const char *address = peal_call_get_address (call);

    if (call_leg_get_call (leg) != call || !owner)
      continue;
    contacts_choose (self->options.contacts, address, owner);
    return calls_dial_key (self, line, address, owner);
  }
  return NULL;
}

/* ---- What the node tells ---- */

/* Talks, or has dialled somebody else. What only rings here keeps nobody out: else whoever rings
 * often enough would. */
static bool
is_engaged (Calls *self, const char *address)
{
  for (guint i = 0; i < self->legs->len; i++) {
    const CallLeg *leg = self->legs->pdata[i];
    PealCall *call = call_leg_get_call (leg);
    bool is_dialled =
      !peal_call_get_is_incoming (call) && g_strcmp0 (peal_call_get_address (call), address) != 0;

    if (!call_leg_is_over (leg) && (call_leg_is_up (leg) || is_dialled))
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
  CallLeg *leg;

  if (is_engaged (self, event->call.address)) {
    turn_away (self, line, event);
    return;
  }
  leg = add_leg (self, line, event->call.address, true, NULL);
  call_leg_ring (leg, event);
  show (self, leg);
}

static uint32_t
number_of (const NodeEvent *event)
{
  return event->type == NODE_EVENT_CALL_MEDIA   ? event->media.call
         : event->type == NODE_EVENT_CALL_HOLD  ? event->hold.call
         : event->type == NODE_EVENT_CALL_WORDS ? event->words.call
                                                : event->call.call;
}

void
calls_on_event (Calls *self, Line *line, const NodeEvent *event)
{
  uint32_t number = number_of (event);

  if (event->type == NODE_EVENT_CALL_INCOMING) {
    on_incoming (self, line, event);
    return;
  }
  for (guint i = 0; i < self->legs->len; i++)
    if (call_leg_is (self->legs->pdata[i], line, number)) {
      call_leg_on_event (self->legs->pdata[i], event);
      return;
    }
}

void
calls_on_diagnosis (Calls *self, Line *line, const NodeEvent *event)
{
  for (guint i = 0; i < self->legs->len; i++)
    call_leg_on_diagnosis (self->legs->pdata[i], line, event);
}

void
calls_on_media (Calls *self, Line *line, uint32_t link, Bytes datagram)
{
  for (guint i = 0; i < self->legs->len; i++)
    if (call_leg_receive (self->legs->pdata[i], line, link, datagram))
      return;
}

void
calls_drop_line (Calls *self, Line *line)
{
  for (guint i = 0; i < self->legs->len; i++)
    call_leg_drop_line (self->legs->pdata[i], line);
}

/* ---- The whole ---- */

Calls *
calls_new (const CallsOptions *options)
{
  Calls *self = g_new0 (Calls, 1);

  self->options = *options;
  self->legs = g_ptr_array_new_with_free_func ((GDestroyNotify) call_leg_free);
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
