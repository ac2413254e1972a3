/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the document.
 *
 * libxml2 tells the elements as they come; no tree is built, nothing is fetched, and a document
 * type declaration, the door to entities, ends the reading. What has no row in the table of
 * elements is skipped with all it holds, as other specifications may add elements anywhere.
 *
 * What a signature covers is a range of the very bytes (RFC 6940, 11.1): the parser itself says
 * where an element begins and ends, so that it and the signature cannot be of two minds. */
#include "core/overlay/configuration-element-private.h"

#include <libxml/parserInternals.h>
#include <string.h>

static void
stop (Parse *p, ConfigurationVerdict verdict)
{
  if (p->verdict == CONFIGURATION_GOOD)
    p->verdict = verdict;
  xmlStopParser (p->context);
}

/* The parser stands inside the start tag: the last < is the one that opened it, since no
 * attribute may hold another. */
static bool
find_start (const Parse *p, size_t *ret_start)
{
  long at = xmlByteConsumed (p->context);

  if (at <= 0 || (size_t) at > p->document.size)
    return false;
  while (at > 0)
    if (p->document.data[--at] == '<') {
      *ret_start = (size_t) at;
      return true;
    }
  return false;
}

Bytes
parse_range (const Parse *p)
{
  size_t start = p->stack[p->depth - 1].start;
  long end = xmlByteConsumed (p->context);

  if (end <= 0 || (size_t) end > p->document.size || (size_t) end <= start ||
      p->document.data[end - 1] != '>')
    return (Bytes){ NULL, 0 };
  return (Bytes){ p->document.data + start, (size_t) end - start };
}

/* Of several configurations one is ours; a signature is of the one before it. */
static bool
is_of_another (Parse *p, const Element *element, const xmlChar **attributes, int count)
{
  g_autofree char *name = NULL;

  if (element->place == PLACE_VALUE)
    return !p->is_last;
  p->is_last = false;
  name = element_attribute (attributes, count, "instance-name");
  if (name == NULL) {
    stop (p, CONFIGURATION_MALFORMED);
    return true;
  }
  if (p->wanted == NULL)
    return p->is_found;
  if (strcmp (name, p->wanted) != 0)
    return true;
  if (p->is_found)
    stop (p, CONFIGURATION_MALFORMED);
  return false;
}

static void
on_start (void *user_data,
          const xmlChar *name,
          const xmlChar *prefix,
          const xmlChar *uri,
          int namespace_count,
          const xmlChar **namespaces,
          int attribute_count,
          int defaulted_count,
          const xmlChar **attributes)
{
  Parse *p = user_data;
  Place parent = p->depth > 0 ? p->stack[p->depth - 1].place : PLACE_DOCUMENT;
  const Element *element = NULL;
  size_t start;

  if (p->verdict != CONFIGURATION_GOOD)
    return;
  if (parent != PLACE_SKIPPED)
    element = element_schema_find (parent, (const char *) uri, (const char *) name);
  if (p->depth == LIMIT_CONFIGURATION_DEPTH || parent == PLACE_VALUE ||
      (parent == PLACE_DOCUMENT && element == NULL) || !find_start (p, &start)) {
    stop (p, CONFIGURATION_MALFORMED);
    return;
  }
  if (element != NULL && parent == PLACE_OVERLAY &&
      is_of_another (p, element, attributes, attribute_count))
    element = NULL;

  p->stack[p->depth].element = element;
  p->stack[p->depth].place = element != NULL ? element->place : PLACE_SKIPPED;
  p->stack[p->depth].start = start;
  p->depth++;
  g_string_truncate (p->text, 0);
  if (element == NULL || p->verdict != CONFIGURATION_GOOD)
    return;
  if (element_is_repeated (element, &p->seen))
    stop (p, CONFIGURATION_MALFORMED);
  else if (element->start != NULL && !element->start (p, attributes, attribute_count))
    stop (p, p->verdict);
}

static void
on_end (void *user_data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Parse *p = user_data;
  const Element *element;

  if (p->verdict != CONFIGURATION_GOOD)
    return;
  g_assert (p->depth > 0);
  element = p->stack[p->depth - 1].element;
  if (element != NULL && element->end != NULL &&
      !element->end (p, element, g_strstrip (p->text->str)))
    stop (p, p->verdict);
  p->depth--;
}

static void
on_text (void *user_data, const xmlChar *text, int size)
{
  Parse *p = user_data;

  if (p->depth > 0 && p->stack[p->depth - 1].place == PLACE_VALUE)
    g_string_append_len (p->text, (const char *) text, size);
}

/* Billions of laughs begin here. */
static void
on_doctype (void *user_data, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
  stop (user_data, CONFIGURATION_MALFORMED);
}

/* Text of peers is nothing for the standard error stream. */
static void
on_error (void *user_data, xmlErrorPtr error)
{
}

/* The file is UTF-8 (11.1) and must not say otherwise. libxml2 is told to believe that and never to
 * convert; whether the rest of the declaration is well formed is its business. */
static bool
is_utf8 (Bytes document)
{
  const char *text = (const char *) document.data;
  const char *end, *encoding;

  if (!g_utf8_validate (text, (gssize) document.size, NULL))
    return false;
  if (document.size < 5 || memcmp (text, "<?xml", 5) != 0)
    return true;
  end = g_strstr_len (text, (gssize) document.size, "?>");
  encoding = end != NULL ? g_strstr_len (text, end - text, "encoding") : NULL;
  if (encoding == NULL)
    return true;
  encoding += strlen ("encoding");
  encoding += strspn (encoding, " \t\r\n=\"'");
  return g_ascii_strncasecmp (encoding, "UTF-8", 5) == 0 && !g_ascii_isalnum (encoding[5]);
}

