/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node-private.h: the state of a node, shared by node*.c. */
#pragma once
#include "core/base/list.h"
#include "core/crypto/signer.h"
#include "core/node.h"
#include "core/overlay/overlay.h"
#include "core/sip/presence.h"
#include "core/sip/session.h"

/* Of another way for a media link that stands (node-upgrade.c). */
typedef enum UpgradeState {
  UPGRADE_NONE,
  UPGRADE_GATHERING, /* to offer it */
  UPGRADE_ANSWERING, /* gathering, for theirs */
  UPGRADE_TOLD,      /* the other side has our description */
  UPGRADE_CHECKING,  /* and we have theirs */
} UpgradeState;

enum { NODE_TLS_ID_SIZE = 33 }; /* hexadecimal, with the final zero */

/* The sound between us and one device of the other side. */
typedef struct CallLeg {
  NodeId device;
  uint32_t link;      /* the media link in use, or being made; 0: none */
  uint32_t next_link; /* replaces it when it is up: an ICE restart; 0: none */
  bool is_link_up;
  bool is_restarted;        /* once is enough: then the call is lost */
  bool is_answering;        /* next_link is for their restart, not ours */
  bool is_used;             /* the leg exists */
  uint16_t silences;        /* told of its link, one after the other */
  bool awaits_sound;        /* its link has replaced a silent one */
  uint16_t restarted_after; /* so many of them */
  bool is_next_told;        /* the other side has been sent the description of next_link */
  uint64_t next_since;      /* when next_link was begun */
  bool is_mute;             /* no sound comes, as far as has been told */
  bool has_sounded;         /* some has come in this call */
  bool is_unheard;          /* none of ours arrives there, as they report */
  bool was_heard;           /* some did in this call */
  bool has_failed;          /* the first link found no path, while it rang */
  UpgradeState upgrade;
  char tls_id[NODE_TLS_ID_SIZE]; /* of the DTLS of `link` and of `next_link`, on our side; */
  char next_tls_id[NODE_TLS_ID_SIZE];
  char peer_tls_id[MEDIA_TLS_ID_SIZE]; /* and on theirs, as far as they said; or empty */
  char peer_next_tls_id[MEDIA_TLS_ID_SIZE];
} CallLeg;

/* How far an address leads (node-resolve.c). */
typedef struct ResolutionPlace {
  char *address; /* owned, canonical */
  unsigned depth;
} ResolutionPlace;

typedef struct ResolvedDevice {
  NodeId node_id;
  size_t place; /* where it was found */
} ResolvedDevice;

typedef struct Resolution {
  ResolutionPlace places[LIMIT_FORWARD_PLACES];
  size_t place_count;
  size_t next; /* place to be looked up */
  ResolvedDevice devices[LIMIT_CALL_DEVICES];
  size_t device_count;
  bool is_forwarded; /* somebody sends calls elsewhere */
} Resolution;

typedef struct Call {
  ListLink all;
  Node *node;
  uint32_t number;
  uint32_t lookup; /* 0: none is under way */
  char *address;   /* owned */
  bool has_pin;
  UserKey pin;
  bool has_user_key;
  UserKey user_key;
  const UserKey *owners; /* borrowed, while the end is told */
  size_t owner_count;
  NodeCallState state;
  int status;
  bool is_incoming;
  bool is_forwarded;
  bool is_held;                     /* by either side */
  bool is_link_lost;                /* SIP's */
  bool is_silent;                   /* no sound comes */
  char *gr;                         /* owned; names the one device to be rung; NULL: all of them */
  bool was_moved;                   /* 302: looked up once more */
  bool asks_all;                    /* looked up once more, with all who keep copies */
  NodeId tried[LIMIT_CALL_DEVICES]; /* in vain, before that */
  size_t tried_count;
  Resolution resolution;
  bool is_buddy;
  bool wants_answer; /* the person has answered; media is not gathered yet */
  bool is_described; /* our side has been gathered and told */
  NodeCallEnd cause; /* why it is about to end, when SIP does not know; or NONE */
  bool is_server;    /* our DTLS role towards the caller */
  bool has_winner;
  NodeId winner; /* the device that the call is with */
  bool has_media;
  MediaDescription remote; /* latest of the winner, or of the caller */
  MediaCodec codecs[NODE_CODECS_MAX];
  size_t codec_count;
  CallLeg legs[LIMIT_CALL_DEVICES];
  Timer start_timer;
  Timer path_timer;       /* ticks while there is no path for the sound */
  uint64_t path_due;      /* since then there ought to be one */
  uint64_t no_path_since; /* while path_timer ticks */
  bool is_relay_forced;   /* since then */
  bool seeks_path;        /* which the person shall know */
  bool runs_out;          /* it is lost, and given up in a while */
  Timer upgrade_timer;    /* until a direct path is sought again */
  unsigned upgrades;      /* how often it was since the last change */
  bool has_eaten;         /* the direct path let no sound pass */
} Call;

