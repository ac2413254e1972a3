/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/liar.h"

#include "core/base/limits.h"
#include "core/wire/fetch.h"

/* An answer for a Resource-ID counts the more the nearer to it its signer is, so the nearest member
 * signs. What is for a Node-ID only that node can answer. */

static const Destination *
last_of (const Overheard *message)
{
  const DestinationList *list = &message->header.destination_list;

  return &list->items[list->count - 1];
}

SimPeer *
liar_speaker (const Gang *gang, const Overheard *message)
{
  const Destination *last = last_of (message);

  if (!message->has_target)
    return NULL;
  if (last->type == DESTINATION_RESOURCE) {
    SimPeer *nearest = gang_behind (gang, &message->target);
    return nearest->node != NULL ? nearest : NULL;
  }
  return destination_is_node (last, sim_peer_id (message->self)) ? message->self : NULL;
}

bool
liar_denies (const Gang *gang, Overheard *message)
{
  SimPeer *speaker = liar_speaker (gang, message);
  FetchReq request;
  FetchAns answer = { .kind_responses = { NULL, 0 } };
  FetchKindResponse *responses;

  if (message->code != MESSAGE_FETCH_REQ || speaker == NULL ||
      !overheard_decode (message, &request))
    return false;
  responses = arena_new_array (message->arena, FetchKindResponse, request.specifiers.count);
  for (size_t i = 0; i < request.specifiers.count; i++)
    responses[i] = (FetchKindResponse){ .kind = request.specifiers.items[i].kind };
  answer.kind_responses = (FetchKindResponseList){ responses, request.specifiers.count };
  overheard_answer (message, speaker, &answer, (MessageExtensionList){ NULL, 0 }, NULL);
  return true;
}

bool
liar_reads_place (Overheard *message, NodeId *ret_place)
{
  RouteQueryReq request;

  if (message->code != MESSAGE_ROUTE_QUERY_REQ || !overheard_decode (message, &request) ||
      request.send_update)
    return false;
  if (request.destination.type == DESTINATION_NODE)
    *ret_place = request.destination.node_id;
  return request.destination.type == DESTINATION_NODE ||
         (request.destination.type == DESTINATION_RESOURCE &&
          node_id_from_bytes (request.destination.resource_id, ret_place));
}

void
liar_tells (const Overheard *message,
            const SimPeer *speaker,
            const NodeId *next,
            const ChordVicinity *vicinity)
{
  ChordRouteQueryAns answer = { .next_peer = *next };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  MessageExtension extension = { .type = MESSAGE_EXTENSION_VICINITY };

  if (vicinity != NULL)
    chord_vicinity_encode (vicinity, bytes);
  extension.extension_contents = (Bytes){ bytes->data, bytes->len };
  overheard_answer (message, speaker, &answer,
                    (MessageExtensionList){ &extension, vicinity != NULL }, NULL);
}

/* Every other poisoner pretends to know RFC 6940 alone. */
static bool
is_bare (const Gang *gang, const SimPeer *speaker)
{
  return gang->kind == ATTACK_POISON && speaker->index % 2 == 0;
}

/* Nobody but members, whether that was asked for or not. */
static bool
is_led_astray (const Gang *gang, Overheard *message)
{
  NodeId before[LIMIT_VICINITY], behind[LIMIT_VICINITY];
  ChordVicinity vicinity = { { before, LIMIT_VICINITY }, { behind, LIMIT_VICINITY } };
  NodeId place;
  SimPeer *next;
  SimPeer *speaker = liar_speaker (gang, message);

  if (speaker == NULL || !liar_reads_place (message, &place))
    return false;
  next = gang_before (gang, &place);
  if (next == speaker)
    next = gang_behind (gang, &place);
  gang_list_before (gang, &place, before, LIMIT_VICINITY);
  gang_list_behind (gang, &place, behind, LIMIT_VICINITY);
  liar_tells (message, speaker, sim_peer_id (next), is_bare (gang, speaker) ? NULL : &vicinity);
  return true;
}

bool
liar_leads_astray (const Gang *gang, Overheard *message)
{
  PingAns answer = { .time = 1 };
  SimPeer *speaker;

  if (message->code == MESSAGE_ROUTE_QUERY_REQ)
    return is_led_astray (gang, message);
  if (message->code != MESSAGE_PING_REQ || last_of (message)->type != DESTINATION_RESOURCE)
    return false;
  speaker = liar_speaker (gang, message);
  if (speaker == NULL)
    return false;
  overheard_answer (message, speaker, &answer, (MessageExtensionList){ NULL, 0 }, NULL);
  return true;
}
