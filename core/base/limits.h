/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits.h: how far a peer can make us grow. Every table, queue and list that another party can
 * lengthen has its bound here. Sizes are bytes, times microseconds unless the name says otherwise.
 */
#pragma once

enum {
  /* Messages (RFC 6940, 6.3 and 6.7). */
  LIMIT_MESSAGE_SIZE = 65536,    /* hard cap, whatever the configuration says */
  LIMIT_DESTINATIONS = 32,       /* entries of a destination list */
  LIMIT_FRAGMENT_PAYLOAD = 1100, /* of one frame on a datagram link, headers excluded */
  LIMIT_REASSEMBLIES_LINK = 32,
  LIMIT_REASSEMBLY_BYTES = 1 << 20, /* of all reassemblies together */
  LIMIT_REASSEMBLY_S = 15,
  LIMIT_CERTIFICATES = 32,         /* of one message */
  LIMIT_CERTIFICATE_SIZE = 2048,   /* DER */
  LIMIT_CERTIFICATE_CACHE = 512,   /* verified certificates kept */
  LIMIT_CANDIDATES = 10,           /* of one Attach, AppAttach or SDP */
  LIMIT_TRANSACTIONS = 1024,       /* our own, open at once */
  LIMIT_ANSWER_CACHE = 1024,       /* answers kept for repeated requests */
  LIMIT_ANSWER_CACHE_SENDER = 256, /* of them, to one signer */
  LIMIT_ANSWER_CACHE_S = 30,
  LIMIT_DIRECT_RESPONSES = 16, /* answers that wait for a link to whoever asked */

  /* Links (RFC 6940, 6.6). */
  LIMIT_LINKS_INCOMING = 64,
  LIMIT_LINK_QUEUE = 256 * 1024, /* bytes waiting to be sent; beyond it the link is closed */
  LIMIT_LINK_WINDOW = 32,        /* frames in flight: the width of the ACK's mask */
  LIMIT_FRAMING_ERRORS = 8,      /* in a minute, then the link is closed */
  LIMIT_SHARED_SECRET = 255,     /* bytes (RFC 6940, 13.4): OpenSSL and invitations take it */
  LIMIT_HANDSHAKES = 64,         /* half open */
  LIMIT_HANDSHAKE_S = 10,
  LIMIT_HANDSHAKES_PER_S = 100,
  LIMIT_HANDSHAKES_PER_S_NET = 5, /* from one /24 or /48 that is not loopback */
  LIMIT_NEWCOMERS = 16,           /* waiting for a person to let them in */
  LIMIT_NEWCOMER_S = 600,         /* how long they wait */
  LIMIT_INVITATION_SIZE = 4096,   /* text */
  LIMIT_KNOCKS = 4,               /* at members' doors, at once */
  LIMIT_KNOCK_PAUSE_S = 10,       /* then the same member may ask again */
  LIMIT_KNOCK_CALLERS = 64,       /* remembered for that; more are refused */
  LIMIT_KNOCK_MS = 2500,          /* how long one takes */
  LIMIT_KNOCKERS = 4,             /* peers asked to knock at ours */
  LIMIT_KNOCKER_MS = 6000,        /* how long one of them may take */
  LIMIT_INVITE_NAME = 64,         /* bytes of a user's or computer's name in a request */
  LIMIT_DISCOVERY_SIZE = 400,     /* bytes of a datagram on the local network */
  LIMIT_DISCOVERY_PER_S = 5,      /* answers to those who look for peers */
  LIMIT_ERRORS_PER_S = 10,        /* RELOAD errors made before a signature was verified, per link */
  LIMIT_PASSAGES = 128,           /* messages remembered that were passed on; at most twice that */
  LIMIT_FORWARD_PER_S = 2000,     /* messages taken over one link */
  LIMIT_GUESTS = 128,             /* links of those who serve nobody */
  LIMIT_GUEST_PER_MINUTE = 120,   /* messages of one whose home we are: a call takes twenty, */
  LIMIT_GUEST_BURST = 120,
  LIMIT_STRANGER_PER_MINUTE = 12, /* of any other, who may go from peer to peer, */
  LIMIT_STRANGER_BURST = 20,
  LIMIT_GUESTS_PER_MINUTE = 30, /* and what all of them may send beyond their shares */
  LIMIT_GUESTS_BURST = 50,
  LIMIT_GUEST_EXCESS_PER_S = 2, /* beyond that, over a link that is to stand */
  LIMIT_GUEST_EXCESS_BURST = 100,
  LIMIT_REQUESTS_PER_S = 200, /* requests for us from one link, before any signature is checked */
  LIMIT_REQUESTS_BURST = 400,
  LIMIT_CHECKS_PER_S_LINK = 20, /* of signatures: the share of each link, */
  LIMIT_CHECKS_BURST_LINK = 100,
  LIMIT_CHECKS_PER_S = 1500, /* and what all may take beyond their shares */
  LIMIT_CHECKS_BURST = 3000,
  LIMIT_CHECKS_MESSAGE = 64, /* caused by one message; the rest of it is refused */
  LIMIT_STORES_PER_S = 10,   /* of one link, and of one signer; copies are no Stores here */
  LIMIT_STORES_BURST = 50,
  LIMIT_ATTACHES_PER_S = 2,
  LIMIT_ATTACHES_BURST = 20,
  LIMIT_CONFIGURATIONS_PER_S = 1, /* documents with signatures of their own */
  LIMIT_CONFIGURATIONS_BURST = 20,
  LIMIT_QUOTAS = 256, /* nodes whose rate of one thing is remembered */