/* libxml2 compares every two attributes of an element: a run without < bounds their number. */
static bool
runs_are_short (Bytes document)
{
  size_t run = 0;

  for (size_t i = 0; i < document.size; i++) {
    run = document.data[i] == '<' ? 0 : run + 1;
    if (run > LIMIT_CONFIGURATION_RUN)
      return false;
  }
  return true;
}

static void
run_parser (Parse *p)
{
  static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_doctype,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .serror = on_error,
  };

  p->context = xmlCreateMemoryParserCtxt ((const char *) p->document.data, (int) p->document.size);
  if (p->context == NULL) {
    p->verdict = CONFIGURATION_MALFORMED;
    return;
  }
  *p->context->sax = handler;
  p->context->userData = p;
  xmlCtxtUseOptions (p->context, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
  xmlParseDocument (p->context);
  if (p->verdict == CONFIGURATION_GOOD && !p->context->wellFormed)
    p->verdict = CONFIGURATION_MALFORMED;
  if (p->verdict == CONFIGURATION_GOOD && !p->is_found)
    p->verdict = CONFIGURATION_WRONG_OVERLAY;
  xmlFreeParserCtxt (p->context);
}

static void
parse_init (Parse *p)
{
  p->text = g_string_new (NULL);
  p->roots = g_array_new (FALSE, FALSE, sizeof (Bytes));
  p->enrollment_servers = g_array_new (FALSE, FALSE, sizeof (char *));
  p->bootstrap_nodes = g_array_new (FALSE, FALSE, sizeof (Address));
  p->bad_nodes = g_array_new (FALSE, FALSE, sizeof (NodeId));
  p->configuration_signers = g_array_new (FALSE, FALSE, sizeof (NodeId));
  p->kind_signers = g_array_new (FALSE, FALSE, sizeof (NodeId));
  p->kinds = g_array_new (FALSE, FALSE, sizeof (ConfigurationKind));
  p->domain_patterns = g_array_new (FALSE, FALSE, sizeof (char *));
  p->signatures = g_array_new (FALSE, FALSE, sizeof (Bytes));
  p->diagnostic_access = g_array_new (FALSE, FALSE, sizeof (DiagnosticAccess));
}

/* The lists become the configuration's, good or not: it frees them. */
static void *
steal (GArray *array, size_t *ret_count)
{
  void *items = g_array_steal (array, ret_count);

  g_array_unref (array);
  return items;
}

static void
parse_finish (Parse *p)
{
  Configuration *result = p->result;

  result->roots = steal (p->roots, &result->root_count);
  result->enrollment_servers = steal (p->enrollment_servers, &result->enrollment_server_count);
  result->bootstrap_nodes = steal (p->bootstrap_nodes, &result->bootstrap_node_count);
  result->bad_nodes = steal (p->bad_nodes, &result->bad_node_count);
  result->configuration_signers =
    steal (p->configuration_signers, &result->configuration_signer_count);
  result->kind_signers = steal (p->kind_signers, &result->kind_signer_count);
  result->kinds = steal (p->kinds, &result->kind_count);
  result->domain_patterns = steal (p->domain_patterns, &result->domain_pattern_count);
  result->signatures = steal (p->signatures, &result->signature_count);
  result->diagnostic_access = steal (p->diagnostic_access, &result->diagnostic_access_count);
  g_free ((uint8_t *) p->kind_signature.data);
  g_string_free (p->text, TRUE);

  for (size_t i = 0; i < result->kind_count; i++) {
    ConfigurationKind *kind = &result->kinds[i];
    if (kind->branching_factor == 0)
      kind->branching_factor = result->redir_branching_factor;
    kind->has_second_place =
      result->has_second_places && kind->access_policy == ACCESS_POLICY_USER_NODE_MATCH;
  }
  if (result->topology_plugin == NULL)
    result->topology_plugin = g_strdup (DEFAULT_TOPOLOGY);
  if (result->label == NULL)
    result->label = g_strdup (result->instance_name);
}

static void
hash_document (Configuration *self)
{
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = CONFIGURATION_HASH_SIZE;

  g_checksum_update (sha256, self->document.data, (gssize) self->document.size);
  g_checksum_get_digest (sha256, self->hash, &size);
}

Configuration *
configuration_read (Bytes document, const char *instance_name, ConfigurationVerdict *ret_verdict)
{
  g_autoptr (Configuration) result = NULL;
  Parse p = { .wanted = instance_name, .verdict = CONFIGURATION_MALFORMED };

  if (document.size > 0 && document.size <= LIMIT_CONFIGURATION_SIZE && runs_are_short (document) &&
      is_utf8 (document)) {
    result = configuration_new ();
    result->document = (Bytes){ bytes_dup (document), document.size };
    p.document = result->document;
    p.result = result;
    p.verdict = CONFIGURATION_GOOD;
    parse_init (&p);
    run_parser (&p);
    parse_finish (&p);
  }
  *ret_verdict = p.verdict;
  if (p.verdict != CONFIGURATION_GOOD)
    return NULL;
  if (p.is_unsupported)
    *ret_verdict = CONFIGURATION_UNSUPPORTED;
  hash_document (result);
  return g_steal_pointer (&result);
}

Configuration *
configuration_parse (Bytes document, const char *instance_name, ConfigurationVerdict *ret_verdict)
{
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) result = configuration_read (document, instance_name, &verdict);

  if (ret_verdict != NULL)
    *ret_verdict = verdict;
  return verdict == CONFIGURATION_GOOD ? g_steal_pointer (&result) : NULL;
}
