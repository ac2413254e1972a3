/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ports.h: the rest of the world as the pure core sees it: clock, chance, links, disk, log.
 *
 * A phone has one set of ports (core/os), a simulated world another, a fuzz target a third. Ports
 * never call back into the node: what comes of a call arrives later as an event (core/node.h).
 *
 * The life of a link, by its number:
 *
 *   link_connect() ------------------.
 *                                     >--> node_link_up() --> node_receive() ... -->
 * node_link_down() link_gather() -> node_link_gathered()
 *                 -> link_check() ---'
 *   an incoming handshake on the listener: node_link_up() at once, with a number of the world's own
 *
 * Numbers below LINK_FIRST_INCOMING are given out by the node and never used twice; the world gives
 * out those from LINK_FIRST_INCOMING on. node_link_down() may come at any time after the first call
 * and is the last that is heard of a number; after link_close() nothing more is heard of it. */
#pragma once
#include "core/base/ice.h"
#include "core/base/node-id.h"
#include "core/base/timers.h"

typedef enum LogLevel {
  LOG_LEVEL_ERROR = 1,
  LOG_LEVEL_WARNING = 2,
  LOG_LEVEL_INFO = 3,
  LOG_LEVEL_DEBUG = 4,
} LogLevel;

#define LINK_FIRST_INCOMING UINT32_C (0x80000000)

/* How a connection is made where there is no ICE; bits of a set. */
typedef enum LinkTransport {
  LINK_TRANSPORT_DTLS = 1, /* DTLS over UDP */
  LINK_TRANSPORT_TLS = 2,  /* TLS over TCP: a stream */
} LinkTransport;

typedef enum LinkPurpose {
  LINK_PURPOSE_OVERLAY,     /* Attach */
  LINK_PURPOSE_APPLICATION, /* AppAttach */
  LINK_PURPOSE_MEDIA,       /* the audio of a call: DTLS-SRTP, its packets never reach the node */
} LinkPurpose;

/* Which of our candidates the other side of ICE gets to see, and hears from. */
typedef enum LinkExposure {
  LINK_EXPOSURE_OPEN,     /* all of them */
  LINK_EXPOSURE_STRANGER, /* relayed ones, or those on a network that both are on; if there are
                             neither, all of them */
  LINK_EXPOSURE_STRICT,   /* the same, but then none */
  LINK_EXPOSURE_RELAYED,  /* relayed ones, or none */
  LINK_EXPOSURE_DIRECT,   /* all but relayed ones, and no relay is asked */
} LinkExposure;

/* With ICE both sides check. Without it the server of TLS or DTLS waits at addresses of its own for
 * this link, and the client connects to them (RFC 6940, 6.5.1.11). */
typedef struct LinkSetup {
  LinkPurpose purpose;
  bool is_controlling; /* ICE role */
  bool is_server;      /* TLS or DTLS role */
  uint8_t no_ice;      /* 0: ICE; else the LinkTransports that may be used instead */
  NodeId peer;         /* without ICE, from link_check() on: nobody else is waited for */
  LinkExposure exposure;
  const IceDescription *remote; /* for link_gather(): what they have said already, or NULL */
} LinkSetup;

/* Why a link went down, or never came up. */
typedef enum LinkEnd {
  LINK_END_CLOSED,      /* the other side closed it in good order */
  LINK_END_UNREACHABLE, /* no answer, or no pair of candidates works */
  LINK_END_REFUSED,     /* connection refused, or the handshake failed */
  LINK_END_CERTIFICATE, /* the peer's certificate was not accepted, or has another fingerprint */
  LINK_END_LOST,        /* stood once, and went silent */
  LINK_END_LOCAL,       /* our own system failed: no socket, no permission */
} LinkEnd;

/* What is to be known of a link that has come up. */
typedef struct LinkTraits {
  bool is_stream; /* node_receive() gets pieces of a TLS stream, else datagrams */
  bool is_near;   /* the other end is on a network that this machine is on: no router in between */
} LinkTraits;

/* What came of another way for a media link that stands. */
typedef enum LinkTrial {
  LINK_TRIAL_WON,    /* the sound goes there now, both ways */
  LINK_TRIAL_FAILED, /* there is none, or nothing was to be heard */
  LINK_TRIAL_EATEN,  /* there is one, but sound does not come over it */
} LinkTrial;

/* What survives a restart, by table. Keys are unique within a table. */
typedef enum KeepTable {
  KEEP_RESOURCE, /* a stored value that we hold for the overlay */
  KEEP_HOST,     /* a peer that we were attached to */
  KEEP_OWN,      /* what else we know: Kinds that came without a document */
} KeepTable;

typedef struct NodePorts {
  void *world;                 /* first argument of every function below */
  Timers *timers;              /* outlives the node */
  const struct Signer *signer; /* core/crypto/signer.h; outlives the node */
  LogLevel log_level;
  void (*log) (void *world, LogLevel level, const char *domain, const char *text);

  /* Milliseconds since 1970; may jump. Only for certificates, storage_time and lifetime, and for
   * which peer was met last. */
  uint64_t (*wall_clock_ms) (void *world);

  /* For secrets. */
  void (*random_bytes) (void *world, uint8_t *ret_bytes, size_t size);

  /* 0 .. limit - 1, for jitter and choice. */
  uint32_t (*random_below) (void *world, uint32_t limit);

  void (*link_connect) (void *world, uint32_t link, LinkTransport transport, const Address *to);

  /* Starts gathering candidates; for bootstrap connections see link_connect(). */
  void (*link_gather) (void *world, uint32_t link, const LinkSetup *setup);

  /* Starts checks towards the other side's description, then DTLS. For media, `fingerprint` is the
   * SHA-256 of the certificate that the peer must present and `setup` decides the DTLS role anew;
   * for other links it is empty: their certificate is checked like any other and handed over.
   *
   * A second call is an ICE restart of a media link that stands, for which a second link_gather()
   * has made new candidates and credentials; its DTLS and its keys stay. The way in use stays as
   * well until sound has come over the new one, both ways: node_link_tried() says what came of it.
   */
  void (*link_check) (void *world,
                      uint32_t link,
                      const IceDescription *remote,
                      const LinkSetup *setup,
                      Bytes fingerprint);

  /* One datagram (DTLS, ICE), or the next bytes of the stream (TLS). Silently dropped when the link
   * is not up. */
  void (*link_send) (void *world, uint32_t link, Bytes bytes);
  void (*link_close) (void *world, uint32_t link);

  /* Whether a media link goes over no relay now; false when it is none that stands. */
  bool (*link_is_direct) (void *world, uint32_t link);

  /* Remembers `value` (empty: forgets it). What was kept comes back through node_restore(). */
  void (*keep) (void *world, KeepTable table, Bytes key, Bytes value);
} NodePorts;
