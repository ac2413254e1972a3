/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/store.h"

#include "tests/wire/structures.h"

/* One value of TURN-SERVICE (single) and one of a Kind that nobody knows. */
static void
test_unknown_kind_is_skipped (void)
{
  g_autoptr (Arena) arena = arena_new ();
  StoreReq store;

  structure_of_hex (&store_req_type,
                    "01 52 00 0000004f"
                    "00000100 0000000000000000 00000013"
                    "0000000f 0000000000000001 00000002 abcdef"
                    "00000002 0000000000000005 0000001c"
                    "00000018 0000000000000001 00000002 01 00000000 00 00 09 0000 0000",
                    arena, &store);
}

static void
test_request (void)
{
  StoredData value = { .storage_time = 1,
                       .lifetime = 2,
                       .value = { .model = DATA_MODEL_SINGLE, .value = { true, { NULL, 0 } } },
                       .signature = signature_none () };
  StoreKindData kind = { .kind = 2, .generation_counter = 5, .values = { &value, 1 } };
  StoreReq store = { .resource = bytes_of_text ("R"), .kind_data = { &kind, 1 } };

  structure_assert_hex (&store_req_type, &store,
                        "01 52 00 0000002c"
                        "00000002 0000000000000005 0000001c"
                        "00000018 0000000000000001 00000002 01 00000000 00 00 03 0000 0000");
}

static void
test_answer (void)
{
  NodeId replica = { { 1 } };
  StoreKindResponse response = { .kind = 2, .generation_counter = 6, .replicas = { &replica, 1 } };
  StoreAns answer = { { &response, 1 } };

  structure_assert_hex (&store_ans_type, &answer,
                        "001e 00000002 0000000000000006 0010 01000000000000000000000000000000");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/store/request", test_request);
  g_test_add_func ("/wire/store/answer", test_answer);
  g_test_add_func ("/wire/store/an-unknown-kind-is-kept-and-the-next-one-read",
                   test_unknown_kind_is_skipped);
  return g_test_run ();
}
