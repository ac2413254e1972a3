/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/person-row.h"
#include "ui/presence.h"
#include "ui/text-pair.h"
#include <handy.h>

struct _PealPersonRow {
  GtkListBoxRow parent;
  PealContact *contact;
  HdyAvatar *avatar;
  GtkLabel *name_label;
  GtkImage *favourite_icon;
  GtkLabel *detail_label;
  GtkImage *presence_icon;
  GtkLabel *presence_label;
};

G_DEFINE_FINAL_TYPE (PealPersonRow, peal_person_row, GTK_TYPE_LIST_BOX_ROW)

static void
on_detail (PealContact *contact, GParamSpec *pspec, PealPersonRow *self)
{
  g_autofree char *detail = NULL;
  g_object_get (contact, "detail", &detail, NULL);
  const char *address = peal_contact_get_display_address (contact);
  g_autofree char *text = peal_text_pair (address, detail);
  gtk_label_set_label (self->detail_label, text);
}

static void
peal_person_row_dispose (GObject *object)
{
  g_clear_object (&PEAL_PERSON_ROW (object)->contact);
  G_OBJECT_CLASS (peal_person_row_parent_class)->dispose (object);
}

static void
peal_person_row_class_init (PealPersonRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_person_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/person-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, favourite_icon);
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, detail_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, presence_icon);
  gtk_widget_class_bind_template_child (widget_class, PealPersonRow, presence_label);
}

static void
peal_person_row_init (PealPersonRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_person_row_new (PealContact *contact)
{
  PealPersonRow *self = g_object_new (PEAL_TYPE_PERSON_ROW, NULL);
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self));

  self->contact = g_object_ref (contact);
  g_object_bind_property (contact, "name", self->avatar, "text", G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "name", self->name_label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "is-favourite", self->favourite_icon, "visible",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "presence-text", self->presence_label, "label",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "accessible-text", accessible, "accessible-name",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "accessible-text", self, "tooltip-text", G_BINDING_SYNC_CREATE);
  peal_presence_bind (contact, self->presence_icon);
  g_signal_connect_object (contact, "notify::detail", G_CALLBACK (on_detail), self, 0);
  on_detail (contact, NULL, self);
  return GTK_WIDGET (self);
}

PealContact *
peal_person_row_get_contact (PealPersonRow *self)
{
  return self->contact;
}

bool
peal_person_row_matches (PealPersonRow *self, const char *typed)
{
  g_autofree char *needle = g_utf8_casefold (typed, -1);
  g_autofree char *name = g_utf8_casefold (peal_contact_get_name (self->contact), -1);
  g_autofree char *address = g_utf8_casefold (peal_contact_get_display_address (self->contact), -1);
  return strstr (name, needle) || strstr (address, needle);
}

bool
peal_person_row_is (PealPersonRow *self, const char *typed)
{
  g_autofree char *needle = g_utf8_casefold (typed, -1);
  g_autofree char *name = g_utf8_casefold (peal_contact_get_name (self->contact), -1);
  g_autofree char *address = g_utf8_casefold (peal_contact_get_display_address (self->contact), -1);
  return strcmp (name, needle) == 0 || strcmp (address, needle) == 0;
}
