/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/json.h"
#include "app/station.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* A whole phone without a window, worked by a script: one order a line on standard input, and on
 * standard output one JSON object a line for everything that a person would see change. Orders end
 * with the input. Words of an order stand between blanks; the last one goes to the end of the line.
 *
 * Nothing here stands between the script and the phone: an order is one call of core/phone, and a
 * line is what the properties of one object say. */

enum { WORDS_MAX = 4 };

typedef struct Person {
  Station *station;
  PealPhone *phone; /* borrowed */
  GMainLoop *loop;
} Person;

typedef struct Order {
  const char *name;
  void (*obey) (Person *self,
                const char **words); /* those after the name; "" where there are none */
} Order;

static gint64 clock_offset_us;

/* The program is linked so that the clock on the wall is asked here: somebody's may be wrong. */
gint64 __real_g_get_real_time (void);
gint64 __wrap_g_get_real_time (void);

gint64
__wrap_g_get_real_time (void)
{
  return __real_g_get_real_time () + clock_offset_us;
}

/* ---- What is seen ---- */

static void
print_line (char *line)
{
  puts (line);
  fflush (stdout);
  g_free (line);
}

/* Once for each change that shows. */
static void
print_of (GObject *object, Json *json)
{
  char *line = json_end (json);

  if (g_strcmp0 (g_object_get_data (object, "printed"), line) == 0) {
    g_free (line);
    return;
  }
  g_object_set_data_full (object, "printed", g_strdup (line), g_free);
  print_line (line);
}

static void
print_sentence (const char *what, const char *sentence)
{
  Json *json = json_new ();

  json_text (json, "what", what);
  json_text (json, "text", sentence);
  print_line (json_end (json));
}

static void
json_property (Json *json, GObject *object, const char *name)
{
  g_autofree char *text = NULL;

  g_object_get (object, name, &text, NULL);
  json_text (json, name, text);
}

static void
json_flag (Json *json, GObject *object, const char *name)
{
  gboolean is_true;

  g_object_get (object, name, &is_true, NULL);
  json_truth (json, name, is_true);
}

static void
print_account (PealAccount *account)
{
  static const char *const states[] = {
    [PEAL_ACCOUNT_OFF] = "off",
    [PEAL_ACCOUNT_LOOKING] = "looking",
    [PEAL_ACCOUNT_ALONE] = "alone",
    [PEAL_ACCOUNT_READY] = "ready",
    [PEAL_ACCOUNT_EXPIRED] = "expired",
    [PEAL_ACCOUNT_DUPLICATE] = "duplicate",
    [PEAL_ACCOUNT_NAME_TAKEN] = "name-taken",
    [PEAL_ACCOUNT_UNSUPPORTED] = "unsupported",
  };
  Json *json = json_new ();

  json_text (json, "what", "account");
  json_text (json, "address", peal_account_get_address (account));
  json_text (json, "state", states[peal_account_get_state (account)]);
  json_whole (json, "peers", peal_account_get_peers (account));
  json_property (json, G_OBJECT (account), "status");
  json_text (json, "key-words", peal_account_get_key_words (account));
  print_of (G_OBJECT (account), json);
}

static void
print_contact (PealContact *contact)
{
  GObject *object = G_OBJECT (contact);
  Json *json = json_new ();

  json_text (json, "what", "contact");
  json_text (json, "address", peal_contact_get_address (contact));
  json_text (json, "name", peal_contact_get_name (contact));
  json_property (json, object, "presence-text");
  json_flag (json, object, "is-key-changed");
  json_flag (json, object, "is-ambiguous");
  json_truth (json, "is-verified", peal_contact_get_trust (contact) == PEAL_TRUST_VERIFIED);
  print_of (object, json);
}

static void
print_request (PealRequest *request)
{
  GObject *object = G_OBJECT (request);
  Json *json = json_new ();
  bool is_buddy = peal_request_get_kind (request) == PEAL_REQUEST_BUDDY;

  json_text (json, "what", "request");
  json_text (json, "kind", is_buddy ? "buddy" : "newcomer");
  json_property (json, object, "address");
  json_property (json, object, "text");
  print_of (object, json);
}

static void
print_nearby (PealNearby *nearby)
{
  Json *json = json_new ();
  g_autofree char *network = g_strdup_printf ("%p", (void *) nearby); /* an object each */

  json_text (json, "what", "nearby");
  json_text (json, "label", peal_nearby_get_label (nearby));
  json_whole (json, "peers", peal_nearby_get_peers (nearby));
  json_text (json, "network", network);
  print_of (G_OBJECT (nearby), json);
}

