/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session-private.h: calls and their legs, shared by session*.c, leg.c and renegotiation.c. */
#pragma once
#include "core/crypto/safety-words.h"
#include "core/sip/sdp.h"
#include "core/sip/user-agent-private.h"

typedef struct Session {
  ListLink link; /* in UserAgent.sessions */
  UserAgent *ua;
  uint32_t call;
  bool is_incoming;
  bool is_up;
  bool is_lost;  /* up, but the link is down */
  bool is_ended; /* ENDED was told; legs may linger */
  bool has_rung;
  int best_status;    /* of the legs that have failed */
  char *address;      /* owned; whom we called, or who calls */
  char *call_id;      /* owned; the same for all legs, like the tag */
  char *local_tag;    /* owned */
  struct Leg *chosen; /* the one that answered */
  ListLink legs;
  Timer timer; /* it rings too long */
} Session;

typedef enum LegState {
  LEG_WAITING,    /* for media, to call with */
  LEG_CALLING,    /* INVITE is out */
  LEG_PROCEEDING, /* 1xx came */
  LEG_CANCELLED,  /* given up; waits for the final answer */
  LEG_INCOMING,   /* INVITE came; waits for us */
  LEG_ANSWERED,   /* 200 is out, the first ACK has not come */
  LEG_UP,
  LEG_GONE,
} LegState;

/* The words of a call; see comparison.c. */
typedef struct Comparison {
  bool is_open;   /* our nonce waits to be sent, or theirs to come */
  bool is_opened; /* theirs has come */
  bool is_sent;   /* ours is on its way */
  unsigned attempts;
  uint32_t cseq;    /* of our latest INFO */
  UserKey peer_key; /* what the words speak for */
  uint8_t nonce[SAFETY_NONCE_SIZE];
  uint8_t commitment[SAFETY_NONCE_SIZE]; /* the caller's */
} Comparison;

typedef struct Leg {
  ListLink link;      /* in Session.legs */
  ListLink pair_link; /* in Pair.legs, from the INVITE on */
  Session *session;
  Pair *pair; /* NULL while LEG_WAITING */
  NodeId peer;
  char *address; /* owned; whose device it is */
  LegState state;
  Dialog dialog;
  uint32_t invite;           /* transaction of the latest INVITE, of either side */
  uint32_t invite_cseq;      /* of our latest INVITE */
  const char *cancel_reason; /* static */
  bool is_cancel_sent;
  char *branch;      /* owned; of the INVITE that came */
  char *ack;         /* owned; our latest ACK */
  char *answer_text; /* owned; our 2xx, until its ACK comes */
  uint32_t answer_cseq;
  uint64_t answered_at;
  uint64_t resend_delay;
  Timer resend;            /* of answer_text */
  Timer timer;             /* LEG_CANCELLED: gives up; LEG_UP: glare, or nobody answers an OFFER */
  MediaDescription local;  /* as last described */
  MediaDescription remote; /* its codecs are the common ones */
  char *offer;             /* owned; the SDP to be answered */
  char *early_answer;      /* owned; the SDP of our 180, which the 200 repeats */
  SdpIdentity sdp;
  Comparison comparison;
  bool is_active;       /* our DTLS role */
  bool is_ringing_told; /* RINGING was emitted */
  bool is_media_told;   /* MEDIA was emitted */
  bool is_told_gone;    /* LEG_GONE was */
  bool is_offering;     /* our re-INVITE is out */
  bool is_asked;        /* theirs waits for session_answer() */
  bool wants_hold;      /* as the person wants it */
  bool wants_restart;   /* ICE */
  bool offered_hold;    /* in the re-INVITE that is out */
  bool offered_restart; /* likewise */
  bool is_held;         /* as both agree */
  bool is_held_by_peer;
} Leg;

/* ---- leg.c: one INVITE and its dialog ---- */

Leg *leg_new (Session *session, const NodeId *peer, const char *address);
void leg_free (Leg *self);
void leg_attach (Leg *self, Pair *pair);
void leg_gone (Leg *self);

/* Sends INVITE. */
void leg_invite (Leg *self, const MediaDescription *media);

/* Ends it as its state demands; `status` refuses an INVITE that waits for us. */
void leg_end (Leg *self, int status, const char *reason);

/* 180 or 200 to the first INVITE. */
void leg_ring (Leg *self, const MediaDescription *answer);
void leg_answer (Leg *self, const MediaDescription *answer);
void leg_on_response (Leg *self, const SipMessage *response);
void leg_on_ack (Leg *self, const SipMessage *ack);

/* For renegotiation.c. */
bool leg_send_invite (Leg *self, const char *sdp);
void leg_send_ack (Leg *self);
void leg_send_answer (Leg *self, const char *sdp);
void leg_reply (Leg *self, const SipReply *reply);
void leg_bye (Leg *self);
char *leg_write_answer (Leg *self);

/* Reads the answer to an offer of ours into `remote`; 0 or a status. */
int leg_read_answer (Leg *self, Bytes sdp);

/* Reads an offer into `ret_remote` with the common codecs; 0 or the status to refuse it with. */
int leg_read_offer (UserAgent *ua, const SipMessage *invite, MediaDescription *ret_remote);

/* ---- renegotiation.c: offers within a call ---- */

/* Sends a re-INVITE when something is wanted and nothing is in the way. */
void leg_reoffer (Leg *self);
void leg_on_reinvite (Leg *self, uint32_t transaction, const SipMessage *invite);
void leg_on_reoffer_response (Leg *self, const SipMessage *response);
void leg_answer_offer (Leg *self, const MediaDescription *answer);
void leg_refuse_offer (Leg *self);

/* Our end is another one from the next offer or answer on. */
void leg_describe (Leg *self, const MediaDescription *media);
void leg_on_timer (Leg *self);

/* ---- comparison.c: words to compare ---- */

/* Put our part into `local` of the first INVITE; take theirs out of it; answer it. */
void comparison_offer (Leg *self);
void comparison_begin (Leg *self);
void comparison_answer (Leg *self);
void comparison_up (Leg *self);
void comparison_on_link_up (Leg *self);
bool comparison_on_response (Leg *self, const SipMessage *response);
void comparison_on_info (Leg *self, uint32_t transaction, const SipMessage *info);

/* ---- session.c: calls ---- */

Session *session_begin (UserAgent *ua, uint32_t call, const char *address, bool is_incoming);

/* `leg` is the device that it is about; NULL: none in particular. */
void session_emit (const Session *self, const Leg *leg, SipEvent event);

/* The legs of calls with one device. */
unsigned session_count_legs (const Pair *pair);

/* ---- session.c: what a leg reports ---- */

void session_leg_rings (Leg *leg);
void session_leg_media (Leg *leg, SipEventType type);
void session_leg_answered (Leg *leg);
void session_leg_failed (Leg *leg, int status);

/* The only leg of an answered or incoming call is over. */
void session_leg_ended (Leg *leg, SessionEnd end, int status);
void session_leg_hold (Leg *leg);

/* NULL: the other side did not open what it had committed to. */
void session_leg_words (Leg *leg, const uint16_t *words);
