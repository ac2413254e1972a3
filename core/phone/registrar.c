/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/phone/registrar.h"
#include "core/os/enrolment-client.h"
#include "core/os/enrolment-server.h"
#include "core/os/signer.h"
#include "core/overlay/configuration.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* Beside the keys lie, in the folder `authority`, INSTANCE.key and INSTANCE.root, the root's key
 * and certificate, and INSTANCE.users, the database of who may have one. They are written before
 * the owner's account is, so that files without an account are remains that nobody asks for.
 *
 * The owner is a user like everybody, with a code of its own; only, the certificate needs no
 * server. */

enum { FILE_SIZE_MAX = 8 << 10 };

struct Registrar {
  Authority *authority;
  EnrolmentUsers *users;
  EnrolmentServer *server; /* NULL while it is off */
};

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
path_of (const char *folder, const char *instance_name, const char *ending)
{
  g_autofree char *file = g_strconcat (instance_name, ending, NULL);

  return g_build_filename (folder, "authority", file, NULL);
}

/* ---- The files ---- */

void
registrar_free (Registrar *self)
{
  if (!self)
    return;
  enrolment_server_free (self->server);
  enrolment_users_free (self->users);
  authority_free (self->authority);
  g_free (self);
}

static Authority *
read_authority (const char *folder, const char *instance_name, GError **error)
{
  g_autofree char *key_path = path_of (folder, instance_name, ".key");
  g_autofree char *root_path = path_of (folder, instance_name, ".root");
  g_autoptr (GBytes) root = private_file_read (root_path, FILE_SIZE_MAX, error);
  g_autoptr (GBytes) pem = root ? private_file_read (key_path, FILE_SIZE_MAX, error) : NULL;
  g_autoptr (PrivateKey) key = pem ? private_key_from_pem (bytes_borrow (pem)) : NULL;
  Authority *authority = key ? authority_load (key, bytes_borrow (root)) : NULL;

  if (pem && !authority)
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s holds no key", key_path);
  return authority;
}

static bool
write_authority (const char *folder, const Authority *authority, GError **error)
{
  const char *instance_name = authority_instance_name (authority);
  g_autofree char *own_folder = g_build_filename (folder, "authority", NULL);
  g_autofree char *key_path = path_of (folder, instance_name, ".key");
  g_autofree char *root_path = path_of (folder, instance_name, ".root");
  char *pem = private_key_to_pem (authority_key (authority));
  bool is_written = private_folder_make (own_folder, error) &&
                    private_file_write (key_path, bytes_of_text (pem), error) &&
                    private_file_write (root_path, authority_root (authority), error);

  secret_text_free (pem);
  return is_written;
}

/* Takes the authority. */
static Registrar *
registrar_new (const char *folder, Authority *authority, GError **error)
{
  g_autoptr (Registrar) self = g_new0 (Registrar, 1);
  g_autofree char *path = path_of (folder, authority_instance_name (authority), ".users");

  self->authority = authority;
  self->users = enrolment_users_new (path, error);
  return self->users ? g_steal_pointer (&self) : NULL;
}