  /* STUN (RFC 8489). */
  LIMIT_STUN_ATTRIBUTES = 32,
  LIMIT_STUN_NAME = 513,  /* bytes of USERNAME, REALM, NONCE */
  LIMIT_STUN_PER_S = 500, /* Binding requests answered */
  LIMIT_STUN_BURST = 500,
  LIMIT_RELAYS_KNOWN = 8, /* peers asked whether they relay for us */
  LIMIT_RELAYS_USED = 2,  /* of them, for one link */
  LIMIT_MIRRORS = 8,      /* peers asked how they see us */
  LIMIT_GATHER_MS = 1000, /* then the candidates found so far have to do */

  /* A relay (RFC 8656; threat 4.6). */
  LIMIT_RELAY_ALLOCATIONS = 64,
  LIMIT_RELAY_ALLOCATIONS_NODE = 4,     /* of one member */
  LIMIT_RELAY_BYTES_PER_S = 256000 / 8, /* of one allocation, each way */
  LIMIT_RELAY_DATAGRAM = 1500,
  LIMIT_RELAY_PERMISSIONS = 32, /* of one allocation */
  LIMIT_RELAY_CHANNELS = 32,
  LIMIT_RELAY_REQUESTS_PER_S = 20, /* of one allocation */
  LIMIT_RELAY_REQUESTS_BURST = 100,
  LIMIT_RELAY_STREAMS = 128,      /* clients' connections over TCP and TLS, */
  LIMIT_RELAY_STREAMS_HOST = 16,  /* and those from one address */
  LIMIT_RELAY_QUEUE = 64 * 1024,  /* bytes that wait for a client's connection; more are dropped */
  LIMIT_RELAY_CREDENTIAL_S = 600, /* how long a name is good for new allocations */

  /* Registrations (RFC 7904). */
  LIMIT_FORWARDS = 5,           /* how deep one address may lead to another */
  LIMIT_FORWARD_PLACES = 8,     /* addresses looked up for one call */
  LIMIT_REGISTRATION_URI = 255, /* bytes of the address that calls are forwarded to */
  LIMIT_FEATURE_SET_SIZE = 512, /* bytes of contact preferences */
  LIMIT_FEATURE_DEPTH = 16,     /* of their brackets */
  LIMIT_ROUTE_PEERS = 4,        /* of a destination list, before the device at its end */
  LIMIT_KNOWN_DEVICES = 32,     /* remembered with their ways and wishes */

  /* Topology (RFC 6940, 10). */
  LIMIT_NEIGHBORS = 8,      /* predecessors and successors each */
  LIMIT_FINGERS = 128,      /* of them few are ever set: log2 N */
  LIMIT_GONE_PEERS = 32,    /* remembered and retried */
  LIMIT_PENDING_PEERS = 64, /* attaches under way */
  LIMIT_LEAVERS = 8,        /* whose copies are awaited after their Leave */
  LIMIT_VICINITY = 8,       /* peers told on each side of a place */
  LIMIT_WALK_PEERS = 64,    /* known to one walk */
  LIMIT_WALK_PATH = 12,     /* entries of a path that a walk makes */
  LIMIT_WALK_QUERIES = 64,  /* questions of one walk */
  LIMIT_WALK_REQUESTS = 24, /* and how often it sends the request */
  LIMIT_DOUBTS = 128,       /* peers remembered that did not pass messages on */
  LIMIT_JOINERS = 32,       /* identities whose recent joins are remembered */
  LIMIT_JOIN_BURST = 3,     /* joins of one identity, */
  LIMIT_JOIN_PERIOD_S = 60, /* and one more in that time */
  LIMIT_NEWS_PER_S = 1,     /* how often all who listen are told of changes, */
  LIMIT_NEWS_BURST = 30,    /* when much has happened at once */

  /* Self-tuning (RFC 7363). */
  LIMIT_NEIGHBORS_TUNED = 20, /* instead, in the largest overlays */
  LIMIT_TUNING_FAILURES = 32, /* whose times are remembered */
  LIMIT_TUNING_PEERS = 168,   /* whose ages are: all neighbors and fingers */
  LIMIT_TUNING_OPINIONS = 64, /* of others, heard in one period */

