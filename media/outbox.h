/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox.h: datagrams on their way from GStreamer's threads to the main context. */
#pragma once
#include "core/base/bytes.h"

#include <gst/gst.h>

typedef struct Outbox Outbox;
typedef void (*OutboxFunc) (void *user_data, Bytes datagram);

/* `func` is called on the thread-default main context of the caller. */
Outbox *outbox_new (OutboxFunc func, void *user_data);

/* Nothing may be put in any more. */
void outbox_free (Outbox *self);

/* From any thread; takes the buffer. */
void outbox_put (Outbox *self, GstBuffer *datagram);

/* Bytes handed out so far; main context only. */
uint64_t outbox_bytes (const Outbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outbox, outbox_free)
