/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-leg.h: one call as the program sees it: the node's number for it, the object that windows
 * show, its sound and its row of the history. */
#pragma once
#include "core/phone/call-log.h"
#include "core/phone/call-private.h"
#include "core/phone/contacts.h"

typedef struct CallLeg CallLeg;

typedef struct CallLegEvents {
  /* It is about to be talked on, and no other: they are to be put on hold. */
  void (*taken) (void *user_data, const CallLeg *leg);

  /* It is in another state; `end` is how it ended just now. */
  void (*changed) (void *user_data, NodeCallEnd end);

  /* It was missed. */
  void (*missed) (void *user_data, const char *address);

  /* Nobody looks at it any more: the receiver frees it. */
  void (*closed) (void *user_data, CallLeg *leg);
} CallLegEvents;

typedef struct CallLegOptions {
  const CallMedia *media; /* NULL: no sound */
  Contacts *contacts;     /* outlives it, like the others here */
  CallLog *log;
  Line *line; /* until the leg is over, or call_leg_drop_line() */
  const char *address;
  bool is_incoming;
  guint id;                      /* of its object */
  const CallMediaOptions *sound; /* copied; NULL: the devices */
  const CallLegEvents *events;
  void *user_data;
} CallLegOptions;

/* Nothing is sent yet: call_leg_dial() or call_leg_ring() follows. */
CallLeg *call_leg_new (const CallLegOptions *options);

/* Accepts NULL. */
void call_leg_free (CallLeg *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallLeg, call_leg_free)

/* Has the node call, after `taken`. */
void call_leg_dial (CallLeg *self, const NodeCallOptions *callee);

/* NODE_EVENT_CALL_INCOMING: it rings here. */
void call_leg_ring (CallLeg *self, const NodeEvent *event);

/* Every other NODE_EVENT_CALL_* of the node's call `number`; whose that is, call_leg_is() says. */
void call_leg_on_event (CallLeg *self, const NodeEvent *event);
bool call_leg_is (const CallLeg *self, const Line *line, uint32_t number);

/* NODE_EVENT_DIAGNOSIS of its line; it does nothing when it is of something else. */
void call_leg_on_diagnosis (CallLeg *self, const Line *line, const NodeEvent *event);

/* False when the datagram is not for it. */
bool call_leg_receive (CallLeg *self, const Line *line, uint32_t link, Bytes datagram);

/* Once a second while it is not over. */
void call_leg_tick (CallLeg *self);

/* Puts it on hold when it is talked on. */
void call_leg_hold (CallLeg *self);

/* Ends it when it is of a line that is about to go, of which it then knows no more. */
void call_leg_drop_line (CallLeg *self, Line *line);

/* (transfer none) */
PealCall *call_leg_get_call (const CallLeg *self);

/* It has ended; only its object is left, for its window. */
bool call_leg_is_over (const CallLeg *self);

/* It was answered and has not ended. */
bool call_leg_is_up (const CallLeg *self);

/* Of several people with that name, for whom to call: NULL when there are no more than that. */
const UserKey *call_leg_get_owner (const CallLeg *self, size_t choice);
