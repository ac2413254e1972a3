/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/porch.h"

#include "core/base/limits.h"
#include "core/os/relay-frame.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* The caller bounds how many wait. Of each there is nothing but its socket. */

enum { TLS_HANDSHAKE = 0x16 };

typedef struct Guest {
  ListLink all;
  Porch *porch;
  Address from;
  int fd;
  GSource *readable;
  Timer deadline;
} Guest;

struct Porch {
  Loop *loop;
  const PorchEvents *events;
  void *owner;
  ListLink guests;
  unsigned count;
};

/* Its socket is the caller's now. */
static int
guest_free (Guest *guest)
{
  int fd = guest->fd;

  loop_unwatch (&guest->readable);
  timer_stop (&guest->deadline);
  list_remove (&guest->all);
  guest->porch->count--;
  g_free (guest);
  return fd;
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  Guest *guest = user_data;
  Porch *self = guest->porch;
  Address from = guest->from;
  uint8_t first;
  ssize_t size = recv (fd, &first, 1, MSG_PEEK);

  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  guest_free (guest);
  if (size == 1 && first == TLS_HANDSHAKE)
    self->events->tls (self->owner, &from, fd);
  else if (size == 1 && relay_frame_begins (first))
    self->events->turn (self->owner, &from, fd);
  else
    close (fd);
  return G_SOURCE_CONTINUE;
}

static void
on_deadline (Timer *timer, void *owner)
{
  close (guest_free (owner));
}

Porch *
porch_new (Loop *loop, const PorchEvents *events, void *owner)
{
  Porch *self = g_new0 (Porch, 1);

  self->loop = loop;
  self->events = events;
  self->owner = owner;
  list_init (&self->guests);
  return self;
}

void
porch_free (Porch *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->guests, l) close (guest_free (list_element (l, Guest, all)));
  g_free (self);
}

void
porch_add (Porch *self, const Address *from, int fd)
{
  Guest *guest = g_new0 (Guest, 1);

  guest->porch = self;
  guest->from = *from;
  guest->fd = fd;
  timer_init (&guest->deadline, on_deadline, guest);
  timer_start (&guest->deadline, loop_timers (self->loop), LIMIT_HANDSHAKE_S * TIME_SECOND);
  guest->readable = loop_watch (self->loop, fd, G_IO_IN, on_readable, guest);
  list_append (&self->guests, &guest->all);
  self->count++;
}

unsigned
porch_count (const Porch *self)
{
  return self->count;
}
