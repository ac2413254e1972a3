/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything shown is a property of the call; refresh() decides from its state which parts are on
 * the screen. Buttons act through `call.*` (call-controls.h), so what makes no sense is greyed out.
 *
 * A call that ended with nothing left to do takes its window away after a few seconds. */
#include "ui/call-window.h"
#include "ui/activate.h"
#include "ui/announcement.h"
#include "ui/call-controls.h"
#include "ui/device-combo.h"
#include "ui/follow-focus.h"
#include "ui/text-pair.h"
#include "ui/words-dialog.h"
#include <glib/gi18n.h>

enum { CLOSE_AFTER_S = 6, AROUND_DETAILS = 180, DETAILS_MIN = 96 };

static const char keys[] = "123456789*0#";

struct _PealCallWindow {
  HdyApplicationWindow parent;
  PealPhone *phone;
  PealCall *call;
  guint closing; /* source id, or 0 */
  GtkWidget *quality_button;
  GtkImage *quality_icon;
  GtkLabel *quality_label;
  GtkScrolledWindow *details_scroll;
  GtkLabel *details_label;
  HdyAvatar *big_avatar;
  HdyAvatar *small_avatar;
  GtkLabel *name_label;
  GtkLabel *address_label;
  GtkLabel *state_label;
  GtkLabel *hint_label;
  GtkBox *choices_box;
  GtkWidget *security_box;
  GtkImage *security_icon;
  GtkLabel *security_label;
  GtkWidget *compare_button;
  GtkWidget *explain_button;
  GtkWidget *warning_box;
  GtkLabel *warning_label;
  GtkButton *warning_button;
  GtkWidget *levels;
  GtkLabel *peer_label;
  GtkLevelBar *microphone_level;
  GtkLevelBar *speaker_level;
  GtkWidget *tools;
  GtkButton *sound_button;
  GtkGrid *sound_grid;
  GtkLabel *microphone_label;
  GtkLabel *speaker_label;
  GtkGrid *keypad;
  GtkWidget *keypad_button;
  GtkWidget *answer_box;
  GtkWidget *end_button;
  GtkWidget *ended_box;
  GtkWidget *close_button;
  GtkButton *remedy_button;
};

G_DEFINE_FINAL_TYPE (PealCallWindow, peal_call_window, HDY_TYPE_APPLICATION_WINDOW)

static const char *const remedies[] = {
  [PEAL_CALL_REMEDY_NONE] = NULL,
  [PEAL_CALL_REMEDY_ADD_FOR_LATER] = N_ ("_Add for later"),
  [PEAL_CALL_REMEDY_ASK_AGAIN] = N_ ("_Ask again"),
  [PEAL_CALL_REMEDY_COMPARE] = N_ ("Compare _words"),
  [PEAL_CALL_REMEDY_CHOOSE] = NULL,
  [PEAL_CALL_REMEDY_CALL_AGAIN] = N_ ("_Call again"),
  [PEAL_CALL_REMEDY_CHOOSE_MICROPHONE] = N_ ("Choose a_nother"),
  [PEAL_CALL_REMEDY_SOUND_SETTINGS] = N_ ("Sou_nd settings"),
};

static void
on_remedy_clicked (PealCallWindow *self)
{
  g_autofree char *address = g_strdup (peal_call_get_address (self->call));
  PealContact *contact = peal_phone_find_contact (self->phone, address);

  switch (peal_call_get_remedy (self->call)) {
  case PEAL_CALL_REMEDY_ADD_FOR_LATER:
    peal_activate (GTK_WIDGET (self), "add-person", peal_call_get_display_address (self->call));
    break;
  case PEAL_CALL_REMEDY_ASK_AGAIN:
    if (contact)
      peal_contact_ask_again (contact);
    break;
  case PEAL_CALL_REMEDY_COMPARE:
    peal_activate (GTK_WIDGET (self), "compare-words", address);
    break;
  case PEAL_CALL_REMEDY_CALL_AGAIN:
    peal_activate (GTK_WIDGET (self), "dial", address);
    break;
  case PEAL_CALL_REMEDY_CHOOSE:
  case PEAL_CALL_REMEDY_CHOOSE_MICROPHONE:
  case PEAL_CALL_REMEDY_SOUND_SETTINGS:
  case PEAL_CALL_REMEDY_NONE:
    break;
  }
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_warning_clicked (PealCallWindow *self)
{
  if (peal_call_get_warning_remedy (self->call) == PEAL_CALL_REMEDY_CHOOSE_MICROPHONE)
    gtk_button_clicked (self->sound_button);
  else
    peal_activate (GTK_WIDGET (self), "sound-settings", NULL);
}

static void
on_explain_clicked (PealCallWindow *self)
{
  peal_activate (GTK_WIDGET (self), "explain-key", peal_call_get_address (self->call));
}

/* ---- Whom to call ---- */

static void
on_choice_clicked (PealCallWindow *self, GtkWidget *button)
{
  guint choice = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "choice"));

  peal_phone_dial_choice (self->phone, self->call, choice);
  gtk_window_close (GTK_WINDOW (self));
}

