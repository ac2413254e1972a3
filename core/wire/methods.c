/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/methods.h"

#include "core/wire/attach.h"
#include "core/wire/chord.h"
#include "core/wire/config-update.h"
#include "core/wire/diagnostics.h"
#include "core/wire/error.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"
#include "core/wire/topology.h"

/* RFC 6940, 14.8; RFC 7851, 9.3. The bodies of Update and of RouteQuery's answer are those of
 * CHORD-RELOAD. */
const Method methods[] = {
  { MESSAGE_PROBE_REQ, "probe", &probe_req_type, &probe_ans_type },
  { MESSAGE_ATTACH_REQ, "attach", &attach_req_ans_type, &attach_req_ans_type },
  { MESSAGE_STORE_REQ, "store", &store_req_type, &store_ans_type },
  { MESSAGE_FETCH_REQ, "fetch", &fetch_req_type, &fetch_ans_type },
  { MESSAGE_FIND_REQ, "find", &find_req_type, &find_ans_type },
  { MESSAGE_JOIN_REQ, "join", &join_req_type, &join_ans_type },
  { MESSAGE_LEAVE_REQ, "leave", &leave_req_type, &empty_ans_type },
  { MESSAGE_UPDATE_REQ, "update", &chord_update_type, &empty_ans_type },
  { MESSAGE_ROUTE_QUERY_REQ, "route_query", &route_query_req_type, &chord_route_query_ans_type },
  { MESSAGE_PING_REQ, "ping", &ping_req_type, &ping_ans_type },
  { MESSAGE_STAT_REQ, "stat", &fetch_req_type, &stat_ans_type },
  { MESSAGE_APP_ATTACH_REQ, "app_attach", &app_attach_req_ans_type, &app_attach_req_ans_type },
  { MESSAGE_CONFIG_UPDATE_REQ, "config_update", &config_update_req_type, &empty_ans_type },
  { MESSAGE_PATH_TRACK_REQ, "path_track", &path_track_req_type, &path_track_ans_type },
};

const size_t method_count = G_N_ELEMENTS (methods);

const Method *
method_of_code (uint16_t message_code)
{
  for (size_t i = 0; i < method_count; i++)
    if (message_code == methods[i].code || message_code == methods[i].code + 1)
      return &methods[i];
  return NULL;
}

const WireType *
message_body_type (uint16_t message_code)
{
  const Method *method = method_of_code (message_code);

  if (message_code == MESSAGE_ERROR)
    return &error_response_type;
  if (method == NULL)
    return NULL;
  return message_code == method->code ? method->request : method->answer;
}
