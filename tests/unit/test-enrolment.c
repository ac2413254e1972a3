/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/enrolment.h"

#include "core/crypto/authority.h"
#include "core/crypto/digest.h"
#include "core/os/enrolment-server.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"
#include "tests/unit/fake-names.h"

#include <glib/gstdio.h>

/* A network that is named by its owner's domain, and its server on loopback; but no name server
 * knows it. */

#define INSTANCE "club.example.org"

static const FakeNames names = { .record = "_reload-config._tcp." INSTANCE, .is_refusing = true };

typedef struct Fixture {
  char *folder, *path, *url;
  Authority *authority;
  EnrolmentUsers *users;
  EnrolmentServer *server;
  Configuration *configuration;
  KeychainAccount *bob;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE];
  unsigned asked; /* for the configuration */
  Enrolment *enrolment;
  bool is_done;
  GError *error;
} Fixture;

/* ---- The network ---- */

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static GBytes *
get_document (void *user_data)
{
  Fixture *self = user_data;

  self->asked++;
  return g_bytes_new (self->configuration->document.data, self->configuration->document.size);
}

static void
start_server (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  const EnrolmentServerOptions options = { .listen = "127.0.0.1:0",
                                           .host = "127.0.0.1",
                                           .authority = self->authority,
                                           .users = self->users,
                                           .document = get_document,
                                           .user_data = self };
  char text[ADDRESS_TEXT_SIZE];

  self->server = enrolment_server_new (&options, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("https://%s/",
                               address_to_text (enrolment_server_address (self->server), text));
}

static void
write_document (Fixture *self)
{
  const Bytes root = authority_root (self->authority);
  const CertificateTrust trust = { .instance_name = INSTANCE, .roots = &root, .root_count = 1 };
  const NodeId id = { .bytes = { 1 } };
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der =
    authority_issue (self->authority, key, "anna@" INSTANCE, &id, 1, now_s ());
  g_autoptr (Signer) anna = signer_new (key, bytes_borrow (der), &trust, NULL);

  self->configuration = configuration_create_enrolled ("club", INSTANCE, root, self->url, anna);
  g_assert_nonnull (self->configuration);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];

  self->folder = g_dir_make_tmp ("enrol-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "users.db", NULL);
  self->users = enrolment_users_new (self->path, NULL);
  self->authority = authority_new (INSTANCE, now_s ());
  digest_sha256 (authority_root (self->authority), self->root_hash);
  start_server (self);
  write_document (self);
  self->bob = keychain_account_new (INSTANCE);
  self->bob->user = g_strdup ("bob");
  self->bob->device_key = private_key_new ();
  g_assert_cmpint (enrolment_users_add (self->users, "bob", false, now_s (), code), ==,
                   ENROLMENT_GRANTED);
  self->bob->code = g_strdup (code);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  enrolment_free (self->enrolment);
  keychain_account_free (self->bob);
  configuration_unref (self->configuration);
  enrolment_server_free (self->server);
  enrolment_users_free (self->users);
  authority_free (self->authority);
  g_clear_error (&self->error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
}

static void
on_done (const GError *error, void *user_data)
{
  Fixture *self = user_data;

  g_clear_pointer (&self->enrolment, enrolment_free);
  self->error = error ? g_error_copy (error) : NULL;
  self->is_done = true;
}

static void
enrol (Fixture *self, const char *url)
{
  g_clear_error (&self->error);
  self->is_done = false;
  self->enrolment =
    enrolment_new (ENROLMENT_CERTIFICATE, url, self->root_hash, self->bob, on_done, self);
  while (!self->is_done)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- Tests ---- */

static void
test_member (Fixture *self, gconstpointer data)
{
  enrol (self, self->url);
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->asked, ==, 1);
  g_clear_pointer (&self->bob->certificate, g_bytes_unref);
  enrol (self, NULL);
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->asked, ==, 2);
  g_assert_true (enrolment_is_good (self->bob, NULL));
}

static void
test_newcomer (Fixture *self, gconstpointer data)
{
  enrol (self, NULL);
  g_assert_error (self->error, ENROLMENT_ERROR, (int) ENROLMENT_ERROR_AWAY);
  g_assert_cmpuint (self->asked, ==, 0);
}

/* It is asked once, and then it is away. */
static void
test_server_away (Fixture *self, gconstpointer data)
{
  enrol (self, self->url);
  g_clear_pointer (&self->server, enrolment_server_free);
  enrol (self, NULL);
  g_assert_error (self->error, ENROLMENT_ERROR, (int) ENROLMENT_ERROR_AWAY);
  g_assert_true (enrolment_is_good (self->bob, NULL));
}

#define ADD(path, func) g_test_add ("/enrolment/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_names_install (&names);
  ADD ("without-dns-members-ask-where-their-document-says", test_member);
  ADD ("without-dns-newcomers-find-nobody", test_newcomer);
  ADD ("without-dns-and-server-all-stays", test_server_away);
  return g_test_run ();
}
