/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "overlay"
#include "core/overlay/overlay-private.h"

#include "core/base/log.h"
#include "core/wire/attach.h"

#include <string.h>

/* What holds the parts together: links report to the Connection Table, and what comes up, goes down
 * or speaks is shown to whom it concerns. */

#define TIDY         (15 * TIME_SECOND)
#define WORN_AFTER   (10 * TIME_SECOND)
#define MOVED_AFTER  (1 * TIME_SECOND)
#define MOVED_LATEST (20 * TIME_SECOND) /* in a storm of changes */
#define MOVES_WITHIN (10 * TIME_SECOND)
#define REST_WITHIN  (60 * TIME_SECOND)
#define IDLE_AFTER   (60 * TIME_SECOND)
#define LEAVE_AFTER  (250 * TIME_MS)
#define EXPIRY_LOOK  TIME_MINUTE

enum { MOVES = LIMIT_NEIGHBORS / 2 };

const char *const overlay_counter_names[] = {
  "signed_messages",
  "verified_messages",
  "forwarded",
  "retransmitted",
  "timed_out",
  "walks",
  "stored",
  "fetched",
  "copies_sent",
  "refused",
  "repeated_request",
  "drop_overlay",
  "bad_header",
  "bad_fragment",
  "bad_message",
  "bad_signature",
  "bad_body",
  "bad_value_signature",
  "access_refused",
  "misplaced_store",
  "unexpected_answer",
  "over_rate",
  "ttl_exceeded",
  "unsupported_option",
  "loops",
  "no_route",
  "fingers_refused",
  "bad_configuration",
  "links_refused",
};
const size_t overlay_counter_count = G_N_ELEMENTS (overlay_counter_names);

G_STATIC_ASSERT (sizeof (OverlayCounters) ==
                 G_N_ELEMENTS (overlay_counter_names) * sizeof (uint64_t));

/* ---- Links ---- */

static void
on_connection_up (void *user_data, Connection *connection)
{
  Overlay *self = user_data;
  uint32_t number = connection->number;

  certificate_cache_add (self->certificates, link_certificate (&connection->link));
  if (connection->kind == CONNECTION_APPLICATION) {
    overlay_application_up (self, connection);
    return;
  }
  if (!guests_welcome (self->guests, connection)) {
    connection_table_end (self->connections, connection, LINK_END_CLOSED);
    return;
  }
  direct_response_on_up (self->direct_responses, connection);
  transport_hurry (self->transport, connection);
  bootstrap_on_up (self->bootstrap, connection);
  self->topology.plugin->peer_up (self->topology.self, connection);
  if (connection_table_by_number (self->connections, number) != NULL)
    attach_on_up (self->attaches, connection);
  self->events->changed (self->user_data);
}

static void
on_connection_down (void *user_data, Connection *connection, LinkEnd end)
{
  Overlay *self = user_data;
  bool was_up = connection->is_up;

  attach_on_down (self->attaches, connection);
  if (connection->kind == CONNECTION_APPLICATION) {
    if (was_up && connection_table_find_application (self->connections, &connection->peer) == NULL)
      self->events->application_down (self->user_data, &connection->peer, end);
    return;
  }
  direct_response_on_down (self->direct_responses, connection);
  bootstrap_on_down (self->bootstrap, connection);
  self->topology.plugin->peer_down (self->topology.self, connection, end);
  self->events->changed (self->user_data);
}

static void
on_connection_message (void *user_data, Connection *connection, Bytes message)
{
  Overlay *self = user_data;

  if (connection->kind == CONNECTION_APPLICATION)
    self->events->application_message (self->user_data, &connection->peer, message);
  else if (!self->is_stopped)
    forwarding_receive (self->forwarding, connection, message);
}

static void
on_connection_suspected (void *user_data, Connection *connection, bool is_suspected)
{
  Overlay *self = user_data;

  if (connection->kind != CONNECTION_APPLICATION)
    self->topology.plugin->peer_suspected (self->topology.self, connection, is_suspected);
}

static void
on_connection_stalled (void *user_data, Connection *connection, Bytes message)
{
  Overlay *self = user_data;

  if (connection->kind != CONNECTION_APPLICATION && !self->is_stopped)
    forwarding_detour (self->forwarding, connection, message);
}

static const ConnectionEvents connection_events = {
  .up = on_connection_up,
  .down = on_connection_down,
  .message = on_connection_message,
  .suspected = on_connection_suspected,
  .stalled = on_connection_stalled,
};

