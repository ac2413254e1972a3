/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command.h: one command of peal-node, wherever it runs: in a program of its own, or, by way of
 * control.h, inside the program that is running already. */
#pragma once
#include "core/phone/phone.h"

typedef struct Command Command;

/* Where the words of a command go. */
typedef struct CommandReply {
  void (*print) (void *user_data, const char *line);   /* for standard output; no newline in it */
  void (*say) (void *user_data, const char *sentence); /* for people, on standard error */

  /* It is over: exit status 0 or 1. Called once, never from inside another function of this file.
   * The command may be freed from here. */
  void (*done) (void *user_data, int status);
  void *user_data;
} CommandReply;

/* What every command accepts, one synopsis a line. (transfer full) */
char *command_usage (void);

/* Reads the command line, the command's name first; NULL and a sentence when it is wrong. File
 * names are taken relative to `folder`. */
Command *command_new (char **arguments, const char *folder, GError **error);

/* Whether a phone for it alone needs media. */
bool command_has_sound (const Command *self);

/* Ends what the command has begun (a call, say). */
void command_free (Command *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Command, command_free)

/* Begins, once `phone` is on the air or ten seconds have passed; `phone` outlives the command. */
void command_start (Command *self, PealPhone *phone, const CommandReply *reply);
