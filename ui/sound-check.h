/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound-check.h: the microphone's level, and three seconds recorded and played back.
 *
 * The microphone is open only while this widget is on the screen. */
#pragma once
#include "core/phone/sound.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_SOUND_CHECK (peal_sound_check_get_type ())
G_DECLARE_FINAL_TYPE (PealSoundCheck, peal_sound_check, PEAL, SOUND_CHECK, GtkBox)

GtkWidget *peal_sound_check_new (PealPhone *phone);
