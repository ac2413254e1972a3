/* SPDX-License-Identifier: GPL-3.0-or-later */
/* station.h: a phone that is switched on: its state folder taken, its sound ready, its overlays
 * joined, its control socket open. */
#pragma once
#include "core/phone/phone.h"

typedef struct Station Station;

typedef struct StationOptions {
  const char *state_path; /* NULL: the person's own folders */
  const char *listen;     /* "ADDR:PORT" or NULL */
  bool is_user;           /* false: a bare peer */
  bool is_relay;          /* relays for others even without a public address */
  bool has_sound;         /* false: no calls */
  bool is_new;            /* moves a damaged database aside first */
} StationOptions;

/* G_IO_ERROR_EXISTS when another program runs on the same state, an error of PEAL_PHONE_ERROR, or
 * one of the sound's. */
Station *station_new (const StationOptions *options, GError **error);

/* Ends calls and leaves the overlays in good order. */
void station_free (Station *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Station, station_free)

/* (transfer none) */
PealPhone *station_phone (Station *self);
