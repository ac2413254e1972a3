/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node-buddy"
#include "core/base/log.h"
#include "core/node-private.h"

#include <string.h>

/* A buddy is looked up at start and every ten minutes, and subscribed to on every device that is
 * registered with the pinned user key. A buddy who comes on the air subscribes to us, so the link
 * that comes up tells us too.
 *
 * A link that stands tells when its other end is gone. Of a device without one nobody would say so:
 * with each look-up it is asked whether it is still there. A crashed phone's registration ends soon
 * after; until then its presence is not confirmed. */

#define LOOK_AGAIN (10 * TIME_MINUTE)
#define LOOK_SOON  (15 * TIME_SECOND)
#define AT_START   (2 * TIME_SECOND)

Buddy *
node_find_buddy (Node *self, const char *address)
{
  list_for_each (&self->buddies, l)
  {
    Buddy *buddy = list_element (l, Buddy, all);
    if (strcmp (buddy->address, address) == 0)
      return buddy;
  }
  return NULL;
}

Buddy *
node_buddy_by_lookup (Node *self, uint32_t lookup)
{
  list_for_each (&self->buddies, l)
  {
    Buddy *buddy = list_element (l, Buddy, all);
    if (buddy->lookup == lookup)
      return buddy;
  }
  return NULL;
}

static bool
has_device (const Buddy *buddy, const NodeId *device)
{
  for (size_t i = 0; i < buddy->device_count; i++)
    if (node_id_equal (&buddy->devices[i], device))
      return true;
  return false;
}

Buddy *
node_buddy_by_device (Node *self, const NodeId *device)
{
  list_for_each (&self->buddies, l)
  {
    Buddy *buddy = list_element (l, Buddy, all);
    if (has_device (buddy, device))
      return buddy;
  }
  return NULL;
}

static void
look_again (Buddy *buddy, uint64_t pause)
{
  const NodePorts *ports = buddy->node->ports;

  timer_start (&buddy->timer, ports->timers,
               pause * 4 / 5 + ports->random_below (ports->world, (uint32_t) (pause * 2 / 5) + 1));
}

static void
on_buddy_timer (Timer *timer, void *owner)
{
  Buddy *buddy = owner;
  Node *self = buddy->node;

  look_again (buddy, LOOK_AGAIN);
  if (buddy->lookup != 0 || (self->state != NODE_READY && self->state != NODE_ALONE))
    return;
  buddy->lookup = self->next_lookup++;
  overlay_lookup (self->overlay, buddy->lookup, buddy->address);
}

static void
emit_presence (Node *self, const Buddy *buddy, NodePresence presence, const UserKey *user_key)
{
  NodeEvent event = { .type = NODE_EVENT_PRESENCE };

  event.presence.address = buddy->address;
  event.presence.presence = presence;
  event.presence.user_key = user_key;
  event.presence.is_ambiguous = buddy->is_ambiguous;
  node_emit (self, &event);
}

static void
note_device (Buddy *buddy, const NodeId *device)
{
  for (size_t i = 0; i < buddy->device_count; i++)
    if (node_id_equal (&buddy->devices[i], device))
      return;
  if (buddy->device_count >= LIMIT_CALL_DEVICES)
    return;
  buddy->probes[buddy->device_count] = 0;
  buddy->devices[buddy->device_count++] = *device;
}

static void
probe_devices (Node *self, Buddy *buddy)
{
  for (size_t i = 0; i < buddy->device_count; i++) {
    const NodeId *device = &buddy->devices[i];

    if (overlay_has_application (self->overlay, device) ||
        user_agent_needs_link (self->user_agent, device))
      continue;
    buddy->probes[i] = self->next_lookup++;
    overlay_probe (self->overlay, buddy->probes[i], device);
  }
}

void
node_buddy_probed (Node *self, uint32_t probe, bool is_there)
{
  list_for_each (&self->buddies, l)
  {
    Buddy *buddy = list_element (l, Buddy, all);

    for (size_t i = 0; i < buddy->device_count; i++) {
      if (buddy->probes[i] != probe)
        continue;
      buddy->probes[i] = 0;
      if (!is_there)
        presence_doubt (self->user_agent, &buddy->devices[i]);
    }
  }
}

