/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound-check.h: hearing oneself before a call. */
#pragma once
#include "core/phone/call-media.h"

typedef struct SoundCheck SoundCheck;
typedef void (*SoundCheckLevelFunc) (void *user_data, double db);
typedef void (*SoundCheckDoneFunc) (void *user_data, bool was_heard);

SoundCheck *sound_check_new (void);
void sound_check_free (SoundCheck *self);

/* Ten times a second; NULL ends it. */
void sound_check_watch (SoundCheck *self,
                        const char *microphone_id,
                        SoundCheckLevelFunc level,
                        void *user_data);

/* Three seconds from the microphone, then back to the speaker, then `done`. One that is running is
 * given up without its `done`. */
void sound_check_record (SoundCheck *self,
                         const char *microphone_id,
                         const char *speaker_id,
                         SoundCheckDoneFunc done,
                         void *user_data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoundCheck, sound_check_free)
