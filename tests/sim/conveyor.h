/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conveyor.h: what is on its way through a simulated world, in the order of its arrival and then of
 * its sending. */
#pragma once
#include "core/base/bytes.h"
#include "core/base/timers.h"

typedef struct Conveyor Conveyor;

typedef struct Parcel {
  uint64_t due;
  uint64_t end;  /* whom it is for */
  uint32_t kind; /* the sender's own */
  uint32_t size;
  uint8_t bytes[];
} Parcel;

typedef struct ConveyorEvents {
  /* It is there; its bytes may be changed, and are gone afterwards. */
  void (*arrival) (Parcel *parcel, void *user_data);

  /* It will be there soon: told for every `stage` from 0 to `stages` - 1, each a little later. */
  void (*approach) (const Parcel *parcel, unsigned stage, void *user_data);
  unsigned stages;
} ConveyorEvents;

/* `timers` and `events` outlive it. */
Conveyor *conveyor_new (Timers *timers, const ConveyorEvents *events, void *user_data);

/* What has not arrived never does. */
void conveyor_free (Conveyor *self);

/* `bytes` are copied. */
void conveyor_send (Conveyor *self, uint64_t end, uint32_t kind, uint64_t delay, Bytes bytes);
