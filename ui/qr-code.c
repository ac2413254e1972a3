/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Black on white whatever the theme, with the quiet zone of four modules the standard asks for:
 * many cameras cannot read it otherwise. */
#include "ui/qr-code.h"
#include <qrencode.h>

enum { QUIET_MODULES = 4, SIDE_PX = 240 };

struct _PealQrCode {
  GtkDrawingArea parent;
  QRcode *code; /* NULL while there is nothing to show */
};

G_DEFINE_FINAL_TYPE (PealQrCode, peal_qr_code, GTK_TYPE_DRAWING_AREA)

static gboolean
peal_qr_code_draw (GtkWidget *widget, cairo_t *cr)
{
  PealQrCode *self = PEAL_QR_CODE (widget);
  if (!self->code)
    return GDK_EVENT_PROPAGATE;

  int modules = self->code->width + 2 * QUIET_MODULES;
  int side =
    MIN (gtk_widget_get_allocated_width (widget), gtk_widget_get_allocated_height (widget));
  cairo_scale (cr, (double) side / modules, (double) side / modules);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, 0, 0, modules, modules);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  for (int y = 0; y < self->code->width; y++)
    for (int x = 0; x < self->code->width; x++)
      if (self->code->data[y * self->code->width + x] & 1)
        cairo_rectangle (cr, x + QUIET_MODULES, y + QUIET_MODULES, 1, 1);
  cairo_fill (cr);
  return GDK_EVENT_PROPAGATE;
}

static void
peal_qr_code_finalize (GObject *object)
{
  g_clear_pointer (&PEAL_QR_CODE (object)->code, QRcode_free);
  G_OBJECT_CLASS (peal_qr_code_parent_class)->finalize (object);
}

static void
peal_qr_code_class_init (PealQrCodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = peal_qr_code_finalize;
  GTK_WIDGET_CLASS (klass)->draw = peal_qr_code_draw;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), ATK_ROLE_IMAGE);
}

static void
peal_qr_code_init (PealQrCode *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), SIDE_PX, SIDE_PX);
}

void
peal_qr_code_set_text (PealQrCode *self, const char *text)
{
  g_clear_pointer (&self->code, QRcode_free);
  self->code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  gtk_widget_set_visible (GTK_WIDGET (self), self->code != NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