/* Bootstrap connections that an Attach has made superfluous, and links of ours that nothing needs.
 */
static bool
is_worn_out (Overlay *self, const Connection *connection)
{
  uint64_t now = overlay_now (self);
  TopologyState state = overlay_state (self);
  uint64_t idle_after = IDLE_AFTER;
  Connection *best;

  if (!connection->is_ours)
    return false;
  best = connection_table_find (self->connections, &connection->peer);
  if (best != NULL && best != connection)
    return now > best->opened_at + WORN_AFTER;
  if (state == TOPOLOGY_CLIENT && connection->kind == CONNECTION_BOOTSTRAP)
    idle_after = WORN_AFTER; /* others want to come in there */
  return (state == TOPOLOGY_JOINED || state == TOPOLOGY_CLIENT) &&
         now > connection->opened_at + idle_after &&
         strcmp (self->topology.plugin->role (self->topology.self, &connection->peer), "link") == 0;
}

static void
on_tidy (Timer *timer, void *owner)
{
  Overlay *self = owner;

  connection_table_for_each (self->connections, connection)
  {
    if (connection->is_up && !connection->is_closed && connection->kind != CONNECTION_APPLICATION &&
        connection->kind != CONNECTION_MEDIA && link_is_idle (&connection->link) &&
        is_worn_out (self, connection))
      connection_table_close (self->connections, connection);
  }
  overlay_tidy_applications (self);
  guests_tidy (self->guests);
  connection_table_tidy (self->connections);
  forwarding_tidy (self->forwarding);
  transport_tidy (self->transport);
  timer_start (timer, self->ports->timers, TIDY);
}

/* Of some of our records every copy may have gone: whoever is looked for is stored again at once,
 * since most of the ring is mended long before the last change of it; and when more has changed
 * meanwhile, once more when nothing does. What else is ours is missed by nobody for a while: when
 * half of all die, all others have to store at the same time. */
static void
on_moved (Timer *timer, void *owner)
{
  Overlay *self = owner;
  uint64_t now = overlay_now (self);
  bool is_settled = self->moved_at != 0 && now < self->moved_at + MOVED_LATEST;

  if (self->moves > MOVES && !is_settled) {
    self->moves = MOVES;
    self->moved_at = now;
    timer_start (timer, self->ports->timers, MOVED_AFTER);
  } else {
    self->moves = 0;
    self->moved_at = 0;
  }
  registration_usage_refresh (self->registration_usage);
  certificate_usage_refresh (self->certificate_usage, REST_WITHIN);
  redir_usage_refresh (self->redir_usage, REST_WITHIN);
  turn_usage_refresh (self->turn_usage, REST_WITHIN);
}

/* ---- Life ---- */

static void
flush_links (Overlay *self)
{
  connection_table_for_each (self->connections, connection)
  {
    if (connection->is_up && !connection->is_closed)
      link_flush (&connection->link);
  }
}

/* The clock may jump, and a newer document may come: looked at now and then. Out of the ring we go
 * on meeting members; one who has a newer document hands it over. */
static void
on_expiry_timer (Timer *timer, void *owner)
{
  Overlay *self = owner;
  TopologyState state = overlay_state (self);

  timer_start (timer, self->ports->timers, EXPIRY_LOOK);
  if (!overlay_is_expired (self))
    return;
  if (state != TOPOLOGY_JOINED && state != TOPOLOGY_ALONE && state != TOPOLOGY_CLIENT) {
    self->events->changed (self->user_data);
    return;
  }
  log_info (self->ports, "configuration %u has expired", self->configuration->sequence);
  replication_hand_over_all (self->replication);
  self->topology.plugin->stop (self->topology.self, true);
  self->topology.plugin->start (self->topology.self);
}

static void
stop_timers (Overlay *self)
{
  timer_stop (&self->tidy_timer);
  timer_stop (&self->moved_timer);
  timer_stop (&self->leave_timer);
  timer_stop (&self->expiry_timer);
}

static void
leave (Overlay *self)
{
  self->is_leaving = false;
  forwarding_settle (self->forwarding); /* we may hold our own registration */
  replication_hand_over_all (self->replication);
  self->topology.plugin->stop (self->topology.self, true);
  bootstrap_stop (self->bootstrap);
  stop_timers (self);
  flush_links (self);
  self->is_stopped = true;
}

static void
on_leave (Timer *timer, void *owner)
{
  leave (owner);
}

