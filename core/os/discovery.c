/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/discovery-message.h"
#include "core/os/multicast.h"
#include "core/os/network.h"
#include "core/os/socket.h"

#include <errno.h>
#include <string.h>

/* Both questions and answers go to the whole group: an answer tells everybody who listens. Answers
 * wait a short random time, so that a hundred phones do not answer in one instant, and one answer
 * serves all who asked meanwhile. Nothing here is signed; what is heard is a hint where to connect,
 * and TLS decides. */

enum { ANSWER_DELAY_MS = 150, HEARD_PER_S = 50, OWN_MAX = 64 };

struct Discovery {
  Loop *loop;
  Network *network;
  Multicast *multicast;
  DiscoveryFunc func;
  void *user_data;
  DiscoveryHere here;
  bool is_announcing;
  Timer answer;
  Timer second; /* while it runs, the two counts are those of this second */
  unsigned answers;
  unsigned heard;
};

static void
on_second (Timer *timer, void *owner)
{
  Discovery *self = owner;

  self->answers = self->heard = 0;
}

/* Whether one more may pass in this second. */
static bool
discovery_count (Discovery *self, unsigned *count, unsigned limit)
{
  if (!timer_is_set (&self->second))
    timer_start (&self->second, loop_timers (self->loop), TIME_SECOND);
  return ++*count <= limit;
}

static void
discovery_send (Discovery *self, const DiscoveryMessage *message)
{
  uint8_t bytes[LIMIT_DISCOVERY_SIZE];
  size_t size = discovery_message_encode (message, bytes);

  multicast_send (self->multicast, (Bytes){ bytes, size });
}

static void
on_answer (Timer *timer, void *owner)
{
  Discovery *self = owner;
  DiscoveryMessage message = { .is_here = true, .has_instance = true, .here = self->here };

  if (self->is_announcing && discovery_count (self, &self->answers, LIMIT_DISCOVERY_PER_S))
    discovery_send (self, &message);
}

static void
discovery_hear (Discovery *self, DiscoveryMessage *message, const Address *from)
{
  if (!message->is_here) {
    bool is_for_us =
      !message->has_instance || memcmp (message->here.instance_hash, self->here.instance_hash,
                                        sizeof self->here.instance_hash) == 0;
    if (self->is_announcing && is_for_us && !timer_is_set (&self->answer))
      timer_start (&self->answer, loop_timers (self->loop),
                   (uint64_t) g_random_int_range (1, ANSWER_DELAY_MS) * TIME_MS);
    return;
  }
  uint16_t port = message->here.listener.port;
  message->here.listener = *from;
  message->here.listener.port = port;
  if (!discovery_is_itself (self, &message->here) &&
      discovery_count (self, &self->heard, HEARD_PER_S))
    self->func (&message->here, self->user_data);
}

static void
on_datagram (const Address *from, Bytes datagram, void *user_data)
{
  DiscoveryMessage message;

  if (discovery_message_decode (datagram, &message))
    discovery_hear (user_data, &message, from);
}

static void
on_network_changed (void *user_data)
{
  Discovery *self = user_data;

  multicast_refresh (self->multicast);
}

Discovery *
discovery_new (const char *listen, DiscoveryFunc func, void *user_data, GError **error)
{
  g_autoptr (Discovery) self = g_new0 (Discovery, 1);
  Address only;
  bool is_only =
    listen != NULL && address_from_text (listen, &only) && !address_is_unspecified (&only);

  self->func = func;
  self->user_data = user_data;
  self->loop = loop_new ();
  timer_init (&self->answer, on_answer, self);
  timer_init (&self->second, on_second, self);
  self->multicast = multicast_new (self->loop, is_only ? &only : NULL, on_datagram, self);
  if (self->multicast == NULL) {
    int reason = errno;
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (reason), g_strerror (reason));
    return NULL;
  }
  self->network = network_new (self->loop, on_network_changed, self);
  return g_steal_pointer (&self);
}

void
discovery_free (Discovery *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->answer);
  timer_stop (&self->second);
  network_free (self->network);
  multicast_free (self->multicast);
  loop_free (self->loop);
  g_free (self);
}

void
discovery_announce (Discovery *self, const DiscoveryHere *here)
{
  self->is_announcing = here != NULL;
  if (here != NULL)
    self->here = *here;
}

bool
discovery_is_itself (const Discovery *self, const DiscoveryHere *here)
{
  Address own[OWN_MAX];
  size_t count;

  if (!self->is_announcing || here->listener.port != self->here.listener.port ||
      memcmp (here->instance_hash, self->here.instance_hash, sizeof here->instance_hash) != 0)
    return false;
  count = socket_own_addresses (own, OWN_MAX);
  for (size_t i = 0; i < count; i++) {
    if (memcmp (own[i].bytes, here->listener.bytes, sizeof own[i].bytes) == 0)
      return true;
  }
  return false;
}

void
discovery_ask (Discovery *self)
{
  DiscoveryMessage message = { .is_here = false };

  discovery_send (self, &message);
}
