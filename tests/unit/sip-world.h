/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip-world.h: user agents joined in memory, on a clock that the test turns.
 *
 * A SipPhone without a user agent is a stranger: what it is sent is kept in `inbox`, and the test
 * speaks for it with sip_phone_speak(). Frames take LATENCY; links come up half a second after they
 * are wanted, unless `is_cut` or `is_unknown`. */
#pragma once
#include "core/crypto/safety-words.h"
#include "core/sip/presence.h"
#include "core/sip/session.h"

enum { SIP_PHONES_MAX = 6 };

typedef struct SipWorld SipWorld;

typedef struct SipPhone {
  SipWorld *world;
  size_t index;
  char *address;
  NodeId id;
  UserKey user_key;
  UserAgent *ua;
  bool is_cut;             /* no link to it can be made */
  bool is_unknown;         /* nobody knows a way to it */
  bool is_stranger_to_all; /* its own wishes for a link are never answered */
  bool rings;              /* answers INCOMING with 180 */
  bool rings_early;        /* the 180 carries the answer */
  bool answers;            /* and then with 200 */
  bool refuses_offers;     /* within a call */
  PresenceDecision decision;
  uint32_t call;          /* of the latest event */
  unsigned incoming;      /* how many calls came */
  MediaDescription media; /* of the latest event that had one */
  bool is_server;
  int status;
  char *name;          /* display name of the latest event that had one */
  GString *story;      /* the events as words, separated by blanks */
  GPtrArray *inbox;    /* of char*: messages to a stranger, and all that any phone was sent */
  unsigned words_told; /* how often WORDS came; it is no part of the story */
  bool has_words;      /* the latest had some */
  uint16_t words[SAFETY_WORDS];
  UserKey words_key;
  unsigned ice; /* generation of its ICE credentials */
} SipPhone;

struct SipWorld {
  Timers *timers;
  NodePorts ports;
  GRand *rand;
  SipPhone phones[SIP_PHONES_MAX];
  size_t phone_count;
  bool is_linked[SIP_PHONES_MAX][SIP_PHONES_MAX];
};

SipWorld *sip_world_new (void);
void sip_world_free (SipWorld *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SipWorld, sip_world_free)

/* `user` of the one overlay, or a whole address; several phones may have the same. */
SipPhone *sip_world_add (SipWorld *self, const char *user);
SipPhone *sip_world_add_stranger (SipWorld *self, const char *user);
void sip_world_run (SipWorld *self, double seconds);
void sip_world_link (SipPhone *a, SipPhone *b);
void sip_world_unlink (SipPhone *a, SipPhone *b, bool is_lost);

/* A call of `caller` to all phones given; it offers at once. */
uint32_t sip_phone_call (SipPhone *caller, SipPhone *callee, SipPhone *second, SipPhone *third);
void sip_phone_describe (SipPhone *self, MediaDescription *ret_media);

/* Sends text as it is, over the link from that phone. */
void sip_phone_speak (SipPhone *from, SipPhone *to, const char *text);
void sip_phone_watch (SipPhone *self, SipPhone *whom);

/* For g_test_add(): Alice and Bob, alone in the world. */
typedef struct SipTwo {
  SipWorld *world;
  SipPhone *alice;
  SipPhone *bob;
} SipTwo;

void sip_two_set_up (SipTwo *self, gconstpointer data);
void sip_two_tear_down (SipTwo *self, gconstpointer data);

/* The story so far, which begins anew. To be freed. */
char *sip_phone_story (SipPhone *self);

/* The latest message to that phone with this start, or NULL. */
const char *sip_phone_received (const SipPhone *self, const char *start);

/* The value of a header in a message; to be freed. */
char *sip_header (const char *message, const char *name);

#define sip_assert_story(phone, words)                   \
  do {                                                   \
    g_autofree char *story_ = sip_phone_story ((phone)); \
    g_assert_cmpstr (story_, ==, (words));               \
  } while (0)
