/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/store.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Fixture {
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  /* In memory where that can be had: a thousand databases are flushed here. */
  self->folder = g_strdup ("/dev/shm/peal-store-XXXXXX");
  if (!g_mkdtemp_full (self->folder, 0700)) {
    g_free (self->folder);
    self->folder = g_dir_make_tmp ("peal-store-XXXXXX", NULL);
  }
}

static void
remove_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_unlink (path) != 0)
      g_rmdir (path);
  }
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  remove_files (self->folder);
  g_rmdir (self->folder);
  g_free (self->folder);
}

static char *
path_of (Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static Store *
open_store (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  Store *store = store_new (self->folder, &error);

  g_assert_no_error (error);
  return store;
}

static void
assert_refused (Fixture *self, StoreError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Store) store = store_new (self->folder, &error);

  g_assert_null (store);
  g_assert_error (error, STORE_ERROR, (int) code);
}

static void
add_call (Store *store, int64_t number)
{
  StoreCall call = { .address = (char *) "bob@home-x.peal.alt",
                     .started = number,
                     .is_incoming = true,
                     .is_missed = true };

  g_assert_cmpint (store_add_call (store, &call), >, 0);
}

/* ---- What is kept comes back ---- */

static void
test_people_come_back (Fixture *self, gconstpointer data)
{
  StorePerson bob = { .address = (char *) "bob@home-x.peal.alt",
                      .name = (char *) "Bob Ruiz",
                      .is_contact = true,
                      .is_favourite = true,
                      .is_relayed = true,
                      .decision = 1,
                      .has_key = true,
                      .trust = 2,
                      .seen = 12,
                      .talked = 34,
                      .other_since = 78 };
  StorePerson eve = { .address = (char *) "eve@home-x.peal.alt", .name = (char *) "" };
  Store *store = open_store (self);
  g_autoptr (GPtrArray) people = NULL;
  StorePerson *read;

  memset (bob.key.bytes, 7, sizeof bob.key.bytes);
  g_assert_true (store_put_person (store, &eve));
  g_assert_true (store_put_person (store, &bob));
  bob.talked = 56;
  g_assert_true (store_put_person (store, &bob));
  g_assert_true (store_remove_person (store, eve.address));
  store_free (store);

  store = open_store (self);
  people = store_people (store);
  g_assert_cmpuint (people->len, ==, 1);
  read = people->pdata[0];
  g_assert_cmpstr (read->name, ==, "Bob Ruiz");
  g_assert_true (read->is_contact && read->is_favourite && read->has_key && read->is_relayed);
  g_assert_false (read->has_other_key);
  g_assert_cmpmem (&read->key, sizeof read->key, &bob.key, sizeof bob.key);
  g_assert_cmpint (read->decision, ==, 1);
  g_assert_cmpint (read->trust, ==, 2);
  g_assert_cmpint (read->seen, ==, 12);
  g_assert_cmpint (read->talked, ==, 56);
  g_assert_cmpint (read->other_since, ==, 78);
  store_free (store);
}

static void
test_calls_come_back (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = open_store (self);
  g_autoptr (GPtrArray) calls = NULL;
  StoreCall *latest;

  for (int i = 1; i <= 5; i++)
    add_call (store, i);
  g_assert_true (store_update_call (store, 5, false, 724));
  g_assert_true (store_mark_seen (store, "nobody@home-x.peal.alt"));
  calls = store_calls (store, 3);
  g_assert_cmpuint (calls->len, ==, 3);
  latest = calls->pdata[0];
  g_assert_cmpint (latest->started, ==, 5);
  g_assert_cmpuint (latest->duration, ==, 724);
  g_assert_false (latest->is_missed);
  g_assert_false (latest->is_seen);
  g_clear_pointer (&calls, g_ptr_array_unref);
  g_assert_true (store_mark_seen (store, NULL));
  calls = store_calls (store, 9);
  g_assert_cmpuint (calls->len, ==, 5);
  g_assert_true (((StoreCall *) calls->pdata[4])->is_seen);
}

static void
test_settings_come_back (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = open_store (self);
  g_autofree char *before = store_get_setting (store, "open");
  g_autofree char *after = NULL;

  g_assert_null (before);
  g_assert_true (store_set_setting (store, "open", "no"));
  g_assert_true (store_set_setting (store, "open", "yes"));
  after = store_get_setting (store, "open");
  g_assert_cmpstr (after, ==, "yes");
}

static void
on_kept (KeepTable table, Bytes key, Bytes value, void *user_data)
{
  GString *text = user_data;

  g_string_append_printf (text, "%d %.*s=%.*s;", (int) table, (int) key.size,
                          (const char *) key.data, (int) value.size, (const char *) value.data);
}

