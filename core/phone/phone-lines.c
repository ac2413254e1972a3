/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/phone/phone-private.h"

/* The lines of a phone: what they tell goes to the part that it concerns, and they come and go with
 * the accounts. */

void
phone_update_looking (PealPhone *self)
{
  bool is_looking = self->lines->len == 0;

  if (!self->surroundings)
    return;
  for (guint i = 0; i < self->lines->len; i++) {
    PealAccountState state = peal_account_get_state (line_get_account (self->lines->pdata[i]));

    is_looking |= state == PEAL_ACCOUNT_LOOKING || state == PEAL_ACCOUNT_ALONE;
  }
  surroundings_refresh (self->surroundings);
  surroundings_set_looking (self->surroundings, is_looking);
}

static void
on_line_event (void *user_data, Line *line, const NodeEvent *event)
{
  PealPhone *self = user_data;

  switch (event->type) {
  case NODE_EVENT_STATE:
    renewal_on_state (self->renewal, line);
    phone_update_looking (self);
    phone_update_status (self);
    break;
  case NODE_EVENT_NAME_TAKEN:
    phone_update_looking (self);
    phone_update_status (self);
    break;
  case NODE_EVENT_CONFIGURATION:
    renewal_look_soon (self->renewal);
    break;
  case NODE_EVENT_PEER_LISTENING:
  case NODE_EVENT_RELAYS:
    break;
  case NODE_EVENT_LOOKUP:
    phone_on_lookup (self, line, event);
    break;
  case NODE_EVENT_DIAGNOSIS:
    phone_on_diagnosis (self, line, event);
    break;
  case NODE_EVENT_SERVICE:
    phone_on_service (self, line, event);
    break;
  case NODE_EVENT_CALL_INCOMING:
  case NODE_EVENT_CALL_STATE:
  case NODE_EVENT_CALL_MEDIA:
  case NODE_EVENT_CALL_WORDS:
  case NODE_EVENT_CALL_HOLD:
    calls_on_event (self->calls, line, event);
    break;
  case NODE_EVENT_PRESENCE:
    contacts_on_presence (self->contacts, line, event);
    break;
  case NODE_EVENT_REQUEST:
    contacts_on_request (self->contacts, line, event);
    break;
  case NODE_EVENT_CLOCK:
    self->clock_offset_ms = event->clock_offset_ms;
    phone_update_status (self);
    break;
  }
}

static void
on_line_media (void *user_data, Line *line, uint32_t link, Bytes datagram)
{
  calls_on_media (PEAL_PHONE (user_data)->calls, line, link, datagram);
}

static void
on_line_newcomer (
  void *user_data, Line *line, uint32_t request, const char *user, const char *computer)
{
  phone_on_newcomer (user_data, line, request, user, computer);
}

static void
on_line_outside (void *user_data, Line *line, bool is_tried)
{
  phone_on_outside (user_data, line, is_tried);
}

static const LineEvents line_events = {
  .event = on_line_event,
  .media = on_line_media,
  .newcomer = on_line_newcomer,
  .outside = on_line_outside,
};

/* ---- They come and go ---- */

/* With an address asked for, the first line listens there and the others at another port of it. */
static char *
find_listen (PealPhone *self)
{
  const char *colon = self->listen ? strrchr (self->listen, ':') : NULL;

  if (!colon || self->lines->len == 0)
    return g_strdup (self->listen);
  return g_strdup_printf ("%.*s:0", (int) (colon - self->listen), self->listen);
}

/* A line on the air learns what its node has to know, and is heard on the local network. */
static void
brief_line (PealPhone *self, Line *line)
{
  phone_restore_forward (self, line);
  phone_tell_preferences (self, line);
  node_set_presence (line_get_node (line), NODE_PRESENCE_AVAILABLE);
  contacts_attach (self->contacts, line);
  if (self->surroundings)
    surroundings_add (self->surroundings, line);
}

Line *
phone_add_line (PealPhone *self, KeychainAccount *account, GError **error)
{
  g_autofree char *listen = find_listen (self);
  size_t codec_count = 0;
  const MediaCodec *codecs =
    self->media ? self->media->codecs (self->media->media, &codec_count) : NULL;
  LineOptions options = { .keychain = self->keychain,
                          .account = account,
                          .store = self->store,
                          .listen = listen,
                          .log_level = self->log_level,
                          .is_user = self->is_user,
                          .is_relay = self->is_relay,
                          .codecs = codecs,
                          .codec_count = codec_count,
                          .events = &line_events,
                          .user_data = self };
  GError *local = NULL;
  Line *line = line_new (&options, &local);

  if (!line) {
    phone_propagate_error (error, local);
    return NULL;
  }
  renewal_on_air (self->renewal, account);
  g_ptr_array_add (self->lines, line);
  g_list_store_append (self->accounts, line_get_account (line));
  brief_line (self, line);
  phone_update_looking (self);
  phone_update_status (self);
  return line;
}

void
phone_restart_line (PealPhone *self, Line *line)
{
  g_autoptr (GError) error = NULL;

  calls_drop_line (self->calls, line);
  phone_drop_lookups (self, line);
  if (self->surroundings)
    surroundings_remove (self->surroundings, line);
  if (!line_restart (line, &error)) {
    g_message ("%s", error->message);
    phone_remove_line (self, line);
    return;
  }
  brief_line (self, line);
}

void
phone_remove_line (PealPhone *self, Line *line)
{
  guint position;

  calls_drop_line (self->calls, line);
  phone_drop_lookups (self, line);
  if (self->surroundings)
    surroundings_remove (self->surroundings, line);
  if (g_list_store_find (self->accounts, line_get_account (line), &position))
    g_list_store_remove (self->accounts, position);
  g_ptr_array_remove (self->lines, line);
}

Line *
phone_find_line (PealPhone *self, const char *instance_name)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (strcmp (line_get_instance_name (self->lines->pdata[i]), instance_name) == 0)
      return self->lines->pdata[i];
  return NULL;
}

Line *
phone_line_of_address (PealPhone *self, const char *address)
{
  const char *at = strchr (address, '@');

  return at ? phone_find_line (self, at + 1) : NULL;
}

Line *
phone_line_of_account (PealPhone *self, PealAccount *account)
{
  return phone_find_line (self, peal_account_get_instance_name (account));
}
