/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-store"
#include "core/os/database.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* Opening goes in this order: the file must be ours (application_id) and not of a newer program
 * (user_version); then write-ahead logging and the settings; then the check: `quick_check` when the
 * mark of an earlier run still stands, `integrity_check` once a week; then migrations, each in one
 * transaction that also counts user_version up.
 *
 * SQLite takes no lock for us against other programs' mistakes; that is what the checks are for. A
 * damaged file is never written to: opening it fails, and store_repair() moves it aside.
 *
 * When the folder cannot be written, or the disk is full, the file is read into memory and the
 * phone works on the copy. */

enum { VALUE_SIZE_MAX = 1 << 20, BUSY_MS = 5000, MODE_FILE = 0600, WEEK_S = 7 * 24 * 3600 };

struct Database {
  sqlite3 *handle;
  char *path;
  GHashTable *statements; /* constant SQL text -> sqlite3_stmt, by address of the text */
  bool is_in_memory;
  bool is_marked; /* opened in good order: may be written to */
};

static StoreError
code_of_sqlite (int result)
{
  switch (result & 0xff) {
  case SQLITE_ERROR: /* our SQL is right: the schema is not */
  case SQLITE_CONSTRAINT:
  case SQLITE_CORRUPT:
  case SQLITE_MISMATCH:
  case SQLITE_NOTADB:
  case SQLITE_TOOBIG:
    return STORE_ERROR_DAMAGED;
  case SQLITE_FULL:
  case SQLITE_IOERR:
    return STORE_ERROR_FULL;
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
    return STORE_ERROR_READ_ONLY;
  default:
    return STORE_ERROR_FAILED;
  }
}

static bool
fail (Database *self, const char *what, GError **error)
{
  g_set_error (error, STORE_ERROR, code_of_sqlite (sqlite3_extended_errcode (self->handle)),
               "%s %s: %s", what, self->path, sqlite3_errmsg (self->handle));
  return false;
}

static bool
execute (Database *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
         fail (self, "write", error);
}

/* The first column of the first row; 0 when there is none. */
static bool
query_number (Database *self, const char *sql, int64_t *ret_value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL);

  if (result == SQLITE_OK)
    result = sqlite3_step (statement);
  if (result == SQLITE_ROW || result == SQLITE_DONE)
    *ret_value = result == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE || fail (self, "read", error);
}

static bool
check_owner (Database *self, const DatabaseSchema *schema, GError **error)
{
  int64_t id = 0, version = 0, objects = 0;

  if (!query_number (self, "PRAGMA application_id", &id, error) ||
      !query_number (self, "PRAGMA user_version", &version, error) ||
      !query_number (self, "SELECT count(*) FROM sqlite_schema", &objects, error))
    return false;
  if (id != schema->application_id && (id != 0 || version != 0 || objects != 0)) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s is not ours", self->path);
    return false;
  }
  if (version < 0) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s is damaged", self->path);
    return false;
  }
  if (version > schema->migration_count) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_NEWER, "%s is of a newer program", self->path);
    return false;
  }
  return true;
}

static bool
apply_settings (Database *self, const DatabaseSchema *schema, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA synchronous=%s;"
                                          "PRAGMA foreign_keys=ON;"
                                          "PRAGMA trusted_schema=OFF;"
                                          "PRAGMA cell_size_check=ON;"
                                          "PRAGMA secure_delete=FAST;"
                                          "PRAGMA wal_autocheckpoint=1000;",
                                          schema->is_durable ? "FULL" : "NORMAL");

  sqlite3_limit (self->handle, SQLITE_LIMIT_LENGTH, VALUE_SIZE_MAX);
  return execute (self, "PRAGMA journal_mode=WAL", error) && execute (self, sql, error) &&
         (sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK ||
          fail (self, "set up", error));
}

