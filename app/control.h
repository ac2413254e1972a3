/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control.h: who owns a state folder, and how other programs of the same person talk to the owner.
 *
 * The owner holds a lock in the folder and listens on a Unix socket beside it. A packet each way at
 * a time: the request is the caller's working folder and the arguments of a command, each ended by
 * NUL; answers begin with the letter of an output (o, e) or with x and the exit status. */
#pragma once
#include "core/phone/phone.h"

enum { CONTROL_REQUEST_MAX = 8192, CONTROL_ARGUMENTS_MAX = 32, CONTROL_CLIENTS_MAX = 8 };

typedef struct Control Control;

/* G_IO_ERROR_EXISTS: another program has the folder. `state_path` NULL means the person's own
 * state; its lock lies in the folder of the session. */
Control *control_new (const char *state_path, GError **error);
void control_free (Control *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Control, control_free)

/* Runs the commands that come from now on; NULL ends those that run and lets others wait. */
void control_serve (Control *self, PealPhone *phone);

/* Has the owner of the folder run a command and prints its words as they come. False when nobody
 * owns the folder. */
bool control_ask (const char *state_path, char **arguments, int *ret_status);