Registrar *
registrar_open (const char *folder, const Keychain *keychain, GError **error)
{
  const GPtrArray *accounts = keychain_get_accounts (keychain);

  for (guint i = 0; i < accounts->len; i++) {
    const KeychainAccount *account = accounts->pdata[i];
    g_autoptr (GError) local = NULL;
    Authority *authority =
      account->code ? read_authority (folder, account->instance_name, &local) : NULL;

    if (authority)
      return registrar_new (folder, authority, error);
    if (local && !g_error_matches (local, STORE_ERROR, STORE_ERROR_MISSING)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  }
  return NULL;
}

bool
registrar_is_of (const Registrar *self, const char *instance_name)
{
  return self && strcmp (authority_instance_name (self->authority), instance_name) == 0;
}

/* ---- The owner's own certificate ---- */

static bool
enrol_owner (Registrar *self, KeychainAccount *keys)
{
  g_autofree char *address = g_strdup_printf ("%s@%s", keys->user, keys->instance_name);
  g_autoptr (GBytes) der = certificate_request_make (keys->device_key, address);
  g_auto (CertificateRequest) request = { NULL };
  NodeId node_ids[ENROLMENT_DEVICE_NODE_IDS];
  EnrolmentClaim claim = { .user = keys->user,
                           .code = keys->code,
                           .requested = address,
                           .node_id_count = 1,
                           .now_s = now_s (),
                           .until_s = now_s () + (int64_t) AUTHORITY_MEMBER_DAYS * 24 * 3600 };

  if (!certificate_request_read (bytes_borrow (der), &request))
    g_assert_not_reached ();
  memcpy (claim.key_hash, request.key_hash, sizeof claim.key_hash);
  if (enrolment_users_claim (self->users, &claim, keys->instance_name, node_ids) !=
      ENROLMENT_GRANTED)
    return false;
  g_clear_pointer (&keys->certificate, g_bytes_unref);
  keys->certificate =
    authority_issue (self->authority, request.key, address, node_ids, 1, claim.now_s);
  return true;
}

static Signer *
make_signer (Registrar *self, const KeychainAccount *keys, CertificateTrust *trust, Bytes *root)
{
  *root = authority_root (self->authority);
  *trust =
    (CertificateTrust){ .instance_name = keys->instance_name, .roots = root, .root_count = 1 };
  return signer_new (keys->device_key, bytes_borrow (keys->certificate), trust, NULL);
}

static void
set_document (KeychainAccount *keys, const Configuration *configuration)
{
  g_clear_pointer (&keys->document, g_bytes_unref);
  keys->document = g_bytes_new (configuration->document.data, configuration->document.size);
  memcpy (keys->configuration_hash, configuration->hash, sizeof keys->configuration_hash);
}

bool
registrar_renew (Registrar *self, KeychainAccount *keys)
{
  g_autoptr (Configuration) present =
    configuration_parse (bytes_borrow (keys->document), keys->instance_name, NULL);
  g_autoptr (Configuration) next = NULL;
  g_autoptr (Signer) signer = NULL;
  CertificateTrust trust;
  Bytes root;

  if (!present || !enrol_owner (self, keys))
    return false;
  signer = make_signer (self, keys, &trust, &root);
  if (signer)
    next = configuration_revise (present, (Bytes){ NULL, 0 }, NULL, 0, signer);
  if (next)
    set_document (keys, next);
  return signer != NULL;
}

/* ---- Making an overlay ---- */

static void
fail (GError **error, const char *words)
{
  g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_OWNER, words);
}

/* The first user, the first certificate, the first document. */
static bool
found (Registrar *self, KeychainAccount *keys, const char *label, const char *url, GError **error)
{
  char code[ENROLMENT_CODE_SIZE];
  g_autoptr (Configuration) configuration = NULL;
  g_autoptr (Signer) signer = NULL;
  CertificateTrust trust;
  Bytes root;

  if (enrolment_users_add (self->users, keys->user, false, now_s (), code) != ENROLMENT_GRANTED) {
    fail (error, words_disk_read_only ());
    return false;
  }
  keys->code = g_strdup (code);
  explicit_bzero (code, sizeof code);
  if (!enrol_owner (self, keys)) {
    fail (error, words_disk_read_only ());
    return false;
  }
  signer = make_signer (self, keys, &trust, &root);
  g_assert (signer);
  configuration = configuration_create_enrolled (label, keys->instance_name, root, url, signer);
  if (!configuration) {
    fail (error, words_bad_server ());
    return false;
  }
  set_document (keys, configuration);
  return true;
}

static Registrar *
make_registrar (PealPhone *phone, const char *instance_name, GError **error)
{
  g_autoptr (Authority) authority = authority_new (instance_name, now_s ());
  GError *local = NULL;
  Registrar *self = NULL;

  if (write_authority (phone->folder, authority, &local))
    self = registrar_new (phone->folder, g_steal_pointer (&authority), &local);
  if (!self)
    phone_propagate_error (error, local);
  return self;
}

static KeychainAccount *
make_keys (const char *instance_name, char *label, const char *user)
{
  KeychainAccount *keys = keychain_account_new (instance_name);

  keys->label = label;
  keys->user = g_strdup (user);
  keys->display_name = g_strdup (user);
  keys->device_key = private_key_new ();
  return keys;
}

/* A name below .alt, or the owner's domain. NULL when it cannot be one. */
static char *
make_instance_name (const char *label, const char *domain)
{
  uint8_t random[CONFIGURATION_RANDOM_SIZE];

  if (domain)
    return enrolment_is_found_by_name (domain) && authority_can_be_named (domain)
             ? g_strdup (domain)
             : NULL;
  private_random (random, sizeof random);
  return configuration_make_instance_name (label, random);
}

