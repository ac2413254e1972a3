/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-media.h: the media port. What the phone asks of sound, and what sound reports back.
 *
 * Media never sees a socket, a certificate or SDP: it is given SRTP keys and datagrams and gives
 * datagrams back. Everything here happens on the main context's thread. `app` plugs the one
 * implementation (media/media.h) into the phone; tests plug others. */
#pragma once
#include "core/base/bytes.h"
#include "core/base/codec.h"

typedef struct CallMediaSession CallMediaSession; /* private to the implementation */

/* SRTP protection profiles (RFC 5764, 4.1.2 and RFC 7714, 14.2). */
typedef enum SrtpProfile {
  SRTP_AES128_CM_SHA1_80 = 0x0001,
  SRTP_AEAD_AES_128_GCM = 0x0007,
} SrtpProfile;

/* Master key followed by master salt, each way; 30 or 28 bytes of it count, by profile. */
typedef struct SrtpKeys {
  SrtpProfile profile;
  uint8_t send[30];
  uint8_t receive[30];
} SrtpKeys;

/* What can go wrong with sound; a call goes on without it. */
typedef enum CallMediaFault {
  CALL_MEDIA_NO_MICROPHONE,
  CALL_MEDIA_NO_SPEAKER,
  CALL_MEDIA_MICROPHONE_BUSY,
  CALL_MEDIA_NO_SOUND_SERVER,
  CALL_MEDIA_BROKEN, /* the pipeline failed; the detail goes to the log */
} CallMediaFault;

/* Whether the peer hears us, by its own reports. */
typedef enum CallMediaHearing {
  CALL_MEDIA_HEARING_UNKNOWN, /* it has not said */
  CALL_MEDIA_HEARING_HEARD,
  CALL_MEDIA_HEARING_UNHEARD, /* nothing of ours arrives there any more, or ever did */
} CallMediaHearing;

/* A three-second window, refreshed once a second. */
typedef struct CallMediaQuality {
  double loss_received; /* 0..1, after RED has repaired what it can */
  double loss_sent;     /* 0..1, as the peer reports it; -1 before the first report */
  double jitter_ms;
  double jitter_sent_ms; /* as the peer reports it; -1 before the first report */
  double rtt_ms;         /* -1 before the first report */
  double bitrate_sent;   /* bit/s */
  double bitrate_received;
  double silence_s;          /* how long no RTP has come */
  CallMediaHearing hearing;  /* on hold it means nothing */
  bool is_microphone_silent; /* below -60 dBFS for 8 s while not muted */
  bool is_speaking_muted;
} CallMediaQuality;

/* How the implementation reports; called on the main context, never from inside a call to it. All
 * are set. */
typedef struct CallMediaEvents {
  void (*send) (void *user_data, Bytes datagram);
  void (*level) (void *user_data,
                 double microphone_db,
                 double speaker_db); /* dBFS, 10 times a second */
  void (*quality) (void *user_data, const CallMediaQuality *quality);
  void (*first_sound) (void *user_data); /* once: the first decoded audio reaches the speaker */
  void (*digit) (void *user_data, char digit); /* RFC 4733, received */
  void (*fault) (void *user_data, CallMediaFault fault);
} CallMediaEvents;

typedef enum CallMediaTone {
  CALL_MEDIA_TONE_NONE,
  CALL_MEDIA_TONE_RING,     /* on the ring device */
  CALL_MEDIA_TONE_RINGBACK, /* on the speaker */
  CALL_MEDIA_TONE_BUSY,     /* once, then silence */
} CallMediaTone;

typedef enum CallMediaDirection { CALL_MEDIA_INPUT, CALL_MEDIA_OUTPUT } CallMediaDirection;

typedef struct CallMediaDevice {
  char *id;   /* stable, what the settings remember */
  char *name; /* for people */
  CallMediaDirection direction;
  bool is_default;
} CallMediaDevice;

/* Files and loops in place of devices, for peal-node. */
typedef struct CallMediaOptions {
  const char *play_path;   /* WAV to speak instead of the microphone, or NULL */
  const char *record_path; /* WAV to write what is heard to, or NULL */
  bool is_echo;            /* sends back what it hears */
  bool is_silent;          /* no devices at all: speaks silence, listens to nothing */
} CallMediaOptions;

typedef struct CallMedia {
  void *media; /* first argument of the functions below */

  /* Preferred first, with the payload types we offer; the list lives as long as `media`. */
  const MediaCodec *(*codecs) (void *media, size_t *ret_count);

  /* Opens the devices at once: it takes up to a second, and it rings meanwhile. NULL for
   * `options`: nothing but the devices. */
  CallMediaSession *(*session_new) (void *media,
                                    const CallMediaOptions *options,
                                    const CallMediaEvents *events,
                                    void *user_data);
  void (*session_free) (CallMediaSession *session);

  /* Connects the network side. `codecs` is what both sides agreed on, with the payload types to
   * send; the first is the voice codec. May be called again with new keys or codecs (re-INVITE). */
  void (*session_start) (CallMediaSession *session,
                         const SrtpKeys *keys,
                         const MediaCodec *codecs,
                         size_t codec_count);
  void (*session_receive) (CallMediaSession *session, Bytes datagram);
  void (*session_set_direction) (CallMediaSession *session, bool is_sending, bool is_receiving);
  void (*session_set_muted) (CallMediaSession *session, bool is_muted);
  void (*session_send_digit) (CallMediaSession *session, char digit);

  /* At most one tone at a time in the whole program. */
  void (*set_tone) (void *media, CallMediaTone tone);

  /* An empty id means the sound server's default. Takes effect on running sessions. */
  void (*set_device) (void *media, CallMediaDirection direction, const char *id);
  void (*set_ring_device) (void *media, const char *id);

  /* The devices present now; `changed` is called when that list changes. Freed with
   * call_media_device_free() each and g_ptr_array_unref(). */
  GPtrArray *(*devices) (void *media);
  void (*watch_devices) (void *media, void (*changed) (void *user_data), void *user_data);

  /* The sound check: level of the microphone ten times a second until it is stopped with NULL;
   * record_and_play() takes three seconds from the microphone and plays them back. */
  void (*watch_microphone) (void *media,
                            void (*level) (void *user_data, double db),
                            void *user_data);
  void (*record_and_play) (void *media,
                           void (*done) (void *user_data, bool was_heard),
                           void *user_data);
} CallMedia;

void call_media_device_free (CallMediaDevice *device);

/* With paths of its own; NULL of NULL. */
CallMediaOptions *call_media_options_copy (const CallMediaOptions *options);
void call_media_options_free (CallMediaOptions *options);
