/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stun.h: STUN messages (RFC 8489) as libnice's codec reads and writes them, with our addresses and
 * within our limits. */
#pragma once
#include "core/base/address.h"

#include <stun/stunagent.h>

enum { STUN_REPLY_SIZE = 1280, STUN_ID_SIZE = 12 };

/* Whether a datagram on a shared port is STUN, or the data of a TURN channel (RFC 7983, 7).
 * Channels end at 0x4fff since RFC 8656; clients of RFC 5766 have them up to 0x7fff, where nothing
 * else of ours is. */
bool stun_is_message (Bytes datagram);
bool stun_is_channel_data (Bytes datagram);

bool stun_is_binding (Bytes message);

/* Reads one whole message whose attributes are few and short enough, and whose FINGERPRINT is right
 * if it has one. Borrows the bytes. */
bool stun_read (Bytes datagram, StunMessage *ret_message);

/* The `index`th address attribute of that type, always in its XOR form. STUN_FINDING_BAD when it is
 * no address. */
typedef enum StunFinding { STUN_FINDING_NONE, STUN_FINDING_GOOD, STUN_FINDING_BAD } StunFinding;

StunFinding stun_find_address (const StunMessage *message,
                               StunAttribute type,
                               unsigned index,
                               Address *ret_address);
bool stun_append_address (StunMessage *message, StunAttribute type, const Address *address);

/* The answer to a Binding request of `from`; 0 when it deserves none. */
size_t stun_answer_binding (Bytes request, const Address *from, uint8_t ret_reply[STUN_REPLY_SIZE]);

/* A Binding request with this transaction id. */
Bytes stun_ask_binding (const uint8_t id[STUN_ID_SIZE], uint8_t ret_request[STUN_REPLY_SIZE]);

/* Whether it is the good answer to a Binding request; then where that one seemed to come from. */
bool stun_read_binding (Bytes answer, const uint8_t id[STUN_ID_SIZE], Address *ret_seen);
