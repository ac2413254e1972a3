/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/notices.h"

#include <glib/gi18n.h>

/* A ringing call has a notification named after it, with Answer and Decline, as long as it rings.
 * A missed one leaves another, named after the person, so that five calls in vain are one. */

struct Notices {
  GApplication *app;
  PealPhone *phone;
  unsigned missed; /* as the phone counted when it was looked at last */
};

static char *
call_notice_id (PealCall *call)
{
  return g_strdup_printf ("call-%u", peal_call_get_id (call));
}

static void
show_ringing (Notices *self, PealCall *call)
{
  g_autofree char *notice_id = call_notice_id (call);
  g_autofree char *call_id = g_strdup_printf ("%u", peal_call_get_id (call));
  /* Translators: the name of the caller. */
  g_autofree char *title = g_strdup_printf (_ ("%s is calling"), peal_call_get_name (call));
  g_autoptr (GNotification) notice = g_notification_new (title);

  g_notification_set_body (notice, peal_call_get_display_address (call));
  g_notification_set_priority (notice, G_NOTIFICATION_PRIORITY_URGENT);
  g_notification_set_category (notice, "call.incoming");
  g_notification_set_default_action_and_target (notice, "app.show-call", "s", call_id);
  g_notification_add_button_with_target (notice, _ ("Answer"), "app.answer", "s", call_id);
  g_notification_add_button_with_target (notice, _ ("Decline"), "app.decline", "s", call_id);
  g_application_send_notification (self->app, notice_id, notice);
}

static void
show_missed (Notices *self, PealCall *call)
{
  const char *address = peal_call_get_display_address (call);
  g_autofree char *notice_id = g_strconcat ("missed-", peal_call_get_address (call), NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  /* Translators: a time of the day, as in "14:02". */
  g_autofree char *time = g_date_time_format (now, _ ("%H:%M"));
  g_autofree char *title =
    /* Translators: "Missed call from Bob · 14:02" */
    g_strdup_printf (_ ("Missed call from %s · %s"), peal_call_get_name (call), time);
  g_autoptr (GNotification) notice = g_notification_new (title);

  g_notification_set_category (notice, "call.unanswered");
  g_notification_set_default_action_and_target (notice, "app.show-person", "s",
                                                peal_call_get_address (call));
  g_notification_add_button_with_target (notice, _ ("Call back"), "app.dial", "s", address);
  g_application_send_notification (self->app, notice_id, notice);
}

static void
on_call_state (PealCall *call, GParamSpec *unused, Notices *self)
{
  g_autofree char *notice_id = call_notice_id (call);
  unsigned missed = peal_phone_get_missed (self->phone);

  if (peal_call_get_state (call) == PEAL_CALL_RINGING) {
    show_ringing (self, call);
    return;
  }
  g_application_withdraw_notification (self->app, notice_id);
  if (peal_call_get_state (call) == PEAL_CALL_ENDED && missed > self->missed)
    show_missed (self, call);
  self->missed = missed;
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, Notices *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    if (!peal_call_get_is_incoming (call))
      continue;
    g_signal_handlers_disconnect_by_data (call, self);
    g_signal_connect (call, "notify::state", G_CALLBACK (on_call_state), self);
    on_call_state (call, NULL, self);
  }
}

static void
on_requests_changed (
  GListModel *requests, guint position, guint removed, guint added, Notices *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (PealRequest) request = g_list_model_get_item (requests, i);
    g_autofree char *text = NULL;
    g_autofree char *notice_id = g_strconcat ("request-", peal_request_get_address (request), NULL);
    g_autoptr (GNotification) notice = NULL;

    g_object_get (request, "text", &text, NULL);
    notice = g_notification_new (text);
    g_notification_set_default_action (notice, "app.show");
    g_application_send_notification (self->app, notice_id, notice);
  }
}

Notices *
notices_new (GApplication *app, PealPhone *phone)
{
  Notices *self = g_new0 (Notices, 1);
  GListModel *calls = peal_phone_get_calls (phone);
  GListModel *requests = peal_phone_get_requests (phone);

  self->app = app;
  self->phone = phone;
  self->missed = peal_phone_get_missed (phone);
  g_signal_connect (calls, "items-changed", G_CALLBACK (on_calls_changed), self);
  g_signal_connect (requests, "items-changed", G_CALLBACK (on_requests_changed), self);
  return self;
}

void
notices_free (Notices *self)
{
  GListModel *calls;

  if (self == NULL)
    return;
  calls = peal_phone_get_calls (self->phone);
  g_signal_handlers_disconnect_by_data (peal_phone_get_requests (self->phone), self);
  g_signal_handlers_disconnect_by_data (calls, self);
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    g_autofree char *notice_id = call_notice_id (call);

    g_signal_handlers_disconnect_by_data (call, self);
    g_application_withdraw_notification (self->app, notice_id);
  }
  g_free (self);
}

void
notices_tell_background (Notices *self)
{
  g_autoptr (GNotification) notice = g_notification_new (
    _ ("Phone keeps running so people can call you. Quit from the menu (Ctrl+Q)."));

  g_notification_set_default_action (notice, "app.show");
  g_application_send_notification (self->app, "background", notice);
}
