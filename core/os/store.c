/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-store"
#include "core/os/store.h"
#include "core/os/database.h"
#include <errno.h>
#include <glib/gstdio.h>

/* The tables of the two databases, one function for each thing that is done with them. What
 * overlays keep is written in transactions of at most BATCH_ROWS changes or BATCH_MS; what belongs
 * to the person, at once. */

enum { BATCH_ROWS = 100, BATCH_MS = 100 };

static const char *const own_migrations[] = {
  "CREATE TABLE person (address TEXT PRIMARY KEY, name TEXT NOT NULL, is_contact INTEGER NOT NULL,"
  " is_favourite INTEGER NOT NULL, decision INTEGER NOT NULL, user_key BLOB, other_key BLOB,"
  " seen INTEGER NOT NULL, talked INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE call (id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL,"
  " is_incoming INTEGER NOT NULL, is_missed INTEGER NOT NULL, is_seen INTEGER NOT NULL,"
  " started INTEGER NOT NULL, duration INTEGER NOT NULL);"
  "CREATE INDEX call_address ON call (address, started);"
  "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "ALTER TABLE person ADD COLUMN trust INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE person ADD COLUMN other_since INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE person ADD COLUMN is_relayed INTEGER NOT NULL DEFAULT 0",
};

static const char *const overlay_migrations[] = {
  "CREATE TABLE kept (scope TEXT NOT NULL, list INTEGER NOT NULL, key BLOB NOT NULL,"
  " value BLOB NOT NULL, PRIMARY KEY (scope, list, key)) WITHOUT ROWID",
};

static const DatabaseSchema own_schema = {
  .application_id = 0x5065616c, /* "Peal" */
  .is_durable = true,
  .migrations = own_migrations,
  .migration_count = G_N_ELEMENTS (own_migrations),
};

static const DatabaseSchema overlay_schema = {
  .application_id = 0x50656f76, /* "Peov" */
  .is_durable = false,
  .migrations = overlay_migrations,
  .migration_count = G_N_ELEMENTS (overlay_migrations),
};

static const struct {
  const char *name;
  const DatabaseSchema *schema;
} files[] = {
  { "own.db", &own_schema },
  { "overlay.db", &overlay_schema },
};

struct Store {
  Database *own;
  Database *overlay;
  StoreFaultFunc fault;
  void *fault_data;
  GSource *batch; /* NULL while no transaction is open */
  unsigned batch_rows;
  bool is_fault;
};

Store *
store_new (const char *folder, GError **error)
{
  g_autoptr (Store) self = g_new0 (Store, 1);
  g_autofree char *own = g_build_filename (folder, files[0].name, NULL);
  g_autofree char *overlay = g_build_filename (folder, files[1].name, NULL);

  self->own = database_new (own, &own_schema, error);
  if (!self->own)
    return NULL;
  self->overlay = database_new (overlay, &overlay_schema, error);
  return self->overlay ? g_steal_pointer (&self) : NULL;
}

void
store_free (Store *self)
{
  if (!self)
    return;
  if (self->overlay)
    store_flush (self);
  database_free (self->own);
  database_free (self->overlay);
  g_free (self);
}

static bool
move_aside (const char *path, GError **error)
{
  g_autofree char *aside =
    g_strdup_printf ("%s.corrupt-%" G_GINT64_FORMAT, path, g_get_real_time () / G_USEC_PER_SEC);
  const char *const endings[] = { "", "-wal", "-shm" };

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *from = g_strconcat (path, endings[i], NULL);
    g_autofree char *to = g_strconcat (aside, endings[i], NULL);

    if (g_rename (from, to) != 0 && errno != ENOENT) {
      store_error_set_errno (error, "move", from, errno);
      return false;
    }
  }
  return true;
}

