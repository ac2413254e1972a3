/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/node-stage.h"

#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

static int
phone_named (NodeStage *self, const char *address)
{
  for (unsigned i = 0; i < self->count; i++)
    if (strcmp (node_stage_address (self, i), address) == 0)
      return (int) i;
  return -1;
}

/* ---- What the nodes say ---- */

static StageCall *
need_call (StagePhone *phone, uint32_t number)
{
  for (size_t i = 0; i < phone->call_count; i++)
    if (phone->calls[i].number == number)
      return &phone->calls[i];
  g_assert_cmpuint (phone->call_count, <, STAGE_CALLS);
  phone->calls[phone->call_count] = (StageCall){ .number = number };
  return &phone->calls[phone->call_count++];
}

static char
letter_of (NodeCallState state)
{
  switch (state) {
  case NODE_CALL_LOOKING:
    return 'L';
  case NODE_CALL_CONNECTING:
    return 'C';
  case NODE_CALL_RINGING:
    return 'R';
  case NODE_CALL_UP:
    return 'U';
  case NODE_CALL_LOST:
    return 'X';
  case NODE_CALL_ENDED:
    return 'E';
  }
  return '?';
}

static void
note_call (StagePhone *phone, const NodeEvent *event)
{
  StageCall *call = need_call (phone, event->call.call);
  size_t length = strlen (call->story);

  g_assert_cmpuint (length, <, sizeof call->story - 1);
  g_assert_true (length == 0 || call->story[length - 1] != 'E');
  call->is_incoming = call->is_incoming || event->type == NODE_EVENT_CALL_INCOMING;
  if (event->call.state != NODE_CALL_LOST || length == 0 || call->story[length - 1] != 'X')
    call->story[length] = letter_of (event->call.state);
  call->end = event->call.end;
  call->left_s = event->call.left_s;
  call->is_forwarded = event->call.is_forwarded;
  g_strlcpy (call->address, event->call.address, sizeof call->address);
  call->has_user_key = event->call.user_key != NULL;
  if (call->has_user_key)
    call->user_key = *event->call.user_key;
  g_assert_cmpuint (event->call.owner_count, <=, STAGE_PHONES);
  call->owner_count = event->call.owner_count;
  for (size_t i = 0; i < call->owner_count; i++)
    call->owners[i] = event->call.owners[i];
}

static void
note_words (StagePhone *phone, const NodeEvent *event)
{
  StageCall *call = need_call (phone, event->words.call);

  call->words_told++;
  call->has_words = event->words.words != NULL;
  if (call->has_words)
    memcpy (call->words, event->words.words, sizeof call->words);
}

static void
note_media (StagePhone *phone, const NodeEvent *event)
{
  StageCall *call = need_call (phone, event->media.call);

  call->media++;
  call->link = event->media.link;
  call->codec_count = event->media.codec_count;
}

static void
note_hold (StagePhone *phone, const NodeEvent *event)
{
  StageCall *call = need_call (phone, event->hold.call);

  call->is_held_here = event->hold.is_local;
  call->is_held_there = event->hold.is_remote;
}

static void
note_presence (NodeStage *self, StagePhone *phone, const NodeEvent *event)
{
  int buddy = phone_named (self, event->presence.address);

  if (buddy < 0)
    return;
  phone->knows_presence[buddy] = true;
  phone->presence[buddy] = event->presence.presence;
  phone->is_ambiguous[buddy] = event->presence.is_ambiguous;
  if (event->presence.user_key != NULL)
    phone->presence_key[buddy] = *event->presence.user_key;
}

static void
note_request (StagePhone *phone, const NodeEvent *event)
{
  phone->requests++;
  g_strlcpy (phone->request, event->request.address, sizeof phone->request);
  g_strlcpy (phone->request_name, event->request.display_name, sizeof phone->request_name);
  phone->request_key = *event->request.user_key;
}

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  NodeStage *self = user_data;
  StagePhone *phone = &self->phones[peer->index];

  switch (event->type) {
  case NODE_EVENT_CALL_INCOMING:
  case NODE_EVENT_CALL_STATE:
    note_call (phone, event);
    break;
  case NODE_EVENT_CALL_MEDIA:
    note_media (phone, event);
    break;
  case NODE_EVENT_CALL_WORDS:
    note_words (phone, event);
    break;
  case NODE_EVENT_CALL_HOLD:
    note_hold (phone, event);
    break;
  case NODE_EVENT_PRESENCE:
    note_presence (self, phone, event);
    break;
  case NODE_EVENT_REQUEST:
    note_request (phone, event);
    break;
  case NODE_EVENT_LOOKUP:
    phone->lookups++;
    phone->lookup = *event;
    break;
  case NODE_EVENT_DIAGNOSIS:
    phone->diagnoses++;
    phone->diagnosis_end = event->diagnosis.end;
    phone->findings =
      event->diagnosis.findings != NULL ? *event->diagnosis.findings : (Findings){ .count = 0 };
    break;
  case NODE_EVENT_SERVICE:
    phone->services++;
    phone->service = *event->service.found;
    break;
  case NODE_EVENT_RELAYS:
    phone->relay_searches++;
    phone->relays = *event->relays.found;
    break;
  case NODE_EVENT_NAME_TAKEN:
    phone->names_taken++;
    break;
  case NODE_EVENT_CLOCK:
    phone->clock_events++;
    phone->clock_offset_ms = event->clock_offset_ms;
    break;
  case NODE_EVENT_STATE:
  case NODE_EVENT_CONFIGURATION:
  case NODE_EVENT_PEER_LISTENING:
    break;
  }
}

