/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Silent: a live microphone always hisses a little, one that is switched off or unplugged does
 * not. Speaking while muted: louder than a room, and not the loudspeaker coming back in. */
#include "media/level.h"

#include <glib.h>

static const double NOTHING_DB = -100, SILENT_DB = -60, SPEECH_DB = -40, ECHO_MARGIN_DB = 6;

enum {
  SILENT_TICKS = 80,       /* 8 s */
  SPEAKING_TICKS = 5,      /* half a second of speech shows it */
  SPEAKING_TICKS_MAX = 20, /* and it stays for up to 2 s after the last */
};

void
level_init (Level *self)
{
  *self = (Level){ .microphone_db = NOTHING_DB, .speaker_db = NOTHING_DB };
}

void
level_update (Level *self, double microphone_db, double speaker_db, bool is_muted)
{
  self->microphone_db = MAX (microphone_db, NOTHING_DB);
  self->speaker_db = MAX (speaker_db, NOTHING_DB);

  bool is_silent = !is_muted && microphone_db < SILENT_DB;
  self->silent_ticks = is_silent ? MIN (self->silent_ticks + 1, SILENT_TICKS) : 0;

  if (!is_muted)
    self->speaking_ticks = 0;
  else if (microphone_db > SPEECH_DB && microphone_db > speaker_db + ECHO_MARGIN_DB)
    self->speaking_ticks = MIN (self->speaking_ticks + 1, SPEAKING_TICKS_MAX);
  else if (self->speaking_ticks > 0)
    self->speaking_ticks--;
}

bool
level_is_silent (const Level *self)
{
  return self->silent_ticks >= SILENT_TICKS;
}

bool
level_is_speaking_muted (const Level *self)
{
  return self->speaking_ticks >= SPEAKING_TICKS;
}
