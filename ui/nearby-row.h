/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nearby-row.h: a network found on this network, and a button to join it. */
#pragma once
#include "core/phone/request.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_NEARBY_ROW (peal_nearby_row_get_type ())
G_DECLARE_FINAL_TYPE (PealNearbyRow, peal_nearby_row, PEAL, NEARBY_ROW, GtkListBoxRow)

/* Emits `join` when the button is pressed. */
GtkWidget *peal_nearby_row_new (PealNearby *nearby);
PealNearby *peal_nearby_row_get_nearby (PealNearbyRow *self);
