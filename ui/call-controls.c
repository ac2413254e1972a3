/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/call-controls.h"

enum { GUARD_MS = 500 };

struct _PealCallControls {
  GSimpleActionGroup parent;
  PealCall *call;
  guint guard; /* source id; 0 once the time is over */
};

G_DEFINE_FINAL_TYPE (PealCallControls, peal_call_controls, G_TYPE_SIMPLE_ACTION_GROUP)

static void
on_answer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_call_answer (PEAL_CALL_CONTROLS (user_data)->call);
}

static void
on_decline (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_call_decline (PEAL_CALL_CONTROLS (user_data)->call);
}

static void
on_end (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_call_end (PEAL_CALL_CONTROLS (user_data)->call);
}

static void
on_mute (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  peal_call_set_muted (PEAL_CALL_CONTROLS (user_data)->call, g_variant_get_boolean (value));
}

static void
on_hold (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  peal_call_set_held (PEAL_CALL_CONTROLS (user_data)->call, g_variant_get_boolean (value));
}

static const GActionEntry entries[] = {
  { "answer", on_answer },
  { "decline", on_decline },
  { "end", on_end },
  { "mute", NULL, NULL, "false", on_mute },
  { "hold", NULL, NULL, "false", on_hold },
};

static GSimpleAction *
lookup (PealCallControls *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name));
}

static void
refresh (PealCallControls *self)
{
  PealCallState state = peal_call_get_state (self->call);
  bool is_offered = state == PEAL_CALL_RINGING && peal_call_get_is_incoming (self->call);
  bool is_up = state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING;
  gboolean is_muted = FALSE;
  gboolean is_held = FALSE;

  g_object_get (self->call, "is-muted", &is_muted, "is-held", &is_held, NULL);
  g_simple_action_set_enabled (lookup (self, "answer"), is_offered && !self->guard);
  g_simple_action_set_enabled (lookup (self, "decline"), is_offered && !self->guard);
  g_simple_action_set_enabled (lookup (self, "end"), state != PEAL_CALL_ENDED);
  g_simple_action_set_enabled (lookup (self, "mute"), state != PEAL_CALL_ENDED && !is_offered);
  g_simple_action_set_enabled (lookup (self, "hold"), is_up);
  g_simple_action_set_state (lookup (self, "mute"), g_variant_new_boolean (is_muted));
  g_simple_action_set_state (lookup (self, "hold"), g_variant_new_boolean (is_held));
}

static gboolean
on_guard_over (gpointer user_data)
{
  PealCallControls *self = user_data;

  self->guard = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
peal_call_controls_dispose (GObject *object)
{
  PealCallControls *self = PEAL_CALL_CONTROLS (object);

  g_clear_handle_id (&self->guard, g_source_remove);
  g_clear_object (&self->call);
  G_OBJECT_CLASS (peal_call_controls_parent_class)->dispose (object);
}

static void
peal_call_controls_class_init (PealCallControlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = peal_call_controls_dispose;
}

static void
peal_call_controls_init (PealCallControls *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

GActionGroup *
peal_call_controls_new (PealCall *call)
{
  PealCallControls *self = g_object_new (PEAL_TYPE_CALL_CONTROLS, NULL);

  self->call = g_object_ref (call);
  if (peal_call_get_is_incoming (call))
    self->guard = g_timeout_add (GUARD_MS, on_guard_over, self);
  g_signal_connect_object (call, "notify::state", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (call, "notify::is-muted", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (call, "notify::is-held", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return G_ACTION_GROUP (self);
}
