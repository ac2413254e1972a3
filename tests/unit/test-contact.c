/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contact-private.h"

static PealContact *
contact (const char *address, const char *name)
{
  return peal_contact_new (address, address, name, NULL, NULL);
}

static void
test_order (void)
{
  g_autoptr (PealContact) in_call = contact ("z@home", "Zoe");
  g_autoptr (PealContact) favourite = contact ("y@home", "Yves");
  g_autoptr (PealContact) available = contact ("x@home", "Xenia");
  g_autoptr (PealContact) away = contact ("a@home", "Ada");
  g_autoptr (PealContact) offline = contact ("b@home", "Bob");
  PealContact *order[] = { in_call, favourite, available, away, offline };

  peal_contact_show_presence (in_call, PEAL_PRESENCE_IN_CALL);
  peal_contact_show_favourite (favourite, true);
  peal_contact_show_presence (available, PEAL_PRESENCE_AVAILABLE);
  peal_contact_show_presence (away, PEAL_PRESENCE_AWAY);
  peal_contact_show_presence (offline, PEAL_PRESENCE_OFFLINE);
  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (order); j++) {
      int compared = peal_contact_compare (order[i], order[j]);

      g_assert_cmpint ((compared > 0) - (compared < 0), ==, (i > j) - (i < j));
    }
}

static void
count (GObject *object, GParamSpec *spec, gpointer user_data)
{
  ++*(unsigned *) user_data;
}

static void
test_texts_follow (void)
{
  g_autoptr (PealContact) self = contact ("bob@home", "Bob Ruiz");
  g_autofree char *row = NULL, *detail = NULL;
  unsigned notified = 0;

  g_signal_connect (self, "notify::accessible-text", G_CALLBACK (count), &notified);
  peal_contact_show_presence (self, PEAL_PRESENCE_AVAILABLE);
  peal_contact_show_missed (self, 1);
  peal_contact_show_missed (self, 1);
  g_assert_cmpuint (notified, ==, 2);
  g_object_get (self, "accessible-text", &row, "detail", &detail, NULL);
  g_assert_cmpstr (row, ==, "Bob Ruiz, available, bob@home, 1 missed call");
  g_assert_cmpstr (detail, ==, "1 missed call");
}

static void
test_detached_does_nothing (void)
{
  g_autoptr (PealContact) self = contact ("bob@home", "Bob");

  peal_contact_rename (self, "Robert");
  peal_contact_set_favourite (self, true);
  peal_contact_ask_again (self);
  peal_contact_accept_key (self);
  g_assert_cmpstr (peal_contact_get_name (self), ==, "Bob");
  g_assert_false (peal_contact_get_is_favourite (self));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contact/order", test_order);
  g_test_add_func ("/contact/texts-follow", test_texts_follow);
  g_test_add_func ("/contact/detached-does-nothing", test_detached_does_nothing);
  return g_test_run ();
}