typedef struct Buddy {
  ListLink all;
  Node *node;
  char *address; /* owned, canonical */
  bool has_pin;
  UserKey pin;
  bool is_favourite;
  bool is_ambiguous; /* nobody is pinned and several have that name */
  uint32_t lookup;
  NodeId devices[LIMIT_CALL_DEVICES];
  uint32_t probes[LIMIT_CALL_DEVICES]; /* of that device, under way; 0: none */
  size_t device_count;
  Timer timer;
} Buddy;

typedef struct Acceptance {
  ListLink all;
  char *address; /* owned */
  UserKey user_key;
  NodeAcceptance decision;
} Acceptance;

typedef struct Diagnosis {
  ListLink all;
  Node *node;
  uint32_t number;
  char *address; /* owned; NULL: no person was named */
  NodeId target;
  bool is_path;
} Diagnosis;

struct Node {
  const NodePorts *ports;
  NodeEventFunc event;
  void *user_data;
  Overlay *overlay;
  UserAgent *user_agent; /* NULL for a bare peer */
  NodeState state;
  bool is_user;
  bool is_running;
  NodeState ended; /* NODE_DUPLICATE or NODE_UNSUPPORTED when it went by itself, else NODE_OFF */
  uint32_t next_call;
  uint32_t next_lookup;
  uint32_t own_lookup; /* of our own name; 0: none */
  ListLink calls;
  ListLink buddies;
  ListLink acceptances;
  ListLink lookups;
  ListLink diagnoses;
  char *forward_to;    /* owned; NULL: calls ring here */
  GHashTable *relayed; /* owned; addresses of those who never learn ours; NULL: of nobody */
  bool is_shy;         /* strangers learn no address of ours, even if they cannot call then */
  uint8_t fingerprint[MEDIA_FINGERPRINT_SIZE];
  uint32_t direct_sought; /* how often a relayed call sought a direct path, */
  uint32_t direct_found;  /* and got it */
  Timer idle_timer;
  Timer name_timer;
  Timer state_timer;
  Timer stop_timer;
};

void node_emit (Node *self, const NodeEvent *event);

/* node-resolve.c: begin, then for each of next() until it is NULL what was found there. */
void resolution_begin (Resolution *self, const char *address);
void resolution_clear (Resolution *self);

/* The address to look up now. */
const char *resolution_next (Resolution *self);

/* Whether the place that was looked up last is the dialled address. */
bool resolution_is_first (const Resolution *self);
void resolution_take (Resolution *self, const Node *node, const RegisteredDevice *device);

/* The device that a gr parameter names; false when it is none of this overlay. May be NULL. */
bool resolution_take_gr (Resolution *self, const Node *node, const char *gr);

/* All devices of whom we trust at the place that was looked up last. */
void resolution_take_all (Resolution *self, Node *node, const Registration *found);

/* Addresses are borrowed. */
size_t resolution_devices (const Resolution *self, SessionDevice ret_devices[LIMIT_CALL_DEVICES]);

/* The different user keys of the registered devices; how many. */
size_t node_list_owners (const Registration *found, UserKey ret_owners[REGISTERED_DEVICES]);

/* node-exposure.c */
LinkExposure node_link_exposure (void *user_data, const NodeId *peer, const Certificate *signer);
LinkExposure call_exposure (const Call *call);

/* node-call.c */
void call_free (Call *call);
void node_call_found (Node *self, Call *call, const Registration *found);
Call *node_call_by_lookup (Node *self, uint32_t lookup);
void node_call_on_sip (Node *self, const SipEvent *event);

/* A SIP link to that device stands, and nothing has been said over it yet. */
void node_call_link_up (Node *self, const NodeId *device);

/* Up, or lost for now: once it has been answered. */
void node_call_show (Call *call);

/* node-path.c */
void node_path_init (Call *call);

/* Something has changed that may have brought or taken the path. */
void node_path_look (Call *call);

/* From now on there ought to be one, whatever was before. */
void node_path_due (Call *call);

