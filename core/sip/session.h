/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h: calls (RFC 3261, 13 to 15).
 *
 * A call that we make has a leg for each device of the callee; the first to answer is the call, the
 * others are cancelled. The media of each leg is its own: the caller of these functions gathers
 * for each device and hands the description over when it is ready.
 *
 *   session_invite() -> session_offer() for each device -> RINGING, MEDIA -> UP -> ENDED
 *   INCOMING -> session_ring() -> session_answer() -> UP -> ENDED
 *
 * Of a MediaDescription given in, only `ice`, `fingerprint` and `tls_id` count; the rest is decided
 * here. All functions ignore calls and devices that have ended, and may be called from an event. */
#pragma once
#include "core/sip/user-agent.h"

/* How long a lost link of an answered call is sought anew before the call is over. */
enum { SESSION_MEND_S = 32 };

typedef struct SessionDevice {
  NodeId node_id;
  const char *address; /* whose device it is: differs from the dialled address when forwarded */
} SessionDevice;

/* Starts call number `call` to `address`; at most LIMIT_CALL_DEVICES devices are rung. */
void session_invite (
  UserAgent *ua, uint32_t call, const char *address, const SessionDevice *devices, size_t count);

/* The media for one device is gathered: its INVITE goes out. */
void
session_offer (UserAgent *ua, uint32_t call, const NodeId *device, const MediaDescription *media);

/* There will be none: that device cannot be rung. */
void session_skip (UserAgent *ua, uint32_t call, const NodeId *device);

/* We ring. With `answer` (may be NULL) media can connect meanwhile. */
void session_ring (UserAgent *ua, uint32_t call, const MediaDescription *answer);

/* Answers a call, or an OFFER within it. NULL repeats what session_ring() said. */
void session_answer (UserAgent *ua, uint32_t call, const MediaDescription *answer);

/* 488 to an OFFER within a call, which goes on as it was. */
void session_refuse (UserAgent *ua, uint32_t call);

/* 603, or 486 when `is_busy`. */
void session_decline (UserAgent *ua, uint32_t call, bool is_busy);

/* 302: the caller is to call `address` instead. ENDED comes from inside. */
void session_redirect (UserAgent *ua, uint32_t call, const char *address);

/* Hangs up, gives up or declines, as the call's state wants it. ENDED comes from inside. */
void session_end (UserAgent *ua, uint32_t call);

/* HOLD tells when it is done. */
void session_hold (UserAgent *ua, uint32_t call, bool is_held);

/* Restarts ICE on an answered call with a freshly gathered description; MEDIA brings the other's.
 */
void session_restart (UserAgent *ua, uint32_t call, const MediaDescription *media);
