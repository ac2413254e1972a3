/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ringer.h: one tone at a time, on a device. */
#pragma once
#include "core/phone/call-media.h"

typedef struct Ringer Ringer;

Ringer *ringer_new (void);
void ringer_free (Ringer *self);

/* Replaces the one that sounds. Without a device or server there is none, silently. */
void ringer_set (Ringer *self, CallMediaTone tone, const char *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ringer, ringer_free)
