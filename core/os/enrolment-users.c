/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two tables. A row of `device` begins as a code, of which only the SHA-256 is kept (80 random bits
 * need no salt), without a key; the first claim gives it key and Node-IDs. People removed stay in
 * `user`, so that nobody takes over a name that others have pinned. */
#include "core/os/enrolment-users.h"

#include "core/base/aor.h"
#include "core/base/limits.h"
#include "core/crypto/digest.h"
#include "core/os/database.h"
#include "core/os/private-file.h"

#include <openssl/crypto.h>
#include <string.h>

enum { CODE_BITS_SIZE = 10, CODE_LETTERS = 16, CODE_GROUP = 4 };

G_STATIC_ASSERT (ENROLMENT_CODE_SIZE == CODE_LETTERS + CODE_LETTERS / CODE_GROUP);
G_STATIC_ASSERT ((int) ENROLMENT_DEVICE_NODE_IDS == (int) LIMIT_ENROLMENT_NODE_IDS);

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648, 6 */

static const char *const migrations[] = {
  "CREATE TABLE user (name TEXT PRIMARY KEY, added INTEGER NOT NULL,"
  " is_removed INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE device (id INTEGER PRIMARY KEY, code BLOB NOT NULL UNIQUE, name TEXT,"
  " added INTEGER NOT NULL, key BLOB, node_ids BLOB, until INTEGER NOT NULL);"
  "CREATE INDEX device_name ON device (name)",
};

static const DatabaseSchema schema = {
  .application_id = 0x5065656e, /* "Peen" */
  .is_durable = true,
  .migrations = migrations,
  .migration_count = G_N_ELEMENTS (migrations),
};

struct EnrolmentUsers {
  Database *database;
};

EnrolmentUsers *
enrolment_users_new (const char *path, GError **error)
{
  Database *database = database_new (path, &schema, error);
  EnrolmentUsers *self;

  if (database == NULL)
    return NULL;
  self = g_new0 (EnrolmentUsers, 1);
  self->database = database;
  return self;
}

void
enrolment_users_free (EnrolmentUsers *self)
{
  if (self == NULL)
    return;
  database_free (self->database);
  g_free (self);
}

/* ---- Codes ---- */

bool
enrolment_code_from_typed (const char *typed, char ret_code[ENROLMENT_CODE_SIZE])
{
  char code[ENROLMENT_CODE_SIZE];
  size_t count = 0, size = 0;

  for (; *typed != '\0'; typed++) {
    char c = g_ascii_tolower (*typed);

    if (c == '-' || g_ascii_isspace (c))
      continue;
    if (strchr (letters, c) == NULL || count == CODE_LETTERS)
      return false;
    if (count > 0 && count % CODE_GROUP == 0)
      code[size++] = '-';
    code[size++] = c;
    count++;
  }
  if (count != CODE_LETTERS)
    return false;
  code[size] = '\0';
  memcpy (ret_code, code, sizeof code);
  return true;
}

static void
make_code (char ret_code[ENROLMENT_CODE_SIZE])
{
  uint8_t random[CODE_LETTERS];
  char plain[CODE_LETTERS + 1] = { 0 };

  private_random (random, sizeof random);
  for (size_t i = 0; i < CODE_LETTERS; i++)
    plain[i] = letters[random[i] & 31];
  if (!enrolment_code_from_typed (plain, ret_code))
    g_assert_not_reached ();
  OPENSSL_cleanse (plain, sizeof plain);
}

static Bytes
hash_code (const char *code, uint8_t ret_hash[DIGEST_SHA256_SIZE])
{
  digest_sha256 (bytes_of_text (code), ret_hash);
  return (Bytes){ ret_hash, DIGEST_SHA256_SIZE };
}

/* ---- Rows ---- */

static sqlite3_stmt *
query (EnrolmentUsers *self, const char *sql, const char *user)
{
  sqlite3_stmt *statement = database_statement (self->database, sql);

  database_bind (statement, "t", user);
  return statement;
}

static bool
run (EnrolmentUsers *self, sqlite3_stmt *statement)
{
  StoreError code;

  return database_run (self->database, statement, &code);
}

typedef enum Standing { STANDING_UNKNOWN, STANDING_MEMBER, STANDING_REMOVED } Standing;

