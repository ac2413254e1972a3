/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach-candidates.h: ICE descriptions in the form that Attach carries (RFC 6940, 6.5.1.1). */
#pragma once
#include "core/base/ice.h"
#include "core/wire/attach.h"

/* Our description with `listening` as the extension "listen" of the first candidate; borrows from
 * `local`, memory from the arena. */
IceCandidateList candidates_write (Arena *arena,
                                   const IceDescription *local,
                                   const Address *listening,
                                   size_t listening_count);

/* False when ufrag, password or a candidate cannot be used in ICE. Takes at most LIMIT_CANDIDATES,
 * leaves out other link types and addresses that are none. */
bool candidates_read (Bytes ufrag,
                      Bytes password,
                      const IceCandidateList *list,
                      IceDescription *ret_remote);

/* The listening addresses of the extension "listen"; at most `size`. */
size_t
candidates_read_listening (const IceCandidateList *list, Address *ret_addresses, size_t size);
