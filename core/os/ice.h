/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ice.h: one ICE session with one component, by libnice. */
#pragma once
#include "core/base/ports.h"
#include "core/os/relay-book.h"

struct PathReport; /* core/os/ports.h */
typedef struct Ice Ice;

/* None of these is called from inside the functions below, and none may free the Ice. */
typedef struct IceEvents {
  void (*gathered) (void *owner, Ice *ice, const IceDescription *local);
  void (*connected) (void *owner, Ice *ice);
  void (*receive) (void *owner, Ice *ice, Bytes datagram); /* from checked pairs only */
  void (*failed) (void *owner, Ice *ice);
} IceEvents;

typedef struct IceOptions {
  bool is_controlling;
  Address only; /* gathers there alone; family ADDRESS_NONE: at every address of this machine */
  Address stun; /* a STUN server; family ADDRESS_NONE: none */
  RelayPlace relays[LIMIT_RELAYS_USED]; /* which also do what a STUN server does */
  size_t relay_count;
  bool waits_for_room; /* when the relays have none at first */
  LinkExposure exposure;
  const IceDescription *remote; /* see LinkSetup; copied */
} IceOptions;

/* Gathers at once, and is content after LIMIT_GATHER_MS with what it has. */
Ice *ice_new (Loop *loop, const IceOptions *options, const IceEvents *events, void *owner);
void ice_free (Ice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ice, ice_free)

/* After `gathered`. */
void ice_check (Ice *self, const IceDescription *remote, bool is_controlling);

/* Whether the selected pair has no relayed candidate on either side; false when there is none. */
bool ice_is_direct (const Ice *self);

/* Whether that relay keeps room for it, or may yet. */
bool ice_has_room (const Ice *self, const Address *relay);

/* See core/os/ports.h. */
void ice_report (const Ice *self, struct PathReport *ret_report);

/* The remote address of the selected pair; false when there is none. */
bool ice_get_remote (const Ice *self, Address *ret_address);

/* Over the selected pair; dropped when there is none. */
void ice_send (Ice *self, Bytes datagram);
