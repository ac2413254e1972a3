/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/topology.h"

#include "tests/wire/structures.h"

#define ONE "01000000000000000000000000000000"

static const NodeId one = { { 1 } };

static void
test_join_and_leave (void)
{
  JoinReq join = { .joining_peer_id = one };
  LeaveReq leave = { one, bytes_of_text ("x") };
  EmptyAns empty = { 0 };

  structure_assert_hex (&join_req_type, &join, ONE "0000");
  structure_assert_hex (&leave_req_type, &leave, ONE "0001 78");
  structure_assert_hex (&empty_ans_type, &empty, "");
  structure_assert_refused (&empty_ans_type, "00", "EmptyAns");
}

static void
test_route_query (void)
{
  RouteQueryReq query = { .send_update = true, .destination = destination_of_node (&one) };

  structure_assert_hex (&route_query_req_type, &query, "01 01 10" ONE "0000");
  structure_assert_refused (&route_query_req_type, "02 01 10" ONE "0000", "send_update");
}

static void
test_probe (void)
{
  static const uint8_t wanted[] = { PROBE_UPTIME, PROBE_RESPONSIBLE_SET };
  ProbeReq request = { { wanted, sizeof wanted } };
  ProbeInformation information[] = { { .type = PROBE_UPTIME, .value = 60 },
                                     { .type = PROBE_RESPONSIBLE_SET, .value = 1000000000 } };
  ProbeAns answer = { { information, 2 } };

  structure_assert_hex (&probe_req_type, &request, "02 03 01");
  structure_assert_hex (&probe_ans_type, &answer, "000c 03 04 0000003c 01 04 3b9aca00");
  structure_assert_refused (&probe_ans_type, "0007 03 05 0000003c 00", "length");
}

static void
test_ping (void)
{
  PingReq request = { bytes_of_text ("pad") };
  PingAns answer = { .response_id = 1, .time = 2 };

  structure_assert_hex (&ping_req_type, &request, "0003 706164");
  structure_assert_hex (&ping_ans_type, &answer, "0000000000000001 0000000000000002");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/topology/join-and-leave", test_join_and_leave);
  g_test_add_func ("/wire/topology/route-query", test_route_query);
  g_test_add_func ("/wire/topology/probe", test_probe);
  g_test_add_func ("/wire/topology/ping", test_ping);
  return g_test_run ();
}
