/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node.h"
#include "core/wire/error.h"

NodeProblem
node_problem_of (uint16_t code)
{
  switch ((unsigned) code) {
  case RELOAD_OK:
    return NODE_PROBLEM_NONE;
  case RELOAD_REQUEST_TIMEOUT:
    return NODE_PROBLEM_NO_ANSWER;
  case RELOAD_NOT_FOUND:
  case RELOAD_UNDERLAY_DESTINATION_UNREACHABLE:
  case RELOAD_UNDERLAY_TIME_EXCEEDED:
    return NODE_PROBLEM_UNREACHABLE;
  case RELOAD_MESSAGE_EXPIRED:
    return NODE_PROBLEM_EXPIRED;
  case RELOAD_UPSTREAM_MISROUTING:
    return NODE_PROBLEM_MISROUTED;
  case RELOAD_LOOP_DETECTED:
    return NODE_PROBLEM_LOOP;
  case RELOAD_TTL_EXCEEDED:
  case RELOAD_TTL_HOPS_EXCEEDED:
    return NODE_PROBLEM_TOO_FAR;
  case RELOAD_FORBIDDEN:
    return NODE_PROBLEM_FORBIDDEN;
  default:
    return NODE_PROBLEM_OTHER;
  }
}

const char *
node_error_name (uint16_t code)
{
  const char *name = error_name (code);

  return name != NULL ? name : "Error_Unknown";
}