static void
test_kept_by_scope (Fixture *self, gconstpointer data)
{
  Store *store = open_store (self);
  g_autoptr (GString) text = g_string_new (NULL);
  Bytes nothing = { NULL, 0 };

  store_keep (store, "a", KEEP_OWN, bytes_of_text ("k"), bytes_of_text ("1"));
  store_keep (store, "a", KEEP_HOST, bytes_of_text ("k"), bytes_of_text ("2"));
  store_keep (store, "b", KEEP_HOST, bytes_of_text ("k"), bytes_of_text ("3"));
  store_keep (store, "a", KEEP_HOST, bytes_of_text ("k"), bytes_of_text ("4"));
  store_keep (store, "a", KEEP_RESOURCE, bytes_of_text ("r"), bytes_of_text ("5"));
  store_keep (store, "a", KEEP_RESOURCE, bytes_of_text ("r"), nothing);
  store_free (store);
  store = open_store (self);
  store_kept (store, "a", on_kept, text);
  g_assert_cmpstr (text->str, ==, "2 k=1;1 k=4;");
  store_free (store);
}

static void
test_batch_is_written_by_itself (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = open_store (self);
  g_autofree char *path = path_of (self, "overlay.db");
  sqlite3 *other;
  sqlite3_stmt *statement;
  int count = 0;

  store_keep (store, "a", KEEP_OWN, bytes_of_text ("k"), bytes_of_text ("1"));
  g_assert_cmpint (sqlite3_open_v2 (path, &other, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (other, "SELECT count(*) FROM kept", -1, &statement, NULL),
                   ==, SQLITE_OK);
  while (count == 0) {
    g_main_context_iteration (NULL, TRUE);
    g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
    count = sqlite3_column_int (statement, 0);
    sqlite3_reset (statement);
  }
  sqlite3_finalize (statement);
  sqlite3_close (other);
}

/* ---- Who may read it ---- */

static void
test_files_are_private (Fixture *self, gconstpointer data)
{
  const char *const names[] = { "own.db",     "own.db-wal",     "own.db-shm",
                                "overlay.db", "overlay.db-wal", "overlay.db-shm" };
  mode_t mask = umask (0);
  g_autoptr (Store) store = open_store (self);

  umask (mask);
  add_call (store, 1);
  store_keep (store, "a", KEEP_OWN, bytes_of_text ("k"), bytes_of_text ("1"));
  store_flush (store);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = path_of (self, names[i]);
    struct stat status;

    g_assert_cmpint (lstat (path, &status), ==, 0);
    g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  }
}

/* ---- Damage ---- */

static void
run_sql (Fixture *self, const char *name, const char *sql)
{
  g_autofree char *path = path_of (self, name);
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (handle);
}

static void
test_newer_is_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  store_free (open_store (self));
  run_sql (self, "own.db", "PRAGMA user_version = 99");
  assert_refused (self, STORE_ERROR_NEWER);
  g_assert_false (store_repair (self->folder, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NEWER);
}

static void
test_no_version_is_below_zero (Fixture *self, gconstpointer data)
{
  store_free (open_store (self));
  run_sql (self, "own.db", "PRAGMA user_version = -16777214");
  assert_refused (self, STORE_ERROR_DAMAGED);
  g_assert_true (store_repair (self->folder, NULL));
  store_free (open_store (self));
}

static void
test_foreign_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *path = path_of (self, "own.db"), *before = NULL, *after = NULL;
  gsize before_size, after_size;

  run_sql (self, "own.db", "CREATE TABLE mark (is_open); PRAGMA application_id = 1");
  g_assert_true (g_file_get_contents (path, &before, &before_size, NULL));
  assert_refused (self, STORE_ERROR_DAMAGED);
  g_assert_true (g_file_get_contents (path, &after, &after_size, NULL));
  g_assert_cmpmem (before, before_size, after, after_size);
}

static void
test_folder_in_its_place_is_moved_aside (Fixture *self, gconstpointer data)
{
  g_autofree char *path = path_of (self, "own.db");

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  assert_refused (self, STORE_ERROR_DAMAGED);
  g_assert_true (store_repair (self->folder, NULL));
  store_free (open_store (self));
}

static void
test_an_older_version_is_brought_up (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = NULL;

  store_free (open_store (self));
  run_sql (self, "own.db",
           "DROP TABLE person; DROP TABLE call; DROP TABLE setting; PRAGMA user_version = 0");
  store = open_store (self);
  add_call (store, 1);
}

