/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node-path"
#include "core/base/log.h"
#include "core/node-private.h"

/* Whether the sound of an answered call has a path, and what is done when it has none.
 *
 * That ICE found a pair and DTLS its keys is not enough: what lets these pass may eat the sound. A
 * path counts when sound comes over it and the other side's reports (RTCP) say that ours arrives
 * there; nothing is concluded from reports that never come. Every side that reports at all does so
 * more often than each PATIENCE (RFC 3550, 6.2), so that somebody's silence is no lack of a path.
 *
 *   none for PATIENCE      relays are forced: ICE anew in the same dialog, with relayed candidates
 *                          alone. SIP must have its link, else sound is not what is broken
 *   no relay lets us in    asked for again at each tick: the search for relays begins with that
 *   none for GIVE_UP       a call that never had one, both ways, ends, so that people learn which
 *                          leg failed. One that had is node-mend.c's to end: it may be their
 *                          microphone, and who still hears something may want to go on
 *
 * Who is not heard shows it as soon as the reports do, for the other side shows it already.
 *
 * A path that fails while it still rings is no reason to let nobody answer, if there is a relay: it
 * is sought meanwhile, and used when the call is up. Who called acts first, as in node-mend.c. */

static const uint64_t TICK = 500 * TIME_MS;
static const uint64_t SIGN_OF_LIFE = 700 * TIME_MS;
static const uint64_t PATIENCE = 8 * TIME_SECOND;
static const uint64_t GIVE_UP = 16 * TIME_SECOND;
static const uint64_t REPORTING = 3 * TIME_SECOND;  /* until reports show that nothing arrives */
static const uint64_t POLITENESS = 3 * TIME_SECOND; /* of who was called */
static const uint64_t ATTEMPT = 5 * TIME_SECOND;    /* to restart ICE without being disturbed */

static uint64_t
now (const Call *call)
{
  return timers_now (call->node->ports->timers);
}

static bool
is_up (const Call *call)
{
  return call->state == NODE_CALL_UP || call->state == NODE_CALL_LOST;
}

static CallLeg *
winner_of (Call *call)
{
  return call->has_winner ? call_find_leg (call, &call->winner) : NULL;
}

static bool
has_path (const Call *call, const CallLeg *leg)
{
  return call->is_held || (leg->is_link_up && !leg->is_mute && !leg->is_unheard);
}

/* Of one direction at least: nothing was heard since a path was due, or nothing of ours there. */
static bool
never_had_path (const CallLeg *leg)
{
  return (!leg->has_sounded && (leg->is_mute || !leg->is_link_up)) ||
         (!leg->was_heard && leg->is_unheard);
}

static uint64_t
patience_of (const Call *call, const CallLeg *leg)
{
  if (call->is_incoming)
    return PATIENCE + POLITENESS;
  return leg->has_failed ? 0 : PATIENCE;
}

static uint64_t
end_of (const Call *call)
{
  return call->no_path_since + GIVE_UP + (call->is_incoming ? POLITENESS : 0);
}

static void
give_up (Call *call, NodeCallEnd cause)
{
  timer_stop (&call->path_timer);
  call->cause = cause;
  session_end (call->node->user_agent, call->number);
}

static void
force_relay (Call *call, CallLeg *leg)
{
  const NodePorts *ports = call->node->ports;

  log_debug (ports, "no path for the sound: over relays");
  call->has_eaten = leg->is_link_up && ports->link_is_direct (ports->world, leg->link);
  call->is_relay_forced = true;
  leg->restarted_after = MAX (leg->silences, 1);
  call_replace_link (call, leg, true);
  call->seeks_path = true;
  node_call_show (call);
}

/* Something is being tried that may be good yet. */
static bool
is_busy (const Call *call, const CallLeg *leg)
{
  return leg->next_link != 0 && now (call) < leg->next_since + ATTEMPT;
}

static void
seek (Call *call, CallLeg *leg)
{
  Node *self = call->node;
  bool is_found = overlay_application_is_alive (self->overlay, &leg->device, SIGN_OF_LIFE);

  overlay_ask_application (self->overlay, &leg->device);
  if (now (call) >= end_of (call)) {
    if (never_had_path (leg) && is_found) {
      give_up (call, NODE_CALL_END_NO_MEDIA_PATH);
      return;
    }
    if (!leg->is_link_up && !call->is_link_lost) {
      give_up (call, NODE_CALL_END_LOST);
      return;
    }
    call->seeks_path = false;
    node_call_show (call);
  } else if (is_found && !call->is_relay_forced && !is_busy (call, leg) &&
             now (call) >= call->no_path_since + patience_of (call, leg)) {
    force_relay (call, leg);
  }
}

