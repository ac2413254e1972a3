/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recorder.h: keeps the requests that it sees, and says them again to others (threats 1.4). */
#pragma once
#include "tests/sim/gang.h"

typedef struct Recorder Recorder;

Recorder *recorder_new (void);
void recorder_free (Recorder *self);
void recorder_hears (Recorder *self, const Overheard *message);

/* Each time some of what was heard at least a second ago, from members to whom they have links. */
void recorder_step (Recorder *self, Gang *gang);