/* The keys of those who have the dialled name, in words. */
static void
json_choices (Json *json, PealCall *call)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t count;
  const PealCallChoice *choices = peal_call_get_choices (call, &count);

  for (size_t i = 0; i < count; i++)
    g_string_append_printf (text, i > 0 ? ", %s" : "%s", choices[i].words);
  json_text (json, "choices", text->str);
}

/* The seconds of a call are left out, and what changes with them. */
static void
print_call (PealCall *call)
{
  static const char *const states[] = {
    [PEAL_CALL_LOOKING] = "looking",           [PEAL_CALL_CONNECTING] = "connecting",
    [PEAL_CALL_RINGING] = "ringing",           [PEAL_CALL_UP] = "up",
    [PEAL_CALL_RECONNECTING] = "reconnecting", [PEAL_CALL_ENDED] = "ended",
  };
  static const char *const texts[] = { "end-text", "end-hint", "warning-text", "security-text",
                                       "words" };
  static const char *const flags[] = { "is-incoming", "is-held", "is-held-by-peer",
                                       "is-key-changed" };
  GObject *object = G_OBJECT (call);
  PealCallFacts facts = peal_call_get_facts (call);
  Json *json = json_new ();

  json_text (json, "what", "call");
  json_whole (json, "id", peal_call_get_id (call));
  json_text (json, "address", peal_call_get_address (call));
  json_text (json, "state", states[peal_call_get_state (call)]);
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    json_property (json, object, texts[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (flags); i++)
    json_flag (json, object, flags[i]);
  json_choices (json, call);
  json_whole (json, "ring_ms", facts.ring_ms);
  json_whole (json, "answer_to_sound_ms", facts.answer_to_sound_ms);
  json_truth (json, "encrypted", facts.is_encrypted);
  json_truth (json, "direct", facts.is_direct);
  if (peal_call_get_state (call) == PEAL_CALL_ENDED) {
    g_auto (GStrv) signs = peal_call_get_signs (call);

    json_texts (json, "details", (const char *const *) signs);
  }
  print_of (object, json);
}

static void
print_object (GObject *object)
{
  if (PEAL_IS_ACCOUNT (object))
    print_account (PEAL_ACCOUNT (object));
  else if (PEAL_IS_CONTACT (object))
    print_contact (PEAL_CONTACT (object));
  else if (PEAL_IS_REQUEST (object))
    print_request (PEAL_REQUEST (object));
  else if (PEAL_IS_NEARBY (object))
    print_nearby (PEAL_NEARBY (object));
  else
    print_call (PEAL_CALL (object));
}

/* An object that a list moves is taken out and put in again. */
static void
on_items_changed (GListModel *list, guint position, guint removed, guint added, Person *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (GObject) object = g_list_model_get_item (list, i);

    g_signal_handlers_disconnect_by_func (object, print_object, self);
    g_signal_connect (object, "notify", G_CALLBACK (print_object), self);
    print_object (object);
  }
}

static void
print_status (Person *self)
{
  print_sentence ("status", peal_phone_get_status (self->phone));
}

static void
watch (Person *self)
{
  GListModel *lists[] = {
    peal_phone_get_accounts (self->phone), peal_phone_get_contacts (self->phone),
    peal_phone_get_requests (self->phone), peal_phone_get_nearby (self->phone),
    peal_phone_get_calls (self->phone),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_signal_connect (lists[i], "items-changed", G_CALLBACK (on_items_changed), self);
    on_items_changed (lists[i], 0, 0, g_list_model_get_n_items (lists[i]), self);
  }
  g_signal_connect_swapped (self->phone, "notify::status", G_CALLBACK (print_status), self);
  print_status (self);
}

/* ---- Orders ---- */

static void
print_error (GError *error)
{
  print_sentence ("error", error->message);
  g_error_free (error);
}

static void
create (Person *self, const char **words)
{
  GError *error = NULL;

  if (peal_phone_create (self->phone, words[0], words[1], words[1], &error) == NULL)
    print_error (error);
}

static void
join (Person *self, const char **words)
{
  GError *error = NULL;

  if (peal_phone_join (self->phone, words[0], words[1], words[1], &error) == NULL)
    print_error (error);
}

