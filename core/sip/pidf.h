/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pidf.h: a presence document (RFC 3863), with what the person does (RFC 4479, RFC 4480). */
#pragma once
#include "core/sip/user-agent.h"

#define PIDF_CONTENT_TYPE "application/pidf+xml"

/* To be freed with g_free(). */
char *pidf_write (const char *address, const char *contact, PresenceState state);

/* PRESENCE_OFFLINE to PRESENCE_IN_CALL; PRESENCE_UNKNOWN when it is no presence document. */
PresenceState pidf_read (Bytes text);
