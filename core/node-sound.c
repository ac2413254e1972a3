/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "node-sound"
#include "core/base/log.h"
#include "core/node-private.h"

#include <string.h>

/* The sound of a call: a leg for each device of the other side, with the media link to it.
 *
 * The phone hears of media when the call is answered and the link to the other side stands, in
 * whichever order these come. A media link that is lost is gathered anew, and ICE restarted by
 * re-INVITE. */

/* ---- Legs ---- */

CallLeg *
call_find_leg (Call *call, const NodeId *device)
{
  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (call->legs[i].is_used && node_id_equal (&call->legs[i].device, device))
      return &call->legs[i];
  return NULL;
}

bool
node_call_has_device (Node *self, const NodeId *device)
{
  list_for_each (&self->calls, link)
  {
    if (call_find_leg (list_element (link, Call, all), device) != NULL)
      return true;
  }
  return false;
}

CallLeg *
call_add_leg (Call *call, const NodeId *device)
{
  for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
    if (!call->legs[i].is_used) {
      call->legs[i] = (CallLeg){ .device = *device, .is_used = true };
      overlay_watch_application (call->node->overlay, device, true);
      return &call->legs[i];
    }
  return NULL;
}

void
call_close_leg (Call *call, CallLeg *leg)
{
  NodeId device = leg->device;

  if (leg->link != 0)
    overlay_close_media (call->node->overlay, leg->link);
  if (leg->next_link != 0)
    overlay_close_media (call->node->overlay, leg->next_link);
  *leg = (CallLeg){ 0 };
  overlay_watch_application (call->node->overlay, &device,
                             node_call_has_device (call->node, &device));
}

/* ICE-controlling is who called, whatever happens later. */
static LinkSetup
setup_for (const Call *call, bool is_server)
{
  return (LinkSetup){
    .purpose = LINK_PURPOSE_MEDIA,
    .is_controlling = !call->is_incoming,
    .is_server = is_server,
    .exposure = call_exposure (call),
  };
}

static uint32_t
gather (Call *call, LinkExposure exposure)
{
  const NodePorts *ports = call->node->ports;
  LinkSetup setup = setup_for (call, !call->is_incoming);
  uint32_t link = overlay_open_media (call->node->overlay);

  setup.exposure = exposure;
  ports->link_gather (ports->world, link, &setup);
  return link;
}

uint32_t
call_gather (Call *call)
{
  return gather (call, call_exposure (call));
}

void
call_replace_link (Call *call, CallLeg *leg, bool is_relayed)
{
  if (leg->next_link != 0)
    overlay_close_media (call->node->overlay, leg->next_link);
  leg->is_answering = false;
  leg->is_next_told = false;
  leg->upgrade = UPGRADE_NONE;
  leg->next_since = timers_now (call->node->ports->timers);
  leg->next_link = gather (call, is_relayed ? LINK_EXPOSURE_RELAYED : call_exposure (call));
}

void
call_check (Call *call, uint32_t link, const MediaDescription *remote, bool is_server)
{
  const NodePorts *ports = call->node->ports;
  LinkSetup setup = setup_for (call, is_server);

  ports->link_check (ports->world, link, &remote->ice, &setup,
                     (Bytes){ remote->fingerprint, MEDIA_FINGERPRINT_SIZE });
}

void
call_take_remote (Call *call, CallLeg *leg, const MediaDescription *remote, bool is_server)
{
  if (leg->next_link != 0 && leg->is_next_told) {
    memcpy (leg->peer_next_tls_id, remote->tls_id, sizeof leg->peer_next_tls_id);
    call_check (call, leg->next_link, remote, is_server);
  } else if (leg->link != 0 && !leg->is_link_up) {
    memcpy (leg->peer_tls_id, remote->tls_id, sizeof leg->peer_tls_id);
    call_check (call, leg->link, remote, is_server);
  }
}

void
call_emit_media (Call *call)
{
  CallLeg *leg = call->has_winner ? call_find_leg (call, &call->winner) : NULL;
  NodeEvent event = { .type = NODE_EVENT_CALL_MEDIA };

  if (leg == NULL || !leg->is_link_up || !call->has_media ||
      (call->state != NODE_CALL_UP && call->state != NODE_CALL_LOST))
    return;
  event.media.call = call->number;
  event.media.link = leg->link;
  event.media.codec_count = call->codec_count;
  memcpy (event.media.codecs, call->codecs, sizeof call->codecs);
  node_emit (call->node, &event);
}

/* ---- What happens to media links ---- */

Call *
node_call_by_link (Node *self, uint32_t link, CallLeg **ret_leg)
{
  list_for_each (&self->calls, l)
  {
    Call *call = list_element (l, Call, all);
    for (size_t i = 0; i < LIMIT_CALL_DEVICES; i++)
      if (call->legs[i].is_used &&
          (call->legs[i].link == link || call->legs[i].next_link == link)) {
        *ret_leg = &call->legs[i];
        return call;
      }
  }
  return NULL;
}

