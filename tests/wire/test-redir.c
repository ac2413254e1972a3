/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/redir.h"

#include "tests/wire/structures.h"

static void
test_provider (void)
{
  NodeId id = { { [NODE_ID_SIZE - 1] = 7 } };
  Destination here = destination_of_node (&id);
  RedirServiceProvider provider = {
    .destination_list = { &here, 1 },
    .namespace = bytes_of_text ("turn-server"),
    .level = 2,
    .node = 99,
  };

  structure_assert_hex (&redir_service_provider_type, &provider,
                        "00 0012 0110 00000000000000000000000000000007"
                        "000b 7475726e2d736572766572 0002 0063 0000");
}

static void
test_unknown_extension (void)
{
  g_autoptr (Arena) arena = arena_new ();
  RedirServiceProvider provider;

  structure_of_hex (&redir_service_provider_type, "09 0000 0001 61 0000 0000 0003 010203", arena,
                    &provider);
  g_assert_cmpuint (provider.type, ==, 9);
  g_assert_cmpuint (provider.extension.size, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/redir/provider", test_provider);
  g_test_add_func ("/wire/redir/extensions-of-unknown-type-are-allowed", test_unknown_extension);
  return g_test_run ();
}
