/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.h: somebody waits for this person's decision, or can be found nearby.
 *
 * PealRequest: kind (PealRequestKind), address, name, text ("farid@club wants to add you").
 * PealNearby: label, peers (uint), text ("There is already a network “home” here with 3 people.").
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef enum PealRequestKind {
  PEAL_REQUEST_BUDDY,    /* wants to see this person's presence and call */
  PEAL_REQUEST_NEWCOMER, /* a computer on this network wants to join the overlay */
} PealRequestKind;

#define PEAL_TYPE_REQUEST (peal_request_get_type ())
G_DECLARE_FINAL_TYPE (PealRequest, peal_request, PEAL, REQUEST, GObject)

PealRequestKind peal_request_get_kind (PealRequest *self);
const char *peal_request_get_address (PealRequest *self);

/* Accepting a buddy adds them and asks back. The request leaves the list either way. */
void peal_request_accept (PealRequest *self);
void peal_request_refuse (PealRequest *self);

#define PEAL_TYPE_NEARBY (peal_nearby_get_type ())
G_DECLARE_FINAL_TYPE (PealNearby, peal_nearby, PEAL, NEARBY, GObject)

const char *peal_nearby_get_label (PealNearby *self);
guint peal_nearby_get_peers (PealNearby *self);
