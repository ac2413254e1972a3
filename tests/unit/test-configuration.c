/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"

#include <string.h>

#define INSTANCE "home-abcd2345.peal.alt"
#define NS                                                    \
  "xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\" "         \
  "xmlns:chord=\"urn:ietf:params:xml:ns:p2p:config-chord\" "  \
  "xmlns:sip=\"urn:ietf:params:xml:ns:p2p:config-base:sip\" " \
  "xmlns:peal=\"urn:uuid:5ab11b7b-0052-40a9-9185-e5cdcb98bd3d\" xmlns:x=\"urn:x:y\""
#define OPEN     "<overlay " NS "><configuration instance-name=\"" INSTANCE "\" sequence=\"7\">"
#define CLOSE    "</configuration></overlay>"
#define KINDS    "<required-kinds><kind-block>"
#define NO_KINDS "</kind-block></required-kinds>"
#define VALUES                                                                 \
  "<data-model>SINGLE</data-model><access-control>USER-MATCH</access-control>" \
  "<max-count>1</max-count><max-size>100</max-size>"

/* A member who may sign. */
typedef struct Member {
  CertificateTrust trust;
  Signer *signer;
} Member;

static void
member_init (Member *self, const char *user)
{
  static const uint8_t secret[ADMISSION_SECRET_SIZE] = { 42 };
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  const CertificateOptions options = { INSTANCE, user, secret,
                                       g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);

  self->trust = (CertificateTrust){ .instance_name = INSTANCE,
                                    .is_self_signed_permitted = true,
                                    .has_secret = true };
  memcpy (self->trust.secret, secret, sizeof secret);
  self->signer =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self->trust, NULL);
  g_assert_nonnull (self->signer);
}

static void
member_clear (Member *self)
{
  signer_free (self->signer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Member, member_clear)

static Configuration *
parse (const char *text, ConfigurationVerdict *ret_verdict)
{
  return configuration_parse (bytes_of_text (text), NULL, ret_verdict);
}

static void
assert_parse (const char *text, ConfigurationVerdict expected)
{
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) configuration = parse (text, &verdict);

  if (verdict != expected)
    g_test_message ("%.400s", text);
  g_assert_cmpstr (configuration_verdict_name (verdict), ==, configuration_verdict_name (expected));
  g_assert_true ((configuration != NULL) == (verdict == CONFIGURATION_GOOD));
}

static void
assert_successor (const Configuration *old,
                  const Configuration *next,
                  const Member *member,
                  ConfigurationVerdict expected)
{
  g_assert_cmpstr (configuration_verdict_name (
                     configuration_check_successor (old, next, member->signer)),
                   ==, configuration_verdict_name (expected));
}

/* The document with one text put for another, its signatures as they were. */
static Configuration *
edited (const Configuration *configuration, const char *find, const char *replace)
{
  g_autoptr (GString) text = g_string_new_len ((const char *) configuration->document.data,
                                               (gssize) configuration->document.size);

  g_assert_cmpuint (g_string_replace (text, find, replace, 1), ==, 1);
  return parse (text->str, NULL);
}

