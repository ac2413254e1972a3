/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate.h: what may come near the SIP library. */
#pragma once
#include "core/base/bytes.h"

struct osip_message;

enum { GATE_GOOD = 0, GATE_DROP = -1 };

/* Judges a whole message and parses it. GATE_GOOD; or the status with which this request is to be
 * refused; or GATE_DROP. Unless it is GATE_DROP, *ret_message is the caller's and has Via, From,
 * To, Call-ID and CSeq; when it is GATE_GOOD, also a branch. */
int gate_check (Bytes text, struct osip_message **ret_message);
