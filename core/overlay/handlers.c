/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/handlers.h"

#include "core/overlay/diagnostics.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/methods.h"
#include "core/wire/topology.h"

/* A row is a method; what takes more than a few lines lives in its own file. */

/* The share of the ring that we answer for, in parts per billion (6.4.2.5.2). */
static uint32_t
responsible_ppb (Overlay *overlay, const NodeId *asker)
{
  Topology *topology = &overlay->topology;
  NodeId peer;

  switch (topology->plugin->state (topology->self)) {
  case TOPOLOGY_ALONE:
    return PPB_ALONE;
  case TOPOLOGY_JOINED:
    return topology->plugin->responsible_ppb (topology->self);
  case TOPOLOGY_CLIENT:
    /* There is a ring behind us, unless it is that of the asker alone. */
    return topology->plugin->random_peer (topology->self, asker, &peer) ? PPB_CLIENT : 0;
  case TOPOLOGY_OFF:
  case TOPOLOGY_LOOKING:
  case TOPOLOGY_JOINING:
    break;
  }
  return 0;
}

static void
handle_probe (Overlay *overlay, Incoming *request)
{
  ProbeInformation items[PROBE_UPTIME];
  ProbeAns answer = { { items, 0 } };
  bool is_given[PROBE_UPTIME + 1] = { false };
  ProbeReq body;

  if (!incoming_decode (request, &body))
    return;
  for (size_t i = 0; i < body.requested_info.size; i++) {
    uint8_t type = body.requested_info.data[i];
    ProbeInformation *item = &items[answer.probe_info.count];
    if (type < PROBE_RESPONSIBLE_SET || type > PROBE_UPTIME || is_given[type])
      continue;
    is_given[type] = true;
    *item = (ProbeInformation){ .type = type };
    if (type == PROBE_RESPONSIBLE_SET)
      item->value = responsible_ppb (overlay, &request->from);
    else if (type == PROBE_NUM_RESOURCES)
      item->value = storage_resource_count (overlay->storage);
    else
      item->value = (uint32_t) ((overlay_now (overlay) - overlay->started_at) / TIME_SECOND);
    answer.probe_info.count++;
  }
  incoming_answer_extended (request, &answer,
                            overlay->topology.plugin->hear_probe (overlay->topology.self, request),
                            NULL);
}

static void
handle_config_update (Overlay *overlay, Incoming *request)
{
  /* Each brings signatures of its own. */
  if (incoming_is_over_rate (request, RATE_CONFIGURATION))
    return;
  configuration_update_handle (overlay->configuration_update, request);
}

static void
handle_attach (Overlay *overlay, Incoming *request)
{
  if (incoming_is_over_rate (request, RATE_ATTACH))
    return;
  attach_handle (overlay->attaches, request);
}

static void
handle_store (Overlay *overlay, Incoming *request)
{
  storage_handle_store (overlay->storage, request);
}

static void
handle_fetch (Overlay *overlay, Incoming *request)
{
  storage_handle_fetch (overlay->storage, request);
}

static void
handle_stat (Overlay *overlay, Incoming *request)
{
  storage_handle_stat (overlay->storage, request);
}

static void
handle_find (Overlay *overlay, Incoming *request)
{
  storage_handle_find (overlay->storage, request);
}

static void
handle_join (Overlay *overlay, Incoming *request)
{
  overlay->topology.plugin->join (overlay->topology.self, request);
}

static void
handle_leave (Overlay *overlay, Incoming *request)
{
  overlay->topology.plugin->leave (overlay->topology.self, request);
}

static void
handle_update (Overlay *overlay, Incoming *request)
{
  overlay->topology.plugin->update (overlay->topology.self, request);
}

static void
handle_route_query (Overlay *overlay, Incoming *request)
{
  overlay->topology.plugin->route_query (overlay->topology.self, request);
}

typedef struct Handler {
  uint16_t code;
  void (*handle) (Overlay *overlay, Incoming *request);
  bool only_reads;
} Handler;

static const Handler handlers[] = {
  { MESSAGE_PROBE_REQ, handle_probe },
  { MESSAGE_ATTACH_REQ, handle_attach },
  { MESSAGE_APP_ATTACH_REQ, handle_attach },
  { MESSAGE_STORE_REQ, handle_store },
  { MESSAGE_FETCH_REQ, handle_fetch, .only_reads = true },
  { MESSAGE_STAT_REQ, handle_stat, .only_reads = true },
  { MESSAGE_FIND_REQ, handle_find, .only_reads = true },
  { MESSAGE_JOIN_REQ, handle_join },
  { MESSAGE_LEAVE_REQ, handle_leave },
  { MESSAGE_UPDATE_REQ, handle_update },
  { MESSAGE_ROUTE_QUERY_REQ, handle_route_query },
  { MESSAGE_PING_REQ, diagnostics_handle_ping },
  { MESSAGE_CONFIG_UPDATE_REQ, handle_config_update },
  { MESSAGE_PATH_TRACK_REQ, diagnostics_handle_path_track },
};

/* NULL when there is no such method. */
static const Handler *
handler_of (const Incoming *request)
{
  for (size_t i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (handlers[i].code == request->message.contents.message_code)
      return &handlers[i];
  return NULL;
}

void
handlers_handle (Incoming *request)
{
  const Handler *handler = handler_of (request);

  if (handler != NULL)
    handler->handle (request->overlay, request);
  else
    incoming_refuse_text (request, RELOAD_INVALID_MESSAGE, "no such method");
}

bool
handlers_only_read (const Incoming *request)
{
  const Handler *handler = handler_of (request);

  return handler != NULL && handler->only_reads;
}