/* Fills both databases and gives back the bytes of own.db. */
static GBytes *
make_example (Fixture *self)
{
  g_autofree char *path = path_of (self, "own.db");
  Store *store = open_store (self);
  char *contents;
  gsize size;

  for (int i = 0; i < 200; i++) {
    g_autofree char *address = g_strdup_printf ("person%d@home-x.peal.alt", i);
    StorePerson person = { .address = address, .name = address, .is_contact = true };

    if (i % 4 == 0)
      g_assert_true (store_put_person (store, &person));
    add_call (store, i);
  }
  store_free (store);
  /* As a crash leaves it: the next start looks at every page. */
  run_sql (self, "own.db", "UPDATE mark SET is_open = 1; PRAGMA wal_checkpoint(TRUNCATE)");
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  return g_bytes_new_take (contents, size);
}

static void
read_everything (Store *store)
{
  g_autoptr (GPtrArray) people = store_people (store);
  g_autoptr (GPtrArray) calls = store_calls (store, 1000);
  g_autofree char *setting = store_get_setting (store, "open");

  store_mark_seen (store, NULL);
}

static void
test_random_damage (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) example = make_example (self);
  g_autofree char *path = path_of (self, "own.db");
  bool is_quick = g_str_has_prefix (self->folder, "/dev/shm") || g_test_slow ();
  unsigned refused = 0, rounds = is_quick ? 1000 : 60;

  for (unsigned round = 0; round < rounds; round++) {
    gsize size = g_bytes_get_size (example);
    g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (example, NULL), size);
    g_autoptr (GError) error = NULL;
    Store *store;

    if (round % 10 == 0)
      size = (gsize) g_test_rand_int_range (1, (int) size);
    else
      for (int i = g_test_rand_int_range (1, 65); i > 0; i--)
        copy[g_test_rand_int_range (0, (int) size)] = (uint8_t) g_test_rand_int ();
    remove_files (self->folder);
    g_assert_true (g_file_set_contents_full (path, (const char *) copy, (gssize) size,
                                             G_FILE_SET_CONTENTS_NONE, 0600, &error));
    store = store_new (self->folder, &error);
    if (!store) {
      g_assert_true (g_error_matches (error, STORE_ERROR, STORE_ERROR_DAMAGED) ||
                     g_error_matches (error, STORE_ERROR, STORE_ERROR_NEWER));
      if (g_error_matches (error, STORE_ERROR, STORE_ERROR_DAMAGED)) {
        g_assert_true (store_repair (self->folder, NULL));
        store = open_store (self);
      }
      refused++;
    }
    if (store)
      read_everything (store);
    store_free (store);
  }
  g_test_message ("%u of %u were refused", refused, rounds);
  g_assert_cmpuint (refused, >, rounds / 3);
}

/* ---- Crashes and full disks ---- */

/* Goes on where the database ends; writes each number that was kept to the pipe. */
static G_NORETURN void
write_numbers (Fixture *self, int pipe_end)
{
  Store *store = open_store (self);
  g_autoptr (GPtrArray) calls = store_calls (store, 1);
  int64_t number = calls->len > 0 ? ((StoreCall *) calls->pdata[0])->started : 0;

  for (;;) {
    add_call (store, ++number);
    if (write (pipe_end, &number, sizeof number) != sizeof number)
      _exit (1);
  }
}

/* The last number that the child had on disk for certain, or 0. A child that `may_begin` has its
 * first number there before its time runs out. */
static int64_t
kill_while_writing (Fixture *self, bool may_begin)
{
  int ends[2], status;
  int64_t number, last = 0;
  pid_t child;
  struct timespec pause = { .tv_nsec = g_test_rand_int_range (2, 31) * 1000000 };
  sigset_t none;

  sigemptyset (&none);
  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    close (ends[0]);
    write_numbers (self, ends[1]);
  }
  close (ends[1]);
  if (may_begin)
    g_assert_cmpint (read (ends[0], &last, sizeof last), ==, sizeof last);
  g_assert_cmpint (pselect (0, NULL, NULL, NULL, &pause, &none), ==, 0);
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  while (read (ends[0], &number, sizeof number) == sizeof number)
    last = number;
  close (ends[0]);
  return last;
}

static void
test_killed_while_writing (Fixture *self, gconstpointer data)
{
  int64_t acknowledged = 0;
  int rounds = g_test_slow () ? 1000 : 20;

  for (int round = 0; round < rounds; round++) {
    int64_t last = kill_while_writing (self, round % 2 == 1);
    g_autoptr (Store) store = open_store (self);
    g_autoptr (GPtrArray) calls = store_calls (store, 1000000);

    acknowledged = MAX (acknowledged, last);
    g_assert_cmpint (calls->len, >=, acknowledged);
    g_assert_cmpint (calls->len, <=, acknowledged + 1);
    for (guint i = 0; i < calls->len; i++)
      g_assert_cmpint (((StoreCall *) calls->pdata[i])->started, ==, calls->len - i);
    acknowledged = calls->len;
  }
  g_assert_cmpint (acknowledged, >, 0);
}

typedef struct Faults {
  unsigned begun, ended;
  StoreError code;
} Faults;