static Standing
standing_of (EnrolmentUsers *self, const char *user)
{
  sqlite3_stmt *statement = query (self, "SELECT is_removed FROM user WHERE name = ?", user);
  Standing standing = STANDING_UNKNOWN;

  if (statement == NULL)
    return STANDING_REMOVED;
  if (sqlite3_step (statement) == SQLITE_ROW)
    standing = sqlite3_column_int (statement, 0) != 0 ? STANDING_REMOVED : STANDING_MEMBER;
  sqlite3_reset (statement);
  return standing;
}

static bool
add_user (EnrolmentUsers *self, const char *user, int64_t now_s)
{
  sqlite3_stmt *statement =
    database_statement (self->database, "INSERT OR REPLACE INTO user VALUES (?, ?, 0)");

  database_bind (statement, "ti", user, now_s);
  return run (self, statement);
}

static bool
drop_ended_codes (EnrolmentUsers *self, int64_t now_s)
{
  sqlite3_stmt *statement =
    database_statement (self->database, "DELETE FROM device WHERE key IS NULL AND added < ?");

  database_bind (statement, "i", now_s - LIMIT_ENROLMENT_CODE_S);
  return run (self, statement);
}

static int64_t
count (sqlite3_stmt *statement)
{
  int64_t result = 0;

  if (sqlite3_step (statement) == SQLITE_ROW)
    result = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  return result;
}

static bool
add_code (EnrolmentUsers *self, const char *user, const char *code, int64_t now_s)
{
  uint8_t hash[DIGEST_SHA256_SIZE];
  Bytes bytes = hash_code (code, hash);
  sqlite3_stmt *statement;

  if (user != NULL) {
    statement =
      database_statement (self->database,
                          "INSERT INTO device (code, name, added, until) VALUES (?, ?, ?, 0)");
    database_bind (statement, "bti", bytes, user, now_s);
  } else {
    statement = database_statement (self->database,
                                    "INSERT INTO device (code, added, until) VALUES (?, ?, 0)");
    database_bind (statement, "bi", bytes, now_s);
  }
  return run (self, statement);
}

static EnrolmentVerdict
add (EnrolmentUsers *self, const char *user, bool is_device, int64_t now_s, const char *code)
{
  if (user != NULL && !is_device && standing_of (self, user) != STANDING_UNKNOWN)
    return ENROLMENT_NAME_NOT_AVAILABLE;
  if (!drop_ended_codes (self, now_s))
    return ENROLMENT_NOT_KEPT;
  if (count (
        database_statement (self->database, "SELECT count(*) FROM device WHERE key IS NULL")) >=
      LIMIT_ENROLMENT_CODES)
    return ENROLMENT_NODE_IDS_NOT_AVAILABLE;
  return (user == NULL || add_user (self, user, now_s)) && add_code (self, user, code, now_s)
           ? ENROLMENT_GRANTED
           : ENROLMENT_NOT_KEPT;
}

/* All of what was done, or nothing. */
static EnrolmentVerdict
finish (EnrolmentUsers *self, EnrolmentVerdict verdict)
{
  StoreError code;

  if (verdict == ENROLMENT_GRANTED && database_execute (self->database, "COMMIT", &code))
    return verdict;
  database_execute (self->database, "ROLLBACK", &code);
  return verdict == ENROLMENT_GRANTED ? ENROLMENT_NOT_KEPT : verdict;
}

static bool
begin (EnrolmentUsers *self)
{
  StoreError code;

  return database_execute (self->database, "BEGIN IMMEDIATE", &code);
}

EnrolmentVerdict
enrolment_users_add (EnrolmentUsers *self,
                     const char *user,
                     bool is_device,
                     int64_t now_s,
                     char ret_code[ENROLMENT_CODE_SIZE])
{
  char code[ENROLMENT_CODE_SIZE];
  EnrolmentVerdict verdict;

  g_assert (user == NULL || aor_user_is_valid (user));
  if (!begin (self))
    return ENROLMENT_NOT_KEPT;
  make_code (code);
  verdict = finish (self, add (self, user, is_device, now_s, code));
  if (verdict == ENROLMENT_GRANTED)
    memcpy (ret_code, code, sizeof code);
  return verdict;
}

