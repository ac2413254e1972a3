/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration.h: the configuration document of an overlay (RFC 6940, 11.1; RFC 7904, 3.4).
 *
 * A Configuration is what one signed document says, or, before a newcomer has one, what an
 * invitation says of it. It never changes; a newer document makes another Configuration. */
#pragma once
#include "core/base/address.h"
#include "core/base/node-id.h"
#include "core/base/ports.h"
#include "core/crypto/signer.h"
#include "core/wire/wire.h"

enum {
  CONFIGURATION_HASH_SIZE = 32,
  CONFIGURATION_RANDOM_SIZE = 5, /* of an instance name: 8 characters of base32 */
  CONFIGURATION_LABEL_MAX = 32,  /* bytes of UTF-8 */
};

/* RFC 6940, 7.3; RFC 7374, 5 */
typedef enum AccessPolicy {
  ACCESS_POLICY_USER_MATCH = 1,
  ACCESS_POLICY_NODE_MATCH,
  ACCESS_POLICY_USER_NODE_MATCH,
  ACCESS_POLICY_NODE_MULTIPLE,
  ACCESS_POLICY_NODE_ID_MATCH,
} AccessPolicy;

typedef struct ConfigurationKind {
  KindId id;
  char name[32]; /* as registered; empty for a private Kind */
  DataModel data_model;
  AccessPolicy access_policy;
  uint32_t max_count;
  uint32_t max_size;
  uint32_t max_node_multiple; /* of NODE-MULTIPLE, else 0 */
  uint32_t branching_factor;  /* of NODE-ID-MATCH: of its tree (RFC 7374, 8) */
  bool has_second_place;      /* of USER-NODE-MATCH: may lie there as well (hash.h) */
  Bytes signed_bytes;         /* <kind> to </kind>, in the document or the kind-block */
  Bytes signature;            /* SecurityBlock, owned; empty when there is none */
} ConfigurationKind;

/* RFC 7851, 7: that node may ask others for that kind of diagnostic information. */
typedef struct DiagnosticAccess {
  uint16_t kind;
  NodeId node;
} DiagnosticAccess;

/* Lists are owned by the configuration; read only. */
typedef struct Configuration {
  gatomicrefcount references;
  char *instance_name;
  char *label; /* what people call the overlay: "home" */
  uint16_t sequence;
  int64_t expiration_s; /* seconds since 1970; INT64_MAX when it never expires */
  char *topology_plugin;
  unsigned node_id_length; /* always NODE_ID_SIZE */
  uint8_t initial_ttl;
  uint32_t max_message_size;
  unsigned overlay_reliability_timer_ms;
  unsigned chord_update_interval_s;
  unsigned chord_ping_interval_s;
  bool is_chord_reactive;
  uint8_t turn_density;
  bool are_clients_permitted;
  bool is_no_ice;
  uint8_t no_ice_transports; /* then: a set of LinkTransport; ours to say */
  bool is_self_signed_permitted;
  bool is_node_id_sha1; /* of self-signed-permitted's digest */
  char *shared_secret;  /* that keys overlay links; NULL: none (13.4) */

  Bytes *roots; /* DER */
  size_t root_count;
  char **enrollment_servers;
  size_t enrollment_server_count;
  Address *bootstrap_nodes;
  size_t bootstrap_node_count;
  NodeId *bad_nodes;
  size_t bad_node_count;
  NodeId *configuration_signers;
  size_t configuration_signer_count;
  NodeId *kind_signers;
  size_t kind_signer_count;
  ConfigurationKind *kinds;
  size_t kind_count;

  DiagnosticAccess *diagnostic_access;
  size_t diagnostic_access_count;
  unsigned peers_to_probe;         /* RFC 7363, 7 */
  unsigned redir_branching_factor; /* of Kinds that do not say it themselves */
  bool has_second_places;          /* ours to say: registrations lie in two places */
  bool is_direct_response;         /* RFC 7263, 6: the preferred routing mode is DRR */

  bool has_domain_restriction; /* RFC 7904, 3.4 */
  bool has_domain_patterns;    /* its enable="true" */
  char **domain_patterns;      /* POSIX extended regular expressions */
  size_t domain_pattern_count;

  Bytes document; /* owned; as it was received */
  uint8_t
    hash[CONFIGURATION_HASH_SIZE]; /* SHA-256 of the document; what a provisional one expects */
  Bytes signed_bytes;              /* <configuration> to </configuration>, in the document */
  Bytes *signatures;               /* SecurityBlocks, owned; one good one is enough */
  size_t signature_count;
  struct Configuration **blocks; /* owned: kind-blocks that came without a document */
  size_t block_count;
} Configuration;

typedef enum ConfigurationVerdict {
  CONFIGURATION_GOOD = 0,
  CONFIGURATION_MALFORMED,     /* no XML that we read, or values that cannot be */
  CONFIGURATION_UNSUPPORTED,   /* asks for what this program cannot do */
  CONFIGURATION_WRONG_OVERLAY, /* says nothing of the instance name asked for */
  CONFIGURATION_OLD,           /* no greater sequence number */
  CONFIGURATION_UNSIGNED,      /* not by a configuration-signer, a kind not by a kind-signer */
  CONFIGURATION_UNEXPECTED,    /* not the document that the invitation promised */
} ConfigurationVerdict;

