/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-tone.h"
#include "core/phone/call.h"

CallMediaTone
call_tone_find (GListModel *calls)
{
  CallMediaTone tone = CALL_MEDIA_TONE_NONE;

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    if (peal_call_get_state (call) != PEAL_CALL_RINGING)
      continue;
    if (peal_call_get_is_incoming (call))
      return CALL_MEDIA_TONE_RING;
    tone = CALL_MEDIA_TONE_RINGBACK;
  }
  return tone;
}
