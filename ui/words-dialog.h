/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words-dialog.h: the words of a call, which both people read aloud; it goes with the call. */
#pragma once
#include "core/phone/call.h"
#include <handy.h>

#define PEAL_TYPE_WORDS_DIALOG (peal_words_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PealWordsDialog, peal_words_dialog, PEAL, WORDS_DIALOG, HdyWindow)

GtkWindow *peal_words_dialog_new (GtkWindow *parent, PealCall *call);
