/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection-table.h: every link of this node, by number and by the Node-ID at its other end
 * (the Connection Table of RFC 6940). */
#pragma once
#include "core/base/token-bucket.h"
#include "core/overlay/link.h"

typedef struct ConnectionTable ConnectionTable;

/* Requests that one party may make only so often (rate.h). */
typedef enum RateKind { RATE_STORE, RATE_ATTACH, RATE_CONFIGURATION, RATE_KINDS } RateKind;

typedef enum ConnectionKind {
  CONNECTION_BOOTSTRAP,   /* made by link_connect() to a listener, before any Attach */
  CONNECTION_INCOMING,    /* somebody's bootstrap connection to our listener */
  CONNECTION_OVERLAY,     /* Attach */
  CONNECTION_APPLICATION, /* AppAttach: the SIP link */
  CONNECTION_MEDIA,       /* the sound of a call: only its number is ours */
} ConnectionKind;

/* What may still come in over a link. */
typedef struct Allowance {
  TokenBucket messages;
  TokenBucket requests; /* of the messages, requests for us */
  TokenBucket checks;   /* of signatures, for it */
  TokenBucket methods[RATE_KINDS];
  TokenBucket excess; /* what a guest has sent beyond its share (guest.h) */
  TokenBucket errors; /* that we answer before a signature was checked */
} Allowance;

/* One link, from the first try to its end. */
typedef struct Connection {
  Link link; /* once it is up */
  NodeId peer;
  uint64_t opened_at;
  Allowance *allowance; /* owned; NULL: nothing of it is spent */
  uint32_t number;
  uint32_t place;        /* among all */
  uint32_t told;         /* the version of our Neighbor Table that the last Update over it had */
  uint8_t kind;          /* ConnectionKind */
  bool has_peer : 1;     /* `peer` is known, or required */
  bool is_up : 1;        /* and stays so until it is freed */
  bool is_closed : 1;    /* waits to be freed */
  bool is_peer : 1;      /* has sent an Update or shown a ring: messages may be routed through it */
  bool names_us : 1;     /* its last Update has us among its successors */
  bool is_requested : 1; /* the Attach was ours, not theirs */
  bool is_ours : 1;      /* we asked for it, and close it when it has done its work */
  bool is_near : 1;      /* as in LinkTraits */
} Connection;

/* To spend from. */
Allowance *connection_allowance (Connection *connection);

typedef struct ConnectionEvents {
  /* A link came up whose certificate is that of connection->peer. */
  void (*up) (void *user_data, Connection *connection);

  /* It is gone, or never came up. The connection is freed after this. */
  void (*down) (void *user_data, Connection *connection, LinkEnd end);
  void (*message) (void *user_data, Connection *connection, Bytes message);
  void (*suspected) (void *user_data, Connection *connection, bool is_suspected);

  /* No answer comes to that message: see LinkHost. */
  void (*stalled) (void *user_data, Connection *connection, Bytes message);
} ConnectionEvents;

ConnectionTable *connection_table_new (const NodePorts *ports,
                                       const NodeId *own,
                                       const ConnectionEvents *events,
                                       void *user_data);

/* Closes every link. */
void connection_table_free (ConnectionTable *self);

/* A new number; the caller then asks the world for the link. `peer` NULL: whoever answers. */
Connection *connection_table_open (ConnectionTable *self, ConnectionKind kind, const NodeId *peer);

/* Closes a connection of ours; no event follows. */
void connection_table_close (ConnectionTable *self, Connection *connection);

/* The same, and its end is reported like one from outside. */
void connection_table_end (ConnectionTable *self, Connection *connection, LinkEnd why);

Connection *connection_table_by_number (ConnectionTable *self, uint32_t number);

/* The best standing link to `peer`: overlay links (trusted before suspected, Attach before
 * bootstrap, newer before older), or the application link. NULL when there is none. */
Connection *connection_table_find (ConnectionTable *self, const NodeId *peer);

/* Of several the one over which something has come last. */
Connection *connection_table_find_application (ConnectionTable *self, const NodeId *peer);

/* The best overlay link to send to `peer` by. Another than the best when that has been silent since
 * one of both called the other anew: it may be dead. */
Connection *connection_table_find_way (ConnectionTable *self, const NodeId *peer);

/* The overlay link over which something has come last; NULL when there is none. */
Connection *connection_table_find_freshest (ConnectionTable *self);

/* All connections in the order of opening; NULL behind the last. Closed ones are among them for a
 * moment. */
Connection *connection_table_at (ConnectionTable *self, unsigned place);

/* Others may be opened and closed meanwhile. */
#define connection_table_for_each(table, connection)                                  \
  for (Connection *connection = connection_table_at ((table), 0); connection != NULL; \
       connection = connection_table_at ((table), connection->place + 1))

/* Forgets allowances that are whole again. */
void connection_table_tidy (ConnectionTable *self);

/* Overlay links that stand. */
unsigned connection_table_count (ConnectionTable *self);

/* ---- From the world ---- */
void connection_table_link_up (ConnectionTable *self,
                               uint32_t number,
                               Certificate *peer,
                               LinkTraits traits);
void connection_table_receive (ConnectionTable *self, uint32_t number, Bytes bytes);
void connection_table_link_down (ConnectionTable *self, uint32_t number, LinkEnd end);
