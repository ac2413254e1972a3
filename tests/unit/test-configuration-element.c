/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/document.h"

#include <string.h>

/* Every element there is, with blanks where XML lets them be; and another overlay beside it. */
static const char full[] =
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- a comment <configuration> -->"
  "<overlay " NS "><configuration instance-name=\"other.example.net\"><initial-ttl>9"
  "</initial-ttl></configuration><signature>AAAA</signature>"
  "<configuration instance-name=\"overlay.example.org\" sequence=\"22\" "
  "expiration=\"2002-10-10T07:00:00Z\" x:example=\"stuff\">"
  "<topology-plugin> CHORD-RELOAD </topology-plugin><node-id-length>16</node-id-length>"
  "<root-cert> AQID\n BA== </root-cert><root-cert>BQY=</root-cert>"
  "<enrollment-server>https://example.org</enrollment-server>"
  "<self-signed-permitted digest=\"sha1\"> 0 </self-signed-permitted>"
  "<bootstrap-node address=\"192.0.0.1\" port=\"6085\" />"
  "<bootstrap-node address=\"2001:DB8::1\"></bootstrap-node>"
  "<turn-density> 20 </turn-density><clients-permitted> false </clients-permitted>"
  "<no-ice> 1 </no-ice><chord:chord-update-interval>\n400</chord:chord-update-interval>"
  "<chord:chord-ping-interval>30</chord:chord-ping-interval>"
  "<chord:chord-reactive> false </chord:chord-reactive>"
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

static void
test_full (void)
{
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) c =
    configuration_parse (bytes_of_text (full), "overlay.example.org", &verdict);
  g_autoptr (Configuration) first = configuration_parse (bytes_of_text (full), NULL, NULL);
  char address[ADDRESS_TEXT_SIZE];

  g_assert_cmpstr (configuration_verdict_name (verdict), ==, "good");
  g_assert_cmpstr (first->instance_name, ==, "other.example.net");
  g_assert_cmpuint (first->initial_ttl, ==, 9);
  g_assert_cmpuint (first->signature_count, ==, 1);
  g_assert_cmpuint (c->sequence, ==, 22);
  g_assert_cmpint (c->expiration_s, ==, 1034233200);
  g_assert_cmpstr (c->label, ==, "overlay.example.org");
  g_assert_cmpstr (c->topology_plugin, ==, "CHORD-RELOAD");
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
  g_assert_cmpuint (c->max_message_size, ==, 4000);
  g_assert_cmpuint (c->initial_ttl, ==, 30);
  g_assert_cmpuint (c->bad_node_count, ==, 1);
}

static void
test_full_kinds (void)
{
  g_autoptr (Configuration) c =
    configuration_parse (bytes_of_text (full), "overlay.example.org", NULL);

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
  g_assert_true (c->has_domain_restriction && c->has_domain_patterns);
  g_assert_cmpuint (c->domain_pattern_count, ==, 2);
  g_assert_cmpstr (c->domain_patterns[1], ==, ".*\\.my\\.example");
}

static void
test_defaults (void)
{
  g_autoptr (Configuration) c = configuration_parse (
    bytes_of_text ("<overlay " NS "><configuration instance-name=\"a.b\"/></overlay>"), NULL, NULL);

  g_assert_cmpuint (c->sequence, ==, 0);
  g_assert_cmpint (c->expiration_s, ==, INT64_MAX);
  g_assert_cmpstr (c->topology_plugin, ==, "CHORD-RELOAD");
  g_assert_cmpuint (c->initial_ttl, ==, 100);
  g_assert_cmpuint (c->max_message_size, ==, 5000);
  g_assert_cmpuint (c->overlay_reliability_timer_ms, ==, 3000);
  g_assert_cmpuint (c->chord_update_interval_s, ==, 600);
  g_assert_cmpuint (c->chord_ping_interval_s, ==, 3600);
  g_assert_true (c->is_chord_reactive && c->are_clients_permitted);
  g_assert_false (c->is_direct_response || configuration_is_self_tuning (c));
  g_assert_cmpuint (c->peers_to_probe, ==, 4);
  g_assert_cmpuint (c->redir_branching_factor, ==, 10);
  g_assert_cmpuint (c->diagnostic_access_count, ==, 0);
  g_assert_false (c->is_no_ice || c->is_self_signed_permitted);
  g_assert_true (configuration_permits_domain (c, "anything"));
  g_assert_cmpmem (c->signed_bytes.data, c->signed_bytes.size,
                   "<configuration instance-name=\"a.b\"/>", 36);
}

