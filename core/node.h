/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node.h: the pure core's only door. It joins overlay and SIP into one node of one overlay.
 *
 * Everything that goes in is a call of a node_*() function; everything that comes out is either a
 * call of a port (core/base/ports.h) or one NodeEvent. The events are delivered from inside
 * node_*() calls and timers, so their receiver must not free the node from there, but may call back
 * into everything marked (re-entrant). */
#pragma once
#include "core/base/codec.h"
#include "core/base/ports.h"
#include "core/crypto/certificate.h"
#include "core/overlay/finding.h"
#include "core/overlay/redir-search.h"
#include "core/overlay/usage-turn.h"

typedef struct Node Node;
struct Configuration; /* core/overlay/configuration.h */

/* How a node stands towards its overlay. */
typedef enum NodeState {
  NODE_OFF,
  NODE_LOOKING,     /* no other peer yet, trying everything it knows */
  NODE_JOINING,     /* a bootstrap connection stands */
  NODE_ALONE,       /* a ring of one, still looking */
  NODE_READY,       /* joined, registered */
  NODE_EXPIRED,     /* the configuration has, and no member has a newer one yet */
  NODE_DUPLICATE,   /* another copy of this identity is on the air; this one has stopped */
  NODE_UNSUPPORTED, /* the overlay asks for what this program cannot do; it has left */
} NodeState;

/* Whom a phone sees as available (RFC 3856, 6). */
typedef enum NodePresence {
  NODE_PRESENCE_UNKNOWN, /* not asked, or the link is lost: "Not confirmed" */
  NODE_PRESENCE_PENDING, /* the other person has not decided */
  NODE_PRESENCE_REFUSED,
  NODE_PRESENCE_OFFLINE,
  NODE_PRESENCE_AVAILABLE,
  NODE_PRESENCE_AWAY,
  NODE_PRESENCE_DO_NOT_DISTURB,
  NODE_PRESENCE_IN_CALL,
} NodePresence;

/* After NODE_CALL_LOST: what is not mended by then has ended, if it was not before. */
enum { NODE_CALL_MEND_S = 32 };

typedef enum NodeCallState {
  NODE_CALL_LOOKING,    /* resolving the address */
  NODE_CALL_CONNECTING, /* ICE and DTLS of the SIP link */
  NODE_CALL_RINGING,    /* 180 came, or was sent */
  NODE_CALL_UP,         /* 200 and ACK */
  NODE_CALL_LOST,       /* nothing arrives; being mended */
  NODE_CALL_ENDED,
} NodeCallState;

/* Why a call ended; core/phone/words-call.c has the sentence for each. */
typedef enum NodeCallEnd {
  NODE_CALL_END_NONE,
  NODE_CALL_END_HUNG_UP,         /* by either side, after it was up */
  NODE_CALL_END_DECLINED,        /* 603 */
  NODE_CALL_END_BUSY,            /* 486 */
  NODE_CALL_END_NO_ANSWER,       /* rang for 45 s, 480 or 408 */
  NODE_CALL_END_CANCELLED,       /* the caller gave up while it rang */
  NODE_CALL_END_ELSEWHERE,       /* answered on another device of the callee */
  NODE_CALL_END_NO_SUCH_NAME,    /* nobody is registered there and nobody has that name */
  NODE_CALL_END_OFFLINE,         /* the name exists, no device is registered */
  NODE_CALL_END_UNREACHABLE,     /* registered, but no path to it */
  NODE_CALL_END_FORWARDED,       /* their calls go elsewhere, where nobody can be rung */
  NODE_CALL_END_NO_MEDIA_PATH,   /* SIP works, ICE for sound does not */
  NODE_CALL_END_KEY_CHANGED,     /* registered by another user key than the pinned one */
  NODE_CALL_END_SEVERAL_OWNERS,  /* no pin, and `owners` have that name: whom to call? */
  NODE_CALL_END_BAD_IDENTITY,    /* a certificate or signature did not check */
  NODE_CALL_END_NOT_CONFIRMED,   /* 403: they have not accepted us */
  NODE_CALL_END_NO_COMMON_CODEC, /* 488 */
  NODE_CALL_END_LOST,            /* the other side vanished */
  NODE_CALL_END_NOT_CONNECTED,   /* we are not on the air */
  NODE_CALL_END_FAILED,          /* anything else; `status` has the SIP code */
} NodeCallEnd;

