/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk-map.h: what one walk knows of the peers on the way (see walk.c). */
#pragma once
#include "core/base/limits.h"
#include "core/base/node-id.h"
#include "core/wire/destination.h"

struct Overlay;

/* Whom a link of ours leads to, and not another step. */
enum { WALK_NOBODY = -1, WALK_HOLDERS = 16 };

typedef enum WalkStepState {
  WALK_STEP_WAITING,
  WALK_STEP_ASKED,
  WALK_STEP_ANSWERED,
  WALK_STEP_FAILED
} WalkStepState;

typedef struct WalkStep {
  NodeId id;
  int before;        /* the step that leads to it; WALK_NOBODY for a link of ours */
  uint64_t named_by; /* a set of steps */
  size_t depth;      /* entries of the path to it, itself included */
  WalkStepState state;
  bool passes; /* something came back through it */
  unsigned asked;
  unsigned useless; /* of whom it named: they had nobody new to name */
  unsigned pending; /* questions to steps that it leads to */
  unsigned losses;  /* of these */
  unsigned drops;   /* requests that went through it and were not answered */
} WalkStep;

typedef struct WalkHolder {
  NodeId id;
  uint64_t tried;    /* a set of steps */
  uint64_t named_by; /* another */
  unsigned tries;
  bool is_reached; /* it has answered a question */
  bool is_heard;
  bool is_silent; /* or the request got lost on the way */
} WalkHolder;

typedef struct WalkMap {
  const struct Overlay *overlay;
  NodeId target;
  WalkStep steps[LIMIT_WALK_PEERS];
  int step_count;
  WalkHolder holders[WALK_HOLDERS]; /* the nearest behind the target first */
  size_t holder_count;
  NodeId heard[WALK_HOLDERS]; /* of late, whether holders or not */
  unsigned heard_count;       /* ever; the ring wraps */
} WalkMap;

/* As far as the overlay can tell how many it has. */
double walk_map_peers_between (const WalkMap *self, const NodeId *from, const NodeId *to);

/* How many peers lie between one and the target, and about how many hops these are. */
double walk_map_rank (const WalkMap *self, const NodeId *id);
unsigned walk_map_hops (const WalkMap *self, const NodeId *id);

/* WALK_NOBODY when it is no step. */
int walk_map_find (const WalkMap *self, const NodeId *id);

/* `before`: the step that named it, or WALK_NOBODY. One that is known and was not reached is led to
 * by the better way; of too many the farthest gives way that was not asked yet. Returns whether it
 * is new. */
bool walk_map_add_step (WalkMap *self, const NodeId *id, int before);

/* Nobody was reached that way: the best of the others that named it, if there is one. */
void walk_map_find_another_way (WalkMap *self, int step);

/* Nothing came back through it yet, and something was lost. */
bool walk_step_is_bad (const WalkStep *self);

/* The less the better, of the whole way through a step: nothing for WALK_NOBODY. For questions, and
 * for the request, which some drop who pass on questions. */
double walk_map_toll (const WalkMap *self, int step);
double walk_map_request_toll (const WalkMap *self, int step);

/* Whether that one is among the steps to `step`. */
bool walk_map_leads_through (const WalkMap *self, int step, const NodeId *id);

/* The path to a step; returns its length. */
size_t walk_map_path (const WalkMap *self, int step, Destination *ret_path);

/* One that lies behind the target so near that it may be one. Of too many one gives way that has
 * not answered yet, or else the farthest. Returns whether it is new. */
bool walk_map_may_hold (const WalkMap *self, const NodeId *id);
bool walk_map_add_holder (WalkMap *self, int namer, const NodeId *id);

/* That one has answered: nobody has made it up. */
void walk_map_reach (WalkMap *self, const NodeId *id);

/* How many of the holders, nearest first, are worth being sent the request: `copies` that have
 * answered, and whoever is as near as so many should be. */
size_t walk_map_worth (const WalkMap *self, size_t copies);

/* That one has answered the request, and has nothing. */
void walk_map_hear (WalkMap *self, const NodeId *id);

/* The request to that one came to nothing. */
void walk_map_miss (WalkMap *self, const NodeId *id);

/* Whether nothing came of the nearest holder. */
bool walk_map_is_in_vain (const WalkMap *self);

/* Whether the first `count` holders were heard, are as near to the target as so many peers should
 * be, and so many steps know of the owner. */
bool walk_map_is_heard (const WalkMap *self, size_t count, unsigned witnesses);

/* NULL when it is none. */
const WalkHolder *walk_map_find_holder (const WalkMap *self, const NodeId *id);
