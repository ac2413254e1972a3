/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user-agent.h: the SIP half of a node (RFC 3261, RFC 7904): calls and presence over direct links.
 *
 * SIP state belongs to a pair: own and peer Node-ID. The links under it come and go; a message for
 * a pair without a link waits, and the delegate is asked for one. Calls are in session.h, presence
 * in presence.h.
 *
 * Events are delivered from inside the functions of this folder and from timers. Their receiver may
 * call back into session.h and presence.h, but not into the functions below. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/certificate.h"
#include "core/sip/media-description.h"

typedef struct UserAgent UserAgent;

/* Why a call ended. */
typedef enum SessionEnd {
  SESSION_END_HUNG_UP,     /* by either side, after it was up */
  SESSION_END_DECLINED,    /* 603 */
  SESSION_END_BUSY,        /* 486, 600 */
  SESSION_END_NO_ANSWER,   /* rang long enough, 480 or 408 */
  SESSION_END_CANCELLED,   /* the caller gave up while it rang */
  SESSION_END_ELSEWHERE,   /* another device of the callee answered */
  SESSION_END_NOT_FOUND,   /* 404, 410, 604: the device knows no such user */
  SESSION_END_UNREACHABLE, /* no link could be made to any device */
  SESSION_END_REFUSED,     /* 403: they have refused us */
  SESSION_END_NO_CODEC,    /* 488, 606, or an answer that nobody can use */
  SESSION_END_LOST,        /* the other side vanished */
  SESSION_END_MOVED,       /* 302: they are reached elsewhere */
  SESSION_END_FAILED,      /* anything else */
} SessionEnd;

/* What is known of a person's presence; of several devices the most telling one counts. */
typedef enum PresenceState {
  PRESENCE_UNKNOWN, /* not asked, or the link is lost */
  PRESENCE_PENDING, /* the person has not decided about us */
  PRESENCE_REFUSED,
  PRESENCE_OFFLINE,
  PRESENCE_AWAY,
  PRESENCE_AVAILABLE,
  PRESENCE_DO_NOT_DISTURB,
  PRESENCE_IN_CALL,
} PresenceState;

typedef enum PresenceDecision {
  PRESENCE_UNDECIDED,
  PRESENCE_ACCEPTED,
  PRESENCE_REJECTED,
} PresenceDecision;

/* Numbers of calls that others make to us have this bit; the node's own do not. */
#define SESSION_INCOMING UINT32_C (0x80000000)

typedef enum SipEventType {
  SIP_EVENT_INCOMING, /* a call: everything up to `is_server` is set; see session.h */
  SIP_EVENT_RINGING,  /* the device `peer` rings */
  SIP_EVENT_MEDIA,    /* `peer` described its end: `media`, `is_server`. Check and connect */
  SIP_EVENT_OFFER,    /* `peer` restarts ICE: gather anew, session_answer(), then MEDIA comes */
  SIP_EVENT_UP,       /* `peer` answered; its MEDIA came before */
  SIP_EVENT_LEG_GONE, /* nothing more will come of the device `peer`: close its media */
  SIP_EVENT_WORDS,    /* `words` to compare, `user_key` they speak for; may come before UP */
  SIP_EVENT_HOLD,     /* `is_local`, `is_remote` */
  SIP_EVENT_LOST,     /* the link of an answered call went down and is being mended */
  SIP_EVENT_MENDED,
  SIP_EVENT_ENDED,    /* `end`, `status`; the number is forgotten */
  SIP_EVENT_PRESENCE, /* `address`, `presence`, `user_key` when somebody answered */
  SIP_EVENT_REQUEST,  /* `address`, `display_name`, `user_key`: asks to be accepted as a buddy */
} SipEventType;

/* All pointers are borrowed until the receiver returns. */
typedef struct SipEvent {
  SipEventType type;
  uint32_t call;
  const NodeId *peer;       /* the device */
  const char *address;      /* of the certificate: the real other side, canonical */
  const char *display_name; /* secondary text, cleaned, may be empty */
  const UserKey *user_key;
  const MediaDescription *media; /* of the peer; its codecs are those agreed upon */
  bool is_server;                /* our DTLS role towards that peer */
  bool is_local;                 /* we hold them */
  bool is_remote;                /* they hold us */
  const uint16_t *words;         /* SAFETY_WORDS; NULL: the other side broke its word */
  SessionEnd end;
  int status; /* the SIP status that decided, or 0 */
  PresenceState presence;
} SipEvent;

/* None of these may call back into this folder, but for `event` as said above. */
typedef struct UserAgentDelegate {
  /* One frame for the link to `peer`, which stands. */
  void (*send) (void *user_data, const NodeId *peer, Bytes frame);

  /* Something waits for `peer`: make a link; user_agent_link_up() or _link_failed() must follow. */
  void (*want_link) (void *user_data, const NodeId *peer);

  /* What this person thinks of `address` with that key: whoever is rejected gets 403. */
  PresenceDecision (*decide) (void *user_data, const char *address, const UserKey *user_key);
  void (*event) (void *user_data, const SipEvent *event);
} UserAgentDelegate;

typedef struct UserAgentOptions {
  const NodePorts *ports;            /* outlives the user agent */
  const UserAgentDelegate *delegate; /* outlives the user agent */
  void *user_data;                   /* first argument of the delegate's functions */
  const char *address;               /* user@instance-name; copied, like the next two */
  const char *display_name;
  NodeId node_id;
  UserKey user_key;
} UserAgentOptions;

UserAgent *user_agent_new (const UserAgentOptions *options);

/* Without a word to anybody; see user_agent_stop(). */
void user_agent_free (UserAgent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UserAgent, user_agent_free)

/* Hangs up, and tells those who watch us that we are gone, as far as links stand. */
void user_agent_stop (UserAgent *self);

/* The audio formats that we understand, preferred first, with the payload types that we offer;
 * borrowed: they outlive the user agent. */
void user_agent_set_codecs (UserAgent *self, const MediaCodec *codecs, size_t count);

/* ---- Links ---- */

/* A link to `peer` stands, made by either side; it takes the place of one that stood before.
 * `certificate` is the one that its handshake has proved, and names `peer`. */
void user_agent_link_up (UserAgent *self, const NodeId *peer, const Certificate *certificate);

/* `is_lost`: it went silent; false: it was closed in good order, by whomever. */
void user_agent_link_down (UserAgent *self, const NodeId *peer, bool is_lost);

/* The answer to want_link() when none could be made. `may_come`: nobody knows the peer, which may
 * have come a moment ago; it is asked for once more soon. */
void user_agent_link_failed (UserAgent *self, const NodeId *peer, bool may_come);

void user_agent_receive (UserAgent *self, const NodeId *peer, Bytes frame);

/* Whether the link to `peer` carries a call or waits for an answer. Presence alone can do without.
 */
bool user_agent_needs_link (const UserAgent *self, const NodeId *peer);

/* ---- Looking at it ---- */

/* What was refused or dropped, by reason. */
typedef struct SipCounters {
  uint64_t received;
  uint64_t malformed;       /* fell at the gate */
  uint64_t flood;           /* beyond the rate of one pair */
  uint64_t identity;        /* From or Contact is not the certificate's user */
  uint64_t unknown_dialog;  /* 481 */
  uint64_t invites_refused; /* too many */
  uint64_t queue_dropped;   /* messages that found no link */
} SipCounters;

const SipCounters *user_agent_counters (const UserAgent *self);