typedef enum NodeEventType {
  NODE_EVENT_STATE,          /* state */
  NODE_EVENT_CONFIGURATION,  /* a newer configuration document was adopted: `document` */
  NODE_EVENT_NAME_TAKEN,     /* another user key has stored a certificate under our address */
  NODE_EVENT_PEER_LISTENING, /* listening addresses of an attached peer: `peer` */
  NODE_EVENT_LOOKUP,         /* answer to node_lookup(): `lookup` */
  NODE_EVENT_DIAGNOSIS,      /* answer to node_diagnose(): `diagnosis` */
  NODE_EVENT_SERVICE,        /* answer to node_service_find(): `service` */
  NODE_EVENT_RELAYS,         /* answer to node_find_relays(): `relays` */
  NODE_EVENT_CALL_INCOMING,  /* `call`: somebody rings; call.address, call.user_key are set */
  NODE_EVENT_CALL_STATE,     /* `call` */
  NODE_EVENT_CALL_MEDIA, /* `media`: keys can be had of link media.link; start or restart sound */
  NODE_EVENT_CALL_WORDS, /* `words`: to be compared; may come before the call is up */
  NODE_EVENT_CALL_HOLD,  /* `hold` */
  NODE_EVENT_PRESENCE,   /* `presence` of a subscribed buddy */
  NODE_EVENT_REQUEST,    /* `request`: somebody wants to be a buddy */
  NODE_EVENT_CLOCK,      /* our clock is off by `clock_offset_ms` from the median of neighbours */
} NodeEventType;

enum { NODE_CODECS_MAX = 8, NODE_LOOKUP_DEVICES = 16, NODE_ADDRESS_SIZE = 160 };

typedef struct NodeEvent {
  NodeEventType type;

  union {
    struct {
      NodeState state;
      unsigned peers;  /* of the overlay, estimated from the spacing of neighbours; 1 when alone */
      unsigned links;  /* overlay links that stand */
      unsigned trying; /* bootstrap addresses being tried */
    } state;

    Bytes document; /* the signed XML */

    struct {
      NodeId node_id;
      Address address;
      LinkTransport transport;
    } peer;

    struct {
      uint32_t lookup; /* as node_lookup() returned it */
      NodeCallEnd end; /* NODE_CALL_END_NONE when devices were found */
      const char *address;

      struct {
        NodeId node_id;
        UserKey user_key;
      } devices[NODE_LOOKUP_DEVICES];

      size_t device_count;
      bool is_partial; /* some of what was returned is nobody's of that name */
      unsigned hops;   /* of the answer that decided, 0 when unknown */
      unsigned duration_ms;
    } lookup;

    struct {
      uint32_t diagnosis; /* as node_diagnose() returned it */
      NodeCallEnd end;    /* why there was nobody to ask, or NODE_CALL_END_NONE */
      const char *address;
      NodeId target;            /* who was asked, or asked for */
      const Findings *findings; /* NULL when there was nobody to ask */
    } diagnosis;

    struct {
      uint32_t search; /* as node_service_find() returned it */
      const ServiceFound *found;
    } service;

    struct {
      uint32_t search; /* as node_find_relays() returned it */
      const RelaysFound *found;
    } relays;

    struct {
      uint32_t call;
      NodeCallState state;
      NodeCallEnd end;
      int status;              /* the last SIP status code, or 0 */
      unsigned left_s;         /* NODE_CALL_LOST: until it is given up; 0: it is not */
      bool is_forwarded;       /* somebody else than the dialled person answers: see `address` */
      const char *address;     /* the other side, canonical */
      const UserKey *user_key; /* NULL until known */
      const NodeId *node_id;   /* of the device that answers or calls; NULL until known */
      const UserKey *owners;   /* NODE_CALL_END_SEVERAL_OWNERS: of the registered devices */
      size_t owner_count;
    } call;

    struct {
      uint32_t call;
      uint32_t link; /* see core/os/ports.h for its keys and datagrams */
      MediaCodec codecs[NODE_CODECS_MAX];
      size_t codec_count;
    } media;

    struct {
      uint32_t call;
      const UserKey *user_key; /* whom they speak for */
      const uint16_t *words;   /* SAFETY_WORDS; NULL: the other side broke the rules of this */
    } words;

    struct {
      uint32_t call;
      bool is_local;  /* we hold them */
      bool is_remote; /* they hold us */
    } hold;

    struct {
      const char *address;
      NodePresence presence;
      const UserKey *user_key; /* of the device that answered, NULL when none did */
      bool is_ambiguous;       /* no pin, and several people have that name: nobody was asked */
    } presence;

    struct {
      const char *address;
      const char *display_name; /* as the other side gives it: secondary text, may be empty */
      const UserKey *user_key;
    } request;

    int64_t clock_offset_ms;
  };
} NodeEvent;

