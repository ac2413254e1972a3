/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.h: the one place where the engine's codes become sentences for people.
 *
 * Functions that return `char *` give a new string; those that return `const char *` a translated
 * constant. Times are Unix seconds. */
#pragma once
#include "core/node.h"
#include "core/os/ports.h"
#include "core/phone/account.h"
#include "core/phone/call-media.h"
#include "core/phone/call.h"
#include "core/phone/contact.h"
#include "core/phone/phone.h"

/* Time. */
char *words_when (gint64 then, gint64 now);     /* "18:20", "Yesterday 18:20", "Friday 18:20" */
char *words_seen_day (gint64 then, gint64 now); /* "seen Friday" */
char *words_duration (unsigned seconds);        /* "12 min 4 s" */
char *words_clock (unsigned seconds);           /* "02:31" */

/* People. */
const char *words_presence (PealPresence presence);
char *words_contact_detail (PealPresence presence, gint64 seen, unsigned missed, gint64 now);

typedef struct WordsContact {
  const char *name;
  const char *display_address;
  PealPresence presence;
  bool is_favourite;
  bool is_key_changed;
  const char *detail;
} WordsContact;

/* "Bob's key has changed since 12 November.": since it was seen here first; 0: nobody knows. */
char *words_key_changed (const char *name, gint64 since, gint64 now);

/* The whole row: "Bob Ruiz, available, bob@home, 1 missed call". */
char *words_contact_row (const WordsContact *contact);
char *words_buddy_request (const char *display_address);
char *words_newcomer_request (const char *computer, const char *label);
char *words_nearby (const char *label, unsigned peers);

/* Accounts: the network strip. */
char *words_account_status (PealAccountState state,
                            const char *label,
                            const char *display_address,
                            unsigned peers);

/* How others reach this computer, when it is on the air. */
typedef struct WordsReach {
  bool is_client;
  bool is_metered;   /* which is why */
  const char *home;  /* who passes calls on to a client; NULL: nobody does */
  const char *spare; /* and who does when home is gone; NULL: nobody */
  bool has_relays;   /* others relay for us */
} WordsReach;

/* The sentence of the strip, and what is known of `reach`, a line each; NULL: nothing. */
char *words_account_details (const char *status, const WordsReach *reach);

/* Why a peer on the way, or the one asked, gave no answer. */
const char *words_problem (NodeProblem problem);
const char *words_no_account (void);
const char *words_no_network (void);

/* `offset` seconds ahead of the others' clocks, or behind when negative. */
char *words_clock_wrong (gint64 now, gint64 offset);

/* Calls. */
typedef struct WordsCall {
  PealCallState state;
  const char *name;
  const char *display_address;
  bool is_incoming;
  bool is_held;
  bool is_held_by_peer;
  unsigned duration;
  unsigned left;    /* seconds until a lost call is given up; 0 unknown */
  gint64 seen;      /* when the other side was last on the air; 0 unknown */
  gint64 key_since; /* when another key was seen under their address; 0 unknown */
} WordsCall;

char *words_call_state (const WordsCall *call);
char *words_call_end (const WordsCall *call, NodeCallEnd end);

/* What can be done about it; "" when there is nothing to say. */
const char *words_call_hint (NodeCallEnd end);

/* ... when calls to them go through relays only, and none is there. */
const char *words_no_relay (void);
PealCallRemedy words_call_remedy (NodeCallEnd end);

/* Of a call that failed, for Details and Copy: whom it was for and how far it came. NULL: it ended
 * as calls do. */
char *words_call_report (NodeCallEnd end, const char *address, PealCallState reached);

/* The sentence on encryption; `can_compare`: there are words for it. */
char *words_call_security (PealCallSecurity security,
                           const char *name,
                           bool can_compare,
                           gint64 key_since);
const char *words_path (bool is_direct);
const char *words_quality (PealCallQuality quality);
char *words_cannot_hear (const char *name);
char *words_does_not_arrive (const char *name);
char *words_cannot_be_heard (const char *name);
const char *words_muted (void);
char *words_fault (CallMediaFault fault, const char *name);
PealCallRemedy words_fault_remedy (CallMediaFault fault);

typedef struct WordsDetails {
  const char *codec; /* "opus/48000/2" */
  const char *cipher;
  bool is_relayed;
  CallMediaQuality quality;
} WordsDetails;

/* Lines "Codec: opus" for the popover and Copy. */
char *words_call_details (const WordsDetails *details);

/* A line of what was found out about a call. */
char *words_call_sign (PealCallSignKind kind, const char *value);

/* History. */
char *words_history (bool is_incoming, bool is_missed, unsigned duration);

/* Errors. */
const char *words_bad_name (void);
const char *words_bad_invitation (void);
char *words_invitation_local (const char *label);

/* ... and why; `address` is the first that it names, or NULL. */
char *words_invitation_local_more (const char *label, const Address *address);

/* How others come in. */
typedef struct WordsOutside {
  ReachVerdict verdict;
  unsigned port; /* that they come to */
  Firewall firewall;
} WordsOutside;

/* For the network strip; NULL: nothing is wrong. */
char *words_outside_status (const WordsOutside *outside);

/* For the details of a network: may be empty. */
char *words_outside_details (const WordsOutside *outside);

/* What to type to let others in; NULL: no one command does. Not a sentence, and not translated. */
char *words_outside_command (const WordsOutside *outside);

/* An invitation, while it is tried, and afterwards; `_more` is the way out. */
const char *words_invitation_checking (void);
const char *words_invitation_open (void);
const char *words_invitation_open_by_others (void);
const char *words_invitation_untried (void);
char *words_invitation_closed (const WordsOutside *outside);
char *words_invitation_closed_more (const WordsOutside *outside);

/* Of one who passes calls on and was asked to do so at the port of the web too; may be empty. */
char *words_relay_web (RelayWeb web);
const char *words_emergency (void);
const char *words_not_let_in (void);
char *words_name_taken (const char *user, const char *label);
const char *words_bad_forward (void);
char *words_unknown_overlay (const char *label);

/* `label` is that of the network. */
char *words_no_service (const char *service, const char *label);
const char *words_data_damaged (void);
const char *words_data_newer (void);
const char *words_disk_full (void);
const char *words_disk_read_only (void);
const char *words_key_file (void);
const char *words_passphrase (void);
const char *words_network_port (void);
const char *words_already_member (void);
const char *words_identity_exists (void);

/* Enrolled networks: for those who join. */
const char *words_invitation_used (void);
const char *words_code_wrong (void);
char *words_code_needed (const char *label);
char *words_server_away (const char *label);
char *words_server_unknown (const char *label);
char *words_server_refused (const char *label);
char *words_certificate_ends (unsigned days);
char *words_certificate_ended (const char *label);
char *words_network_ends (const char *label, unsigned days);
char *words_removed (const char *label);

/* ... and for their owners. */
const char *words_no_overlay (void);
const char *words_no_document (void);
const char *words_overlay_exists (void);
const char *words_bad_server (void);
const char *words_bad_domain (void);
const char *words_bad_document (void);
const char *words_bad_listen (void);
char *words_user_exists (const char *user);
char *words_no_user (const char *user);
const char *words_not_oneself (void);
const char *words_too_many_codes (void);
