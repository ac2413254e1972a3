/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir-stage.h: a node whose two neighbors keep every ReDiR tree for it, and remember in which
 * order it asked for what. Trees are binary, as in the RFC's figures, and identifiers are bytes:
 * the first of a Node-ID. */
#pragma once
#include "tests/unit/overlay-stage.h"

#define REDIR_NAMESPACE TURN_NAMESPACE

typedef struct RedirStage {
  OverlayStage *overlay;
  Stranger *neighbors[2];
  GPtrArray *records;    /* what stands in the trees */
  GString *fetched;      /* "2.1 ": tree node 1 of level 2; "2.1k " only some keys of it */
  GString *stored;       /* the same; "2.1- " was taken back */
  unsigned stats;        /* how often only the keys were asked for */
  unsigned response_max; /* records that fit into an answer */
  uint32_t lifetime;     /* of the last record stored */
  bool is_mute;          /* nobody answers */
} RedirStage;

RedirStage *redir_stage_new (uint8_t id);
void redir_stage_free (RedirStage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RedirStage, redir_stage_free)

NodeId redir_stage_id (uint8_t id);

/* A provider stands in that level. */
void redir_stage_enter (RedirStage *self, unsigned level, uint8_t id);

/* The same, but its record leads to another node. */
void redir_stage_enter_false (RedirStage *self, unsigned level, uint8_t id, uint8_t leads_to);

/* Nobody stands anywhere, and nothing has been asked. */
void redir_stage_clear (RedirStage *self);

/* Our own record of that level is held. */
bool redir_stage_holds (RedirStage *self, unsigned level);

/* Turns the clock, answering what is asked. */
void redir_stage_run (RedirStage *self, uint64_t microseconds);
