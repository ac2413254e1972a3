/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notice.h: a bar with one sentence and at most one thing to do about it. */
#pragma once
#include <gtk/gtk.h>

#define PEAL_TYPE_NOTICE (peal_notice_get_type ())
G_DECLARE_FINAL_TYPE (PealNotice, peal_notice, PEAL, NOTICE, GtkRevealer)

GtkWidget *peal_notice_new (void);

/* `button` and `detailed_action` may be NULL together. */
void peal_notice_show (PealNotice *self,
                       const char *text,
                       const char *button,
                       const char *detailed_action);
void peal_notice_hide (PealNotice *self);
