/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim-signer.h: signatures that cost next to nothing: a keyed hash, and certificates that say who
 * they are. Whoever knows a Node-ID could forge; the simulation has no such peers but those that it
 * means to have. */
#pragma once
#include "core/crypto/signer.h"

void sim_signer_init (Signer *signer, const NodeId *id, const char *user);
void sim_signer_clear (Signer *signer);
