/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/self-tuning.h"

#include "core/wire/walk.h"

/* RFC 7363, 6.5 */
void
walk_self_tuning_data (Wire *w, SelfTuningData *s)
{
  wire_u32 (w, "network_size", &s->network_size);
  wire_u32 (w, "join_rate", &s->join_rate);
  wire_u32 (w, "leave_rate", &s->leave_rate);
}

WIRE_DEFINE (SelfTuningData, self_tuning_data)
