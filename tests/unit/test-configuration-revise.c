/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/authority.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"

#include <string.h>

#define INSTANCE "club-abcd2345.peal.alt"
#define URL      "https://enrol.example:8443/a&b"

typedef struct Fixture {
  Authority *authority;
  PrivateKey *key;
  Bytes root;
  CertificateTrust trust;
  Signer *owner, *eve; /* eve is a member, no more */
  PrivateKey *eve_key;
  Configuration *first;
} Fixture;

static Signer *
make_signer (Fixture *self, PrivateKey *key, const char *address, uint8_t id)
{
  const NodeId node_id = { .bytes = { id } };
  g_autoptr (GBytes) der = authority_issue (self->authority, key, address, &node_id, 1,
                                            g_get_real_time () / G_USEC_PER_SEC);
  gsize size;
  const void *data = g_bytes_get_data (der, &size);

  return signer_new (key, (Bytes){ data, size }, &self->trust, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->authority = authority_new (INSTANCE, g_get_real_time () / G_USEC_PER_SEC);
  self->root = authority_root (self->authority);
  self->trust =
    (CertificateTrust){ .instance_name = INSTANCE, .roots = &self->root, .root_count = 1 };
  self->key = private_key_new ();
  self->eve_key = private_key_new ();
  self->owner = make_signer (self, self->key, "anna@" INSTANCE, 1);
  self->eve = make_signer (self, self->eve_key, "eve@" INSTANCE, 2);
  self->first = configuration_create_enrolled ("club", INSTANCE, self->root, URL, self->owner);
  g_assert_nonnull (self->first);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  configuration_unref (self->first);
  signer_free (self->owner);
  signer_free (self->eve);
  private_key_free (self->key);
  private_key_free (self->eve_key);
  authority_free (self->authority);
}

static void
test_enrolled (Fixture *self, gconstpointer data)
{
  g_assert_false (self->first->is_self_signed_permitted);
  g_assert_cmpuint (self->first->root_count, ==, 1);
  g_assert_true (bytes_equal (self->first->roots[0], self->root));
  g_assert_cmpuint (self->first->enrollment_server_count, ==, 1);
  g_assert_cmpstr (self->first->enrollment_servers[0], ==, URL);
  g_assert_null (
    configuration_create_enrolled ("club", INSTANCE, self->root, "http://x/", self->owner));
}

static void
test_revoking (Fixture *self, gconstpointer data)
{
  const NodeId bad[] = { { .bytes = { 7 } }, { .bytes = { 8 } } };
  const Bytes same = { NULL, 0 };
  g_autoptr (Configuration) second = configuration_revise (self->first, same, bad, 1, self->owner);
  g_autoptr (Configuration) third = NULL;

  g_assert_nonnull (second);
  g_assert_cmpuint (second->sequence, ==, 2);
  g_assert_cmpuint (second->bad_node_count, ==, 1);
  g_assert_true (node_id_equal (&second->bad_nodes[0], &bad[0]));
  g_assert_cmpuint (second->signature_count, ==, 1);
  g_assert_cmpuint (second->kind_count, ==, self->first->kind_count);
  third = configuration_revise (second, same, bad, 2, self->owner);
  g_assert_cmpuint (third->sequence, ==, 3);
  g_assert_cmpuint (third->bad_node_count, ==, 2);
  g_assert_cmpint (configuration_check_successor (self->first, third, self->eve), ==,
                   CONFIGURATION_GOOD);
}

static void
test_edited (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new_len ((const char *) self->first->document.data,
                                               (gssize) self->first->document.size);
  g_autoptr (Configuration) second = NULL, jumped = NULL;

  g_string_replace (text, "<initial-ttl>40<", "<initial-ttl>41<", 0);
  second = configuration_revise (self->first, bytes_of_text (text->str), NULL, 0, self->owner);
  g_assert_cmpuint (second->sequence, ==, 2);
  g_assert_cmpuint (second->initial_ttl, ==, 41);
  g_string_replace (text, "sequence=\"1\"", "sequence='9'", 0);
  jumped = configuration_revise (second, bytes_of_text (text->str), NULL, 0, self->owner);
  g_assert_cmpuint (jumped->sequence, ==, 9);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) other = g_string_new_len ((const char *) self->first->document.data,
                                                (gssize) self->first->document.size);

  g_string_replace (other, INSTANCE, "other.example", 0);
  g_assert_null (
    configuration_revise (self->first, bytes_of_text (other->str), NULL, 0, self->owner));
  g_assert_null (
    configuration_revise (self->first, bytes_of_text ("<overlay/>"), NULL, 0, self->owner));
  g_assert_null (configuration_revise (self->first, (Bytes){ NULL, 0 }, NULL, 0, self->eve));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/configuration-revise/enrolled-overlays-name-root-and-server", test_enrolled);
  ADD ("/configuration-revise/revoking", test_revoking);
  ADD ("/configuration-revise/edited-by-hand", test_edited);
  ADD ("/configuration-revise/threat-1.12-only-what-may-follow", test_refused);
  return g_test_run ();
}
