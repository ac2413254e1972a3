/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-end.h: what a person is told of a call that has ended, and what can be done about it. */
#pragma once
#include "core/node.h"
#include "core/phone/call-private.h"
#include "core/phone/contact-private.h"
#include "core/phone/contacts.h"

typedef struct CallEnd {
  NodeCallEnd end;
  unsigned duration; /* seconds */
  bool is_answered;
  bool is_doubtful; /* words differed, or were not opened */
  bool has_relays;  /* that would have let us in */
} CallEnd;

/* Nobody picked it up here, and nobody else did. */
bool call_end_is_missed (PealCall *call, const CallEnd *how);

/* The other side could not be reached, or no longer: why is worth finding out. */
bool call_end_is_failure (const CallEnd *how);

/* Several people have that name: whom to call? */
void call_end_offer (PealCall *call, Contacts *contacts, const UserKey *owners, size_t count);

/* `contact` is NULL when nobody known is at the other end. */
void call_end_show (PealCall *call, PealContact *contact, const CallEnd *how);
