/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound-settings.h: the devices the settings name are those the phone uses. */
#pragma once
#include "core/phone/sound.h"

/* Until the phone is gone. */
void peal_sound_settings_follow (GSettings *settings, PealPhone *phone);