static bool
is_pinned (const Buddy *buddy, const UserKey *user_key)
{
  return !buddy->has_pin || memcmp (buddy->pin.bytes, user_key->bytes, USER_KEY_SIZE) == 0;
}

void
node_buddy_found (Node *self, Buddy *buddy, const Registration *found)
{
  const UserKey *stranger = NULL;
  UserKey owners[REGISTERED_DEVICES];

  buddy->lookup = 0;
  if (!found->was_answered) {
    look_again (buddy, LOOK_SOON);
    return;
  }
  /* Whoever answered first would be taken for the one who was meant: nobody is asked. */
  buddy->is_ambiguous = !buddy->has_pin && node_list_owners (found, owners) > 1;
  if (buddy->is_ambiguous) {
    emit_presence (self, buddy, NODE_PRESENCE_UNKNOWN, NULL);
    return;
  }
  buddy->device_count = 0;
  for (size_t i = 0; i < found->device_count; i++) {
    const RegisteredDevice *device = &found->devices[i];
    if (is_pinned (buddy, &device->user_key))
      note_device (buddy, &device->node_id);
    else
      stranger = &device->user_key;
  }
  if (buddy->device_count == 0)
    look_again (buddy, stranger == NULL ? 4 * LOOK_SOON : LOOK_AGAIN);
  if (buddy->device_count == 0 && stranger != NULL)
    emit_presence (self, buddy, NODE_PRESENCE_UNKNOWN, stranger);
  presence_subscribe (self->user_agent, buddy->address, buddy->devices, buddy->device_count);
  probe_devices (self, buddy);
}

void
node_buddy_link_up (Node *self, const Connection *connection)
{
  const Certificate *certificate = link_certificate (&connection->link);
  Buddy *buddy = node_find_buddy (self, certificate->user);

  if (buddy == NULL || buddy->is_ambiguous || !is_pinned (buddy, &certificate->user_key))
    return;
  note_device (buddy, &connection->peer);
  presence_subscribe (self->user_agent, buddy->address, buddy->devices, buddy->device_count);
}

static const struct {
  PresenceState sip;
  NodePresence node;
} presences[] = {
  { PRESENCE_UNKNOWN, NODE_PRESENCE_UNKNOWN },
  { PRESENCE_PENDING, NODE_PRESENCE_PENDING },
  { PRESENCE_REFUSED, NODE_PRESENCE_REFUSED },
  { PRESENCE_OFFLINE, NODE_PRESENCE_OFFLINE },
  { PRESENCE_AWAY, NODE_PRESENCE_AWAY },
  { PRESENCE_AVAILABLE, NODE_PRESENCE_AVAILABLE },
  { PRESENCE_DO_NOT_DISTURB, NODE_PRESENCE_DO_NOT_DISTURB },
  { PRESENCE_IN_CALL, NODE_PRESENCE_IN_CALL },
};

void
node_buddy_on_sip (Node *self, const SipEvent *sip)
{
  NodeEvent event = { .type = NODE_EVENT_REQUEST };
  Buddy *buddy;

  if (sip->type == SIP_EVENT_REQUEST) {
    event.request.address = sip->address;
    event.request.display_name = sip->display_name != NULL ? sip->display_name : "";
    event.request.user_key = sip->user_key;
    node_emit (self, &event);
    return;
  }
  buddy = node_find_buddy (self, sip->address);
  if (buddy == NULL)
    return;
  if (sip->presence == PRESENCE_UNKNOWN)
    look_again (buddy, LOOK_SOON);
  for (size_t i = 0; i < G_N_ELEMENTS (presences); i++)
    if (presences[i].sip == sip->presence)
      emit_presence (self, buddy, presences[i].node, sip->user_key);
}

void
buddy_free (Buddy *buddy)
{
  list_remove (&buddy->all);
  timer_stop (&buddy->timer);
  g_free (buddy->address);
  g_free (buddy);
}

