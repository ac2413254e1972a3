/* SPDX-License-Identifier: GPL-3.0-or-later */
/* property.h: what an object shows to windows: read-only properties, told of when they change. Most
 * are members of its struct, and one table says which; the rest its class makes up when asked. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef struct PropertyRow {
  const char *name; /* static */

  /* Of the member: G_TYPE_STRING (char *), BOOLEAN (bool), INT (an enum), UINT (unsigned), INT64
   * (gint64) or DOUBLE (0 to 1). */
  GType type;
  size_t offset; /* of the member; 0: the class tells it */
} PropertyRow;

/* Installs the rows as the properties 1 to `count`; ret_specs has one more, the first is unused. */
void properties_install (GObjectClass *klass,
                         const PropertyRow *rows,
                         guint count,
                         GParamSpec **ret_specs);

/* The value of a row that is a member of `object`. */
void property_get (gconstpointer object, const PropertyRow *row, GValue *value);

/* Sets a member and tells of it, unless it is so already. A text is never NULL: it is "". */
void property_show_text (gpointer object, char **member, const char *text, GParamSpec *spec);
void property_show_flag (gpointer object, bool *member, bool value, GParamSpec *spec);
