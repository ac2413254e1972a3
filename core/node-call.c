/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"

#include <string.h>

/* A call joins three things: the look-up (overlay), the dialog (sip) and the sound's links.
 *
 *   out:  look up ──> a media link for each device is gathered ──> INVITE with its description
 *         MEDIA from a device ──> its link is checked; UP ──> that device's link is the call's
 *   in:   INVITE ──> gathered at once for buddies, after Answer for others ──> 180 or 200 with it
 *
 * The links themselves are node-sound.c's. */

static const struct {
  SessionEnd sip;
  NodeCallEnd node;
} ends[] = {
  { SESSION_END_HUNG_UP, NODE_CALL_END_HUNG_UP },
  { SESSION_END_DECLINED, NODE_CALL_END_DECLINED },
  { SESSION_END_BUSY, NODE_CALL_END_BUSY },
  { SESSION_END_NO_ANSWER, NODE_CALL_END_NO_ANSWER },
  { SESSION_END_CANCELLED, NODE_CALL_END_CANCELLED },
  { SESSION_END_ELSEWHERE, NODE_CALL_END_ELSEWHERE },
  { SESSION_END_NOT_FOUND, NODE_CALL_END_NO_SUCH_NAME },
  { SESSION_END_UNREACHABLE, NODE_CALL_END_UNREACHABLE },
  { SESSION_END_REFUSED, NODE_CALL_END_NOT_CONFIRMED },
  { SESSION_END_NO_CODEC, NODE_CALL_END_NO_COMMON_CODEC },
  { SESSION_END_LOST, NODE_CALL_END_LOST },
  { SESSION_END_MOVED, NODE_CALL_END_FORWARDED },
  { SESSION_END_FAILED, NODE_CALL_END_FAILED },
};

G_STATIC_ASSERT ((int) NODE_CALL_MEND_S == (int) SESSION_MEND_S);

static NodeCallEnd
end_of (SessionEnd end)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++)
    if (ends[i].sip == end)
      return ends[i].node;
  return NODE_CALL_END_FAILED;
}

/* ---- Telling the phone ---- */

static void
emit_state (Call *call, NodeCallEnd end)
{
  NodeEvent event = { .type = NODE_EVENT_CALL_STATE };

  event.call.call = call->number;
  event.call.state = call->state;
  event.call.end = end;
  event.call.status = call->status;
  event.call.left_s = call->state == NODE_CALL_LOST ? node_path_left_s (call) : 0;
  event.call.is_forwarded = call->is_forwarded;
  event.call.address = call->address;
  event.call.user_key = call->has_user_key ? &call->user_key : NULL;
  event.call.node_id = call->has_winner ? &call->winner : NULL;
  event.call.owners = call->owners;
  event.call.owner_count = call->owner_count;
  node_emit (call->node, &event);
}

static void
set_state (Call *call, NodeCallState state)
{
  if (call->state == state)
    return;
  call->state = state;
  emit_state (call, NODE_CALL_END_NONE);
}

void
node_call_show (Call *call)
{
  bool is_lost = call->is_link_lost || call->is_silent || call->seeks_path;
  bool runs_out = is_lost && node_path_left_s (call) > 0;

  if (call->state != NODE_CALL_UP && call->state != NODE_CALL_LOST)
    return;
  if (call->state == NODE_CALL_LOST && is_lost && runs_out != call->runs_out)
    emit_state (call, NODE_CALL_END_NONE);
  call->runs_out = runs_out;
  set_state (call, is_lost ? NODE_CALL_LOST : NODE_CALL_UP);
}

void
call_free (Call *call)
{
  if (call == NULL)
    return;
  list_remove (&call->all);
  timer_stop (&call->start_timer);
  timer_stop (&call->path_timer);
  timer_stop (&call->upgrade_timer);
  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used)
      call_close_leg (call, &call->legs[i]);
  resolution_clear (&call->resolution);
  g_free (call->gr);
  g_free (call->address);
  g_free (call);
}

/* The phone's last word of a call. */
static void
finish (Call *call, NodeCallEnd end)
{
  list_remove (&call->all);
  call->state = NODE_CALL_ENDED;
  emit_state (call, end);
  call_free (call);
}

static Call *
find_call (Node *self, uint32_t number)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    if (call->number == number)
      return call;
  }
  return NULL;
}

