/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir-node.h: reading one tree node of a service (RFC 7374, 3): who stands there, as it looks
 * from an identifier of ours. */
#pragma once
#include "core/base/node-id.h"

struct Overlay;
struct Answer;

/* The tree node of that level that has `id` in one of its intervals. */
typedef struct RedirPlace {
  const char *namespace; /* borrowed */
  unsigned factor;
  unsigned level;
  NodeId id;
} RedirPlace;

NodeId redir_place_resource (const RedirPlace *self);

/* Whether others stand on either side of the identifier. */
typedef struct RedirSides {
  bool has_lower;
  bool has_higher;
} RedirSides;

typedef struct RedirView {
  bool was_answered; /* false: nothing is known */
  RedirSides node;   /* in the whole tree node */
  RedirSides interval;
  bool has_next;
  NodeId next;    /* the closest that does not come before the identifier */
  unsigned count; /* of all that were seen, ourselves included */
  NodeId any;     /* one of them, by chance */
} RedirView;

bool redir_is_extreme (const RedirSides *sides);
bool redir_is_between (const RedirSides *sides);

/* `view` is borrowed. Never from inside redir_read(). */
typedef void (*RedirReadFunc) (void *owner, const RedirView *view);

/* Lives inside its owner; reads one tree node at a time. */
typedef struct RedirReader {
  struct Overlay *overlay;
  RedirReadFunc read;
  void *owner;
  RedirPlace place;
  NodeId resource;
} RedirReader;

void
redir_reader_init (RedirReader *self, struct Overlay *overlay, RedirReadFunc read, void *owner);

/* What is being read is forgotten. */
void redir_reader_stop (RedirReader *self);
void redir_read (RedirReader *self, const RedirPlace *place);
