/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/quota.h"

#include "core/base/limits.h"
#include "core/base/token-bucket.h"

#include <glib.h>

/* As many buckets as LIMIT_QUOTAS. The one that is nearest to full gives way, for it remembers
 * least: nobody gets a new one by bringing others along. Before there are so many, one that is full
 * gives way. Their clock goes a second for a minute of ours. */

typedef struct Row {
  NodeId who;
  TokenBucket bucket;
} Row;

struct Quota {
  uint32_t per_minute;
  uint32_t burst;
  GArray *rows; /* of Row, owned; NULL before the first */
};

Quota *
quota_new (uint32_t per_minute, uint32_t burst)
{
  Quota *self = g_new0 (Quota, 1);

  self->per_minute = per_minute;
  self->burst = burst;
  return self;
}

void
quota_free (Quota *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->rows, g_array_unref);
  g_free (self);
}

static Row *
need_row (Quota *self, const NodeId *who, uint64_t now)
{
  Row fresh = { .who = *who };
  Row *fullest = NULL;

  if (self->rows == NULL)
    self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  for (guint i = 0; i < self->rows->len; i++) {
    Row *row = &g_array_index (self->rows, Row, i);
    if (node_id_equal (&row->who, who))
      return row;
    if (fullest == NULL || row->bucket.empty_at < fullest->bucket.empty_at)
      fullest = row;
  }
  if (self->rows->len < LIMIT_QUOTAS && (fullest == NULL || fullest->bucket.empty_at > now)) {
    g_array_append_val (self->rows, fresh);
    return &g_array_index (self->rows, Row, self->rows->len - 1);
  }
  *fullest = fresh;
  return fullest;
}

bool
quota_take (Quota *self, const NodeId *who, uint64_t now)
{
  uint64_t clock = now / 60;

  return token_bucket_take (&need_row (self, who, clock)->bucket, clock, self->per_minute,
                            self->burst);
}
