/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/pidf.h"
#include "core/base/limits.h"
#include <libxml/parser.h>
#include <string.h>

/* Written by hand, read by libxml2 with everything off: no network, no DTD, no entities, little
 * depth. Do not disturb is "busy", the nearest that RFC 4480 has. */

#define PIDF "urn:ietf:params:xml:ns:pidf"
#define RPID "urn:ietf:params:xml:ns:pidf:rpid"

static const struct {
  PresenceState state;
  const char *activity;
} activities[] = {
  { PRESENCE_AWAY, "away" },
  { PRESENCE_DO_NOT_DISTURB, "busy" },
  { PRESENCE_IN_CALL, "on-the-phone" },
};

static const char *
activity_of (PresenceState state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (activities); i++)
    if (activities[i].state == state)
      return activities[i].activity;
  return NULL;
}

char *
pidf_write (const char *address, const char *contact, PresenceState state)
{
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  const char *activity = activity_of (state);

  g_string_append_printf (text,
                          "<presence xmlns=\"" PIDF "\" xmlns:dm=\"" PIDF ":data-model\" "
                          "xmlns:rpid=\"" RPID "\" entity=\"pres:%s\">\n",
                          address);
  g_string_append_printf (text,
                          "<tuple id=\"device\"><status><basic>%s</basic></status>"
                          "<contact>%s</contact></tuple>\n",
                          state == PRESENCE_OFFLINE ? "closed" : "open", contact);
  if (activity != NULL)
    g_string_append_printf (text,
                            "<dm:person id=\"person\"><rpid:activities><rpid:%s/>"
                            "</rpid:activities></dm:person>\n",
                            activity);
  g_string_append (text, "</presence>\n");
  return g_string_free (text, FALSE);
}

static bool
is_element (const xmlNode *node, const char *space, const char *name)
{
  return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
         strcmp ((const char *) node->ns->href, space) == 0 &&
         strcmp ((const char *) node->name, name) == 0;
}

typedef struct Findings {
  bool is_open;
  bool has_basic;
  PresenceState activity; /* the most telling one, or PRESENCE_UNKNOWN */
} Findings;

static void
read_element (const xmlNode *node, Findings *findings)
{
  if (is_element (node, PIDF, "basic")) {
    xmlChar *text = xmlNodeGetContent (node);

    findings->has_basic = true;
    if (text != NULL && strcmp ((const char *) text, "open") == 0)
      findings->is_open = true;
    xmlFree (text);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (activities); i++)
    if (is_element (node, RPID, activities[i].activity))
      findings->activity = MAX (findings->activity, activities[i].state);
}

static void
walk (const xmlNode *node, unsigned depth, Findings *findings)
{
  for (; node != NULL && depth < LIMIT_PIDF_DEPTH; node = node->next) {
    read_element (node, findings);
    walk (node->children, depth + 1, findings);
  }
}

PresenceState
pidf_read (Bytes text)
{
  Findings findings = { .activity = PRESENCE_UNKNOWN };
  const xmlNode *root;
  xmlDoc *doc;

  if (text.size == 0 || text.size > LIMIT_PIDF_SIZE ||
      memmem (text.data, text.size, "<!DOCTYPE", 9) != NULL)
    return PRESENCE_UNKNOWN;
  doc = xmlReadMemory ((const char *) text.data, (int) text.size, NULL, NULL,
                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (doc == NULL)
    return PRESENCE_UNKNOWN;
  root = xmlDocGetRootElement (doc);
  if (doc->intSubset == NULL && root != NULL && is_element (root, PIDF, "presence"))
    walk (root->children, 0, &findings);
  xmlFreeDoc (doc);
  if (!findings.has_basic)
    return PRESENCE_UNKNOWN;
  if (!findings.is_open)
    return PRESENCE_OFFLINE;
  return findings.activity != PRESENCE_UNKNOWN ? findings.activity : PRESENCE_AVAILABLE;
}
