/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three ways in: a network of one's own, an invitation, or one that is already on this network. Of
 * these each appears when it is found, before the others; the first is chosen then unless the
 * person has chosen already. When there is an account, the main window turns to its other page;
 * nothing here has to say so. */
#include "ui/welcome-page.h"
#include "ui/announcement.h"
#include "ui/identity-form.h"
#include "ui/invitation-field.h"
#include "ui/list-focus.h"
#include "ui/nearby-choice.h"
#include <glib/gi18n.h>

static const char own_label[] = "home";

struct _PealWelcomePage {
  GtkBox parent;
  PealPhone *phone;
  guint nearby_count;        /* of the choices: the first so many */
  GCancellable *cancellable; /* while waiting to be let in */
  bool has_chosen;
  PealIdentityForm *form;
  PealInvitationField *invitation;
  GtkWidget *content;
  GtkBox *form_place;
  GtkWidget *choices;
  GtkToggleButton *create_choice;
  GtkToggleButton *join_choice;
  GtkRevealer *invitation_revealer;
  GtkBox *invitation_place;
  GtkLabel *error_label;
  GtkWidget *waiting;
  GtkLabel *waiting_label;
  GtkWidget *start_button;
};

G_DEFINE_FINAL_TYPE (PealWelcomePage, peal_welcome_page, GTK_TYPE_BOX)

static PealNearbyChoice *
get_nearby_choice (PealWelcomePage *self, guint position)
{
  GtkListBox *choices = GTK_LIST_BOX (self->choices);

  return PEAL_NEARBY_CHOICE (gtk_list_box_get_row_at_index (choices, (int) position));
}

/* NULL when another way is chosen. */
static PealNearby *
get_chosen_nearby (PealWelcomePage *self)
{
  for (guint i = 0; i < self->nearby_count; i++) {
    PealNearbyChoice *choice = get_nearby_choice (self, i);
    if (peal_nearby_choice_is_chosen (choice))
      return peal_nearby_choice_get_nearby (choice);
  }
  return NULL;
}

static const char *
get_network (PealWelcomePage *self)
{
  PealNearby *nearby = get_chosen_nearby (self);

  if (nearby)
    return peal_nearby_get_label (nearby);
  if (gtk_toggle_button_get_active (self->join_choice))
    return peal_invitation_field_get_label (self->invitation);
  return own_label;
}

static void
refresh (PealWelcomePage *self)
{
  bool is_joining = gtk_toggle_button_get_active (self->join_choice);
  bool is_waiting = self->cancellable != NULL;
  const char *network = get_network (self);

  peal_identity_form_set_network (self->form, network);
  gtk_revealer_set_reveal_child (self->invitation_revealer, is_joining);
  gtk_widget_set_visible (GTK_WIDGET (self->invitation_revealer), is_joining);
  gtk_widget_set_sensitive (self->start_button,
                            network && !is_waiting && peal_identity_form_is_valid (self->form));
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), !is_waiting);
  gtk_widget_set_sensitive (self->choices, !is_waiting);
  gtk_widget_set_visible (self->waiting, is_waiting);
}

/* An invitation may say whom it is for. */
static void
on_invitation_changed (PealWelcomePage *self)
{
  const char *user = peal_invitation_field_get_user (self->invitation);

  if (user && *user)
    peal_identity_form_set_user_name (self->form, user);
  refresh (self);
}

static void
on_choice_toggled (PealWelcomePage *self)
{
  /* Toggled by hand, not by the template that is being built. */
  if (!self->form)
    return;
  self->has_chosen = true;
  peal_announce_label (self->error_label, NULL);
  refresh (self);
}

static void
add_nearby (PealWelcomePage *self, guint position)
{
  g_autoptr (PealNearby) nearby =
    g_list_model_get_item (peal_phone_get_nearby (self->phone), position);
  GtkWidget *choice = peal_nearby_choice_new (nearby, GTK_RADIO_BUTTON (self->create_choice));

  g_signal_connect_object (choice, "toggled", G_CALLBACK (on_choice_toggled), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_insert (GTK_LIST_BOX (self->choices), choice, (int) position);
  self->nearby_count++;
}

/* Something of the group is chosen before the one that is goes. */
static void
remove_nearby (PealWelcomePage *self, guint position)
{
  PealNearbyChoice *choice = get_nearby_choice (self, position);

  if (peal_nearby_choice_is_chosen (choice))
    gtk_toggle_button_set_active (self->create_choice, TRUE);
  gtk_widget_destroy (GTK_WIDGET (choice));
  self->nearby_count--;
}

static void
on_nearby_changed (PealWelcomePage *self, guint position, guint removed, guint added)
{
  bool had_chosen = self->has_chosen;

  for (guint i = 0; i < removed; i++)
    remove_nearby (self, position);
  for (guint i = 0; i < added; i++)
    add_nearby (self, position + i);
  if (!had_chosen && self->nearby_count > 0 && !get_chosen_nearby (self))
    peal_nearby_choice_choose (get_nearby_choice (self, 0));
  self->has_chosen = had_chosen;
  refresh (self);
}

/* Whoever asked others is answered; what comes of it is seen in the list of accounts. */
static void
stop_waiting (PealWelcomePage *self, const GError *error)
{
  if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    peal_announce_label (self->error_label, error->message);
  g_clear_object (&self->cancellable);
  if (self->form)
    refresh (self);
}

static void
start_waiting (PealWelcomePage *self, const char *words)
{
  self->cancellable = g_cancellable_new ();
  gtk_label_set_label (self->waiting_label, words);
  refresh (self);
}

/* A network that asks for a code has given the invitation that it goes to. */
static void
on_joined (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PealWelcomePage) self = user_data;
  g_autofree char *invitation = NULL;
  g_autoptr (GError) error = NULL;

  peal_phone_join_nearby_finish (PEAL_PHONE (object), result, &invitation, &error);
  if (invitation && self->form)
    peal_welcome_page_set_invitation (self, invitation);
  stop_waiting (self, error);
}

