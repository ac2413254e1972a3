/* SPDX-License-Identifier: GPL-3.0-or-later */
/* display-name.h: what people call themselves, made harmless to show. */
#pragma once

enum { DISPLAY_NAME_CHARACTERS = 64 };

/* Reads a display name as it stands in a header, quoted or not (NULL: empty). Control, bidi and
 * other invisible characters are gone, white space is single, at most DISPLAY_NAME_CHARACTERS are
 * left. To be freed with g_free(). */
char *display_name_read (const char *text);

/* The quoted form for a header. To be freed with g_free(). */
char *display_name_write (const char *name);
