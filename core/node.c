/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node"
#include "core/node.h"

#include "core/base/aor.h"
#include "core/base/log.h"
#include "core/node-private.h"

#include <string.h>

/* node.c joins overlay and SIP: links go to the one or the other, look-ups go to who asked.
 * node-call.c has the calls, node-buddy.c the people. */

#define IDLE_CHECK (60 * TIME_SECOND)
#define NAME_CHECK (3 * TIME_SECOND)

/* A simulated world has a million of them. */
G_STATIC_ASSERT (sizeof (Node) <= 1024);

void
node_emit (Node *self, const NodeEvent *event)
{
  self->event (event, self->user_data);
}

/* ---- State ---- */

/* Others find us only once our registration is stored. That a later refresh of it fails for a while
 * does not take us off the air. */
static bool
is_registered_enough (const Node *self)
{
  return !self->is_user || self->state == NODE_READY || overlay_is_registered (self->overlay);
}

static NodeState
state_of (Node *self)
{
  if (self->ended != NODE_OFF)
    return self->ended;
  if (!self->is_running)
    return NODE_OFF;
  switch (overlay_state (self->overlay)) {
  case TOPOLOGY_OFF:
    return NODE_OFF;
  case TOPOLOGY_LOOKING:
    return overlay_is_expired (self->overlay) ? NODE_EXPIRED : NODE_LOOKING;
  case TOPOLOGY_JOINING:
    return NODE_JOINING;
  case TOPOLOGY_ALONE:
    return NODE_ALONE;
  case TOPOLOGY_JOINED:
  case TOPOLOGY_CLIENT:
    return is_registered_enough (self) ? NODE_READY : NODE_JOINING;
  }
  return NODE_OFF;
}

static void
emit_state (Node *self)
{
  NodeEvent event = { .type = NODE_EVENT_STATE };

  event.state.state = self->state;
  event.state.peers = overlay_peers (self->overlay);
  event.state.links = overlay_links (self->overlay);
  event.state.trying = overlay_trying (self->overlay);
  node_emit (self, &event);
}

static void
on_changed (void *user_data)
{
  Node *self = user_data;
  NodeState before = self->state;

  if (self->overlay == NULL)
    return;
  self->state = state_of (self);
  if (self->state == NODE_READY && before != NODE_READY) {
    node_buddies_start (self);
    timer_start (&self->name_timer, self->ports->timers, NAME_CHECK);
  }
  if (!timer_is_set (&self->state_timer))
    timer_start (&self->state_timer, self->ports->timers, 0);
}

/* Many changes at once are one event. */
static void
on_state_timer (Timer *timer, void *owner)
{
  emit_state (owner);
}

/* It goes by itself, but not from inside of what told it to. */
static void
end (Node *self, NodeState why)
{
  self->ended = why;
  self->is_running = false;
  self->state = why;
  if (!timer_is_set (&self->state_timer))
    timer_start (&self->state_timer, self->ports->timers, 0);
  timer_start (&self->stop_timer, self->ports->timers, 0);
}

static void
on_duplicate (void *user_data)
{
  end (user_data, NODE_DUPLICATE);
}

/* 11.1: who cannot do what the overlay asks for must leave it. */
static void
on_unsupported (void *user_data)
{
  end (user_data, NODE_UNSUPPORTED);
}

/* Another copy of us goes on: nobody is told. */
static void
on_stop_timer (Timer *timer, void *owner)
{
  Node *self = owner;

  if (self->ended == NODE_DUPLICATE) {
    overlay_quit (self->overlay);
    return;
  }
  if (self->user_agent != NULL)
    user_agent_stop (self->user_agent);
  overlay_stop (self->overlay);
}

static void
on_configuration (void *user_data, Bytes document)
{
  Node *self = user_data;
  NodeEvent event = { .type = NODE_EVENT_CONFIGURATION };

  event.document = document;
  node_emit (self, &event);
}

static void
on_listening (void *user_data, const NodeId *peer, const Address *address, LinkTransport transport)
{
  Node *self = user_data;
  NodeEvent event = { .type = NODE_EVENT_PEER_LISTENING };

  event.peer.node_id = *peer;
  event.peer.address = *address;
  event.peer.transport = transport;
  node_emit (self, &event);
}

