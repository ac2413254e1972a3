/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handlers.h: which part of the overlay answers which method. */
#pragma once
#include "core/overlay/incoming.h"

/* Answers or refuses, now or later. */
void handlers_handle (Incoming *request);

/* Whether a request changes nothing here, so that one that comes again is simply answered again
 * (6.2.1). */
bool handlers_only_read (const Incoming *request);
