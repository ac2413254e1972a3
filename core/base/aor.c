/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/aor.h"

#include <string.h>

/* Longer than any address that can come out, even when every byte is %-encoded. */
enum { TYPED_MAX = 1024 };

static const char *const schemes[] = { "sips:", "sip:", "peal:" };

static const char *const emergency_numbers[] = { "112", "911", "999", "000", "110", "118", "119" };

static bool
is_letter (char c)
{
  return c >= 'a' && c <= 'z';
}

static bool
is_letter_or_digit (char c)
{
  return is_letter (c) || (c >= '0' && c <= '9');
}

static bool
user_bytes_are_valid (const char *user, size_t size)
{
  if (size < 1 || size > AOR_USER_MAX)
    return false;
  for (size_t i = 0; i < size; i++)
    if (!is_letter_or_digit (user[i]) && user[i] != '.' && user[i] != '-')
      return false;
  return is_letter_or_digit (user[0]) && is_letter_or_digit (user[size - 1]);
}

bool
aor_user_is_valid (const char *user)
{
  return user_bytes_are_valid (user, strlen (user));
}

static bool
label_is_valid (const char *label, size_t size)
{
  if (size < 1 || size > 63)
    return false;
  for (size_t i = 0; i < size; i++)
    if (!is_letter_or_digit (label[i]) && label[i] != '-')
      return false;
  return is_letter (label[0]) && is_letter_or_digit (label[size - 1]);
}

bool
aor_overlay_is_valid (const char *name)
{
  if (strlen (name) > AOR_OVERLAY_MAX)
    return false;
  for (;;) {
    size_t size = strcspn (name, ".");

    if (!label_is_valid (name, size))
      return false;
    if (name[size] == '\0')
      return true;
    name += size + 1;
  }
}

bool
aor_is_canonical (const char *text)
{
  const char *at = strchr (text, '@');

  return at != NULL && user_bytes_are_valid (text, (size_t) (at - text)) &&
         aor_overlay_is_valid (at + 1);
}

/* A label may be in any script, but holds nothing that a window would trip over. */
static bool
overlay_text_is_sane (const char *text)
{
  if (strlen (text) > AOR_OVERLAY_MAX)
    return false;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (!g_unichar_isprint (c) || c == '@' || g_unichar_type (c) == G_UNICODE_FORMAT)
      return false;
  }
  return true;
}

static const char *
skip_scheme (const char *text)
{
  for (size_t i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) == 0)
      return text + strlen (schemes[i]);
  return text;
}

/* %-decodes one part of an address, trims and lower-cases it; NULL when it is no text. */
static char *
plain_part (const char *part, size_t size)
{
  g_autofree char *copy = g_strndup (part, size);
  g_autofree char *decoded = g_uri_unescape_string (copy, NULL);

  if (decoded == NULL || !g_utf8_validate (decoded, -1, NULL))
    return NULL;
  return g_utf8_strdown (g_strstrip (decoded), -1);
}

bool
aor_from_typed (const char *typed, Aor *ret_aor)
{
  g_autofree char *text = NULL;
  g_autofree char *user = NULL;
  g_autofree char *overlay = NULL;
  const char *start, *at;

  if (strlen (typed) > TYPED_MAX)
    return false;
  text = g_strstrip (g_strdup (typed));
  text[strcspn (text, ";?")] = '\0';
  start = skip_scheme (text);
  start += strspn (start, "/ "); /* peal://, "sip: bob" */

  at = strchr (start, '@');
  user = plain_part (start, at != NULL ? (size_t) (at - start) : strlen (start));
  overlay = at != NULL ? plain_part (at + 1, strlen (at + 1)) : g_strdup ("");
  if (user == NULL || overlay == NULL || !aor_user_is_valid (user) ||
      !overlay_text_is_sane (overlay))
    return false;

  memset (ret_aor, 0, sizeof *ret_aor);
  memcpy (ret_aor->user, user, strlen (user));
  memcpy (ret_aor->overlay, overlay, strlen (overlay));
  return true;
}

char *
aor_gr_of_typed (const char *typed)
{
  g_auto (GStrv) parts = NULL;

  if (strlen (typed) > TYPED_MAX)
    return NULL;
  parts = g_strsplit (typed, ";", -1);
  for (char **part = parts; *part != NULL; part++)
    if (part != parts && g_ascii_strncasecmp (*part, "gr=", 3) == 0)
      return g_strndup (*part + 3, strcspn (*part + 3, "?> \t\r\n"));
  return NULL;
}

char *
aor_to_text (const Aor *aor)
{
  return aor->overlay[0] != '\0' ? g_strconcat (aor->user, "@", aor->overlay, NULL)
                                 : g_strdup (aor->user);
}

bool
aor_is_emergency_number (const char *typed)
{
  char digits[4] = "";
  size_t count = 0;

  while (g_ascii_isspace (*typed))
    typed++;
  typed = g_ascii_strncasecmp (typed, "tel:", 4) == 0 ? typed + 4 : skip_scheme (typed);
  for (; *typed != '\0'; typed++) {
    if (strchr (" \t\r\n-./()", *typed) != NULL)
      continue;
    if (!g_ascii_isdigit (*typed) || count == 3)
      return false;
    digits[count++] = *typed;
  }
  for (size_t i = 0; i < G_N_ELEMENTS (emergency_numbers); i++)
    if (strcmp (digits, emergency_numbers[i]) == 0)
      return true;
  return false;
}