static void
on_enrolled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PealWelcomePage) self = user_data;
  g_autoptr (GError) error = NULL;

  peal_phone_enrol_finish (PEAL_PHONE (object), result, &error);
  stop_waiting (self, error);
}

static void
enrol (PealWelcomePage *self, const char *name, const char *display_name)
{
  const PealEnrolment options = { .invitation = peal_invitation_field_get_text (self->invitation),
                                  .name = name,
                                  .display_name = display_name,
                                  .code = peal_invitation_field_get_code (self->invitation) };

  start_waiting (self, _ ("Asking the server…"));
  peal_phone_enrol_async (self->phone, &options, self->cancellable, on_enrolled,
                          g_object_ref (self));
}

static void
join_nearby (PealWelcomePage *self, PealNearby *nearby, const char *name, const char *display_name)
{
  start_waiting (self, _ ("Waiting to be let in…"));
  peal_phone_join_nearby_async (self->phone, nearby, name, display_name, self->cancellable,
                                on_joined, g_object_ref (self));
}

static void
on_start_clicked (PealWelcomePage *self)
{
  const char *name = peal_identity_form_get_user_name (self->form);
  const char *display_name = peal_identity_form_get_display_name (self->form);
  PealNearby *nearby = get_chosen_nearby (self);
  g_autoptr (GError) error = NULL;

  peal_announce_label (self->error_label, NULL);
  if (nearby)
    join_nearby (self, nearby, name, display_name);
  else if (gtk_toggle_button_get_active (self->join_choice) &&
           peal_invitation_field_get_code (self->invitation))
    enrol (self, name, display_name);
  else if (gtk_toggle_button_get_active (self->join_choice))
    peal_phone_join (self->phone, peal_invitation_field_get_text (self->invitation), name,
                     display_name, &error);
  else
    peal_phone_create (self->phone, own_label, name, display_name, &error);
  if (error)
    peal_announce_label (self->error_label, error->message);
}

static void
on_cancel_clicked (PealWelcomePage *self)
{
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
}

static void
on_map (PealWelcomePage *self)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  if (gtk_widget_is_toplevel (window))
    gtk_widget_grab_default (self->start_button);
}

static void
peal_welcome_page_dispose (GObject *object)
{
  PealWelcomePage *self = PEAL_WELCOME_PAGE (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  self->form = NULL;
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (peal_welcome_page_parent_class)->dispose (object);
}

static void
peal_welcome_page_class_init (PealWelcomePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_welcome_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, content);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, form_place);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, choices);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, create_choice);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, join_choice);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, invitation_revealer);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, invitation_place);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, error_label);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, waiting);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, waiting_label);
  gtk_widget_class_bind_template_child (widget_class, PealWelcomePage, start_button);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_start_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked);
}

static void
peal_welcome_page_init (PealWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->form = PEAL_IDENTITY_FORM (peal_identity_form_new ());
  gtk_container_add (GTK_CONTAINER (self->form_place), GTK_WIDGET (self->form));
  self->invitation = PEAL_INVITATION_FIELD (peal_invitation_field_new ());
  gtk_container_add (GTK_CONTAINER (self->invitation_place), GTK_WIDGET (self->invitation));
  g_signal_connect_object (self->form, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->invitation, "changed", G_CALLBACK (on_invitation_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  peal_list_focus_controls (self->choices);
}

GtkWidget *
peal_welcome_page_new (PealPhone *phone)
{
  PealWelcomePage *self = g_object_new (PEAL_TYPE_WELCOME_PAGE, NULL);

  self->phone = g_object_ref (phone);
  g_signal_connect_object (peal_phone_get_nearby (phone), "items-changed",
                           G_CALLBACK (on_nearby_changed), self, G_CONNECT_SWAPPED);
  on_nearby_changed (self, 0, 0, g_list_model_get_n_items (peal_phone_get_nearby (phone)));
  return GTK_WIDGET (self);
}

void
peal_welcome_page_set_invitation (PealWelcomePage *self, const char *invitation)
{
  gtk_toggle_button_set_active (self->join_choice, TRUE);
  peal_invitation_field_set_text (self->invitation, invitation);
}