static Call *
call_new (Node *self, uint32_t number, const char *address)
{
  Call *call = g_new0 (Call, 1);

  call->node = self;
  call->number = number;
  call->address = g_strdup (address);
  node_path_init (call);
  node_upgrade_init (call);
  list_append (&self->calls, &call->all);
  return call;
}

/* ---- Calling ---- */

static bool
is_same_key (const UserKey *a, const UserKey *b)
{
  return memcmp (a->bytes, b->bytes, USER_KEY_SIZE) == 0;
}

size_t
node_list_owners (const Registration *found, UserKey ret_owners[REGISTERED_DEVICES])
{
  size_t count = 0;

  for (size_t i = 0; i < found->device_count; i++) {
    bool is_listed = false;

    for (size_t j = 0; j < count; j++)
      is_listed = is_listed || is_same_key (&ret_owners[j], &found->devices[i].user_key);
    if (!is_listed)
      ret_owners[count++] = found->devices[i].user_key;
  }
  return count;
}

/* Which of the registered devices may be rung: those of the pinned user key, or, without a pin, of
 * the only user key there is. */
static NodeCallEnd
choose_devices (Call *call, const Registration *found)
{
  const UserKey *key = call->has_pin ? &call->pin : &found->devices[0].user_key;
  const UserKey *other = NULL;
  bool is_there = false;

  for (size_t i = 0; i < found->device_count; i++) {
    const RegisteredDevice *device = &found->devices[i];
    if (!is_same_key (&device->user_key, key)) {
      other = &device->user_key;
      continue;
    }
    is_there = true;
    resolution_take (&call->resolution, call->node, device);
  }
  if (!call->has_pin && other != NULL)
    return NODE_CALL_END_SEVERAL_OWNERS;
  call->has_user_key = true;
  if (call->has_pin && !is_there && other != NULL) {
    call->user_key = *other; /* for the person to judge */
    return NODE_CALL_END_KEY_CHANGED;
  }
  call->user_key = *key;
  return NODE_CALL_END_NONE;
}

static NodeCallEnd
judge (const Node *self, const Registration *found)
{
  if (found->device_count > 0)
    return NODE_CALL_END_NONE;
  if (!found->was_answered)
    return self->state == NODE_READY ? NODE_CALL_END_UNREACHABLE : NODE_CALL_END_NOT_CONNECTED;
  return found->name_exists ? NODE_CALL_END_OFFLINE : NODE_CALL_END_NO_SUCH_NAME;
}

static void
ring_devices (Call *call, const SessionDevice *devices, size_t count)
{
  Node *self = call->node;

  set_state (call, NODE_CALL_CONNECTING);
  session_invite (self->user_agent, call->number, call->address, devices, count);
  for (size_t i = 0; i < count; i++) {
    CallLeg *leg = call_add_leg (call, &devices[i].node_id);
    leg->link = call_gather (call);
  }
}

static bool
was_tried (const Call *call, const NodeId *device)
{
  for (size_t i = 0; i < call->tried_count; i++)
    if (node_id_equal (&call->tried[i], device))
      return true;
  return false;
}

static size_t
leave_out_tried (const Call *call, SessionDevice *devices, size_t count)
{
  size_t left = 0;

  for (size_t i = 0; i < count; i++)
    if (!was_tried (call, &devices[i].node_id))
      devices[left++] = devices[i];
  return left;
}

/* The next address to be looked up, or, when all are known, the devices to be rung. */
static void
go_on (Call *call)
{
  Node *self = call->node;
  const char *address = resolution_next (&call->resolution);
  SessionDevice devices[LIMIT_CALL_DEVICES];
  size_t count;

  if (address != NULL) {
    call->lookup = self->next_lookup++;
    if (call->asks_all)
      overlay_lookup_all (self->overlay, call->lookup, address);
    else
      overlay_lookup (self->overlay, call->lookup, address);
    return;
  }
  count = resolution_devices (&call->resolution, devices);
  count = leave_out_tried (call, devices, count);
  if (count > 0)
    ring_devices (call, devices, count);
  else if (call->tried_count > 0)
    finish (call, NODE_CALL_END_UNREACHABLE);
  else
    finish (call, call->resolution.is_forwarded ? NODE_CALL_END_FORWARDED : NODE_CALL_END_BUSY);
}

