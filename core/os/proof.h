/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof.h: who is at the other end of a link that a shared secret keys (RFC 6940, 13.4).
 *
 * Such a handshake shows no certificates. So the first thing that each side says over the link is
 * its certificate, with a signature over what only this link has. */
#pragma once
#include "core/base/timers.h"
#include "core/crypto/signer.h"

typedef struct ssl_st SSL;
typedef struct Proof Proof;

typedef enum ProofState {
  PROOF_AWAITED,
  PROOF_GOOD,
  PROOF_BAD,
} ProofState;

/* Where a record of ours goes: into the link. */
typedef void (*ProofSend) (void *owner, Bytes record);

/* For the link of `ssl`, whose handshake is over. `timers` is NULL for a stream, where nothing is
 * lost; all but the owner outlive it. */
Proof *proof_new (const Signer *signer, SSL *ssl, Timers *timers, ProofSend send, void *owner);
void proof_free (Proof *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Proof, proof_free)

/* Says ours. PROOF_BAD when there can be none: the handshake lacks what makes it one of its kind.
 */
ProofState proof_start (Proof *self);

/* What came over the link; takes what is of the proof. What is left then, borrowed until the next
 * call, is the link's own: nothing unless the proof is good. */
ProofState proof_hear (Proof *self, Bytes *bytes);

/* Of the other end, once its proof is good. */
Certificate *proof_certificate (const Proof *self);
