/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fake-phone.h: core/phone/phone.h without a network: real models, and a hand that moves them.
 *
 * It says on standard output what it was asked for, one line each: "dial bob@home". */
#pragma once
#include "core/node.h"
#include "core/phone/phone.h"

PealPhone *fake_phone_new (void);
void fake_phone_add_account (PealPhone *self);
void fake_phone_add_people (PealPhone *self);
void fake_phone_add_requests (PealPhone *self);
void fake_phone_add_nearby (PealPhone *self, const char *label, unsigned peers);

/* Others cannot reach the phone but through two of them. */
void fake_phone_seclude (PealPhone *self);

void fake_phone_add_history (PealPhone *self);

/* A call from Bob; (transfer none). */
PealCall *fake_phone_ring (PealPhone *self);

/* Full of sound: levels, quality, security. */
void fake_phone_talk (PealPhone *self, PealCall *call);
/* It ends with two people to choose from. */
void fake_phone_offer_choices (PealPhone *self, PealCall *call);
void fake_phone_end (PealPhone *self, PealCall *call, NodeCallEnd end);
