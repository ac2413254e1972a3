/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/awake.h"

#include <glib/gi18n.h>

struct Awake {
  GtkApplication *app;
  PealPhone *phone;
  guint cookie; /* 0: the computer may sleep */
};

static bool
is_talking (PealPhone *phone)
{
  GListModel *calls = peal_phone_get_calls (phone);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    PealCallState state = peal_call_get_state (call);

    if (state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING)
      return true;
  }
  return false;
}

static void
update (Awake *self)
{
  bool talking = is_talking (self->phone);

  if (talking && self->cookie == 0)
    self->cookie =
      gtk_application_inhibit (self->app, NULL, GTK_APPLICATION_INHIBIT_SUSPEND, _ ("In a call"));
  else if (!talking && self->cookie != 0) {
    gtk_application_uninhibit (self->app, self->cookie);
    self->cookie = 0;
  }
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, Awake *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    g_signal_handlers_disconnect_by_data (call, self);
    g_signal_connect_swapped (call, "notify::state", G_CALLBACK (update), self);
  }
  update (self);
}

Awake *
awake_new (GtkApplication *app, PealPhone *phone)
{
  Awake *self = g_new0 (Awake, 1);

  self->app = app;
  self->phone = phone;
  g_signal_connect (peal_phone_get_calls (phone), "items-changed", G_CALLBACK (on_calls_changed),
                    self);
  return self;
}

void
awake_free (Awake *self)
{
  GListModel *calls;

  if (self == NULL)
    return;
  calls = peal_phone_get_calls (self->phone);
  g_signal_handlers_disconnect_by_data (calls, self);
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    g_signal_handlers_disconnect_by_data (call, self);
  }
  if (self->cookie != 0)
    gtk_application_uninhibit (self->app, self->cookie);
  g_free (self);
}
