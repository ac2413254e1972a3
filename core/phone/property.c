/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/property.h"

static GParamSpec *
make_spec (const PropertyRow *row)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  switch (row->type) {
  case G_TYPE_BOOLEAN:
    return g_param_spec_boolean (row->name, NULL, NULL, FALSE, flags);
  case G_TYPE_INT:
    return g_param_spec_int (row->name, NULL, NULL, 0, G_MAXINT, 0, flags);
  case G_TYPE_UINT:
    return g_param_spec_uint (row->name, NULL, NULL, 0, G_MAXUINT, 0, flags);
  case G_TYPE_INT64:
    return g_param_spec_int64 (row->name, NULL, NULL, 0, G_MAXINT64, 0, flags);
  case G_TYPE_DOUBLE:
    return g_param_spec_double (row->name, NULL, NULL, 0, 1, 0, flags);
  default:
    g_assert (row->type == G_TYPE_STRING);
    return g_param_spec_string (row->name, NULL, NULL, NULL, flags);
  }
}

void
properties_install (GObjectClass *klass,
                    const PropertyRow *rows,
                    guint count,
                    GParamSpec **ret_specs)
{
  for (guint i = 0; i < count; i++)
    ret_specs[i + 1] = make_spec (&rows[i]);
  g_object_class_install_properties (klass, count + 1, ret_specs);
}

void
property_get (gconstpointer object, const PropertyRow *row, GValue *value)
{
  gconstpointer member = G_STRUCT_MEMBER_P (object, row->offset);

  g_assert (row->offset > 0);
  switch (row->type) {
  case G_TYPE_BOOLEAN:
    g_value_set_boolean (value, *(const bool *) member);
    break;
  case G_TYPE_INT:
    g_value_set_int (value, *(const int *) member);
    break;
  case G_TYPE_UINT:
    g_value_set_uint (value, *(const unsigned *) member);
    break;
  case G_TYPE_INT64:
    g_value_set_int64 (value, *(const gint64 *) member);
    break;
  case G_TYPE_DOUBLE:
    g_value_set_double (value, *(const double *) member);
    break;
  default:
    g_value_set_string (value, *(char *const *) member);
  }
}

void
property_show_text (gpointer object, char **member, const char *text, GParamSpec *spec)
{
  if (g_strcmp0 (*member, text ? text : "") == 0)
    return;
  g_free (*member);
  *member = g_strdup (text ? text : "");
  g_object_notify_by_pspec (object, spec);
}

void
property_show_flag (gpointer object, bool *member, bool value, GParamSpec *spec)
{
  if (*member == value)
    return;
  *member = value;
  g_object_notify_by_pspec (object, spec);
}
