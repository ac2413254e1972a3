/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phone-private.h: the parts of a PealPhone, for the files that make it up. */
#pragma once
#include "core/phone/calls.h"
#include "core/phone/phone.h"
#include "core/phone/registrar-private.h"
#include "core/phone/renewal.h"
#include "core/phone/sound.h"
#include "core/phone/surroundings.h"

struct _PealPhone {
  GObject parent;

  const CallMedia *media; /* NULL: no sound */
  char *folder;           /* where everything is kept */
  char *listen;
  bool is_user;
  bool is_relay;
  LogLevel log_level;

  Store *store;
  Keychain *keychain;
  Registrar *registrar; /* NULL unless an enrolled overlay is ours */
  Renewal *renewal;
  CallLog *log;
  Contacts *contacts;
  Calls *calls;
  Surroundings *surroundings; /* NULL without discovery */
  GPtrArray *lines;           /* of Line */
  GPtrArray *lookups;         /* of GTask: look-ups that wait for their answer */

  GListStore *accounts;
  GListStore *contact_list;
  GListStore *requests;
  GListStore *nearby;
  GListStore *call_list;
  GListStore *devices[2]; /* by CallMediaDirection */

  char *status;
  int64_t clock_offset_ms;
  StoreError store_fault;
  bool has_store_fault;
  bool is_ready;
  bool is_open;
  bool is_hidden;
  bool maps_port;
};

/* Puts an account of the keychain on the air. (transfer none) */
Line *phone_add_line (PealPhone *self, KeychainAccount *account, GError **error);

/* Takes it off the air; the account stays in the keychain. */
void phone_remove_line (PealPhone *self, Line *line);

/* Has it come back with what its account has now; removes it when it cannot. */
void phone_restart_line (PealPhone *self, Line *line);

/* The sentence of the network strip may be another one. */
void phone_update_status (PealPhone *self);

/* Looks for others on the local network while there is no line, or one that knows nobody. */
void phone_update_looking (PealPhone *self);

/* What a newcomer asks for, as an account that nobody has kept yet. On success the invitation is to
 * be wiped. */
KeychainAccount *phone_make_account (PealPhone *self,
                                     const char *text,
                                     const char *name,
                                     const char *display_name,
                                     Invitation *ret_invitation,
                                     GError **error);

/* Takes the account, keeps it and puts it on the air. (transfer none) */
PealAccount *phone_begin_account (PealPhone *self, KeychainAccount *account, GError **error);

/* The user's part of a name that people typed, and a label that no account here has; both are freed
 * with g_free(). NULL, and an error, when that can be nobody's name, or no network's. */
char *phone_make_user (const char *name, GError **error);
char *phone_make_label (PealPhone *self, const char *label, GError **error);

/* By instance name, by an address of its overlay, or by its account; NULL when there is none. */
Line *phone_find_line (PealPhone *self, const char *instance_name);
Line *phone_line_of_address (PealPhone *self, const char *address);
Line *phone_line_of_account (PealPhone *self, PealAccount *account);

/* An error of the store, the keychain or the world, in words. Takes `local`. */
void phone_propagate_error (GError **error, GError *local);

/* What the person wants, from the store; and what of it a line has to know. */
void phone_restore_preferences (PealPhone *self);
void phone_tell_preferences (PealPhone *self, Line *line);

/* Where calls for it go, as it was said last. */
void phone_restore_forward (PealPhone *self, Line *line);

/* A newcomer at the door of a line. */
void phone_on_newcomer (
  PealPhone *self, Line *line, uint32_t request, const char *user, const char *computer);

/* A task (transfer full) that waits for an answer of that number, and that task (transfer full)
 * when the answer is there; NULL when nobody waits for it. */
void phone_add_lookup (PealPhone *self, GTask *task, Line *line, uint32_t number);
GTask *phone_take_lookup (PealPhone *self, Line *line, uint32_t number);

/* Why nobody was found, in words. */
GError *phone_lookup_error (PealPhone *self, const char *address, NodeCallEnd end);

/* By label or instance name; "" is the first. NULL when there is none, and why, in words. */
Line *phone_find_overlay (PealPhone *self, const char *overlay);
GError *phone_overlay_error (const char *overlay);

/* An answer to node_service_find(). */
void phone_on_service (PealPhone *self, Line *line, const NodeEvent *event);

/* An answer to node_diagnose(). */
void phone_on_diagnosis (PealPhone *self, Line *line, const NodeEvent *event);

/* An answer to node_lookup(). */
void phone_on_lookup (PealPhone *self, Line *line, const NodeEvent *event);

/* Ends what waits for an answer of a line that goes. */
void phone_drop_lookups (PealPhone *self, Line *line);

/* How others come in to a line may be another way now; and the sentence of the network strip about
 * it, NULL when nothing is wrong with it. (transfer full) */
void phone_on_outside (PealPhone *self, Line *line, bool is_tried);
char *phone_outside_status (Line *line);

/* Fills the lists of devices and keeps them so. */
void phone_watch_devices (PealPhone *self);
