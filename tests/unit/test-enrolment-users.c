/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/enrolment-users.h"

#include <glib/gstdio.h>
#include <string.h>

#define INSTANCE "club-abcd2345.peal.alt"

enum { NOW_S = 1800000000, DAY_S = 24 * 3600 };

typedef struct Fixture {
  char *folder, *path;
  EnrolmentUsers *users;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("users-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "users.db", NULL);
  self->users = enrolment_users_new (self->path, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  const char *const endings[] = { "", "-wal", "-shm" };

  enrolment_users_free (self->users);
  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *path = g_strconcat (self->path, endings[i], NULL);

    g_unlink (path);
  }
  g_rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

typedef struct Try {
  const char *user, *code;
  const char *requested; /* NULL: the user's own */
  uint8_t key;
  unsigned count; /* 0: one */
  int64_t days;   /* later */
} Try;

static EnrolmentVerdict
claim (Fixture *self, const Try *try, NodeId ret_node_ids[ENROLMENT_DEVICE_NODE_IDS])
{
  g_autofree char *own = g_strconcat (try->user, "@" INSTANCE, NULL);
  EnrolmentClaim row = { .user = try->user,
                         .code = try->code,
                         .requested = try->requested != NULL ? try->requested : own,
                         .node_id_count = MAX (try->count, 1),
                         .now_s = NOW_S + try->days * DAY_S,
                         .until_s = NOW_S + (try->days + 90) * DAY_S };
  NodeId ids[ENROLMENT_DEVICE_NODE_IDS];

  memset (row.key_hash, try->key, sizeof row.key_hash);
  return enrolment_users_claim (self->users, &row, INSTANCE,
                                ret_node_ids != NULL ? ret_node_ids : ids);
}

#define CLAIM(...) claim (self, &(Try){ __VA_ARGS__ }, NULL)

static void
add (Fixture *self, const char *user, bool is_device, char ret_code[ENROLMENT_CODE_SIZE])
{
  g_assert_cmpint (enrolment_users_add (self->users, user, is_device, NOW_S, ret_code), ==,
                   ENROLMENT_GRANTED);
}

static void
test_codes (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];

  g_assert_true (enrolment_code_from_typed (" ABCD efgh-2345\t67AB ", code));
  g_assert_cmpstr (code, ==, "abcd-efgh-2345-67ab");
  g_assert_false (enrolment_code_from_typed ("", code));
  g_assert_false (enrolment_code_from_typed ("abcd-efgh-2345-67a", code));
  g_assert_false (enrolment_code_from_typed ("abcd-efgh-2345-67abc", code));
  g_assert_false (enrolment_code_from_typed ("abcd-efgh-2345-6719", code));
}

/* The device that has used it may come back, nobody else. */
static void
test_one_time (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];
  NodeId first[ENROLMENT_DEVICE_NODE_IDS], again[ENROLMENT_DEVICE_NODE_IDS];

  add (self, "bob", false, code);
  g_assert_cmpint (claim (self, &(Try){ "bob", code, .key = 1 }, first), ==, ENROLMENT_GRANTED);
  g_assert_cmpint (CLAIM ("bob", code, .key = 2), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (claim (self, &(Try){ "bob", code, .key = 1, .days = 70 }, again), ==,
                   ENROLMENT_GRANTED);
  g_assert_true (node_id_equal (&first[0], &again[0]));
}

/* The same person with the same key, at two servers: nobody could tell beforehand. */
static void
test_chance (Fixture *self, gconstpointer data)
{
  NodeId ids[2][ENROLMENT_DEVICE_NODE_IDS];
  Fixture other;

  set_up (&other, NULL);
  for (unsigned i = 0; i < 2; i++) {
    Fixture *server = i == 0 ? self : &other;
    char code[ENROLMENT_CODE_SIZE];
    add (server, "bob", false, code);
    g_assert_cmpint (claim (server, &(Try){ "bob", code, .key = 1, .count = 2 }, ids[i]), ==,
                     ENROLMENT_GRANTED);
    g_assert_false (node_id_equal (&ids[i][0], &ids[i][1]));
  }
  g_assert_false (node_id_equal (&ids[0][0], &ids[1][0]));
  tear_down (&other, NULL);
}

static void
test_kept (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];

  add (self, "bob", false, code);
  g_assert_cmpint (CLAIM ("bob", code, .key = 1), ==, ENROLMENT_GRANTED);
  enrolment_users_free (self->users);
  self->users = enrolment_users_new (self->path, NULL);
  g_assert_cmpint (CLAIM ("bob", code, .key = 1), ==, ENROLMENT_GRANTED);
  g_assert_cmpint (CLAIM ("bob", code, .key = 2), ==, ENROLMENT_NOT_AUTHENTICATED);
}

/* Nothing in the file gives a code away. */
static void
test_hashed_at_rest (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];
  g_autofree char *contents = NULL;
  gsize size;

  add (self, "bob", false, code);
  enrolment_users_free (self->users);
  g_assert_true (g_file_get_contents (self->path, &contents, &size, NULL));
  g_assert_null (memmem (contents, size, code, strlen (code)));
  g_assert_nonnull (memmem (contents, size, "bob", 3));
  self->users = enrolment_users_new (self->path, NULL);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  char bob[ENROLMENT_CODE_SIZE], alice[ENROLMENT_CODE_SIZE];

  add (self, "bob", false, bob);
  add (self, "alice", false, alice);
  g_assert_cmpint (CLAIM ("bob", alice), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("bob", "aaaa-aaaa-aaaa-aaaa"), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("bob", ""), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("", bob), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("Bob", bob), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("bob", bob, .days = 31), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (CLAIM ("bob", bob, "alice@" INSTANCE), ==, ENROLMENT_NAME_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", bob, "bob@other.example"), ==, ENROLMENT_NAME_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", bob, "bob"), ==, ENROLMENT_NAME_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", bob, .count = 6), ==, ENROLMENT_NODE_IDS_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", bob), ==, ENROLMENT_GRANTED);
}

