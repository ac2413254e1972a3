/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request-private.h: how the phone makes requests and networks nearby. */
#pragma once
#include "core/base/address.h"
#include "core/phone/request.h"

typedef struct PealRequestActions {
  void (*accept) (gpointer owner, PealRequest *self);
  void (*refuse) (gpointer owner, PealRequest *self);
} PealRequestActions;

typedef struct PealRequestStart {
  PealRequestKind kind;
  const char *address; /* of a buddy, canonical; of a newcomer, the name asked for */
  const char *display_address;
  const char *name;  /* of a buddy: as they give it; of a newcomer: the computer */
  const char *label; /* of the network that a newcomer wants to join */
  guint tag;         /* the owner's own mark */
} PealRequestStart;

PealRequest *
peal_request_new (const PealRequestStart *start, const PealRequestActions *actions, gpointer owner);
void peal_request_detach (PealRequest *self);
guint peal_request_get_tag (PealRequest *self);
const char *peal_request_get_name (PealRequest *self);

/* `listener` is the latest place where a member of it was heard. */
PealNearby *
peal_nearby_new (const char *label, const uint8_t instance_hash[32], const Address *listener);
void peal_nearby_show (PealNearby *self, const Address *listener, unsigned peers);
const uint8_t *peal_nearby_get_instance_hash (PealNearby *self);
const Address *peal_nearby_get_listener (PealNearby *self);

/* Monotonic time at which it was last heard, microseconds. */
gint64 peal_nearby_get_heard (PealNearby *self);
