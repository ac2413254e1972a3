/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage-registration.h: where a person can be reached: the Kind SIP-REGISTRATION (RFC 7904, 3). */
#pragma once
#include "core/base/route.h"
#include "core/crypto/certificate.h"

struct Configuration;
struct Overlay;

#define KIND_SIP_REGISTRATION UINT32_C (0x1)

typedef struct RegistrationUsage RegistrationUsage;

/* One device of a person. */
typedef struct RegisteredDevice {
  NodeId node_id; /* the end of its destination list */
  Bytes uri;      /* it does not want to ring itself: calls go there; empty: they ring; borrowed */
  UserKey user_key;
  const Certificate *certificate; /* of the record's signer; borrowed */
} RegisteredDevice;

enum { REGISTERED_DEVICES = 16 };

/* How a look-up ended; borrowed until the receiver returns. */
typedef struct Registration {
  bool was_answered; /* false: nobody answered at all */
  bool is_partial;   /* there was more, whose signatures did not hold (RFC 6940, 7.4.2.2) */
  bool name_exists;  /* somebody has stored a certificate under that name */
  RegisteredDevice devices[REGISTERED_DEVICES];
  size_t device_count;
  UserKey holders[REGISTERED_DEVICES]; /* user keys of the certificates under that name */
  size_t holder_count;
  unsigned hops;
} Registration;

typedef void (*RegistrationFunc) (void *owner, uint32_t lookup, const Registration *found);

/* `is_user` false: looks up, but registers nothing. `found` gets the answers. */
RegistrationUsage *
registration_usage_new (struct Overlay *overlay, bool is_user, RegistrationFunc found, void *owner);
void registration_usage_free (RegistrationUsage *self);

/* Calls go to `address` from now on; NULL: they ring here. */
void registration_usage_forward (RegistrationUsage *self, const char *address);

/* Our registration leads through that peer from now on; NULL: straight to us. */
void registration_usage_lead (RegistrationUsage *self, const NodeId *through);

/* Whether names of `user`'s domain may be registered in an overlay of that configuration (RFC 7904,
 * 3.3). */
bool registration_is_permitted (const struct Configuration *configuration, const char *user);

/* The application of an AppAttach to that device: SIPS, unless it has told that it takes no such
 * calls (RFC 7904, 5.1). */
uint16_t registration_usage_application (const RegistrationUsage *self, const NodeId *device);

/* Somebody says that a device is reached that way; what it says itself counts more. */
void registration_usage_note_route (RegistrationUsage *self, const Route *route);

/* The way that was told last; without peers on it when none was. */
Route registration_usage_route (const RegistrationUsage *self, const NodeId *device);

/* That way led nowhere. False when there was none. */
bool registration_usage_forget_route (RegistrationUsage *self, const NodeId *device);

/* Registers this device; called whenever the node has joined. */
void registration_usage_start (RegistrationUsage *self);

/* Registers it again where that belongs now. */
void registration_usage_refresh (RegistrationUsage *self);

/* Takes the registration back, before leaving; `done` is told when that is heard, or will not be,
 * but not from inside the call. False when there is nothing to wait for. */
bool registration_usage_stop (RegistrationUsage *self, void (*done) (void *owner), void *owner);

/* Stored, or not permitted at all: there is nothing to wait for. */
bool registration_usage_is_registered (const RegistrationUsage *self);

/* `lookup` is given back with the answer, which comes exactly once and not from inside the call.
 * "Not found" is final only when two answers over different first hops agree. */
void registration_usage_lookup (RegistrationUsage *self, uint32_t lookup, const char *address);

/* The same, but the peers behind the owner, who keep copies, are asked as well, and of each record
 * the newest is taken: for whoever did not get through with what one peer said (threats 3.7). */
void registration_usage_lookup_all (RegistrationUsage *self, uint32_t lookup, const char *address);