static void
on_withdrawn (void *owner)
{
  Overlay *self = owner;

  if (self->is_leaving && --self->withdrawals == 0)
    timer_start (&self->leave_timer, self->ports->timers, 0);
}

Overlay *
overlay_new (const NodePorts *ports,
             Configuration *configuration,
             bool is_user,
             const OverlayEvents *events,
             void *user_data)
{
  Overlay *self = g_new0 (Overlay, 1);

  self->ports = ports;
  self->configuration = configuration_ref (configuration);
  self->id = ports->signer->own->node_ids[0];
  self->hash = overlay_hash_of (configuration->instance_name);
  self->started_at = timers_now (ports->timers);
  self->events = events;
  self->user_data = user_data;
  self->is_user = is_user;
  self->connections = connection_table_new (ports, &self->id, &connection_events, self);
  self->certificates = certificate_cache_new (ports);
  self->rates = rates_new (ports->timers);
  self->guests = guests_new (self);
  self->forwarding = forwarding_new (self);
  self->transport = transport_new (self);
  self->direct_responses = direct_responses_new (self);
  self->attaches = attaches_new (self);
  self->topology = (Topology){ &chord_plugin, chord_new (self) };
  self->storage = storage_new (self);
  self->replication = replication_new (self);
  self->bootstrap = bootstrap_new (self);
  self->certificate_usage = certificate_usage_new (self, is_user);
  self->registration_usage = registration_usage_new (self, is_user, events->found, user_data);
  self->redir_usage = redir_usage_new (self, events->service_found, user_data);
  self->turn_usage = turn_usage_new (self, events->relays_found, user_data);
  self->clock_check = clock_check_new (self);
  self->inquiries = inquiries_new (self, events->inquired, user_data);
  self->configuration_update = configuration_update_new (self);
  timer_init (&self->tidy_timer, on_tidy, self);
  timer_init (&self->moved_timer, on_moved, self);
  timer_init (&self->leave_timer, on_leave, self);
  timer_init (&self->expiry_timer, on_expiry_timer, self);
  return self;
}

void
overlay_free (Overlay *self)
{
  if (self == NULL)
    return;
  if (self->is_leaving)
    leave (self);
  stop_timers (self);
  inquiries_free (self->inquiries);
  configuration_update_free (self->configuration_update);
  clock_check_free (self->clock_check);
  doubts_clear (&self->doubts);
  turn_usage_free (self->turn_usage);
  redir_usage_free (self->redir_usage);
  registration_usage_free (self->registration_usage);
  certificate_usage_free (self->certificate_usage);
  bootstrap_free (self->bootstrap);
  replication_free (self->replication);
  storage_free (self->storage);
  attaches_free (self->attaches);
  self->topology.plugin->free (self->topology.self);
  direct_responses_free (self->direct_responses);
  transport_free (self->transport);
  forwarding_free (self->forwarding);
  guests_free (self->guests);
  rates_free (self->rates);
  certificate_cache_free (self->certificates);
  connection_table_free (self->connections);
  configuration_unref (self->configuration);
  g_free (self->listening);
  g_free (self);
}

void
overlay_restore (Overlay *self, KeepTable table, Bytes key, Bytes value)
{
  switch (table) {
  case KEEP_RESOURCE:
    if (!storage_restore (self->storage, key, value))
      self->ports->keep (self->ports->world, KEEP_RESOURCE, key, (Bytes){ NULL, 0 });
    break;
  case KEEP_HOST:
    bootstrap_restore (self->bootstrap, key, value);
    break;
  case KEEP_OWN:
    if (!configuration_update_restore (self->configuration_update, value))
      self->ports->keep (self->ports->world, KEEP_OWN, key, (Bytes){ NULL, 0 });
    break;
  }
}

void
overlay_start (Overlay *self)
{
  self->started_at = overlay_now (self);
  self->is_stopped = false;
  self->is_leaving = false;
  timer_stop (&self->leave_timer);
  self->topology.plugin->start (self->topology.self);
  bootstrap_start (self->bootstrap);
  timer_start (&self->tidy_timer, self->ports->timers, TIDY);
  timer_start (&self->expiry_timer, self->ports->timers, EXPIRY_LOOK);
}

void
overlay_stop (Overlay *self)
{
  if (self->is_stopped || self->is_leaving)
    return;
  self->withdrawals = registration_usage_stop (self->registration_usage, on_withdrawn, self);
  self->withdrawals += redir_usage_stop (self->redir_usage, on_withdrawn, self);
  self->withdrawals += turn_usage_stop (self->turn_usage, on_withdrawn, self);
  if (self->withdrawals == 0) {
    leave (self);
    return;
  }
  /* A Leave makes neighbors look anew at who is responsible for what: not before that is stored. */
  self->is_leaving = true;
  timer_start (&self->leave_timer, self->ports->timers, LEAVE_AFTER);
  flush_links (self);
}

