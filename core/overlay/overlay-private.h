/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay-private.h: what the parts of one overlay node share. Each part owns its own state and
 * reaches the others through here. */
#pragma once
#include "core/overlay/attach.h"
#include "core/overlay/bootstrap.h"
#include "core/overlay/certificate-cache.h"
#include "core/overlay/chord.h"
#include "core/overlay/clock.h"
#include "core/overlay/configuration-update.h"
#include "core/overlay/configuration.h"
#include "core/overlay/connection-table.h"
#include "core/overlay/direct-response.h"
#include "core/overlay/doubts.h"
#include "core/overlay/forwarding.h"
#include "core/overlay/guest.h"
#include "core/overlay/hash.h"
#include "core/overlay/inquiry.h"
#include "core/overlay/overlay.h"
#include "core/overlay/rate.h"
#include "core/overlay/replication.h"
#include "core/overlay/storage.h"
#include "core/overlay/transport.h"
#include "core/overlay/usage-certificate.h"
#include "core/overlay/usage-redir.h"
#include "core/overlay/usage-registration.h"
#include "core/overlay/usage-turn.h"
#include "core/wire/methods.h"
#include "core/wire/topology.h"

struct Overlay {
  const NodePorts *ports;
  Configuration *configuration; /* owned reference */
  NodeId id;
  uint32_t hash; /* of the instance name */
  bool is_user;
  bool is_plain;   /* RFC 6940 alone, without its hardening (threats 2.1 to 2.3): a yardstick */
  bool is_metered; /* what this machine sends is paid for */
  bool is_stopped;
  bool is_leaving; /* waits for the end of its records; then it stops */
  bool was_in_ring;
  unsigned withdrawals; /* that it waits for */
  uint64_t started_at;

  /* What each message needs stands first. */
  ConnectionTable *connections;
  CertificateCache *certificates;
  Rates *rates;
  Guests *guests;
  Forwarding *forwarding;
  Transport *transport;
  Attaches *attaches;
  Topology topology;
  Doubts doubts; /* about peers that we have links to */
  Storage *storage;
  Replication *replication;
  Bootstrap *bootstrap;
  CertificateUsage *certificate_usage;
  RegistrationUsage *registration_usage;
  RedirUsage *redir_usage;
  TurnUsage *turn_usage;
  ClockCheck *clock_check;
  Inquiries *inquiries;
  DirectResponses *direct_responses;
  ConfigurationUpdate *configuration_update;

  Timer tidy_timer;
  Timer moved_timer;
  Timer leave_timer;
  Timer expiry_timer;
  uint64_t moved_at; /* when our values were stored anew while neighbors still move; 0: not yet */
  unsigned moves;    /* of neighbors, within a while, since our values were last stored anew */
  uint64_t moves_since;
  const OverlayEvents *events;
  void *user_data;
  OverlayCounters counters;
  Address *listening; /* owned */
  size_t listening_count;
};

static inline uint64_t
overlay_now (const Overlay *self)
{
  return timers_now (self->ports->timers);
}

/* A newcomer does not know the overlay's limits yet: it takes what any overlay may send, and itself
 * sends no farther than to its bootstrap peer's neighborhood. */
static inline size_t
overlay_message_size_max (const Overlay *self)
{
  return self->configuration->sequence == 0 ? LIMIT_MESSAGE_SIZE
                                            : self->configuration->max_message_size;
}

static inline uint8_t
overlay_first_ttl (const Overlay *self)
{
  enum { NEWCOMER_TTL = 8 };

  return self->configuration->sequence == 0 ? NEWCOMER_TTL : self->configuration->initial_ttl;
}

/* A link for an application's messages came up. */
void overlay_application_up (Overlay *self, Connection *connection);
void overlay_tidy_applications (Overlay *self);
