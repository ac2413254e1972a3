/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/language.h"

#include <glib/gi18n.h>
#include <locale.h>

void
language_init (void)
{
  /* A program that runs from its build folder has its translations elsewhere. */
  const char *path = g_getenv ("PEAL_LOCALE_PATH");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, path != NULL ? path : LOCALE_PATH);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
