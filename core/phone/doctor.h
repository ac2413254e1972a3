/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.h: what can be found out about one call by those who look for a fault: how ICE fares,
 * which relays have answered, whether the sound arrives on both sides, and the way through the
 * overlay to the other side. It goes into the details of the call. */
#pragma once
#include "core/phone/call-media.h"
#include "core/phone/call-private.h"
#include "core/phone/line.h"

typedef struct Doctor Doctor;

/* `line` until doctor_drop_line(). */
Doctor *doctor_new (PealCall *call, Line *line);
void doctor_free (Doctor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Doctor, doctor_free)

/* Looks at the node's call `number`, once a second and before its links go. `quality`: of its
 * sound, NULL while there is none. */
void doctor_look (Doctor *self, uint32_t number, const CallMediaQuality *quality);

/* Something is wrong: the overlay is asked for the way there, once. */
void doctor_ask_way (Doctor *self);

/* Does nothing when it is not the answer to that. */
void doctor_on_diagnosis (Doctor *self, const Line *line, const NodeEvent *event);

/* `line` is about to go. */
void doctor_drop_line (Doctor *self, const Line *line);

/* What was found is not worth telling. */
void doctor_forget (Doctor *self);