bool
overlay_is_quiet (Overlay *self)
{
  connection_table_for_each (self->connections, connection)
  {
    if (connection->is_up && !connection->is_closed && !link_is_idle (&connection->link))
      return false;
  }
  return self->is_stopped;
}

void
overlay_quit (Overlay *self)
{
  self->is_stopped = true;
  self->is_leaving = false;
  self->topology.plugin->stop (self->topology.self, false);
  attaches_give_up (self->attaches);
  bootstrap_stop (self->bootstrap);
  stop_timers (self);
  connection_table_for_each (self->connections, connection)
  {
    connection_table_close (self->connections, connection);
  }
}

void
overlay_network_changed (Overlay *self)
{
  connection_table_for_each (self->connections, connection)
  {
    if (connection->is_up && !connection->is_closed)
      link_demand (&connection->link);
  }
  self->topology.plugin->network_changed (self->topology.self);
  bootstrap_wake (self->bootstrap);
  bootstrap_call_again (self->bootstrap);
}

void
overlay_set_metered (Overlay *self, bool is_metered)
{
  if (self->is_metered == is_metered)
    return;
  self->is_metered = is_metered;
  self->topology.plugin->metered_changed (self->topology.self);
}

void
overlay_set_listening (Overlay *self, const Address *addresses, size_t count)
{
  self->listening_count = MIN (count, (size_t) LIMIT_CANDIDATES);
  g_free (self->listening);
  self->listening = g_memdup2 (addresses, self->listening_count * sizeof *addresses);
}

void
overlay_add_bootstrap (Overlay *self, LinkTransport transport, const Address *address)
{
  bootstrap_add (self->bootstrap, transport, address);
}

void
overlay_forward (Overlay *self, const char *address)
{
  registration_usage_forward (self->registration_usage, address);
}

void
overlay_lookup (Overlay *self, uint32_t lookup, const char *address)
{
  registration_usage_lookup (self->registration_usage, lookup, address);
}

void
overlay_lookup_all (Overlay *self, uint32_t lookup, const char *address)
{
  registration_usage_lookup_all (self->registration_usage, lookup, address);
}

void
overlay_provide (Overlay *self, const char *namespace)
{
  redir_usage_provide (self->redir_usage, namespace);
}

void
overlay_withdraw (Overlay *self, const char *namespace)
{
  redir_usage_withdraw (self->redir_usage, namespace);
}

void
overlay_find_service (Overlay *self, uint32_t search, const char *namespace, const NodeId *key)
{
  redir_usage_find (self->redir_usage, search, namespace, key);
}

void
overlay_offer_relay (Overlay *self, const Address *address)
{
  turn_usage_offer (self->turn_usage, address);
}

void
overlay_find_relays (Overlay *self, uint32_t search)
{
  turn_usage_find (self->turn_usage, search);
}

void
overlay_ping (Overlay *self, uint32_t inquiry, const NodeId *target)
{
  inquiry_ping (self->inquiries, inquiry, target);
}

void
overlay_path (Overlay *self, uint32_t inquiry, const NodeId *target)
{
  inquiry_path (self->inquiries, inquiry, target);
}

void
overlay_probe (Overlay *self, uint32_t inquiry, const NodeId *target)
{
  inquiry_probe (self->inquiries, inquiry, target);
}

/* ---- From the world ---- */

static Connection *
overlay_connection (Overlay *self, uint32_t number, bool *ret_is_media)
{
  Connection *connection = connection_table_by_number (self->connections, number);

  *ret_is_media = connection != NULL && connection->kind == CONNECTION_MEDIA;
  return connection;
}

bool
overlay_link_gathered (Overlay *self, uint32_t link, const IceDescription *local)
{
  bool is_media;
  Connection *connection = overlay_connection (self, link, &is_media);

  if (connection != NULL && !is_media)
    attach_on_gathered (self->attaches, connection, local);
  return !is_media;
}

bool
overlay_link_up (Overlay *self, uint32_t link, Certificate *peer, LinkTraits traits)
{
  bool is_media;

  overlay_connection (self, link, &is_media);
  if (!is_media)
    connection_table_link_up (self->connections, link, peer, traits);
  return !is_media;
}

