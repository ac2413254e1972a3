/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay.h: the RELOAD half of a node (RFC 6940, 1.2): from here down to its links. */
#pragma once
#include "core/overlay/configuration.h"
#include "core/overlay/finding.h"
#include "core/overlay/topology.h"
#include "core/overlay/usage-redir.h"
#include "core/overlay/usage-registration.h"
#include "core/overlay/usage-turn.h"

typedef struct Overlay Overlay;

/* What was done and what was refused, for `status` and for tests. Order and names are those of
 * overlay_counter_names. */
typedef struct OverlayCounters {
  uint64_t signed_messages;
  uint64_t verified_messages;
  uint64_t forwarded;
  uint64_t retransmitted;
  uint64_t timed_out;
  uint64_t walks; /* requests that went step by step */
  uint64_t stored;
  uint64_t fetched;
  uint64_t copies_sent;
  uint64_t refused;
  uint64_t repeated_request;
  uint64_t drop_overlay; /* a message of another overlay */
  uint64_t bad_header;
  uint64_t bad_fragment;
  uint64_t bad_message;
  uint64_t bad_signature;
  uint64_t bad_body;
  uint64_t bad_value_signature;
  uint64_t access_refused;
  uint64_t misplaced_store;
  uint64_t unexpected_answer;
  uint64_t over_rate;
  uint64_t ttl_exceeded;
  uint64_t unsupported_option;
  uint64_t loops;
  uint64_t no_route;
  uint64_t fingers_refused;
  uint64_t bad_configuration;
  uint64_t links_refused; /* strangers at the handshake */
} OverlayCounters;

extern const char *const overlay_counter_names[];
extern const size_t overlay_counter_count;

typedef struct OverlayEvents {
  void (*changed) (void *user_data);   /* state, number of peers, registration */
  void (*duplicate) (void *user_data); /* another copy of this identity is on the air */
  void (*configuration) (void *user_data, Bytes document);
  void (*unsupported) (void *user_data); /* a document asks for what we cannot do: leave */
  void (*listening) (void *user_data,
                     const NodeId *peer,
                     const Address *address,
                     LinkTransport transport);
  void (*clock) (void *user_data, int64_t offset_ms); /* see clock.h */
  RegistrationFunc found;
  ServiceFunc service_found;
  RelaysFunc relays_found;

  /* The end of overlay_ping(), _path() or _probe(); `findings` is borrowed. */
  void (*inquired) (void *user_data, uint32_t inquiry, const Findings *findings);

  /* What a link for SIP with `peer` may show of us; `signer` asks for it (NULL: we do). */
  LinkExposure (*exposure) (void *user_data, const NodeId *peer, const Certificate *signer);

  /* Application links (AppAttach), made by either side. */
  void (*application_up) (void *user_data, Connection *connection);
  void (*application_down) (void *user_data, const NodeId *peer, LinkEnd end);
  void (*application_message) (void *user_data, const NodeId *peer, Bytes message);
  void (*application_failed) (void *user_data, const NodeId *peer, ReloadCode code);
} OverlayEvents;

/* `configuration` is referenced; the rest outlives the overlay. */
Overlay *overlay_new (const NodePorts *ports,
                      Configuration *configuration,
                      bool is_user,
                      const OverlayEvents *events,
                      void *user_data);
void overlay_free (Overlay *self);

void overlay_restore (Overlay *self, KeepTable table, Bytes key, Bytes value);
void overlay_start (Overlay *self);

/* Takes its registrations back; when that is confirmed, or a moment later, hands values over and
 * says good-bye. overlay_free() does the rest at once. */
void overlay_stop (Overlay *self);

/* Stopped, and what was said last has been heard; what was not heard yet is said again. */
bool overlay_is_quiet (Overlay *self);

/* Without a word to anybody: another copy of us is on the air. */
void overlay_quit (Overlay *self);
void overlay_network_changed (Overlay *self);

/* Whether what this machine sends is paid for by the byte: then it serves nobody, as a client,
 * where there are others that do. */
void overlay_set_metered (Overlay *self, bool is_metered);

void overlay_set_listening (Overlay *self, const Address *addresses, size_t count);
void overlay_add_bootstrap (Overlay *self, LinkTransport transport, const Address *address);

/* Our calls go to `address` from now on; NULL: they ring here. */
void overlay_forward (Overlay *self, const char *address);

/* Reports by `found`. */
void overlay_lookup (Overlay *self, uint32_t lookup, const char *address);

/* The same, but of all who keep copies; for when the first did not help. */
void overlay_lookup_all (Overlay *self, uint32_t lookup, const char *address);

/* We provide that service from now on, or no more (RFC 7374). */
void overlay_provide (Overlay *self, const char *namespace);
void overlay_withdraw (Overlay *self, const char *namespace);

