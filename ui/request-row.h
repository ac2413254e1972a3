/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request-row.h: somebody waits for a yes or no. */
#pragma once
#include "core/phone/request.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_REQUEST_ROW (peal_request_row_get_type ())
G_DECLARE_FINAL_TYPE (PealRequestRow, peal_request_row, PEAL, REQUEST_ROW, GtkListBoxRow)

GtkWidget *peal_request_row_new (PealRequest *request);
