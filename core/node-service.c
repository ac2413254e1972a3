/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"

/* Services and relays: numbers go to the overlay, answers come back as events. */

void
node_service_register (Node *self, const char *namespace)
{
  overlay_provide (self->overlay, namespace);
}

void
node_service_remove (Node *self, const char *namespace)
{
  overlay_withdraw (self->overlay, namespace);
}

uint32_t
node_service_find (Node *self, const char *namespace, const NodeId *key)
{
  uint32_t number = self->next_lookup++;
  NodeId chosen;

  if (key != NULL)
    chosen = *key;
  else
    self->ports->random_bytes (self->ports->world, chosen.bytes, NODE_ID_SIZE);
  overlay_find_service (self->overlay, number, namespace, &chosen);
  return number;
}

void
node_on_service_found (void *user_data, uint32_t number, const ServiceFound *found)
{
  NodeEvent event = { .type = NODE_EVENT_SERVICE };

  event.service.search = number;
  event.service.found = found;
  node_emit (user_data, &event);
}

void
node_offer_relay (Node *self, const Address *address)
{
  overlay_offer_relay (self->overlay, address);
}

uint32_t
node_find_relays (Node *self)
{
  uint32_t number = self->next_lookup++;

  overlay_find_relays (self->overlay, number);
  return number;
}

void
node_on_relays_found (void *user_data, uint32_t number, const RelaysFound *found)
{
  NodeEvent event = { .type = NODE_EVENT_RELAYS };

  event.relays.search = number;
  event.relays.found = found;
  node_emit (user_data, &event);
}
