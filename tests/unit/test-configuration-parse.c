/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "tests/unit/document.h"

#include <string.h>

static void
test_hostile (void)
{
  static const struct {
    const char *text;
    ConfigurationVerdict expected;
  } rows[] = {
    { "", CONFIGURATION_MALFORMED },
    { "<", CONFIGURATION_MALFORMED },
    { "hello", CONFIGURATION_MALFORMED },
    { "<overlay/>", CONFIGURATION_MALFORMED },
    { "<overlay " NS "/>", CONFIGURATION_WRONG_OVERLAY },
    { "<overlay " NS "><configuration/></overlay>", CONFIGURATION_MALFORMED },
    { "<overlay " NS "><configuration instance-name=\"A b\"/></overlay>", CONFIGURATION_MALFORMED },
    { OPEN CLOSE "x", CONFIGURATION_MALFORMED },
    { OPEN CLOSE OPEN CLOSE, CONFIGURATION_MALFORMED },
    { OPEN, CONFIGURATION_MALFORMED },
    { OPEN "</overlay>", CONFIGURATION_MALFORMED },
    { OPEN "&undefined;" CLOSE, CONFIGURATION_MALFORMED },
    { OPEN "\x80" CLOSE, CONFIGURATION_MALFORMED },
    { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" OPEN CLOSE, CONFIGURATION_MALFORMED },
    { "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" OPEN CLOSE, CONFIGURATION_MALFORMED },
    { "<?xml version=\"1.0\" encoding=\"utf-8\"?>" OPEN CLOSE, CONFIGURATION_GOOD },
    { "<?xml version=\"1.0\"?><?stylesheet href=\"http://127.0.0.1/\"?>" OPEN CLOSE,
      CONFIGURATION_GOOD },
    { "<!DOCTYPE overlay>" OPEN CLOSE, CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay SYSTEM \"http://127.0.0.1/a.dtd\">" OPEN CLOSE, CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay SYSTEM \"file:///etc/passwd\">" OPEN CLOSE, CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" OPEN
      "<shared-secret>&a;</shared-secret>" CLOSE,
      CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">"
      "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;\">]>" OPEN
      "<shared-secret>&f;</shared-secret>" CLOSE,
      CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay [<!ATTLIST configuration instance-name CDATA \"" INSTANCE "\">]>"
      "<overlay " NS "><configuration/></overlay>",
      CONFIGURATION_MALFORMED },
    { "<!DOCTYPE overlay [<!ENTITY % p SYSTEM \"http://127.0.0.1/p\">%p;]>" OPEN CLOSE,
      CONFIGURATION_MALFORMED },
    { "<a:overlay xmlns:a=\"urn:x:y\"/>", CONFIGURATION_MALFORMED },
    { "<overlay " NS "><overlay><configuration instance-name=\"" INSTANCE
      "\"/></overlay></overlay>",
      CONFIGURATION_WRONG_OVERLAY },
    { "<overlay " NS "><x:y><configuration instance-name=\"" INSTANCE "\"/></x:y></overlay>",
      CONFIGURATION_WRONG_OVERLAY },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_document (rows[i].text, rows[i].expected);
}

/* `count` times `part` inside of a configuration. */
static char *
repeated (const char *before, const char *part, size_t count, const char *after)
{
  GString *text = g_string_new (OPEN);

  g_string_append (text, before);
  for (size_t i = 0; i < count; i++)
    g_string_append (text, part);
  g_string_append (text, after);
  g_string_append (text, CLOSE);
  return g_string_free (text, FALSE);
}

static void
test_bounds (void)
{
  g_autofree char *deep = repeated ("", "<x>", 100000 / 3, "");
  g_autofree char *large = repeated ("", "<x/>", LIMIT_CONFIGURATION_SIZE / 4, "");
  g_autofree char *many = repeated ("", "<x/>", (LIMIT_CONFIGURATION_SIZE - 1024) / 4, "");
  g_autofree char *attributes = repeated ("<x ", "a=\"\" ", 20000, "/>");
  g_autofree char *run = repeated ("", "x", LIMIT_CONFIGURATION_RUN - 100, "");
  g_autofree char *long_run = repeated ("", "x", LIMIT_CONFIGURATION_RUN, "");
  g_autoptr (GString) nested = g_string_new (OPEN);
  g_autoptr (GString) kinds = g_string_new (OPEN "<required-kinds>");
  g_autoptr (GString) signatures = g_string_new (OPEN "</configuration>");

  assert_document (deep, CONFIGURATION_MALFORMED);
  assert_document (large, CONFIGURATION_MALFORMED);
  assert_document (many, CONFIGURATION_GOOD);
  assert_document (attributes, CONFIGURATION_MALFORMED);
  assert_document (run, CONFIGURATION_GOOD);
  assert_document (long_run, CONFIGURATION_MALFORMED);

  for (int i = 0; i < LIMIT_CONFIGURATION_DEPTH - 2; i++)
    g_string_append (nested, "<x>");
  for (int i = 0; i < LIMIT_CONFIGURATION_DEPTH - 2; i++)
    g_string_append (nested, "</x>");
  g_string_append (nested, CLOSE);
  assert_document (nested->str, CONFIGURATION_GOOD);
  g_string_replace (nested, "<x></x>", "<x><x></x></x>", 1);
  assert_document (nested->str, CONFIGURATION_MALFORMED);

  for (int i = 1; i <= LIMIT_CONFIGURATION_KINDS + 1; i++)
    g_string_append_printf (kinds, "<kind-block><kind id=\"%d\">" VALUES "</kind></kind-block>",
                            1000 + i);
  g_string_append (kinds, "</required-kinds>" CLOSE);
  assert_document (kinds->str, CONFIGURATION_MALFORMED);

  for (int i = 0; i < LIMIT_CONFIGURATION_SIGNATURES + 1; i++)
    g_string_append (signatures, "<signature>AAAA</signature>");
  g_string_append (signatures, "</overlay>");
  assert_document (signatures->str, CONFIGURATION_MALFORMED);
}

/* A pattern that would take gigabytes to compile costs nothing to read. */
static void
test_greedy_pattern (void)
{
  assert_document (OPEN KINDS "<kind id=\"9\">" VALUES
                              "<sip:domain-restriction enable=\"true\"><sip:pattern>"
                              "((((a{1,9999}){1,9999}){1,9999}){1,9999})"
                              "</sip:pattern></sip:domain-restriction></kind>" NO_KINDS CLOSE,
                   CONFIGURATION_GOOD);
}

static void
test_cut (void)
{
  static const char text[] =
    OPEN "<initial-ttl>4</initial-ttl>" KINDS "<kind id=\"9\">" VALUES "</kind>" NO_KINDS CLOSE;
  const Bytes document = bytes_of_text (text);
  g_autoptr (Configuration) whole = configuration_parse (document, NULL, NULL);

  g_assert_nonnull (whole);
  for (size_t size = 0; size < document.size; size++) {
    g_autofree uint8_t *cut = bytes_dup ((Bytes){ document.data, size }); /* ends where it ends */

    g_assert_null (configuration_parse ((Bytes){ cut, size }, NULL, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration-parse/document/threat-1.12-patterns-are-not-compiled",
                   test_greedy_pattern);
  g_test_add_func ("/configuration-parse/document/threat-1.12-hostile-documents-are-refused",
                   test_hostile);
  g_test_add_func ("/configuration-parse/document/threat-1.12-growth-is-bounded", test_bounds);
  g_test_add_func ("/configuration-parse/document/cut-documents-are-refused", test_cut);
  return g_test_run ();
}
