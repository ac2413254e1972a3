/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elements of the document, a row each; and how their values are read. Readers of elements that
 * may be repeated see to their own bounds: the size of the document bounds the rest. */
#include "core/overlay/configuration-element-private.h"

#include "core/base/aor.h"
#include "core/overlay/configuration-value.h"

#include <string.h>

#define NS_BASE        "urn:ietf:params:xml:ns:p2p:config-base"
#define NS_CHORD       "urn:ietf:params:xml:ns:p2p:config-chord"
#define NS_SIP         "urn:ietf:params:xml:ns:p2p:config-base:sip"
#define NS_DIAGNOSTICS "urn:ietf:params:xml:ns:p2p:config-diagnostics"
#define NS_REDIR       "urn:ietf:params:xml:ns:p2p:redir"
#define NS_ROUTE_MODE  "urn:ietf:params:xml:ns:p2p:route-mode"
#define NS_SELF_TUNING "urn:ietf:params:xml:ns:p2p:self-tuning"
#define NS_PEAL        "urn:uuid:5ab11b7b-0052-40a9-9185-e5cdcb98bd3d"

enum { PORT_DEFAULT = 6084, TOPOLOGY_NAME_MAX = 64 };

/* ---- Values ---- */

static bool
malformed (Parse *p)
{
  if (p->verdict == CONFIGURATION_GOOD)
    p->verdict = CONFIGURATION_MALFORMED;
  return false;
}

/* The rest is read all the same: who signed it decides whether we have to go. */
static bool
unsupported (Parse *p)
{
  p->is_unsupported = true;
  return true;
}

char *
element_attribute (const xmlChar **attributes, int count, const char *name)
{
  for (int i = 0; i < count; i++, attributes += 5)
    if (attributes[2] == NULL && strcmp ((const char *) attributes[0], name) == 0)
      return g_strstrip (
        g_strndup ((const char *) attributes[3], (gsize) (attributes[4] - attributes[3])));
  return NULL;
}

/* ---- Readers of plain values; the row says where they go ---- */

static bool
read_number (Parse *p, const Element *element, const char *text)
{
  void *field = (uint8_t *) p->result + element->offset;
  uint32_t value;

  if (!value_number (text, element->min, element->max, &value))
    return malformed (p);
  if (element->size == sizeof (uint8_t))
    *(uint8_t *) field = (uint8_t) value;
  else
    *(uint32_t *) field = value;
  return true;
}

static bool
read_boolean (Parse *p, const Element *element, const char *text)
{
  bool *field = (bool *) (void *) ((uint8_t *) p->result + element->offset);

  return value_boolean (text, field) || malformed (p);
}

static bool
read_node_id (Parse *p, const Element *element, const char *text)
{
  GArray *list = *(GArray **) (void *) ((uint8_t *) p + element->offset);
  NodeId id;

  if (!node_id_from_hex (text, &id))
    return malformed (p);
  g_array_append_val (list, id);
  return true;
}

static bool
read_base64 (Parse *p, const Element *element, const char *text)
{
  GArray *list = *(GArray **) (void *) ((uint8_t *) p + element->offset);
  Bytes bytes;

  if (list->len >= element->max || !value_base64 (text, &bytes))
    return malformed (p);
  g_array_append_val (list, bytes);
  return true;
}

/* ---- Elements with a meaning of their own ---- */

static bool
start_configuration (Parse *p, const xmlChar **attributes, int count)
{
  Configuration *result = p->result;
  g_autofree char *sequence = element_attribute (attributes, count, "sequence");
  g_autofree char *expiration = element_attribute (attributes, count, "expiration");
  uint32_t number = 0;

  result->instance_name = element_attribute (attributes, count, "instance-name");
  if (!aor_overlay_is_valid (result->instance_name) ||
      (sequence != NULL && !value_number (sequence, 0, UINT16_MAX - 1, &number)))
    return malformed (p);
  result->sequence = (uint16_t) number;
  if (expiration != NULL) {
    g_autoptr (GDateTime) time = value_time (expiration);

    if (time == NULL)
      return malformed (p);
    result->expiration_s = g_date_time_to_unix (time);
  }
  return true;
}

