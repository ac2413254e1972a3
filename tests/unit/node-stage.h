/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node-stage.h: a few phones of one ring on a virtual clock, and what their nodes told them. */
#pragma once
#include "core/crypto/safety-words.h"
#include "tests/sim/world.h"

enum { STAGE_PHONES = 4, STAGE_CALLS = 8 };

/* Everything that was said of one call. */
typedef struct StageCall {
  uint32_t number;
  bool is_incoming;
  char story[16]; /* a letter for each state: L C R U X (lost, told once or more) E */
  NodeCallEnd end;
  unsigned left_s;
  bool is_forwarded;
  char address[NODE_ADDRESS_SIZE];
  bool has_user_key;
  UserKey user_key;
  unsigned media;     /* how often keys could be had */
  uint32_t link;      /* of the latest */
  size_t codec_count; /* of the latest */
  size_t owner_count;
  UserKey owners[STAGE_PHONES];
  unsigned words_told;
  bool has_words;
  uint16_t words[SAFETY_WORDS];
  bool is_held_here;
  bool is_held_there;
} StageCall;

typedef struct StagePhone {
  SimPeer *peer;
  StageCall calls[STAGE_CALLS];
  size_t call_count;
  bool knows_presence[STAGE_PHONES]; /* of the phone of that name */
  NodePresence presence[STAGE_PHONES];
  bool is_ambiguous[STAGE_PHONES];
  UserKey presence_key[STAGE_PHONES]; /* the last that was told */
  unsigned requests;
  char request[NODE_ADDRESS_SIZE];
  UserKey request_key;
  char request_name[NODE_ADDRESS_SIZE];
  unsigned names_taken;
  int64_t clock_offset_ms;
  unsigned clock_events;
  NodeEvent lookup; /* the last answer; its address is not kept */
  unsigned lookups;
  Findings findings; /* of the last diagnosis */
  NodeCallEnd diagnosis_end;
  unsigned diagnoses;
  ServiceFound service; /* the last answer */
  unsigned services;
  RelaysFound relays; /* the last answer */
  unsigned relay_searches;
} StagePhone;

typedef struct NodeStage {
  SimWorld *world;
  StagePhone phones[STAGE_PHONES];
  unsigned count;
} NodeStage;

/* None is on the air yet. */
NodeStage *node_stage_new (unsigned count);
NodeStage *node_stage_new_seeded (unsigned count, uint64_t seed);
void node_stage_free (NodeStage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NodeStage, node_stage_free)

/* Before it is on the air: a device of phone `of`, by its owner (NULL) or by another person of the
 * same name. */
void node_stage_rename (NodeStage *self, unsigned phone, unsigned of, const char *owner);

/* All go on the air and register. */
void node_stage_start (NodeStage *self);
void node_stage_start_phone (NodeStage *self, unsigned phone);
void node_stage_run (NodeStage *self, uint64_t microseconds);
bool node_stage_wait_state (NodeStage *self, unsigned phone, NodeState state, uint64_t patience);

Node *node_stage_node (NodeStage *self, unsigned phone);

/* Links for sound that the phone has or prepares. */
unsigned node_stage_media_links (NodeStage *self, unsigned phone);
const char *node_stage_address (NodeStage *self, unsigned phone);
const UserKey *node_stage_key (NodeStage *self, unsigned phone);

/* `pin` may be NULL. What is seen of the call is there when the call's first event has come. */
uint32_t node_stage_call (NodeStage *self, unsigned from, const char *address, const UserKey *pin);
StageCall *node_stage_seen (NodeStage *self, unsigned phone, uint32_t call);

/* The latest call that came in, or NULL. */
StageCall *node_stage_incoming (NodeStage *self, unsigned phone);

/* Phone 0 calls phone 1, which rings, and which answers. The number at phone 0. */
uint32_t node_stage_ring (NodeStage *self);
uint32_t node_stage_talk (NodeStage *self);