bool
store_repair (const char *folder, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
    g_autoptr (GError) local = NULL;
    g_autoptr (Database) database = database_new (path, files[i].schema, &local);

    if (!database && !g_error_matches (local, STORE_ERROR, STORE_ERROR_DAMAGED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    if (!database && !move_aside (path, error))
      return false;
  }
  return true;
}

void
store_set_fault_func (Store *self, StoreFaultFunc func, void *user_data)
{
  self->fault = func;
  self->fault_data = user_data;
  if (database_is_in_memory (self->own) && func)
    func (true, STORE_ERROR_READ_ONLY, user_data);
}

/* Tells of the first change that could not be kept, and of the first that could again. */
static bool
report (Store *self, bool is_kept, StoreError code)
{
  if (is_kept == self->is_fault && !database_is_in_memory (self->own)) {
    self->is_fault = !is_kept;
    if (self->fault)
      self->fault (self->is_fault, code, self->fault_data);
  }
  return is_kept;
}

static bool
run_own (Store *self, sqlite3_stmt *statement)
{
  StoreError code = STORE_ERROR_FAILED;
  bool is_kept = database_run (self->own, statement, &code);

  return report (self, is_kept, code);
}

/* ---- For overlays ---- */

void
store_flush (Store *self)
{
  StoreError code = STORE_ERROR_FAILED, ignored;
  bool is_kept;

  if (!self->batch)
    return;
  g_source_destroy (self->batch);
  g_clear_pointer (&self->batch, g_source_unref);
  self->batch_rows = 0;
  is_kept = database_execute (self->overlay, "COMMIT", &code);
  if (!is_kept) /* SQLite may have done so itself */
    database_execute (self->overlay, "ROLLBACK", &ignored);
  report (self, is_kept, code);
}

static gboolean
on_batch_due (gpointer user_data)
{
  store_flush (user_data);
  return G_SOURCE_REMOVE;
}

static bool
begin_batch (Store *self)
{
  StoreError code = STORE_ERROR_FAILED;

  if (self->batch)
    return true;
  if (!database_execute (self->overlay, "BEGIN IMMEDIATE", &code))
    return report (self, false, code);
  self->batch = g_timeout_source_new (BATCH_MS);
  g_source_set_callback (self->batch, on_batch_due, self, NULL);
  g_source_attach (self->batch, g_main_context_get_thread_default ());
  return true;
}

void
store_keep (Store *self, const char *scope, KeepTable table, Bytes key, Bytes value)
{
  sqlite3_stmt *statement;
  StoreError code = STORE_ERROR_FAILED;

  if (!begin_batch (self))
    return;
  if (value.size > 0) {
    statement =
      database_statement (self->overlay, "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)");
    database_bind (statement, "tibb", scope, (int64_t) table, key, value);
  } else {
    statement = database_statement (self->overlay,
                                    "DELETE FROM kept WHERE scope = ? AND list = ? AND key = ?");
    database_bind (statement, "tib", scope, (int64_t) table, key);
  }
  if (!database_run (self->overlay, statement, &code))
    report (self, false, code);
  if (++self->batch_rows >= BATCH_ROWS)
    store_flush (self);
}

static Bytes
column_bytes (sqlite3_stmt *statement, int column)
{
  const uint8_t *data = sqlite3_column_blob (statement, column);

  return (Bytes){ .data = data, .size = (size_t) sqlite3_column_bytes (statement, column) };
}

/* The last table first: the Kinds before the values that are of them. */
void
store_kept (Store *self, const char *scope, StoreKeptFunc func, void *user_data)
{
  sqlite3_stmt *statement;

  store_flush (self);
  statement = database_statement (
    self->overlay, "SELECT list, key, value FROM kept WHERE scope = ? ORDER BY list DESC, key");
  database_bind (statement, "t", scope);
  while (statement && sqlite3_step (statement) == SQLITE_ROW)
    func ((KeepTable) sqlite3_column_int (statement, 0), column_bytes (statement, 1),
          column_bytes (statement, 2), user_data);
  sqlite3_reset (statement);
}

/* ---- People ---- */

StorePerson *
store_person_copy (const StorePerson *person)
{
  StorePerson *copy = g_memdup2 (person, sizeof *person);

  copy->address = g_strdup (person->address);
  copy->name = g_strdup (person->name);
  return copy;
}

void
store_person_free (StorePerson *person)
{
  if (!person)
    return;
  g_free (person->address);
  g_free (person->name);
  g_free (person);
}

static Bytes
key_bytes (const UserKey *key, bool is_set)
{
  return is_set ? (Bytes){ key->bytes, sizeof key->bytes } : (Bytes){ NULL, 0 };
}

static bool
column_key (sqlite3_stmt *statement, int column, UserKey *ret_key)
{
  Bytes bytes = column_bytes (statement, column);

  if (bytes.size != sizeof ret_key->bytes)
    return false;
  memcpy (ret_key->bytes, bytes.data, bytes.size);
  return true;
}

bool
store_put_person (Store *self, const StorePerson *person)
{
  sqlite3_stmt *statement = database_statement (
    self->own, "INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

  database_bind (statement, "ttiiibbiiiii", person->address, person->name,
                 (int64_t) person->is_contact, (int64_t) person->is_favourite,
                 (int64_t) person->decision, key_bytes (&person->key, person->has_key),
                 key_bytes (&person->other_key, person->has_other_key), person->seen,
                 person->talked, (int64_t) person->trust, person->other_since,
                 (int64_t) person->is_relayed);
  return run_own (self, statement);
}

bool
store_remove_person (Store *self, const char *address)
{
  sqlite3_stmt *statement = database_statement (self->own, "DELETE FROM person WHERE address = ?");

  database_bind (statement, "t", address);
  return run_own (self, statement);
}

static StorePerson *
read_person (sqlite3_stmt *statement)
{
  StorePerson *person = g_new0 (StorePerson, 1);

  person->address = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  person->name = g_strdup ((const char *) sqlite3_column_text (statement, 1));
  person->is_contact = sqlite3_column_int (statement, 2) != 0;
  person->is_favourite = sqlite3_column_int (statement, 3) != 0;
  person->decision = sqlite3_column_int (statement, 4);
  person->has_key = column_key (statement, 5, &person->key);
  person->has_other_key = column_key (statement, 6, &person->other_key);
  person->seen = sqlite3_column_int64 (statement, 7);
  person->talked = sqlite3_column_int64 (statement, 8);
  person->trust = sqlite3_column_int (statement, 9);
  person->other_since = sqlite3_column_int64 (statement, 10);
  person->is_relayed = sqlite3_column_int (statement, 11) != 0;
  return person;
}

GPtrArray *
store_people (Store *self)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) store_person_free);
  sqlite3_stmt *statement = database_statement (
    self->own,
    "SELECT address, name, is_contact, is_favourite, decision, user_key, other_key, seen, talked,"
    " trust, other_since, is_relayed FROM person ORDER BY address");

  while (statement && sqlite3_step (statement) == SQLITE_ROW)
    g_ptr_array_add (people, read_person (statement));
  sqlite3_reset (statement);
  return people;
}