static bool
migrate (Database *self, const DatabaseSchema *schema, GError **error)
{
  int64_t version;

  if (!query_number (self, "PRAGMA user_version", &version, error))
    return false;
  for (; version < schema->migration_count; version++) {
    g_autofree char *sql = g_strdup_printf ("BEGIN IMMEDIATE; %s; PRAGMA user_version=%d; COMMIT",
                                            schema->migrations[version], (int) version + 1);

    if (!execute (self, sql, error)) {
      sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
      return false;
    }
  }
  return true;
}

static bool
check_pages (Database *self, const char *pragma, GError **error)
{
  sqlite3_stmt *statement = NULL;
  bool is_good = sqlite3_prepare_v2 (self->handle, pragma, -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step (statement) == SQLITE_ROW &&
                 g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;

  sqlite3_finalize (statement);
  if (!is_good)
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s is damaged", self->path);
  return is_good;
}

/* A file without tables becomes ours. */
static bool
claim (Database *self, const DatabaseSchema *schema, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA application_id=%d", schema->application_id);
  int64_t id;

  return query_number (self, "PRAGMA application_id", &id, error) &&
         (id == schema->application_id || execute (self, sql, error));
}

/* The mark stands from here until database_free(). */
static bool
check_and_mark (Database *self, GError **error)
{
  int64_t now = g_get_real_time () / G_USEC_PER_SEC;
  int64_t is_open, checked;
  g_autofree char *sql = NULL;

  if (!execute (self,
                "CREATE TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY CHECK (id = 1),"
                " is_open INTEGER NOT NULL, checked INTEGER NOT NULL)",
                error) ||
      !query_number (self, "SELECT is_open FROM mark", &is_open, error) ||
      !query_number (self, "SELECT checked FROM mark", &checked, error))
    return false;
  if (checked == 0)
    checked = now;
  if (now - checked >= WEEK_S) {
    if (!check_pages (self, "PRAGMA integrity_check(1)", error))
      return false;
    checked = now;
  } else if (is_open && !check_pages (self, "PRAGMA quick_check(1)", error)) {
    return false;
  }
  sql =
    g_strdup_printf ("INSERT OR REPLACE INTO mark VALUES (1, 1, %" G_GINT64_FORMAT ")", checked);
  return execute (self, sql, error);
}

/* The log and the index inherit the mode of the file; one that came from elsewhere may not have
 * it. */
static void
close_to_others (const char *path)
{
  const char *const endings[] = { "", "-wal", "-shm" };

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *name = g_strconcat (path, endings[i], NULL);
    struct stat status;

    if (lstat (name, &status) == 0 && S_ISREG (status.st_mode) && (status.st_mode & 077) != 0)
      chmod (name, MODE_FILE);
  }
}

static bool
open_file (Database *self, const DatabaseSchema *schema, GError **error)
{
  int flags =
    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  mode_t mask = umask (077);
  int result = sqlite3_open_v2 (self->path, &self->handle, flags, NULL);
  bool is_open = result == SQLITE_OK || fail (self, "open", error);

  close_to_others (self->path);
  if (is_open) {
    sqlite3_busy_timeout (self->handle, BUSY_MS);
    is_open = check_owner (self, schema, error) && apply_settings (self, schema, error) &&
              claim (self, schema, error) && check_and_mark (self, error) &&
              migrate (self, schema, error);
    self->is_marked = is_open;
  }
  umask (mask);
  return is_open;
}

/* Reads the file, if there is one, without writing a byte beside it. */
static bool
copy_file (Database *self, sqlite3 *target, GError **error)
{
  g_autofree char *uri = NULL, *escaped = NULL;
  sqlite3_backup *backup;
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;

  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return true;
  escaped = g_uri_escape_string (self->path, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);
  uri = g_strdup_printf ("file:%s?immutable=1", escaped);
  sqlite3_close (self->handle);
  if (sqlite3_open_v2 (uri, &self->handle, flags, NULL) != SQLITE_OK)
    return fail (self, "open", error);
  backup = sqlite3_backup_init (target, "main", self->handle, "main");
  if (!backup || sqlite3_backup_step (backup, -1) != SQLITE_DONE) {
    sqlite3_backup_finish (backup);
    return fail (self, "read", error);
  }
  return sqlite3_backup_finish (backup) == SQLITE_OK || fail (self, "read", error);
}