static void
test_extensions (void)
{
  g_autoptr (Configuration) c = configuration_parse (
    bytes_of_text (OPEN
                   "<mandatory-extension>urn:ietf:params:xml:ns:p2p:config-diagnostics"
                   "</mandatory-extension><mandatory-extension>urn:ietf:params:xml:ns:p2p:redir"
                   "</mandatory-extension><mandatory-extension>"
                   "urn:ietf:params:xml:ns:p2p:self-tuning</mandatory-extension>"
                   "<mandatory-extension>urn:ietf:params:xml:ns:p2p:route-mode"
                   "</mandatory-extension><diag:diagnostic-kind kind=\"0x0a\">"
                   "<diag:access-node>47112162e84c69ba47112162e84c69ba</diag:access-node>"
                   "<diag:access-node>6ebc45d31a900c066ebc45d31a900c06</diag:access-node>"
                   "</diag:diagnostic-kind><diag:diagnostic-kind kind=\"2\">"
                   "<diag:access-node>47112162e84c69ba47112162e84c69ba</diag:access-node>"
                   "</diag:diagnostic-kind><rm:mode>DRR</rm:mode>"
                   "<st:number-of-peers-to-probe>6</st:number-of-peers-to-probe>"
                   "<redir:branching-factor>3</redir:branching-factor>"
                   "<topology-plugin>CHORD-SELF-TUNING</topology-plugin>" CLOSE),
    NULL, NULL);
  NodeId one, two;

  g_assert_nonnull (c);
  g_assert_true (node_id_from_hex ("47112162e84c69ba47112162e84c69ba", &one));
  g_assert_true (node_id_from_hex ("6ebc45d31a900c066ebc45d31a900c06", &two));
  g_assert_true (configuration_permits_diagnostic (c, 0x0a, &one));
  g_assert_true (configuration_permits_diagnostic (c, 0x0a, &two));
  g_assert_true (configuration_permits_diagnostic (c, 2, &one));
  g_assert_false (configuration_permits_diagnostic (c, 2, &two));
  g_assert_cmpuint (c->peers_to_probe, ==, 6);
  g_assert_cmpuint (c->redir_branching_factor, ==, 3);
  g_assert_true (c->is_direct_response && configuration_is_self_tuning (c));
}

static const struct {
  const char *inside;
  ConfigurationVerdict expected;
} rows[] = {
  { "", CONFIGURATION_GOOD },
  { "<unknown/><x:initial-ttl>no</x:initial-ttl>", CONFIGURATION_GOOD },
  { "<diag:diagnostic-kind kind=\"0x10000\"/>", CONFIGURATION_MALFORMED },
  { "<diag:diagnostic-kind/>", CONFIGURATION_MALFORMED },
  { "<diag:diagnostic-kind kind=\"8\"><diag:access-node>12</diag:access-node>"
    "</diag:diagnostic-kind>",
    CONFIGURATION_MALFORMED },
  { "<st:number-of-peers-to-probe>0</st:number-of-peers-to-probe>", CONFIGURATION_MALFORMED },
  { "<redir:branching-factor>1</redir:branching-factor>", CONFIGURATION_MALFORMED },
  { "<rm:mode>RPR</rm:mode>", CONFIGURATION_GOOD },
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
  { "<self-signed-permitted>true</self-signed-permitted>", CONFIGURATION_MALFORMED },
  { "<self-signed-permitted digest=\"md5\">true</self-signed-permitted>",
    CONFIGURATION_UNSUPPORTED },
  { "<topology-plugin>OTHER</topology-plugin>", CONFIGURATION_UNSUPPORTED },
  { "<topology-plugin>OTHER</topology-plugin><initial-ttl>0</initial-ttl>",
    CONFIGURATION_MALFORMED },
  { "<shared-secret> password </shared-secret>", CONFIGURATION_GOOD },
  { "<shared-secret> </shared-secret>", CONFIGURATION_MALFORMED },
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
          "<max-count>1</max-count><max-size>1</max-size></kind>" NO_KINDS,
    CONFIGURATION_UNSUPPORTED },
  { KINDS "<kind id=\"9\"><data-model>TREE</data-model><access-control>USER-MATCH"
          "</access-control><max-count>1</max-count><max-size>1</max-size></kind>" NO_KINDS,
    CONFIGURATION_UNSUPPORTED },
  { KINDS "<kind id=\"9\"><max-count>0</max-count></kind>" NO_KINDS, CONFIGURATION_MALFORMED },
  { KINDS "<kind id=\"9\">" VALUES "</kind><kind-signature>AAAA</kind-signature>"
          "<kind-signature>AAAA</kind-signature>" NO_KINDS,
    CONFIGURATION_MALFORMED },
};

