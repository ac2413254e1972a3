/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root signs everything itself: there are no certificates between it and what it issues.
 *
 * What a member's certificate cannot be taken for is the server's, and the other way round: only
 * the server's has a host name and says serverAuth, only members' have Node-IDs. */
#include "core/crypto/authority.h"

#include "core/base/aor.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509-draft-private.h"
#include "core/crypto/x509-form.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#define DAY_S ((int64_t) 24 * 3600)

enum { ROOT_DAYS = 20 * 365, SERVER_DAYS = 30, COMMON_NAME_MAX = 64 /* RFC 5280, appendix A */ };

struct Authority {
  char *instance_name;
  PrivateKey *key;
  X509 *root;
  GBytes *der;
};

static X509_EXTENSION *
extension_of_text (int nid, const char *text)
{
  return X509V3_EXT_conf_nid (NULL, NULL, nid, text);
}

/* Names the root and nobody else, so that no member's certificate looks self-signed. */
static void
set_name (X509_NAME *name, const char *instance_name)
{
  if (!X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_ASC,
                                   (const unsigned char *) instance_name, -1, -1, 0))
    g_error ("a root cannot have its name");
}

static GBytes *
make_root (const char *instance_name, PrivateKey *key, int64_t now_s)
{
  X509 *draft = x509_draft_new (key, now_s, ROOT_DAYS);

  set_name (X509_get_subject_name (draft), instance_name);
  X509_set_issuer_name (draft, X509_get_subject_name (draft));
  x509_draft_extend (draft,
                     extension_of_text (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  x509_draft_extend (draft, extension_of_text (NID_key_usage, "critical,keyCertSign"));
  return x509_draft_sign (draft, key);
}

bool
authority_can_be_named (const char *instance_name)
{
  return strlen (instance_name) <= COMMON_NAME_MAX && aor_overlay_is_valid (instance_name);
}

Authority *
authority_new (const char *instance_name, int64_t now_s)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) root = NULL;

  g_assert (authority_can_be_named (instance_name));
  root = make_root (instance_name, key, now_s);
  return authority_load (key, bytes_borrow (root));
}

Authority *
authority_load (PrivateKey *key, Bytes root)
{
  X509 *x509 = x509_form_parse (root);
  char name[COMMON_NAME_MAX + 1] = { 0 };
  Authority *self;

  if (x509 == NULL || EVP_PKEY_eq (X509_get0_pubkey (x509), key) != 1 ||
      X509_NAME_get_text_by_NID (X509_get_subject_name (x509), NID_commonName, name, sizeof name) <=
        0 ||
      !aor_overlay_is_valid (name)) {
    X509_free (x509);
    return NULL;
  }
  self = g_new0 (Authority, 1);
  self->instance_name = g_strdup (name);
  self->key = private_key_ref (key);
  self->root = x509;
  self->der = g_bytes_new (root.data, root.size);
  return self;
}

void
authority_free (Authority *self)
{
  if (self == NULL)
    return;
  g_free (self->instance_name);
  private_key_free (self->key);
  X509_free (self->root);
  g_bytes_unref (self->der);
  g_free (self);
}

const char *
authority_instance_name (const Authority *self)
{
  return self->instance_name;
}

const PrivateKey *
authority_key (const Authority *self)
{
  return self->key;
}

Bytes
authority_root (const Authority *self)
{
  return bytes_borrow (self->der);
}

static GBytes *
sign (const Authority *self, X509 *draft)
{
  X509_set_issuer_name (draft, X509_get_subject_name (self->root));
  return x509_draft_sign (draft, self->key);
}

GBytes *
authority_issue (const Authority *self,
                 const EVP_PKEY *key,
                 const char *address,
                 const NodeId *node_ids,
                 size_t node_id_count,
                 int64_t now_s)
{
  X509 *draft;

  g_assert (aor_is_canonical (address));
  g_assert (node_id_count > 0 && node_id_count <= CERTIFICATE_NODE_IDS);
  draft = x509_draft_new ((EVP_PKEY *) key, now_s, AUTHORITY_MEMBER_DAYS);
  x509_draft_set_member (draft, self->instance_name, address, node_ids, node_id_count);
  return sign (self, draft);
}

/* As iPAddress when it is one (RFC 2818, 3.1). */
static void
add_host (GENERAL_NAMES *names, const char *host)
{
  ASN1_OCTET_STRING *address = a2i_IPADDRESS (host);
  GENERAL_NAME *name;

  ERR_clear_error ();
  if (address == NULL) {
    x509_draft_add_name (names, GEN_DNS, host);
    return;
  }
  name = GENERAL_NAME_new ();
  GENERAL_NAME_set0_value (name, GEN_IPADD, address);
  sk_GENERAL_NAME_push (names, name);
}

GBytes *
authority_issue_server (const Authority *self,
                        const PrivateKey *key,
                        const char *host,
                        int64_t now_s)
{
  X509 *draft = x509_draft_new ((EVP_PKEY *) key, now_s, SERVER_DAYS);
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null ();

  x509_draft_add_name (names, GEN_DNS, self->instance_name);
  add_host (names, host);
  x509_draft_set_names (draft, names);
  x509_draft_extend (draft, extension_of_text (NID_ext_key_usage, "serverAuth"));
  return sign (self, draft);
}

/* ---- Judging the server ---- */

static X509 *
find_root (const uint8_t root_hash[CERTIFICATE_HASH_SIZE], const Bytes *chain, size_t chain_count)
{
  uint8_t hash[CERTIFICATE_HASH_SIZE];

  for (size_t i = 1; i < chain_count; i++) {
    digest_sha256 (chain[i], hash);
    if (memcmp (hash, root_hash, sizeof hash) == 0)
      return x509_form_parse (chain[i]);
  }
  return NULL;
}

static bool
is_issued_by (X509 *server, X509 *root, int64_t now_s)
{
  X509_STORE *roots = X509_STORE_new ();
  X509_STORE_CTX *context = X509_STORE_CTX_new ();
  bool is_good;

  X509_STORE_add_cert (roots, root);
  if (X509_STORE_CTX_init (context, roots, server, NULL) != 1)
    g_error ("out of memory");
  X509_STORE_CTX_set_time (context, 0, (time_t) now_s);
  X509_STORE_CTX_set_purpose (context, X509_PURPOSE_SSL_SERVER);
  is_good = X509_verify_cert (context) == 1;
  X509_STORE_CTX_free (context);
  X509_STORE_free (roots);
  return is_good;
}

static bool
has_name (X509 *server, const char *name)
{
  return X509_check_ip_asc (server, name, 0) == 1 ||
         X509_check_host (server, name, strlen (name), X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

bool
authority_vouches (const uint8_t root_hash[CERTIFICATE_HASH_SIZE],
                   const Bytes *chain,
                   size_t chain_count,
                   const char *instance_name,
                   const char *host,
                   int64_t now_s)
{
  X509 *server, *root;
  bool is_good;

  ERR_set_mark ();
  server = chain_count > 0 ? x509_form_parse (chain[0]) : NULL;
  root = find_root (root_hash, chain, chain_count);
  is_good = server != NULL && root != NULL && x509_form_is_strong (server) &&
            x509_form_is_strong (root) && has_name (server, instance_name) &&
            has_name (server, host) && is_issued_by (server, root, now_s);
  X509_free (server);
  X509_free (root);
  ERR_pop_to_mark ();
  return is_good;
}

bool
authority_is_renewal_due (const Certificate *certificate, int64_t now_s)
{
  return now_s > certificate->not_after_s - AUTHORITY_RENEW_DAYS * DAY_S;
}
