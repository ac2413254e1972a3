/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every window of the program, over a phone without a network, for pictures and for tests.
 *
 * It reads names of scenes from standard input, a line each, shows the scene and answers
 * "ready NAME". A scene replaces the one before it; a line that begins with a dot moves the present
 * scene on: ".ring", ".talk", ".end REASON". Standard output also tells what the windows asked of
 * the phone (fake-phone.h). With --scenes it names them all. "quit" or the end of the input ends
 * it. PEAL_LOCALE_PATH, PEAL_RTL and PEAL_SIZE choose translations, direction and size. */
#include "core/phone/call-private.h"
#include "core/phone/words.h"
#include "tests/ui/fake-phone.h"
#include "tests/ui/mnemonics.h"
#include "ui/call-window.h"
#include "ui/identity-dialog.h"
#include "ui/invite-dialog.h"
#include "ui/windows.h"
#include "ui/words-dialog.h"
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <handy.h>
#include <locale.h>

typedef struct Gallery {
  GtkApplication *app;
  GSettings *settings;
  GDataInputStream *input;
  PealPhone *phone;
  PealWindows *windows;
  GtkWindow *trouble;
  char *ready; /* the line to answer once the windows are drawn */
} Gallery;

static void
act (Gallery *self, const char *detailed_action)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  g_action_parse_detailed_name (detailed_action, &name, &target, NULL);
  g_action_group_activate_action (G_ACTION_GROUP (self->app), name, target);
}

/* ---- Scenes ---- */

static void
show_main (Gallery *self, const char *action)
{
  peal_windows_present (self->windows);
  if (action)
    act (self, action);
}

/* ---- Calls ---- */

static void
leave (Gallery *self, PealCall *call)
{
}

static void
talk (Gallery *self, PealCall *call)
{
  fake_phone_talk (self->phone, call);
}

static void
look (Gallery *self, PealCall *call)
{
  peal_call_show_state (call, PEAL_CALL_LOOKING);
}

static void
reconnect (Gallery *self, PealCall *call, const char *warning)
{
  g_autofree char *details = words_call_details (&(WordsDetails){
    .codec = "opus/48000/2", .cipher = "AEAD_AES_128_GCM", .quality = { .silence_s = 4 } });

  talk (self, call);
  peal_call_show_state (call, PEAL_CALL_RECONNECTING);
  peal_call_show_quality (call, PEAL_CALL_QUALITY_POOR, details);
  peal_call_show_warning (call, warning, PEAL_CALL_REMEDY_NONE);
}

static void
lose (Gallery *self, PealCall *call)
{
  g_autofree char *text = words_cannot_hear (peal_call_get_name (call));

  reconnect (self, call, text);
  peal_call_show_left (call, 12);
}

static void
go_unheard (Gallery *self, PealCall *call)
{
  g_autofree char *text = words_does_not_arrive (peal_call_get_name (call));

  reconnect (self, call, text);
}

static void
hold (Gallery *self, PealCall *call)
{
  talk (self, call);
  peal_call_set_held (call, true);
}

static void
show_fault (Gallery *self, PealCall *call, CallMediaFault fault)
{
  g_autofree char *text = words_fault (fault, peal_call_get_name (call));

  talk (self, call);
  peal_call_show_warning (call, text, words_fault_remedy (fault));
}

static void
show_busy_microphone (Gallery *self, PealCall *call)
{
  show_fault (self, call, CALL_MEDIA_MICROPHONE_BUSY);
}

static void
show_no_microphone (Gallery *self, PealCall *call)
{
  show_fault (self, call, CALL_MEDIA_NO_MICROPHONE);
}

static void
verify (Gallery *self, PealCall *call)
{
  talk (self, call);
  peal_call_compared (call, true);
}

static void
differ (Gallery *self, PealCall *call)
{
  talk (self, call);
  peal_call_compared (call, false);
}

static void
offer_choices (Gallery *self, PealCall *call)
{
  fake_phone_offer_choices (self->phone, call);
}

static void
end_declined (Gallery *self, PealCall *call)
{
  fake_phone_end (self->phone, call, NODE_CALL_END_DECLINED);
}

static void
end_without_path (Gallery *self, PealCall *call)
{
  fake_phone_end (self->phone, call, NODE_CALL_END_NO_MEDIA_PATH);
}

static void
open_details (Gallery *self)
{
  GList *windows = gtk_application_get_windows (self->app);
  GObject *button =
    gtk_widget_get_template_child (windows->data, PEAL_TYPE_CALL_WINDOW, "quality_button");

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
}

static void
explain_end (Gallery *self, PealCall *call)
{
  end_without_path (self, call);
  open_details (self);
}

static void
explain (Gallery *self, PealCall *call)
{
  talk (self, call);
  open_details (self);
}

static void
end_with_another_key (Gallery *self, PealCall *call)
{
  fake_phone_end (self->phone, call, NODE_CALL_END_KEY_CHANGED);
}

