/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hand.h: a phone without a window in a process of its own, worked by lines as
 * tests/agents/person.c tells. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef struct Hand Hand;

/* A program of this build, by its path from the folder of peal-bench. (transfer full) */
char *hand_program (const char *path);

/* Starts `name`, whose state lies in that folder's `name`, perhaps from before. */
Hand *hand_new (const char *folder, const char *name);

/* Ends it in good order. */
void hand_free (Hand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hand, hand_free)

void hand_tell (Hand *self, const char *order);

/* Waits for a line with both pieces in it, which are JSON as it is printed; earlier lines are
 * dropped. `piece` may be NULL. (transfer full); ends the program when the phone has gone. */
char *hand_await (Hand *self, const char *what, const char *piece);

/* A peal: link of its first account. (transfer full) */
char *hand_invite (Hand *self);

/* Makes, or joins by a link, the overlay "bench" and waits until it is on the air. */
void hand_create (Hand *self, const char *user);
void hand_join (Hand *self, const char *invitation, const char *user);

/* Until that person is found. */
void hand_find (Hand *self, const char *address);

/* Removes the folder of phones that have ended. */
void hand_forget (const char *folder);

/* The number after "key": in a line, -1 when there is none. */
int hand_number (const char *line, const char *key);