static const char *
words_against (const PealPhone *self, const char *url, const char *instance_name)
{
  if (self->registrar)
    return words_overlay_exists ();
  if (!enrolment_url_is_usable (url, NULL) || strlen (url) > INVITATION_SERVER_MAX)
    return words_bad_server ();
  return instance_name ? NULL : words_bad_domain ();
}

PealAccount *
peal_phone_create_enrolled (PealPhone *self,
                            const char *label,
                            const char *domain,
                            const char *url,
                            const char *name,
                            GError **error)
{
  g_autofree char *user = phone_make_user (name, error);
  g_autofree char *unique = user ? phone_make_label (self, label, error) : NULL;
  g_autofree char *instance_name = unique ? make_instance_name (label, domain) : NULL;
  const char *words = words_against (self, url, instance_name);
  g_autoptr (KeychainAccount) keys = NULL;
  g_autoptr (Registrar) registrar = NULL;
  PealAccount *account;

  if (!unique)
    return NULL;
  if (words) {
    fail (error, words);
    return NULL;
  }
  registrar = make_registrar (self, instance_name, error);
  if (!registrar)
    return NULL;
  keys = make_keys (instance_name, g_steal_pointer (&unique), user);
  if (!found (registrar, keys, label, url, error))
    return NULL;
  account = phone_begin_account (self, g_steal_pointer (&keys), error);
  if (account)
    self->registrar = g_steal_pointer (&registrar);
  return account;
}

/* ---- Serving ---- */

/* The line of the overlay that is ours; NULL and an error when there is none. */
static Line *
own_line (PealPhone *self, GError **error)
{
  Line *line = self->registrar
                 ? phone_find_line (self, authority_instance_name (self->registrar->authority))
                 : NULL;

  if (!line)
    fail (error, words_no_overlay ());
  return line;
}

static GBytes *
on_document_wanted (void *user_data)
{
  Line *line = own_line (user_data, NULL);

  return line ? g_bytes_ref (line_get_keychain_account (line)->document) : g_bytes_new (NULL, 0);
}

bool
peal_phone_serve (PealPhone *self, const char *listen, GError **error)
{
  Line *line = own_line (self, error);
  EnrolmentServerOptions options = { .listen = listen,
                                     .document = on_document_wanted,
                                     .user_data = self };
  g_autofree char *host = NULL;
  g_autoptr (GError) local = NULL;
  Registrar *registrar = self->registrar;

  if (!line)
    return false;
  if (line_get_configuration (line)->enrollment_server_count == 0 ||
      !enrolment_url_is_usable (line_get_configuration (line)->enrollment_servers[0], &host)) {
    fail (error, words_bad_server ());
    return false;
  }
  options.host = host;
  options.authority = registrar->authority;
  options.users = registrar->users;
  g_clear_pointer (&registrar->server, enrolment_server_free);
  registrar->server = enrolment_server_new (&options, &local);
  if (!registrar->server) {
    g_message ("%s", local->message);
    fail (error, words_bad_listen ());
  }
  return registrar->server != NULL;
}

/* ---- Users ---- */

static void
fail_to_add (EnrolmentVerdict verdict, const char *user, GError **error)
{
  g_autofree char *words = user ? words_user_exists (user) : NULL;

  switch (verdict) {
  case ENROLMENT_NAME_NOT_AVAILABLE:
    fail (error, words);
    return;
  case ENROLMENT_NODE_IDS_NOT_AVAILABLE:
    fail (error, words_too_many_codes ());
    return;
  case ENROLMENT_GRANTED:
  case ENROLMENT_NOT_AUTHENTICATED:
  case ENROLMENT_NOT_KEPT:
    fail (error, words_disk_read_only ());
    return;
  }
}

char *
phone_invite_with_code (
  PealPhone *phone, Line *line, const char *user, bool is_device, char **ret_code, GError **error)
{
  char code[ENROLMENT_CODE_SIZE];
  EnrolmentVerdict verdict =
    enrolment_users_add (phone->registrar->users, user, is_device, now_s (), code);
  Invitation invitation;
  char *text;

  if (verdict != ENROLMENT_GRANTED) {
    fail_to_add (verdict, user, error);
    return NULL;
  }
  line_fill_invitation (line, &invitation);
  g_strlcpy (invitation.user, user ? user : "", sizeof invitation.user);
  g_strlcpy (invitation.code, code, sizeof invitation.code);
  text = invitation_to_text (&invitation);
  if (ret_code)
    *ret_code = g_strdup (code);
  explicit_bzero (&invitation, sizeof invitation);
  explicit_bzero (code, sizeof code);
  return text;
}

