/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/dropper.h"

bool
dropper_takes (const Overheard *message)
{
  return message->is_transit || message->code == MESSAGE_FETCH_REQ;
}
