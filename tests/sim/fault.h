/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fault.h: faults made on purpose, in the network and in the memory of simulated peers, to see
 * whether the checkers see them. */
#pragma once
#include "tests/sim/world.h"

typedef enum FaultKind {
  FAULT_NONE,
  FAULT_TTL,    /* what is passed on has as far to go as before */
  FAULT_LOOP,   /* two peers send it to and fro before they pass it on */
  FAULT_RECORD, /* a value lies where its signer may not write */
  FAULT_MEMORY, /* each message leaves something behind */
  FAULT_KINDS,
} FaultKind;

/* FAULT_KINDS when there is none of that name. */
FaultKind fault_of_name (const char *name);
const char *fault_name (FaultKind kind);

typedef struct Fault Fault;

/* From now on, until it is freed. NULL for FAULT_NONE. */
Fault *fault_new (SimWorld *world, FaultKind kind);
void fault_free (Fault *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fault, fault_free)
