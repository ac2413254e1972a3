/* SPDX-License-Identifier: GPL-3.0-or-later */
/* porch.h: accepted TCP connections that have not said anything yet. Their first byte tells what
 * they want: TLS, or a relay (RFC 7983, 7). */
#pragma once
#include "core/os/loop.h"

#include "core/base/address.h"

typedef struct Porch Porch;

/* `fd` is the receiver's, nothing has been read from it. */
typedef struct PorchEvents {
  void (*tls) (void *owner, const Address *from, int fd);
  void (*turn) (void *owner, const Address *from, int fd);
} PorchEvents;

Porch *porch_new (Loop *loop, const PorchEvents *events, void *owner);
void porch_free (Porch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Porch, porch_free)

/* Takes `fd`, and closes it after LIMIT_HANDSHAKE_S of silence. */
void porch_add (Porch *self, const Address *from, int fd);

/* How many wait. */
unsigned porch_count (const Porch *self);
