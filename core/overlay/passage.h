/* SPDX-License-Identifier: GPL-3.0-or-later */
/* passage.h: what this peer has passed on of late: which link it came by and whom it was for next.
 */
#pragma once
#include "core/wire/header.h"

typedef struct Passages Passages;

Passages *passages_new (void);
void passages_free (Passages *self);

/* Forgets what was passed on before this was called last. */
void passages_tidy (Passages *self);

/* It goes on, and came over `connection` when it is a request, else 0. */
void passages_note (Passages *self, const ForwardingHeader *header, uint32_t connection);

/* Whether this very piece was passed on before, to the same next entry. */
bool passages_know (const Passages *self, const ForwardingHeader *header);

/* The link that the request came by which this answers, as far as the transaction tells; 0 when it
 * is not known. */
uint32_t passages_way_back (const Passages *self, const ForwardingHeader *answer);