static void
compare (Gallery *self, PealCall *call)
{
  GList *windows = gtk_application_get_windows (self->app);

  talk (self, call);
  gtk_window_present (peal_words_dialog_new (windows->data, call));
}

static const struct {
  const char *kind;
  void (*make) (Gallery *self, PealCall *call);
} calls[] = {
  { "look", look },
  { "out", leave },
  { "in", leave },
  { "up", talk },
  { "hold", hold },
  { "lost", lose },
  { "unheard", go_unheard },
  { "verified", verify },
  { "compare", compare },
  { "differed", differ },
  { "warning", show_busy_microphone },
  { "no-microphone", show_no_microphone },
  { "declined", end_declined },
  { "no-path", end_without_path },
  { "no-path-details", explain_end },
  { "details", explain },
  { "choose", offer_choices },
  { "key", end_with_another_key },
  { "key-up", talk },
  { "bar", leave },
};

static void
show_call (Gallery *self, const char *kind)
{
  bool is_changed = g_str_has_prefix (kind, "key");
  PealCall *call = strcmp (kind, "in") == 0
                     ? fake_phone_ring (self->phone)
                     : peal_phone_dial (self->phone, is_changed ? "chidi@home" : "bob@home", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].kind, kind) == 0)
      calls[i].make (self, call);
}

static void
show_trouble (Gallery *self)
{
  g_autoptr (GError) error =
    g_error_new_literal (PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_DATA,
                         _ ("Your call data could not be opened. Your identity is safe."));

  self->trouble = peal_trouble_window_new (self->app, error);
  gtk_window_present (self->trouble);
}

static void
set_the_stage (Gallery *self, const char *scene)
{
  bool is_welcome = g_str_has_prefix (scene, "welcome") || strcmp (scene, "import") == 0;
  bool is_empty = strcmp (scene, "empty") == 0;

  self->phone = fake_phone_new ();
  if (!is_welcome)
    fake_phone_add_account (self->phone);
  if (!is_welcome && !is_empty) {
    fake_phone_add_people (self->phone);
    fake_phone_add_history (self->phone);
  }
  if (strcmp (scene, "requests") == 0)
    fake_phone_add_requests (self->phone);
  if (strcmp (scene, "requests") == 0 || strcmp (scene, "welcome-nearby") == 0)
    fake_phone_add_nearby (self->phone, "club", 3);
  for (unsigned peers = 2; strcmp (scene, "welcome-homes") == 0 && peers <= 4; peers += 2)
    fake_phone_add_nearby (self->phone, "home", peers);
  self->windows = peal_windows_new (self->app, self->phone, self->settings);
}

/* ---- What is done in a window that an action has opened ---- */

static GObject *
child_of_dialog (GType type, const char *name)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l; l = l->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (l->data, type))
      return gtk_widget_get_template_child (l->data, type, name);
  g_assert_not_reached ();
}

/* Without a file, which would take a dialog of the system's, the phone is never done. */
static void
seal (Gallery *self)
{
  GtkWidget *button = GTK_WIDGET (child_of_dialog (PEAL_TYPE_IDENTITY_DIALOG, "accept_button"));

  gtk_widget_set_sensitive (button, TRUE);
  gtk_button_clicked (GTK_BUTTON (button));
}

static void
tell_more (Gallery *self)
{
  g_object_set (child_of_dialog (PEAL_TYPE_INVITE_DIALOG, "more_expander"), "expanded", TRUE, NULL);
}

static void
become_client (Gallery *self)
{
  fake_phone_seclude (self->phone);
}

/* What a scene shows beside the main window: the first word that fits. */
static const struct {
  const char *scene;
  const char *action;
  void (*then) (Gallery *self);
} scenes[] = {
  { "welcome", NULL },
  { "welcome-nearby", NULL },
  { "welcome-homes", NULL },
  { "welcome-join", "open('peal:invitation')" },
  { "welcome-code", "open('peal:enrol')" },
  { "import", "import" },
  { "empty", NULL },
  { "people", NULL },
  { "requests", NULL },
  { "person", "show-person('bob@home')" },
  { "person-key", "show-person('chidi@home')" },
  { "person-verified", "show-person('dana@home')" },
  { "person-differed", "show-person('ewa@home')" },
  { "person-several", "show-person('gil@home')" },
  { "person-pending", "show-person('farid@home')" },
  { "history", "history" },
  { "notice", "remove-person('dana@home')" },
  { "error", "dial('zoe@work')" },
  { "add-person", "add-person('')" },
  { "invite", "invite" },
  { "invite-more", "invite", tell_more },
  { "join", "join" },
  { "export", "export" },
  { "export-sealing", "export", seal },
  { "preferences", "preferences" },
  { "sound", "sound-settings" },
  { "network", "network" },
  { "network-client", "network", become_client },
  { "shortcuts", "shortcuts" },
  { "about", "about" },
  { "explain-key", "explain-key('chidi@home')" },
};

