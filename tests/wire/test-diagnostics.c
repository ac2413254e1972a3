/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/diagnostics.h"

#include "tests/wire/structures.h"

#define TIMES "0000000000000100 0000000000000200"

static void
test_request (void)
{
  DiagnosticExtension extension = { 0xf000, bytes_of_text ("ab") };
  DiagnosticsRequest request = {
    .expiration = 0x100,
    .timestamp_initiated = 0x200,
    .dm_flags = 1 << DIAGNOSTIC_APP_UPTIME,
  };

  structure_assert_hex (&diagnostics_request_type, &request,
                        TIMES "0000000000000100 00000000 00000000");
  request.diagnostic_extensions_list = (DiagnosticExtensionList){ &extension, 1 };
  structure_assert_hex (&diagnostics_request_type, &request,
                        TIMES "0000000000000100 00000008 00000008 f000 00000002 6162");
}

static void
test_length_disagrees (void)
{
  structure_assert_refused (&diagnostics_request_type,
                            TIMES "0000000000000100 00000009 00000008 f000 00000002 6162",
                            "ext_length");
  structure_assert_refused (&diagnostics_request_type,
                            TIMES "0000000000000100 00000000 00000008 f000 00000002 6162",
                            "diagnostic_extensions_list");
  structure_assert_refused (&diagnostics_request_type, TIMES "0000000000000100 ffffffff 00000000",
                            "ext_length");
}

static void
test_response (void)
{
  DiagnosticInfo info = { DIAGNOSTIC_STATUS_INFO, { (const uint8_t *) "\017", 1 } };
  DiagnosticsResponse response = {
    .expiration = 0x100,
    .timestamp_initiated = 0x200,
    .timestamp_received = 0x300,
    .hop_counter = 38,
  };

  structure_assert_hex (&diagnostics_response_type, &response,
                        TIMES "0000000000000300 26 00000000 00000000");
  response.diagnostic_info_list = (DiagnosticInfoList){ &info, 1 };
  structure_assert_hex (&diagnostics_response_type, &response,
                        TIMES "0000000000000300 26 00000005 00000005 0001 0001 0f");
}

static void
test_path_track (void)
{
  NodeId id = { { [NODE_ID_SIZE - 1] = 7 } };
  PathTrackReq request = { .destination = destination_of_node (&id) };
  PathTrackAns answer = { .next_hop = destination_of_node (&id) };

  structure_assert_hex (&path_track_req_type, &request,
                        "01 10 00000000000000000000000000000007"
                        "0000000000000000 0000000000000000 0000000000000000 00000000 00000000");
  structure_assert_hex (&path_track_ans_type, &answer,
                        "01 10 00000000000000000000000000000007"
                        "0000000000000000 0000000000000000 0000000000000000 00 00000000 00000000");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/diagnostics/request-rfc7851-6.1-1", test_request);
  g_test_add_func ("/wire/diagnostics/length-must-be-that-of-the-list-rfc7851-5.1-2",
                   test_length_disagrees);
  g_test_add_func ("/wire/diagnostics/response-rfc7851-6.3-7", test_response);
  g_test_add_func ("/wire/diagnostics/path-track-rfc7851-6.1-8", test_path_track);
  return g_test_run ();
}