/* No record speaks for the device that a gr parameter names: its own certificate must. */
static void
vouch (Call *call, const NodeId *device)
{
  const Certificate *certificate = overlay_application_certificate (call->node->overlay, device);

  if (call->gr == NULL || certificate == NULL || call_find_leg (call, device) == NULL)
    return;
  call->has_user_key = true;
  call->user_key = certificate->user_key;
  if (strcmp (certificate->user, call->address) != 0)
    call->cause = NODE_CALL_END_BAD_IDENTITY;
  else if (call->has_pin && !is_same_key (&certificate->user_key, &call->pin))
    call->cause = NODE_CALL_END_KEY_CHANGED;
  if (call->cause != NODE_CALL_END_NONE)
    session_end (call->node->user_agent, call->number);
}

void
node_call_link_up (Node *self, const NodeId *device)
{
  list_for_each (&self->calls, l) vouch (list_element (l, Call, all), device);
}

static void
look_up (Call *call)
{
  resolution_begin (&call->resolution, call->address);
  go_on (call);
}

static void
look_up_anew (Call *call)
{
  g_clear_pointer (&call->gr, g_free);
  call->state = NODE_CALL_LOOKING;
  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used)
      call_close_leg (call, &call->legs[i]);
  look_up (call);
}

/* Whoever answered for the name may have kept back what was stored there, or told what is no longer
 * so (threats 3.7). False when that has been looked at already. */
static bool
ask_all (Call *call)
{
  SessionDevice devices[LIMIT_CALL_DEVICES];

  if (call->asks_all || call->gr != NULL || call->is_incoming)
    return false;
  call->asks_all = true;
  call->tried_count = resolution_devices (&call->resolution, devices);
  for (size_t i = 0; i < call->tried_count; i++)
    call->tried[i] = devices[i].node_id;
  look_up_anew (call);
  return true;
}

/* Needs no look-up (RFC 7904, 4.1); false when no device is named. */
static bool
ring_named_device (Call *call)
{
  Resolution *resolution = &call->resolution;
  NodeId device;
  bool is_ours;

  resolution_begin (resolution, call->address);
  resolution_next (resolution);
  if (!resolution_take_gr (resolution, call->node, call->gr)) {
    g_clear_pointer (&call->gr, g_free);
    return false;
  }
  is_ours = resolution->device_count == 0;
  device = resolution->devices[0].node_id;
  go_on (call);
  if (!is_ours)
    vouch (call, &device);
  return true;
}

void
node_call_found (Node *self, Call *call, const Registration *found)
{
  UserKey owners[REGISTERED_DEVICES];
  NodeCallEnd end = NODE_CALL_END_NONE;

  call->lookup = 0;
  if (resolution_is_first (&call->resolution)) {
    end = judge (self, found);
    if (end == NODE_CALL_END_NONE)
      end = choose_devices (call, found);
    if ((end == NODE_CALL_END_OFFLINE || end == NODE_CALL_END_NO_SUCH_NAME) && ask_all (call))
      return;
  } else {
    resolution_take_all (&call->resolution, self, found);
  }
  if (end == NODE_CALL_END_SEVERAL_OWNERS) {
    call->owner_count = node_list_owners (found, owners);
    call->owners = owners;
  }
  if (end != NODE_CALL_END_NONE)
    finish (call, end);
  else
    go_on (call);
}

/* A buddy whose devices are known from presence needs no look-up. */
static bool
ring_known_buddy (Call *call)
{
  Buddy *buddy = node_find_buddy (call->node, call->address);
  SessionDevice devices[LIMIT_CALL_DEVICES];
  size_t count = 0;

  if (buddy == NULL || !call->has_pin)
    return false;
  for (size_t i = 0; i < buddy->device_count; i++)
    if (overlay_has_application (call->node->overlay, &buddy->devices[i]))
      devices[count++] = (SessionDevice){ buddy->devices[i], call->address };
  if (count == 0 || count < buddy->device_count)
    return false;
  call->has_user_key = true;
  call->user_key = call->pin;
  ring_devices (call, devices, count);
  return true;
}

static void
on_start (Timer *timer, void *owner)
{
  Call *call = owner;
  Node *self = call->node;

  if (self->user_agent == NULL || (self->state != NODE_READY && self->state != NODE_ALONE)) {
    finish (call, NODE_CALL_END_NOT_CONNECTED);
    return;
  }
  emit_state (call, NODE_CALL_END_NONE);
  if (!ring_named_device (call) && !ring_known_buddy (call))
    look_up (call);
}

