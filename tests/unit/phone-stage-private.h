/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phone-stage-private.h: what stands in for the nodes, the worlds and the local network of a stage,
 * for the files that make it up. */
#pragma once
#include "tests/unit/phone-stage.h"

struct Node {
  NodeEventFunc event;
  void *user_data;
  char *instance_name;
  NodeId id;
  uint32_t next;
  unsigned heard; /* of what it said last */
};

struct World {
  NodePorts ports;
  WorldMediaFunc media;
  void *media_data;
  WorldInviteFunc invite;
  void *invite_data;
  void (*reach_told) (void *user_data);
  void *reach_data;
};

struct Discovery {
  DiscoveryFunc func;
  void *user_data;
};

struct InviteRequest {
  InviteAnswerFunc func;
  void *user_data;
};

/* All that there are; none owned. */
extern GPtrArray *stage_nodes, *stage_worlds, *stage_ears;

/* See stage_set_path(). */
extern uint32_t stage_path_link;

/* Forgets what the test has said of the world. */
void stage_world_reset (void);
