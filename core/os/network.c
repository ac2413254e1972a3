/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/network.h"

#include "core/os/socket.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel tells of every change of an address or link. Much of it is noise (lifetimes of IPv6
 * addresses are renewed every few minutes), and what matters comes in bursts: so a message only
 * starts a short timer, and then the addresses are compared with those of before. */

enum { ADDRESSES_MAX = 64 };

static const uint64_t settle_us = 500 * TIME_MS;

struct Network {
  Loop *loop;
  int fd; /* netlink, or -1 */
  GSource *readable;
  Timer settle;
  gulong metered_changed; /* the handler's id */
  bool is_metered;
  Address addresses[ADDRESSES_MAX];
  size_t count;
  void (*changed) (void *user_data);
  void *user_data;
};

static bool
is_same (const Address *a, size_t a_count, const Address *b, size_t b_count)
{
  if (a_count != b_count)
    return false;
  for (size_t i = 0; i < a_count; i++) {
    if (!address_equal (&a[i], &b[i]))
      return false;
  }
  return true;
}

static void
on_settle (Timer *timer, void *owner)
{
  Network *self = owner;
  Address addresses[ADDRESSES_MAX];
  size_t count = socket_own_addresses (addresses, ADDRESSES_MAX);

  if (is_same (addresses, count, self->addresses, self->count) &&
      self->is_metered == network_is_metered ())
    return;
  self->is_metered = network_is_metered ();
  memcpy (self->addresses, addresses, count * sizeof addresses[0]);
  self->count = count;
  self->changed (self->user_data);
}

static void
settle_soon (Network *self)
{
  if (!timer_is_set (&self->settle))
    timer_start (&self->settle, loop_timers (self->loop), settle_us);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  Network *self = user_data;
  uint8_t bytes[8192];

  while (recv (fd, bytes, sizeof bytes, 0) > 0)
    continue;
  settle_soon (self);
  return G_SOURCE_CONTINUE;
}

static void
on_metered_changed (GObject *monitor, GParamSpec *property, void *user_data)
{
  settle_soon (user_data);
}

bool
network_is_metered (void)
{
  return g_network_monitor_get_network_metered (g_network_monitor_get_default ());
}

Network *
network_new (Loop *loop, void (*changed) (void *user_data), void *user_data)
{
  Network *self = g_new0 (Network, 1);
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK,
                                .nl_groups =
                                  RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };

  self->loop = loop;
  self->changed = changed;
  self->user_data = user_data;
  self->count = socket_own_addresses (self->addresses, ADDRESSES_MAX);
  self->is_metered = network_is_metered ();
  self->metered_changed =
    g_signal_connect (g_network_monitor_get_default (), "notify::network-metered",
                      G_CALLBACK (on_metered_changed), self);
  timer_init (&self->settle, on_settle, self);
  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (self->fd >= 0 && bind (self->fd, (struct sockaddr *) &kernel, sizeof kernel) == 0)
    self->readable = loop_watch (loop, self->fd, G_IO_IN, on_readable, self);
  return self;
}

void
network_free (Network *self)
{
  if (self == NULL)
    return;
  g_signal_handler_disconnect (g_network_monitor_get_default (), self->metered_changed);
  timer_stop (&self->settle);
  loop_unwatch (&self->readable);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}