const char *configuration_verdict_name (ConfigurationVerdict verdict);

/* Reads the part of `document` (copied) that is of `instance_name`, or its first with NULL. Checks
 * no signature. On failure NULL, and *ret_verdict (may be NULL) says why. */
Configuration *
configuration_parse (Bytes document, const char *instance_name, ConfigurationVerdict *ret_verdict);

/* The same, but what asks for things that this program cannot do is read too: to see who signed it,
 * and for nothing else. *ret_verdict is then CONFIGURATION_UNSUPPORTED. */
Configuration *
configuration_read (Bytes document, const char *instance_name, ConfigurationVerdict *ret_verdict);

/* What a newcomer starts with: sequence 0, no Kinds, and the SHA-256 that the document must have.
 */
Configuration *configuration_new_provisional (const char *instance_name,
                                              const char *label,
                                              const uint8_t hash[CONFIGURATION_HASH_SIZE]);

Configuration *configuration_ref (Configuration *self);
void configuration_unref (Configuration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Configuration, configuration_unref)

/* Signs `document`, in which neither the first configuration nor its Kinds have signatures yet.
 * NULL when it is no document that configuration_parse() would read. */
Configuration *configuration_sign (Bytes document, const Signer *signer);

/* A first document for a new overlay, made from the built-in template and signed; the signer's own
 * node becomes its configuration- and kind-signer. */
Configuration *
configuration_create (const char *label, const char *instance_name, const Signer *signer);

/* One whose links `secret` keys (RFC 6940, 13.4). */
Configuration *configuration_create_shared (const char *label,
                                            const char *instance_name,
                                            const char *secret,
                                            const Signer *signer);

/* One whose members are enrolled: `root` (DER) vouches for them, the server at `url` gives them
 * their certificates (RFC 6940, 11.3). NULL when the URL or the label cannot stand in a document.
 */
Configuration *configuration_create_enrolled (
  const char *label, const char *instance_name, Bytes root, const char *url, const Signer *signer);

/* What is to follow `self`: `document`, edited by hand, or with none `self` as it is; without its
 * signatures, its sequence number greater than ours, with these Node-IDs revoked, and signed. NULL
 * when that may not follow. */
Configuration *configuration_revise (const Configuration *self,
                                     Bytes document,
                                     const NodeId *bad_nodes,
                                     size_t bad_node_count,
                                     const Signer *signer);

/* `<label>-<8 base32 characters>.peal.alt`, with what of `label` can stand in a name (RFC 1035,
 * 2.3.1); freed with g_free(). */
char *configuration_make_instance_name (const char *label,
                                        const uint8_t random[CONFIGURATION_RANDOM_SIZE]);

/* Whether `sequence` comes after `other`: numbers go round at 65535, which is none (6.3.2.1). */
bool configuration_is_newer (uint16_t sequence, uint16_t other);

/* Whether `next` may take the place of `self`: the same overlay, a greater sequence number, signed
 * by one of our configuration-signers, its Kinds by the kind-signers it names. To a provisional one
 * the document counts whose hash was promised. */
ConfigurationVerdict configuration_check_successor (const Configuration *self,
                                                    const Configuration *next,
                                                    const Signer *signer);

/* `self` and the Kind of a kind-block that came alone (6.5.4), in the place of one of that number
 * if the same node signed it. NULL when it must not be; *ret_verdict is then also
 * CONFIGURATION_UNSIGNED for a Kind of somebody else's. */
Configuration *configuration_with_kind (Configuration *self,
                                        Bytes block,
                                        const Signer *signer,
                                        ConfigurationVerdict *ret_verdict);

/* The kind-block of a Kind, signature included, in memory of the arena; empty when there is none.
 */
Bytes configuration_kind_block (const Configuration *self, KindId id, Arena *arena);

/* NULL when it is not among the required Kinds. */
const ConfigurationKind *configuration_kind (const Configuration *self, KindId id);

/* Tells walks the data models of the required Kinds; borrows. */
WireKinds configuration_wire_kinds (const Configuration *self);

/* Whether addresses of record in `domain` belong into this overlay (RFC 7904, 3.4). Its patterns
 * are compiled here, so only a configuration whose signature was checked may be asked. */
bool configuration_permits_domain (const Configuration *self, const char *domain);

/* Whether `node` may ask for diagnostic information of that kind. */
bool
configuration_permits_diagnostic (const Configuration *self, uint16_t kind, const NodeId *node);

/* Whether the topology's timers follow the overlay's size and churn (RFC 7363). */
bool configuration_is_self_tuning (const Configuration *self);

/* What the configuration has to say on whom to trust; the account adds its secret. Borrows. */
void configuration_fill_trust (const Configuration *self, CertificateTrust *trust);
