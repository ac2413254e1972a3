/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qr-code.h: a text as a picture that a telephone's camera can read. */
#pragma once
#include <gtk/gtk.h>

#define PEAL_TYPE_QR_CODE (peal_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (PealQrCode, peal_qr_code, PEAL, QR_CODE, GtkDrawingArea)

/* A text too long for a code hides the widget. */
void peal_qr_code_set_text (PealQrCode *self, const char *text);
