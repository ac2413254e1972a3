/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/exposure.h"

#include <string.h>

/* A stranger who asks for a link learns the address of a relay and no other. On one network that
 * hides nothing, and there may be no relay at all: there the addresses on that network are told.
 *
 * Whether both are on one network is theirs to claim, and every second home has the same private
 * one. What would tell the truth is how the rest of the world sees us, which is what a stranger
 * does not know: where a server has told us, they must have been told the same. Where none has,
 * what is told, and whom we check, is on that network alone: a lie then gains an address that is of
 * no use elsewhere. But behind a firewall that lets no datagram out no server ever tells us, and
 * whoever has the same private network far away must be met at a relay: both are tried there. What
 * is checked at a relay that is a lie does not get out either.
 *
 * The related address of a relayed candidate, a help for diagnosis, would be our own one. */

enum { DISCARD_PORT = 9 }; /* RFC 8839, 5.1: in place of a related address */

static bool
is_same_host (const Address *a, const Address *b)
{
  return a->family == b->family && memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* An address of ours that they have as well is one that many have, like that of a bridge between
 * virtual machines; but on loopback it is this machine's. */
static bool
is_on_network_of (const Address *theirs,
                  const Address *ours,
                  const OwnNetwork *networks,
                  size_t network_count)
{
  if (address_is_loopback (ours))
    return address_is_loopback (theirs);
  for (size_t i = 0; i < network_count; i++)
    if (is_same_host (&networks[i].address, ours) &&
        address_has_prefix (theirs, ours, networks[i].bits) && !is_same_host (theirs, ours))
      return true;
  return false;
}

/* Whether a host candidate in `list` is on the network of `ours`. */
static bool
is_near (const Candidate *ours,
         const IceDescription *list,
         const OwnNetwork *networks,
         size_t network_count)
{
  for (size_t i = 0; i < list->candidate_count && ours->type == CANDIDATE_HOST; i++)
    if (list->candidates[i].type == CANDIDATE_HOST &&
        is_on_network_of (&list->candidates[i].address, &ours->address, networks, network_count))
      return true;
  return false;
}

/* Behind the same router, or behind none that anybody has told us of. */
static bool
is_seen_alike (const IceDescription *local, const IceDescription *remote)
{
  bool is_seen = false;

  for (size_t i = 0; i < local->candidate_count; i++)
    for (size_t j = 0;
         local->candidates[i].type == CANDIDATE_SERVER_REFLEXIVE && j < remote->candidate_count;
         j++) {
      is_seen = true;
      if (remote->candidates[j].type == CANDIDATE_SERVER_REFLEXIVE &&
          is_same_host (&local->candidates[i].address, &remote->candidates[j].address))
        return true;
    }
  return !is_seen;
}

static bool
has_near (const IceDescription *local,
          const IceDescription *remote,
          const OwnNetwork *networks,
          size_t network_count)
{
  for (size_t i = 0; i < local->candidate_count; i++)
    if (is_near (&local->candidates[i], remote, networks, network_count))
      return true;
  return false;
}

static bool
has_relayed (const IceDescription *local)
{
  for (size_t i = 0; i < local->candidate_count; i++)
    if (local->candidates[i].type == CANDIDATE_RELAYED)
      return true;
  return false;
}

Exposure
exposure_of (LinkExposure wanted,
             const IceDescription *local,
             const IceDescription *remote,
             const OwnNetwork *networks,
             size_t network_count)
{
  switch (wanted) {
  case LINK_EXPOSURE_OPEN:
  case LINK_EXPOSURE_DIRECT:
    return EXPOSURE_ALL;
  case LINK_EXPOSURE_RELAYED:
    return EXPOSURE_RELAYED;
  case LINK_EXPOSURE_STRANGER:
  case LINK_EXPOSURE_STRICT:
    break;
  }
  if (remote != NULL && is_seen_alike (local, remote) &&
      has_near (local, remote, networks, network_count))
    return EXPOSURE_NEAR;
  return has_relayed (local) || wanted == LINK_EXPOSURE_STRICT ? EXPOSURE_RELAYED : EXPOSURE_ALL;
}

static void
hide_related (Candidate *relayed)
{
  relayed->related = (Address){ .family = relayed->address.family, .port = DISCARD_PORT };
}

void
exposure_keep_near (IceDescription *local,
                    const IceDescription *remote,
                    const OwnNetwork *networks,
                    size_t network_count,
                    bool keeps_relayed)
{
  size_t count = 0;

  for (size_t i = 0; i < local->candidate_count; i++) {
    Candidate *candidate = &local->candidates[i];
    bool is_relayed = candidate->type == CANDIDATE_RELAYED;

    if (is_relayed)
      hide_related (candidate);
    if (is_relayed ? keeps_relayed : is_near (candidate, remote, networks, network_count))
      local->candidates[count++] = *candidate;
  }
  local->candidate_count = count;
}

void
exposure_keep_relayed (IceDescription *local)
{
  size_t count = 0;

  for (size_t i = 0; i < local->candidate_count; i++) {
    Candidate *candidate = &local->candidates[i];

    if (candidate->type != CANDIDATE_RELAYED)
      continue;
    hide_related (candidate);
    local->candidates[count++] = *candidate;
  }
  local->candidate_count = count;
}

void
exposure_keep_direct (IceDescription *description)
{
  size_t count = 0;

  for (size_t i = 0; i < description->candidate_count; i++)
    if (description->candidates[i].type != CANDIDATE_RELAYED)
      description->candidates[count++] = description->candidates[i];
  description->candidate_count = count;
}

void
exposure_keep_reachable (IceDescription *remote,
                         const IceDescription *near,
                         const OwnNetwork *networks,
                         size_t network_count)
{
  size_t count = 0;

  for (size_t i = 0; i < remote->candidate_count; i++) {
    const Candidate *theirs = &remote->candidates[i];
    bool is_reachable = theirs->type == CANDIDATE_RELAYED && has_relayed (near);

    for (size_t j = 0; j < near->candidate_count; j++)
      is_reachable |=
        theirs->type == CANDIDATE_HOST &&
        is_on_network_of (&theirs->address, &near->candidates[j].address, networks, network_count);
    if (is_reachable)
      remote->candidates[count++] = *theirs;
  }
  remote->candidate_count = count;
}
