/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "redir"
#include "core/overlay/redir-registration.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/redir-node.h"
#include "core/overlay/redir-tree.h"
#include "core/wire/redir.h"

#include <string.h>

/* A walk of one provider through the tree of its service:
 *
 *   level 2: read, store ──as long as we are the first or the last there──> up, read, store ... 0
 *   level 2: read ──until we are alone in our interval──> down, read, store when first or last
 *
 * The tree is soft: the whole walk is made anew when nine tenths of the records' lifetime are over.
 * What an earlier walk has stored where this one does not come is left to expire. */

#define RETRY (30 * TIME_SECOND)

enum {
  LIFETIME_S = 600,
  REFRESH_S = LIFETIME_S * 9 / 10,
  NEVER_S = 24 * 3600, /* the walk stores again, the publication does not */
};

G_STATIC_ASSERT (NEVER_S > 2 * LIFETIME_S);

struct RedirRegistration {
  Overlay *overlay;
  char *namespace; /* owned */
  unsigned factor; /* of the walk */
  unsigned level;
  bool is_descending;
  RedirReader reader;
  Publication *records[REDIR_LEVELS];
  Timer timer;
};

static RedirPlace
place_of (const RedirRegistration *self)
{
  return (RedirPlace){
    .namespace = self->namespace,
    .factor = self->factor,
    .level = self->level,
    .id = self->overlay->id,
  };
}

static void
read_level (RedirRegistration *self)
{
  RedirPlace place = place_of (self);

  redir_read (&self->reader, &place);
}

static Publication *
publish (RedirRegistration *self)
{
  RedirPlace place = place_of (self);
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Destination here = destination_of_node (&self->overlay->id);
  RedirServiceProvider record = {
    .destination_list = { &here, 1 },
    .namespace = bytes_of_text (self->namespace),
    .level = (uint16_t) self->level,
    .node = redir_node_of (self->factor, self->level, &place.id),
  };
  PublicationOptions options = {
    .resource = redir_place_resource (&place),
    .kind = KIND_REDIR,
    .key = node_id_bytes (&place.id),
    .lifetime_s = LIFETIME_S,
    .refresh_s = NEVER_S,
  };

  redir_service_provider_encode (&record, value);
  options.value = (Bytes){ value->data, value->len };
  return publication_new (self->overlay, &options);
}

static void
store (RedirRegistration *self)
{
  Publication **record = &self->records[self->level];

  if (*record == NULL)
    *record = publish (self);
  publication_start (*record);
}

static void
forget_records (RedirRegistration *self)
{
  for (unsigned level = 0; level < REDIR_LEVELS; level++)
    g_clear_pointer (&self->records[level], publication_free);
}

static unsigned
level_start (const RedirRegistration *self)
{
  return MIN ((unsigned) REDIR_LEVEL_START, redir_level_max (self->factor));
}

static void
go_up (RedirRegistration *self, const RedirView *view)
{
  bool is_start = self->level == level_start (self);

  store (self);
  if (self->level > 0 && redir_is_extreme (is_start ? &view->node : &view->interval)) {
    self->level--;
  } else {
    self->is_descending = true;
    self->level = level_start (self);
  }
  read_level (self);
}

/* Where the way down begins we stand already. */
static void
go_down (RedirRegistration *self, const RedirView *view)
{
  bool is_alone = !view->interval.has_lower && !view->interval.has_higher;

  if (self->level > level_start (self) && redir_is_extreme (&view->interval))
    store (self);
  if (is_alone || self->level == redir_level_max (self->factor))
    return;
  self->level++;
  read_level (self);
}

static void
on_read (void *owner, const RedirView *view)
{
  RedirRegistration *self = owner;

  if (!view->was_answered) {
    log_debug (self->overlay->ports, "nobody answers for level %u of %s", self->level,
               self->namespace);
    timer_start (&self->timer, self->overlay->ports->timers, RETRY);
  } else if (self->is_descending) {
    go_down (self, view);
  } else {
    go_up (self, view);
  }
}

/* An overlay without the Kind has no services; a newer document may bring it, or change its trees.
 */
static void
on_timer (Timer *timer, void *owner)
{
  RedirRegistration *self = owner;
  const ConfigurationKind *kind = configuration_kind (self->overlay->configuration, KIND_REDIR);
  unsigned factor = kind != NULL ? kind->branching_factor : 0;

  timer_start (timer, self->overlay->ports->timers, REFRESH_S * TIME_SECOND);
  if (factor != self->factor)
    forget_records (self);
  self->factor = factor;
  if (factor == 0)
    return;
  self->is_descending = false;
  self->level = level_start (self);
  read_level (self);
}

void
redir_registration_start (RedirRegistration *self)
{
  forget_records (self);
  timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
redir_registration_refresh (RedirRegistration *self, uint64_t within)
{
  for (unsigned level = 0; level < REDIR_LEVELS; level++)
    if (self->records[level] != NULL)
      publication_refresh (self->records[level], within);
}

unsigned
redir_registration_withdraw (RedirRegistration *self, void (*done) (void *owner), void *owner)
{
  unsigned count = 0;

  timer_stop (&self->timer);
  redir_reader_stop (&self->reader);
  for (unsigned level = 0; level < REDIR_LEVELS; level++)
    if (self->records[level] != NULL) {
      publication_withdraw (self->records[level], done, owner);
      count++;
    }
  return count;
}

unsigned
redir_registration_stored (const RedirRegistration *self)
{
  unsigned count = 0;

  for (unsigned level = 0; level < REDIR_LEVELS; level++)
    count += self->records[level] != NULL && publication_is_stored (self->records[level]);
  return count;
}

const char *
redir_registration_namespace (const RedirRegistration *self)
{
  return self->namespace;
}

RedirRegistration *
redir_registration_new (Overlay *overlay, const char *namespace)
{
  RedirRegistration *self = g_new0 (RedirRegistration, 1);

  self->overlay = overlay;
  self->namespace = g_strdup (namespace);
  redir_reader_init (&self->reader, overlay, on_read, self);
  timer_init (&self->timer, on_timer, self);
  return self;
}

void
redir_registration_free (RedirRegistration *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  redir_reader_stop (&self->reader);
  forget_records (self);
  g_free (self->namespace);
  g_free (self);
}
