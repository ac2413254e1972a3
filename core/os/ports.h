/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ports.h: the real world behind the ports of one node: GLib's loop, sockets, TLS, DTLS, libnice,
 * SQLite. The only door of core/os beside store.h.
 *
 * A World serves one node (one account). Everything runs on the thread-default main context of the
 * thread that made it. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/signer.h"
#include "core/phone/call-media.h"

struct Node;
struct Store;

typedef struct World World;

typedef struct WorldOptions {
  Signer *signer;                /* see core/os/signer.h; outlives the world */
  const CertificateTrust *trust; /* outlives the world */
  struct Store *store;           /* where keep() goes; outlives the world; NULL keeps nothing */
  const char *listen; /* "ADDR:PORT"; NULL: every interface, port 6084 or the next free one */
  LogLevel log_level;
} WorldOptions;

/* Binds the listener (UDP and TCP on one port number). */
World *world_new (const WorldOptions *options, GError **error);

/* Closes every link and socket; the node must be gone. */
void world_free (World *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

const NodePorts *world_ports (const World *self);

/* What the configuration has as shared-secret keys the overlay links made from now on (RFC 6940,
 * 13.4); NULL: certificates do. Copied. */
void world_share_secret (World *self, const char *secret);

/* Events of the world go to `node` from now on; NULL drops them. Then brings back what was kept. */
void world_set_node (World *self, struct Node *node);

/* The addresses at which the listener can be reached: this machine's, then that of a router which
 * leads to us; as many as fit. */
size_t world_listening (const World *self, Address *ret_addresses, size_t size);

/* Has the router, where there is one between us and the internet, lead a port of its own to the
 * listener from now on, or not any more. What that changes is told to the function. */
void world_map_port (World *self, bool is_wanted);
void world_set_listening_func (World *self, void (*changed) (void *user_data), void *user_data);

/* Whether others can reach our listener by themselves, as peers found who knocked at it. */
typedef enum ReachVerdict {
  REACH_UNKNOWN, /* nobody has knocked */
  REACH_OPEN,    /* from elsewhere they can */
  REACH_NETWORK, /* a router is between us and elsewhere: only from our own network, if at all */
  REACH_CLOSED,  /* a firewall keeps them out, of this machine or of a router */
  REACH_CLOSED_HERE, /* of this machine: nothing else is between us and who knocked */
} ReachVerdict;

/* Of this computer. */
typedef enum Firewall {
  FIREWALL_UNKNOWN, /* none, or one that leaves no trace for us */
  FIREWALL_UFW,
  FIREWALL_FIREWALLD,
  FIREWALL_NFTABLES, /* rules that somebody wrote by hand */
} Firewall;

typedef struct ReachReport {
  ReachVerdict verdict;
  Firewall firewall; /* that may be the one in the way */
  bool by_udp;       /* what leads in */
  bool by_tcp;
  Address address; /* where it was tried; family ADDRESS_NONE: nowhere */
} ReachReport;

ReachReport world_reach (const World *self);

/* Asks peers to knock, unless they do or have done so a moment ago. It is done by itself too, when
 * something changes and now and then. Each time the function is told, never from inside
 * world_check_reach(), and within ten seconds. */
void world_check_reach (World *self);
void world_set_reach_func (World *self, void (*told) (void *user_data), void *user_data);

/* Whether somebody answers us at that address who is on another network than we. */
bool world_is_answered_at (const World *self, const Address *listener);

typedef struct KnockReport {
  uint64_t done;    /* at the doors of others */
  uint64_t refused; /* to those who asked too often, or when too many did */
} KnockReport;

KnockReport world_knock_report (const World *self);

/* An attached peer listens there: it can tell how others see us. */
void world_add_peer (World *self, const Address *listener);

/* Relays for other members from now on (TURN, on the listener's port) if the machine is fit for it,
 * or `is_told` to; then where. Who is told to is reached at port 443 as well, by TCP, when the
 * system lets him. */
bool world_open_relay (World *self, bool is_told, Address *ret_address);

/* Whether it is reached at the port of the web as well. */
typedef enum RelayWeb {
  RELAY_WEB_NOT_WANTED,
  RELAY_WEB_OPEN,
  RELAY_WEB_TAKEN,     /* somebody else is there */
  RELAY_WEB_FORBIDDEN, /* the system keeps it for others */
  RELAY_WEB_FAILED,
} RelayWeb;

typedef struct RelayReport {
  RelayWeb web;
  size_t allocations; /* that stand now */
  uint64_t relayed;   /* datagrams, both ways */
  uint64_t refused;   /* requests answered with an error */
  uint64_t dropped;   /* datagrams without permission, or beyond the rate */
} RelayReport;

/* False when it does not relay. */
bool world_relay_report (const World *self, RelayReport *ret_report);

/* Called now and then while a NAT is in the way and no relays of others are known that would help.
 */
void world_set_relay_func (World *self, void (*wanted) (void *user_data), void *user_data);

/* From now on they are looked for without a NAT too: somebody is not to learn where we are. */
void world_want_relays (World *self);

/* Relays of others that would let us in now. */
size_t world_relays (const World *self);

/* Whether what this machine sends is paid for by the byte, as far as the system knows; when that
 * changes, the network func is called. */
bool world_is_metered (const World *self);

/* Called when addresses of this machine come or go, or it wakes from sleep. */
void world_set_network_func (World *self, void (*changed) (void *user_data), void *user_data);

/* ---- Media links: named by NODE_EVENT_CALL_MEDIA ---- */

/* SRTP keys of a link whose DTLS has finished. */
bool world_media_keys (const World *self, uint32_t link, SrtpKeys *ret_keys);
void world_media_send (World *self, uint32_t link, Bytes datagram);

/* Whether no relay is in between; false when it is no such link. */
bool world_media_is_direct (const World *self, uint32_t link);

/* How ICE fares on a media link: for those who look for a fault. */
typedef enum PathState {
  PATH_GATHERING,
  PATH_CHECKING,
  PATH_CONNECTED,
  PATH_FAILED,
} PathState;

typedef struct PathRelay {
  Address address;
  bool has_answered; /* with an address of its own for us */
} PathRelay;

typedef struct PathReport {
  PathState state;
  unsigned checked_ms; /* the checks took, or take so far */
  Candidate local[LIMIT_CANDIDATES];
  size_t local_count;
  Candidate remote[LIMIT_CANDIDATES];
  size_t remote_count;
  bool has_pair;
  Candidate pair[2]; /* ours and theirs */
  PathRelay relays[LIMIT_RELAYS_USED];
  size_t relay_count;
} PathReport;

/* The last media link that ended is remembered; false when it is neither that nor one that stands,
 * or has no ICE. */
bool world_media_report (const World *self, uint32_t link, PathReport *ret_report);

/* Datagrams of media links: SRTP and SRTCP only. */
typedef void (*WorldMediaFunc) (uint32_t link, Bytes datagram, void *user_data);
void world_set_media_func (World *self, WorldMediaFunc func, void *user_data);

/* ---- Discovery on the local network (UDP multicast, TTL 1) ---- */

typedef struct Discovery Discovery;

typedef struct DiscoveryHere {
  uint8_t instance_hash[32]; /* SHA-256 of the instance name */
  char label[33];
  Address listener;
  uint32_t peers;
} DiscoveryHere;

/* A phone answers and asks; one that has no account yet only asks. Believed only as a hint. With an
 * address in `listen` (as in WorldOptions), only the network of that address hears of it. `func`
 * must not free the discovery. */
typedef void (*DiscoveryFunc) (const DiscoveryHere *here, void *user_data);
Discovery *discovery_new (const char *listen, DiscoveryFunc func, void *user_data, GError **error);
void discovery_free (Discovery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Discovery, discovery_free)

/* What to answer those who ask; NULL stops answering. Copied. */
void discovery_announce (Discovery *self, const DiscoveryHere *here);

/* Whether what another discovery of ours has heard is this one's own answer: a group brings back
 * what we say, from any of our addresses. */
bool discovery_is_itself (const Discovery *self, const DiscoveryHere *here);

/* Asks for everybody, now. */
void discovery_ask (Discovery *self);

/* ---- Asking to be let in (TLS, ALPN peal-invite) ---- */

/* A newcomer's side: asks the peer at `listener` for an invitation to its overlay. Exactly one
 * answer comes, with `invitation` NULL when it was refused or failed (`error` then says why), at
 * the latest after `timeout` seconds (a person may have to press [Let in]). */
typedef struct InviteRequest InviteRequest;
typedef void (*InviteAnswerFunc) (const char *invitation, const GError *error, void *user_data);
InviteRequest *invite_request_new (const Address *listener,
                                   const char *user_name,
                                   const char *computer_name,
                                   unsigned timeout_s,
                                   InviteAnswerFunc func,
                                   void *user_data);
void invite_request_free (InviteRequest *self);

/* A member's side: `asked` is called for each newcomer; world_invite_answer() decides, now or
 * later. At most LIMIT_NEWCOMERS wait. */
typedef void (*WorldInviteFunc) (uint32_t request,
                                 const Address *from,
                                 const char *user_name,
                                 const char *computer_name,
                                 void *user_data);
void world_set_invite_func (World *self, WorldInviteFunc asked, void *user_data);

/* `invitation` NULL refuses. Does nothing when the newcomer has gone. */
void world_invite_answer (World *self, uint32_t request, const char *invitation);