/* ---- Calls ---- */

void
store_call_free (StoreCall *call)
{
  g_free (call->address);
  g_free (call);
}

int64_t
store_add_call (Store *self, const StoreCall *call)
{
  static const char sql[] = "INSERT INTO call (address, is_incoming, is_missed, is_seen, started,"
                            " duration) VALUES (?, ?, ?, ?, ?, ?)";
  sqlite3_stmt *statement = database_statement (self->own, sql);

  database_bind (statement, "tiiiii", call->address, (int64_t) call->is_incoming,
                 (int64_t) call->is_missed, (int64_t) call->is_seen, call->started,
                 (int64_t) call->duration);
  return run_own (self, statement) ? database_last_row (self->own) : 0;
}

bool
store_update_call (Store *self, int64_t id, bool is_missed, unsigned duration)
{
  sqlite3_stmt *statement =
    database_statement (self->own, "UPDATE call SET is_missed = ?, duration = ? WHERE id = ?");

  database_bind (statement, "iii", (int64_t) is_missed, (int64_t) duration, id);
  return run_own (self, statement);
}

GPtrArray *
store_calls (Store *self, unsigned count_max)
{
  GPtrArray *calls = g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) store_call_free);
  sqlite3_stmt *statement = database_statement (
    self->own, "SELECT id, address, is_incoming, is_missed, is_seen, started, duration FROM call"
               " ORDER BY id DESC LIMIT ?");

  database_bind (statement, "i", (int64_t) count_max);
  while (statement && sqlite3_step (statement) == SQLITE_ROW) {
    StoreCall *call = g_new0 (StoreCall, 1);

    call->id = sqlite3_column_int64 (statement, 0);
    call->address = g_strdup ((const char *) sqlite3_column_text (statement, 1));
    call->is_incoming = sqlite3_column_int (statement, 2) != 0;
    call->is_missed = sqlite3_column_int (statement, 3) != 0;
    call->is_seen = sqlite3_column_int (statement, 4) != 0;
    call->started = sqlite3_column_int64 (statement, 5);
    call->duration = (unsigned) sqlite3_column_int64 (statement, 6);
    g_ptr_array_add (calls, call);
  }
  sqlite3_reset (statement);
  return calls;
}

bool
store_mark_seen (Store *self, const char *address)
{
  sqlite3_stmt *statement = database_statement (
    self->own, "UPDATE call SET is_seen = 1 WHERE NOT is_seen AND address = ifnull(?, address)");

  database_bind (statement, "t", address);
  return run_own (self, statement);
}

/* ---- Settings ---- */

char *
store_get_setting (Store *self, const char *name)
{
  sqlite3_stmt *statement =
    database_statement (self->own, "SELECT value FROM setting WHERE name = ?");
  char *value = NULL;

  database_bind (statement, "t", name);
  if (statement && sqlite3_step (statement) == SQLITE_ROW)
    value = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return value;
}

bool
store_set_setting (Store *self, const char *name, const char *value)
{
  sqlite3_stmt *statement =
    database_statement (self->own, "INSERT OR REPLACE INTO setting VALUES (?, ?)");

  database_bind (statement, "tt", name, value);
  return run_own (self, statement);
}
