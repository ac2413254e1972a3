/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.h: RELOAD frames as a capture file, as they would be without DTLS, and beside it what we
 * read in each of them. */
#pragma once
#include "core/wire/wire.h"

typedef struct Capture Capture;

Capture *capture_new (void);
void capture_free (Capture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Capture, capture_free)

/* The next frame, at `now` microseconds between the hosts 10.0.0.`from` and `to`. Returns what is
 * read in it: the caller appends its printed form. */
GString *capture_add (Capture *self, uint64_t now, uint16_t from, uint16_t to, Bytes frame);

/* The frames alone. False when they cannot be written. */
bool capture_write (const Capture *self, const char *path);

/* FOLDER/NAME.pcap and FOLDER/NAME.txt. */
void capture_save (const Capture *self, const char *folder, const char *name);