static bool
end_configuration (Parse *p, const Element *element, const char *text)
{
  p->result->signed_bytes = parse_range (p);
  p->is_found = p->is_last = true;
  if ((p->has_link_protocol && !p->has_tls) || (p->has_no_ice_link && p->no_ice_links == 0))
    unsupported (p);
  if (p->has_no_ice_link)
    p->result->no_ice_transports = p->no_ice_links;
  return p->result->signed_bytes.size > 0 || malformed (p);
}

static bool
read_label (Parse *p, const Element *element, const char *text)
{
  if (text[0] == '\0' || strlen (text) > CONFIGURATION_LABEL_MAX)
    return malformed (p);
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)) ||
        g_unichar_type (g_utf8_get_char (c)) == G_UNICODE_FORMAT)
      return malformed (p);
  p->result->label = g_strdup (text);
  return true;
}

static bool
read_topology (Parse *p, const Element *element, const char *text)
{
  static const char *const topologies[] = { DEFAULT_TOPOLOGY, "CHORD-SELF-TUNING", NULL };

  if (text[0] == '\0' || strlen (text) > TOPOLOGY_NAME_MAX)
    return malformed (p);
  p->result->topology_plugin = g_strdup (text);
  return g_strv_contains (topologies, text) || unsupported (p);
}

static bool
read_node_id_length (Parse *p, const Element *element, const char *text)
{
  uint32_t length;

  if (!value_number (text, 16, 20, &length))
    return malformed (p);
  return length == NODE_ID_SIZE || unsupported (p);
}

static bool
read_message_size (Parse *p, const Element *element, const char *text)
{
  if (!read_number (p, element, text))
    return false;
  if (p->result->max_message_size <= LIMIT_MESSAGE_SIZE)
    return true;
  p->result->max_message_size = LIMIT_MESSAGE_SIZE;
  return unsupported (p);
}

static bool
start_self_signed (Parse *p, const xmlChar **attributes, int count)
{
  g_autofree char *digest = element_attribute (attributes, count, "digest");

  if (digest == NULL)
    return malformed (p);
  p->result->is_node_id_sha1 = strcmp (digest, "sha1") == 0;
  return p->result->is_node_id_sha1 || strcmp (digest, "sha256") == 0 || unsupported (p);
}

static bool
read_shared_secret (Parse *p, const Element *element, const char *text)
{
  p->result->shared_secret = g_strdup (text);
  if (text[0] == '\0')
    return malformed (p);
  return strlen (text) <= LIMIT_SHARED_SECRET || unsupported (p);
}

static bool
read_enrollment_server (Parse *p, const Element *element, const char *text)
{
  char *url = g_strdup (text);

  g_array_append_val (p->enrollment_servers, url);
  return g_ascii_strncasecmp (text, "https:", 6) == 0 || malformed (p);
}

static bool
start_bootstrap_node (Parse *p, const xmlChar **attributes, int count)
{
  g_autofree char *host = element_attribute (attributes, count, "address");
  g_autofree char *port = element_attribute (attributes, count, "port");
  g_autofree char *text = NULL;
  uint32_t number = PORT_DEFAULT;
  Address address;

  if (host == NULL || (port != NULL && !value_number (port, 1, UINT16_MAX, &number)))
    return malformed (p);
  text = strchr (host, ':') != NULL ? g_strdup_printf ("[%s]:%u", host, number)
                                    : g_strdup_printf ("%s:%u", host, number);
  if (!address_from_text (text, &address))
    return malformed (p);
  g_array_append_val (p->bootstrap_nodes, address);
  return true;
}

static bool
read_link_protocol (Parse *p, const Element *element, const char *text)
{
  p->has_link_protocol = true;
  p->has_tls |= strcmp (text, "TLS") == 0;
  return true;
}

/* Which of the link types without ICE may be used (6.6.5, 6.6.6); all, when none is named. */
static bool
read_no_ice_link (Parse *p, const Element *element, const char *text)
{
  p->has_no_ice_link = true;
  if (strcmp (text, "DTLS-UDP-SR-NO-ICE") == 0)
    p->no_ice_links |= LINK_TRANSPORT_DTLS;
  else if (strcmp (text, "TLS-TCP-FH-NO-ICE") == 0)
    p->no_ice_links |= LINK_TRANSPORT_TLS;
  return true;
}

