/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.h: one past call.
 *
 * Properties: address, name, is-incoming, is-missed, started (gint64, Unix seconds), duration
 * (uint, seconds; 0 when it was not answered), when-text ("Yesterday 18:20"), text ("Call, 12 min 4
 * s"). */
#pragma once
#include <gio/gio.h>

#define PEAL_TYPE_HISTORY_ENTRY (peal_history_entry_get_type ())
G_DECLARE_FINAL_TYPE (PealHistoryEntry, peal_history_entry, PEAL, HISTORY_ENTRY, GObject)
