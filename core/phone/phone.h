/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phone.h: the telephone that programs talk to: accounts, people, calls.
 *
 * Properties, all notified:
 *   accounts  GListModel of PealAccount; one that cannot be on the air says why by its state
 *   contacts  GListModel of PealContact, sorted: in a call, favourites, available, the rest
 *   requests  GListModel of PealRequest: buddy requests and newcomers that want to be let in
 *   nearby    GListModel of PealNearby: overlays and people found on this network
 *   calls     GListModel of PealCall that have not ended, the latest first
 *   history   GListModel of PealHistoryEntry, the latest first
 *   status    the sentence of the network strip
 *   is-ready  some account is on the air
 */
#pragma once
#include "core/phone/account.h"
#include "core/phone/call-media.h"
#include "core/phone/call.h"
#include "core/phone/contact.h"
#include "core/phone/history.h"
#include "core/phone/request.h"
#include <gio/gio.h>

#define PEAL_TYPE_PHONE (peal_phone_get_type ())
G_DECLARE_FINAL_TYPE (PealPhone, peal_phone, PEAL, PHONE, GObject)

/* Errors that a person reads; the message is a translated sentence. */
#define PEAL_PHONE_ERROR (peal_phone_error_quark ())
GQuark peal_phone_error_quark (void);

typedef enum PealPhoneError {
  PEAL_PHONE_ERROR_BAD_NAME,
  PEAL_PHONE_ERROR_NAME_TAKEN,
  PEAL_PHONE_ERROR_BAD_INVITATION,
  PEAL_PHONE_ERROR_NOT_LET_IN,
  PEAL_PHONE_ERROR_UNKNOWN_OVERLAY,
  PEAL_PHONE_ERROR_EMERGENCY,
  PEAL_PHONE_ERROR_DATA,    /* the database cannot be opened; see peal_phone_repair() */
  PEAL_PHONE_ERROR_NEWER,   /* written by a newer Peal */
  PEAL_PHONE_ERROR_KEY,     /* identity file missing, damaged or readable by others */
  PEAL_PHONE_ERROR_NETWORK, /* no socket could be opened */
  PEAL_PHONE_ERROR_DISK,
  PEAL_PHONE_ERROR_CODE,   /* an enrolled overlay wants another code, or one at all */
  PEAL_PHONE_ERROR_SERVER, /* its server is away, not the right one, or refuses */
  PEAL_PHONE_ERROR_OWNER,  /* what only the owner of such an overlay can do, or cannot */
  PEAL_PHONE_ERROR_CALL,   /* the reason of a call or look-up that came to nothing */
} PealPhoneError;

typedef struct PealPhoneOptions {
  const char *state_path; /* NULL: XDG folders; else everything below this folder */
  const CallMedia *media; /* outlives the phone; NULL: a phone without sound (lookup, status) */
  const char *listen;     /* "ADDR:PORT" or NULL */
  bool is_user;           /* false: a bare peer, registers no name */
  bool is_relay;          /* relays for others even without a public address */
  bool is_discovering;    /* LAN discovery */
  unsigned log_level;     /* 1 (errors) .. 4 (debug) */
} PealPhoneOptions;

/* Opens what is kept and starts every account. On PEAL_PHONE_ERROR_DATA the identity is safe. */
PealPhone *peal_phone_new (const PealPhoneOptions *options, GError **error);

/* Moves the damaged database aside (name.corrupt-<time>) so that peal_phone_new() starts with empty
 * lists; keys are untouched. */
bool peal_phone_repair (const PealPhoneOptions *options, GError **error);

/* Ends calls and leaves every overlay in good order, at once: what gets lost is not said again. */
void peal_phone_stop (PealPhone *self);

/* The same for a program that ends: turns the main loop until all has been heard, which takes half
 * a second at most. */
void peal_phone_leave (PealPhone *self);

GListModel *peal_phone_get_accounts (PealPhone *self);
GListModel *peal_phone_get_contacts (PealPhone *self);
GListModel *peal_phone_get_requests (PealPhone *self);
GListModel *peal_phone_get_nearby (PealPhone *self);
GListModel *peal_phone_get_calls (PealPhone *self);
GListModel *peal_phone_get_history (PealPhone *self);
const char *peal_phone_get_status (PealPhone *self);

/* ---- First run ---- */

