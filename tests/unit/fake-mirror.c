/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fake-mirror.h"

#include "core/os/socket.h"
#include "core/os/stun.h"

#include <sys/socket.h>
#include <unistd.h>

struct FakeMirror {
  int fd;
  GSource *readable;
  Address seen;
  unsigned asked;
  size_t asked_bytes;
};

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  FakeMirror *self = user_data;
  uint8_t request[STUN_REPLY_SIZE];
  uint8_t reply[STUN_REPLY_SIZE];
  Address from;
  ssize_t size;

  while ((size = socket_receive (fd, request, sizeof request, &from, NULL)) >= 0) {
    size_t reply_size = stun_answer_binding ((Bytes){ request, (size_t) size }, &self->seen, reply);
    self->asked++;
    self->asked_bytes += (size_t) size;
    if (self->seen.family != ADDRESS_NONE && reply_size > 0)
      socket_send (fd, (Bytes){ reply, reply_size }, &from, NULL);
  }
  return G_SOURCE_CONTINUE;
}

FakeMirror *
fake_mirror_new (Loop *loop, const Address *seen)
{
  static const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  FakeMirror *self = g_new0 (FakeMirror, 1);

  self->seen = *seen;
  self->fd = socket_bind (SOCK_DGRAM, &loopback, false);
  g_assert_cmpint (self->fd, >=, 0);
  self->readable = loop_watch (loop, self->fd, G_IO_IN, on_readable, self);
  return self;
}

void
fake_mirror_free (FakeMirror *self)
{
  loop_unwatch (&self->readable);
  close (self->fd);
  g_free (self);
}

Address
fake_mirror_address (const FakeMirror *self)
{
  return socket_address (self->fd);
}

const unsigned *
fake_mirror_asked (const FakeMirror *self)
{
  return &self->asked;
}

size_t
fake_mirror_asked_bytes (const FakeMirror *self)
{
  return self->asked_bytes;
}