static bool
open_copy (Database *self, const DatabaseSchema *schema, GError **error)
{
  sqlite3 *target = NULL;
  bool is_copied;

  if (sqlite3_open_v2 (":memory:", &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL) !=
      SQLITE_OK) {
    sqlite3_close (target);
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "no memory for %s", self->path);
    return false;
  }
  is_copied = copy_file (self, target, error);
  sqlite3_close (self->handle);
  self->handle = target;
  self->is_in_memory = true;
  /* A copy of a file with a write-ahead log cannot stay one in memory. */
  return is_copied && check_owner (self, schema, error) &&
         execute (self, "PRAGMA journal_mode=MEMORY", error) && migrate (self, schema, error);
}

Database *
database_new (const char *path, const DatabaseSchema *schema, GError **error)
{
  g_autoptr (Database) self = g_new0 (Database, 1);
  g_autoptr (GError) local = NULL;

  self->path = g_strdup (path);
  self->statements =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) (void *) sqlite3_finalize);
  if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "%s is a folder", path);
    return NULL;
  }
  if (open_file (self, schema, &local))
    return g_steal_pointer (&self);
  if (g_error_matches (local, STORE_ERROR, STORE_ERROR_DAMAGED) ||
      g_error_matches (local, STORE_ERROR, STORE_ERROR_NEWER)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  g_message ("%s; working in memory", local->message);
  return open_copy (self, schema, error) ? g_steal_pointer (&self) : NULL;
}

void
database_free (Database *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->statements);
  if (self->handle && !self->is_marked)
    sqlite3_db_config (self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  if (self->handle && self->is_marked) {
    sqlite3_exec (self->handle, "UPDATE mark SET is_open = 0", NULL, NULL, NULL);
    sqlite3_wal_checkpoint_v2 (self->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  }
  sqlite3_close (self->handle);
  g_free (self->path);
  g_free (self);
}

bool
database_is_in_memory (const Database *self)
{
  return self->is_in_memory;
}

sqlite3_stmt *
database_statement (Database *self, const char *sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (!statement) {
    if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK)
      return NULL;
    g_hash_table_insert (self->statements, (gpointer) sql, statement);
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return statement;
}

void
database_bind (sqlite3_stmt *statement, const char *letters, ...)
{
  va_list values;

  if (!statement)
    return;
  va_start (values, letters);
  for (int i = 1; *letters; letters++, i++) {
    switch (*letters) {
    case 't':
      sqlite3_bind_text (statement, i, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
      break;
    case 'i':
      sqlite3_bind_int64 (statement, i, va_arg (values, int64_t));
      break;
    case 'b': {
      Bytes bytes = va_arg (values, Bytes);

      if (bytes.data)
        sqlite3_bind_blob64 (statement, i, bytes.data, bytes.size, SQLITE_TRANSIENT);
      break;
    }
    default:
      g_assert_not_reached ();
    }
  }
  va_end (values);
}

bool
database_run (Database *self, sqlite3_stmt *statement, StoreError *ret_code)
{
  int result = statement ? sqlite3_step (statement) : sqlite3_extended_errcode (self->handle);

  if (statement)
    sqlite3_reset (statement);
  if (result == SQLITE_DONE)
    return true;
  g_info ("%s: %s", self->path, sqlite3_errmsg (self->handle));
  *ret_code = code_of_sqlite (result);
  return false;
}

int64_t
database_last_row (const Database *self)
{
  return sqlite3_last_insert_rowid (self->handle);
}

bool
database_execute (Database *self, const char *sql, StoreError *ret_code)
{
  int result = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);

  if (result == SQLITE_OK)
    return true;
  g_info ("%s: %s", self->path, sqlite3_errmsg (self->handle));
  *ret_code = code_of_sqlite (result);
  return false;
}
