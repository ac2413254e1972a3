/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owner of an overlay changes its document (RFC 6940, 11.1). It is worked on as text, so that
 * what the owner wrote between the elements stays; the result is read again and judged like anybody
 * else's before it counts. */
#include "core/overlay/configuration-private.h"

#include <string.h>

/* Replaces every match; the patterns are constant. */
static char *
replace (const char *text, const char *pattern, const char *with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_DOTALL, 0, NULL);

  g_assert (regex != NULL);
  return g_regex_replace (regex, text, -1, 0, with, 0, NULL);
}

static char *
without_signatures (const char *text)
{
  return replace (text, "<(signature|kind-signature)(?:\\s[^>]*)?>[^<]*</\\1\\s*>", "");
}

/* Gives the first configuration a sequence number. */
static char *
with_sequence (const char *text, uint16_t sequence)
{
  g_autofree char *bare =
    replace (text, "(<configuration(?=\\s)[^>]*?)\\s+sequence\\s*=\\s*(\"[^\"]*\"|'[^']*')", "\\1");
  g_autofree char *with = g_strdup_printf ("<configuration sequence=\"%u\"", sequence);

  return bare != NULL ? replace (bare, "<configuration(?=[\\s>])", with) : NULL;
}

static bool
is_bad_already (const Configuration *self, const NodeId *id)
{
  for (size_t i = 0; i < self->bad_node_count; i++)
    if (node_id_equal (&self->bad_nodes[i], id))
      return true;
  return false;
}

static char *
with_bad_nodes (const Configuration *draft, const char *text, const NodeId *ids, size_t count)
{
  g_autoptr (GString) elements = g_string_new (NULL);
  char hex[33];

  for (size_t i = 0; i < count; i++)
    if (!is_bad_already (draft, &ids[i]))
      g_string_append_printf (elements, "  <bad-node>%s</bad-node>\n",
                              node_id_to_hex (&ids[i], hex));
  g_string_append (elements, "</configuration>");
  return replace (text, "</configuration\\s*>", elements->str);
}

static Bytes
bytes_of (const char *text)
{
  return text != NULL ? bytes_of_text (text) : (Bytes){ NULL, 0 };
}

Configuration *
configuration_revise (const Configuration *self,
                      Bytes document,
                      const NodeId *bad_nodes,
                      size_t bad_node_count,
                      const Signer *signer)
{
  Bytes from = document.size > 0 ? document : self->document;
  g_autoptr (Configuration) draft = configuration_parse (from, self->instance_name, NULL);
  g_autofree char *text = NULL, *unsigned_text = NULL, *numbered = NULL, *whole = NULL;
  g_autoptr (Configuration) next = NULL;

  if (draft == NULL || self->sequence == UINT16_MAX - 1)
    return NULL;
  text = g_strndup ((const char *) from.data, from.size);
  unsigned_text = without_signatures (text);
  numbered = with_sequence (unsigned_text, MAX (draft->sequence, self->sequence + 1));
  whole = with_bad_nodes (draft, numbered, bad_nodes, bad_node_count);
  next = configuration_sign (bytes_of (whole), signer);
  if (next == NULL || configuration_check_successor (self, next, signer) != CONFIGURATION_GOOD)
    return NULL;
  return g_steal_pointer (&next);
}