typedef void (*NodeEventFunc) (const NodeEvent *event, void *user_data);

/* What node_new() needs. Strings are copied; the rest is borrowed for the life of the node. */
typedef struct NodeOptions {
  const NodePorts *ports;
  const struct Configuration *configuration;
  const char *display_name;
  bool is_user; /* false for a bare peer: registers no name */
  NodeEventFunc event;
  void *user_data;
} NodeOptions;

Node *node_new (const NodeOptions *options);

/* Closes its links, without a word to anybody when it was not stopped before; see node_stop(). */
void node_free (Node *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, node_free)

/* Values kept in an earlier run; before node_start(). */
void node_restore (Node *self, KeepTable table, Bytes key, Bytes value);

/* Goes on the air. */
void node_start (Node *self);

/* Ends calls and takes the registration back, then hands stored values over and tells neighbours
 * (Leave); the state becomes NODE_OFF. What is left to say is said within half a second, or when
 * the node is freed. */
void node_stop (Node *self);

/* Stopped, and all of it has been heard: to free it now loses nothing. */
bool node_is_quiet (const Node *self);

/* The network of this machine changed, or it woke from sleep: check all links now. */
void node_network_changed (Node *self);

/* Whether what this machine sends is paid for by the byte: then it serves nobody, as a client (RFC
 * 6940, 4.2.1), where there are others that do. Before node_start(), or at any time after it. */
void node_set_metered (Node *self, bool is_metered);

/* A place where a member may listen. Addresses from LAN discovery are only hints to connect.
 * Repeating one costs nothing. (re-entrant) */
void node_add_bootstrap (Node *self, LinkTransport transport, const Address *address);

/* Where others can reach our listener; they travel in our candidates and invitations. */
void node_set_listening (Node *self, const Address *addresses, size_t count);

/* The audio formats that media offers, preferred first; borrowed: they outlive the node. */
void node_set_codecs (Node *self, const MediaCodec *codecs, size_t count);

/* A newer, signed configuration document; false when it is no valid successor of the present one.
 */
bool node_update_configuration (Node *self, Bytes document);

/* ---- Links: called by the world only ---- */

void node_link_gathered (Node *self, uint32_t link, const IceDescription *local);

/* The handshake is done. `peer` is a reference that the node takes over; NULL for media, whose
 * fingerprint the world has checked. */
void node_link_up (Node *self, uint32_t link, Certificate *peer, LinkTraits traits);
void node_receive (Node *self, uint32_t link, Bytes bytes);
void node_link_down (Node *self, uint32_t link, LinkEnd end);

/* Somebody who wanted a link to us did not get through the handshake: no TLS of ours, a certificate
 * or a proof that is not accepted, another secret. */
void node_link_refused (Node *self);

/* No sound arrives on a media link that stands: told every quarter second while it lasts, and once
 * when it is over, also at first. */
void node_link_silent (Node *self, uint32_t link, bool is_silent);

/* What the other side reports (RTCP) of the sound that goes over a media link: it arrives there, or
 * nothing of it does any more. */
void node_link_heard (Node *self, uint32_t link, bool is_heard);

/* What came of a second link_gather() for a media link that stands; not told when it ends first. */
void node_link_tried (Node *self, uint32_t link, LinkTrial trial);

/* ---- Looking up and calling ---- */

/* Calls for us go to `address` from now on, until it is NULL; who is called there may still call
 * here. False when no call can go there: no canonical address, or our own. */
bool node_forward (Node *self, const char *address);

/* Answers with NODE_EVENT_LOOKUP, at the earliest after it has returned. (re-entrant) */
uint32_t node_lookup (Node *self, const char *address);

/* A person's device, or any node. */
typedef struct NodeDiagnosisOptions {
  const char *address; /* canonical; NULL: the node `node_id` */
  NodeId node_id;
  bool is_path; /* each peer on the way too, and not the node alone */
} NodeDiagnosisOptions;

/* What the code of a Finding means to people. */
typedef enum NodeProblem {
  NODE_PROBLEM_NONE,
  NODE_PROBLEM_NO_ANSWER,
  NODE_PROBLEM_UNREACHABLE, /* the next one cannot be reached from there */
  NODE_PROBLEM_EXPIRED,     /* it came too late, or a clock is wrong */
  NODE_PROBLEM_MISROUTED,   /* it was sent away from its goal */
  NODE_PROBLEM_LOOP,
  NODE_PROBLEM_TOO_FAR,
  NODE_PROBLEM_FORBIDDEN, /* we asked for what we may not know */
  NODE_PROBLEM_OTHER,
} NodeProblem;

