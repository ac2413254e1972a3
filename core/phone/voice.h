/* SPDX-License-Identifier: GPL-3.0-or-later */
/* voice.h: the sound of one call: a media session, and what of it people see. */
#pragma once
#include "core/phone/call-media.h"
#include "core/phone/call-private.h"

typedef struct Voice Voice;

typedef struct VoiceEvents {
  /* A protected datagram for the other side. */
  void (*send) (void *user_data, Bytes datagram);
  void (*first_sound) (void *user_data);

  /* By the other side's reports, again with each of ours: it hears us, or it does not. */
  void (*heard) (void *user_data, bool is_heard);

  /* Whether the datagrams take the way over a relay now. */
  bool (*is_relayed) (void *user_data);
} VoiceEvents;

/* Opens the devices, or with `options` what stands in their place. */
Voice *voice_new (const CallMedia *media,
                  const CallMediaOptions *options,
                  PealCall *call,
                  const VoiceEvents *events,
                  void *user_data);
void voice_free (Voice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Voice, voice_free)

/* Starts, or goes on with other keys or codecs. */
void voice_start (Voice *self, const SrtpKeys *keys, const MediaCodec *codecs, size_t codec_count);
bool voice_is_started (const Voice *self);
void voice_receive (Voice *self, Bytes datagram);
void voice_set_muted (Voice *self, bool is_muted);
void voice_set_hold (Voice *self, bool is_held, bool is_held_by_peer);
void voice_send_digit (Voice *self, char digit);

/* The last window; zeros before the first. */
const CallMediaQuality *voice_get_quality (const Voice *self);
