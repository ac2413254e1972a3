/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration.h"
#include "tests/fuzz/driver.h"

/* What is read holds together: ranges within the document, Kinds whole and each once; and reading
 * it by its name gives the same. */

static void
assert_within (const Configuration *configuration, Bytes range)
{
  const uint8_t *end = configuration->document.data + configuration->document.size;

  g_assert (range.size >= 2 && range.data >= configuration->document.data);
  g_assert (range.data < end && range.size <= (size_t) (end - range.data));
  g_assert (range.data[0] == '<' && range.data[range.size - 1] == '>');
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Bytes document = { data, size };
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) configuration = configuration_parse (document, NULL, &verdict);
  g_autoptr (Configuration) again = NULL;

  g_assert ((configuration != NULL) == (verdict == CONFIGURATION_GOOD));
  if (configuration == NULL)
    return 0;
  g_assert (bytes_equal (configuration->document, document));
  assert_within (configuration, configuration->signed_bytes);
  for (size_t i = 0; i < configuration->kind_count; i++) {
    const ConfigurationKind *kind = &configuration->kinds[i];

    assert_within (configuration, kind->signed_bytes);
    g_assert (kind->data_model != DATA_MODEL_UNKNOWN && kind->access_policy != 0);
    g_assert (kind->max_count > 0 && kind->max_size > 0);
    g_assert (configuration_kind (configuration, kind->id) == kind);
  }
  again = configuration_parse (document, configuration->instance_name, &verdict);
  g_assert (again != NULL || verdict == CONFIGURATION_MALFORMED); /* two of one name */
  return 0;
}
