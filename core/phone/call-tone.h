/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-tone.h: what is to be heard of calls that ring. */
#pragma once
#include "core/phone/call-media.h"
#include <gio/gio.h>

/* `calls` is a list of PealCall. */
CallMediaTone call_tone_find (GListModel *calls);
