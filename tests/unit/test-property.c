/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/property.h"

#define TYPE_LAMP (lamp_get_type ())
G_DECLARE_FINAL_TYPE (Lamp, lamp, TEST, LAMP, GObject)

typedef enum Colour { COLOUR_WHITE, COLOUR_RED } Colour;

struct _Lamp {
  GObject parent;

  char *name;
  bool is_on;
  Colour colour;
  unsigned watts;
  gint64 since;
  double level;
};

G_DEFINE_FINAL_TYPE (Lamp, lamp, G_TYPE_OBJECT)

enum { PROP_NAME = 1, PROP_IS_ON, PROP_COUNT = 8 };

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "name", G_TYPE_STRING, offsetof (Lamp, name) },
  { "is-on", G_TYPE_BOOLEAN, offsetof (Lamp, is_on) },
  { "colour", G_TYPE_INT, offsetof (Lamp, colour) },
  { "watts", G_TYPE_UINT, offsetof (Lamp, watts) },
  { "since", G_TYPE_INT64, offsetof (Lamp, since) },
  { "level", G_TYPE_DOUBLE, offsetof (Lamp, level) },
  { "text", G_TYPE_STRING },
};

static void
lamp_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (rows[id - 1].offset == 0)
    g_value_set_string (value, "made up");
  else
    property_get (object, &rows[id - 1], value);
}

static void
lamp_finalize (GObject *object)
{
  g_free (TEST_LAMP (object)->name);
  G_OBJECT_CLASS (lamp_parent_class)->finalize (object);
}

static void
lamp_class_init (LampClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = lamp_get_property;
  object_class->finalize = lamp_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
lamp_init (Lamp *self)
{
  self->name = g_strdup ("hall");
  self->is_on = true;
  self->colour = COLOUR_RED;
  self->watts = 40;
  self->since = G_GINT64_CONSTANT (5000000000);
  self->level = 0.5;
}

static void
test_members (void)
{
  g_autoptr (Lamp) lamp = g_object_new (TYPE_LAMP, NULL);
  g_autofree char *name = NULL, *text = NULL;
  gboolean is_on;
  int colour;
  unsigned watts;
  gint64 since;
  double level;

  g_object_get (lamp, "name", &name, "is-on", &is_on, "colour", &colour, "watts", &watts, "since",
                &since, "level", &level, "text", &text, NULL);
  g_assert_cmpstr (name, ==, "hall");
  g_assert_true (is_on);
  g_assert_cmpint (colour, ==, COLOUR_RED);
  g_assert_cmpuint (watts, ==, 40);
  g_assert_cmpint (since, ==, G_GINT64_CONSTANT (5000000000));
  g_assert_cmpfloat (level, ==, 0.5);
  g_assert_cmpstr (text, ==, "made up");
}

static void
on_notify (GObject *object, GParamSpec *spec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", spec->name);
}

static void
test_told_when_changed (void)
{
  g_autoptr (Lamp) lamp = g_object_new (TYPE_LAMP, NULL);
  g_autoptr (GString) told = g_string_new (NULL);

  g_signal_connect (lamp, "notify", G_CALLBACK (on_notify), told);
  property_show_text (lamp, &lamp->name, "hall", properties[PROP_NAME]);
  property_show_flag (lamp, &lamp->is_on, true, properties[PROP_IS_ON]);
  g_assert_cmpstr (told->str, ==, "");
  property_show_text (lamp, &lamp->name, NULL, properties[PROP_NAME]);
  property_show_text (lamp, &lamp->name, "", properties[PROP_NAME]);
  property_show_flag (lamp, &lamp->is_on, false, properties[PROP_IS_ON]);
  g_assert_cmpstr (told->str, ==, "name is-on ");
  g_assert_cmpstr (lamp->name, ==, "");
  g_assert_false (lamp->is_on);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/property/members", test_members);
  g_test_add_func ("/property/told-when-changed", test_told_when_changed);
  return g_test_run ();
}
