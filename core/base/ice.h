/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ice.h: what two ends of an ICE session tell each other (RFC 8445, 5.3), whatever carries it:
 * Attach, AppAttach or SDP. */
#pragma once
#include "core/base/address.h"
#include "core/base/limits.h"

/* The numbers are those of RFC 6940, 6.5.1.1. */
typedef enum CandidateType {
  CANDIDATE_HOST = 1,
  CANDIDATE_SERVER_REFLEXIVE = 2,
  CANDIDATE_RELAYED = 4,
} CandidateType;

typedef struct Candidate {
  CandidateType type;
  bool is_stream; /* TLS over TCP: without ICE only */
  Address address;
  Address related; /* family ADDRESS_NONE for a host candidate */
  uint32_t priority;
  char foundation[33];
} Candidate;

/* ufrag is 4 to 256 ice-chars, password 22 to 256 (RFC 8839, 5.4). Without ICE (RFC 6940, 6.5.1.11)
 * both are empty, and the candidates are addresses to connect to. */
typedef struct IceDescription {
  bool is_no_ice;
  char ufrag[257];
  char password[257];
  Candidate candidates[LIMIT_CANDIDATES];
  size_t candidate_count;
} IceDescription;