static void
describe (Node *self, const IceDescription *local, const char *tls_id, MediaDescription *ret_media)
{
  *ret_media = (MediaDescription){ .ice = *local };
  memcpy (ret_media->fingerprint, self->fingerprint, MEDIA_FINGERPRINT_SIZE);
  g_strlcpy (ret_media->tls_id, tls_id, sizeof ret_media->tls_id);
}

/* RFC 8842, 4: chosen anew for each DTLS association, at random. */
static void
choose_tls_id (const NodePorts *ports, char ret_tls_id[NODE_TLS_ID_SIZE])
{
  uint8_t bytes[(NODE_TLS_ID_SIZE - 1) / 2];
  g_autofree char *text = NULL;

  ports->random_bytes (ports->world, bytes, sizeof bytes);
  text = bytes_to_hex ((Bytes){ bytes, sizeof bytes });
  g_strlcpy (ret_tls_id, text, NODE_TLS_ID_SIZE);
}

static void
describe_incoming (Call *call, CallLeg *leg, const MediaDescription *media)
{
  Node *self = call->node;
  uint32_t number = call->number;

  call->is_described = true;
  call_take_remote (call, leg, &call->remote, call->is_server);
  if (call->wants_answer)
    session_answer (self->user_agent, number, media);
  else
    session_ring (self->user_agent, number, media);
}

static void
on_first_gathered (Call *call, CallLeg *leg, const MediaDescription *media)
{
  if (call->is_incoming)
    describe_incoming (call, leg, media);
  else if (media->ice.candidate_count == 0)
    session_skip (call->node->user_agent, call->number, &leg->device);
  else
    session_offer (call->node->user_agent, call->number, &leg->device, media);
}

static void
on_next_gathered (Call *call, CallLeg *leg, const MediaDescription *media)
{
  UserAgent *ua = call->node->user_agent;

  if (call->state != NODE_CALL_UP && call->state != NODE_CALL_LOST) {
    node_path_found_relay (call, leg);
    return;
  }
  leg->is_next_told = true;
  if (leg->is_answering)
    session_answer (ua, call->number, media);
  else
    session_restart (ua, call->number, media);
}

void
node_call_media_gathered (Node *self, uint32_t link, const IceDescription *local)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);
  MediaDescription media;

  if (call == NULL)
    return;
  log_debug (self->ports, "media link %u: %zu candidates", link, local->candidate_count);
  if (leg->next_link == link) {
    choose_tls_id (self->ports, leg->next_tls_id);
    describe (self, local, leg->next_tls_id, &media);
    on_next_gathered (call, leg, &media);
  } else if (leg->is_link_up) {
    describe (self, local, leg->tls_id, &media);
    node_upgrade_gathered (call, leg, &media);
  } else {
    choose_tls_id (self->ports, leg->tls_id);
    describe (self, local, leg->tls_id, &media);
    on_first_gathered (call, leg, &media);
  }
}

void
node_call_media_up (Node *self, uint32_t link)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);

  if (call == NULL)
    return;
  log_debug (self->ports, "media link %u up", link);
  if (leg->next_link == link) {
    overlay_close_media (self->overlay, leg->link);
    leg->link = link;
    leg->next_link = 0;
    memcpy (leg->tls_id, leg->next_tls_id, sizeof leg->tls_id);
    memcpy (leg->peer_tls_id, leg->peer_next_tls_id, sizeof leg->peer_tls_id);
    leg->is_restarted = false;
    node_mend_link_up (call, leg);
  }
  leg->is_link_up = true;
  node_path_look (call);
  call_emit_media (call);
  node_upgrade_begin (call);
}

/* Another way is looked for at once, and when that is lost, too, with time to think. */
static void
media_lost (Call *call, CallLeg *leg)
{
  if (call->state != NODE_CALL_UP && call->state != NODE_CALL_LOST) {
    node_path_failed_early (call, leg);
    return;
  }
  node_path_look (call);
  if (leg->is_restarted)
    return;
  leg->is_restarted = true;
  call_replace_link (call, leg, false);
}

void
node_call_media_down (Node *self, uint32_t link, LinkEnd end)
{
  CallLeg *leg = NULL;
  Call *call = node_call_by_link (self, link, &leg);

  if (call == NULL)
    return;
  log_debug (self->ports, "media link %u down: %d", link, end);
  if (leg->next_link == link) {
    leg->next_link = 0;
    node_path_attempt_failed (call, end);
    return;
  }
  leg->link = 0;
  leg->is_link_up = false;
  /* Its successor is being made already. */
  if (leg->next_link != 0)
    return;
  if (!call->has_winner || node_id_equal (&call->winner, &leg->device))
    media_lost (call, leg);
}
