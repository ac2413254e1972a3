/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "tests/unit/document.h"

#include <string.h>

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
  self->signer = signer_new (device_key, bytes_borrow (der), &self->trust, NULL);
  g_assert_nonnull (self->signer);
}

static void
member_clear (Member *self)
{
  signer_free (self->signer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Member, member_clear)

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
  return configuration_parse (bytes_of_text (text->str), NULL, NULL);
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
  g_assert_cmpstr (c->topology_plugin, ==, "CHORD-SELF-TUNING");
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration-sign/template/says-what-a-new-overlay-is", test_template);
  g_test_add_func ("/configuration-sign/successor/threat-1.12-newer-and-signed", test_successor);
  g_test_add_func ("/configuration-sign/successor/threat-1.12-nobody-appoints-himself",
                   test_usurper);
  g_test_add_func ("/configuration-sign/successor/threat-1.12-kinds-by-kind-signers",
                   test_kind_signatures);
  g_test_add_func ("/configuration-sign/successor/of-the-same-overlay", test_other_overlay);
  g_test_add_func ("/configuration-sign/successor/the-promised-one-first", test_provisional);
  return g_test_run ();
}
