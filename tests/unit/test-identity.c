/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"

#include <string.h>

#define INSTANCE "home-abcd2345.peal.alt"
#define DAY_S    ((int64_t) 24 * 3600)
#define NOW_S    ((int64_t) 1800000000)

static const uint8_t secret[ADMISSION_SECRET_SIZE] = "0123456789abcde";

static Certificate *
make (const PrivateKey *user_key, const PrivateKey *device_key, const char *user, int64_t now_s)
{
  const CertificateOptions options = { INSTANCE, user, secret, now_s };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);
  CertificateTrust trust = { .instance_name = INSTANCE,
                             .is_self_signed_permitted = true,
                             .has_secret = true };
  Certificate *certificate = NULL;

  memcpy (trust.secret, secret, sizeof secret);
  g_assert_cmpstr (certificate_verdict_name (
                     certificate_check (&trust, bytes_borrow (der), NULL, 0, now_s, &certificate)),
                   ==, "good");
  return certificate;
}

static void
test_certificate (void)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  g_autoptr (Certificate) certificate = make (user_key, device_key, "bob", NOW_S);
  NodeId node_id;
  UserKey owner;

  private_key_get_node_id (device_key, &node_id);
  private_key_get_user_key (user_key, &owner);
  g_assert_cmpstr (certificate->user, ==, "bob@" INSTANCE);
  g_assert_cmpuint (certificate->node_id_count, ==, 1);
  g_assert_true (node_id_equal (&certificate->node_ids[0], &node_id));
  g_assert_cmpmem (certificate->user_key.bytes, USER_KEY_SIZE, owner.bytes, USER_KEY_SIZE);
  g_assert_cmpint (certificate->not_before_s, ==, NOW_S - 2 * DAY_S);
  g_assert_cmpint (certificate->not_after_s, ==, NOW_S + 3652 * DAY_S);
  g_assert_cmpuint (certificate->der.size, <, 1024);
}

static void
test_renewal (void)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  g_autoptr (Certificate) first = make (user_key, device_key, "bob", NOW_S);
  g_autoptr (Certificate) second = make (user_key, device_key, "bob", NOW_S + 3600 * DAY_S);

  g_assert_false (identity_certificate_is_due (first, NOW_S));
  g_assert_false (identity_certificate_is_due (first, NOW_S + 3200 * DAY_S));
  g_assert_true (identity_certificate_is_due (first, NOW_S + 3300 * DAY_S));
  g_assert_true (identity_certificate_is_due (first, NOW_S - 3 * DAY_S));
  g_assert_true (node_id_equal (&first->node_ids[0], &second->node_ids[0]));
  g_assert_cmpmem (&first->user_key, sizeof (UserKey), &second->user_key, sizeof (UserKey));
  g_assert_false (memcmp (first->hash, second->hash, sizeof first->hash) == 0);
}

static void
test_second_device (void)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) here = private_key_new ();
  g_autoptr (PrivateKey) there = private_key_new ();
  g_autoptr (Certificate) first = make (user_key, here, "bob", NOW_S);
  g_autoptr (Certificate) second = make (user_key, there, "bob", NOW_S);

  g_assert_false (node_id_equal (&first->node_ids[0], &second->node_ids[0]));
  g_assert_cmpmem (&first->user_key, sizeof (UserKey), &second->user_key, sizeof (UserKey));
}

static void
test_node_user (void)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  g_autofree char *user = identity_node_user (device_key);
  g_autoptr (Certificate) certificate = make (user_key, device_key, user, NOW_S);

  g_assert_true (g_str_has_prefix (user, "node-"));
  g_assert_cmpuint (strlen (user), ==, 13);
  g_assert_true (g_str_has_prefix (certificate->user, user));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identity/certificate/says-who-and-for-how-long", test_certificate);
  g_test_add_func ("/identity/renewal/keeps-node-id-and-owner", test_renewal);
  g_test_add_func ("/identity/second-device/has-the-same-owner", test_second_device);
  g_test_add_func ("/identity/bare-peer/gets-a-generated-name", test_node_user);
  return g_test_run ();
}
