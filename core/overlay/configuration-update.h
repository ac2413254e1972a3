/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration-update.h: newer configurations, taken over from others and handed on to them (RFC
 * 6940, 6.3.2.1 and 6.5.4). */
#pragma once
#include "core/overlay/configuration.h"
#include "core/overlay/incoming.h"

struct Overlay;

typedef struct ConfigurationUpdate ConfigurationUpdate;

ConfigurationUpdate *configuration_update_new (struct Overlay *overlay);
void configuration_update_free (ConfigurationUpdate *self);

/* Puts `document` in the place of the present one, if it is a lawful successor, and tells all
 * neighbors. One that asks for what we cannot do makes us leave the overlay (11.1). */
ConfigurationVerdict configuration_update_adopt (ConfigurationUpdate *self, Bytes document);

/* A Kind that an earlier life kept. False when it does not belong to the present document. */
bool configuration_update_restore (ConfigurationUpdate *self, Bytes value);

/* The handler of ConfigUpdate. */
void configuration_update_handle (ConfigurationUpdate *self, Incoming *request);

/* `peer` has an older document: sends it ours, over `connection` when that leads to it. */
void configuration_update_push (ConfigurationUpdate *self, const NodeId *peer, uint32_t connection);

/* An error that `peer` answered with may say that it is behind: then sends what it lacks. */
void configuration_update_on_error (
  ConfigurationUpdate *self, const NodeId *peer, uint32_t connection, ReloadCode code, Bytes info);
