/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history-row.h: one past call. */
#pragma once
#include "core/phone/history.h"
#include <gtk/gtk.h>
#include <stdbool.h>

#define PEAL_TYPE_HISTORY_ROW (peal_history_row_get_type ())
G_DECLARE_FINAL_TYPE (PealHistoryRow, peal_history_row, PEAL, HISTORY_ROW, GtkListBoxRow)

/* `is_named` shows whose call it was; such a row can be activated. */
GtkWidget *peal_history_row_new (PealHistoryEntry *entry, bool is_named);
const char *peal_history_row_get_address (PealHistoryRow *self);