/* The first link to that device came to nothing before the answer. */
void node_path_failed_early (Call *call, CallLeg *leg);

/* The leg's next link has been gathered before the answer. */
void node_path_found_relay (Call *call, CallLeg *leg);

/* A link that was to replace another did not come up. */
void node_path_attempt_failed (Call *call, LinkEnd end);

/* The media link to look at; 0: there is none. */
uint32_t node_path_link (Call *call);

/* Of a lost call: until it is given up; 0: it is not. */
unsigned node_path_left_s (Call *call);

/* Why a call has ended, if not being heard says more than `end`. */
NodeCallEnd node_path_end (Call *call, NodeCallEnd end);

/* node-upgrade.c */
void node_upgrade_init (Call *call);

/* The call is up, or has another link: time begins anew. */
void node_upgrade_begin (Call *call);

/* Our addresses are not what they were. */
void node_upgrade_moved (Node *self);

/* An offer of theirs keeps the leg's DTLS: it seeks another way for its link. */
bool node_upgrade_is_offered (const CallLeg *leg, const MediaDescription *media);
void node_upgrade_answer (Call *call, CallLeg *leg);

/* Its link has been gathered a second time; the other side's description of it has come. */
void node_upgrade_gathered (Call *call, CallLeg *leg, const MediaDescription *media);
bool node_upgrade_media (Call *call, CallLeg *leg, const MediaDescription *media);

/* node-mend.c: SIP has its link again; one to that device has come up, the first or another; the
 * leg's media link has been replaced. */
void node_mend_sip_up (Call *call);
void node_mend_another_sip_up (Node *self, const NodeId *device);
void node_mend_link_up (Call *call, CallLeg *leg);

/* node-sound.c */
Call *node_call_by_link (Node *self, uint32_t link, CallLeg **ret_leg);
CallLeg *call_find_leg (Call *call, const NodeId *device);

/* NULL when there are too many. */
CallLeg *call_add_leg (Call *call, const NodeId *device);
void call_close_leg (Call *call, CallLeg *leg);

/* A new media link, which describes itself in a moment. */
uint32_t call_gather (Call *call);

/* Begins a link in place of the leg's: an ICE restart, over relays alone or not. */
void call_replace_link (Call *call, CallLeg *leg, bool is_relayed);
void call_check (Call *call, uint32_t link, const MediaDescription *remote, bool is_server);

/* The other side has described its end of the link that is being made. */
void call_take_remote (Call *call, CallLeg *leg, const MediaDescription *remote, bool is_server);

/* Tells the phone, when the call is up and has its link. */
void call_emit_media (Call *call);

/* Whether a call with that device is under way. */
bool node_call_has_device (Node *self, const NodeId *device);
void node_call_media_gathered (Node *self, uint32_t link, const IceDescription *local);
void node_call_media_up (Node *self, uint32_t link);
void node_call_media_down (Node *self, uint32_t link, LinkEnd end);

/* node-diagnosis.c */
void diagnosis_free (Diagnosis *diagnosis);
Diagnosis *node_diagnosis_by_number (Node *self, uint32_t number);
void node_diagnosis_found (Diagnosis *diagnosis, const Registration *found);
void node_diagnosis_end (Diagnosis *diagnosis, const Findings *findings);

/* node-service.c */
void node_on_service_found (void *user_data, uint32_t number, const ServiceFound *found);
void node_on_relays_found (void *user_data, uint32_t number, const RelaysFound *found);

/* node-buddy.c */
void buddy_free (Buddy *buddy);
void node_buddies_start (Node *self);
Buddy *node_buddy_by_lookup (Node *self, uint32_t lookup);
void node_buddy_found (Node *self, Buddy *buddy, const Registration *found);
void node_buddy_link_up (Node *self, const Connection *connection);

/* The end of a question whether one of a buddy's devices is there. */
void node_buddy_probed (Node *self, uint32_t probe, bool is_there);
void node_buddy_on_sip (Node *self, const SipEvent *event);
Buddy *node_buddy_by_device (Node *self, const NodeId *device);

/* What we show of ourselves has changed: links that stand are made anew. */
void node_buddy_renew_links (Node *self, Buddy *buddy);
PresenceDecision node_decide (Node *self, const char *address, const UserKey *user_key);
Buddy *node_find_buddy (Node *self, const char *address);

/* Whether the link to that device is one of those kept for presence: favourites first, then the
 * buddies added first. */
bool node_buddy_keeps_link (Node *self, const NodeId *device);