uint32_t
node_call (Node *self, const NodeCallOptions *options)
{
  Call *call = call_new (self, self->next_call++, options->address);

  g_assert (self->next_call < SESSION_INCOMING);
  call->has_pin = options->pin != NULL;
  if (options->pin != NULL)
    call->pin = *options->pin;
  call->gr = g_strdup (options->gr);
  timer_init (&call->start_timer, on_start, call);
  timer_start (&call->start_timer, self->ports->timers, 0);
  return call->number;
}

Call *
node_call_by_lookup (Node *self, uint32_t lookup)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    if (call->lookup == lookup)
      return call;
  }
  return NULL;
}

/* ---- What the person does ---- */

void
node_call_answer (Node *self, uint32_t number)
{
  Call *call = find_call (self, number);

  if (call == NULL || !call->is_incoming || call->state != NODE_CALL_RINGING || call->wants_answer)
    return;
  call->wants_answer = true;
  if (call->is_described)
    session_answer (self->user_agent, number, NULL);
  else if (call->legs[0].link == 0)
    call->legs[0].link = call_gather (call);
}

void
node_call_decline (Node *self, uint32_t number, bool is_busy)
{
  if (find_call (self, number) != NULL)
    session_decline (self->user_agent, number, is_busy);
}

void
node_call_end (Node *self, uint32_t number)
{
  Call *call = find_call (self, number);

  if (call == NULL)
    return;
  if (call->state == NODE_CALL_LOOKING)
    finish (call, NODE_CALL_END_CANCELLED);
  else
    session_end (self->user_agent, number);
}

void
node_call_hold (Node *self, uint32_t number, bool is_held)
{
  if (find_call (self, number) != NULL)
    session_hold (self->user_agent, number, is_held);
}

uint32_t
node_call_link (Node *self, uint32_t number)
{
  Call *call = find_call (self, number);

  return call != NULL ? node_path_link (call) : 0;
}

/* ---- What SIP reports ---- */

/* What was known of the callee is no longer so: calls go elsewhere since (RFC 3261, 8.1.3.4). Where
 * to the overlay tells, under the callee's signature. */
static void
on_moved (Call *call)
{
  call->was_moved = true;
  look_up_anew (call);
}

static void
on_ended (Call *call, SessionEnd end)
{
  if (end == SESSION_END_MOVED && !call->was_moved && !call->is_incoming)
    on_moved (call);
  else if (call->cause != NODE_CALL_END_NONE)
    finish (call, call->cause);
  else if (call->state == NODE_CALL_UP || call->state == NODE_CALL_LOST)
    finish (call, node_path_end (call, end_of (end)));
  else if (end != SESSION_END_UNREACHABLE || !ask_all (call))
    finish (call, end_of (end));
}

static void
on_announce (Timer *timer, void *owner)
{
  Call *call = owner;
  NodeEvent event = { .type = NODE_EVENT_CALL_INCOMING };

  if (call->is_buddy && call->legs[0].is_used)
    call->legs[0].link = call_gather (call);
  event.call.call = call->number;
  event.call.state = call->state;
  event.call.address = call->address;
  event.call.user_key = &call->user_key;
  event.call.node_id = &call->winner;
  node_emit (call->node, &event);
}

/* The phone hears of it in the next turn: the caller is not to wait for windows and ringers, nor
 * for our addresses. */
static void
on_incoming (Node *self, const SipEvent *sip)
{
  Call *call = call_new (self, sip->call, sip->address);

  call_add_leg (call, sip->peer);
  call->is_incoming = true;
  call->has_user_key = true;
  call->user_key = *sip->user_key;
  call->state = NODE_CALL_RINGING;
  call->has_winner = true;
  call->winner = *sip->peer;
  call->remote = *sip->media;
  call->has_media = true;
  call->is_server = sip->is_server;
  call->codec_count = MIN (sip->media->codec_count, (size_t) NODE_CODECS_MAX);
  memcpy (call->codecs, sip->media->codecs, call->codec_count * sizeof call->codecs[0]);
  timer_init (&call->start_timer, on_announce, call);
  call->is_buddy = node_decide (self, sip->address, sip->user_key) == PRESENCE_ACCEPTED;
  session_ring (self->user_agent, call->number, NULL);
  timer_start (&call->start_timer, self->ports->timers, 0);
}