static bool
read_mandatory_extension (Parse *p, const Element *element, const char *text)
{
  static const char *const known[] = { NS_BASE,        NS_CHORD, NS_SIP,
                                       NS_DIAGNOSTICS, NS_REDIR, NS_ROUTE_MODE,
                                       NS_SELF_TUNING, NS_PEAL,  NULL };

  return g_strv_contains (known, text) || unsupported (p);
}

/* ---- Extensions ---- */

/* RFC 7851, 7: the number is hexadecimal. */
static bool
start_diagnostic_kind (Parse *p, const xmlChar **attributes, int count)
{
  g_autofree char *kind = element_attribute (attributes, count, "kind");
  const char *digits = kind;
  guint64 number;

  if (kind != NULL && g_ascii_strncasecmp (kind, "0x", 2) == 0)
    digits += 2;
  if (kind == NULL || !g_ascii_string_to_unsigned (digits, 16, 1, UINT16_MAX - 1, &number, NULL))
    return malformed (p);
  p->diagnostic_kind = (uint16_t) number;
  return true;
}

static bool
read_access_node (Parse *p, const Element *element, const char *text)
{
  DiagnosticAccess access = { .kind = p->diagnostic_kind };

  if (p->diagnostic_access->len >= LIMIT_DIAGNOSTIC_ACCESS ||
      !node_id_from_hex (text, &access.node))
    return malformed (p);
  g_array_append_val (p->diagnostic_access, access);
  return true;
}

/* RFC 7263, 6. A preference: with others than DRR, answers come back as they always do. */
static bool
read_route_mode (Parse *p, const Element *element, const char *text)
{
  p->result->is_direct_response = strcmp (text, "DRR") == 0;
  return true;
}

/* ---- Kinds ---- */

/* RFC 6940, 14.6; RFC 7904, 9.1; RFC 7374, 10.3. What is registered is not for documents to say. */
static const ConfigurationKind registered_kinds[] = {
  { 0x1, "SIP-REGISTRATION", DATA_MODEL_DICTIONARY, ACCESS_POLICY_USER_NODE_MATCH },
  { 0x2, "TURN-SERVICE", DATA_MODEL_SINGLE, ACCESS_POLICY_NODE_MULTIPLE },
  { 0x3, "CERTIFICATE_BY_NODE", DATA_MODEL_ARRAY, ACCESS_POLICY_NODE_MATCH },
  { 0x10, "CERTIFICATE_BY_USER", DATA_MODEL_ARRAY, ACCESS_POLICY_USER_MATCH },
  { 0x104, "REDIR", DATA_MODEL_DICTIONARY, ACCESS_POLICY_NODE_ID_MATCH },
};

enum { KIND_DATA_MODEL = 1, KIND_ACCESS_CONTROL = 2, KIND_MAX_COUNT = 4, KIND_MAX_SIZE = 8 };

enum { KIND_MAX_NODE_MULTIPLE = 16, KIND_BRANCHING_FACTOR = 32 };

static const ConfigurationKind *
find_registered (const char *name, KindId id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (registered_kinds); i++)
    if (name != NULL ? strcmp (registered_kinds[i].name, name) == 0 : registered_kinds[i].id == id)
      return &registered_kinds[i];
  return NULL;
}

static bool
start_kind_block (Parse *p, const xmlChar **attributes, int count)
{
  p->has_kind = false;
  return p->kinds->len < LIMIT_CONFIGURATION_KINDS || malformed (p);
}

static bool
start_kind (Parse *p, const xmlChar **attributes, int count)
{
  g_autofree char *name = element_attribute (attributes, count, "name");
  g_autofree char *id = element_attribute (attributes, count, "id");
  const ConfigurationKind *registered;
  uint32_t number = 0;

  if (p->has_kind || (name == NULL) == (id == NULL) ||
      (id != NULL && !value_number (id, 1, UINT32_MAX - 2, &number)))
    return malformed (p);
  registered = find_registered (name, number);
  if (name != NULL && registered == NULL)
    unsupported (p);
  p->kind = registered != NULL ? *registered : (ConfigurationKind){ .id = number };
  p->has_kind = true;
  p->kind_seen = 0;
  return true;
}