static void
on_fault (bool is_fault, StoreError code, void *user_data)
{
  Faults *faults = user_data;

  if (is_fault)
    faults->code = code;
  *(is_fault ? &faults->begun : &faults->ended) += 1;
}

static void
test_full_disk (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = open_store (self);
  StoreCall call = { .address = (char *) "bob@home-x.peal.alt" };
  struct rlimit before, limit;
  Faults faults = { 0 };
  unsigned kept = 0;
  g_autoptr (GPtrArray) calls = NULL;

  signal (SIGXFSZ, SIG_IGN);
  store_set_fault_func (store, on_fault, &faults);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 256 << 10;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  for (unsigned i = 0; i < 2000 && faults.begun == 0; i++)
    kept += store_add_call (store, &call) > 0;
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (store_add_call (store, &call), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpuint (faults.begun, ==, 1);
  g_assert_cmpint (faults.code, ==, STORE_ERROR_FULL);
  g_assert_cmpuint (faults.ended, ==, 0);

  g_assert_cmpint (store_add_call (store, &call), >, 0);
  g_assert_cmpuint (faults.ended, ==, 1);
  calls = store_calls (store, 10000);
  g_assert_cmpuint (calls->len, ==, kept + 1);
}

/* It is the end of the batch that meets the full disk. */
static void
test_full_disk_at_the_end_of_a_batch (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = open_store (self);
  static const uint8_t value[1000];
  struct rlimit before, limit;
  Faults faults = { 0 };

  signal (SIGXFSZ, SIG_IGN);
  store_set_fault_func (store, on_fault, &faults);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 100;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  store_keep (store, "home-x", KEEP_HOST, bytes_of_text ("a"), (Bytes){ value, sizeof value });
  store_flush (store);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpuint (faults.begun, ==, 1);
  g_assert_cmpint (faults.code, ==, STORE_ERROR_FULL);

  store_keep (store, "home-x", KEEP_HOST, bytes_of_text ("a"), (Bytes){ value, sizeof value });
  store_flush (store);
  g_assert_cmpuint (faults.ended, ==, 1);
}

static void
test_read_only_folder (Fixture *self, gconstpointer data)
{
  g_autoptr (Store) store = NULL;
  g_autoptr (GPtrArray) people = NULL;
  StorePerson bob = { .address = (char *) "bob@home-x.peal.alt", .name = (char *) "Bob" };
  Faults faults = { 0 };

  if (geteuid () == 0) {
    /* Nothing is read-only to root but a whole disk: a limit on the size of files does as well. */
    struct rlimit before, limit;

    store = open_store (self);
    g_assert_true (store_put_person (store, &bob));
    g_clear_pointer (&store, store_free);
    signal (SIGXFSZ, SIG_IGN);
    g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
    limit = before;
    limit.rlim_cur = 100;
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    store = open_store (self);
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  } else {
    store = open_store (self);
    g_assert_true (store_put_person (store, &bob));
    g_clear_pointer (&store, store_free);
    g_assert_cmpint (g_chmod (self->folder, 0500), ==, 0);
    store = open_store (self);
    g_assert_cmpint (g_chmod (self->folder, 0700), ==, 0);
  }
  store_set_fault_func (store, on_fault, &faults);
  g_assert_cmpuint (faults.begun, ==, 1);
  people = store_people (store);
  g_assert_cmpuint (people->len, ==, 1);
  add_call (store, 1);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store/people-come-back", test_people_come_back);
  ADD ("/store/calls-come-back", test_calls_come_back);
  ADD ("/store/settings-come-back", test_settings_come_back);
  ADD ("/store/kept-by-scope", test_kept_by_scope);
  ADD ("/store/batch-is-written-by-itself", test_batch_is_written_by_itself);
  ADD ("/store/threat-5.6-files-are-private", test_files_are_private);
  ADD ("/store/threat-5.3-newer-is-refused", test_newer_is_refused);
  ADD ("/store/threat-5.3-no-version-is-below-zero", test_no_version_is_below_zero);
  ADD ("/store/threat-5.3-foreign-is-refused", test_foreign_is_refused);
  ADD ("/store/threat-5.3-folder-in-its-place-is-moved-aside",
       test_folder_in_its_place_is_moved_aside);
  ADD ("/store/threat-5.3-random-damage", test_random_damage);
  ADD ("/store/an-older-version-is-brought-up", test_an_older_version_is_brought_up);
  ADD ("/store/threat-5.1-killed-while-writing", test_killed_while_writing);
  ADD ("/store/threat-5.2-full-disk", test_full_disk);
  ADD ("/store/threat-5.2-full-disk-at-the-end-of-a-batch", test_full_disk_at_the_end_of_a_batch);
  ADD ("/store/threat-5.2-read-only-folder", test_read_only_folder);
  return g_test_run ();
}