char *
peal_phone_add_user (
  PealPhone *self, const char *name, bool is_device, char **ret_code, GError **error)
{
  Line *line = own_line (self, error);
  g_autofree char *user = line ? phone_make_user (name, error) : NULL;

  return user ? phone_invite_with_code (self, line, user, is_device, ret_code, error) : NULL;
}

static void
free_user (gpointer data)
{
  PealUser *user = data;

  g_free (user->name);
  g_free (user);
}

static void
append_user (const EnrolmentUser *row, void *user_data)
{
  PealUser *user = g_new (PealUser, 1);

  *user = (PealUser){ .name = g_strdup (row->name),
                      .devices = row->devices,
                      .waiting = row->waiting,
                      .is_removed = row->is_removed };
  g_ptr_array_add (user_data, user);
}

GPtrArray *
peal_phone_list_users (PealPhone *self, GError **error)
{
  GPtrArray *users;

  if (!own_line (self, error))
    return NULL;
  users = g_ptr_array_new_with_free_func (free_user);
  enrolment_users_list (self->registrar->users, now_s (), append_user, users);
  return users;
}

/* ---- The document ---- */

static bool
is_signer (const Configuration *configuration, const NodeId *node_id)
{
  for (size_t i = 0; i < configuration->configuration_signer_count; i++)
    if (node_id_equal (&configuration->configuration_signers[i], node_id))
      return true;
  return false;
}

/* The line whose document is ours to sign: that of the overlay with our server, or else the first
 * that we made without one. NULL and an error when there is none. */
static Line *
signed_line (PealPhone *self, GError **error)
{
  Line *line = own_line (self, NULL);

  for (guint i = 0; !line && i < self->lines->len; i++) {
    Line *other = self->lines->pdata[i];

    if (is_signer (line_get_configuration (other), &line_get_signer (other)->own->node_ids[0]))
      line = other;
  }
  if (!line)
    fail (error, words_no_document ());
  return line;
}

static bool
publish (Line *line, Bytes document, const GArray *bad_nodes, GError **error)
{
  g_autoptr (Configuration) next =
    configuration_revise (line_get_configuration (line), document,
                          bad_nodes ? (const NodeId *) (const void *) bad_nodes->data : NULL,
                          bad_nodes ? bad_nodes->len : 0, line_get_signer (line));

  if (next && node_update_configuration (line_get_node (line), next->document))
    return true;
  fail (error, words_bad_document ());
  return false;
}

/* Revoked first: should the rest fail, it can be said again. */
static bool
shut_out (Registrar *self, Line *line, const char *user, GError **error)
{
  g_autoptr (GArray) node_ids = enrolment_users_node_ids (self->users, user, now_s ());

  if (!node_ids) {
    g_autofree char *words = words_no_user (user);

    fail (error, words);
    return false;
  }
  if (node_ids->len > 0 && !publish (line, (Bytes){ NULL, 0 }, node_ids, error))
    return false;
  if (enrolment_users_remove (self->users, user))
    return true;
  fail (error, words_disk_read_only ());
  return false;
}

bool
peal_phone_remove_user (PealPhone *self, const char *name, GError **error)
{
  Line *line = own_line (self, error);
  g_autofree char *user = line ? phone_make_user (name, error) : NULL;

  if (!user)
    return false;
  if (strcmp (user, line_get_keychain_account (line)->user) != 0)
    return shut_out (self->registrar, line, user, error);
  fail (error, words_not_oneself ());
  return false;
}

char *
peal_phone_get_document (PealPhone *self, GError **error)
{
  Line *line = signed_line (self, error);
  Bytes document;

  if (!line)
    return NULL;
  document = line_get_configuration (line)->document;
  return g_strndup ((const char *) document.data, document.size);
}

bool
peal_phone_sign_document (PealPhone *self, const char *document, GError **error)
{
  Line *line = signed_line (self, error);

  return line && publish (line, bytes_of_text (document), NULL, error);
}