static void
add_choice (PealCallWindow *self, guint number, const PealCallChoice *choice)
{
  g_autofree char *text = choice->name ? g_strdup_printf ("%s\n%s", choice->name, choice->words)
                                       : g_strdup (choice->words);
  GtkWidget *button = gtk_button_new_with_label (text);
  GtkLabel *label = GTK_LABEL (gtk_bin_get_child (GTK_BIN (button)));

  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
  g_object_set_data (G_OBJECT (button), "choice", GUINT_TO_POINTER (number));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_choice_clicked), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_show (button);
  gtk_container_add (GTK_CONTAINER (self->choices_box), button);
}

static void
show_choices (PealCallWindow *self)
{
  size_t count;
  const PealCallChoice *choices = peal_call_get_choices (self->call, &count);

  for (guint i = 0; i < count; i++)
    add_choice (self, i, &choices[i]);
  gtk_widget_show (GTK_WIDGET (self->choices_box));
}

/* ---- The end ---- */

static gboolean
on_closing (gpointer user_data)
{
  PealCallWindow *self = user_data;

  self->closing = 0;
  gtk_window_close (GTK_WINDOW (self));
  return G_SOURCE_REMOVE;
}

static void
show_end (PealCallWindow *self)
{
  PealCallRemedy remedy = peal_call_get_remedy (self->call);
  const char *label = remedies[remedy];
  g_autofree char *details = NULL;

  g_object_get (self->call, "details", &details, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->remedy_button), label != NULL);
  if (label)
    gtk_button_set_label (self->remedy_button, _ (label));
  else if (remedy == PEAL_CALL_REMEDY_CHOOSE)
    show_choices (self);
  else if (!self->closing && !*details)
    self->closing = g_timeout_add_seconds (CLOSE_AFTER_S, on_closing, self);
}

/* Which parts are on the screen. */
static void
refresh (PealCallWindow *self)
{
  PealCallState state = peal_call_get_state (self->call);
  bool is_ended = state == PEAL_CALL_ENDED;
  bool is_offered = state == PEAL_CALL_RINGING && peal_call_get_is_incoming (self->call);
  bool has_sound = state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING;
  g_autofree char *details = NULL;

  g_object_get (self->call, "details", &details, NULL);
  gtk_widget_set_visible (self->answer_box, is_offered);
  gtk_widget_set_visible (self->tools, !is_offered && !is_ended);
  gtk_widget_set_visible (self->end_button, !is_offered && !is_ended);
  gtk_widget_set_visible (self->ended_box, is_ended);
  gtk_widget_set_visible (self->levels, has_sound);
  gtk_widget_set_visible (self->quality_button, has_sound || (is_ended && *details));
  gtk_widget_set_sensitive (self->keypad_button, state == PEAL_CALL_UP);
  if (is_ended)
    show_end (self);
}

static void
refresh_text (PealCallWindow *self)
{
  g_autofree char *state = NULL;
  g_autofree char *end = NULL;
  g_autofree char *hint = NULL;
  bool is_ended = peal_call_get_state (self->call) == PEAL_CALL_ENDED;

  g_object_get (self->call, "state-text", &state, "end-text", &end, "end-hint", &hint, NULL);
  gtk_label_set_label (self->state_label, is_ended && end && *end ? end : state);
  gtk_label_set_label (self->hint_label, hint ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), is_ended && hint && *hint);
}

/* ... of somebody in the list, who can be spoken of. */
static bool
is_key_changed (PealCallWindow *self)
{
  PealContact *contact = peal_phone_find_contact (self->phone, peal_call_get_address (self->call));

  return contact && peal_contact_get_is_key_changed (contact) &&
         (peal_call_get_security (self->call) == PEAL_CALL_SECURITY_KEY_CHANGED ||
          peal_call_get_remedy (self->call) == PEAL_CALL_REMEDY_COMPARE);
}

