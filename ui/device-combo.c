/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first row, with an empty id, leaves the choice to the sound server. A device that is not
 * there stays chosen, and is shown as absent, until somebody chooses another. */
#include "ui/device-combo.h"
#include <glib/gi18n.h>

struct _PealDeviceCombo {
  GtkComboBoxText parent;
  GListModel *devices;
  GSettings *settings;
  const char *key;
  bool is_filling;
};

G_DEFINE_FINAL_TYPE (PealDeviceCombo, peal_device_combo, GTK_TYPE_COMBO_BOX_TEXT)

static void
fill (PealDeviceCombo *self)
{
  GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT (self);
  g_autofree char *chosen = g_settings_get_string (self->settings, self->key);

  self->is_filling = true;
  gtk_combo_box_text_remove_all (combo);
  gtk_combo_box_text_append (combo, "", _ ("Automatic"));
  for (guint i = 0; i < g_list_model_get_n_items (self->devices); i++) {
    g_autoptr (PealDevice) device = g_list_model_get_item (self->devices, i);
    gtk_combo_box_text_append (combo, peal_device_get_id (device), peal_device_get_name (device));
  }
  if (!gtk_combo_box_set_active_id (GTK_COMBO_BOX (self), chosen)) {
    gtk_combo_box_text_append (combo, chosen, _ ("Not connected"));
    gtk_combo_box_set_active_id (GTK_COMBO_BOX (self), chosen);
  }
  self->is_filling = false;
}

static void
peal_device_combo_changed (GtkComboBox *combo)
{
  PealDeviceCombo *self = PEAL_DEVICE_COMBO (combo);
  const char *id = gtk_combo_box_get_active_id (combo);

  if (id && !self->is_filling)
    g_settings_set_string (self->settings, self->key, id);
}

static void
peal_device_combo_dispose (GObject *object)
{
  PealDeviceCombo *self = PEAL_DEVICE_COMBO (object);

  self->is_filling = true;
  g_clear_object (&self->devices);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (peal_device_combo_parent_class)->dispose (object);
}

static void
peal_device_combo_class_init (PealDeviceComboClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = peal_device_combo_dispose;
  GTK_COMBO_BOX_CLASS (klass)->changed = peal_device_combo_changed;
}

/* Names of devices are long; the window is not. */
static void
peal_device_combo_init (PealDeviceCombo *self)
{
  GList *cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (self));

  for (GList *l = cells; l; l = l->next)
    g_object_set (l->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 8, "max-width-chars",
                  10, NULL);
  g_list_free (cells);
}

GtkWidget *
peal_device_combo_new (GListModel *devices, GSettings *settings, const char *key, const char *name)
{
  PealDeviceCombo *self = g_object_new (PEAL_TYPE_DEVICE_COMBO, NULL);
  g_autofree char *changed = g_strconcat ("changed::", key, NULL);

  self->devices = g_object_ref (devices);
  self->settings = g_object_ref (settings);
  self->key = g_intern_string (key);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, changed, G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
  gtk_widget_show (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