static void
on_joined (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (peal_phone_join_nearby_finish (PEAL_PHONE (object), result, NULL, &error) == NULL)
    print_error (error);
}

static void
join_nearby (Person *self, const char **words)
{
  GListModel *list = peal_phone_get_nearby (self->phone);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++) {
    g_autoptr (PealNearby) nearby = g_list_model_get_item (list, i);

    if (strcmp (peal_nearby_get_label (nearby), words[0]) == 0)
      peal_phone_join_nearby_async (self->phone, nearby, words[1], words[1], NULL, on_joined, NULL);
  }
}

static void
invite (Person *self, const char **words)
{
  GListModel *accounts = peal_phone_get_accounts (self->phone);
  g_autoptr (PealAccount) account = g_list_model_get_item (accounts, 0);
  g_autofree char *link = NULL;
  GError *error = NULL;

  link = peal_phone_invite (self->phone, account, &error);
  if (link != NULL)
    print_sentence ("invitation", link);
  else
    print_error (error);
}

static void
set_open (Person *self, const char **words)
{
  peal_phone_set_open (self->phone, strcmp (words[0], "yes") == 0);
}

static void
set_maps_port (Person *self, const char **words)
{
  peal_phone_set_maps_port (self->phone, strcmp (words[0], "yes") == 0);
}

static void
dial (Person *self, const char **words)
{
  GError *error = NULL;

  if (peal_phone_dial (self->phone, words[0], &error) == NULL)
    print_error (error);
}

/* What the next calls sound like: "devices", "silence", "echo", or "files PLAY RECORD". */
static void
set_sound (Person *self, const char **words)
{
  const CallMediaOptions options = { .is_silent = strcmp (words[0], "silence") == 0,
                                     .is_echo = strcmp (words[0], "echo") == 0,
                                     .play_path = words[1][0] != '\0' ? words[1] : NULL,
                                     .record_path = words[2][0] != '\0' ? words[2] : NULL };

  peal_phone_set_call_options (self->phone, strcmp (words[0], "devices") == 0 ? NULL : &options);
}

/* The call that came last. */
static PealCall *
find_call (Person *self)
{
  g_autoptr (PealCall) call = g_list_model_get_item (peal_phone_get_calls (self->phone), 0);

  return call;
}

static void
answer (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_call_answer (find_call (self));
}

static void
decline (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_call_decline (find_call (self));
}

static void
end (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_call_end (find_call (self));
}

static void
choose (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_phone_dial_choice (self->phone, find_call (self),
                            (size_t) g_ascii_strtoull (words[0], NULL, 10));
}

/* Whether the other side has read the same words. */
static void
compare (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_call_compared (find_call (self), strcmp (words[0], "same") == 0);
}

static void
hold (Person *self, const char **words)
{
  if (find_call (self) != NULL)
    peal_call_set_held (find_call (self), strcmp (words[0], "yes") == 0);
}

static void
add (Person *self, const char **words)
{
  GError *error = NULL;

  if (peal_phone_add_contact (self->phone, words[0], NULL, &error) == NULL)
    print_error (error);
}

static void
decide (Person *self, void (*decision) (PealRequest *request))
{
  GListModel *requests = peal_phone_get_requests (self->phone);
  g_autoptr (PealRequest) request = g_list_model_get_item (requests, 0);

  if (request != NULL)
    decision (request);
}

static void
accept_request (Person *self, const char **words)
{
  decide (self, peal_request_accept);
}

static void
refuse_request (Person *self, const char **words)
{
  decide (self, peal_request_refuse);
}

static void
accept_key (Person *self, const char **words)
{
  g_autofree char *address = peal_phone_resolve (self->phone, words[0], NULL);
  PealContact *contact = address != NULL ? peal_phone_find_contact (self->phone, address) : NULL;

  if (contact != NULL)
    peal_contact_accept_key (contact);
}

static void
look_up (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  g_autoptr (PealLookup) lookup = peal_phone_lookup_finish (PEAL_PHONE (object), result, &error);
  Json *json = json_new ();

  json_text (json, "what", lookup != NULL ? "found" : "missing");
  json_text (json, "text", lookup != NULL ? lookup->address : error->message);
  json_whole (json, "devices", lookup != NULL ? g_strv_length (lookup->node_ids) : 0);
  print_line (json_end (json));
  g_clear_error (&error);
}

