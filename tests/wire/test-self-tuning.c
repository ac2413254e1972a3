/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/self-tuning.h"

#include "tests/wire/structures.h"

static void
test_data (void)
{
  SelfTuningData data = { .network_size = 500, .join_rate = 10628, .leave_rate = 2 };

  structure_assert_hex (&self_tuning_data_type, &data, "000001f4 00002984 00000002");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/self-tuning/data-rfc7363-6.5-3", test_data);
  return g_test_run ();
}