static bool
mark_kind_value (Parse *p, unsigned bit)
{
  if ((p->kind_seen & bit) != 0)
    return malformed (p);
  p->kind_seen |= bit;
  return true;
}

static bool
read_data_model (Parse *p, const Element *element, const char *text)
{
  static const char *const names[] = { [DATA_MODEL_SINGLE] = "SINGLE",
                                       [DATA_MODEL_ARRAY] = "ARRAY",
                                       [DATA_MODEL_DICTIONARY] = "DICTIONARY" };

  if (!mark_kind_value (p, KIND_DATA_MODEL))
    return false;
  if (p->kind.data_model != DATA_MODEL_UNKNOWN)
    return true;
  for (unsigned i = DATA_MODEL_SINGLE; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      p->kind.data_model = i;
  return p->kind.data_model != DATA_MODEL_UNKNOWN || unsupported (p);
}

static bool
read_access_control (Parse *p, const Element *element, const char *text)
{
  static const char *const names[] = { [ACCESS_POLICY_USER_MATCH] = "USER-MATCH",
                                       [ACCESS_POLICY_NODE_MATCH] = "NODE-MATCH",
                                       [ACCESS_POLICY_USER_NODE_MATCH] = "USER-NODE-MATCH",
                                       [ACCESS_POLICY_NODE_MULTIPLE] = "NODE-MULTIPLE",
                                       [ACCESS_POLICY_NODE_ID_MATCH] = "NODE-ID-MATCH" };

  if (!mark_kind_value (p, KIND_ACCESS_CONTROL))
    return false;
  if (p->kind.access_policy != 0)
    return true;
  for (unsigned i = ACCESS_POLICY_USER_MATCH; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      p->kind.access_policy = i;
  return p->kind.access_policy != 0 || unsupported (p);
}

static bool
read_max_count (Parse *p, const Element *element, const char *text)
{
  return (mark_kind_value (p, KIND_MAX_COUNT) &&
          value_number (text, 1, INT32_MAX, &p->kind.max_count)) ||
         malformed (p);
}

static bool
read_max_size (Parse *p, const Element *element, const char *text)
{
  return (mark_kind_value (p, KIND_MAX_SIZE) &&
          value_number (text, 1, INT32_MAX, &p->kind.max_size)) ||
         malformed (p);
}

static bool
read_max_node_multiple (Parse *p, const Element *element, const char *text)
{
  return (mark_kind_value (p, KIND_MAX_NODE_MULTIPLE) &&
          value_number (text, 1, INT32_MAX, &p->kind.max_node_multiple)) ||
         malformed (p);
}

static bool
read_branching_factor (Parse *p, const Element *element, const char *text)
{
  return (mark_kind_value (p, KIND_BRANCHING_FACTOR) &&
          value_number (text, 2, UINT16_MAX, &p->kind.branching_factor)) ||
         malformed (p);
}

static bool
end_kind (Parse *p, const Element *element, const char *text)
{
  const unsigned needed = KIND_DATA_MODEL | KIND_ACCESS_CONTROL | KIND_MAX_COUNT | KIND_MAX_SIZE;

  if ((p->kind_seen & needed) != needed ||
      (p->kind.access_policy == ACCESS_POLICY_NODE_MULTIPLE && p->kind.max_node_multiple == 0))
    return malformed (p);
  for (guint i = 0; i < p->kinds->len; i++)
    if (p->kind.id != 0 && g_array_index (p->kinds, ConfigurationKind, i).id == p->kind.id)
      return malformed (p);
  p->kind.signed_bytes = parse_range (p);
  return p->kind.signed_bytes.size > 0 || malformed (p);
}

static bool
read_kind_signature (Parse *p, const Element *element, const char *text)
{
  return (p->kind_signature.size == 0 && value_base64 (text, &p->kind_signature)) || malformed (p);
}

static bool
end_kind_block (Parse *p, const Element *element, const char *text)
{
  if (!p->has_kind)
    return malformed (p);
  p->kind.signature = p->kind_signature;
  p->kind_signature = (Bytes){ NULL, 0 };
  g_array_append_val (p->kinds, p->kind);
  return true;
}

static bool
start_domain_restriction (Parse *p, const xmlChar **attributes, int count)
{
  g_autofree char *enable = element_attribute (attributes, count, "enable");

  p->result->has_domain_restriction = true;
  return enable == NULL || value_boolean (enable, &p->result->has_domain_patterns) || malformed (p);
}

/* Not compiled here: a pattern of a few bytes can ask for gigabytes, and nobody has looked at the
 * signature yet. */
static bool
read_pattern (Parse *p, const Element *element, const char *text)
{
  char *pattern;

  if (strlen (text) > LIMIT_DOMAIN_PATTERN_SIZE || p->domain_patterns->len >= LIMIT_DOMAIN_PATTERNS)
    return malformed (p);
  pattern = g_strdup (text);
  g_array_append_val (p->domain_patterns, pattern);
  return true;
}

/* ---- The table ---- */

#define CONFIGURATION PLACE_CONFIGURATION, NS_BASE
#define CHORD         PLACE_CONFIGURATION, NS_CHORD
#define KIND          PLACE_KIND, NS_BASE
#define FIELD(name)   offsetof (Configuration, name), sizeof (((Configuration *) NULL)->name), false
#define LIST(name)    offsetof (Parse, name), 0, true
#define REPEATED      0, 0, true

static const Element elements[] = {
  { PLACE_DOCUMENT, NS_BASE, "overlay", PLACE_OVERLAY },
  { PLACE_OVERLAY, NS_BASE, "configuration", PLACE_CONFIGURATION, start_configuration,
    end_configuration, REPEATED },
  { PLACE_OVERLAY, NS_BASE, "signature", PLACE_VALUE, NULL, read_base64, LIST (signatures), 0,
    LIMIT_CONFIGURATION_SIGNATURES },
  { PLACE_CONFIGURATION, NS_PEAL, "label", PLACE_VALUE, NULL, read_label },
  { CONFIGURATION, "topology-plugin", PLACE_VALUE, NULL, read_topology },
  { CONFIGURATION, "node-id-length", PLACE_VALUE, NULL, read_node_id_length },
  { CONFIGURATION, "root-cert", PLACE_VALUE, NULL, read_base64, LIST (roots), 0, UINT32_MAX },
  { CONFIGURATION, "enrollment-server", PLACE_VALUE, NULL, read_enrollment_server, REPEATED },
  { CONFIGURATION, "self-signed-permitted", PLACE_VALUE, start_self_signed, read_boolean,
    FIELD (is_self_signed_permitted) },
  { CONFIGURATION, "bootstrap-node", PLACE_VALUE, start_bootstrap_node, NULL, REPEATED },
  { CONFIGURATION, "turn-density", PLACE_VALUE, NULL, read_number, FIELD (turn_density), 0,
    UINT8_MAX },
  { CONFIGURATION, "clients-permitted", PLACE_VALUE, NULL, read_boolean,
    FIELD (are_clients_permitted) },
  { CONFIGURATION, "no-ice", PLACE_VALUE, NULL, read_boolean, FIELD (is_no_ice) },
  { PLACE_CONFIGURATION, NS_PEAL, "no-ice-link", PLACE_VALUE, NULL, read_no_ice_link, REPEATED },
  { PLACE_CONFIGURATION, NS_PEAL, "second-places", PLACE_VALUE, NULL, read_boolean,
    FIELD (has_second_places) },
  { CHORD, "chord-update-interval", PLACE_VALUE, NULL, read_number, FIELD (chord_update_interval_s),
    1, 86400 },
  { CHORD, "chord-ping-interval", PLACE_VALUE, NULL, read_number, FIELD (chord_ping_interval_s), 1,
    86400 },
  { CHORD, "chord-reactive", PLACE_VALUE, NULL, read_boolean, FIELD (is_chord_reactive) },
  { CONFIGURATION, "shared-secret", PLACE_VALUE, NULL, read_shared_secret },
  { CONFIGURATION, "max-message-size", PLACE_VALUE, NULL, read_message_size,
    FIELD (max_message_size), 1024, UINT32_MAX },
  { CONFIGURATION, "initial-ttl", PLACE_VALUE, NULL, read_number, FIELD (initial_ttl), 1,
    UINT8_MAX },
  { CONFIGURATION, "overlay-reliability-timer", PLACE_VALUE, NULL, read_number,
    FIELD (overlay_reliability_timer_ms), 200, 60000 },
  { CONFIGURATION, "overlay-link-protocol", PLACE_VALUE, NULL, read_link_protocol, REPEATED },
  { CONFIGURATION, "configuration-signer", PLACE_VALUE, NULL, read_node_id,
    LIST (configuration_signers) },
  { CONFIGURATION, "kind-signer", PLACE_VALUE, NULL, read_node_id, LIST (kind_signers) },
  { CONFIGURATION, "bad-node", PLACE_VALUE, NULL, read_node_id, LIST (bad_nodes) },
  { PLACE_CONFIGURATION, NS_DIAGNOSTICS, "diagnostic-kind", PLACE_DIAGNOSTIC_KIND,
    start_diagnostic_kind, NULL, REPEATED },
  { PLACE_DIAGNOSTIC_KIND, NS_DIAGNOSTICS, "access-node", PLACE_VALUE, NULL, read_access_node,
    REPEATED },
  { PLACE_CONFIGURATION, NS_SELF_TUNING, "number-of-peers-to-probe", PLACE_VALUE, NULL, read_number,
    FIELD (peers_to_probe), 1, LIMIT_PEERS_TO_PROBE },
  { PLACE_CONFIGURATION, NS_ROUTE_MODE, "mode", PLACE_VALUE, NULL, read_route_mode },
  { PLACE_CONFIGURATION, NS_REDIR, "branching-factor", PLACE_VALUE, NULL, read_number,
    FIELD (redir_branching_factor), 2, UINT16_MAX },
  { PLACE_KIND, NS_REDIR, "branching-factor", PLACE_VALUE, NULL, read_branching_factor, REPEATED },
  { CONFIGURATION, "mandatory-extension", PLACE_VALUE, NULL, read_mandatory_extension, REPEATED },
  { CONFIGURATION, "required-kinds", PLACE_REQUIRED_KINDS },
  { PLACE_REQUIRED_KINDS, NS_BASE, "kind-block", PLACE_KIND_BLOCK, start_kind_block, end_kind_block,
    REPEATED },
  { PLACE_KIND_BLOCK, NS_BASE, "kind", PLACE_KIND, start_kind, end_kind, REPEATED },
  { PLACE_KIND_BLOCK, NS_BASE, "kind-signature", PLACE_VALUE, NULL, read_kind_signature, REPEATED },
  { KIND, "data-model", PLACE_VALUE, NULL, read_data_model, REPEATED },
  { KIND, "access-control", PLACE_VALUE, NULL, read_access_control, REPEATED },
  { KIND, "max-count", PLACE_VALUE, NULL, read_max_count, REPEATED },
  { KIND, "max-size", PLACE_VALUE, NULL, read_max_size, REPEATED },
  { KIND, "max-node-multiple", PLACE_VALUE, NULL, read_max_node_multiple, REPEATED },
  { PLACE_KIND, NS_SIP, "domain-restriction", PLACE_DOMAIN_RESTRICTION, start_domain_restriction },
  { PLACE_DOMAIN_RESTRICTION, NS_SIP, "pattern", PLACE_VALUE, NULL, read_pattern, REPEATED },
};

G_STATIC_ASSERT (G_N_ELEMENTS (elements) <= 64); /* Parse.seen */

const Element *
element_schema_find (Place parent, const char *namespace, const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (elements); i++)
    if (elements[i].parent == parent && strcmp (elements[i].name, name) == 0 &&
        g_strcmp0 (namespace, elements[i].namespace) == 0)
      return &elements[i];
  return NULL;
}

bool
element_is_repeated (const Element *element, uint64_t *seen)
{
  uint64_t bit = UINT64_C (1) << (element - elements);
  bool was_seen = (*seen & bit) != 0;

  *seen |= bit;
  return was_seen && !element->is_list;
}
