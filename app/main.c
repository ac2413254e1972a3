/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"
#include "app/language.h"

int
main (int argc, char **argv)
{
  g_autoptr (PealApplication) app = NULL;

  language_init ();
  app = peal_application_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
