/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exposure.h: which of our candidates somebody gets to see (threat 4.13). */
#pragma once
#include "core/base/ports.h"
#include "core/os/socket.h"

typedef enum Exposure {
  EXPOSURE_ALL,
  EXPOSURE_NEAR,    /* those on a network that both are on */
  EXPOSURE_RELAYED, /* relayed ones, of which there may be none */
} Exposure;

/* `remote` is what they have said of themselves, NULL when that is not known. */
Exposure exposure_of (LinkExposure wanted,
                      const IceDescription *local,
                      const IceDescription *remote,
                      const OwnNetwork *networks,
                      size_t network_count);

/* Leave the other candidates out of ours. Where no datagram gets out, relayed ones may stay beside
 * those that are near. */
void exposure_keep_near (IceDescription *local,
                         const IceDescription *remote,
                         const OwnNetwork *networks,
                         size_t network_count,
                         bool keeps_relayed);
void exposure_keep_relayed (IceDescription *local);
void exposure_keep_direct (IceDescription *description);

/* Leaves out of theirs what is not on the networks of `near`, ours; but with a relay among these,
 * theirs stay. */
void exposure_keep_reachable (IceDescription *remote,
                              const IceDescription *near,
                              const OwnNetwork *networks,
                              size_t network_count);
