/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diagnostics.h: what we tell others about this peer, and about messages that pass (RFC 7851). */
#pragma once
#include "core/overlay/incoming.h"

struct Overlay;

/* Answers a Ping; with a DiagnosticsResponse when it holds a DiagnosticsRequest. */
void diagnostics_handle_ping (struct Overlay *overlay, Incoming *request);
void diagnostics_handle_path_track (struct Overlay *overlay, Incoming *request);

/* What is wrong with a diagnostic message that came from `previous` and is to be passed on
 * (RFC 7851, 6.2). RELOAD_OK for all others, and for answers, of which expired ones are dropped by
 * whoever asked. */
ReloadCode diagnostics_judge_transit (struct Overlay *overlay,
                                      const ForwardingHeader *header,
                                      const NodeId *previous,
                                      Bytes payload);
