/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gruu.h: the address of one device of a user (RFC 7904, 6). */
#pragma once
#include "core/base/route.h"

/* "sip:user@instance-name;gr=…", to be freed with g_free(). */
char *gruu_write (const char *address, const NodeId *node_id);

/* Reads the value of a gr parameter; false unless it is a destination list of Node-IDs, and not too
 * long. */
bool gruu_read (const char *gr, Route *ret_route);
