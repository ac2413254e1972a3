/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tape.h: ends of a session that are no devices: a file to speak, a file to write what is heard to,
 * and a loop that sends back what is heard. */
#pragma once
#include <gst/gst.h>
#include <stdbool.h>

typedef struct Tape Tape;

/* Any path may be NULL. NULL, with `error`, when a file cannot be had. */
Tape *tape_new (const char *play_path, const char *record_path, bool is_echo, GError **error);

/* After its bins have stopped; closes the files. */
void tape_free (Tape *self);

/* A bin for endpoint_use(), or NULL when there is nothing to speak or to take. */
GstElement *tape_make_source (Tape *self);
GstElement *tape_make_sink (Tape *self);

/* Begins to speak the file; silence before and after it. */
void tape_play (Tape *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tape, tape_free)
