/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mnemonics.h: the letters that are pressed with Alt. */
#pragma once
#include <gtk/gtk.h>

/* Says on standard output which labels of the window share a mnemonic, a line for each two. */
void mnemonics_check (GtkWindow *window);
