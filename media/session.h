/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h: the sound of one call. */
#pragma once
#include "core/phone/call-media.h"

typedef struct Session Session;

/* The ids are those of the devices to use, empty for the defaults. */
Session *session_new (const CallMediaOptions *options,
                      const char *microphone_id,
                      const char *speaker_id,
                      const CallMediaEvents *events,
                      void *user_data);
void session_free (Session *self);
void
session_start (Session *self, const SrtpKeys *keys, const MediaCodec *codecs, size_t codec_count);
void session_receive (Session *self, Bytes datagram);
void session_set_direction (Session *self, bool is_sending, bool is_receiving);
void session_set_muted (Session *self, bool is_muted);
void session_send_digit (Session *self, char digit);
void session_set_device (Session *self, CallMediaDirection direction, const char *id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)
