/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forward-row.h: whom calls for an account go to instead. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_FORWARD_ROW (peal_forward_row_get_type ())
G_DECLARE_FINAL_TYPE (PealForwardRow, peal_forward_row, PEAL, FORWARD_ROW, HdyActionRow)

GtkWidget *peal_forward_row_new (PealPhone *phone, PealAccount *account);