static void
on_clock (void *user_data, int64_t offset_ms)
{
  Node *self = user_data;
  NodeEvent event = { .type = NODE_EVENT_CLOCK };

  event.clock_offset_ms = offset_ms;
  node_emit (self, &event);
}

/* ---- Look-ups ---- */

typedef struct NodeLookup {
  ListLink all;
  uint32_t number;
  uint64_t started_at;
  char *address; /* owned */
} NodeLookup;

static void
lookup_free (NodeLookup *lookup)
{
  list_remove (&lookup->all);
  g_free (lookup->address);
  g_free (lookup);
}

static NodeLookup *
find_lookup (Node *self, uint32_t number)
{
  list_for_each (&self->lookups, l)
  {
    NodeLookup *lookup = list_element (l, NodeLookup, all);
    if (lookup->number == number)
      return lookup;
  }
  return NULL;
}

static void
answer_lookup (Node *self, NodeLookup *lookup, const Registration *found)
{
  NodeEvent event = { .type = NODE_EVENT_LOOKUP };

  event.lookup.lookup = lookup->number;
  event.lookup.address = lookup->address;
  event.lookup.hops = found->hops;
  event.lookup.is_partial = found->is_partial;
  event.lookup.duration_ms =
    (unsigned) ((timers_now (self->ports->timers) - lookup->started_at) / TIME_MS);
  event.lookup.device_count = MIN (found->device_count, (size_t) NODE_LOOKUP_DEVICES);
  for (size_t i = 0; i < event.lookup.device_count; i++) {
    event.lookup.devices[i].node_id = found->devices[i].node_id;
    event.lookup.devices[i].user_key = found->devices[i].user_key;
  }
  if (!found->was_answered)
    event.lookup.end = NODE_CALL_END_NOT_CONNECTED;
  else if (found->device_count == 0)
    event.lookup.end = found->name_exists ? NODE_CALL_END_OFFLINE : NODE_CALL_END_NO_SUCH_NAME;
  list_remove (&lookup->all);
  node_emit (self, &event);
  lookup_free (lookup);
}

static bool
is_own_key (const Node *self, const UserKey *user_key)
{
  const UserKey *own = &self->ports->signer->own->user_key;

  return memcmp (user_key->bytes, own->bytes, USER_KEY_SIZE) == 0;
}

/* Nobody vouches for names in a self-signed overlay: two people may want the same. Who has it shows
 * by a certificate or by a registration. */
static void
check_own_name (Node *self, const Registration *found)
{
  NodeEvent event = { .type = NODE_EVENT_NAME_TAKEN };
  bool is_taken = false;

  for (size_t i = 0; i < found->holder_count; i++)
    is_taken = is_taken || !is_own_key (self, &found->holders[i]);
  for (size_t i = 0; i < found->device_count; i++)
    is_taken = is_taken || !is_own_key (self, &found->devices[i].user_key);
  if (is_taken)
    node_emit (self, &event);
}

static void
on_found (void *user_data, uint32_t number, const Registration *found)
{
  Node *self = user_data;
  NodeLookup *lookup = find_lookup (self, number);
  Call *call = node_call_by_lookup (self, number);
  Buddy *buddy = node_buddy_by_lookup (self, number);
  Diagnosis *diagnosis = node_diagnosis_by_number (self, number);

  if (number == self->own_lookup) {
    self->own_lookup = 0;
    check_own_name (self, found);
  } else if (lookup != NULL) {
    answer_lookup (self, lookup, found);
  } else if (call != NULL) {
    node_call_found (self, call, found);
  } else if (buddy != NULL) {
    node_buddy_found (self, buddy, found);
  } else if (diagnosis != NULL) {
    node_diagnosis_found (diagnosis, found);
  }
}

static void
on_name_timer (Timer *timer, void *owner)
{
  Node *self = owner;

  if (!self->is_user || self->state != NODE_READY)
    return;
  self->own_lookup = self->next_lookup++;
  overlay_lookup (self->overlay, self->own_lookup, self->ports->signer->own->user);
}

