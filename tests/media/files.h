/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.h: the fixture of sessions that speak and write files: a speaks 440 Hz, b 880 Hz. */
#pragma once
#include "tests/media/duo.h"

enum { FILES_HZ_A = 440, FILES_HZ_B = 880 };

typedef struct Files {
  CallMedia *media;
  char *folder, *tone_a, *tone_b, *heard_a, *heard_b;
} Files;

void files_set_up (Files *self, const void *data);
void files_tear_down (Files *self, const void *data);

/* Each speaks its file and writes what it hears. */
Duo *files_open_duo (Files *self);
bool files_both_heard (Duo *duo);

/* Share of a frequency in what was heard in the last `seconds` of a file. */
double files_share_heard (const char *path, double seconds, double hz);

#define FILES_ADD(path, data, func) \
  g_test_add (path, Files, data, files_set_up, func, files_tear_down)
