/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fake-names.h: stands in for the system's resolver: DNS knows one service of an overlay, or does
 * not, or cannot be asked. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef struct FakeNames {
  const char *record; /* nobody may ask for another */
  bool is_refusing;   /* DNS fails, now */
  unsigned port;      /* of this computer, where the service is; 0: there is no such record */
} FakeNames;

/* Is asked from now on in place of the system; `names` outlives the program's main(). */
void fake_names_install (const FakeNames *names);