static void
test_values (void)
{

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat (OPEN, rows[i].inside, CLOSE, NULL);

    assert_document (text, rows[i].expected);
  }
}

/* Longer than a key may be. */
static void
test_long_secret (void)
{
  g_autofree char *secret = g_strnfill (LIMIT_SHARED_SECRET, 'x');
  g_autofree char *good =
    g_strconcat (OPEN "<shared-secret>", secret, "</shared-secret>" CLOSE, NULL);
  g_autofree char *bad =
    g_strconcat (OPEN "<shared-secret>y", secret, "</shared-secret>" CLOSE, NULL);

  assert_document (good, CONFIGURATION_GOOD);
  assert_document (bad, CONFIGURATION_UNSUPPORTED);
}

/* What cannot be done is read to its end nevertheless, so that its signature can be checked. */
static void
test_unsupported (void)
{
  static const char text[] =
    OPEN "<topology-plugin>OTHER</topology-plugin><node-id-length>20</node-id-length>"
         "<shared-secret> pass<!-- -->word </shared-secret><max-message-size>70000"
         "</max-message-size><self-signed-permitted digest=\"md5\">true</self-signed-permitted>"
         "<overlay-link-protocol>HIP</overlay-link-protocol><mandatory-extension>urn:x:y"
         "</mandatory-extension>" KINDS "<kind name=\"NEW\">" VALUES "</kind></kind-block>"
         "<kind-block><kind name=\"NEWER\">" VALUES "</kind></kind-block><kind-block>"
         "<kind id=\"9\"><data-model>TREE</data-model><access-control>MINE</access-control>"
         "<max-count>1</max-count><max-size>100</max-size></kind>" NO_KINDS
         "<initial-ttl>7</initial-ttl></configuration><signature>AAAA</signature></overlay>";
  ConfigurationVerdict verdict;
  g_autoptr (Configuration) c = configuration_read (bytes_of_text (text), NULL, &verdict);

  g_assert_cmpint (verdict, ==, CONFIGURATION_UNSUPPORTED);
  g_assert_nonnull (c);
  g_assert_cmpstr (c->topology_plugin, ==, "OTHER");
  g_assert_cmpstr (c->shared_secret, ==, "password");
  g_assert_cmpuint (c->initial_ttl, ==, 7);
  g_assert_cmpuint (c->kind_count, ==, 3);
  g_assert_cmpuint (c->signature_count, ==, 1);
  assert_document (text, CONFIGURATION_UNSUPPORTED);
}

