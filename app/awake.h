/* SPDX-License-Identifier: GPL-3.0-or-later */
/* awake.h: keeps the computer from falling asleep in the middle of a call. */
#pragma once
#include "core/phone/phone.h"
#include <gtk/gtk.h>

typedef struct Awake Awake;

/* Both outlive it. */
Awake *awake_new (GtkApplication *app, PealPhone *phone);
void awake_free (Awake *self);