/* ---- Life ---- */

NodeStage *
node_stage_new_seeded (unsigned count, uint64_t seed)
{
  NodeStage *self = g_new0 (NodeStage, 1);
  SimOptions options = { .peers = count, .seed = seed, .latency_ms = 5, .jitter_ms = 5 };

  g_assert_cmpuint (count, <=, STAGE_PHONES);
  self->count = count;
  self->world = sim_world_new (&options);
  sim_world_set_event_func (self->world, on_event, self);
  for (unsigned i = 0; i < count; i++)
    self->phones[i].peer = sim_world_peer (self->world, i);
  return self;
}

NodeStage *
node_stage_new (unsigned count)
{
  return node_stage_new_seeded (count, 1);
}

void
node_stage_free (NodeStage *self)
{
  if (self == NULL)
    return;
  sim_world_free (self->world);
  g_free (self);
}

void
node_stage_rename (NodeStage *self, unsigned phone, unsigned of, const char *owner)
{
  SimPeer *peer = self->phones[phone].peer;
  NodeId id = *sim_peer_id (peer);
  g_autofree char *address = g_strdup (node_stage_address (self, of));

  g_assert (peer->node == NULL && phone != 0); /* the first has signed the configuration */
  sim_signer_clear (&peer->signer);
  sim_signer_init_as (&peer->signer, &id, address, owner);
  peer->user = peer->signer.own->user;
}

void
node_stage_start_phone (NodeStage *self, unsigned phone)
{
  unsigned all[STAGE_PHONES];

  for (unsigned i = 0; i < self->count; i++)
    all[i] = i;
  sim_peer_start (self->phones[phone].peer, all, self->count);
}

void
node_stage_start (NodeStage *self)
{
  for (unsigned i = 0; i < self->count; i++)
    node_stage_start_phone (self, i);
  for (unsigned i = 0; i < self->count; i++)
    g_assert_true (node_stage_wait_state (self, i, NODE_READY, TIME_MINUTE));
}

void
node_stage_run (NodeStage *self, uint64_t microseconds)
{
  sim_world_run (self->world, microseconds);
}

bool
node_stage_wait_state (NodeStage *self, unsigned phone, NodeState state, uint64_t patience)
{
  uint64_t end = sim_world_now (self->world) + patience;

  while (self->phones[phone].peer->state != state && sim_world_now (self->world) < end)
    node_stage_run (self, 100 * TIME_MS);
  return self->phones[phone].peer->state == state;
}

Node *
node_stage_node (NodeStage *self, unsigned phone)
{
  return self->phones[phone].peer->node;
}

unsigned
node_stage_media_links (NodeStage *self, unsigned phone)
{
  Overlay *overlay = node_stage_node (self, phone)->overlay;
  unsigned count = 0;

  connection_table_for_each (overlay->connections, connection)
  {
    count += connection->kind == CONNECTION_MEDIA && !connection->is_closed;
  }
  return count;
}

const char *
node_stage_address (NodeStage *self, unsigned phone)
{
  return self->phones[phone].peer->user;
}

const UserKey *
node_stage_key (NodeStage *self, unsigned phone)
{
  return &self->phones[phone].peer->signer.own->user_key;
}

uint32_t
node_stage_call (NodeStage *self, unsigned from, const char *address, const UserKey *pin)
{
  NodeCallOptions options = { .address = address, .pin = pin };

  return node_call (node_stage_node (self, from), &options);
}

StageCall *
node_stage_seen (NodeStage *self, unsigned phone, uint32_t call)
{
  return need_call (&self->phones[phone], call);
}

StageCall *
node_stage_incoming (NodeStage *self, unsigned phone)
{
  StagePhone *seen = &self->phones[phone];

  for (size_t i = seen->call_count; i-- > 0;)
    if (seen->calls[i].is_incoming)
      return &seen->calls[i];
  return NULL;
}

uint32_t
node_stage_ring (NodeStage *stage)
{
  uint32_t call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);

  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCR");
  g_assert_nonnull (node_stage_incoming (stage, 1));
  g_assert_cmpstr (node_stage_incoming (stage, 1)->story, ==, "R");
  return call;
}

uint32_t
node_stage_talk (NodeStage *stage)
{
  uint32_t call = node_stage_ring (stage);

  node_call_answer (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number);
  node_stage_run (stage, 2 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCRU");
  g_assert_cmpstr (node_stage_incoming (stage, 1)->story, ==, "RU");
  return call;
}
