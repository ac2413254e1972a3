/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line-private.h: the parts of a Line, for the files that make it up. */
#pragma once
#include "core/os/signer.h"
#include "core/overlay/configuration.h"
#include "core/phone/line.h"

enum { LINE_PEERS_REMEMBERED = 16 };

struct Line {
  LineOptions options; /* its `listen` is owned */
  Keychain *keychain;
  KeychainAccount *keys;
  PealAccount *account;
  Configuration *first;   /* the node's own */
  Configuration *current; /* what `trust` borrows from */
  CertificateTrust trust;
  Signer *signer;
  World *world;
  Node *node;
  const LineEvents *events;
  void *user_data;
  bool is_name_taken;

  /* Listeners of peers attached lately, the latest first; for invitations. */
  InvitationPeer peers[LINE_PEERS_REMEMBERED];
  size_t peer_count;
};

/* Where a peer listens that has attached just now. */
void line_remember_peer (Line *self, LinkTransport transport, const Address *address);