bool
node_forward (Node *self, const char *address)
{
  if (address != NULL &&
      (!aor_is_canonical (address) || strcmp (address, self->ports->signer->own->user) == 0))
    return false;
  if (g_strcmp0 (address, self->forward_to) == 0)
    return true;
  g_free (self->forward_to);
  self->forward_to = g_strdup (address);
  overlay_forward (self->overlay, address);
  return true;
}

uint32_t
node_lookup (Node *self, const char *address)
{
  NodeLookup *lookup = g_new0 (NodeLookup, 1);

  lookup->number = self->next_lookup++;
  lookup->address = g_strdup (address);
  lookup->started_at = timers_now (self->ports->timers);
  list_append (&self->lookups, &lookup->all);
  overlay_lookup (self->overlay, lookup->number, address);
  return lookup->number;
}

/* ---- SIP links ---- */

static void
on_application_up (void *user_data, Connection *connection)
{
  Node *self = user_data;
  NodeId peer = connection->peer;

  if (self->user_agent == NULL) {
    overlay_close_application (self->overlay, &peer);
    return;
  }
  overlay_watch_application (self->overlay, &peer, node_call_has_device (self, &peer));
  node_call_link_up (self, &peer);
  user_agent_link_up (self->user_agent, &peer, link_certificate (&connection->link));
  node_mend_another_sip_up (self, &peer);
  node_buddy_link_up (self, connection);
}

static void
on_application_down (void *user_data, const NodeId *peer, LinkEnd end)
{
  Node *self = user_data;
  NodeId gone = *peer;

  log_debug (self->ports, "SIP link down: %d", end);
  if (self->user_agent != NULL)
    user_agent_link_down (self->user_agent, &gone, end != LINK_END_CLOSED);
}

static void
on_application_message (void *user_data, const NodeId *peer, Bytes message)
{
  Node *self = user_data;
  NodeId from = *peer;

  if (self->user_agent != NULL)
    user_agent_receive (self->user_agent, &from, message);
}

static void
on_application_failed (void *user_data, const NodeId *peer, ReloadCode code)
{
  Node *self = user_data;
  NodeId missed = *peer;

  log_debug (self->ports, "no SIP link: %u", code);
  if (self->user_agent != NULL)
    user_agent_link_failed (self->user_agent, &missed, code == RELOAD_NOT_FOUND);
}

static void
on_inquired (void *user_data, uint32_t number, const Findings *findings)
{
  Node *self = user_data;
  Diagnosis *diagnosis = node_diagnosis_by_number (self, number);

  if (diagnosis != NULL)
    node_diagnosis_end (diagnosis, findings);
  else
    node_buddy_probed (self, number, findings->is_complete);
}

static const OverlayEvents overlay_events = {
  .changed = on_changed,
  .duplicate = on_duplicate,
  .unsupported = on_unsupported,
  .configuration = on_configuration,
  .listening = on_listening,
  .clock = on_clock,
  .found = on_found,
  .inquired = on_inquired,
  .service_found = node_on_service_found,
  .relays_found = node_on_relays_found,
  .exposure = node_link_exposure,
  .application_up = on_application_up,
  .application_down = on_application_down,
  .application_message = on_application_message,
  .application_failed = on_application_failed,
};

static void
sip_send (void *user_data, const NodeId *peer, Bytes frame)
{
  Node *self = user_data;

  overlay_send_application (self->overlay, peer, frame);
}

static void
sip_want_link (void *user_data, const NodeId *peer)
{
  Node *self = user_data;

  overlay_want_application (self->overlay, peer);
}

static PresenceDecision
sip_decide (void *user_data, const char *address, const UserKey *user_key)
{
  return node_decide (user_data, address, user_key);
}

static void
sip_event (void *user_data, const SipEvent *event)
{
  Node *self = user_data;

  if (event->type == SIP_EVENT_PRESENCE || event->type == SIP_EVENT_REQUEST)
    node_buddy_on_sip (self, event);
  else
    node_call_on_sip (self, event);
}

