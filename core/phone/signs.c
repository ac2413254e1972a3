/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/signs.h"
#include "core/phone/words.h"

static const char *const names[] = {
  [PEAL_CALL_SIGN_CHECKS] = "checks",     [PEAL_CALL_SIGN_PAIR] = "pair",
  [PEAL_CALL_SIGN_LOCAL] = "local",       [PEAL_CALL_SIGN_REMOTE] = "remote",
  [PEAL_CALL_SIGN_RELAY] = "relay",       [PEAL_CALL_SIGN_SENT] = "sent",
  [PEAL_CALL_SIGN_RECEIVED] = "received", [PEAL_CALL_SIGN_WAY] = "way",
};

static void
sign_free (gpointer data)
{
  PealCallSign *sign = data;

  g_free (sign->value);
  g_free (sign);
}

GPtrArray *
signs_new (void)
{
  return g_ptr_array_new_with_free_func (sign_free);
}

void
signs_add (GPtrArray *self, PealCallSignKind kind, char *value)
{
  PealCallSign *sign = g_new0 (PealCallSign, 1);

  sign->kind = kind;
  sign->value = value;
  g_ptr_array_add (self, sign);
}

void
signs_add_all (GPtrArray *self, const GPtrArray *others)
{
  for (guint i = 0; i < others->len; i++) {
    const PealCallSign *sign = others->pdata[i];

    signs_add (self, sign->kind, g_strdup (sign->value));
  }
}

char *
signs_to_words (const GPtrArray *self, const char *first)
{
  GString *text = g_string_new (first);

  for (guint i = 0; self && i < self->len; i++) {
    const PealCallSign *sign = self->pdata[i];
    g_autofree char *line = words_call_sign (sign->kind, sign->value);

    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, line);
  }
  return g_string_free (text, FALSE);
}

char **
signs_to_lines (const GPtrArray *self)
{
  guint count = self ? self->len : 0;
  char **lines = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++) {
    const PealCallSign *sign = self->pdata[i];

    lines[i] = g_strdup_printf ("%s %s", names[sign->kind], sign->value);
  }
  return lines;
}