static void
clear (Gallery *self)
{
  if (self->windows)
    peal_windows_close (self->windows);
  g_clear_object (&self->windows);
  if (self->trouble)
    gtk_widget_destroy (GTK_WIDGET (self->trouble));
  self->trouble = NULL;
  /* Dialogs go with their parents, but for those that were left alone. */
  GList *windows = gtk_window_list_toplevels ();
  g_list_foreach (windows, (GFunc) (void (*) (void)) g_object_ref, NULL);
  for (GList *l = windows; l; l = l->next)
    if (gtk_window_get_window_type (l->data) == GTK_WINDOW_TOPLEVEL &&
        gtk_widget_get_visible (l->data))
      gtk_widget_destroy (l->data);
  g_list_free_full (windows, g_object_unref);
  g_clear_object (&self->phone);
  g_settings_reset (self->settings, "dismissed-cards");
}

static void
show_scene (Gallery *self, const char *scene)
{
  clear (self);
  if (strcmp (scene, "trouble") == 0) {
    show_trouble (self);
    return;
  }
  set_the_stage (self, scene);
  if (g_str_has_prefix (scene, "call-"))
    show_call (self, scene + strlen ("call-"));
  for (size_t i = 0; i < G_N_ELEMENTS (scenes); i++)
    if (strcmp (scenes[i].scene, scene) == 0) {
      show_main (self, scenes[i].action);
      if (scenes[i].then)
        scenes[i].then (self);
    }
  if (strcmp (scene, "call-bar") == 0)
    show_main (self, NULL);
}

static void
check_mnemonics (Gallery *self)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l; l = l->next)
    if (gtk_window_get_window_type (l->data) == GTK_WINDOW_TOPLEVEL &&
        gtk_widget_get_mapped (l->data))
      mnemonics_check (l->data);
}

static void
move_on (Gallery *self, const char *command)
{
  g_autoptr (PealCall) call =
    self->phone ? g_list_model_get_item (peal_phone_get_calls (self->phone), 0) : NULL;

  if (strcmp (command, ".ring") == 0)
    fake_phone_ring (self->phone);
  else if (strcmp (command, ".talk") == 0)
    fake_phone_talk (self->phone, call);
  else if (strcmp (command, ".busy") == 0)
    fake_phone_end (self->phone, call, NODE_CALL_END_BUSY);
  else if (strcmp (command, ".mnemonics") == 0)
    check_mnemonics (self);
  else
    act (self, command + 1);
}

/* PEAL_SIZE=360x600 makes every window so large. */
static void
resize (Gallery *self)
{
  const char *size = g_getenv ("PEAL_SIZE");
  int width = 0;
  int height = 0;

  if (!size || sscanf (size, "%dx%d", &width, &height) != 2)
    return;
  for (GList *l = gtk_application_get_windows (self->app); l; l = l->next)
    gtk_window_resize (l->data, width, height);
}

/* ---- The lines ---- */

static void
list_scenes (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (scenes); i++)
    g_print ("%s\n", scenes[i].scene);
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    g_print ("call-%s\n", calls[i].kind);
  g_print ("trouble\n");
}

/* After everything that the scene has set off. */
static gboolean
on_idle (gpointer user_data)
{
  Gallery *self = user_data;

  g_print ("ready %s\n", self->ready);
  g_clear_pointer (&self->ready, g_free);
  return G_SOURCE_REMOVE;
}

static void
on_line (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Gallery *self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

  if (!line || strcmp (line, "quit") == 0) {
    clear (self);
    g_application_release (G_APPLICATION (self->app));
    return;
  }
  if (line[0] == '.')
    move_on (self, line);
  else
    show_scene (self, line);
  resize (self);
  g_free (self->ready);
  self->ready = g_steal_pointer (&line);
  g_idle_add_full (G_PRIORITY_LOW, on_idle, self, NULL);
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_LOW, NULL, on_line, self);
}

static void
on_startup (GApplication *app, Gallery *self)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (0, FALSE);

  peal_ui_init ();
  if (g_getenv ("PEAL_RTL"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  self->settings = g_settings_new ("org.pealphone.Peal");
  self->input = g_data_input_stream_new (stream);
  g_application_hold (app);
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_LOW, NULL, on_line, self);
}

static void
on_activate (GApplication *app, Gallery *self)
{
}

int
main (int argc, char **argv)
{
  Gallery self = { 0 };

  if (argc > 1 && strcmp (argv[1], "--scenes") == 0) {
    list_scenes ();
    return 0;
  }
  setvbuf (stdout, NULL, _IOLBF, 0);
  setlocale (LC_ALL, "");
  if (g_getenv ("PEAL_LOCALE_PATH"))
    bindtextdomain (GETTEXT_PACKAGE, g_getenv ("PEAL_LOCALE_PATH"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  self.app = gtk_application_new ("org.pealphone.Gallery", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (self.app, "startup", G_CALLBACK (on_startup), &self);
  g_signal_connect (self.app, "activate", G_CALLBACK (on_activate), &self);
  int status = g_application_run (G_APPLICATION (self.app), argc, argv);
  g_clear_object (&self.input);
  g_clear_object (&self.settings);
  g_clear_object (&self.app);
  return status;
}
