/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/display-name.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* A name is secondary text beside the certified address, but it must not be able to look like
 * something else either: right-to-left overrides and invisible characters turn one name into
 * another to the eye, control characters may speak to a terminal, and stacked marks paint over
 * their neighbours. */

enum { MARKS_MAX = 2 }; /* combining marks on one character; Vietnamese needs two */

/* Removes the quotes and backslashes of a quoted-string (RFC 3261, 25.1). A backslash at the very
 * end escapes nothing. */
static char *
unquote (const char *text)
{
  size_t size = strlen (text);
  bool is_quoted = size >= 2 && text[0] == '"' && text[size - 1] == '"';
  GString *plain = g_string_new (NULL);

  if (!is_quoted)
    return g_string_free (g_string_append (plain, text), FALSE);
  for (size_t i = 1; i < size - 1; i++) {
    if (text[i] == '\\' && ++i >= size - 1)
      break;
    g_string_append_c (plain, text[i]);
  }
  return g_string_free (plain, FALSE);
}

static bool
is_mark (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK ||
         type == G_UNICODE_SPACING_MARK;
}

/* Format characters (Cf) hold all bidi controls and the zero-width ones. */
static bool
is_invisible (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_UNASSIGNED ||
         type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_SURROGATE ||
         (c >= 0x115f && c <= 0x1160) || c == 0x3164 || c == 0xffa0 || /* Hangul fillers */
         (c >= 0xfe00 && c <= 0xfe0f) || c == 0x2800; /* selectors, empty braille */
}

static bool
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

char *
display_name_read (const char *text)
{
  g_autofree char *plain = unquote (text != NULL ? text : "");
  g_autofree char *valid = g_utf8_make_valid (plain, -1);
  GString *name = g_string_new (NULL);
  unsigned count = 0, marks = MARKS_MAX; /* none may stand at the beginning */
  bool is_gap = false;

  for (const char *p = valid; *p != '\0' && count < DISPLAY_NAME_CHARACTERS;
       p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (is_space (c)) {
      is_gap = name->len > 0;
      continue;
    }
    if (is_invisible (c) || (is_mark (c) && (is_gap || marks++ >= MARKS_MAX)))
      continue;
    if (!is_mark (c))
      marks = 0;
    if (is_gap) {
      g_string_append_c (name, ' ');
      count++;
    }
    is_gap = false;
    g_string_append_unichar (name, c);
    count++;
  }
  return g_string_free (name, FALSE);
}

char *
display_name_write (const char *name)
{
  g_autofree char *clean = display_name_read (name);
  g_autoptr (GString) quoted = g_string_sized_new (strlen (clean) + 2);

  g_string_append_c (quoted, '"');
  for (const char *p = clean; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (quoted, '\\');
    g_string_append_c (quoted, *p);
  }
  g_string_append_c (quoted, '"');
  return g_strdup (quoted->str); /* it is kept: without room for more */
}
