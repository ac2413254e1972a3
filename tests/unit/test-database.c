/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/database.h"
#include <glib/gstdio.h>

static const char *const migrations[] = {
  "CREATE TABLE a (x TEXT)",
  "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 5",
  "CREATE TABLE broken (",
};

static DatabaseSchema
schema (int count)
{
  return (
    DatabaseSchema){ .application_id = 7, .migrations = migrations, .migration_count = count };
}

static int64_t
first_number (Database *database, const char *sql)
{
  sqlite3_stmt *statement = database_statement (database, sql);

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  return sqlite3_column_int64 (statement, 0);
}

static void
test_migrations_go_on_where_they_ended (void)
{
  g_autofree char *folder = g_dir_make_tmp ("peal-db-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.db", NULL);
  DatabaseSchema first = schema (1), second = schema (2), third = schema (3);
  Database *database = database_new (path, &first, NULL);
  sqlite3_stmt *statement = database_statement (database, "INSERT INTO a VALUES (?)");
  StoreError code;
  g_autoptr (GError) error = NULL;

  database_bind (statement, "t", "kept");
  g_assert_true (database_run (database, statement, &code));
  database_free (database);

  database = database_new (path, &second, NULL);
  g_assert_cmpint (first_number (database, "SELECT y FROM a WHERE x = 'kept'"), ==, 5);
  database_free (database);
  g_assert_null (database_new (path, &first, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NEWER);
  g_clear_error (&error);
  g_assert_null (database_new (path, &third, &error));
  g_clear_error (&error);

  database = database_new (path, &second, NULL);
  g_assert_cmpint (first_number (database, "SELECT count(*) FROM a"), ==, 1);
  g_assert_false (database_is_in_memory (database));
  database_free (database);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_without_a_folder_it_works_in_memory (void)
{
  DatabaseSchema first = schema (1);
  g_autoptr (Database) database = database_new ("/nonexistent/a.db", &first, NULL);
  StoreError code;

  g_assert_true (database_is_in_memory (database));
  g_assert_true (
    database_run (database, database_statement (database, "INSERT INTO a VALUES ('x')"), &code));
  g_assert_cmpint (first_number (database, "SELECT count(*) FROM a"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/database/migrations-go-on-where-they-ended",
                   test_migrations_go_on_where_they_ended);
  g_test_add_func ("/database/threat-5.2-without-a-folder-it-works-in-memory",
                   test_without_a_folder_it_works_in_memory);
  return g_test_run ();
}