/* ---- Claims ---- */

typedef struct Device {
  int64_t id;
  bool is_named;
  bool has_key;
  bool is_this_key;
  int64_t added_s;
  NodeId node_ids[LIMIT_ENROLMENT_NODE_IDS];
  size_t node_id_count;
} Device;

static bool
column_equals (sqlite3_stmt *statement, int column, const uint8_t *bytes, int size)
{
  return sqlite3_column_bytes (statement, column) == size &&
         CRYPTO_memcmp (sqlite3_column_blob (statement, column), bytes, (size_t) size) == 0;
}

static void
read_device (sqlite3_stmt *statement, const EnrolmentClaim *claim, Device *device)
{
  size_t size = (size_t) sqlite3_column_bytes (statement, 5);

  device->id = sqlite3_column_int64 (statement, 0);
  device->is_named = sqlite3_column_type (statement, 2) != SQLITE_NULL;
  device->added_s = sqlite3_column_int64 (statement, 3);
  device->has_key = sqlite3_column_type (statement, 4) != SQLITE_NULL;
  device->is_this_key =
    device->has_key && column_equals (statement, 4, claim->key_hash, CERTIFICATE_HASH_SIZE);
  device->node_id_count = MIN (size / NODE_ID_SIZE, (size_t) LIMIT_ENROLMENT_NODE_IDS);
  if (device->node_id_count > 0)
    memcpy (device->node_ids, sqlite3_column_blob (statement, 5),
            device->node_id_count * NODE_ID_SIZE);
}

/* Every code that may be this account's is compared, in a time that tells nothing of it. */
static bool
find_device (EnrolmentUsers *self, const EnrolmentClaim *claim, Device *ret_device)
{
  sqlite3_stmt *statement = query (self,
                                   "SELECT id, code, name, added, key, node_ids FROM device"
                                   " WHERE name = ? OR name IS NULL",
                                   claim->user);
  uint8_t hash[DIGEST_SHA256_SIZE];
  bool is_found = false;

  hash_code (claim->code, hash);
  while (sqlite3_step (statement) == SQLITE_ROW)
    if (column_equals (statement, 1, hash, sizeof hash)) {
      read_device (statement, claim, ret_device);
      is_found = true;
    }
  sqlite3_reset (statement);
  return is_found;
}

static bool
is_authentic (EnrolmentUsers *self, const EnrolmentClaim *claim, Device *device)
{
  if (!aor_user_is_valid (claim->user) || !find_device (self, claim, device))
    return false;
  if (device->has_key ? !device->is_this_key
                      : claim->now_s > device->added_s + LIMIT_ENROLMENT_CODE_S)
    return false;
  return !device->is_named || standing_of (self, claim->user) == STANDING_MEMBER;
}

static bool
is_own_name (const EnrolmentClaim *claim, const char *instance_name)
{
  size_t size = strlen (claim->user);

  return strncmp (claim->requested, claim->user, size) == 0 && claim->requested[size] == '@' &&
         strcmp (claim->requested + size + 1, instance_name) == 0;
}

/* The Node-IDs of a person count together. */
static bool
choose_node_ids (EnrolmentUsers *self, const EnrolmentClaim *claim, Device *device)
{
  sqlite3_stmt *statement;
  int64_t held;

  if (device->has_key)
    return claim->node_id_count == device->node_id_count;
  statement =
    database_statement (self->database, "SELECT coalesce(sum(length(node_ids)), 0) FROM device"
                                        " WHERE name = ? AND until > ?");
  database_bind (statement, "ti", claim->user, claim->now_s);
  held = count (statement) / NODE_ID_SIZE;
  if (claim->node_id_count == 0 || claim->node_id_count + held > LIMIT_ENROLMENT_NODE_IDS)
    return false;
  device->node_id_count = claim->node_id_count;
  private_random ((uint8_t *) device->node_ids, device->node_id_count * sizeof (NodeId));
  return true;
}

