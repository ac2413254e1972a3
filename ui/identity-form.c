/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/identity-form.h"
#include "core/phone/phone.h"
#include <glib/gi18n.h>

struct _PealIdentityForm {
  GtkGrid parent;
  char *suggestion; /* what the address was last filled in with */
  bool is_valid;
  GtkEntry *display_name;
  GtkWidget *address_box;
  GtkEntry *user_name;
  GtkLabel *network_label;
  GtkLabel *hint_label;
};

G_DEFINE_FINAL_TYPE (PealIdentityForm, peal_identity_form, GTK_TYPE_GRID)

enum { SIGNAL_CHANGED, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

/* "Zoë Müller" suggests "zoe": the first word, in letters that an address may have. */
static char *
suggest (const char *display_name)
{
  g_autofree char *ascii = g_str_to_ascii (display_name, NULL);
  g_autofree char *lower = g_ascii_strdown (ascii, -1);
  GString *word = g_string_new (NULL);

  for (const char *c = g_strchug (lower); *c && *c != ' '; c++)
    if (g_ascii_isalnum (*c))
      g_string_append_c (word, *c);
  return g_string_free (word, FALSE);
}

/* The address follows the name until somebody gives it another. */
static void
on_display_name_changed (PealIdentityForm *self)
{
  if (strcmp (gtk_entry_get_text (self->user_name), self->suggestion) != 0)
    return;
  g_autofree char *word = suggest (gtk_entry_get_text (self->display_name));
  if (peal_phone_check_name (word))
    return;
  g_free (self->suggestion);
  self->suggestion = g_steal_pointer (&word);
  gtk_entry_set_text (self->user_name, self->suggestion);
}

static void
on_user_name_changed (PealIdentityForm *self)
{
  const char *complaint = peal_phone_check_name (gtk_entry_get_text (self->user_name));
  GtkStyleContext *hint = gtk_widget_get_style_context (GTK_WIDGET (self->hint_label));
  GtkStyleContext *entry = gtk_widget_get_style_context (GTK_WIDGET (self->user_name));

  self->is_valid = !complaint;
  gtk_label_set_label (self->hint_label, complaint ? complaint : _ ("This is what others dial."));
  if (complaint) {
    gtk_style_context_add_class (hint, "peal-error");
    gtk_style_context_remove_class (hint, "dim-label");
    gtk_style_context_add_class (entry, GTK_STYLE_CLASS_ERROR);
  } else {
    gtk_style_context_remove_class (hint, "peal-error");
    gtk_style_context_add_class (hint, "dim-label");
    gtk_style_context_remove_class (entry, GTK_STYLE_CLASS_ERROR);
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
peal_identity_form_finalize (GObject *object)
{
  g_free (PEAL_IDENTITY_FORM (object)->suggestion);
  G_OBJECT_CLASS (peal_identity_form_parent_class)->finalize (object);
}

static void
peal_identity_form_class_init (PealIdentityFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peal_identity_form_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", PEAL_TYPE_IDENTITY_FORM, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/identity-form.ui");
  gtk_widget_class_bind_template_child (widget_class, PealIdentityForm, display_name);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityForm, address_box);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityForm, user_name);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityForm, network_label);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityForm, hint_label);
  gtk_widget_class_bind_template_callback (widget_class, on_display_name_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_user_name_changed);
}

static void
peal_identity_form_init (PealIdentityForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* An address reads from left to right in every script. */
  gtk_widget_set_direction (self->address_box, GTK_TEXT_DIR_LTR);
}

GtkWidget *
peal_identity_form_new (void)
{
  PealIdentityForm *self = g_object_new (PEAL_TYPE_IDENTITY_FORM, NULL);
  g_autofree char *login = g_ascii_strdown (g_get_user_name (), -1);
  const char *real = g_get_real_name ();

  self->suggestion = g_strdup (peal_phone_check_name (login) ? "" : login);
  gtk_entry_set_text (self->user_name, self->suggestion);
  if (strcmp (real, "Unknown") != 0) {
    g_signal_handlers_block_by_func (self->display_name, on_display_name_changed, self);
    gtk_entry_set_text (self->display_name, real);
    g_signal_handlers_unblock_by_func (self->display_name, on_display_name_changed, self);
  }
  on_user_name_changed (self);
  return GTK_WIDGET (self);
}

void
peal_identity_form_set_network (PealIdentityForm *self, const char *label)
{
  g_autofree char *text = g_strdup_printf ("@ %s", label ? label : "…");
  gtk_label_set_label (self->network_label, text);
}

void
peal_identity_form_set_user_name (PealIdentityForm *self, const char *name)
{
  if (strcmp (gtk_entry_get_text (self->user_name), name) != 0)
    gtk_entry_set_text (self->user_name, name);
}

bool
peal_identity_form_is_valid (PealIdentityForm *self)
{
  return self->is_valid;
}

const char *
peal_identity_form_get_user_name (PealIdentityForm *self)
{
  return gtk_entry_get_text (self->user_name);
}

const char *
peal_identity_form_get_display_name (PealIdentityForm *self)
{
  const char *name = gtk_entry_get_text (self->display_name);
  return *name ? name : peal_identity_form_get_user_name (self);
}