/* NULL when `name` can be somebody's user name, else a translated sentence. (transfer none) */
const char *peal_phone_check_name (const char *name);

/* Makes a network of one's own. (transfer none) NULL and `error` when it cannot be. */
PealAccount *peal_phone_create (
  PealPhone *self, const char *label, const char *name, const char *display_name, GError **error);

/* The same, and links in it are keyed by a secret that its members share (RFC 6940, 13.4). */
PealAccount *peal_phone_create_shared (
  PealPhone *self, const char *label, const char *name, const char *display_name, GError **error);

/* `invitation` is a peal: link or the contents of an invitation file. */
PealAccount *peal_phone_join (PealPhone *self,
                              const char *invitation,
                              const char *name,
                              const char *display_name,
                              GError **error);

/* Whether the invitation is to a network whose server gives out names; then what it says of the
 * name (empty: one's own choice) and the code (empty: to be typed), to be freed with g_free(). */
bool peal_phone_read_enrolment (const char *invitation, char **ret_name, char **ret_code);

typedef struct PealEnrolment {
  const char *invitation;
  const char *name;
  const char *display_name;
  const char *code; /* as typed; NULL or empty: the invitation's */
} PealEnrolment;

/* Joins such a network; finishes when the server has answered. */
void peal_phone_enrol_async (PealPhone *self,
                             const PealEnrolment *options,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
PealAccount *peal_phone_enrol_finish (PealPhone *self, GAsyncResult *result, GError **error);

/* Asks a network found nearby to let us in; finishes when it has, or has refused. When it has, but
 * asks for a code (PEAL_PHONE_ERROR_CODE), *ret_invitation (may be NULL) is the invitation that
 * peal_phone_enrol_async() goes on with, else NULL; (transfer full). */
void peal_phone_join_nearby_async (PealPhone *self,
                                   PealNearby *nearby,
                                   const char *name,
                                   const char *display_name,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
PealAccount *peal_phone_join_nearby_finish (PealPhone *self,
                                            GAsyncResult *result,
                                            char **ret_invitation,
                                            GError **error);

/* What an invitation says, to be shown before joining: network label and inviter's name; either
 * may be NULL. */
bool peal_phone_read_invitation (const char *invitation,
                                 char **ret_label,
                                 char **ret_inviter,
                                 GError **error);

/* A peal: link for others to join by. (transfer full) */
char *peal_phone_invite (PealPhone *self, PealAccount *account, GError **error);

/* Whether people elsewhere can come in by an invitation just made. */
typedef enum PealReach {
  PEAL_REACH_UNTRIED, /* there was nobody who could try */
  PEAL_REACH_OPEN,
  PEAL_REACH_NETWORK, /* only from this network */
  PEAL_REACH_CLOSED,  /* a firewall keeps everybody out */
} PealReach;

typedef struct PealInvitationCheck {
  PealReach reach;
  char *words;
  char *more;    /* why, and what would help; may be empty */
  char *command; /* to be typed for that; may be empty */
} PealInvitationCheck;

void peal_invitation_check_free (PealInvitationCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PealInvitationCheck, peal_invitation_check_free)

/* Has others try; takes some seconds. (transfer full) */
void peal_phone_check_invitation_async (PealPhone *self,
                                        PealAccount *account,
                                        const char *invitation,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
PealInvitationCheck *
peal_phone_check_invitation_finish (PealPhone *self, GAsyncResult *result, GError **error);

/* What to say until then. */
const char *peal_phone_checking (void);

/* ---- Calling ---- */

/* What people type or click becomes the canonical address of an account's overlay: trims, removes
 * sip:, sips: and peal:, %-decodes, lower-cases, resolves the label; a name without @ is of the
 * first account. (transfer full) */
char *peal_phone_resolve (PealPhone *self, const char *typed, GError **error);

/* Dials; an address with the parameter gr rings that one device. (transfer none): the call is in
 * `calls` until it is closed. */
PealCall *peal_phone_dial (PealPhone *self, const char *typed, GError **error);

/* Dials one of the choices of a call that ended with them; a contact without a known key is that
 * one from now on. NULL when the network is gone. (transfer none) */
PealCall *peal_phone_dial_choice (PealPhone *self, PealCall *call, size_t choice);

/* Dials whoever has the key that the one of `address` has changed to. It is not trusted by that:
 * comparing words in this call does it. NULL when no key waits, or the network is gone. (transfer
 * none) */
PealCall *peal_phone_dial_new_key (PealPhone *self, const char *address);

/* Files, an echo or silence in place of the devices: for this call, or for all that begin from now
 * on and are not dialled so. NULL: the devices. Copied. */
PealCall *peal_phone_dial_with (PealPhone *self,
                                const char *typed,
                                const CallMediaOptions *options,
                                GError **error);
void peal_phone_set_call_options (PealPhone *self, const CallMediaOptions *options);

/* Calls for `account` go to whom `typed` means, in the same network, until that is empty or NULL;
 * remembered. False and a sentence when they cannot go there. */
bool peal_phone_forward (PealPhone *self, PealAccount *account, const char *typed, GError **error);

/* The address, with its label, that they go to; NULL: they ring here. (transfer full) */
char *peal_phone_get_forward (PealPhone *self, PealAccount *account);

/* Who is registered under an address now. */
typedef struct PealLookup {
  char *address;   /* canonical */
  char **node_ids; /* the devices, in hexadecimal; ends with NULL */
  unsigned hops;   /* of the answer that decided, 0 when unknown */
  bool is_partial; /* there was more, which is nobody's of that name */
  unsigned duration_ms;
} PealLookup;

void peal_lookup_free (PealLookup *lookup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PealLookup, peal_lookup_free)

/* Fails with the sentence of a call that ended so when there is nobody. (transfer full) */
void peal_phone_lookup_async (PealPhone *self,
                              const char *typed,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
PealLookup *peal_phone_lookup_finish (PealPhone *self, GAsyncResult *result, GError **error);

/* ---- People ---- */

/* Adds somebody and asks to be accepted. (transfer none) */
PealContact *
peal_phone_add_contact (PealPhone *self, const char *typed, const char *name, GError **error);

/* Removing can be undone until the next removal or the end of the program. */
void peal_phone_remove_contact (PealPhone *self, PealContact *contact);
void peal_phone_undo_remove (PealPhone *self);

/* (transfer none), NULL when there is none. */
PealContact *peal_phone_find_contact (PealPhone *self, const char *address);

/* The calls with one person, the latest first. (transfer full) */
GListModel *peal_phone_history_with (PealPhone *self, const char *address);

/* Missed calls not seen yet; peal_phone_mark_seen() clears those with one person (NULL: all). */
unsigned peal_phone_get_missed (PealPhone *self);
void peal_phone_mark_seen (PealPhone *self, const char *address);

/* ---- Settings ---- */

/* "People on this network may join" (on by default). */
void peal_phone_set_open (PealPhone *self, bool is_open);
bool peal_phone_get_open (PealPhone *self);

/* Who has not been accepted learns no address of this machine before their call is answered, even
 * if they cannot call then (off by default: only where somebody relays). */
void peal_phone_set_hidden (PealPhone *self, bool is_hidden);
bool peal_phone_get_hidden (PealPhone *self);

/* A router between us and the internet is asked to lead one of its ports to us (on by default). */
void peal_phone_set_maps_port (PealPhone *self, bool maps_port);
bool peal_phone_get_maps_port (PealPhone *self);

/* ---- Identity ---- */

/* Writes the identity (user key, overlays, secrets) under a passphrase; reads one back at first
 * run. Each takes up to a second. What has been cancelled has no effect. */
void peal_phone_export_identity_async (PealPhone *self,
                                       const char *path,
                                       const char *passphrase,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
bool peal_phone_export_identity_finish (PealPhone *self, GAsyncResult *result, GError **error);
void peal_phone_import_identity_async (PealPhone *self,
                                       const char *path,
                                       const char *passphrase,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
bool peal_phone_import_identity_finish (PealPhone *self, GAsyncResult *result, GError **error);

/* One JSON object for `peal-node status --json` and bug reports, on one line: "status", "accounts"
 * (each with "label", "address", "node_id", "state": off, looking, alone, ready, expired,
 * duplicate, name-taken, unsupported, ended, revoked or code-needed, "peers", and what node_facts()
 * names), "calls" (the latest first, each with "address", "state", "ring_ms", "answer_to_sound_ms",
 * "path": direct or relay, "encrypted"). (transfer full) */
char *peal_phone_describe (PealPhone *self);
