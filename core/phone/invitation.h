/* SPDX-License-Identifier: GPL-3.0-or-later */
/* invitation.h: the peal: link (or file, or QR code) by which somebody joins an overlay.
 *
 * Whoever holds it can join: it carries the secret of the overlay, or, to an enrolled one, a code
 * that its server takes once. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/certificate.h"

enum {
  INVITATION_PEERS = 5,
  INVITATION_INVITER_MAX = 64,   /* bytes of UTF-8 */
  INVITATION_LABEL_MAX = 32,     /* bytes of UTF-8 */
  INVITATION_INSTANCE_MAX = 127, /* characters */
  INVITATION_SERVER_MAX = 200,   /* characters */
  INVITATION_USER_MAX = 32,
  INVITATION_CODE_MAX = 32,
  INVITATION_SHARED_MAX = 255,
  INVITATION_TEXT_MAX = 2048,
};

/* Where a member listens. */
typedef struct InvitationPeer {
  LinkTransport transport;
  Address address;
} InvitationPeer;

typedef struct Invitation {
  char instance_name[INVITATION_INSTANCE_MAX + 1];
  char label[INVITATION_LABEL_MAX + 1];
  char inviter[INVITATION_INVITER_MAX + 1]; /* display name; may be empty */
  uint8_t configuration_hash[32];           /* SHA-256 of the document that peers will hand over */
  bool has_secret;
  uint8_t secret[ADMISSION_SECRET_SIZE];

  /* What keys the links over which the configuration comes (RFC 6940, 13.4); mostly empty. */
  char shared_secret[INVITATION_SHARED_MAX + 1];

  /* To an enrolled overlay; then there is neither hash of a configuration nor secret. */
  bool is_enrolled;
  uint8_t root_hash[CERTIFICATE_HASH_SIZE]; /* SHA-256 of the root certificate */
  char server[INVITATION_SERVER_MAX + 1];   /* URL; empty: found by the instance name */
  char user[INVITATION_USER_MAX + 1];       /* whom it is for; empty: a name of one's choice */
  char code[INVITATION_CODE_MAX + 1];       /* may be empty */

  InvitationPeer peers[INVITATION_PEERS];
  size_t peer_count;
} Invitation;

/* Whether it can work on one network only: there is no server, and no peer in it listens at an
 * address that somebody elsewhere could send to. That one does is no promise that it answers. */
bool invitation_is_local (const Invitation *self);

/* Whether `text` means to be an invitation, though perhaps a damaged one; addresses are not. */
bool invitation_is_link (const char *text);

/* A "peal:join/…" link in one line; freed with g_free(). */
char *invitation_to_text (const Invitation *self);

/* Reads the link, alone or wrapped over lines as mail programs do. False when a single character is
 * wrong. */
bool invitation_from_text (const char *text, Invitation *ret_invitation);
