/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration.h"
#include "tests/sim/sim-signer.h"

#include <libxml/relaxng.h>

/* The grammars of tests/data/configuration/ and our parser judge the same documents:
 *
 *   good     both take them           bad     both refuse them
 *   beyond   the grammar takes them, and what it cannot say the parser does
 *
 * Elements of the base namespace that nobody knows are the one case the other way round: the
 * grammar refuses them, and we skip them, as later standards may add some. */

typedef struct Fixture {
  xmlRelaxNGPtr schema;
} Fixture;

static void
on_error (void *user_data, xmlErrorPtr error)
{
}

static void
set_up (Fixture *self, const void *data)
{
  xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt (CONFIGURATION_DATA "/peal.rng");

  self->schema = xmlRelaxNGParse (parser);
  xmlRelaxNGFreeParserCtxt (parser);
  g_assert_nonnull (self->schema);
}

static void
tear_down (Fixture *self, const void *data)
{
  xmlRelaxNGFree (self->schema);
}

static bool
validates (const Fixture *self, Bytes document)
{
  xmlParserCtxtPtr parser = xmlNewParserCtxt ();
  xmlRelaxNGValidCtxtPtr validator = xmlRelaxNGNewValidCtxt (self->schema);
  xmlDocPtr tree;
  bool is_valid;

  xmlSetStructuredErrorFunc (NULL, on_error);
  tree = xmlCtxtReadMemory (parser, (const char *) document.data, (int) document.size, NULL, NULL,
                            XML_PARSE_NONET);
  is_valid = tree != NULL && xmlRelaxNGValidateDoc (validator, tree) == 0;
  xmlSetStructuredErrorFunc (NULL, NULL);
  xmlFreeDoc (tree);
  xmlRelaxNGFreeValidCtxt (validator);
  xmlFreeParserCtxt (parser);
  return is_valid;
}

static bool
is_read (Bytes document)
{
  g_autoptr (Configuration) configuration = configuration_parse (document, NULL, NULL);

  return configuration != NULL;
}

static void
judge_folder (const Fixture *self, const char *name, bool by_schema, bool by_parser)
{
  g_autofree char *folder = g_build_filename (CONFIGURATION_DATA, name, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  unsigned count = 0;

  g_assert_nonnull (dir);
  while ((file = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, file, NULL);
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    gsize size;
    Bytes document;

    g_assert_true (g_file_get_contents (path, &text, &size, &error));
    document = (Bytes){ (const uint8_t *) text, size };
    if (validates (self, document) != by_schema || is_read (document) != by_parser) {
      g_test_message ("%s: the grammar says %d, we say %d", path, validates (self, document),
                      is_read (document));
      g_test_fail ();
    }
    count++;
  }
  g_assert_cmpuint (count, >=, 10);
}

static void
test_good (Fixture *self, const void *data)
{
  judge_folder (self, "good", true, true);
}

static void
test_bad (Fixture *self, const void *data)
{
  judge_folder (self, "bad", false, false);
}

static void
test_beyond (Fixture *self, const void *data)
{
  judge_folder (self, "beyond", true, false);
}

static void
test_ours (Fixture *self, const void *data)
{
  const NodeId id = { { 0x80 } };
  Signer signer;
  g_autoptr (Configuration) made = NULL;

  sim_signer_init (&signer, &id, "anna@home-abcd2345.peal.alt");
  made = configuration_create ("a & b", "home-abcd2345.peal.alt", &signer);
  g_assert_true (validates (self, made->document));
  sim_signer_clear (&signer);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/configuration-schema/rfc6940-11.1.1-what-we-write-is-valid", test_ours);
  ADD ("/configuration-schema/good-ones-are-good-to-both", test_good);
  ADD ("/configuration-schema/bad-ones-are-bad-to-both", test_bad);
  ADD ("/configuration-schema/what-no-grammar-can-say-the-parser-does", test_beyond);
  return g_test_run ();
}
