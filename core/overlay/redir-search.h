/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir-search.h: finding one provider of a service (RFC 7374, 4.5). */
#pragma once
#include "core/base/node-id.h"

struct Overlay;

typedef struct RedirSearch RedirSearch;

/* How a search ended. */
typedef struct ServiceFound {
  bool was_answered; /* false: nobody answered at all */
  bool is_found;
  NodeId provider;
  unsigned fetches; /* tree nodes that were read */
  unsigned duration_ms;
  const char *namespace; /* borrowed */
} ServiceFound;

/* At which levels the last searches for one service have ended: the next one begins where most did
 * (RFC 7374, 4.2). */
enum { REDIR_DEPTHS = 16 };

typedef struct RedirDepths {
  uint8_t levels[REDIR_DEPTHS];
  unsigned count; /* ever */
} RedirDepths;

/* Once, and never from inside redir_search_new(); the search may be freed from there. `found` is
 * borrowed. */
typedef void (*RedirSearchFunc) (void *owner, const ServiceFound *found);

/* The provider whose Node-ID comes next after `key` or is it; when there is none, any. `depths` may
 * be NULL, else it outlives the search. */
RedirSearch *redir_search_new (struct Overlay *overlay,
                               const char *namespace,
                               const NodeId *key,
                               RedirDepths *depths,
                               RedirSearchFunc found,
                               void *owner);
void redir_search_free (RedirSearch *self);
