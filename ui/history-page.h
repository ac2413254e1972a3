/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history-page.h: all past calls. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_HISTORY_PAGE (peal_history_page_get_type ())
G_DECLARE_FINAL_TYPE (PealHistoryPage, peal_history_page, PEAL, HISTORY_PAGE, GtkBox)

GtkWidget *peal_history_page_new (PealPhone *phone);
HdyHeaderBar *peal_history_page_get_header (PealHistoryPage *self);
