/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chord-private.h: the state of one Chord peer, shared by chord*.c. */
#pragma once
#include "core/overlay/chord.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/routing-table.h"
#include "core/overlay/self-tuning.h"
#include "core/wire/chord.h"

/* A peer that was lost: tried again for a while, and not believed in on hearsay. */
typedef struct GonePeer {
  NodeId id;
  uint64_t until; /* nobody is believed who says that it is there; 0 when that is over */
} GonePeer;

/* A peer that has said Leave: what it hands over may come later. */
typedef struct Leaver {
  NodeId id;
  uint64_t until; /* 0: an empty place */
} Leaver;

typedef struct FingerSearch {
  unsigned index; /* 0: no search is under way */
  NodeId target;
  unsigned waiting;
  bool has_best;
  bool is_confirmed;
  bool has_bare;
  NodeId best;
  NodeId bare; /* the nearest of those that named nobody: they do not know that they are asked to */
  NodeId sample; /* one of those that somebody named who counts */
} FingerSearch;

/* Somebody who has joined through us: how often of late. */
typedef struct Joiner {
  NodeId id;
  unsigned count;
  uint64_t since; /* when the oldest of these was forgotten, or the first came */
} Joiner;

/* A Join that waits until an older link to the same Node-ID has proved dead. */
typedef struct Suspense {
  Incoming *request; /* NULL: none waits */
  NodeId joining;
} Suspense;

/* See chord-client.c. */
typedef struct ChordClient ChordClient;

typedef struct Chord {
  Overlay *overlay;
  RoutingTable *table;
  SelfTuning *tuning;
  TopologyState state;

  /* Every change of the Neighbor Table is a version; peers are told of those they have not seen. */
  uint32_t version;
  uint32_t range_version; /* the last that changed what we are responsible for, */
  uint32_t near_version;  /* the last that changed who is nearest, */
  uint32_t loss_version;  /* and the last in which the one next to us was lost, on either side */
  Timer update_timer;
  TokenBucket news;
  uint64_t round_at;     /* when news is told to all who are to hear it, not to the nearest alone */
  uint64_t round_pause;  /* between rounds of late, */
  uint64_t told_at;      /* the last of which was then */
  uint64_t lost_at;      /* when the last neighbor was lost */
  uint64_t shaken_until; /* several were lost at once, not long ago */

  /* Joining. */
  uint32_t join_via; /* the bootstrap connection */
  NodeId admitting_peer;
  bool has_admitting_peer;
  bool is_join_sent;
  bool has_heard_admitting_peer;
  unsigned join_waiting; /* Attaches to future neighbors */
  unsigned join_apart;   /* of them answered, but no link came of it */
  bool join_is_late;     /* they have had more time already */
  bool join_via_is_client;
  bool has_join_before; /* who the admitting peer says comes before us */
  NodeId join_before;
  unsigned join_failures; /* since the last success */
  Timer join_timer;
  Timer alone_timer;

  /* Whether others can reach us. */
  bool was_called;       /* somebody came to our listener, from beyond our network */
  bool was_called_near;  /* or from there */
  unsigned rounds_apart; /* in a row, in which a nearest neighbor could not be linked */
  uint64_t apart_at;     /* when that was found the last time */
  ChordClient *client;   /* NULL: we are a peer, or want to be one */

  /* Admitting others. */
  GArray *joiners; /* of Joiner, owned; NULL before the first */
  Suspense suspense;

  unsigned rounds; /* of stabilization, where periods are tuned */
  Timer stabilize_timer;
  Timer search_timer;
  Timer repair_timer;
  Timer gone_timer;
  Timer disbelief_timer;
  uint64_t repair_pause;
  unsigned searches_in_vain; /* for another ring, since something happened in ours */
  unsigned fingers_in_vain;  /* searches for them, since one was found or lost */
  Timer finger_timer;
  FingerSearch search;
  GonePeer *gone;        /* LIMIT_GONE_PEERS of them, owned; NULL before the first */
  unsigned gone_count;   /* ever; the ring wraps */
  Leaver *leavers;       /* owned; NULL before the first */
  unsigned leaver_count; /* ever; the ring wraps */
} Chord;

/* chord.c */
Connection *chord_link_to (Chord *self, const NodeId *id);

/* Where to send what is meant for `id`; `exclude` may be NULL. */
bool chord_next_hop (const Chord *self, const NodeId *id, const NodeId *exclude, NodeId *ret_next);

/* Whether that link (may be NULL) is one to a member of the ring: the call of somebody who wants to
 * join is not, whatever others remember of him, before he says so himself. */
bool chord_is_of_member (const Connection *connection);
void chord_set_state (Chord *self, TopologyState state);

/* A peer with a standing link takes its place among the neighbors if it is near enough. */
void chord_add_neighbor (Chord *self, const NodeId *id, bool is_confirmed);
void chord_remove_neighbor (Chord *self, const NodeId *id);

/* A change of the table has its consequences: Updates, replicas, probes. */
void chord_changed (Chord *self, RoutingChange change);

/* chord-watch.c: how often links are asked for a sign of life, one that stands, or all. */
void chord_watch (Chord *self, Connection *connection);
void chord_watch_all (Chord *self);

/* A neighbor has died: looks for others that have. */
void chord_watch_lost (Chord *self);

/* Several neighbors have died within seconds: what can wait does. */
bool chord_is_shaken (const Chord *self);

/* chord-gone.c */
void chord_gone_init (Chord *self);
void chord_gone_start (Chord *self);
void chord_gone_stop (Chord *self);
void chord_gone_free (Chord *self);
void chord_gone_note (Chord *self, const NodeId *id);
void chord_gone_forget (Chord *self, const NodeId *id);