/* A document that follows `configuration`: edited without its signatures, then signed. */
static Configuration *
signed_again (const Configuration *configuration,
              const char *find,
              const char *replace,
              const Member *member)
{
  g_autofree char *text =
    g_strndup ((const char *) configuration->document.data, configuration->document.size);
  g_autoptr (GRegex) signatures =
    g_regex_new ("<(kind-)?signature>[^<]*</(kind-)?signature>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (signatures, text, -1, 0, "", 0, NULL);
  g_autoptr (GString) next = g_string_new (bare);

  g_string_replace (next, "sequence=\"1\"", "sequence=\"2\"", 1);
  g_string_replace (next, find, replace, 1);
  return configuration_sign ((Bytes){ (const uint8_t *) next->str, next->len }, member->signer);
}

/* ---- What a document says ---- */

static void
test_template (void)
{
  g_auto (Member) owner = { 0 };
  g_autoptr (Configuration) c = NULL;
  const ConfigurationKind *kind;

  member_init (&owner, "anna");
  c = configuration_create ("K\xc3\xbc"
                            "che & <Bad>",
                            INSTANCE, owner.signer);
  g_assert_cmpstr (c->instance_name, ==, INSTANCE);
  g_assert_cmpstr (c->label, ==,
                   "K\xc3\xbc"
                   "che & <Bad>");
  g_assert_cmpuint (c->sequence, ==, 1);
  g_assert_cmpstr (c->topology_plugin, ==, "CHORD-RELOAD");
  g_assert_cmpuint (c->node_id_length, ==, 16);
  g_assert_cmpuint (c->initial_ttl, ==, 40);
  g_assert_cmpuint (c->max_message_size, ==, 16384);
  g_assert_cmpuint (c->overlay_reliability_timer_ms, ==, 1000);
  g_assert_cmpuint (c->chord_update_interval_s, ==, 60);
  g_assert_cmpuint (c->chord_ping_interval_s, ==, 60);
  g_assert_true (c->is_chord_reactive && c->are_clients_permitted && c->is_self_signed_permitted);
  g_assert_false (c->is_no_ice || c->is_node_id_sha1);
  g_assert_cmpuint (c->turn_density, ==, 1);
  g_assert_cmpuint (c->configuration_signer_count, ==, 1);
  g_assert_true (node_id_equal (&c->configuration_signers[0], &owner.signer->own->node_ids[0]));
  g_assert_cmpuint (c->kind_signer_count, ==, 1);
  g_assert_cmpuint (c->kind_count, ==, 6);
  g_assert_cmpuint (c->signature_count, ==, 1);
  g_assert_cmpuint (c->document.size, <, 8192);

  kind = configuration_kind (c, 1);
  g_assert_cmpstr (kind->name, ==, "SIP-REGISTRATION");
  g_assert_cmpint (kind->data_model, ==, DATA_MODEL_DICTIONARY);
  g_assert_cmpint (kind->access_policy, ==, ACCESS_POLICY_USER_NODE_MATCH);
  g_assert_cmpuint (kind->max_count, ==, 16);
  g_assert_cmpuint (kind->max_size, ==, 512);
  g_assert_cmpuint (configuration_kind (c, 2)->max_node_multiple, ==, 20);
  g_assert_nonnull (configuration_kind (c, 0xf0000001));
  g_assert_null (configuration_kind (c, 0xf0000002));
  g_assert_true (configuration_permits_domain (c, INSTANCE));
  g_assert_false (configuration_permits_domain (c, "example.org"));
}

static void
test_full (void)
{
  static const char text[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- a comment <configuration> -->"
    "<overlay " NS "><configuration instance-name=\"other.example.net\"><initial-ttl>9"
    "</initial-ttl></configuration><signature>AAAA</signature>"
    "<configuration instance-name=\"overlay.example.org\" sequence=\"22\" "
    "expiration=\"2002-10-10T07:00:00Z\" x:example=\"stuff\">"
    "<topology-plugin> OTHER </topology-plugin><node-id-length>16</node-id-length>"
    "<root-cert> AQID\n BA== </root-cert><root-cert>BQY=</root-cert>"
    "<enrollment-server>https://example.org</enrollment-server>"
    "<self-signed-permitted digest=\"sha1\"> 0 </self-signed-permitted>"
    "<bootstrap-node address=\"192.0.0.1\" port=\"6085\" />"
    "<bootstrap-node address=\"2001:DB8::1\"></bootstrap-node>"
    "<turn-density> 20 </turn-density><clients-permitted> false </clients-permitted>"
    "<no-ice> 1 </no-ice><chord:chord-update-interval>\n400</chord:chord-update-interval>"
    "<chord:chord-ping-interval>30</chord:chord-ping-interval>"
    "<chord:chord-reactive> false </chord:chord-reactive>"
    "<shared-secret> pass<!-- -->word </shared-secret>"
    "<max-message-size>4000</max-message-size><initial-ttl> 30 </initial-ttl>"
    "<overlay-reliability-timer> 3000 </overlay-reliability-timer>"
    "<overlay-link-protocol>HIP</overlay-link-protocol>"
    "<overlay-link-protocol>TLS</overlay-link-protocol>"
    "<configuration-signer>47112162e84c69ba47112162e84c69ba</configuration-signer>"
    "<bad-node> 6EBC45d31a900c066ebc45d31a900c06 </bad-node>"
    "<x:example-extension> foo <y/><initial-ttl>77</initial-ttl></x:example-extension>"
    "<mandatory-extension> urn:ietf:params:xml:ns:p2p:config-chord </mandatory-extension>"
    "<required-kinds><kind-block><kind-signature>VGhp</kind-signature><kind id=\"4026531850\">"
    "<data-model>ARRAY</data-model><access-control>NODE-MULTIPLE</access-control>"
    "<max-node-multiple>3</max-node-multiple><max-count>22</max-count><max-size>4</max-size>"
    "<x:example-kind-extension> 1 </x:example-kind-extension></kind></kind-block>"
    "<kind-block><kind name=\"SIP-REGISTRATION\"><data-model>SINGLE</data-model>"
    "<access-control>USER-MATCH</access-control><max-count>1</max-count><max-size>100</max-size>"
    "<sip:domain-restriction enable=\"true\"><sip:pattern>dht\\.example\\.com</sip:pattern>"
    "<sip:pattern>.*\\.my\\.example</sip:pattern></sip:domain-restriction></kind></kind-block>"
    "</required-kinds></configuration><signature> BBBB </signature><signature>CCCC</signature>"
    "</overlay>";
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) c =
    configuration_parse (bytes_of_text (text), "overlay.example.org", &verdict);
  g_autoptr (Configuration) first = parse (text, NULL);
  char address[ADDRESS_TEXT_SIZE];

  g_assert_cmpstr (configuration_verdict_name (verdict), ==, "good");
  g_assert_cmpstr (first->instance_name, ==, "other.example.net");
  g_assert_cmpuint (first->initial_ttl, ==, 9);
  g_assert_cmpuint (first->signature_count, ==, 1);
  g_assert_cmpuint (c->sequence, ==, 22);
  g_assert_cmpint (c->expiration_s, ==, 1034233200);
  g_assert_cmpstr (c->label, ==, "overlay.example.org");
  g_assert_cmpstr (c->topology_plugin, ==, "OTHER");
  g_assert_cmpuint (c->root_count, ==, 2);
  g_assert_cmpmem (c->roots[0].data, c->roots[0].size, "\1\2\3\4", 4);
  g_assert_cmpstr (c->enrollment_servers[0], ==, "https://example.org");
  g_assert_true (c->is_node_id_sha1 && c->is_no_ice);
  g_assert_false (c->is_self_signed_permitted || c->are_clients_permitted || c->is_chord_reactive);
  g_assert_cmpuint (c->bootstrap_node_count, ==, 2);
  g_assert_cmpstr (address_to_text (&c->bootstrap_nodes[0], address), ==, "192.0.0.1:6085");
  g_assert_cmpstr (address_to_text (&c->bootstrap_nodes[1], address), ==, "[2001:db8::1]:6084");
  g_assert_cmpuint (c->turn_density, ==, 20);
  g_assert_cmpuint (c->chord_update_interval_s, ==, 400);
  g_assert_cmpstr (c->shared_secret, ==, "password");
  g_assert_cmpuint (c->max_message_size, ==, 4000);
  g_assert_cmpuint (c->initial_ttl, ==, 30);
  g_assert_cmpuint (c->bad_node_count, ==, 1);
  g_assert_cmpuint (c->kind_count, ==, 2);
  g_assert_cmpint (c->kinds[0].access_policy, ==, ACCESS_POLICY_NODE_MULTIPLE);
  g_assert_cmpuint (c->kinds[0].max_node_multiple, ==, 3);
  g_assert_cmpuint (c->kinds[0].signature.size, ==, 3);
  g_assert_cmpint (c->kinds[1].data_model, ==, DATA_MODEL_DICTIONARY); /* as registered */
  g_assert_cmpint (c->kinds[1].access_policy, ==, ACCESS_POLICY_USER_NODE_MATCH);
  g_assert_cmpuint (c->signature_count, ==, 2);
  g_assert_true (g_str_has_prefix ((const char *) c->signed_bytes.data,
                                   "<configuration instance-name=\"overlay.example.org\""));
  g_assert_true (g_str_has_prefix ((const char *) c->signed_bytes.data + c->signed_bytes.size,
                                   "<signature> BBBB"));
  g_assert_true (
    g_str_has_prefix ((const char *) c->kinds[1].signed_bytes.data, "<kind name=\"SIP"));
  g_assert_true (
    g_str_has_prefix ((const char *) c->kinds[1].signed_bytes.data + c->kinds[1].signed_bytes.size,
                      "</kind-block></required-kinds>"));
  g_assert_true (configuration_permits_domain (c, "dht.example.com"));
  g_assert_true (configuration_permits_domain (c, "a.my.example"));
  g_assert_false (configuration_permits_domain (c, "dht.example.community"));
  g_assert_false (configuration_permits_domain (c, "overlay.example.org"));
}

static void
test_defaults (void)
{
  g_autoptr (Configuration) c =
    parse ("<overlay " NS "><configuration instance-name=\"a.b\"/></overlay>", NULL);

  g_assert_cmpuint (c->sequence, ==, 0);
  g_assert_cmpint (c->expiration_s, ==, INT64_MAX);
  g_assert_cmpstr (c->topology_plugin, ==, "CHORD-RELOAD");
  g_assert_cmpuint (c->initial_ttl, ==, 100);
  g_assert_cmpuint (c->max_message_size, ==, 5000);
  g_assert_cmpuint (c->overlay_reliability_timer_ms, ==, 3000);
  g_assert_cmpuint (c->chord_update_interval_s, ==, 600);
  g_assert_cmpuint (c->chord_ping_interval_s, ==, 3600);
  g_assert_true (c->is_chord_reactive && c->are_clients_permitted);
  g_assert_false (c->is_no_ice || c->is_self_signed_permitted);
  g_assert_true (configuration_permits_domain (c, "anything"));
  g_assert_cmpmem (c->signed_bytes.data, c->signed_bytes.size,
                   "<configuration instance-name=\"a.b\"/>", 36);
}

static void
test_values (void)
{
  static const struct {
    const char *inside;
    ConfigurationVerdict expected;
  } rows[] = {
    { "", CONFIGURATION_GOOD },
    { "<unknown/><x:initial-ttl>no</x:initial-ttl>", CONFIGURATION_GOOD },
    { "<initial-ttl>0</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl>256</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl>-1</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl>4x</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl></initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl/>", CONFIGURATION_MALFORMED },
    { "<initial-ttl>4<x:y/>0</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<initial-ttl>4</initial-ttl><initial-ttl>4</initial-ttl>", CONFIGURATION_MALFORMED },
    { "<no-ice>TRUE</no-ice>", CONFIGURATION_MALFORMED },
    { "<node-id-length>15</node-id-length>", CONFIGURATION_MALFORMED },
    { "<node-id-length>20</node-id-length>", CONFIGURATION_UNSUPPORTED },
    { "<max-message-size>65536</max-message-size>", CONFIGURATION_GOOD },
    { "<max-message-size>65537</max-message-size>", CONFIGURATION_UNSUPPORTED },
    { "<max-message-size>99999999999</max-message-size>", CONFIGURATION_MALFORMED },
    { "<max-message-size>12</max-message-size>", CONFIGURATION_MALFORMED },
    { "<overlay-reliability-timer>199</overlay-reliability-timer>", CONFIGURATION_MALFORMED },
    { "<chord:chord-update-interval>0</chord:chord-update-interval>", CONFIGURATION_MALFORMED },
    { "<self-signed-permitted>true</self-signed-permitted>", CONFIGURATION_UNSUPPORTED },
    { "<self-signed-permitted digest=\"md5\">true</self-signed-permitted>",
      CONFIGURATION_UNSUPPORTED },
    { "<overlay-link-protocol>HIP</overlay-link-protocol>", CONFIGURATION_UNSUPPORTED },
    { "<mandatory-extension>urn:x:y</mandatory-extension>", CONFIGURATION_UNSUPPORTED },
    { "<root-cert></root-cert>", CONFIGURATION_MALFORMED },
    { "<root-cert>A</root-cert>", CONFIGURATION_MALFORMED },
    { "<root-cert>!!!!</root-cert>", CONFIGURATION_MALFORMED },
    { "<enrollment-server>http://example.org</enrollment-server>", CONFIGURATION_MALFORMED },
    { "<bootstrap-node/>", CONFIGURATION_MALFORMED },
    { "<bootstrap-node address=\"example.org\"/>", CONFIGURATION_MALFORMED },
    { "<bootstrap-node address=\"1.2.3.4\" port=\"65536\"/>", CONFIGURATION_MALFORMED },
    { "<bootstrap-node address=\"1.2.3.4\" port=\"0\"/>", CONFIGURATION_MALFORMED },
    { "<bad-node>47112162e84c69ba</bad-node>", CONFIGURATION_MALFORMED },
    { "<peal:label> </peal:label>", CONFIGURATION_MALFORMED },
    { "<peal:label>a&#x202e;b</peal:label>", CONFIGURATION_MALFORMED },
    { "<peal:label>a&amp;b</peal:label>", CONFIGURATION_GOOD },
    { "<peal:label><![CDATA[a<b]]></peal:label>", CONFIGURATION_GOOD },
    { "<peal:label>123456789012345678901234567890123</peal:label>", CONFIGURATION_MALFORMED },
    { KINDS NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind name=\"REDIR\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_GOOD },
    { KINDS "<kind name=\"NEW\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_UNSUPPORTED },
    { KINDS "<kind id=\"9\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_GOOD },
    { KINDS "<kind id=\"0\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\" name=\"REDIR\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind>" VALUES "</kind>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\"/>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\">" VALUES "<max-size>3</max-size></kind>" NO_KINDS,
      CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\">" VALUES "</kind><kind id=\"8\">" VALUES "</kind>" NO_KINDS,
      CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\">" VALUES "</kind></kind-block><kind-block><kind id=\"9\">" VALUES
            "</kind>" NO_KINDS,
      CONFIGURATION_MALFORMED },
    { KINDS "<kind name=\"TURN-SERVICE\">" VALUES "</kind>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\"><data-model>SINGLE</data-model><access-control>MINE</access-control>"
            "</kind>" NO_KINDS,
      CONFIGURATION_UNSUPPORTED },
    { KINDS "<kind id=\"9\"><data-model>TREE</data-model></kind>" NO_KINDS,
      CONFIGURATION_UNSUPPORTED },
    { KINDS "<kind id=\"9\"><max-count>0</max-count></kind>" NO_KINDS, CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\">" VALUES "</kind><kind-signature>AAAA</kind-signature>"
            "<kind-signature>AAAA</kind-signature>" NO_KINDS,
      CONFIGURATION_MALFORMED },
    { KINDS "<kind id=\"9\">" VALUES
            "<sip:domain-restriction enable=\"true\"><sip:pattern>(</sip:pattern>"
            "</sip:domain-restriction></kind>" NO_KINDS,
      CONFIGURATION_MALFORMED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat (OPEN, rows[i].inside, CLOSE, NULL);

    assert_parse (text, rows[i].expected);
  }
}

/* ---- Hostile documents ---- */

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
      "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\"><!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;\">]>" OPEN
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
    assert_parse (rows[i].text, rows[i].expected);
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

  assert_parse (deep, CONFIGURATION_MALFORMED);
  assert_parse (large, CONFIGURATION_MALFORMED);
  assert_parse (many, CONFIGURATION_GOOD);
  assert_parse (attributes, CONFIGURATION_MALFORMED);
  assert_parse (run, CONFIGURATION_GOOD);
  assert_parse (long_run, CONFIGURATION_MALFORMED);

  for (int i = 0; i < LIMIT_CONFIGURATION_DEPTH - 2; i++)
    g_string_append (nested, "<x>");
  for (int i = 0; i < LIMIT_CONFIGURATION_DEPTH - 2; i++)
    g_string_append (nested, "</x>");
  g_string_append (nested, CLOSE);
  assert_parse (nested->str, CONFIGURATION_GOOD);
  g_string_replace (nested, "<x></x>", "<x><x></x></x>", 1);
  assert_parse (nested->str, CONFIGURATION_MALFORMED);

  for (int i = 1; i <= LIMIT_CONFIGURATION_KINDS + 1; i++)
    g_string_append_printf (kinds, "<kind-block><kind id=\"%d\">" VALUES "</kind></kind-block>",
                            1000 + i);
  g_string_append (kinds, "</required-kinds>" CLOSE);
  assert_parse (kinds->str, CONFIGURATION_MALFORMED);

  for (int i = 0; i < LIMIT_CONFIGURATION_SIGNATURES + 1; i++)
    g_string_append (signatures, "<signature>AAAA</signature>");
  g_string_append (signatures, "</overlay>");
  assert_parse (signatures->str, CONFIGURATION_MALFORMED);
}

static void
test_cut_and_flipped (void)
{
  g_auto (Member) owner = { 0 };
  g_autoptr (Configuration) c = NULL;
  g_autofree uint8_t *copy = NULL;

  member_init (&owner, "anna");
  c = configuration_create ("home", INSTANCE, owner.signer);
  copy = bytes_dup (c->document);
  for (size_t size = 0; size + 11 < c->document.size; size += 3)
    g_assert_null (configuration_parse ((Bytes){ c->document.data, size }, NULL, NULL));
  for (size_t i = 0; i < c->document.size; i += 3) {
    g_autoptr (Configuration) read = NULL;

    copy[i] ^= (uint8_t) (1 << i % 7);
    read = configuration_parse ((Bytes){ copy, c->document.size }, NULL, NULL);
    copy[i] = c->document.data[i];
  }
}

/* ---- Signatures ---- */

static void
test_successor (void)
{
  g_auto (Member) owner = { 0 };
  g_auto (Member) eve = { 0 };
  g_autoptr (Configuration) first = NULL;
  g_autoptr (Configuration) second = NULL;
  g_autoptr (Configuration) forged = NULL;
  g_autoptr (Configuration) changed = NULL;
  g_autoptr (Configuration) jumped = NULL;

  member_init (&owner, "anna");
  member_init (&eve, "eve");
  first = configuration_create ("home", INSTANCE, owner.signer);
  second = signed_again (first, "<initial-ttl>40<", "<initial-ttl>50<", &owner);
  assert_successor (first, second, &eve, CONFIGURATION_GOOD); /* whoever looks at it */
  assert_successor (first, first, &owner, CONFIGURATION_OLD);
  assert_successor (second, first, &owner, CONFIGURATION_OLD);

  forged = signed_again (first, "<initial-ttl>40<", "<initial-ttl>50<", &eve);
  assert_successor (first, forged, &owner, CONFIGURATION_UNSIGNED);
  changed = edited (second, "<initial-ttl>50<", "<initial-ttl>51<");
  assert_successor (first, changed, &owner, CONFIGURATION_UNSIGNED);
  jumped = edited (second, "sequence=\"2\"", "sequence=\"3\"");
  assert_successor (first, jumped, &owner, CONFIGURATION_UNSIGNED);
}

/* A member who names himself signer in his own document is none by that. */
static void
test_usurper (void)
{
  g_auto (Member) owner = { 0 };
  g_auto (Member) eve = { 0 };
  g_autoptr (Configuration) first = NULL;
  g_autoptr (Configuration) usurped = NULL;
  char owner_hex[33], eve_hex[33];

  member_init (&owner, "anna");
  member_init (&eve, "eve");
  first = configuration_create ("home", INSTANCE, owner.signer);
  node_id_to_hex (&owner.signer->own->node_ids[0], owner_hex);
  node_id_to_hex (&eve.signer->own->node_ids[0], eve_hex);
  usurped = signed_again (first, owner_hex, eve_hex, &eve);
  g_assert_true (node_id_equal (&usurped->configuration_signers[0], &eve.signer->own->node_ids[0]));
  assert_successor (first, usurped, &owner, CONFIGURATION_UNSIGNED);
}

static void
test_kind_signatures (void)
{
  g_auto (Member) owner = { 0 };
  g_auto (Member) eve = { 0 };
  g_autoptr (Configuration) first = NULL;
  g_autoptr (Configuration) foreign = NULL;
  g_autofree char *eve_line = NULL;
  char owner_hex[33], eve_hex[33];

  member_init (&owner, "anna");
  member_init (&eve, "eve");
  first = configuration_create ("home", INSTANCE, owner.signer);
  node_id_to_hex (&owner.signer->own->node_ids[0], owner_hex);
  node_id_to_hex (&eve.signer->own->node_ids[0], eve_hex);

  /* Only eve may sign Kinds now, but it was the owner who did. */
  eve_line = g_strdup_printf ("<kind-signer>%s</kind-signer>", eve_hex);
  {
    g_autofree char *owner_line = g_strdup_printf ("<kind-signer>%s</kind-signer>", owner_hex);

    foreign = signed_again (first, owner_line, eve_line, &owner);
  }
  assert_successor (first, foreign, &owner, CONFIGURATION_UNSIGNED);
}

static void
test_other_overlay (void)
{
  g_auto (Member) owner = { 0 };
  g_autoptr (Configuration) first = NULL;
  g_autoptr (Configuration) other = NULL;

  member_init (&owner, "anna");
  first = configuration_create ("home", INSTANCE, owner.signer);
  other = configuration_create ("home", "other-abcd2345.peal.alt", owner.signer);
  assert_successor (first, other, &owner, CONFIGURATION_WRONG_OVERLAY);
  g_assert_null (configuration_parse (first->document, "other-abcd2345.peal.alt", NULL));
}

static void
test_provisional (void)
{
  g_auto (Member) owner = { 0 };
  g_autoptr (Configuration) promised = NULL;
  g_autoptr (Configuration) other = NULL;
  g_autoptr (Configuration) provisional = NULL;

  member_init (&owner, "anna");
  promised = configuration_create ("home", INSTANCE, owner.signer);
  other = edited (promised, "<initial-ttl>40<", "<initial-ttl>41<");
  provisional = configuration_new_provisional (INSTANCE, "home", promised->hash);
  g_assert_cmpuint (provisional->sequence, ==, 0);
  assert_successor (provisional, promised, &owner, CONFIGURATION_GOOD);
  assert_successor (provisional, other, &owner, CONFIGURATION_UNEXPECTED);
}

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/template/says-what-a-new-overlay-is", test_template);
  g_test_add_func ("/configuration/parse/every-element-is-read", test_full);
  g_test_add_func ("/configuration/parse/silence-means-the-defaults", test_defaults);
  g_test_add_func ("/configuration/parse/values-are-checked", test_values);
  g_test_add_func ("/configuration/parse/threat-1.12-hostile-documents-are-refused", test_hostile);
  g_test_add_func ("/configuration/parse/threat-1.12-growth-is-bounded", test_bounds);
  g_test_add_func ("/configuration/parse/cut-documents-are-refused", test_cut_and_flipped);
  g_test_add_func ("/configuration/successor/threat-1.12-newer-and-signed", test_successor);
  g_test_add_func ("/configuration/successor/threat-1.12-nobody-appoints-himself", test_usurper);
  g_test_add_func ("/configuration/successor/threat-1.12-kinds-by-kind-signers",
                   test_kind_signatures);
  g_test_add_func ("/configuration/successor/of-the-same-overlay", test_other_overlay);
  g_test_add_func ("/configuration/successor/the-promised-one-first", test_provisional);
  g_test_add_func ("/configuration/instance-name/is-a-name-of-dns", test_instance_name);
  return g_test_run ();
}
