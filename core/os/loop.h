/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.h: the pure core's timers on GLib's main loop. */
#pragma once
#include "core/base/timers.h"

#include <gio/gio.h>

typedef struct Loop Loop;

/* Returns G_SOURCE_CONTINUE, always. */
typedef gboolean (*WatchFunc) (int fd, GIOCondition condition, void *user_data);

/* On the thread-default main context of the caller. */
Loop *loop_new (void);

/* Nothing may be watched any more. */
void loop_free (Loop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loop, loop_free)

Timers *loop_timers (const Loop *self);

/* Whether this program has been held up: what has arrived meanwhile has not been looked at yet. */
bool loop_is_behind (const Loop *self);

/* Called after the machine has slept. */
void loop_set_wake_func (Loop *self, void (*woken) (void *user_data), void *user_data);

/* The caller ends it with loop_unwatch(); `func` may do so too. */
GSource *loop_watch (Loop *self, int fd, GIOCondition condition, WatchFunc func, void *user_data);

/* Accepts NULL, and sets it to NULL. */
void loop_unwatch (GSource **source);
