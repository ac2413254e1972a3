/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/json.h"

#include <math.h>

static void
append_quoted (Json *self, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (self, '"');
  for (const char *c = valid; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (self, "\\%c", *c);
    else if ((guchar) *c < 0x20)
      g_string_append_printf (self, "\\u%04x", (guchar) *c);
    else
      g_string_append_c (self, *c);
  g_string_append_c (self, '"');
}

static void
append_name (Json *self, const char *name)
{
  if (self->len > 1)
    g_string_append (self, ", ");
  append_quoted (self, name);
  g_string_append (self, ": ");
}

Json *
json_new (void)
{
  return g_string_new ("{");
}

void
json_text (Json *self, const char *name, const char *value)
{
  append_name (self, name);
  if (value != NULL)
    append_quoted (self, value);
  else
    g_string_append (self, "null");
}

void
json_whole (Json *self, const char *name, gint64 value)
{
  append_name (self, name);
  if (value >= 0)
    g_string_append_printf (self, "%" G_GINT64_FORMAT, value);
  else
    g_string_append (self, "null");
}

void
json_share (Json *self, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  append_name (self, name);
  if (isfinite (value))
    g_string_append (self, g_ascii_formatd (text, sizeof text, "%.3f", value));
  else
    g_string_append (self, "null");
}

void
json_truth (Json *self, const char *name, bool value)
{
  append_name (self, name);
  g_string_append (self, value ? "true" : "false");
}

void
json_texts (Json *self, const char *name, const char *const *values)
{
  append_name (self, name);
  g_string_append_c (self, '[');
  for (const char *const *value = values; *value != NULL; value++) {
    if (value != values)
      g_string_append (self, ", ");
    append_quoted (self, *value);
  }
  g_string_append_c (self, ']');
}

char *
json_end (Json *self)
{
  g_string_append_c (self, '}');
  return g_string_free (self, FALSE);
}
