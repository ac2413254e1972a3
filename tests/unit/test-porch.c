/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/porch.h"

#include "core/base/limits.h"
#include "tests/unit/fake-node.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Fixture {
  Loop *loop;
  Porch *porch;
  int caller; /* the far end of a connection that stands on the porch; -1: none */
  unsigned tls;
  unsigned turn;
  uint16_t from; /* the port of whoever was let in last */
} Fixture;

/* What is let in has lost nothing of what it said. */
static void
take (Fixture *self, const Address *from, int fd)
{
  uint8_t byte;

  self->from = from->port;
  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 1);
  close (fd);
}

static void
on_tls (void *owner, const Address *from, int fd)
{
  take (owner, from, fd);
  ((Fixture *) owner)->tls++;
}

static void
on_turn (void *owner, const Address *from, int fd)
{
  take (owner, from, fd);
  ((Fixture *) owner)->turn++;
}

static const PorchEvents events = { on_tls, on_turn };

static void
setup (Fixture *self, gconstpointer data)
{
  self->loop = loop_new ();
  self->porch = porch_new (self->loop, &events, self);
  self->caller = -1;
}

static void
teardown (Fixture *self, gconstpointer data)
{
  porch_free (self->porch);
  loop_free (self->loop);
  if (self->caller >= 0)
    close (self->caller);
}

static void
call (Fixture *self, uint16_t port)
{
  const Address from = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 1 }, .port = port };
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  if (self->caller >= 0)
    close (self->caller);
  self->caller = fds[1];
  porch_add (self->porch, &from, fds[0]);
}

/* Until nobody waits any more. */
static void
wait_for_empty (Fixture *self)
{
  while (porch_count (self->porch) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
say (Fixture *self, uint8_t first)
{
  const uint8_t said[] = { first, 0x01, 0x02 };

  call (self, first);
  g_assert_cmpint (send (self->caller, said, sizeof said, 0), ==, sizeof said);
  wait_for_empty (self);
}

static bool
is_hung_up (const Fixture *self)
{
  uint8_t byte;

  return recv (self->caller, &byte, 1, 0) == 0 || errno == ECONNRESET;
}

static void
test_first_byte (Fixture *self, gconstpointer data)
{
  static const uint8_t others[] = { 0x04, 0x13, 0x14, 0x15, 0x17, 0x3f, 0x80, 0xff };

  say (self, 0x16);
  g_assert_cmpuint (self->tls, ==, 1);
  g_assert_cmpuint (self->from, ==, 0x16);
  for (unsigned first = 0; first < 4; first++)
    say (self, (uint8_t) first);
  say (self, 0x40);
  g_assert_cmpuint (self->turn, ==, 5);
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
    say (self, others[i]);
    g_assert_true (is_hung_up (self));
  }
  g_assert_cmpuint (self->tls, ==, 1);
  g_assert_cmpuint (self->turn, ==, 5);
}

static void
test_gone (Fixture *self, gconstpointer data)
{
  call (self, 1);
  g_assert_cmpuint (porch_count (self->porch), ==, 1);
  close (self->caller);
  self->caller = -1;
  wait_for_empty (self);
  g_assert_cmpuint (self->tls + self->turn, ==, 0);
}

static void
test_silence (Fixture *self, gconstpointer data)
{
  Timers *timers = loop_timers (self->loop);
  uint64_t now;

  call (self, 1);
  now = timers_now (timers);
  timers_advance (timers, now + (LIMIT_HANDSHAKE_S - 1) * TIME_SECOND, SIZE_MAX);
  g_assert_cmpuint (porch_count (self->porch), ==, 1);
  timers_advance (timers, now + (LIMIT_HANDSHAKE_S + 1) * TIME_SECOND, SIZE_MAX);
  g_assert_cmpuint (porch_count (self->porch), ==, 0);
  g_assert_true (is_hung_up (self));
}

static void
test_end (Fixture *self, gconstpointer data)
{
  call (self, 1);
  g_clear_pointer (&self->porch, porch_free);
  g_assert_true (is_hung_up (self));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/porch/the-first-byte-says-who-it-is", test_first_byte);
  ADD ("/porch/who-goes-without-a-word-is-forgotten", test_gone);
  ADD ("/porch/threat-4.6-who-says-nothing-is-not-waited-for", test_silence);
  ADD ("/porch/its-end-hangs-up", test_end);
  return g_test_run ();
}
