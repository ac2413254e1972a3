/* SPDX-License-Identifier: GPL-3.0-or-later */
/* carrier-private.h: the inside of a carrier, for the files that make it up. */
#pragma once
#include "core/os/carrier.h"
#include "core/os/dtls.h"
#include "core/os/ice.h"
#include "core/os/silence.h"
#include "core/os/tls-stream.h"
#include "core/os/trial.h"

typedef enum CarrierState {
  CARRIER_OPENING,
  CARRIER_UP,
  CARRIER_ENDING,
  CARRIER_CLOSED
} CarrierState;

typedef struct NoIce NoIce;

struct Carrier {
  ListLink all;
  World *world;
  uint32_t number;
  CarrierState state;
  LinkEnd end;
  LinkPurpose purpose;
  bool is_incoming;
  bool is_newcomer;
  bool is_server;
  bool was_up;
  bool is_checking; /* link_check() has been called */
  Timer deadline;
  Timer turn;
  Path path;              /* owner NULL when it is not over a listener */
  Listener *listener;     /* of the path; the world's or ours */
  Listener *own_listener; /* owned, or NULL */
  Address peer;
  int fd; /* own UDP socket, or -1 */
  GSource *readable;
  NoIce *no_ice;           /* owned; of a link without ICE until it is up */
  Carrier *parent;         /* the link that this is an attempt for, or NULL */
  GByteArray *early_bytes; /* of an attempt: what a stream brought before it was chosen; or NULL */
  Ice *ice;
  Ice *next;           /* another way for a media link that stands, or NULL */
  bool is_trying;      /* it is connected */
  bool has_ice_failed; /* the way in use, meanwhile */
  Trial trial;
  Timer trial_timer;
  GPtrArray *retired; /* sessions to be freed in the next turn */
  GQueue early;       /* of GBytes: DTLS that came before ICE was up on our side */
  uint8_t fingerprint[CERTIFICATE_HASH_SIZE];
  Silence silence; /* of media */
  bool is_silent;
  Dtls *dtls;
  TlsStream *stream;
};

void carrier_fail (Carrier *self, LinkEnd end);

/* Does what has to wait until nobody is inside it. */
void carrier_turn_later (Carrier *self);

void carrier_set_state (Carrier *self, CarrierState state);

/* It asks to be let in: the desk counts it, not the world. While it is CARRIER_OPENING. */
void carrier_make_newcomer (Carrier *self);

/* Plain bytes of a link. */
void carrier_receive (Carrier *self, Bytes bytes);

/* Its number means nothing any more. */
void carrier_forget (Carrier *self);

/* SRTP or SRTCP (RFC 5764, 5.1.2). */
bool carrier_is_sound (Bytes datagram);

/* It stands, with the peer of that certificate (NULL for media). */
void carrier_up (Carrier *self, Certificate *certificate);

/* ---- Another way for a media link that stands (carrier-trial.c) ---- */
void carrier_trial_init (Carrier *self);

/* Takes `ice`, which gathers. */
void carrier_trial_gather (Carrier *self, Ice *ice);
void carrier_trial_check (Carrier *self, const IceDescription *remote, bool is_first);
void carrier_trial_connected (Carrier *self);
void carrier_trial_failed (Carrier *self);

/* Sound came over one of the sessions, and goes out: over the other way too, if it is time. */
void carrier_trial_hear (Carrier *self, const Ice *ice);
void carrier_trial_send (Carrier *self, Bytes datagram);

/* ---- Without ICE (carrier-no-ice.c) ---- */
void no_ice_gather (Carrier *self, const LinkSetup *setup);
void no_ice_check (Carrier *self, const IceDescription *remote, const LinkSetup *setup);

/* An attempt has come up, or to its end. */
void no_ice_attempt_up (Carrier *attempt);
void no_ice_attempt_ended (Carrier *self, LinkEnd end);

/* Closes its attempts. */
void no_ice_free (Carrier *self);

/* Takes `ssl`. */
void carrier_begin_dtls (Carrier *self, SSL *ssl);

/* ---- TLS over TCP (carrier-tls.c) ---- */

/* Takes `fd`, which may be still connecting. */
void carrier_begin_tls (Carrier *self, int fd, bool is_server);
