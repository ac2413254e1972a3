/* SPDX-License-Identifier: GPL-3.0-or-later */
/* link.h: one overlay link: the Framing Header and Simple Reliability (RFC 6940, 6.6.2 and 6.6.3).
 */
#pragma once
#include "core/base/list.h"
#include "core/base/ports.h"
#include "core/crypto/certificate.h"

typedef struct Link Link;
typedef struct LinkWork LinkWork;

/* What all links of one node share. */
typedef struct LinkHost {
  const NodePorts *ports;

  /* A datagram, or the next bytes of the stream, for the other end. */
  void (*send) (Link *link, Bytes bytes);

  /* A whole message; possibly one that came before, if its acknowledgement was lost. */
  void (*message) (Link *link, Bytes message);

  /* Acknowledgements stay away (suspected), or come again. */
  void (*suspected) (Link *link, bool is_suspected);

  /* That message has been sent, or waits behind one that has, again and again without an answer: it
   * may go another way as well. Told once of each. */
  void (*stalled) (Link *link, Bytes message);

  /* Given up: five sends of one message without an answer, too many framing errors, or a queue that
   * is too long. The owner closes and clears it, at the earliest when the caller has returned. */
  void (*failed) (Link *link);

  /* link_woken() is to be called at `due` and not before, whatever was said last; TIME_NEVER: not
   * at all. */
  void (*wake) (Link *link, uint64_t due);
} LinkHost;

/* One hop of the overlay, or the direct link of an application (AppAttach). The world has finished
 * DTLS or TLS when a link is made. It lives inside its owner; the members are private to link.c. */
struct Link {
  const LinkHost *host;
  Certificate *peer; /* owned reference */
  LinkWork *work;    /* owned; NULL while nothing is on its way, and no error counts */
  uint64_t last_heard;
  uint64_t history; /* bit i: newest - i was received; 0 before the first */
  uint32_t newest;  /* the highest sequence number received */
  uint32_t next_sequence;
  uint32_t srtt;
  uint32_t rttvar;
  uint32_t probe_period;
  uint8_t window;
  uint8_t acknowledged; /* since the window last grew */
  bool is_stream : 1;
  bool asks_second : 1; /* for signs of life */
  bool is_suspected : 1;
  bool has_failed : 1;
  bool is_overfull : 1;  /* more waits than may: it fails in the next turn */
  bool is_demanding : 1; /* a sign of life, and none has come since */
};

/* `host` outlives the link. */
void link_init (Link *self, const LinkHost *host, Certificate *peer, bool is_stream);
void link_clear (Link *self);

/* The certificate that the other end has proved to own. */
Certificate *link_certificate (const Link *self);

/* Sends one message, at most link_message_size_max() long. Nothing is reported from inside. */
void link_send (Link *self, Bytes message);

/* Sends what still waits for its turn: the last that is done before the link is closed. */
void link_flush (Link *self);

/* What fits into one frame: one datagram, or what a stream may carry. */
size_t link_message_size_max (const Link *self);

/* What came from the world: a datagram, or the next bytes of the stream. */
void link_receive (Link *self, Bytes bytes);

/* It is time (LinkHost). */
void link_woken (Link *self);

/* Asks for a sign of life after `period` microseconds of silence: an empty data frame, which the
 * other side acknowledges. 0 stops it. */
void link_set_probe (Link *self, uint64_t period);

/* Asks for a sign of life now, and fails soon when there is none. */
void link_demand (Link *self);

/* Leaves the other end a moment to do so first; before link_set_probe(). */
void link_ask_second (Link *self);

/* Smoothed round-trip time in microseconds, 0 before the first measurement. */
uint64_t link_rtt (const Link *self);

bool link_is_suspected (const Link *self);
uint64_t link_heard_at (const Link *self);

/* Whether nothing waits and nothing is unacknowledged. */
bool link_is_idle (const Link *self);
