/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database.h: one SQLite file, opened with the settings that keep it whole. */
#pragma once
#include "core/base/bytes.h"
#include "core/os/store-error.h"
#include <sqlite3.h>

typedef struct Database Database;

typedef struct DatabaseSchema {
  int application_id;
  bool is_durable;               /* every commit reaches the disk before it returns */
  const char *const *migrations; /* SQL; the n-th leads from user_version n to n + 1 */
  int migration_count;
} DatabaseSchema;

/* A database in the file `path`; when that cannot be written, a copy of it in memory. Errors:
 * DAMAGED, NEWER. */
Database *database_new (const char *path, const DatabaseSchema *schema, GError **error);
void database_free (Database *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Database, database_free)

bool database_is_in_memory (const Database *self);

/* The statement of a constant text, prepared once, reset, without values. */
sqlite3_stmt *database_statement (Database *self, const char *sql);

/* Binds values from `first` on by their letters: t text, i int64_t, b Bytes. */
void database_bind (sqlite3_stmt *statement, const char *letters, ...);

/* Runs a statement that returns no rows to its end; false when it could not be kept. */
bool database_run (Database *self, sqlite3_stmt *statement, StoreError *ret_code);

/* The number of the row that was inserted last. */
int64_t database_last_row (const Database *self);

/* BEGIN IMMEDIATE, COMMIT or ROLLBACK. */
bool database_execute (Database *self, const char *sql, StoreError *ret_code);
