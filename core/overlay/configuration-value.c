/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration-value.h"

#include <string.h>

bool
value_number (const char *text, uint32_t min, uint32_t max, uint32_t *ret_value)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, min, max, &value, NULL))
    return false;
  *ret_value = (uint32_t) value;
  return true;
}

bool
value_boolean (const char *text, bool *ret_value)
{
  *ret_value = strcmp (text, "true") == 0 || strcmp (text, "1") == 0;
  return *ret_value || strcmp (text, "false") == 0 || strcmp (text, "0") == 0;
}

GDateTime *
value_time (const char *text)
{
  static const char form[] = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?"
                             "(Z|[+-]00:00)$";

  return g_regex_match_simple (form, text, 0, 0) ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
}

bool
value_base64 (const char *text, Bytes *ret_bytes)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree char *again = NULL;
  g_autofree uint8_t *data = NULL;
  size_t size;

  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text))
      g_string_append_c (plain, *text);
  data = g_base64_decode (plain->str, &size);
  again = g_base64_encode (data, size);
  if (size == 0 || strcmp (again, plain->str) != 0)
    return false;
  *ret_bytes = (Bytes){ g_steal_pointer (&data), size };
  return true;
}
