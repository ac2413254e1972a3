/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration.h"
#include "tests/unit/phone-stage-private.h"

/* The node: it writes down what it is asked. */

GPtrArray *stage_nodes;

Node *
node_new (const NodeOptions *options)
{
  Node *self = g_new0 (Node, 1);

  self->event = options->event;
  self->user_data = options->user_data;
  self->instance_name = g_strdup (options->configuration->instance_name);
  g_ptr_array_add (stage_nodes, self);
  return self;
}

void
node_free (Node *self)
{
  if (!self)
    return;
  g_ptr_array_remove (stage_nodes, self);
  g_free (self->instance_name);
  g_free (self);
}

void
node_start (Node *self)
{
  stage_say ("start");
}

void
node_stop (Node *self)
{
  stage_say ("stop");
}

/* It takes two words of the others until all has been heard. */
bool
node_is_quiet (const Node *self)
{
  bool is_quiet = ((Node *) self)->heard++ == 2;

  if (is_quiet)
    stage_say ("quiet");
  return is_quiet;
}

void
node_network_changed (Node *self)
{
  stage_say ("network-changed");
}

void
node_set_metered (Node *self, bool is_metered)
{
  if (is_metered)
    stage_say ("metered");
}

void
node_add_bootstrap (Node *self, LinkTransport transport, const Address *address)
{
  char text[ADDRESS_TEXT_SIZE];

  stage_say ("bootstrap %s", address_to_text (address, text));
}

bool
node_update_configuration (Node *self, Bytes document)
{
  const NodeEvent event = { .type = NODE_EVENT_CONFIGURATION, .document = document };

  self->event (&event, self->user_data);
  return true;
}

void
node_set_listening (Node *self, const Address *addresses, size_t count)
{
}

void
node_set_codecs (Node *self, const MediaCodec *codecs, size_t count)
{
  stage_say ("codecs %zu", count);
}

bool
node_forward (Node *self, const char *address)
{
  stage_say ("forward %s", address ? address : "nowhere");
  return true;
}

uint32_t
node_lookup (Node *self, const char *address)
{
  stage_say ("lookup %s", address);
  return ++self->next;
}

uint32_t
node_diagnose (Node *self, const NodeDiagnosisOptions *options)
{
  stage_say ("%s %s", options->is_path ? "path" : "ping",
             options->address ? options->address : "node");
  return ++self->next;
}

void
node_offer_relay (Node *self, const Address *address)
{
}

uint32_t
node_find_relays (Node *self)
{
  return 1;
}

uint32_t
node_service_find (Node *self, const char *namespace, const NodeId *key)
{
  stage_say ("service %s", namespace);
  return ++self->next;
}

uint32_t
node_call (Node *self, const NodeCallOptions *options)
{
  if (options->pin)
    stage_say ("call %s pinned %d", options->address, options->pin->bytes[0]);
  else
    stage_say ("call %s", options->address);
  if (options->gr)
    stage_say ("device %s", options->gr);
  return ++self->next;
}

void
node_call_answer (Node *self, uint32_t call)
{
  stage_say ("answer %u", call);
}

void
node_call_decline (Node *self, uint32_t call, bool is_busy)
{
  stage_say (is_busy ? "decline %u busy" : "decline %u", call);
}

void
node_call_end (Node *self, uint32_t call)
{
  stage_say ("end %u", call);
}

void
node_call_hold (Node *self, uint32_t call, bool is_held)
{
  stage_say ("%s %u", is_held ? "hold" : "resume", call);
}

uint32_t
node_call_link (Node *self, uint32_t call)
{
  return stage_path_link;
}

void
node_link_heard (Node *self, uint32_t link, bool is_heard)
{
  stage_say (is_heard ? "heard %u" : "unheard %u", link);
}

void
node_subscribe (Node *self, const char *address, const UserKey *pin, bool is_favourite)
{
  if (pin)
    stage_say ("subscribe %s key %d%s", address, pin->bytes[0], is_favourite ? " favourite" : "");
  else
    stage_say ("subscribe %s%s", address, is_favourite ? " favourite" : "");
}

void
node_unsubscribe (Node *self, const char *address)
{
  stage_say ("unsubscribe %s", address);
}

void
node_accept (Node *self, const char *address, const UserKey *user_key, NodeAcceptance decision)
{
  static const char *const words[] = { "undecided", "accepted", "refused" };

  stage_say ("%s %s key %d", words[decision], address, user_key->bytes[0]);
}

void
node_relay_always (Node *self, const char *address, bool is_always)
{
  stage_say ("%s %s", is_always ? "relay" : "unrelay", address);
}

void
node_hide (Node *self, bool is_hidden)
{
  stage_say ("%s", is_hidden ? "hide" : "show");
}

void
node_set_presence (Node *self, NodePresence presence)
{
  stage_say ("presence %d", (int) presence);
}

const NodeId *
node_id (const Node *self)
{
  return &self->id;
}

void
node_facts (const Node *self, NodeFactFunc func, void *user_data)
{
  func ("messages", 7, user_data);
  func ("refused", 0, user_data);
}

bool
node_is_client (const Node *self)
{
  return false;
}

const char *
node_peer_address (const Node *self, const NodeId *id)
{
  return NULL;
}

void
node_peers (const Node *self, NodePeerFunc func, void *user_data)
{
  func (&self->id, "successor", 1.25, user_data);
}