static void
find (Person *self, const char **words)
{
  peal_phone_lookup_async (self->phone, words[0], NULL, look_up, NULL);
}

static void
on_exported (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (peal_phone_export_identity_finish (PEAL_PHONE (object), result, &error))
    print_sentence ("exported", NULL);
  else
    print_error (error);
}

static void
export_identity (Person *self, const char **words)
{
  peal_phone_export_identity_async (self->phone, words[0], words[1], NULL, on_exported, NULL);
}

static void
on_imported (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (peal_phone_import_identity_finish (PEAL_PHONE (object), result, &error))
    print_sentence ("imported", NULL);
  else
    print_error (error);
}

static void
import_identity (Person *self, const char **words)
{
  peal_phone_import_identity_async (self->phone, words[0], words[1], NULL, on_imported, NULL);
}

static void
print_history (Person *self, const char **words)
{
  GListModel *history = peal_phone_get_history (self->phone);
  Json *json = json_new ();

  json_text (json, "what", "history");
  json_whole (json, "calls", g_list_model_get_n_items (history));
  json_whole (json, "missed", peal_phone_get_missed (self->phone));
  print_line (json_end (json));
}

static const Order orders[] = {
  { "create", create },
  { "join", join },
  { "join-nearby", join_nearby },
  { "invite", invite },
  { "open", set_open },
  { "map-port", set_maps_port },
  { "dial", dial },
  { "sound", set_sound },
  { "answer", answer },
  { "decline", decline },
  { "end", end },
  { "hold", hold },
  { "choose", choose },
  { "compare", compare },
  { "add", add },
  { "accept", accept_request },
  { "refuse", refuse_request },
  { "accept-key", accept_key },
  { "find", find },
  { "export", export_identity },
  { "import", import_identity },
  { "history", print_history },
};

static void
obey (Person *self, const char *line)
{
  g_auto (GStrv) typed = g_strsplit (line, " ", WORDS_MAX);
  const char *words[WORDS_MAX + 1] = { "", "", "", "", "" };

  for (guint i = 0; i < g_strv_length (typed); i++)
    words[i] = typed[i];
  for (size_t i = 0; i < G_N_ELEMENTS (orders); i++)
    if (strcmp (orders[i].name, words[0]) == 0) {
      orders[i].obey (self, words + 1);
      return;
    }
  print_sentence ("unknown", line);
}

static gboolean
on_input (GIOChannel *input, GIOCondition condition, gpointer user_data)
{
  Person *self = user_data;
  g_autofree char *line = NULL;
  gsize end_of_line;
  GIOStatus status = g_io_channel_read_line (input, &line, NULL, &end_of_line, NULL);

  if (status == G_IO_STATUS_NORMAL) {
    line[end_of_line] = '\0';
    obey (self, line);
  } else if (status != G_IO_STATUS_AGAIN) {
    g_main_loop_quit (self->loop);
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
live (Person *self)
{
  const CallMediaOptions silence = { .is_silent = true };
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);

  peal_phone_set_call_options (self->phone, &silence);
  watch (self);
  self->loop = g_main_loop_new (NULL, FALSE);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, self);
  g_main_loop_run (self->loop);
  g_main_loop_unref (self->loop);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = NULL, *listen = NULL;
  int clock_offset_h = 0;
  gboolean is_new = FALSE;
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &state, NULL, NULL },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, NULL, NULL },
    { "clock-offset-h", 0, 0, G_OPTION_ARG_INT, &clock_offset_h, NULL, NULL },
    { "repair", 0, 0, G_OPTION_ARG_NONE, &is_new, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GError *error = NULL;
  Person self = { 0 };

  setlocale (LC_ALL, "");
  g_log_writer_default_set_use_stderr (TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (listen == NULL)
    listen = g_strdup ("127.0.0.1:0");
  clock_offset_us = (gint64) clock_offset_h * 3600 * G_USEC_PER_SEC;
  self.station =
    station_new (&(StationOptions){ .state_path = state,
                                    .listen = strcmp (listen, "any") != 0 ? listen : NULL,
                                    .is_user = true,
                                    .has_sound = true,
                                    .is_new = is_new },
                 &error);
  if (self.station == NULL) {
    print_error (error);
    return 1;
  }
  self.phone = station_phone (self.station);
  live (&self);
  g_signal_handlers_disconnect_by_data (self.phone, &self);
  station_free (self.station);
  print_sentence ("bye", "");
  return 0;
}
