/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage-private.h"
#include <glib/gstdio.h>

static GString *said;

void
stage_say (const char *format, ...)
{
  va_list values;

  va_start (values, format);
  g_string_append_vprintf (said, format, values);
  va_end (values);
  g_string_append_c (said, '\n');
}

bool
stage_said (const char *line)
{
  g_auto (GStrv) lines = g_strsplit (said->str, "\n", -1);

  g_string_truncate (said, 0);
  return g_strv_contains ((const char *const *) lines, line);
}

/* ---- The stage ---- */

PealPhoneOptions
stage_options (Stage *self)
{
  return (PealPhoneOptions){ .state_path = self->folder,
                             .media = &self->media,
                             .listen = "127.0.0.1:6084",
                             .is_user = true,
                             .is_discovering = true };
}

void
stage_restart (Stage *self)
{
  PealPhoneOptions options = stage_options (self);
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->phone);
  self->phone = peal_phone_new (&options, &error);
  g_assert_no_error (error);
}

void
stage_set_up (Stage *self, gconstpointer data)
{
  said = g_string_new (NULL);
  stage_world_reset ();
  stage_nodes = g_ptr_array_new ();
  stage_worlds = g_ptr_array_new ();
  stage_ears = g_ptr_array_new ();
  self->folder = g_dir_make_tmp ("peal-phone-XXXXXX", NULL);
  self->media = stage_media (self);
  stage_restart (self);
}

void
stage_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      stage_remove_folder (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

void
stage_tear_down (Stage *self, gconstpointer data)
{
  g_clear_object (&self->phone);
  g_assert_cmpuint (stage_nodes->len, ==, 0);
  g_assert_cmpuint (stage_worlds->len, ==, 0);
  g_assert_cmpuint (stage_ears->len, ==, 0);
  g_assert_cmpuint (self->sessions, ==, 0);
  g_ptr_array_unref (stage_nodes);
  g_ptr_array_unref (stage_worlds);
  g_ptr_array_unref (stage_ears);
  g_string_free (said, TRUE);
  stage_remove_folder (self->folder);
  g_free (self->folder);
}

PealAccount *
stage_create (Stage *self)
{
  g_autoptr (GError) error = NULL;
  PealAccount *account = peal_phone_create (self->phone, "home", "alice", "Alice", &error);

  g_assert_no_error (error);
  return account;
}

char *
stage_address (Stage *self, const char *user)
{
  return g_strdup_printf ("%s@%s", user, ((Node *) stage_nodes->pdata[0])->instance_name);
}

void
stage_tell_line (Line *line, const NodeEvent *event)
{
  Node *node = line_get_node (line);

  node->event (event, node->user_data);
}

void
stage_tell (Stage *self, const NodeEvent *event)
{
  stage_tell_line (self->phone->lines->pdata[0], event);
}

void
stage_tell_state (Stage *self, NodeState state, unsigned peers)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_STATE,
                                  .state = { .state = state, .peers = peers } });
}

void
stage_tell_call (
  Stage *self, uint32_t call, NodeCallState state, NodeCallEnd end, const char *address)
{
  stage_tell (self,
              &(NodeEvent){ .type = NODE_EVENT_CALL_STATE,
                            .call = { .call = call,
                                      .state = state,
                                      .left_s = state == NODE_CALL_LOST ? NODE_CALL_MEND_S : 0,
                                      .end = end,
                                      .address = address } });
}

void
stage_tell_incoming (Stage *self, uint32_t call, const char *address, const UserKey *key)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_INCOMING,
                                  .call = { .call = call,
                                            .state = NODE_CALL_RINGING,
                                            .address = address,
                                            .user_key = key } });
}

void
stage_tell_media (Stage *self, uint32_t call, uint32_t link)
{
  stage_tell (self, &(NodeEvent){ .type = NODE_EVENT_CALL_MEDIA,
                                  .media = { .call = call,
                                             .link = link,
                                             .codecs = { { .name = "opus", .clock_rate = 48000 } },
                                             .codec_count = 1 } });
}

UserKey
stage_key (uint8_t seed)
{
  UserKey key;

  memset (key.bytes, seed, sizeof key.bytes);
  return key;
}

gpointer
stage_item (GListModel *list, guint position)
{
  gpointer item = g_list_model_get_item (list, position);

  g_assert_nonnull (item);
  g_object_unref (item);
  return item;
}

const char *
stage_text (gpointer object, const char *property)
{
  static char *text;

  g_free (text);
  text = NULL;
  g_object_get (object, property, &text, NULL);
  return text;
}
