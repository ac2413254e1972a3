/* SPDX-License-Identifier: GPL-3.0-or-later */
/* surroundings.h: which overlays can be heard on the local network, and being heard there. */
#pragma once
#include "core/phone/line.h"
#include "core/phone/request-private.h"

typedef struct Surroundings Surroundings;

/* Overlays that no line of ours belongs to come onto `nearby` (borrowed), those of our lines are
 * handed to them as places to connect to. `listen` as in PealPhoneOptions. A machine without
 * multicast hears nothing. */
Surroundings *surroundings_new (GListStore *nearby, const char *listen);
void surroundings_free (Surroundings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Surroundings, surroundings_free)

/* A line is announced and led to its peers from now on; before it goes it is removed. */
void surroundings_add (Surroundings *self, Line *line);
void surroundings_remove (Surroundings *self, Line *line);

/* What a line announces of itself has changed: its address or the number of peers. */
void surroundings_refresh (Surroundings *self);

/* Asks who is there, at once and every 10 s while it is on. */
void surroundings_set_looking (Surroundings *self, bool is_looking);