static void
note_codecs (Call *call, const MediaDescription *media)
{
  call->remote = *media;
  call->has_media = true;
  call->codec_count = MIN (media->codec_count, (size_t) NODE_CODECS_MAX);
  memcpy (call->codecs, media->codecs, call->codec_count * sizeof call->codecs[0]);
}

static void
on_media (Call *call, const SipEvent *sip)
{
  CallLeg *leg = call_find_leg (call, sip->peer);

  if (leg == NULL)
    return;
  if (!call->has_winner || node_id_equal (&call->winner, sip->peer))
    note_codecs (call, sip->media);
  if (!node_upgrade_media (call, leg, sip->media))
    call_take_remote (call, leg, sip->media, sip->is_server);
}

static void
on_up (Call *call, const SipEvent *sip)
{
  call->has_winner = true;
  call->winner = *sip->peer;
  if (sip->address != NULL && g_strcmp0 (sip->address, call->address) != 0) {
    call->is_forwarded = true;
    g_free (call->address);
    call->address = g_strdup (sip->address);
  }
  if (sip->user_key != NULL) {
    call->has_user_key = true;
    call->user_key = *sip->user_key;
  }
  set_state (call, NODE_CALL_UP);
  node_path_due (call);
  call_emit_media (call);
  node_upgrade_begin (call);
}

static void
on_hold (Call *call, const SipEvent *sip)
{
  NodeEvent event = { .type = NODE_EVENT_CALL_HOLD };

  event.hold.call = call->number;
  event.hold.is_local = sip->is_local;
  event.hold.is_remote = sip->is_remote;
  call->is_held = sip->is_local || sip->is_remote;
  node_path_due (call);
  node_emit (call->node, &event);
}

static void
on_words (Call *call, const SipEvent *sip)
{
  NodeEvent event = { .type = NODE_EVENT_CALL_WORDS };

  event.words.call = call->number;
  event.words.user_key = sip->user_key;
  event.words.words = sip->words;
  node_emit (call->node, &event);
}

static void
on_restart_offer (Call *call, const SipEvent *sip)
{
  CallLeg *leg = call_find_leg (call, sip->peer);

  if (leg == NULL)
    return;
  if (node_upgrade_is_offered (leg, sip->media)) {
    node_upgrade_answer (call, leg);
    return;
  }
  call_replace_link (call, leg, false);
  leg->is_answering = true;
  note_codecs (call, sip->media);
}

void
node_call_on_sip (Node *self, const SipEvent *sip)
{
  Call *call = find_call (self, sip->call);
  CallLeg *leg;

  if (sip->type == SIP_EVENT_INCOMING) {
    /* Whom calls go to may still call. */
    if (self->forward_to != NULL && strcmp (self->forward_to, sip->address) != 0)
      session_redirect (self->user_agent, sip->call, self->forward_to);
    else
      on_incoming (self, sip);
    return;
  }
  /* Given up before the phone has heard of it: that was a call all the same. */
  if (call != NULL && call->is_incoming && timer_is_set (&call->start_timer)) {
    timer_stop (&call->start_timer);
    on_announce (&call->start_timer, call);
    call = find_call (self, sip->call);
  }
  if (call == NULL)
    return;
  call->status = sip->status;
  switch (sip->type) {
  case SIP_EVENT_RINGING:
    set_state (call, NODE_CALL_RINGING);
    break;
  case SIP_EVENT_MEDIA:
    on_media (call, sip);
    break;
  case SIP_EVENT_OFFER:
    on_restart_offer (call, sip);
    break;
  case SIP_EVENT_UP:
    on_up (call, sip);
    break;
  case SIP_EVENT_LEG_GONE:
    leg = call_find_leg (call, sip->peer);
    if (leg != NULL)
      call_close_leg (call, leg);
    break;
  case SIP_EVENT_WORDS:
    on_words (call, sip);
    break;
  case SIP_EVENT_HOLD:
    on_hold (call, sip);
    break;
  case SIP_EVENT_LOST:
    call->is_link_lost = true;
    node_call_show (call);
    break;
  case SIP_EVENT_MENDED:
    call->is_link_lost = false;
    node_call_show (call);
    node_mend_sip_up (call);
    break;
  case SIP_EVENT_ENDED:
    on_ended (call, sip->end);
    break;
  case SIP_EVENT_INCOMING:
  case SIP_EVENT_PRESENCE:
  case SIP_EVENT_REQUEST:
    break;
  }
}
