/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/mnemonics.h"
#include <stdbool.h>

static bool
has_mnemonic (GtkWidget *widget)
{
  GtkWidget *target;

  if (!GTK_IS_LABEL (widget) ||
      gtk_label_get_mnemonic_keyval (GTK_LABEL (widget)) == GDK_KEY_VoidSymbol)
    return false;
  target = gtk_label_get_mnemonic_widget (GTK_LABEL (widget));
  return !target || (gtk_widget_get_mapped (target) && gtk_widget_is_sensitive (target));
}

static void
visit (GtkWidget *widget, gpointer user_data)
{
  GHashTable *seen = user_data;

  if (!gtk_widget_get_mapped (widget) || !gtk_widget_is_sensitive (widget))
    return;
  if (has_mnemonic (widget)) {
    gpointer key = GUINT_TO_POINTER (gtk_label_get_mnemonic_keyval (GTK_LABEL (widget)));
    GtkWidget *other = g_hash_table_lookup (seen, key);
    if (other)
      g_print ("fault: \"%s\" and \"%s\" share a mnemonic\n",
               gtk_label_get_text (GTK_LABEL (other)), gtk_label_get_text (GTK_LABEL (widget)));
    g_hash_table_insert (seen, key, widget);
  }
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), visit, seen);
}

void
mnemonics_check (GtkWindow *window)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  visit (GTK_WIDGET (window), seen);
}
