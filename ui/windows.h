/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows.h: all windows of the program, and the actions that open them.
 *
 * The application makes one PealWindows in its `startup` and drops it in `shutdown`:
 *
 *   peal_ui_init ();
 *   phone = peal_phone_new (…, &error);
 *   windows = phone ? peal_windows_new (app, phone, settings) : NULL;
 *
 * and adds two actions of its own: `app.quit`, and `app.repair` for the trouble window. `settings`
 * is the schema org.pealphone.Peal; the keys of the sound devices are passed on to the phone by
 * PealWindows. These actions are added to the application here, for menus, accelerators,
 * notifications and the command line:
 *
 *   app.show                        the main window
 *   app.dial (s)                    dials what a person typed; an error is shown in the main window
 *   app.open (s)                    sip:, sips: dials; peal: shows the invitation before joining
 *   app.open-invitation (s)         the contents of an invitation file, likewise
 *   app.answer, app.decline (s)     a call by the decimal text of peal_call_get_id()
 *   app.show-call (s)               presents the window of such a call
 *   app.show-person (s)             the page of the contact with that address
 *   app.remove-person (s)           and app.undo-remove
 *   app.add-person (s)              the dialog, with that address filled in
 *   app.join, app.invite, app.import, app.export, app.preferences, app.sound-settings,
 *   app.network, app.history, app.shortcuts, app.about, app.close
 *
 * Windows that show a call have call.mute, call.hold and call.end of their own.
 *
 * Every call gets a window as soon as it is in the phone's list. Ringing, notifications and
 * keeping the computer awake are not the windows' business. */
#pragma once
#include "core/phone/phone.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_WINDOWS (peal_windows_get_type ())
G_DECLARE_FINAL_TYPE (PealWindows, peal_windows, PEAL, WINDOWS, GObject)

/* libhandy, style sheet, icons, widget types. Once, after gtk_init(), before anything else here. */
void peal_ui_init (void);

PealWindows *peal_windows_new (GtkApplication *app, PealPhone *phone, GSettings *settings);

/* Closes every window; the application keeps its own hold while the phone stays on. */
void peal_windows_close (PealWindows *self);

/* Shows and raises the main window; the welcome page while there is no account. */
void peal_windows_present (PealWindows *self);

/* The main window, to parent dialogs on and to listen to: closing it only hides it (`hide`).
 * (transfer none) */
GtkWindow *peal_windows_get_main (PealWindows *self);

/* The window of a start that failed: the sentence of `error`, its details, and, for
 * PEAL_PHONE_ERROR_DATA, [Start with empty lists], which activates `app.repair`. */
GtkWindow *peal_trouble_window_new (GtkApplication *app, const GError *error);
