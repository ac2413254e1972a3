/* SPDX-License-Identifier: GPL-3.0-or-later */
/* churn.h: how peers of a simulated world come and go. */
#pragma once
#include "tests/sim/world.h"

/* How long they stay. People who telephone stay longer than those who share files, and many of them
 * much longer than most (Guha, Daswani, Jain: IPTPS 2006): a heavy tail. */
typedef enum ChurnLaw {
  CHURN_EXPONENTIAL,
  CHURN_HEAVY_TAILED,
} ChurnLaw;

/* Starts the peers from `first` on, `pause` apart, each with one earlier one as its only hint. */
void churn_join (SimWorld *world, unsigned first, unsigned count, uint64_t pause);

/* Starts all of them within `within`, each knowing where all listen. */
void churn_join_at_once (SimWorld *world, uint64_t within);

/* Kills every running peer with the probability `share`. Returns how many. */
unsigned churn_kill (SimWorld *world, double share);

/* Sessions that end, half in good order, half by a crash, and begin again from what the disk has
 * kept. */
typedef struct Churn Churn;
Churn *churn_new (SimWorld *world, ChurnLaw law, uint64_t median_session);

/* Before the world; who was just leaving is gone then. */
void churn_free (Churn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Churn, churn_free)

/* Peers from `first` on come and go as the test wants. */
void churn_spare (Churn *self, unsigned first);

/* What is due; to be called a few times a second. */
void churn_step (Churn *self);
