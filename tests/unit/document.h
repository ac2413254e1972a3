/* SPDX-License-Identifier: GPL-3.0-or-later */
/* document.h: configuration documents for tests. */
#pragma once
#include "core/overlay/configuration.h"

#define INSTANCE "home-abcd2345.peal.alt"
#define NS                                                        \
  "xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\" "             \
  "xmlns:chord=\"urn:ietf:params:xml:ns:p2p:config-chord\" "      \
  "xmlns:sip=\"urn:ietf:params:xml:ns:p2p:config-base:sip\" "     \
  "xmlns:diag=\"urn:ietf:params:xml:ns:p2p:config-diagnostics\" " \
  "xmlns:redir=\"urn:ietf:params:xml:ns:p2p:redir\" "             \
  "xmlns:rm=\"urn:ietf:params:xml:ns:p2p:route-mode\" "           \
  "xmlns:st=\"urn:ietf:params:xml:ns:p2p:self-tuning\" "          \
  "xmlns:peal=\"urn:uuid:5ab11b7b-0052-40a9-9185-e5cdcb98bd3d\" xmlns:x=\"urn:x:y\""
#define OPEN     "<overlay " NS "><configuration instance-name=\"" INSTANCE "\" sequence=\"7\">"
#define CLOSE    "</configuration></overlay>"
#define KINDS    "<required-kinds><kind-block>"
#define NO_KINDS "</kind-block></required-kinds>"
#define VALUES                                                                 \
  "<data-model>SINGLE</data-model><access-control>USER-MATCH</access-control>" \
  "<max-count>1</max-count><max-size>100</max-size>"

static inline void
assert_document (const char *text, ConfigurationVerdict expected)
{
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) configuration =
    configuration_parse (bytes_of_text (text), NULL, &verdict);

  if (verdict != expected)
    g_test_message ("%.400s", text);
  g_assert_cmpstr (configuration_verdict_name (verdict), ==, configuration_verdict_name (expected));
  g_assert_true ((configuration != NULL) == (verdict == CONFIGURATION_GOOD));
}

/* The next one, signed by `signer`. */
static inline Configuration *
document_after (const Configuration *now, const Signer *signer)
{
  g_autofree char *text = g_strndup ((const char *) now->document.data, now->document.size);
  g_autofree char *sequence = g_strdup_printf ("sequence=\"%u\"", now->sequence);
  g_autofree char *after = g_strdup_printf ("sequence=\"%u\"", now->sequence + 1);
  g_autoptr (GRegex) signatures =
    g_regex_new ("<(kind-)?signature>[^<]*</(kind-)?signature>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (signatures, text, -1, 0, "", 0, NULL);
  g_autoptr (GString) next = g_string_new (bare);

  g_assert_cmpuint (g_string_replace (next, sequence, after, 1), ==, 1);
  return configuration_sign ((Bytes){ (const uint8_t *) next->str, next->len }, signer);
}