static const UserAgentDelegate sip_delegate = {
  .send = sip_send,
  .want_link = sip_want_link,
  .decide = sip_decide,
  .event = sip_event,
};

/* SIP links that no call, no request and no buddy needs are closed. */
static void
on_idle_timer (Timer *timer, void *owner)
{
  Node *self = owner;
  NodeId peers[LIMIT_SIP_PAIRS];
  size_t count = overlay_applications (self->overlay, IDLE_CHECK, peers, LIMIT_SIP_PAIRS);

  for (size_t i = 0; self->user_agent != NULL && i < count; i++)
    if (!user_agent_needs_link (self->user_agent, &peers[i]) &&
        !node_buddy_keeps_link (self, &peers[i])) {
      overlay_close_application (self->overlay, &peers[i]);
      user_agent_link_down (self->user_agent, &peers[i], false);
    }
  timer_start (timer, self->ports->timers, IDLE_CHECK);
}

/* ---- Life ---- */

static UserAgent *
make_user_agent (Node *self, const char *display_name)
{
  UserAgentOptions options = {
    .ports = self->ports,
    .delegate = &sip_delegate,
    .user_data = self,
    .address = self->ports->signer->own->user,
    .display_name = display_name != NULL ? display_name : "",
    .node_id = self->ports->signer->own->node_ids[0],
    .user_key = self->ports->signer->own->user_key,
  };

  return user_agent_new (&options);
}

Node *
node_new (const NodeOptions *options)
{
  Node *self = g_new0 (Node, 1);

  self->ports = options->ports;
  self->event = options->event;
  self->user_data = options->user_data;
  self->is_user = options->is_user;
  self->next_call = 1;
  self->next_lookup = 1;
  list_init (&self->calls);
  list_init (&self->buddies);
  list_init (&self->acceptances);
  list_init (&self->lookups);
  list_init (&self->diagnoses);
  memcpy (self->fingerprint, self->ports->signer->own->hash, MEDIA_FINGERPRINT_SIZE);
  timer_init (&self->idle_timer, on_idle_timer, self);
  timer_init (&self->name_timer, on_name_timer, self);
  timer_init (&self->state_timer, on_state_timer, self);
  timer_init (&self->stop_timer, on_stop_timer, self);
  self->overlay = overlay_new (self->ports, (struct Configuration *) options->configuration,
                               options->is_user, &overlay_events, self);
  if (options->is_user)
    self->user_agent = make_user_agent (self, options->display_name);
  return self;
}

void
node_free (Node *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->idle_timer);
  timer_stop (&self->name_timer);
  timer_stop (&self->state_timer);
  timer_stop (&self->stop_timer);
  list_for_each (&self->calls, l) call_free (list_element (l, Call, all));
  list_for_each (&self->buddies, l) buddy_free (list_element (l, Buddy, all));
  list_for_each (&self->lookups, l) lookup_free (list_element (l, NodeLookup, all));
  list_for_each (&self->diagnoses, l) diagnosis_free (list_element (l, Diagnosis, all));
  list_for_each (&self->acceptances, l)
  {
    Acceptance *acceptance = list_element (l, Acceptance, all);
    g_free (acceptance->address);
    g_free (acceptance);
  }
  user_agent_free (self->user_agent);
  overlay_free (g_steal_pointer (&self->overlay));
  g_clear_pointer (&self->relayed, g_hash_table_unref);
  g_free (self->forward_to);
  g_free (self);
}

void
node_restore (Node *self, KeepTable table, Bytes key, Bytes value)
{
  overlay_restore (self->overlay, table, key, value);
}

void
node_start (Node *self)
{
  if (self->is_running)
    return;
  self->is_running = true;
  self->ended = NODE_OFF;
  overlay_start (self->overlay);
  timer_start (&self->idle_timer, self->ports->timers, IDLE_CHECK);
  on_changed (self);
}

void
node_stop (Node *self)
{
  if (!self->is_running)
    return;
  if (self->user_agent != NULL)
    user_agent_stop (self->user_agent);
  overlay_stop (self->overlay);
  self->is_running = false;
  timer_stop (&self->idle_timer);
  timer_stop (&self->name_timer);
  self->state = NODE_OFF;
  emit_state (self);
}

