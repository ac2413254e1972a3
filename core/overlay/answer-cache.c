/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/answer-cache.h"

#include "core/base/limits.h"
#include "core/base/list.h"
#include "core/overlay/message-writer.h"

#include <string.h>

/* In the order of their coming, and a hash table over it. When it is full the oldest gives way; who
 * has his share full gives way to himself, so that nobody's flood makes others' requests run
 * twice. */

typedef struct Key {
  NodeId from;
  uint64_t transaction_id;
} Key;

typedef struct Entry {
  Key key; /* first: the table's key */
  ListLink order;
  uint64_t at;
  GivenAnswer answer; /* owned */
} Entry;

struct AnswerCache {
  const Timers *timers;
  GHashTable *entries; /* Key -> Entry, owned */
  GHashTable *senders; /* NodeId (owned) -> how many entries, as pointers */
  ListLink order;      /* the oldest first */
};

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;
  uint64_t hash;

  memcpy (&hash, key->from.bytes, sizeof hash);
  hash ^= key->transaction_id;
  return (guint) (hash ^ hash >> 32);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *left = a;
  const Key *right = b;

  return left->transaction_id == right->transaction_id && node_id_equal (&left->from, &right->from);
}

static guint
id_hash (gconstpointer data)
{
  guint hash;

  memcpy (&hash, data, sizeof hash);
  return hash;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return node_id_equal (a, b);
}

static unsigned
count_of (const AnswerCache *self, const NodeId *from)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->senders, from));
}

static void
set_count (AnswerCache *self, const NodeId *from, unsigned count)
{
  if (count > 0)
    g_hash_table_insert (self->senders, g_memdup2 (from, sizeof *from), GUINT_TO_POINTER (count));
  else
    g_hash_table_remove (self->senders, from);
}

static void
entry_free (void *data)
{
  Entry *entry = data;

  list_remove (&entry->order);
  g_clear_pointer (&entry->answer.contents, g_byte_array_unref);
  g_clear_pointer (&entry->answer.certificates, g_ptr_array_unref);
  g_free (entry);
}

static void
drop (AnswerCache *self, Entry *entry)
{
  set_count (self, &entry->key.from, count_of (self, &entry->key.from) - 1);
  g_hash_table_remove (self->entries, &entry->key);
}

static Entry *
oldest_of (AnswerCache *self, const NodeId *from)
{
  list_for_each (&self->order, l)
  {
    Entry *entry = list_element (l, Entry, order);
    if (node_id_equal (&entry->key.from, from))
      return entry;
  }
  return NULL;
}

static void
drop_old (AnswerCache *self)
{
  while (!list_is_empty (&self->order)) {
    Entry *oldest = list_element (self->order.next, Entry, order);
    if (oldest->at + LIMIT_ANSWER_CACHE_S * TIME_SECOND > timers_now (self->timers))
      return;
    drop (self, oldest);
  }
}

static Entry *
find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Key key = { *from, transaction_id };

  return g_hash_table_lookup (self->entries, &key);
}

AnswerCache *
answer_cache_new (const Timers *timers)
{
  AnswerCache *self = g_new0 (AnswerCache, 1);

  self->timers = timers;
  self->entries = g_hash_table_new_full (key_hash, key_equal, NULL, entry_free);
  self->senders = g_hash_table_new_full (id_hash, id_equal, g_free, NULL);
  list_init (&self->order);
  return self;
}

void
answer_cache_free (AnswerCache *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->senders);
  g_free (self);
}

const GivenAnswer *
answer_cache_find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Entry *entry;

  drop_old (self);
  entry = find (self, from, transaction_id);
  return entry != NULL ? &entry->answer : NULL;
}

void
answer_cache_open (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Entry *entry;

  g_assert (find (self, from, transaction_id) == NULL);
  if (count_of (self, from) >= LIMIT_ANSWER_CACHE_SENDER)
    drop (self, oldest_of (self, from));
  if (g_hash_table_size (self->entries) >= LIMIT_ANSWER_CACHE)
    drop (self, list_element (self->order.next, Entry, order));
  entry = g_new0 (Entry, 1);
  entry->key = (Key){ *from, transaction_id };
  entry->at = timers_now (self->timers);
  list_append (&self->order, &entry->order);
  g_hash_table_insert (self->entries, &entry->key, entry);
  set_count (self, from, count_of (self, from) + 1);
}

void
answer_cache_close (AnswerCache *self,
                    const NodeId *from,
                    uint64_t transaction_id,
                    const GByteArray *contents,
                    const GPtrArray *certificates)
{
  Entry *entry = find (self, from, transaction_id);

  if (entry == NULL)
    return;
  g_assert (entry->answer.contents == NULL);
  /* A copy: what was written into has room for much more. */
  entry->answer.contents =
    g_byte_array_new_take (g_memdup2 (contents->data, contents->len), contents->len);
  entry->answer.certificates = certificates_copy (certificates);
}

void
answer_cache_drop (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Entry *entry = find (self, from, transaction_id);

  if (entry != NULL)
    drop (self, entry);
}