NodeProblem node_problem_of (uint16_t code);

/* As in RFC 6940, 14.9: "Error_Forbidden"; "Error_Unknown" for others. */
const char *node_error_name (uint16_t code);

/* Answers with NODE_EVENT_DIAGNOSIS, at the earliest after it has returned. (re-entrant) */
uint32_t node_diagnose (Node *self, const NodeDiagnosisOptions *options);

/* ---- Services (RFC 7374) ---- */

/* We provide the service of that name, "voice-mail", from now on, as long as we are on the air.
 * Repeating it does nothing. (re-entrant, all of them) */
void node_service_register (Node *self, const char *namespace);
void node_service_remove (Node *self, const char *namespace);

/* A provider: the one whose Node-ID comes next after `key`, so that different keys load different
 * ones; NULL: a random key. Answers with NODE_EVENT_SERVICE, at the earliest after it has returned.
 */
uint32_t node_service_find (Node *self, const char *namespace, const NodeId *key);

/* We are a TURN server at `address`, and say so (RFC 6940, 9; service "turn-server"); another
 * address takes its place, NULL ends it. Whether this machine is fit for it is the caller's to
 * know.
 */
void node_offer_relay (Node *self, const Address *address);

/* Where others relay: a few random ones. Answers with NODE_EVENT_RELAYS, at the earliest after it
 * has returned. */
uint32_t node_find_relays (Node *self);

typedef struct NodeCallOptions {
  const char *address; /* canonical */
  const UserKey *pin;  /* the user key known for it, or NULL */
  const char *gr;      /* of the address: the one device that is to ring; NULL: all of them */
} NodeCallOptions;

/* The number of the call; what becomes of it comes as events, the first after it has returned.
 * Numbers are never used twice. The functions on calls ignore numbers that have ended.
 * (re-entrant, all of them) */
uint32_t node_call (Node *self, const NodeCallOptions *options);
void node_call_answer (Node *self, uint32_t call);
void node_call_decline (Node *self, uint32_t call, bool is_busy);
void node_call_end (Node *self, uint32_t call);
void node_call_hold (Node *self, uint32_t call, bool is_held);

/* The media link that the call has, or is making now; 0 when there is none. */
uint32_t node_call_link (Node *self, uint32_t call);

/* ---- Buddies ---- */

/* Subscribes to a buddy's presence, which asks to be accepted the first time; repeats by itself
 * while the person is away. `pin` may be NULL. (re-entrant, all of them) */
void node_subscribe (Node *self, const char *address, const UserKey *pin, bool is_favourite);
void node_unsubscribe (Node *self, const char *address);

typedef enum NodeAcceptance {
  NODE_ACCEPTANCE_UNDECIDED,
  NODE_ACCEPTANCE_ACCEPTED,
  NODE_ACCEPTANCE_REFUSED,
} NodeAcceptance;

/* What this person has decided about `address`: its waiting and future subscriptions are answered
 * so. Only a user key equal to `user_key` counts as that person. */
void
node_accept (Node *self, const char *address, const UserKey *user_key, NodeAcceptance decision);

/* Who calls from `address`, or is called there, learns no address of ours: calls, and the links for
 * them and for presence, go over relays or not at all. Calls that are up go on as they are. */
void node_relay_always (Node *self, const char *address, bool is_always);

/* Nor does anybody who has not been accepted, unless we call them or have answered their call.
 * False: only where there is a relay to hide behind. */
void node_hide (Node *self, bool is_hidden);

/* Our own presence, told to accepted buddies. */
void node_set_presence (Node *self, NodePresence presence);

/* ---- Looking at it ---- */

NodeState node_state (const Node *self);

/* Others cannot reach this node: it is called through two peers of its own (RFC 6940, 4.2). */
bool node_is_client (const Node *self);
const NodeId *node_id (const Node *self);

/* Human and machine readable facts for `status`: name and number pairs in a stable order, counters
 * of refusals included. */
typedef void (*NodeFactFunc) (const char *name, uint64_t value, void *user_data);
void node_facts (const Node *self, NodeFactFunc func, void *user_data);

/* The address of whoever a standing overlay link leads to, canonical; NULL when there is no link.
 */
const char *node_peer_address (const Node *self, const NodeId *id);

/* Peers with standing overlay links, as "hex Node-ID role rtt-ms" rows for `status`. */
typedef void (*NodePeerFunc) (const NodeId *id, const char *role, double rtt_ms, void *user_data);
void node_peers (const Node *self, NodePeerFunc func, void *user_data);