static void
test_names_are_unique (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE], any[ENROLMENT_CODE_SIZE];

  add (self, "bob", false, code);
  g_assert_cmpint (enrolment_users_add (self->users, "bob", false, NOW_S, code), ==,
                   ENROLMENT_NAME_NOT_AVAILABLE);
  add (self, NULL, false, any);
  g_assert_cmpint (CLAIM ("bob", any), ==, ENROLMENT_NAME_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("carol", any), ==, ENROLMENT_GRANTED);
  g_assert_cmpint (CLAIM ("dave", any), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_cmpint (enrolment_users_add (self->users, "carol", false, NOW_S, code), ==,
                   ENROLMENT_NAME_NOT_AVAILABLE);
}

static void
test_node_ids_of_all_devices_count (Fixture *self, gconstpointer data)
{
  char first[ENROLMENT_CODE_SIZE], second[ENROLMENT_CODE_SIZE];
  NodeId ids[ENROLMENT_DEVICE_NODE_IDS];

  add (self, "bob", false, first);
  add (self, "bob", true, second);
  g_assert_cmpint (claim (self, &(Try){ "bob", first, .key = 1, .count = 3 }, ids), ==,
                   ENROLMENT_GRANTED);
  g_assert_false (node_id_equal (&ids[0], &ids[1]));
  g_assert_cmpint (CLAIM ("bob", first, .key = 1, .count = 2), ==,
                   ENROLMENT_NODE_IDS_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", second, .key = 2, .count = 3), ==,
                   ENROLMENT_NODE_IDS_NOT_AVAILABLE);
  g_assert_cmpint (CLAIM ("bob", second, .key = 2, .count = 2), ==, ENROLMENT_GRANTED);
}

static void
append_user (const EnrolmentUser *user, void *user_data)
{
  g_string_append_printf (user_data, "%s %u %u%s;", user->name, user->devices, user->waiting,
                          user->is_removed ? " removed" : "");
}

static void
assert_list (Fixture *self, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  enrolment_users_list (self->users, NOW_S, append_user, text);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_removing (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE], other[ENROLMENT_CODE_SIZE];
  NodeId ids[ENROLMENT_DEVICE_NODE_IDS];
  g_autoptr (GArray) gone = NULL;

  add (self, "bob", false, code);
  add (self, "alice", false, other);
  assert_list (self, "alice 0 1;bob 0 1;");
  g_assert_cmpint (claim (self, &(Try){ "bob", code, .key = 1, .count = 2 }, ids), ==,
                   ENROLMENT_GRANTED);
  assert_list (self, "alice 0 1;bob 1 0;");
  g_assert_null (enrolment_users_node_ids (self->users, "carol", NOW_S));
  gone = enrolment_users_node_ids (self->users, "bob", NOW_S);
  g_assert_cmpuint (gone->len, ==, 2);
  g_assert_true (node_id_equal (&g_array_index (gone, NodeId, 1), &ids[1]));
  g_assert_true (enrolment_users_remove (self->users, "bob"));
  assert_list (self, "alice 0 1;bob 0 0 removed;");
  g_assert_cmpint (CLAIM ("bob", code, .key = 1), ==, ENROLMENT_NOT_AUTHENTICATED);
  g_assert_null (enrolment_users_node_ids (self->users, "bob", NOW_S));
  g_assert_cmpint (enrolment_users_add (self->users, "bob", false, NOW_S, code), ==,
                   ENROLMENT_NAME_NOT_AVAILABLE);
  add (self, "bob", true, code);
  g_assert_cmpint (CLAIM ("bob", code, .key = 3), ==, ENROLMENT_GRANTED);
}

static void
test_codes_that_wait_are_limited (Fixture *self, gconstpointer data)
{
  char code[ENROLMENT_CODE_SIZE];

  for (int i = 0; i < LIMIT_ENROLMENT_CODES; i++)
    add (self, NULL, false, code);
  g_assert_cmpint (enrolment_users_add (self->users, NULL, false, NOW_S, code), ==,
                   ENROLMENT_NODE_IDS_NOT_AVAILABLE);
  g_assert_cmpint (enrolment_users_add (self->users, NULL, false, NOW_S + 31 * DAY_S, code), ==,
                   ENROLMENT_GRANTED);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/enrolment-users/codes-as-people-type-them", test_codes);
  ADD ("/enrolment-users/codes-serve-one-key", test_one_time);
  ADD ("/enrolment-users/rfc6940-11.3-15-16-17-node-ids-are-a-matter-of-chance", test_chance);
  ADD ("/enrolment-users/kept", test_kept);
  ADD ("/enrolment-users/codes-are-hashed-at-rest", test_hashed_at_rest);
  ADD ("/enrolment-users/refused", test_refused);
  ADD ("/enrolment-users/names-are-unique", test_names_are_unique);
  ADD ("/enrolment-users/threat-2.5-node-ids-of-all-devices-count",
       test_node_ids_of_all_devices_count);
  ADD ("/enrolment-users/removed-people-stay-away", test_removing);
  ADD ("/enrolment-users/codes-that-wait-are-limited", test_codes_that_wait_are_limited);
  return g_test_run ();
}
