/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound-server.h: a PulseAudio of our own, with null sinks for loudspeakers and microphones.
 *
 * For each letter of `phones`: sink X_out (the speaker; listen at X_out.monitor) and source X_mic
 * (the microphone; speak into sink X_in). */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct SoundServer SoundServer;

/* False when there is no pulseaudio to be started. */
bool sound_server_is_installed (void);

/* Sets PULSE_SERVER for this process and those it starts. Call before any use of sound: a process
 * sees one server address in its life. */
SoundServer *sound_server_new (const char *phones);

/* Sets PULSE_SERVER to an address at which nobody listens; start brings the server up there. */
SoundServer *sound_server_new_stopped (const char *phones);
void sound_server_start (SoundServer *self);
void sound_server_stop (SoundServer *self);
void sound_server_free (SoundServer *self);

/* pactl with these arguments, the last NULL; its trimmed output, g_free() it. */
char *sound_server_control (SoundServer *self, ...) G_GNUC_NULL_TERMINATED;

/* Starts to speak a WAV or raw file into phone `letter`; ends by itself or with the server. */
void sound_server_speak (SoundServer *self, char letter, const char *raw_path);
const char *sound_server_folder (SoundServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoundServer, sound_server_free)