static bool
keep_device (EnrolmentUsers *self, const EnrolmentClaim *claim, const Device *device)
{
  sqlite3_stmt *statement = database_statement (
    self->database, "UPDATE device SET name = ?, key = ?, node_ids = ?, until = ? WHERE id = ?");

  database_bind (statement, "tbbii", claim->user,
                 (Bytes){ claim->key_hash, sizeof claim->key_hash },
                 (Bytes){ (const uint8_t *) device->node_ids,
                          device->node_id_count * sizeof (NodeId) },
                 claim->until_s, device->id);
  return run (self, statement);
}

static EnrolmentVerdict
claim_device (EnrolmentUsers *self,
              const EnrolmentClaim *claim,
              const char *instance_name,
              Device *device)
{
  if (!is_authentic (self, claim, device))
    return ENROLMENT_NOT_AUTHENTICATED;
  if (!is_own_name (claim, instance_name) ||
      (!device->is_named && standing_of (self, claim->user) != STANDING_UNKNOWN))
    return ENROLMENT_NAME_NOT_AVAILABLE;
  if (!choose_node_ids (self, claim, device))
    return ENROLMENT_NODE_IDS_NOT_AVAILABLE;
  return (device->is_named || add_user (self, claim->user, claim->now_s)) &&
             keep_device (self, claim, device)
           ? ENROLMENT_GRANTED
           : ENROLMENT_NOT_KEPT;
}

EnrolmentVerdict
enrolment_users_claim (EnrolmentUsers *self,
                       const EnrolmentClaim *claim,
                       const char *instance_name,
                       NodeId ret_node_ids[ENROLMENT_DEVICE_NODE_IDS])
{
  Device device = { 0 };
  EnrolmentVerdict verdict;

  if (!begin (self))
    return ENROLMENT_NOT_KEPT;
  verdict = finish (self, claim_device (self, claim, instance_name, &device));
  if (verdict == ENROLMENT_GRANTED)
    memcpy (ret_node_ids, device.node_ids, device.node_id_count * sizeof (NodeId));
  return verdict;
}

/* ---- Looking and removing ---- */

void
enrolment_users_list (EnrolmentUsers *self, int64_t now_s, EnrolmentUserFunc func, void *user_data)
{
  sqlite3_stmt *statement = database_statement (
    self->database, "SELECT name, is_removed,"
                    " (SELECT count(*) FROM device WHERE device.name = user.name AND until > ?),"
                    " (SELECT count(*) FROM device WHERE device.name = user.name"
                    "  AND key IS NULL AND added >= ?) FROM user ORDER BY name");

  database_bind (statement, "ii", now_s, now_s - LIMIT_ENROLMENT_CODE_S);
  while (sqlite3_step (statement) == SQLITE_ROW) {
    const EnrolmentUser user = {
      .name = (const char *) sqlite3_column_text (statement, 0),
      .is_removed = sqlite3_column_int (statement, 1) != 0,
      .devices = (unsigned) sqlite3_column_int (statement, 2),
      .waiting = (unsigned) sqlite3_column_int (statement, 3),
    };

    func (&user, user_data);
  }
  sqlite3_reset (statement);
}

GArray *
enrolment_users_node_ids (EnrolmentUsers *self, const char *user, int64_t now_s)
{
  GArray *node_ids;
  sqlite3_stmt *statement;

  if (standing_of (self, user) != STANDING_MEMBER)
    return NULL;
  node_ids = g_array_new (FALSE, FALSE, sizeof (NodeId));
  statement =
    database_statement (self->database, "SELECT node_ids FROM device WHERE name = ? AND until > ?");
  database_bind (statement, "ti", user, now_s);
  while (sqlite3_step (statement) == SQLITE_ROW)
    g_array_append_vals (node_ids, sqlite3_column_blob (statement, 0),
                         (guint) sqlite3_column_bytes (statement, 0) / NODE_ID_SIZE);
  sqlite3_reset (statement);
  return node_ids;
}

static bool
drop_user (EnrolmentUsers *self, const char *user)
{
  return run (self, query (self, "UPDATE user SET is_removed = 1 WHERE name = ?", user)) &&
         run (self, query (self, "DELETE FROM device WHERE name = ?", user));
}

bool
enrolment_users_remove (EnrolmentUsers *self, const char *user)
{
  return begin (self) &&
         finish (self, drop_user (self, user) ? ENROLMENT_GRANTED : ENROLMENT_NOT_KEPT) ==
           ENROLMENT_GRANTED;
}
