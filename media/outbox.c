/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A queue under a lock and one source that is made ready when something is in it. A main loop that
 * stands still must not make the queue grow: what is older than LIMIT_MEDIA_BACKLOG datagrams is
 * of no use to the peer any more. */
#include "media/outbox.h"

#include "core/base/limits.h"

struct Outbox {
  OutboxFunc func;
  void *user_data;
  GSource *source;
  GMutex lock;
  GQueue datagrams; /* of GstBuffer, under the lock */
  uint64_t bytes;
};

static GstBuffer *
take (Outbox *self)
{
  g_mutex_lock (&self->lock);
  GstBuffer *datagram = g_queue_pop_head (&self->datagrams);
  g_mutex_unlock (&self->lock);
  return datagram;
}

/* `func` may free the outbox's owner, which destroys the source: that ends the loop. */
static int
on_source_ready (void *user_data)
{
  Outbox *self = user_data;
  GSource *source = g_source_ref (self->source);
  g_source_set_ready_time (source, -1);
  GstBuffer *datagram;
  while (!g_source_is_destroyed (source) && (datagram = take (self)) != NULL) {
    GstMapInfo map;
    if (gst_buffer_map (datagram, &map, GST_MAP_READ)) {
      self->bytes += map.size;
      self->func (self->user_data, (Bytes){ map.data, map.size });
      gst_buffer_unmap (datagram, &map);
    }
    gst_buffer_unref (datagram);
  }
  g_source_unref (source);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

Outbox *
outbox_new (OutboxFunc func, void *user_data)
{
  Outbox *self = g_new0 (Outbox, 1);
  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  g_queue_init (&self->datagrams);
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_set_callback (self->source, on_source_ready, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
outbox_free (Outbox *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_queue_clear_full (&self->datagrams, (GDestroyNotify) gst_buffer_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
outbox_put (Outbox *self, GstBuffer *datagram)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->datagrams, datagram);
  GstBuffer *oldest = NULL;
  if (self->datagrams.length > LIMIT_MEDIA_BACKLOG)
    oldest = g_queue_pop_head (&self->datagrams);
  g_mutex_unlock (&self->lock);
  gst_clear_buffer (&oldest);
  g_source_set_ready_time (self->source, 0);
}

uint64_t
outbox_bytes (const Outbox *self)
{
  return self->bytes;
}
