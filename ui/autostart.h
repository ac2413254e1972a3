/* SPDX-License-Identifier: GPL-3.0-or-later */
/* autostart.h: whether the phone starts, without a window, when its person logs in: a desktop
 * entry of the person's own (freedesktop.org, Autostart). */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

bool peal_autostart_get (void);

/* False and `error` when the entry cannot be written or removed. */
bool peal_autostart_set (bool is_on, GError **error);