  /* Storage (RFC 6940, 7). */
  LIMIT_STORED_BYTES = 256 << 20,
  LIMIT_STORED_VALUES = 200000,
  LIMIT_STORED_BYTES_SIGNER = 64 << 10,
  LIMIT_FETCH_RANGES = 64,         /* of an array, in one Fetch */
  LIMIT_STORE_AHEAD_S = 24 * 3600, /* storage_time beyond our clock */
  LIMIT_LIFETIME_S = 7 * 24 * 3600,

  /* SIP. */
  LIMIT_SIP_SIZE = 64 << 10,
  LIMIT_SIP_HEADERS = 100,
  LIMIT_SIP_HEADER_SIZE = 8 << 10,
  LIMIT_SIP_VIAS = 32,
  LIMIT_SIP_PAIRS = 256,
  LIMIT_SIP_CHUNKED = 4, /* messages being put together on one link */
  LIMIT_SIP_CHUNK_SIZE = 1100,
  LIMIT_SIP_CHUNK_S = 15,
  LIMIT_SIP_TRANSACTIONS_PAIR = 64,
  LIMIT_SIP_DIALOGS_PAIR = 16,   /* calls with one device */
  LIMIT_SIP_WAITING_PAIR = 32,   /* messages that wait for a link */
  LIMIT_SIP_MESSAGES_PER_S = 50, /* taken from one device */
  LIMIT_SIP_MESSAGES_BURST = 100,
  LIMIT_SIP_INVITE_PERIOD_S = 2, /* one call of a person in that time */
  LIMIT_SIP_INVITE_BURST = 3,
  LIMIT_SIP_INVITES_RECENT = 64, /* calls remembered for that; more at once are refused */
  LIMIT_BUDDY_LINKS = 24,        /* kept for presence alone */
  LIMIT_CALLS_RINGING = 5,
  LIMIT_CALL_DEVICES = 8,       /* INVITEs of one call */
  LIMIT_REQUESTS_PENDING = 100, /* buddy requests waiting for the person */
  LIMIT_NEARBY = 32,            /* overlays heard on the local network */
  LIMIT_SDP_SIZE = 16 << 10,
  LIMIT_SDP_MEDIA = 8,
  LIMIT_SDP_FORMATS = 32,
  LIMIT_PIDF_SIZE = 8 << 10,
  LIMIT_PIDF_DEPTH = 8,

  /* Enrolment (RFC 6940, 11.3). */
  LIMIT_ENROLMENT_REQUEST = 4096,          /* DER of a certificate signing request */
  LIMIT_ENROLMENT_FORM = 16 << 10,         /* body of a POST */
  LIMIT_ENROLMENT_PARTS = 16,              /* of a form */
  LIMIT_ENROLMENT_PART_HEAD = 1024,        /* bytes of headers of one part */
  LIMIT_ENROLMENT_PASSWORD = 128,          /* bytes */
  LIMIT_ENROLMENT_VISITORS = 64,           /* connections at once */
  LIMIT_ENROLMENT_S = 20,                  /* how long one may stay, or one of ours waits */
  LIMIT_ENROLMENT_NODE_IDS = 5,            /* of one person, on all devices (threat 2.5) */
  LIMIT_ENROLMENT_CODES = 1000,            /* not used yet */
  LIMIT_ENROLMENT_CODE_S = 30 * 24 * 3600, /* then an unused one ends */

  /* Media. */
  LIMIT_MEDIA_DATAGRAM = 2048, /* a larger one is dropped unread */
  LIMIT_MEDIA_BACKLOG = 100,   /* datagrams waiting between the main loop and the sound threads */
  LIMIT_MEDIA_STREAMS = 4,     /* SSRCs decoded in one call */
  LIMIT_MEDIA_SSRCS = 16,      /* SSRCs for which a key was asked, most of them forged */
  LIMIT_JITTER_MS = 400,       /* the longest the jitter buffer waits */

  /* Files. */
  LIMIT_WAV_SIZE = 64 << 20,
  LIMIT_CONFIGURATION_SIZE = 256 << 10,
  LIMIT_CONFIGURATION_DEPTH = 32,
  LIMIT_CONFIGURATION_RUN = 16 << 10, /* between two <: bounds the attributes of one element */
  LIMIT_CONFIGURATION_KINDS = 64,
  LIMIT_CONFIGURATION_SIGNATURES = 8,
  LIMIT_DOMAIN_PATTERNS = 16,
  LIMIT_DIAGNOSTIC_ACCESS = 256, /* pairs of a kind and a node that may ask for it */
  LIMIT_PEERS_TO_PROBE = 16,     /* asked for their estimates, each round */
  LIMIT_DOMAIN_PATTERN_SIZE = 256,
  LIMIT_HOSTS = 64, /* peers known from before */
};
