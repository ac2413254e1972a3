/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/error.h"

#include "core/wire/walk.h"

/* RFC 6940, 14.9. The first row is what no message carries. */
static const char *const names[] = {
  [RELOAD_FORBIDDEN] = "Error_Forbidden",
  [RELOAD_NOT_FOUND] = "Error_Not_Found",
  [RELOAD_REQUEST_TIMEOUT] = "Error_Request_Timeout",
  [RELOAD_GENERATION_COUNTER_TOO_LOW] = "Error_Generation_Counter_Too_Low",
  [RELOAD_INCOMPATIBLE_WITH_OVERLAY] = "Error_Incompatible_with_Overlay",
  [RELOAD_UNSUPPORTED_FORWARDING_OPTION] = "Error_Unsupported_Forwarding_Option",
  [RELOAD_DATA_TOO_LARGE] = "Error_Data_Too_Large",
  [RELOAD_DATA_TOO_OLD] = "Error_Data_Too_Old",
  [RELOAD_TTL_EXCEEDED] = "Error_TTL_Exceeded",
  [RELOAD_MESSAGE_TOO_LARGE] = "Error_Message_Too_Large",
  [RELOAD_UNKNOWN_KIND] = "Error_Unknown_Kind",
  [RELOAD_UNKNOWN_EXTENSION] = "Error_Unknown_Extension",
  [RELOAD_RESPONSE_TOO_LARGE] = "Error_Response_Too_Large",
  [RELOAD_CONFIG_TOO_OLD] = "Error_Config_Too_Old",
  [RELOAD_CONFIG_TOO_NEW] = "Error_Config_Too_New",
  [RELOAD_IN_PROGRESS] = "Error_In_Progress",
  [RELOAD_EXP_A] = "Error_Exp_A",
  [RELOAD_EXP_B] = "Error_Exp_B",
  [RELOAD_INVALID_MESSAGE] = "Error_Invalid_Message",
  [RELOAD_UNDERLAY_DESTINATION_UNREACHABLE] = "Error_Underlay_Destination_Unreachable",
  [RELOAD_UNDERLAY_TIME_EXCEEDED] = "Error_Underlay_Time_Exceeded",
  [RELOAD_MESSAGE_EXPIRED] = "Error_Message_Expired",
  [RELOAD_UPSTREAM_MISROUTING] = "Error_Upstream_Misrouting",
  [RELOAD_LOOP_DETECTED] = "Error_Loop_Detected",
  [RELOAD_TTL_HOPS_EXCEEDED] = "Error_TTL_Hops_Exceeded",
};

/* RFC 6940, 6.3.3.1 */
void
walk_error_response (Wire *w, ErrorResponse *e)
{
  wire_u16 (w, "error_code", &e->error_code);
  wire_opaque (w, "error_info", 2, &e->error_info);
}

/* RFC 6940, 7.4.1.2 */
void
walk_unknown_kinds (Wire *w, UnknownKinds *u)
{
  walk_kind_ids (w, "unknown_kinds", 1, &u->unknown_kinds);
}

WIRE_DEFINE (ErrorResponse, error_response)
WIRE_DEFINE (UnknownKinds, unknown_kinds)

const char *
error_name (uint16_t error_code)
{
  return error_code < G_N_ELEMENTS (names) ? names[error_code] : NULL;
}
