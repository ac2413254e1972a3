/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inquiry.h: asking other nodes how they are, and the way to them (RFC 7851). */
#pragma once
#include "core/overlay/finding.h"

struct Overlay;

typedef struct Inquiries Inquiries;

/* Called once for each inquiry, never from inside the call that began it. `findings` is borrowed.
 */
typedef void (*InquiryFunc) (void *owner, uint32_t number, const Findings *findings);

Inquiries *inquiries_new (struct Overlay *overlay, InquiryFunc done, void *owner);
void inquiries_free (Inquiries *self);

/* Whether that node is there at all, in as few messages as may be. */
void inquiry_probe (Inquiries *self, uint32_t number, const NodeId *target);

/* One diagnostic Ping of that node. */
void inquiry_ping (Inquiries *self, uint32_t number, const NodeId *target);

/* Every peer that a message to that node would pass, asked one after another. */
void inquiry_path (Inquiries *self, uint32_t number, const NodeId *target);