bool
node_is_quiet (const Node *self)
{
  return !self->is_running && overlay_is_quiet (self->overlay);
}

void
node_network_changed (Node *self)
{
  overlay_network_changed (self->overlay);
  node_upgrade_moved (self);
}

void
node_set_metered (Node *self, bool is_metered)
{
  overlay_set_metered (self->overlay, is_metered);
}

void
node_add_bootstrap (Node *self, LinkTransport transport, const Address *address)
{
  overlay_add_bootstrap (self->overlay, transport, address);
}

void
node_set_listening (Node *self, const Address *addresses, size_t count)
{
  overlay_set_listening (self->overlay, addresses, count);
}

void
node_set_codecs (Node *self, const MediaCodec *codecs, size_t count)
{
  if (self->user_agent != NULL)
    user_agent_set_codecs (self->user_agent, codecs, count);
}

bool
node_update_configuration (Node *self, Bytes document)
{
  return overlay_adopt_configuration (self->overlay, document);
}

/* ---- Links ---- */

void
node_link_gathered (Node *self, uint32_t link, const IceDescription *local)
{
  if (!overlay_link_gathered (self->overlay, link, local))
    node_call_media_gathered (self, link, local);
}

void
node_link_up (Node *self, uint32_t link, Certificate *peer, LinkTraits traits)
{
  g_autoptr (Certificate) owned = peer;

  if (!overlay_link_up (self->overlay, link, peer, traits))
    node_call_media_up (self, link);
}

void
node_receive (Node *self, uint32_t link, Bytes bytes)
{
  overlay_receive (self->overlay, link, bytes);
}

void
node_link_down (Node *self, uint32_t link, LinkEnd end)
{
  if (!overlay_link_down (self->overlay, link, end))
    node_call_media_down (self, link, end);
}

void
node_link_refused (Node *self)
{
  overlay_link_refused (self->overlay);
}

/* ---- Looking at it ---- */

NodeState
node_state (const Node *self)
{
  return self->state;
}

bool
node_is_client (const Node *self)
{
  return self->overlay != NULL && overlay_is_client (self->overlay);
}

const NodeId *
node_id (const Node *self)
{
  return &self->ports->signer->own->node_ids[0];
}

static void
sip_facts (const SipCounters *sip, NodeFactFunc func, void *user_data)
{
  func ("sip_received", sip->received, user_data);
  func ("sip_malformed", sip->malformed, user_data);
  func ("sip_flood", sip->flood, user_data);
  func ("sip_identity", sip->identity, user_data);
  func ("sip_unknown_dialog", sip->unknown_dialog, user_data);
  func ("sip_invites_refused", sip->invites_refused, user_data);
  func ("sip_queue_dropped", sip->queue_dropped, user_data);
}

void
node_facts (const Node *self, NodeFactFunc func, void *user_data)
{
  const uint64_t *counters = (const uint64_t *) overlay_counters (self->overlay);

  func ("state", self->state, user_data);
  func ("peers", overlay_peers (self->overlay), user_data);
  func ("links", overlay_links (self->overlay), user_data);
  func ("registered", overlay_is_registered (self->overlay), user_data);
  func ("resources", overlay_resource_count (self->overlay), user_data);
  func ("stored_bytes", overlay_stored_bytes (self->overlay), user_data);
  func ("service_records", overlay_service_records (self->overlay), user_data);
  func ("direct_sought", self->direct_sought, user_data);
  func ("direct_found", self->direct_found, user_data);
  for (size_t i = 0; i < overlay_counter_count; i++)
    func (overlay_counter_names[i], counters[i], user_data);
  if (self->user_agent != NULL)
    sip_facts (user_agent_counters (self->user_agent), func, user_data);
}

const char *
node_peer_address (const Node *self, const NodeId *id)
{
  return overlay_peer_address (self->overlay, id);
}

void
node_peers (const Node *self, NodePeerFunc func, void *user_data)
{
  overlay_for_each_peer (self->overlay, func, user_data);
}
