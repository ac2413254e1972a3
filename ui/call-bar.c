/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first call of the list that has not ended is the one shown; the phone puts the latest first.
 * `changed` tells the window, so that its shortcuts act on the same call. */
#include "ui/call-bar.h"
#include "ui/activate.h"
#include "ui/call-controls.h"
#include "ui/text-pair.h"
#include <glib/gi18n.h>

struct _PealCallBar {
  GtkRevealer parent;
  GListModel *calls;
  PealCall *call; /* the one shown, or NULL */
  GActionGroup *actions;
  GtkLabel *text_label;
  GtkWidget *answer_button;
  GtkWidget *decline_button;
  GtkWidget *mute_button;
  GtkWidget *end_button;
};

G_DEFINE_FINAL_TYPE (PealCallBar, peal_call_bar, GTK_TYPE_REVEALER)

enum { SIGNAL_CHANGED, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static void
refresh_text (PealCallBar *self)
{
  g_autofree char *state = NULL;
  guint duration = 0;
  g_autofree char *text = NULL;

  g_object_get (self->call, "state-text", &state, "duration", &duration, NULL);
  if (peal_call_get_state (self->call) == PEAL_CALL_UP)
    /* Translators: a person's name, then minutes and seconds. */
    text = g_strdup_printf (_ ("In call with %s · %02u:%02u"), peal_call_get_name (self->call),
                            duration / 60, duration % 60);
  else if (peal_call_get_is_incoming (self->call))
    text = g_strdup (state);
  else
    text = peal_text_pair (peal_call_get_name (self->call), state);
  gtk_label_set_label (self->text_label, text);
}

static void
refresh_buttons (PealCallBar *self)
{
  bool is_offered =
    peal_call_get_is_incoming (self->call) && peal_call_get_state (self->call) == PEAL_CALL_RINGING;

  gtk_widget_set_visible (self->answer_button, is_offered);
  gtk_widget_set_visible (self->decline_button, is_offered);
  gtk_widget_set_visible (self->mute_button, !is_offered);
  gtk_widget_set_visible (self->end_button, !is_offered);
}

static PealCall *
find_call (GListModel *calls)
{
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    if (peal_call_get_state (call) != PEAL_CALL_ENDED)
      return g_steal_pointer (&call);
  }
  return NULL;
}

static void on_calls_changed (PealCallBar *self);

static void
follow (PealCallBar *self, PealCall *call)
{
  if (self->call)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->actions);
  g_set_object (&self->call, call);
  if (call) {
    self->actions = peal_call_controls_new (call);
    g_signal_connect_object (call, "notify", G_CALLBACK (on_calls_changed), self,
                             G_CONNECT_SWAPPED);
  }
  gtk_widget_insert_action_group (GTK_WIDGET (self), "call", self->actions);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self), call != NULL);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_calls_changed (PealCallBar *self)
{
  g_autoptr (PealCall) call = find_call (self->calls);

  if (call != self->call)
    follow (self, call);
  if (call) {
    refresh_text (self);
    refresh_buttons (self);
  }
}

static void
on_show_clicked (PealCallBar *self)
{
  if (!self->call)
    return;
  g_autofree char *id = g_strdup_printf ("%u", peal_call_get_id (self->call));
  peal_activate (GTK_WIDGET (self), "show-call", id);
}

static void
peal_call_bar_dispose (GObject *object)
{
  PealCallBar *self = PEAL_CALL_BAR (object);

  g_clear_object (&self->call);
  g_clear_object (&self->actions);
  g_clear_object (&self->calls);
  G_OBJECT_CLASS (peal_call_bar_parent_class)->dispose (object);
}

static void
peal_call_bar_class_init (PealCallBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_call_bar_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", PEAL_TYPE_CALL_BAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/pealphone/Peal/ui/call-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PealCallBar, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallBar, answer_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallBar, decline_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallBar, mute_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallBar, end_button);
  gtk_widget_class_bind_template_callback (widget_class, on_show_clicked);
}

static void
peal_call_bar_init (PealCallBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_call_bar_new (PealPhone *phone)
{
  PealCallBar *self = g_object_new (PEAL_TYPE_CALL_BAR, NULL);

  self->calls = g_object_ref (peal_phone_get_calls (phone));
  g_signal_connect_object (self->calls, "items-changed", G_CALLBACK (on_calls_changed), self,
                           G_CONNECT_SWAPPED);
  on_calls_changed (self);
  return GTK_WIDGET (self);
}

GActionGroup *
peal_call_bar_get_actions (PealCallBar *self)
{
  return self->actions;
}
