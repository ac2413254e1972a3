/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay-stage.h: one overlay node on a virtual clock, among strangers whose every message the
 * test writes and reads. Links are streams, so that nothing is sent twice. */
#pragma once
#include "core/overlay/overlay-private.h"

typedef struct OverlayStage OverlayStage;

/* A link that the node asked the world for. */
typedef struct StageLink {
  uint32_t number;
  LinkTransport transport; /* 0: by ICE */
  Address to;
  LinkSetup setup;
  IceDescription remote; /* no candidates before link_check() */
  bool is_closed;
} StageLink;

struct OverlayStage {
  Timers *timers;
  NodePorts ports;
  Signer signer; /* of the node; may be replaced before overlay_stage_open() */
  Configuration *configuration;
  Overlay *overlay;
  uint64_t wall_ms;
  uint64_t random;
  GHashTable *kept;     /* table || key -> value */
  GPtrArray *strangers; /* owned */
  GArray *links;        /* of StageLink */
  GPtrArray *letters;   /* owned: everything that was received */
  uint32_t incoming;
  unsigned changes;
  unsigned duplicates;
  unsigned applications_up;
  unsigned applications_down;
  ReloadCode application_failure;
  LinkExposure exposure; /* of links that others ask for */
  NodeId exposed_to;     /* the last about whom that was asked */
  GString *application_message;
  unsigned configurations;
  unsigned unsupported; /* documents that made us leave */
  Address listening;    /* of a peer, the last that was told */
  unsigned listening_count;
  unsigned clock_reports;
  int64_t clock_offset_ms; /* of the last report */
  Registration found;      /* of the last look-up; certificates are not kept */
  unsigned found_count;
  Findings findings; /* of the last inquiry */
  unsigned inquiries;
  ServiceFound service; /* of the last search */
  unsigned services;
  RelaysFound relays; /* of the last search */
  unsigned relay_searches;
};

/* Somebody with a link to the node, or on the way of getting one. */
typedef struct Stranger {
  OverlayStage *stage;
  const Signer *signer;
  Signer own; /* what `signer` means, unless the test has another */
  NodeId id;
  uint32_t link; /* 0: none */
  uint32_t sequence;
  GByteArray *stream;
  GArray *heard; /* sequence numbers that are to be acknowledged */
  Timer acknowledge_timer;
  bool is_mute;
  GQueue inbox; /* of borrowed Letter */
} Stranger;

/* A message that came to a stranger. */
typedef struct Letter {
  Arena *arena;
  uint8_t *bytes;
  size_t size;
  ForwardingHeader header;
  Bytes payload;
  Message message; /* decoded when it is whole */
} Letter;

/* A message of a stranger. Zeros mean what an honest one would write. */
typedef struct Draft {
  uint16_t code;
  const void *body;
  Bytes raw_body; /* in place of `body` */
  const Destination *destinations;
  size_t destination_count; /* 0: to the node */
  DestinationList via;
  uint64_t transaction_id;
  uint32_t overlay;  /* as the signature has it, and the header */
  uint32_t sequence; /* of the configuration, plus 1 */
  uint8_t ttl;
  uint32_t max_response_length;
  ForwardingOptionList options;
  MessageExtensionList extensions;
  const Signer *signer;
  GenericCertificateList certificates; /* further ones */
  bool is_bare;                        /* without the signer's own certificate */
  void (*spoil) (SecurityBlock *block, void *user_data);
  void *user_data;
} Draft;

OverlayStage *overlay_stage_new (void);
OverlayStage *overlay_stage_new_with (const Signer *signer, const char *instance_name);
void overlay_stage_free (OverlayStage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OverlayStage, overlay_stage_free)

void overlay_stage_run (OverlayStage *self, uint64_t microseconds);

/* Starts the node and waits until it is a ring of one, responsible for everything. */
void overlay_stage_alone (OverlayStage *self);

/* In a ring already, among the two given neighbors, which come up. */
void overlay_stage_join (OverlayStage *self, struct Stranger *const neighbors[2]);

/* A node of that user, with the Node-ID whose first bytes are `id` or a random one (0). */
Stranger *stranger_new (OverlayStage *stage, const char *user, uint32_t id);
Stranger *stranger_new_with (OverlayStage *stage, const Signer *signer);

/* Calls at the node's listener. */
void stranger_connect (Stranger *self);

/* Is at the other end of a link that the node asked for. */
void stranger_take (Stranger *self, uint32_t link);

/* The message as bytes; the caller's. */
GByteArray *stranger_write (Stranger *self, const Draft *draft);
uint64_t stranger_send (Stranger *self, const Draft *draft);
void stranger_send_bytes (Stranger *self, Bytes message);

/* The next message of that code (0: any), or NULL; earlier ones are thrown away. */
Letter *stranger_next (Stranger *self, uint16_t code);

/* The message of that transaction, or NULL. */
Letter *stranger_answer (Stranger *self, uint64_t transaction_id);

/* The error code that a draft is answered with; RELOAD_OK for an answer, -1 for silence. */
int stranger_verdict (Stranger *self, const Draft *draft);

/* Decodes a body. */
void letter_read (const Letter *self, OverlayStage *stage, void *ret_body);

/* Answers a request of the node. */
void stranger_reply (Stranger *self, const Letter *request, const void *body);
void stranger_refuse (Stranger *self, const Letter *request, ReloadCode code);

/* Signs a value. `memory` holds what the signature points to. */
typedef struct SignedValue {
  StoredData data;
  uint8_t signature[SIGNATURE_SIZE_MAX];
} SignedValue;

void signed_value_init (SignedValue *self,
                        OverlayStage *stage,
                        const Signer *signer,
                        const NodeId *resource,
                        uint32_t kind,
                        StoredDataValue value);