static void
refresh_security (PealCallWindow *self)
{
  g_autofree char *security = NULL;
  g_autofree char *path = NULL;
  PealCallState state = peal_call_get_state (self->call);
  PealCallSecurity known = peal_call_get_security (self->call);
  bool has_call = state == PEAL_CALL_UP || state == PEAL_CALL_RECONNECTING;
  bool is_doubtful =
    known == PEAL_CALL_SECURITY_KEY_CHANGED || known == PEAL_CALL_SECURITY_DOUBTFUL;

  g_object_get (self->call, "security-text", &security, "path-text", &path, NULL);
  /* How a call goes matters less than whether it is with the right one, and its end says that
   * already. */
  g_autofree char *both = peal_text_pair (security, is_doubtful ? NULL : path);
  bool is_said = state == PEAL_CALL_ENDED && known == PEAL_CALL_SECURITY_KEY_CHANGED;
  gtk_label_set_label (self->security_label, both);
  gtk_widget_set_visible (self->security_box, security && *security && !is_said);
  gtk_image_set_from_icon_name (self->security_icon,
                                is_doubtful ? "dialog-warning-symbolic" : "channel-secure-symbolic",
                                GTK_ICON_SIZE_MENU);
  gtk_widget_set_visible (self->explain_button, is_key_changed (self));
  gtk_widget_set_visible (self->compare_button, has_call && *peal_call_get_words (self->call) &&
                                                  known != PEAL_CALL_SECURITY_VERIFIED);
}

static void
refresh_quality (PealCallWindow *self)
{
  static const char *const icons[] = {
    [PEAL_CALL_QUALITY_UNKNOWN] = "network-cellular-signal-none-symbolic",
    [PEAL_CALL_QUALITY_GOOD] = "network-cellular-signal-excellent-symbolic",
    [PEAL_CALL_QUALITY_FAIR] = "network-cellular-signal-ok-symbolic",
    [PEAL_CALL_QUALITY_POOR] = "network-cellular-signal-weak-symbolic",
  };
  g_autofree char *text = NULL;
  int quality = 0;

  g_object_get (self->call, "quality", &quality, "quality-text", &text, NULL);
  gtk_image_set_from_icon_name (self->quality_icon, icons[quality], GTK_ICON_SIZE_MENU);
  gtk_label_set_label (self->quality_label, text && *text ? text : _ ("Details"));
}

static void
refresh_warning (PealCallWindow *self)
{
  g_autofree char *text = NULL;

  g_object_get (self->call, "warning-text", &text, NULL);
  const char *label = remedies[peal_call_get_warning_remedy (self->call)];

  gtk_label_set_label (self->warning_label, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->warning_button), label != NULL);
  if (label)
    gtk_button_set_label (self->warning_button, _ (label));
  gtk_widget_set_visible (self->warning_box, text && *text);
  peal_announce (self->warning_box, text);
}

static void
on_state (PealCallWindow *self)
{
  refresh (self);
  refresh_text (self);
  refresh_security (self);
  peal_announce (GTK_WIDGET (self), gtk_label_get_label (self->state_label));
}

static void
on_compare_clicked (PealCallWindow *self)
{
  gtk_window_present (peal_words_dialog_new (GTK_WINDOW (self), self->call));
}

/* What is above and below them fits into the window too. */
static void
on_details_toggled (PealCallWindow *self)
{
  int height = 0;

  gtk_window_get_size (GTK_WINDOW (self), NULL, &height);
  gtk_scrolled_window_set_max_content_height (self->details_scroll,
                                              MAX (height - AROUND_DETAILS, DETAILS_MIN));
}

static void
on_copy_clicked (PealCallWindow *self)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);
  gtk_clipboard_set_text (clipboard, gtk_label_get_label (self->details_label), -1);
}

static void
on_digit_clicked (PealCallWindow *self, GtkButton *button)
{
  peal_call_send_digit (self->call, gtk_button_get_label (button)[0]);
}

static gboolean
on_key_press (GtkWidget *window, GdkEventKey *event, gpointer user_data)
{
  PealCallWindow *self = PEAL_CALL_WINDOW (window);
  guint32 typed = gdk_keyval_to_unicode (event->keyval);
  bool is_plain = !(event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK));

  if (!is_plain || typed == 0 || typed > 127 || !strchr (keys, (int) typed) ||
      peal_call_get_state (self->call) != PEAL_CALL_UP)
    return GDK_EVENT_PROPAGATE;
  peal_call_send_digit (self->call, (char) typed);
  return GDK_EVENT_STOP;
}

static gboolean
on_delete (GtkWidget *window, GdkEvent *event, gpointer user_data)
{
  PealCall *call = PEAL_CALL_WINDOW (window)->call;

  peal_call_end (call);
  peal_call_close (call);
  return GDK_EVENT_PROPAGATE;
}

