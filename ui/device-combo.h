/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device-combo.h: chooses a sound device; the choice lives in one key of the settings. */
#pragma once
#include "core/phone/sound.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_DEVICE_COMBO (peal_device_combo_get_type ())
G_DECLARE_FINAL_TYPE (PealDeviceCombo, peal_device_combo, PEAL, DEVICE_COMBO, GtkComboBoxText)

/* `name` is what a screen reader calls it. */
GtkWidget *
peal_device_combo_new (GListModel *devices, GSettings *settings, const char *key, const char *name);
