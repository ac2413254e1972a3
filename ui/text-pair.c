/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/text-pair.h"
#include <gtk/gtk.h>
#include <stdbool.h>

#define RIGHT_TO_LEFT_MARK "\u200f"

char *
peal_text_pair (const char *first, const char *second)
{
  bool is_rtl = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;

  if (!second || !*second)
    return g_strdup (first ? first : "");
  if (!first || !*first)
    return g_strdup (second);
  const char *mark = is_rtl ? RIGHT_TO_LEFT_MARK : "";
  return g_strdup_printf ("%s%s%s · %s", mark, first, mark, second);
}
