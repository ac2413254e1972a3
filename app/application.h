/* SPDX-License-Identifier: GPL-3.0-or-later */
/* application.h: the desktop program: one copy a session, on the air while it runs. */
#pragma once
#include <gtk/gtk.h>

#define PEAL_TYPE_APPLICATION (peal_application_get_type ())
G_DECLARE_FINAL_TYPE (PealApplication, peal_application, PEAL, APPLICATION, GtkApplication)

PealApplication *peal_application_new (void);