/* Whether it was lost too lately for others to know. */
bool chord_is_gone (const Chord *self, const NodeId *id);

/* chord-join.c */
void chord_join_start_alone_timer (Chord *self);
void chord_join_meet (Chord *self, Connection *connection);
void chord_join_begin (Chord *self, Connection *via);

/* Whether the steps of joining are under way; a client goes through them as a client. */
bool chord_is_joining (const Chord *self);
void chord_join_give_up (Chord *self);
void chord_join_again (Chord *self);

/* Asks for a peer's share of the ring and its uptime in seconds, and reads what it says. */
void chord_probe (Chord *self, Connection *connection, AnswerFunc answered);
bool chord_read_uptime (Chord *self, const Answer *answer, uint32_t *ret_uptime);
bool chord_read_probe (Chord *self, const Answer *answer, uint32_t *ret_ppb, uint32_t *ret_uptime);
void chord_join_on_update (Chord *self, const NodeId *from, const ChordUpdate *update);
void chord_join_on_peer_down (Chord *self, const NodeId *peer);
void chord_join_init (Chord *self);

/* chord-client.c */
void chord_client_begin (Chord *self);

/* We have been made one by the first round of joining: the second comes soon. */
void chord_client_join_again (Chord *self);

/* Whether what a client does about joining is that. */
bool chord_client_is_second_round (const Chord *self);

/* No link came of an Attach that was answered, to one who would be our nearest neighbor: after
 * more such rounds we become a client. */
void chord_client_note_apart (Chord *self, const NodeId *target);

/* No link came of what was under way there: an Attach of theirs, to be seen as one of ours. */
void chord_client_note_unreached (Chord *self, const Connection *connection);

/* Back to where peers begin. */
void chord_client_end (Chord *self);
void chord_client_stop (Chord *self);
void chord_client_free (Chord *self); /* when there are no Attaches any more */

/* Where what a client sends goes next; NULL when no link stands. `exclude` may be NULL. */
Connection *chord_client_link (Chord *self, const NodeId *exclude);
void chord_client_on_link (Chord *self);
void chord_client_on_update (Chord *self, Connection *connection, const ChordUpdate *update);
void chord_client_on_network (Chord *self);

/* Whether we serve others may have to change. */
void chord_client_on_metered (Chord *self);

/* It is no peer any more. */
void chord_client_on_leave (Chord *self, const NodeId *peer);
unsigned chord_client_peers (const Chord *self);
const char *chord_client_role (const Chord *self, const NodeId *peer);

/* chord-admit.c */
void chord_handle_join (void *topology, Incoming *request);
void chord_admit_free (Chord *self);

/* chord-update.c */
void chord_update_init (Chord *self);
uint32_t chord_uptime_s (const Chord *self);

/* Tells those who have not heard our table: in a moment; or in a second, when nothing hangs on it.
 */
void chord_update_soon (Chord *self);
void chord_update_later (Chord *self);

/* What we are in the ring is new to everybody. */
void chord_update_anew (Chord *self);

/* More changes are to come at once: the next round waits for them. */
void chord_update_hold (Chord *self);
void chord_update_send (Chord *self, Connection *connection, ChordUpdateType type);
void chord_update_neighbors (Chord *self);

/* Asks a peer for its Update. */
void chord_update_ask (Chord *self, Connection *connection);

/* Attaches to what of `ids` belongs among our neighbors, source-routed through `via` (10.6).
 * Returns how many Attaches were begun. */
unsigned chord_want (Chord *self, const NodeIdList *ids, const NodeId *via);
void chord_handle_update (void *topology, Incoming *request);
void chord_handle_leave (void *topology, Incoming *request);
void chord_handle_route_query (void *topology, Incoming *request);
void chord_send_leave (Chord *self);
void chord_send_leave_to (Chord *self, Connection *connection);

/* Whether that peer has left a moment ago, in good order. */
bool chord_has_left (const Chord *self, const NodeId *id);

/* chord-tuning.c */
bool chord_is_tuned (const Chord *self);

/* Until the next round. */
uint64_t chord_tuning_interval (Chord *self);
void chord_tuning_round (Chord *self);

/* What a Probe says of the overlay is heard; the extensions of its answer, memory of the request.
 */
MessageExtensionList chord_tuning_answer (Chord *self, const Incoming *request);

/* What is estimated from: when we came, what peers say of themselves, that one is lost. */
void chord_tuning_joined (Chord *self);
void chord_tuning_uptime (Chord *self, const NodeId *peer, uint32_t uptime_s);
void chord_tuning_lost (Chord *self);
void chord_tuning_new_finger (Chord *self, const NodeId *peer);

/* chord-repair.c */
void chord_repair_init (Chord *self);
void chord_repair_start (Chord *self);

/* We are in a ring: the periods are those of the overlay's own configuration from now on. */
void chord_repair_begin_rounds (Chord *self);

/* Something happened that may leave our place in the ring wrong: looks closely for a while. */
void chord_repair_wake (Chord *self);

/* Whether a list has room. */
bool chord_repair_is_short (Chord *self);

/* Looks up own id + 1 through two links: what is nearer than the neighbors shows itself. */
void chord_repair_short_list (Chord *self);

/* Whether `connection` leads into another ring of the same overlay, and if so, joins the two
 * (10.7.4.4). */
void chord_repair_check_partition (Chord *self, Connection *connection);

/* chord-fingers.c */
void chord_fingers_init (Chord *self);
void chord_fingers_start (Chord *self, uint64_t delay);

/* One is missing. */
void chord_fingers_lost (Chord *self);
