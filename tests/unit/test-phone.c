/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"
#include <glib/gstdio.h>

static void
write_file (Stage *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
assert_refused (Stage *self, PealPhoneError code)
{
  PealPhoneOptions options = stage_options (self);
  g_autoptr (GError) error = NULL;
  PealPhone *phone = peal_phone_new (&options, &error);

  g_assert_null (phone);
  g_assert_error (error, PEAL_PHONE_ERROR, (int) code);
}

static void
test_status (Stage *self, gconstpointer data)
{
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "You are in no network yet");
  stage_assert_said ("ask");
  stage_create (self);
  stage_tell_state (self, NODE_LOOKING, 1);
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "Looking for people on this network…");
  stage_tell_state (self, NODE_ALONE, 1);
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "Ready · nobody else is in “home” yet");
  stage_tell_state (self, NODE_READY, 5);
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "Ready · “home”: 4 people connected");
  stage_assert_said ("announce home 5");
  stage_tell_state (self, NODE_DUPLICATE, 1);
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==,
                   "Peal is already running with this identity on another computer.");
}

static void
test_clock (Stage *self, gconstpointer data)
{
  stage_create (self);
  stage_tell_state (self, NODE_READY, 2);
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CLOCK, .clock_offset_ms = 20000 });
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==, "Ready · “home”: 1 person connected");
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CLOCK, .clock_offset_ms = -724000 });
  g_assert_cmpstr (peal_phone_get_status (self->phone), ==,
                   "Your computer's clock is 12 min 4 s slow.");
}

static void
test_account_comes_back (Stage *self, gconstpointer data)
{
  g_autofree char *address = g_strdup (peal_account_get_address (stage_create (self)));
  PealAccount *account;

  g_assert_nonnull (peal_phone_create (self->phone, "home", "alice", "Alice", NULL));
  stage_assert_said ("listen 127.0.0.1:0");
  stage_restart (self);
  stage_assert_said ("listen 127.0.0.1:6084");
  g_assert_cmpuint (stage_count (peal_phone_get_accounts (self->phone)), ==, 2);
  account = stage_item (peal_phone_get_accounts (self->phone), 0);
  g_assert_cmpstr (peal_account_get_address (account), ==, address);
  g_assert_cmpstr (peal_account_get_display_address (account), ==, "alice@home");
  account = stage_item (peal_phone_get_accounts (self->phone), 1);
  g_assert_cmpstr (peal_account_get_display_address (account), ==, "alice@home 2");
}

static void
test_damaged_data_leaves_the_identity (Stage *self, gconstpointer data)
{
  PealPhoneOptions options = stage_options (self);
  g_autofree char *address = g_strdup (peal_account_get_address (stage_create (self)));

  g_clear_object (&self->phone);
  write_file (self, "own.db", "this is no database, though it is longer than one page header is");
  assert_refused (self, PEAL_PHONE_ERROR_DATA);
  g_assert_true (peal_phone_repair (&options, NULL));
  stage_restart (self);
  g_assert_cmpstr (peal_account_get_address (stage_item (peal_phone_get_accounts (self->phone), 0)),
                   ==, address);
}

static void
test_key_open_to_others_is_refused (Stage *self, gconstpointer data)
{
  PealPhoneOptions options = stage_options (self);
  g_autofree char *path = g_build_filename (self->folder, "keys", "user.key", NULL);

  stage_create (self);
  g_clear_object (&self->phone);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  assert_refused (self, PEAL_PHONE_ERROR_KEY);
  g_assert_true (peal_phone_repair (&options, NULL));
  stage_restart (self);
}

static void
test_missing_key_is_refused (Stage *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "keys", "user.key", NULL);

  stage_create (self);
  g_clear_object (&self->phone);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_refused (self, PEAL_PHONE_ERROR_KEY);
}

static void
test_lists_are_properties (Stage *self, gconstpointer data)
{
  const char *const names[] = { "accounts", "contacts", "requests", "nearby", "calls", "history" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GListModel) list = NULL;

    g_object_get (self->phone, names[i], &list, NULL);
    g_assert_true (G_IS_LIST_MODEL (list));
  }
}

static void
test_stop_leaves_in_good_order (Stage *self, gconstpointer data)
{
  stage_create (self);
  peal_phone_stop (self->phone);
  stage_assert_said ("stop");
  peal_phone_stop (self->phone);
  stage_assert_not_said ("stop");
}

static gboolean
on_idle (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_leave_waits_until_heard (Stage *self, gconstpointer data)
{
  guint others = g_idle_add (on_idle, NULL);

  stage_create (self);
  peal_phone_leave (self->phone);
  stage_assert_said ("quiet");
  g_assert_cmpuint (g_list_model_get_n_items (peal_phone_get_accounts (self->phone)), ==, 0);
  g_source_remove (others);
}

#define ADD(path, func) g_test_add (path, Stage, NULL, stage_set_up, func, stage_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/phone/status", test_status);
  ADD ("/phone/threat-5.5-clock", test_clock);
  ADD ("/phone/account-comes-back", test_account_comes_back);
  ADD ("/phone/threat-5.3-damaged-data-leaves-the-identity", test_damaged_data_leaves_the_identity);
  ADD ("/phone/threat-5.6-key-open-to-others-is-refused", test_key_open_to_others_is_refused);
  ADD ("/phone/threat-5.6-missing-key-is-refused", test_missing_key_is_refused);
  ADD ("/phone/lists-are-properties", test_lists_are_properties);
  ADD ("/phone/stop-leaves-in-good-order", test_stop_leaves_in_good_order);
  ADD ("/phone/leave-waits-until-it-is-heard", test_leave_waits_until_heard);
  return g_test_run ();
}
