/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"

/* Who gets to see which of our addresses (threat 4.13). A link for SIP stands before anybody has
 * been asked whether they want to talk: who asks for it and has not been accepted learns the
 * address of a relay, until the person answers. Whom we ask ourselves, and whom we have accepted,
 * learns all of them; but for those of whom the person has said that they never shall. */

static bool
is_relayed (const Node *self, const char *address)
{
  return self->relayed != NULL && address != NULL && g_hash_table_contains (self->relayed, address);
}

/* The person talks to that device, or has dialled it. */
static bool
has_agreed (Node *self, const NodeId *device)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    bool is_up = call->state == NODE_CALL_UP || call->state == NODE_CALL_LOST;

    if ((is_up || !call->is_incoming) && call_find_leg (call, device) != NULL)
      return true;
  }
  return false;
}

/* Whoever's device it is, as far as we know. */
static bool
is_of_relayed (Node *self, const NodeId *device)
{
  const Buddy *buddy = node_buddy_by_device (self, device);

  if (buddy != NULL && is_relayed (self, buddy->address))
    return true;
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    if (is_relayed (self, call->address) && call_find_leg (call, device) != NULL)
      return true;
  }
  return false;
}

LinkExposure
node_link_exposure (void *user_data, const NodeId *peer, const Certificate *signer)
{
  Node *self = user_data;

  if (is_of_relayed (self, peer) || (signer != NULL && is_relayed (self, signer->user)))
    return LINK_EXPOSURE_RELAYED;
  if (signer == NULL || has_agreed (self, peer) ||
      node_decide (self, signer->user, &signer->user_key) == PRESENCE_ACCEPTED)
    return LINK_EXPOSURE_OPEN;
  return self->is_shy ? LINK_EXPOSURE_STRICT : LINK_EXPOSURE_STRANGER;
}

LinkExposure
call_exposure (const Call *call)
{
  return is_relayed (call->node, call->address) ? LINK_EXPOSURE_RELAYED : LINK_EXPOSURE_OPEN;
}

void
node_relay_always (Node *self, const char *address, bool is_always)
{
  Buddy *buddy = node_find_buddy (self, address);
  bool is_changed;

  if (self->relayed == NULL)
    self->relayed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  is_changed = is_always ? g_hash_table_add (self->relayed, g_strdup (address))
                         : g_hash_table_remove (self->relayed, address);
  if (is_changed && buddy != NULL)
    node_buddy_renew_links (self, buddy);
}

void
node_hide (Node *self, bool is_hidden)
{
  self->is_shy = is_hidden;
}
