/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage-redir.h: who provides a service: the Kind REDIR (RFC 7374). */
#pragma once
#include "core/overlay/redir-search.h"
#include <stdint.h>

typedef struct RedirUsage RedirUsage;

typedef void (*ServiceFunc) (void *owner, uint32_t search, const ServiceFound *found);

RedirUsage *redir_usage_new (struct Overlay *overlay, ServiceFunc found, void *owner);
void redir_usage_free (RedirUsage *self);

/* We provide that service from now on, or no more. Repeating it does nothing. */
void redir_usage_provide (RedirUsage *self, const char *namespace);
void redir_usage_withdraw (RedirUsage *self, const char *namespace);

/* Registers what we provide; called whenever the node has joined. */
void redir_usage_start (RedirUsage *self);

/* Stores it again where that belongs now. */
void redir_usage_refresh (RedirUsage *self, uint64_t within);

/* Takes everything back, before leaving; `done` is told of each record when that is heard, or will
 * not be, never from inside the call. Returns how many. */
unsigned redir_usage_stop (RedirUsage *self, void (*done) (void *owner), void *owner);

/* How many records of ours are stored. */
unsigned redir_usage_stored (const RedirUsage *self);

/* `search` is given back with the answer, which comes exactly once and not from inside the call. */
void redir_usage_find (RedirUsage *self, uint32_t search, const char *namespace, const NodeId *key);
