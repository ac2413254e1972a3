/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-controls.h: what can be done with one call, for whatever shows it.
 *
 * answer, decline, end; mute and hold are switches. Each is enabled while it makes sense; answer
 * and decline only half a second after the call came, so that typing elsewhere answers nothing. */
#pragma once
#include "core/phone/call.h"
#include <gio/gio.h>

#define PEAL_TYPE_CALL_CONTROLS (peal_call_controls_get_type ())
G_DECLARE_FINAL_TYPE (PealCallControls, peal_call_controls, PEAL, CALL_CONTROLS, GSimpleActionGroup)

GActionGroup *peal_call_controls_new (PealCall *call);
