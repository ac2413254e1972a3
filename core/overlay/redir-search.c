/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-search.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/redir-node.h"
#include "core/overlay/redir-tree.h"

/* From level 2, or where searches use to end, up while nobody in the tree node comes after the key,
 * then down while others of the key's interval stand on both sides of it. It never goes up again:
 * where the records below are gone, the closest that was seen on the way counts. When nobody comes
 * after the key in the whole tree, its root has others to choose from. */

struct RedirSearch {
  Overlay *overlay;
  char *namespace; /* owned */
  NodeId key;
  unsigned factor; /* 0: this overlay has no services */
  unsigned level;
  RedirDepths *depths; /* borrowed, or NULL */
  bool has_descended;
  bool has_next;
  NodeId next; /* the closest after the key of all that were seen */
  bool has_any;
  NodeId any; /* of the last tree node that was not empty */
  ServiceFound found;
  uint64_t started_at;
  RedirReader reader;
  Timer timer;
  RedirSearchFunc done;
  void *owner;
};

static void
look (RedirSearch *self)
{
  RedirPlace place = { self->namespace, self->factor, self->level, self->key };

  self->found.fetches++;
  redir_read (&self->reader, &place);
}

static void
note_depth (RedirSearch *self)
{
  if (self->depths != NULL)
    self->depths->levels[self->depths->count++ % REDIR_DEPTHS] = (uint8_t) self->level;
}

/* Where most have ended, the highest of several such levels. */
static unsigned
level_start (const RedirSearch *self)
{
  unsigned known = self->depths != NULL ? MIN (self->depths->count, REDIR_DEPTHS) : 0;
  unsigned counts[REDIR_LEVELS] = { 0 };
  unsigned best = REDIR_LEVEL_START;

  for (unsigned i = 0; i < known; i++)
    counts[self->depths->levels[i]]++;
  for (unsigned level = REDIR_LEVELS; known > 0 && level-- > 0;)
    if (counts[level] >= counts[best])
      best = level;
  return MIN (best, redir_level_max (self->factor));
}

static void
conclude (RedirSearch *self)
{
  ServiceFound found = self->found;

  found.namespace = self->namespace;
  found.duration_ms = (unsigned) ((overlay_now (self->overlay) - self->started_at) / TIME_MS);
  found.is_found = self->has_next || self->has_any;
  if (found.is_found) {
    found.provider = self->has_next ? self->next : self->any;
    note_depth (self);
  }
  self->done (self->owner, &found);
}

static void
note (RedirSearch *self, const RedirView *view)
{
  self->found.was_answered = self->found.was_answered || view->was_answered;
  if (view->has_next && (!self->has_next || node_id_compare (&view->next, &self->next) < 0)) {
    self->has_next = true;
    self->next = view->next;
  }
  if (view->count > 0) {
    self->has_any = true;
    self->any = view->any;
  }
}

static void
on_read (void *owner, const RedirView *view)
{
  RedirSearch *self = owner;

  note (self, view);
  if (!view->has_next && self->level > 0 && !self->has_descended) {
    self->level--;
    look (self);
  } else if (view->has_next && redir_is_between (&view->interval) &&
             self->level < redir_level_max (self->factor)) {
    self->has_descended = true;
    self->level++;
    look (self);
  } else {
    conclude (self);
  }
}

static void
on_timer (Timer *timer, void *owner)
{
  RedirSearch *self = owner;

  if (self->factor > 0)
    look (self);
  else
    conclude (self);
}

RedirSearch *
redir_search_new (Overlay *overlay,
                  const char *namespace,
                  const NodeId *key,
                  RedirDepths *depths,
                  RedirSearchFunc found,
                  void *owner)
{
  const ConfigurationKind *kind = configuration_kind (overlay->configuration, KIND_REDIR);
  RedirSearch *self = g_new0 (RedirSearch, 1);

  self->overlay = overlay;
  self->namespace = g_strdup (namespace);
  self->key = *key;
  self->factor = kind != NULL ? kind->branching_factor : 0;
  self->depths = depths;
  self->level = self->factor > 0 ? level_start (self) : 0;
  self->found.was_answered = self->factor == 0; /* then nobody needs to be asked */
  self->started_at = overlay_now (overlay);
  self->done = found;
  self->owner = owner;
  redir_reader_init (&self->reader, overlay, on_read, self);
  timer_init (&self->timer, on_timer, self);
  timer_start (&self->timer, overlay->ports->timers, 0);
  return self;
}

void
redir_search_free (RedirSearch *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  redir_reader_stop (&self->reader);
  g_free (self->namespace);
  g_free (self);
}