static void
peal_call_window_dispose (GObject *object)
{
  PealCallWindow *self = PEAL_CALL_WINDOW (object);

  g_clear_handle_id (&self->closing, g_source_remove);
  g_clear_object (&self->call);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (peal_call_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, quality_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, quality_icon);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, quality_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, details_scroll);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, details_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, big_avatar);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, small_avatar);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, name_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, address_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, state_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, hint_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, choices_box);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, compare_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, explain_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, security_box);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, security_icon);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, security_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, warning_box);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, warning_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, warning_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, levels);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, peer_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, microphone_level);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, speaker_level);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, tools);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, sound_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, sound_grid);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, microphone_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, speaker_label);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, keypad);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, keypad_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, answer_box);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, end_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, ended_box);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, close_button);
  gtk_widget_class_bind_template_child (widget_class, PealCallWindow, remedy_button);
}

static void
peal_call_window_class_init (PealCallWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_call_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/call-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_key_press);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
  gtk_widget_class_bind_template_callback (widget_class, on_compare_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_details_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_warning_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_explain_clicked);
}

static void
fill_keypad (PealCallWindow *self)
{
  for (int i = 0; keys[i]; i++) {
    const char label[] = { keys[i], '\0' };
    GtkWidget *button = gtk_button_new_with_label (label);
    gtk_widget_set_size_request (button, 56, 44);
    gtk_widget_show (button);
    g_signal_connect_object (button, "clicked", G_CALLBACK (on_digit_clicked), self,
                             G_CONNECT_SWAPPED);
    gtk_grid_attach (self->keypad, button, i % 3, i / 3, 1, 1);
  }
}

static void
peal_call_window_init (PealCallWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->close_button, "clicked", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  /* One colour: a loud voice is no warning. */
  gtk_level_bar_remove_offset_value (self->microphone_level, NULL);
  gtk_level_bar_remove_offset_value (self->speaker_level, NULL);
  fill_keypad (self);
  peal_follow_focus (GTK_WIDGET (self));
}

static void
add_devices (PealCallWindow *self, GSettings *settings)
{
  GtkWidget *microphone =
    peal_device_combo_new (peal_phone_get_devices (self->phone, CALL_MEDIA_INPUT), settings,
                           "microphone", _ ("Microphone"));
  GtkWidget *speaker =
    peal_device_combo_new (peal_phone_get_devices (self->phone, CALL_MEDIA_OUTPUT), settings,
                           "speaker", _ ("Speaker"));

  gtk_grid_attach (self->sound_grid, microphone, 0, 1, 1, 1);
  gtk_grid_attach (self->sound_grid, speaker, 0, 3, 1, 1);
  gtk_label_set_mnemonic_widget (self->microphone_label, microphone);
  gtk_label_set_mnemonic_widget (self->speaker_label, speaker);
}

static void
bind (PealCallWindow *self, const char *source, gpointer target, const char *property)
{
  g_object_bind_property (self->call, source, target, property, G_BINDING_SYNC_CREATE);
}

static void
connect (PealCallWindow *self, const char *signal, void (*handler) (PealCallWindow *self))
{
  g_signal_connect_object (self->call, signal, G_CALLBACK (handler), self, G_CONNECT_SWAPPED);
  handler (self);
}

static void
bind_call (PealCallWindow *self)
{
  bind (self, "name", self, "title");
  bind (self, "name", self->big_avatar, "text");
  bind (self, "name", self->small_avatar, "text");
  bind (self, "name", self->name_label, "label");
  bind (self, "name", self->peer_label, "label");
  bind (self, "display-address", self->address_label, "label");
  bind (self, "details", self->details_label, "label");
  bind (self, "microphone-level", self->microphone_level, "value");
  bind (self, "speaker-level", self->speaker_level, "value");
  connect (self, "notify::state", on_state);
  connect (self, "notify::state-text", refresh_text);
  connect (self, "notify::end-text", refresh_text);
  connect (self, "notify::security-text", refresh_security);
  connect (self, "notify::security", refresh_security);
  connect (self, "notify::words", refresh_security);
  connect (self, "notify::path-text", refresh_security);
  connect (self, "notify::quality", refresh_quality);
  connect (self, "notify::quality-text", refresh_quality);
  connect (self, "notify::warning-text", refresh_warning);
}

GtkWindow *
peal_call_window_new (GtkApplication *app, PealPhone *phone, GSettings *settings, PealCall *call)
{
  PealCallWindow *self = g_object_new (PEAL_TYPE_CALL_WINDOW, "application", app, NULL);
  GActionGroup *controls = peal_call_controls_new (call);

  self->phone = g_object_ref (phone);
  self->call = g_object_ref (call);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "call", controls);
  g_object_unref (controls);
  add_devices (self, settings);
  bind_call (self);
  return GTK_WINDOW (self);
}

PealCall *
peal_call_window_get_call (PealCallWindow *self)
{
  return self->call;
}
