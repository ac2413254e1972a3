/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/outbox.h"

#include "core/base/limits.h"

typedef struct Received {
  unsigned count;
  uint8_t last;
  GThread *thread;
  Outbox *outbox_to_free;
} Received;

static void
on_datagram (void *user_data, Bytes datagram)
{
  Received *self = user_data;
  self->count++;
  self->last = datagram.data[0];
  self->thread = g_thread_self ();
  g_clear_pointer (&self->outbox_to_free, outbox_free);
}

static void *
put_many (void *user_data)
{
  for (unsigned i = 0; i < 50; i++) {
    uint8_t byte = (uint8_t) i;
    outbox_put (user_data, gst_buffer_new_memdup (&byte, 1));
  }
  return NULL;
}

static void
test_datagrams_arrive_in_order_on_the_main_context (void)
{
  Received received = { 0 };
  g_autoptr (Outbox) outbox = outbox_new (on_datagram, &received);
  g_thread_join (g_thread_new ("put", put_many, outbox));
  while (received.count < 50)
    g_main_context_iteration (NULL, true);
  g_assert_cmpuint (received.last, ==, 49);
  g_assert_true (received.thread == g_thread_self ());
  g_assert_cmpuint (outbox_bytes (outbox), ==, 50);
}

static void
test_a_main_loop_that_stands_bounds_the_queue (void)
{
  Received received = { 0 };
  g_autoptr (Outbox) outbox = outbox_new (on_datagram, &received);
  for (unsigned i = 0; i < 10; i++)
    put_many (outbox);
  while (g_main_context_iteration (NULL, false))
    continue;
  g_assert_cmpuint (received.count, ==, LIMIT_MEDIA_BACKLOG);
  g_assert_cmpuint (received.last, ==, 49);
}

static void
test_the_receiver_may_free_it (void)
{
  Received received = { 0 };
  received.outbox_to_free = outbox_new (on_datagram, &received);
  put_many (received.outbox_to_free);
  while (g_main_context_iteration (NULL, false))
    continue;
  g_assert_cmpuint (received.count, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/outbox/datagrams-arrive-in-order-on-the-main-context",
                   test_datagrams_arrive_in_order_on_the_main_context);
  g_test_add_func ("/outbox/a-main-loop-that-stands-bounds-the-queue",
                   test_a_main_loop_that_stands_bounds_the_queue);
  g_test_add_func ("/outbox/the-receiver-may-free-it", test_the_receiver_may_free_it);
  return g_test_run ();
}
