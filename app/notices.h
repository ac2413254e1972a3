/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notices.h: the desktop's notifications: who calls, who called in vain, who asks to be let in. */
#pragma once
#include "core/phone/phone.h"

typedef struct Notices Notices;

/* Both outlive it. */
Notices *notices_new (GApplication *app, PealPhone *phone);
void notices_free (Notices *self);

/* Said once in a person's life, when the main window is closed for the first time. */
void notices_tell_background (Notices *self);
