/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registrar.h: a model of telephony with a server: all register with one machine, which is asked
 * for everybody. */
#pragma once
#include "tests/sim/post.h"

typedef struct Registrar {
  Post post; /* the server is the last of its machines */
  bool is_dead;
} Registrar;

Registrar *registrar_new (unsigned users, uint64_t seed);
void registrar_free (Registrar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Registrar, registrar_free)

/* Each of `count` random users looks for somebody. */
void registrar_ask (Registrar *self, unsigned count, PostTally *tally);

/* Messages that a user sends and gets in a second so that it stays registered. */
double registrar_upkeep (const Registrar *self);
