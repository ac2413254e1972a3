/* SPDX-License-Identifier: GPL-3.0-or-later */
/* self-tuning.h: what peers tell each other of the overlay as a whole (RFC 7363, 6.5). */
#pragma once
#include "core/wire/wire.h"

/* RFC 7363, 9.1: the extension of a Probe and of its answer that holds a SelfTuningData. */
#define MESSAGE_EXTENSION_SELF_TUNING_DATA 0x3

typedef struct SelfTuningData {
  uint32_t network_size;
  uint32_t join_rate;  /* in 24 hours */
  uint32_t leave_rate; /* in 24 hours */
} SelfTuningData;

WIRE_DECLARE (SelfTuningData, self_tuning_data)
