/* SPDX-License-Identifier: GPL-3.0-or-later */
/* invite-desk.h: where newcomers wait for a member to let them in. A request has the number of its
 * carrier. */
#pragma once
#include "core/os/carrier.h"

InviteDesk *invite_desk_new (World *world);
void invite_desk_free (InviteDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InviteDesk, invite_desk_free)

void invite_desk_set_func (InviteDesk *self, WorldInviteFunc asked, void *user_data);

/* False when too many wait. */
bool invite_desk_add (InviteDesk *self, Carrier *carrier);
void invite_desk_receive (InviteDesk *self, Carrier *carrier, Bytes bytes);
void invite_desk_answer (InviteDesk *self, Carrier *carrier, const char *invitation);
void invite_desk_gone (InviteDesk *self, uint32_t number);
