/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/document.h"

#include <string.h>

static void
test_instance_name (void)
{
  static const struct {
    const char *label;
    uint8_t random[CONFIGURATION_RANDOM_SIZE];
    const char *name;
  } rows[] = {
    { "home", { 0 }, "home-aaaaaaaa.peal.alt" },
    { "Home 2", { 0xff, 0xff, 0xff, 0xff, 0xff }, "home2-77777777.peal.alt" },
    { "2nd floor", { 0x00, 0x44, 0x32, 0x14, 0xc7 }, "ndfloor-abcdefgh.peal.alt" },
    { "\xe5\xae\xb6", { 0 }, "overlay-aaaaaaaa.peal.alt" },
    { "--a--", { 0 }, "a---aaaaaaaa.peal.alt" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = configuration_make_instance_name (rows[i].label, rows[i].random);

    g_assert_cmpstr (name, ==, rows[i].name);
  }
}

static void
assert_domains (const char *restriction, const char *permitted, const char *refused)
{
  g_autofree char *text =
    g_strconcat (OPEN KINDS "<kind id=\"9\">" VALUES, restriction, "</kind>" NO_KINDS CLOSE, NULL);
  g_autoptr (Configuration) c = configuration_parse (bytes_of_text (text), NULL, NULL);

  g_assert_nonnull (c);
  g_assert_true (configuration_permits_domain (c, permitted));
  if (refused != NULL)
    g_assert_false (configuration_permits_domain (c, refused));
}

static void
test_domains (void)
{
  assert_domains ("", "any.example", NULL);
  assert_domains ("<sip:domain-restriction/>", INSTANCE, "any.example");
  assert_domains ("<sip:domain-restriction enable=\"0\"/>", INSTANCE, "x" INSTANCE);
#define PATTERNS                                   \
  "<sip:domain-restriction enable=\"true\">"       \
  "<sip:pattern>dht\\.example\\.com</sip:pattern>" \
  "<sip:pattern>.*\\.my\\.example</sip:pattern></sip:domain-restriction>"
  assert_domains (PATTERNS, "dht.example.com", "dht.example.community");
  assert_domains (PATTERNS, "DHT.example.com", "xdht.example.com");
  assert_domains (PATTERNS, "a.my.example", INSTANCE);
  assert_domains ("<sip:domain-restriction enable=\"true\"><sip:pattern>a|ab</sip:pattern>"
                  "</sip:domain-restriction>",
                  "ab", "abc");
  assert_domains ("<sip:domain-restriction enable=\"true\"><sip:pattern>(</sip:pattern>"
                  "<sip:pattern>b</sip:pattern></sip:domain-restriction>",
                  "b", "(");
}

static void
test_kinds (void)
{
  g_autoptr (Configuration) c = configuration_parse (
    bytes_of_text (OPEN KINDS "<kind id=\"9\">" VALUES "</kind>" NO_KINDS CLOSE), NULL, NULL);
  WireKinds kinds = configuration_wire_kinds (c);

  g_assert_cmpint (kinds.data_model (kinds.user_data, 9), ==, DATA_MODEL_SINGLE);
  g_assert_cmpint (kinds.data_model (kinds.user_data, 8), ==, DATA_MODEL_UNKNOWN);
  g_assert_cmpuint (configuration_kind (c, 9)->max_size, ==, 100);
  g_assert_null (configuration_kind (c, 8));
}

static void
test_trust (void)
{
  static const uint8_t hash[CONFIGURATION_HASH_SIZE] = { 1 };
  g_autoptr (Configuration) c = configuration_parse (
    bytes_of_text (OPEN "<self-signed-permitted digest=\"sha1\">true</self-signed-permitted>"
                        "<root-cert>AQID</root-cert>"
                        "<bad-node>00112233445566778899aabbccddeeff</bad-node>" CLOSE),
    NULL, NULL);
  g_autoptr (Configuration) provisional = configuration_new_provisional (INSTANCE, "home", hash);
  CertificateTrust trust = { .has_secret = true };

  configuration_fill_trust (c, &trust);
  g_assert_cmpstr (trust.instance_name, ==, INSTANCE);
  g_assert_true (trust.is_self_signed_permitted && trust.is_node_id_sha1 && trust.has_secret);
  g_assert_cmpuint (trust.root_count, ==, 1);
  g_assert_cmpuint (trust.bad_node_count, ==, 1);

  configuration_fill_trust (provisional, &trust);
  g_assert_true (trust.is_self_signed_permitted && !trust.is_node_id_sha1 && trust.has_secret);
  g_assert_cmpuint (trust.root_count, ==, 0);
  g_assert_cmpuint (trust.bad_node_count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/instance-name/is-a-name-of-dns", test_instance_name);
  g_test_add_func ("/configuration/domains/as-restricted", test_domains);
  g_test_add_func ("/configuration/kinds/are-found", test_kinds);
  g_test_add_func ("/configuration/trust/is-what-the-document-says", test_trust);
  return g_test_run ();
}
