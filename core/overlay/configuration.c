/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration-private.h"

#include "core/base/big-endian.h"
#include "core/base/limits.h"

#include <regex.h>
#include <string.h>

/* Where the document is silent (RFC 6940, 11.1 and 10.7.4). */
static const Configuration defaults = {
  .expiration_s = INT64_MAX,
  .node_id_length = NODE_ID_SIZE,
  .initial_ttl = 100,
  .max_message_size = 5000,
  .overlay_reliability_timer_ms = 3000,
  .chord_update_interval_s = 600,
  .chord_ping_interval_s = 3600,
  .is_chord_reactive = true,
  .turn_density = 1,
  .no_ice_transports = LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS,
  .are_clients_permitted = true,
  .peers_to_probe = 4,
  .redir_branching_factor = 10,
};

const char *
configuration_verdict_name (ConfigurationVerdict verdict)
{
  static const char *const names[] = {
    [CONFIGURATION_GOOD] = "good",
    [CONFIGURATION_MALFORMED] = "malformed",
    [CONFIGURATION_UNSUPPORTED] = "unsupported",
    [CONFIGURATION_WRONG_OVERLAY] = "wrong-overlay",
    [CONFIGURATION_OLD] = "old",
    [CONFIGURATION_UNSIGNED] = "unsigned",
    [CONFIGURATION_UNEXPECTED] = "unexpected",
  };

  g_assert ((size_t) verdict < G_N_ELEMENTS (names));
  return names[verdict];
}

Configuration *
configuration_new (void)
{
  Configuration *self = g_new (Configuration, 1);

  *self = defaults;
  g_atomic_ref_count_init (&self->references);
  return self;
}

Configuration *
configuration_new_provisional (const char *instance_name,
                               const char *label,
                               const uint8_t hash[CONFIGURATION_HASH_SIZE])
{
  Configuration *self = configuration_new ();

  self->instance_name = g_strdup (instance_name);
  self->label = g_strdup (label);
  self->topology_plugin = g_strdup (DEFAULT_TOPOLOGY);
  self->max_message_size = LIMIT_MESSAGE_SIZE; /* the document must fit, whatever it says */
  self->is_self_signed_permitted = true;
  memcpy (self->hash, hash, CONFIGURATION_HASH_SIZE);
  return self;
}

Configuration *
configuration_ref (Configuration *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
free_bytes (Bytes *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    g_free ((uint8_t *) list[i].data);
  g_free (list);
}

static void
free_texts (char **list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    g_free (list[i]);
  g_free (list);
}

void
configuration_unref (Configuration *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->instance_name);
  g_free (self->label);
  g_free (self->topology_plugin);
  g_free (self->shared_secret);
  free_bytes (self->roots, self->root_count);
  free_texts (self->enrollment_servers, self->enrollment_server_count);
  g_free (self->bootstrap_nodes);
  g_free (self->bad_nodes);
  g_free (self->diagnostic_access);
  g_free (self->configuration_signers);
  g_free (self->kind_signers);
  for (size_t i = 0; i < self->kind_count; i++)
    g_free ((uint8_t *) self->kinds[i].signature.data);
  g_free (self->kinds);
  free_texts (self->domain_patterns, self->domain_pattern_count);
  free_bytes (self->signatures, self->signature_count);
  for (size_t i = 0; i < self->block_count; i++)
    configuration_unref (self->blocks[i]);
  g_free (self->blocks);
  g_free ((uint8_t *) self->document.data);
  g_free (self);
}

char *
configuration_make_instance_name (const char *label,
                                  const uint8_t random[CONFIGURATION_RANDOM_SIZE])
{
  static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648, 6 */
  g_autoptr (GString) name = g_string_new (NULL);
  const uint64_t bits = big_endian_read (random, CONFIGURATION_RANDOM_SIZE);

  for (const char *p = label; *p != '\0' && name->len < CONFIGURATION_LABEL_MAX; p++) {
    char c = g_ascii_tolower (*p);

    if (g_ascii_islower (c) || (name->len > 0 && (g_ascii_isdigit (c) || c == '-')))
      g_string_append_c (name, c);
  }
  if (name->len == 0)
    g_string_append (name, "overlay");

  g_string_append_c (name, '-');
  for (unsigned shift = 8 * CONFIGURATION_RANDOM_SIZE; shift > 0; shift -= 5)
    g_string_append_c (name, base32[bits >> (shift - 5) & 31]);
  g_string_append (name, ".peal.alt");
  return g_strdup (name->str);
}

bool
configuration_permits_diagnostic (const Configuration *self, uint16_t kind, const NodeId *node)
{
  for (size_t i = 0; i < self->diagnostic_access_count; i++)
    if (self->diagnostic_access[i].kind == kind &&
        node_id_equal (&self->diagnostic_access[i].node, node))
      return true;
  return false;
}

bool
configuration_is_self_tuning (const Configuration *self)
{
  return strcmp (self->topology_plugin, "CHORD-SELF-TUNING") == 0;
}

const ConfigurationKind *
configuration_kind (const Configuration *self, KindId id)
{
  for (size_t i = 0; i < self->kind_count; i++)
    if (self->kinds[i].id == id)
      return &self->kinds[i];
  return NULL;
}

static DataModel
data_model_of (const void *user_data, KindId id)
{
  const ConfigurationKind *kind = configuration_kind (user_data, id);

  return kind != NULL ? kind->data_model : DATA_MODEL_UNKNOWN;
}

WireKinds
configuration_wire_kinds (const Configuration *self)
{
  return (WireKinds){ .data_model = data_model_of, .user_data = self };
}

/* Whether the whole of `domain` matches; what is no pattern matches nothing. */
static bool
pattern_matches (const char *pattern, const char *domain)
{
  regmatch_t match;
  regex_t regex;
  bool is_match;

  if (regcomp (&regex, pattern, REG_EXTENDED | REG_ICASE) != 0)
    return false;
  is_match = regexec (&regex, domain, 1, &match, 0) == 0 && match.rm_so == 0 &&
             (size_t) match.rm_eo == strlen (domain);
  regfree (&regex);
  return is_match;
}

bool
configuration_permits_domain (const Configuration *self, const char *domain)
{
  if (!self->has_domain_restriction)
    return true;
  if (!self->has_domain_patterns)
    return g_ascii_strcasecmp (domain, self->instance_name) == 0;
  for (size_t i = 0; i < self->domain_pattern_count; i++)
    if (pattern_matches (self->domain_patterns[i], domain))
      return true;
  return false;
}

void
configuration_fill_trust (const Configuration *self, CertificateTrust *trust)
{
  trust->instance_name = self->instance_name;
  trust->is_self_signed_permitted = self->is_self_signed_permitted;
  trust->is_node_id_sha1 = self->is_node_id_sha1;
  trust->roots = self->roots;
  trust->root_count = self->root_count;
  trust->bad_nodes = self->bad_nodes;
  trust->bad_node_count = self->bad_node_count;
}
