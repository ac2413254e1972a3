/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.h: one flat JSON object on one line, as the programs print it. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef GString Json;

Json *json_new (void);
void json_text (Json *self, const char *name, const char *value); /* NULL prints null */
void json_whole (Json *self, const char *name, gint64 value);     /* negative prints null */
void json_share (Json *self, const char *name, double value);     /* three decimals */
void json_truth (Json *self, const char *name, bool value);
void json_texts (Json *self, const char *name, const char *const *values); /* ends with NULL */

/* The closed object, without a newline. Frees `self`. (transfer full) */
char *json_end (Json *self);
