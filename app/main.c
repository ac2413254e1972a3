/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"
#include "app/language.h"

int
main (int argc, char **argv)
{
  g_autoptr (PealApplication) app = NULL;

  /* GTK asks for the drivers of the graphics card in order to choose how windows look to X; we draw
   * nothing with them, and they may take more memory than all the rest. */
  g_setenv ("GDK_GL", "disable", FALSE);
  language_init ();
  app = peal_application_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