bool
node_buddy_keeps_link (Node *self, const NodeId *device)
{
  unsigned kept = 0;

  for (int favourites = 1; favourites >= 0; favourites--)
    list_for_each (&self->buddies, l)
    {
      Buddy *buddy = list_element (l, Buddy, all);
      if (buddy->is_favourite != (favourites == 1) || kept++ >= LIMIT_BUDDY_LINKS)
        continue;
      if (has_device (buddy, device))
        return true;
    }
  return false;
}

void
node_buddy_renew_links (Node *self, Buddy *buddy)
{
  for (size_t i = 0; i < buddy->device_count; i++) {
    NodeId device = buddy->devices[i];

    if (!overlay_has_application (self->overlay, &device) || node_call_has_device (self, &device))
      continue;
    overlay_close_application (self->overlay, &device);
    user_agent_link_down (self->user_agent, &device, true);
  }
  if (self->is_running)
    timer_start (&buddy->timer, self->ports->timers, 0);
}

void
node_buddies_start (Node *self)
{
  list_for_each (&self->buddies, l)
  {
    Buddy *buddy = list_element (l, Buddy, all);
    look_again (buddy, buddy->is_favourite ? AT_START / 2 : AT_START);
  }
}

void
node_subscribe (Node *self, const char *address, const UserKey *pin, bool is_favourite)
{
  Buddy *buddy = node_find_buddy (self, address);

  if (self->user_agent == NULL)
    return;
  if (buddy == NULL) {
    buddy = g_new0 (Buddy, 1);
    buddy->node = self;
    buddy->address = g_strdup (address);
    timer_init (&buddy->timer, on_buddy_timer, buddy);
    list_append (&self->buddies, &buddy->all);
  }
  buddy->has_pin = pin != NULL;
  buddy->is_ambiguous = buddy->is_ambiguous && pin == NULL;
  if (pin != NULL)
    buddy->pin = *pin;
  buddy->is_favourite = is_favourite;
  if (self->is_running)
    timer_start (&buddy->timer, self->ports->timers, 0);
}

void
node_unsubscribe (Node *self, const char *address)
{
  Buddy *buddy = node_find_buddy (self, address);

  if (buddy == NULL)
    return;
  presence_unsubscribe (self->user_agent, address);
  buddy_free (buddy);
}

/* ---- Who may see and call us ---- */

static Acceptance *
find_acceptance (Node *self, const char *address, const UserKey *user_key)
{
  list_for_each (&self->acceptances, l)
  {
    Acceptance *acceptance = list_element (l, Acceptance, all);
    if (strcmp (acceptance->address, address) == 0 &&
        memcmp (acceptance->user_key.bytes, user_key->bytes, USER_KEY_SIZE) == 0)
      return acceptance;
  }
  return NULL;
}

static PresenceDecision
decision_of (NodeAcceptance acceptance)
{
  switch (acceptance) {
  case NODE_ACCEPTANCE_ACCEPTED:
    return PRESENCE_ACCEPTED;
  case NODE_ACCEPTANCE_REFUSED:
    return PRESENCE_REJECTED;
  case NODE_ACCEPTANCE_UNDECIDED:
    break;
  }
  return PRESENCE_UNDECIDED;
}

PresenceDecision
node_decide (Node *self, const char *address, const UserKey *user_key)
{
  Acceptance *acceptance = find_acceptance (self, address, user_key);

  return acceptance != NULL ? decision_of (acceptance->decision) : PRESENCE_UNDECIDED;
}

void
node_accept (Node *self, const char *address, const UserKey *user_key, NodeAcceptance decision)
{
  Acceptance *acceptance = find_acceptance (self, address, user_key);

  if (acceptance == NULL) {
    acceptance = g_new0 (Acceptance, 1);
    acceptance->address = g_strdup (address);
    acceptance->user_key = *user_key;
    list_append (&self->acceptances, &acceptance->all);
  }
  acceptance->decision = decision;
  if (self->user_agent != NULL)
    presence_decided (self->user_agent, address, user_key, decision_of (decision));
}

void
node_set_presence (Node *self, NodePresence presence)
{
  if (self->user_agent == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (presences); i++)
    if (presences[i].node == presence)
      presence_set_own (self->user_agent, presences[i].sip);
}
