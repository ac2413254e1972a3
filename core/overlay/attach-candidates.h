/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach-candidates.h: ICE descriptions in the form that Attach carries (RFC 6940, 6.5.1.1). */
#pragma once
#include "core/base/ports.h"
#include "core/overlay/configuration.h"
#include "core/wire/attach.h"

/* The transports that stand in for ICE in that overlay, as LinkSetup has them: 0 when it uses ICE.
 */
uint8_t candidates_no_ice (const Configuration *configuration);

/* Our description with `listening` as the extension "listen" of the first candidate; borrows from
 * `local`, memory from the arena. */
IceCandidateList candidates_write (Arena *arena,
                                   const IceDescription *local,
                                   const Address *listening,
                                   size_t listening_count);

/* False when nothing of it can be used: by ICE with `no_ice` 0, which needs a good ufrag and
 * password, else by those transports. Takes at most LIMIT_CANDIDATES, leaves out other link types
 * and addresses that are none. */
bool candidates_read (uint8_t no_ice,
                      Bytes ufrag,
                      Bytes password,
                      const IceCandidateList *list,
                      IceDescription *ret_remote);

/* The listening addresses of the extension "listen"; at most `size`. */
size_t
candidates_read_listening (const IceCandidateList *list, Address *ret_addresses, size_t size);
