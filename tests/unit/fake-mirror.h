/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fake-mirror.h: a STUN server on loopback that sees everybody at one address, as the servers
 * beyond a NAT do. */
#pragma once
#include "core/base/address.h"
#include "core/os/loop.h"

typedef struct FakeMirror FakeMirror;

/* `seen` of family ADDRESS_NONE answers nobody. */
FakeMirror *fake_mirror_new (Loop *loop, const Address *seen);
void fake_mirror_free (FakeMirror *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeMirror, fake_mirror_free)

Address fake_mirror_address (const FakeMirror *self);

/* Requests that came. */
const unsigned *fake_mirror_asked (const FakeMirror *self);
size_t fake_mirror_asked_bytes (const FakeMirror *self);
