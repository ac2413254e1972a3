/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protection.h: which cure against loss we send, from what the peer reports. */
#pragma once

typedef enum ProtectionMode {
  PROTECTION_NONE, /* the peer conceals what is lost */
  PROTECTION_RED,  /* each packet carries the one before it too (RFC 2198) */
} ProtectionMode;

typedef struct Protection {
  ProtectionMode mode;
  double reported; /* smoothed loss as the peer reports it: with RED, what RED could not repair */
} Protection;

void protection_init (Protection *self);

/* One receiver report; `fraction_lost` is 0..1. */
void protection_report (Protection *self, double fraction_lost);

/* The loss on the way there as far as can be told, 0..1. */
double protection_loss (const Protection *self);