static void
test_expiration (void)
{
  static const struct {
    const char *time;
    ConfigurationVerdict expected;
  } cases[] = {
    { "2002-10-10T07:00:00Z", CONFIGURATION_GOOD },
    { "2002-10-10T07:00:00.25Z", CONFIGURATION_GOOD },
    { "2002-10-10T07:00:00+00:00", CONFIGURATION_GOOD },
    { "2002-10-10T07:00:00+01:00", CONFIGURATION_MALFORMED },
    { "2002-10-10T07:00:00", CONFIGURATION_MALFORMED },
    { "2002-10-10", CONFIGURATION_MALFORMED },
    { "20021010T070000Z", CONFIGURATION_MALFORMED },
    { "2002-W41-4T07:00:00Z", CONFIGURATION_MALFORMED },
    { "2002-13-10T07:00:00Z", CONFIGURATION_MALFORMED },
    { "tomorrow", CONFIGURATION_MALFORMED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
      g_strdup_printf ("<overlay " NS "><configuration instance-name=\"a.b\" expiration=\"%s\"/>"
                       "</overlay>",
                       cases[i].time);
    assert_document (text, cases[i].expected);
  }
}

/* RFC 6940, 6.6.5 and 6.6.6, by name; ours to say which. */
static void
test_no_ice_links (void)
{
  static const struct {
    const char *text;
    unsigned transports;
  } cases[] = {
    { "", LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS },
    { "<peal:no-ice-link>DTLS-UDP-SR-NO-ICE</peal:no-ice-link>", LINK_TRANSPORT_DTLS },
    { "<peal:no-ice-link> TLS-TCP-FH-NO-ICE </peal:no-ice-link>"
      "<peal:no-ice-link>SCTP-NO-ICE</peal:no-ice-link>",
      LINK_TRANSPORT_TLS },
    { "<peal:no-ice-link>TLS-TCP-FH-NO-ICE</peal:no-ice-link>"
      "<peal:no-ice-link>DTLS-UDP-SR-NO-ICE</peal:no-ice-link>",
      LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strconcat (OPEN, cases[i].text, CLOSE, NULL);
    g_autoptr (Configuration) c = configuration_parse (bytes_of_text (text), NULL, NULL);
    g_assert_nonnull (c);
    g_assert_cmpuint (c->no_ice_transports, ==, cases[i].transports);
  }
  assert_document (OPEN "<peal:no-ice-link>SCTP-NO-ICE</peal:no-ice-link>" CLOSE,
                   CONFIGURATION_UNSUPPORTED);
}

/* Ours to say; the Kinds that it is about are those of a user and a node. */
static void
test_second_places (void)
{
  static const char *const kinds =
    "<required-kinds><kind-block><kind name=\"SIP-REGISTRATION\">"
    "<data-model>DICTIONARY</data-model><access-control>USER-NODE-MATCH</access-control>"
    "<max-count>16</max-count><max-size>400</max-size></kind></kind-block></required-kinds>";

  for (unsigned i = 0; i < 2; i++) {
    g_autofree char *text =
      g_strconcat (OPEN, i == 1 ? "<peal:second-places>true</peal:second-places>" : "", kinds,
                   CLOSE, NULL);
    g_autoptr (Configuration) c = configuration_parse (bytes_of_text (text), NULL, NULL);
    g_assert_nonnull (c);
    g_assert_cmpint (c->has_second_places, ==, i == 1);
    g_assert_cmpuint (c->kind_count, ==, 1);
    g_assert_cmpint (c->kinds[0].has_second_place, ==, i == 1);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration-element/read/every-element-is-read", test_full);
  g_test_add_func ("/configuration-element/read/kinds-and-what-is-signed", test_full_kinds);
  g_test_add_func ("/configuration-element/read/silence-means-the-defaults", test_defaults);
  g_test_add_func ("/configuration-element/read/links-without-ice", test_no_ice_links);
  g_test_add_func ("/configuration-element/read/second-places", test_second_places);
  g_test_add_func ("/configuration-element/read/extensions-of-rfc7851-7-1", test_extensions);
  g_test_add_func ("/configuration-element/read/what-cannot-be-done-is-read-to-its-end",
                   test_unsupported);
  g_test_add_func ("/configuration-element/read/a-shared-secret-must-fit-as-a-key",
                   test_long_secret);
  g_test_add_func ("/configuration-element/read/rfc6940-11.1-4-times-are-utc", test_expiration);
  g_test_add_func ("/configuration-element/read/values-are-checked", test_values);
  return g_test_run ();
}