/* While it rings: is there a relay at all? */
static void
rehearse (Call *call)
{
  CallLeg *leg = &call->legs[0];

  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used && call->legs[i].has_failed)
      leg = &call->legs[i];
  if (now (call) >= call->no_path_since + PATIENCE)
    give_up (call, NODE_CALL_END_NO_MEDIA_PATH);
  else if (leg->next_link == 0)
    call_replace_link (call, leg, true);
}

static void
on_tick (Timer *timer, void *owner)
{
  Call *call = owner;
  CallLeg *leg = winner_of (call);

  timer_start (timer, call->node->ports->timers, TICK);
  if (!is_up (call))
    rehearse (call);
  else if (leg != NULL)
    seek (call, leg);
}

void
node_path_init (Call *call)
{
  timer_init (&call->path_timer, on_tick, call);
}

static void
start_clock (Call *call, uint64_t since)
{
  call->no_path_since = since;
  timer_start (&call->path_timer, call->node->ports->timers, TICK);
}

/* When it was lost of which we have just been told. */
static uint64_t
lost_at (const Call *call, const CallLeg *leg)
{
  bool was_never_there = never_had_path (leg) && (leg->is_mute || leg->is_unheard);
  uint64_t since_due = now (call) - call->path_due;

  if (was_never_there)
    return call->path_due;
  return now (call) - (leg->is_unheard ? MIN (REPORTING, since_due) : 0);
}

void
node_path_look (Call *call)
{
  const CallLeg *leg = winner_of (call);

  if (!is_up (call) || leg == NULL)
    return;
  if (has_path (call, leg)) {
    timer_stop (&call->path_timer);
    call->is_relay_forced = false;
    if (call->seeks_path) {
      call->seeks_path = false;
      node_call_show (call);
    }
  } else if (!timer_is_set (&call->path_timer)) {
    start_clock (call, lost_at (call, leg));
  }
}

void
node_path_due (Call *call)
{
  call->path_due = now (call);
  timer_stop (&call->path_timer);
  node_path_look (call);
}

static bool
has_hope (const Call *call)
{
  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used && !call->legs[i].has_failed)
      return true;
  return false;
}

void
node_path_failed_early (Call *call, CallLeg *leg)
{
  leg->has_failed = true;
  if (!call->is_incoming && !has_hope (call) && !timer_is_set (&call->path_timer))
    start_clock (call, now (call));
}

void
node_path_found_relay (Call *call, CallLeg *leg)
{
  timer_stop (&call->path_timer);
  overlay_close_media (call->node->overlay, leg->next_link);
  leg->next_link = 0;
}

void
node_path_attempt_failed (Call *call, LinkEnd end)
{
  if (end == LINK_END_LOCAL)
    call->is_relay_forced = false;
  node_path_look (call);
}

uint32_t
node_path_link (Call *call)
{
  const CallLeg *leg = winner_of (call);

  for (size_t i = 0; leg == NULL && i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used)
      leg = &call->legs[i];
  if (leg == NULL)
    return 0;
  return leg->is_link_up || leg->next_link == 0 ? leg->link : leg->next_link;
}

unsigned
node_path_left_s (Call *call)
{
  const CallLeg *leg = winner_of (call);

  if (leg != NULL && never_had_path (leg) && timer_is_set (&call->path_timer))
    return (unsigned) ((MAX (end_of (call), now (call)) - now (call)) / TIME_SECOND);
  return call->is_silent || call->is_link_lost ? NODE_CALL_MEND_S : 0;
}

NodeCallEnd
node_path_end (Call *call, NodeCallEnd end)
{
  const CallLeg *leg = winner_of (call);
  bool is_vague = end == NODE_CALL_END_HUNG_UP || end == NODE_CALL_END_LOST;

  return is_vague && leg != NULL && call->seeks_path && never_had_path (leg)
           ? NODE_CALL_END_NO_MEDIA_PATH
           : end;
}

void
node_link_heard (Node *self, uint32_t link, bool is_heard)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);
  bool is_news;

  if (call == NULL || leg->link != link)
    return;
  is_news = !is_heard && !leg->is_unheard;
  leg->is_unheard = !is_heard;
  leg->was_heard = leg->was_heard || is_heard;
  node_path_look (call);
  call->seeks_path = call->seeks_path || (is_news && is_up (call) && !has_path (call, leg));
  node_call_show (call);
}