void
overlay_receive (Overlay *self, uint32_t link, Bytes bytes)
{
  connection_table_receive (self->connections, link, bytes);
}

bool
overlay_link_down (Overlay *self, uint32_t link, LinkEnd end)
{
  bool is_media;
  Connection *connection = overlay_connection (self, link, &is_media);

  if (is_media)
    connection_table_close (self->connections, connection);
  else
    connection_table_link_down (self->connections, link, end);
  return !is_media;
}

void
overlay_link_refused (Overlay *self)
{
  self->counters.links_refused++;
}

/* ---- Looking at it ---- */

TopologyState
overlay_state (const Overlay *self)
{
  return self->topology.plugin->state (self->topology.self);
}

unsigned
overlay_peers (const Overlay *self)
{
  return self->topology.plugin->estimate (self->topology.self);
}

unsigned
overlay_links (const Overlay *self)
{
  return connection_table_count (self->connections);
}

unsigned
overlay_trying (const Overlay *self)
{
  return bootstrap_trying (self->bootstrap);
}

bool
overlay_is_registered (const Overlay *self)
{
  return registration_usage_is_registered (self->registration_usage) &&
         certificate_usage_is_settled (self->certificate_usage);
}

bool
overlay_is_client (const Overlay *self)
{
  return overlay_state (self) == TOPOLOGY_CLIENT;
}

bool
overlay_is_expired (const Overlay *self)
{
  uint64_t now_s = self->ports->wall_clock_ms (self->ports->world) / 1000;

  return (int64_t) now_s >= self->configuration->expiration_s;
}

const OverlayCounters *
overlay_counters (const Overlay *self)
{
  return &self->counters;
}

unsigned
overlay_resource_count (const Overlay *self)
{
  return storage_resource_count (self->storage);
}

size_t
overlay_stored_bytes (const Overlay *self)
{
  return storage_bytes (self->storage);
}

unsigned
overlay_service_records (const Overlay *self)
{
  return redir_usage_stored (self->redir_usage);
}

const char *
overlay_peer_address (const Overlay *self, const NodeId *peer)
{
  const Connection *connection = connection_table_find (self->connections, peer);

  return connection != NULL ? link_certificate (&connection->link)->user : NULL;
}

void
overlay_for_each_peer (const Overlay *self, OverlayPeerFunc func, void *user_data)
{
  connection_table_for_each (self->connections, connection)
  {
    if (!connection->is_up || connection->is_closed ||
        connection_table_find (self->connections, &connection->peer) != connection)
      continue;
    func (&connection->peer, self->topology.plugin->role (self->topology.self, &connection->peer),
          (double) link_rtt (&connection->link) / TIME_MS, user_data);
  }
}

/* ---- Configuration ---- */

bool
overlay_adopt_configuration (Overlay *self, Bytes document)
{
  return configuration_update_adopt (self->configuration_update, document) == CONFIGURATION_GOOD;
}

/* ---- For the parts ---- */

void
overlay_topology_changed (Overlay *self)
{
  TopologyState state = overlay_state (self);
  bool is_in_ring = state == TOPOLOGY_JOINED || state == TOPOLOGY_ALONE || state == TOPOLOGY_CLIENT;

  if (is_in_ring && !self->was_in_ring) {
    certificate_usage_start (self->certificate_usage);
    registration_usage_start (self->registration_usage);
    redir_usage_start (self->redir_usage);
    turn_usage_start (self->turn_usage);
    clock_check_start (self->clock_check);
  }
  self->was_in_ring = is_in_ring;
  self->events->changed (self->user_data);
}

void
overlay_moved (Overlay *self)
{
  uint64_t now = overlay_now (self);

  if (self->moves == 0 || self->moves_since + MOVES_WITHIN < now) {
    self->moves_since = now;
    self->moves = 0;
  }
  if (self->is_stopped || ++self->moves < MOVES)
    return;
  if (!timer_is_set (&self->moved_timer))
    timer_start (&self->moved_timer, self->ports->timers, MOVED_AFTER);
  else if (self->moved_at != 0)
    timer_start (&self->moved_timer, self->ports->timers,
                 MIN (MOVED_AFTER, self->moved_at + MOVED_LATEST - now));
}

void
overlay_report_duplicate (Overlay *self)
{
  self->events->duplicate (self->user_data);
}

void
overlay_report_listening (Overlay *self,
                          const NodeId *peer,
                          const Address *address,
                          LinkTransport transport)
{
  self->events->listening (self->user_data, peer, address, transport);
}
