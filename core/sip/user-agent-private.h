/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user-agent-private.h: what the files of this folder share. Nobody else includes it.
 *
 *   UserAgent --- Pair --- SipStack        one per peer
 *       |          |
 *       |          +-- legs, subscriptions, watcher      the dialogs with that peer
 *       +-- Session --- legs                             one per call
 *       +-- Buddy --- subscriptions                      one per person watched
 *
 * Whatever ends is only marked, and freed later by a timer, when nothing can be holding it. */
#pragma once
#include "core/base/limits.h"
#include "core/base/list.h"
#include "core/base/log.h"
#include "core/sip/chunk.h"
#include "core/sip/dialog.h"
#include "core/sip/presence.h"
#include "core/sip/session.h"
#include "core/sip/stack.h"
#include "core/sip/user-agent.h"

/* An admitted call of the last seconds, to tell a flood. */
typedef struct RecentInvite {
  uint64_t at;
  UserKey caller;
} RecentInvite;

struct UserAgent {
  const NodePorts *ports;
  const UserAgentDelegate *delegate;
  void *user_data;
  SipIdentity identity;
  NodeId node_id;
  UserKey user_key;
  const MediaCodec *codecs; /* borrowed */
  size_t codec_count;
  ListLink pairs;
  unsigned pair_count;
  ListLink sessions;
  ListLink buddies;
  uint32_t calls_received; /* makes their numbers */
  RecentInvite *recent;    /* LIMIT_SIP_INVITES_RECENT of them, owned; NULL before the first */
  size_t recent_next;
  PresenceState presence; /* our own */
  Timer reaper;
  SipCounters counters;
};

typedef enum PairLink { PAIR_LINK_DOWN, PAIR_LINK_WANTED, PAIR_LINK_UP } PairLink;

typedef struct Pair {
  ListLink link; /* in UserAgent.pairs */
  UserAgent *ua;
  NodeId peer;
  char *address;    /* owned; of the certificate; NULL before the first link */
  UserKey user_key; /* likewise */
  PairLink state;
  uint64_t wanted_at;  /* when the latest attempt at a link began */
  uint64_t lost_at;    /* when a link that was needed went down; 0 while none is missed */
  Timer failure;       /* a link failed: told when nothing of ours runs */
  Timer mend;          /* until the next attempt at a link */
  uint64_t mend_pause; /* before the latest attempt; 0 while none has failed */
  GQueue waiting;      /* of GBytes: messages that wait for a link */
  ChunkReader *chunks; /* owned */
  uint32_t message_number;
  uint64_t tokens; /* of the message rate, in microseconds of credit */
  uint64_t tokens_at;
  SipStack *stack; /* owned */
  ListLink legs;
  ListLink subscriptions;
  struct Watcher *watcher; /* owned by watcher.c */
} Pair;

/* ---- user-agent.c ---- */

void user_agent_emit (UserAgent *self, SipEvent event);

/* Soon, from a timer: frees what is marked. */
void user_agent_reap_later (UserAgent *self);

/* ---- pair.c ---- */

#define SIP_ALLOW     "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, SUBSCRIBE, NOTIFY, INFO\r\n"
#define SIP_RECV_INFO "Recv-Info: peal-words\r\n"

Pair *pair_find (const UserAgent *ua, const NodeId *peer);

/* Makes one when there is none; NULL when there are too many. */
Pair *pair_get (UserAgent *ua, const NodeId *peer);
void pair_free (Pair *self);

/* Nothing needs it any more. */
bool pair_is_idle (const Pair *self);

/* Something waits for an answer or talks over its link. */
bool pair_is_busy (const Pair *self);

/* Sends a whole message, now or when there is a link. */
void pair_send (Pair *self, Bytes text);

/* Takes back what waits for a link and has that Call-ID; whether there was anything. */
bool pair_forget_waiting (Pair *self, const char *call_id);

/* A request in a dialog with this peer; 0 when it cannot be written. */
uint32_t pair_request (Pair *self, Dialog *dialog, const SipRequest *request);
void pair_reply (Pair *self, uint32_t transaction, const SipReply *reply);
void pair_reply_status (Pair *self, uint32_t transaction, int status);
void pair_link_up (Pair *self, const Certificate *certificate);
void pair_link_down (Pair *self, bool is_lost);
void pair_link_failed (Pair *self, bool may_come);
void pair_receive (Pair *self, Bytes frame);

/* ---- session.c: the calls with a peer ---- */

void session_on_invite (Pair *pair, uint32_t transaction, const SipMessage *invite);

/* Requests in the dialog of a leg; false when there is no such leg. */
bool session_on_request (Pair *pair, uint32_t transaction, const SipMessage *request);
void session_on_ack (Pair *pair, const SipMessage *ack);
void session_on_cancel (Pair *pair, uint32_t transaction, const SipMessage *cancel);
bool session_on_response (Pair *pair, const SipMessage *response);

/* The link came, went, or cannot be had any more. */
void session_on_link_up (Pair *pair);
void session_on_link_down (Pair *pair);
void session_on_link_lost (Pair *pair);
void session_end_all (UserAgent *ua);

/* Whether a call still has a leg there. */
bool session_uses (const Pair *pair);
void session_reap (UserAgent *ua, bool is_all);

/* ---- subscription.c: whom we watch ---- */

bool subscription_on_notify (Pair *pair, uint32_t transaction, const SipMessage *notify);
bool subscription_on_response (Pair *pair, const SipMessage *response);
void subscription_on_link_up (Pair *pair);
void subscription_on_link_lost (Pair *pair);

/* The other side may have forgotten us. */
void subscription_check (Pair *pair);
void subscription_reap (UserAgent *ua, bool is_all);

/* ---- watcher.c: who watches us ---- */

void watcher_on_subscribe (Pair *pair, uint32_t transaction, const SipMessage *subscribe);
bool watcher_on_request (Pair *pair, uint32_t transaction, const SipMessage *request);
bool watcher_on_response (Pair *pair, const SipMessage *response);

/* Tells everybody that we are gone. */
void watcher_end_all (UserAgent *ua);
void watcher_reap (Pair *pair, bool is_all);
