/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall.h: which firewall this computer has, by what anybody may read. */
#pragma once
#include "core/os/ports.h"

/* `root` is where the file system begins: "/". That there is one does not say that it is in the
 * way. */
Firewall firewall_find (const char *root);
