/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line.h: one account on the air: its keys, its world and its node. */
#pragma once
#include "core/node.h"
#include "core/os/ports.h"
#include "core/os/store.h"
#include "core/phone/account.h"
#include "core/phone/keychain.h"

typedef struct Line Line;

/* Called from inside the node: the receiver must not free the line from there. */
typedef struct LineEvents {
  void (*event) (void *user_data, Line *line, const NodeEvent *event);
  void (*media) (void *user_data, Line *line, uint32_t link, Bytes datagram);

  /* A newcomer asks to be let in. */
  void (*newcomer) (
    void *user_data, Line *line, uint32_t request, const char *user, const char *computer);

  /* How others come in may be another way; `is_tried`: somebody has just tried. */
  void (*outside) (void *user_data, Line *line, bool is_tried);
} LineEvents;

typedef struct LineOptions {
  Keychain *keychain;
  KeychainAccount *account; /* of the keychain */
  Store *store;
  const char *listen; /* "ADDR:PORT" or NULL */
  LogLevel log_level;
  bool is_user;
  bool is_relay; /* even where others may not reach it */
  const MediaCodec *codecs;
  size_t codec_count;
  const LineEvents *events;
  void *user_data;
} LineOptions;

/* Opens the sockets and goes on the air. The keychain, the account and the store outlive it. */
Line *line_new (const LineOptions *options, GError **error);

/* Leaves the overlay in good order. */
void line_free (Line *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Line, line_free)

/* Makes the device key, the first configuration and the rest of an account that starts an overlay;
 * with `is_shared` a random secret keys its links (RFC 6940, 13.4). */
KeychainAccount *line_make_overlay (Keychain *keychain,
                                    const char *label,
                                    bool is_shared,
                                    const char *user,
                                    const char *display_name,
                                    GError **error);

/* Leaves, and comes back with the certificate that the account has now. On failure it is off the
 * air for good, and only to be freed. */
bool line_restart (Line *self, GError **error);

PealAccount *line_get_account (Line *self); /* (transfer none) */
KeychainAccount *line_get_keychain_account (Line *self);
Node *line_get_node (Line *self);
World *line_get_world (Line *self);
const char *line_get_instance_name (Line *self);

/* Where our listener can be reached; false when there is no network. */
bool line_get_listener (Line *self, Address *ret_address);

/* An invitation to this overlay; to an enrolled one it has no code yet. Its secret is to be wiped.
 */
void line_fill_invitation (Line *self, Invitation *ret_invitation);

/* Its text; freed with g_free(). */
char *line_invite (Line *self);

/* What the node goes by now, and what it signs with. */
const struct Configuration *line_get_configuration (Line *self);
const Signer *line_get_signer (Line *self);