/* Reports by `service_found`. */
void
overlay_find_service (Overlay *self, uint32_t search, const char *namespace, const NodeId *key);

/* We relay for others at `address`; NULL: no more. */
void overlay_offer_relay (Overlay *self, const Address *address);

/* Reports by `relays_found`. */
void overlay_find_relays (Overlay *self, uint32_t search);

/* Asks a node about itself, or all the peers on the way to it; reports by `inquired`. */
void overlay_ping (Overlay *self, uint32_t inquiry, const NodeId *target);
void overlay_path (Overlay *self, uint32_t inquiry, const NodeId *target);

/* Whether a node is there; reports by `inquired`, complete when it is. */
void overlay_probe (Overlay *self, uint32_t inquiry, const NodeId *target);

/* The way to a device, as an address with a gr parameter told it; for later AppAttaches. */
void overlay_note_route (Overlay *self, const Route *route);

/* A direct link for SIP to `peer`; reports by `application_up` or `application_failed`. Does
 * nothing when one stands or is under way. */
void overlay_want_application (Overlay *self, const NodeId *peer);
bool overlay_has_application (Overlay *self, const NodeId *peer);

/* Another one beside the one that stands and may be dead; whichever speaks is used. */
void overlay_renew_application (Overlay *self, const NodeId *peer);

/* Of whoever is at the other end of it; NULL while none stands. */
const Certificate *overlay_application_certificate (Overlay *self, const NodeId *peer);
void overlay_send_application (Overlay *self, const NodeId *peer, Bytes message);

/* How soon silence on the SIP link to `peer` makes us ask for a sign of life: while a call stands
 * (`is_busy`) within seconds, else now and then. */
void overlay_watch_application (Overlay *self, const NodeId *peer, bool is_busy);

/* Asks for a sign of life at once. */
void overlay_ask_application (Overlay *self, const NodeId *peer);

/* Whether the SIP link to `peer` stands and something has come over it in the last `within`
 * microseconds. */
bool overlay_application_is_alive (Overlay *self, const NodeId *peer, uint64_t within);

/* No event follows. */
void overlay_close_application (Overlay *self, const NodeId *peer);

/* The peers of SIP links that have been up for `age` microseconds; at most `size`. */
size_t overlay_applications (Overlay *self, uint64_t age, NodeId *ret_peers, size_t size);

/* A number for a media link, and its end. */
uint32_t overlay_open_media (Overlay *self);
void overlay_close_media (Overlay *self, uint32_t number);

/* ---- From the world. True when the link was one of the overlay's, false for media. ---- */
bool overlay_link_gathered (Overlay *self, uint32_t link, const IceDescription *local);
bool overlay_link_up (Overlay *self, uint32_t link, Certificate *peer, LinkTraits traits);
void overlay_receive (Overlay *self, uint32_t link, Bytes bytes);
bool overlay_link_down (Overlay *self, uint32_t link, LinkEnd end);

/* A handshake with us was refused. */
void overlay_link_refused (Overlay *self);

/* ---- Looking at it ---- */
TopologyState overlay_state (const Overlay *self);
unsigned overlay_peers (const Overlay *self);
unsigned overlay_links (const Overlay *self);
unsigned overlay_trying (const Overlay *self);
bool overlay_is_registered (const Overlay *self);

/* Others cannot reach us, so we are no peer of the ring (RFC 6940, 4.2). */
bool overlay_is_client (const Overlay *self);

/* The configuration has outlived itself (RFC 6940, 11.1): until somebody has a newer one we are in
 * no ring. */
bool overlay_is_expired (const Overlay *self);
const OverlayCounters *overlay_counters (const Overlay *self);
unsigned overlay_resource_count (const Overlay *self);
size_t overlay_stored_bytes (const Overlay *self);

/* Of the certificate at the other end of a standing link; NULL when there is none. */
const char *overlay_peer_address (const Overlay *self, const NodeId *peer);

/* How many records of the services that we provide are stored. */
unsigned overlay_service_records (const Overlay *self);
typedef void (*OverlayPeerFunc) (const NodeId *id,
                                 const char *role,
                                 double rtt_ms,
                                 void *user_data);
void overlay_for_each_peer (const Overlay *self, OverlayPeerFunc func, void *user_data);

/* The newest document is `document` now, if it is a lawful successor; false otherwise. */
bool overlay_adopt_configuration (Overlay *self, Bytes document);

/* ---- For the parts of the overlay ---- */
void overlay_topology_changed (Overlay *self);

/* A neighbor came or went. After many of them in a while what we store is stored again: another
 * ring may have joined ours, or all who held it may have died. */
void overlay_moved (Overlay *self);
void overlay_report_duplicate (Overlay *self);
void overlay_report_listening (Overlay *self,
                               const NodeId *peer,
                               const Address *address,
                               LinkTransport transport);
