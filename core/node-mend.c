/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node-mend"
#include "core/base/log.h"
#include "core/node-private.h"

/* A call whose sound stays away: somebody's network has changed, and not even he may have noticed.
 *
 *   silent for 0.6 s      all links are asked for a sign of life, so that those that are dead end
 *                         soon; peers are called anew beside them
 *   no sign from SIP's    a moment later: another one is made beside it
 *   a sign                whether from the old link or the new one: ICE is restarted over it
 *   still silent          again; but when a new link is as silent, it is not the network
 *
 * Who called restarts first: were both to do so, each would have to wait for the other's offer to
 * be over. Silence is told every quarter second and counted. On hold there is nothing to be heard.
 */

enum {
  LINK_PATIENCE = 2,
  CALLER_PATIENCE = 2,
  CALLEE_PATIENCE = 16,
  RESTART_PATIENCE = 24,
  END_PATIENCE = 4 * NODE_CALL_MEND_S,
};

#define SIGN_OF_LIFE (700 * TIME_MS)

static void
forget (CallLeg *leg)
{
  leg->silences = 0;
  leg->restarted_after = 0;
}

static void
restart (Call *call, CallLeg *leg)
{
  log_debug (call->node->ports, "gathering anew for media link %u", leg->link);
  leg->restarted_after = leg->silences;
  call_replace_link (call, leg, false);
}

/* The first time, or when what was begun has led nowhere. */
static bool
is_time (const Call *call, const CallLeg *leg)
{
  unsigned patience = call->is_incoming ? CALLEE_PATIENCE : CALLER_PATIENCE;

  if (leg->next_link != 0 || leg->restarted_after > 0)
    patience = MAX (patience, leg->restarted_after + (unsigned) RESTART_PATIENCE);
  return leg->silences >= patience;
}

static void
on_silence (Call *call, CallLeg *leg)
{
  Node *self = call->node;

  if (leg->silences == 1) {
    log_debug (self->ports, "no sound on media link %u", leg->link);
    overlay_network_changed (self->overlay);
  } else {
    overlay_ask_application (self->overlay, &leg->device);
  }
  if (leg->silences >= END_PATIENCE) {
    call->cause = NODE_CALL_END_LOST;
    session_end (self->user_agent, call->number);
  } else if (!overlay_application_is_alive (self->overlay, &leg->device, SIGN_OF_LIFE)) {
    if (leg->silences == LINK_PATIENCE)
      overlay_renew_application (self->overlay, &leg->device);
  } else if (is_time (call, leg)) {
    restart (call, leg);
  }
}

void
node_link_silent (Node *self, uint32_t link, bool is_silent)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);

  if (call == NULL || leg->link != link)
    return;
  leg->is_mute = is_silent;
  leg->has_sounded = leg->has_sounded || !is_silent;
  node_path_look (call);
  if (!call->has_winner || !node_id_equal (&call->winner, &leg->device) ||
      (call->state != NODE_CALL_UP && call->state != NODE_CALL_LOST))
    return;
  leg->awaits_sound = leg->awaits_sound && is_silent;
  call->is_silent = is_silent && !call->is_held && !leg->awaits_sound;
  if (!call->is_silent) {
    forget (leg);
    node_call_show (call);
    return;
  }
  leg->silences++;
  node_call_show (call);
  on_silence (call, leg);
}

void
node_mend_link_up (Call *call, CallLeg *leg)
{
  leg->awaits_sound = call->is_silent;
  call->seeks_path = call->seeks_path || call->is_silent;
  call->is_silent = false;
  forget (leg);
  node_call_show (call);
}

void
node_mend_sip_up (Call *call)
{
  CallLeg *leg = call->has_winner ? call_find_leg (call, &call->winner) : NULL;

  node_path_due (call);
  if (leg == NULL || !call->is_silent)
    return;
  forget (leg);
  leg->silences = 1;
  if (!call->is_incoming)
    restart (call, leg);
}

void
node_mend_another_sip_up (Node *self, const NodeId *device)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    CallLeg *leg = call->has_winner ? call_find_leg (call, &call->winner) : NULL;
    if (leg != NULL && node_id_equal (&leg->device, device) && call->is_silent &&
        !call->is_incoming && leg->next_link == 0)
      restart (call, leg);
  }
}
