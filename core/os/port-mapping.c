/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/port-mapping.h"

/* Libraries that talk to routers wait for them, so they do it in a thread. It hears orders by a
 * queue, and sleeps on it until the lease is half over; what it finds out goes to the main context
 * as a source. All that both sides touch is these two.
 *
 * A mapping that could not be had is tried again soon, since the router may have been busy, when
 * the network changes, and every ten minutes: a router may be told to allow it. */

enum { RETRY_SOON_S = 10, RETRY_S = 600, LEASE_MIN_S = 60 };

typedef enum Order { ORDER_RENEW = 1, ORDER_END } Order;

/* Of the thread; outlives the mapping until the thread has ended and all is told. */
typedef struct Errand {
  gatomicrefcount references;
  uint16_t port;
  PortMappingWays ways;
  void *gateway;
  GAsyncQueue *orders; /* of Order */
  GMainContext *context;
  PortMapping *owner; /* touched in the main context alone; NULL when it has gone */
} Errand;

struct PortMapping {
  Errand *errand;
  GThread *thread;
  PortMappingFunc func;
  void *user_data;
};

typedef struct Finding {
  Errand *errand;
  bool is_mapped;
  Address outside;
} Finding;

static Errand *
errand_ref (Errand *errand)
{
  g_atomic_ref_count_inc (&errand->references);
  return errand;
}

static void
errand_unref (Errand *errand)
{
  if (!g_atomic_ref_count_dec (&errand->references))
    return;
  g_async_queue_unref (errand->orders);
  g_main_context_unref (errand->context);
  g_free (errand);
}

static void
finding_free (void *data)
{
  Finding *finding = data;

  errand_unref (finding->errand);
  g_free (finding);
}

static gboolean
on_found (void *data)
{
  const Finding *finding = data;
  PortMapping *self = finding->errand->owner;

  if (self != NULL)
    self->func (finding->is_mapped ? &finding->outside : NULL, self->user_data);
  return G_SOURCE_REMOVE;
}

/* ---- In the thread ---- */

/* Until it is asked again. */
static uint64_t
pause_s (const GatewayMapping *mapping, unsigned failures)
{
  if (failures > 0)
    return failures == 1 ? RETRY_SOON_S : RETRY_S;
  return MAX (mapping->lifetime_s, LEASE_MIN_S) / 2;
}

static void
tell (Errand *errand, const Address *outside)
{
  Finding *finding = g_new0 (Finding, 1);
  GSource *source = g_idle_source_new ();

  finding->errand = errand_ref (errand);
  finding->is_mapped = outside != NULL;
  if (outside != NULL)
    finding->outside = *outside;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_found, finding, finding_free);
  g_source_attach (source, errand->context);
  g_source_unref (source);
}

static bool
is_news (bool was_mapped, const Address *old, bool is_mapped, const Address *new)
{
  return was_mapped != is_mapped || (is_mapped && !address_equal (old, new));
}

static void *
run (void *data)
{
  Errand *errand = data;
  GatewayMapping last = { 0 };
  bool was_mapped = false;
  unsigned failures = 0; /* since the last order, in a row */
  Order order = ORDER_RENEW;

  while (order != ORDER_END) {
    GatewayMapping mapping = { 0 };
    bool is_mapped = errand->ways.map (errand->gateway, errand->port, &mapping);

    failures = is_mapped ? 0 : failures + 1;
    if (is_news (was_mapped, &last.outside, is_mapped, &mapping.outside))
      tell (errand, is_mapped ? &mapping.outside : NULL);
    last = mapping;
    was_mapped = is_mapped;
    order = GPOINTER_TO_INT (
      g_async_queue_timeout_pop (errand->orders, pause_s (&mapping, failures) * G_USEC_PER_SEC));
    if (order == ORDER_RENEW)
      failures = 0;
  }
  if (was_mapped)
    errand->ways.unmap (errand->gateway, errand->port);
  errand_unref (errand);
  return NULL;
}

/* ---- In the main context ---- */

static void
give_order (PortMapping *self, Order order)
{
  g_async_queue_push (self->errand->orders, GINT_TO_POINTER (order));
}

PortMapping *
port_mapping_new (
  uint16_t port, const PortMappingWays *ways, void *gateway, PortMappingFunc func, void *user_data)
{
  PortMapping *self = g_new0 (PortMapping, 1);
  Errand *errand = g_new0 (Errand, 1);

  g_atomic_ref_count_init (&errand->references);
  errand->port = port;
  errand->ways = *ways;
  errand->gateway = gateway;
  errand->orders = g_async_queue_new ();
  errand->context = g_main_context_ref_thread_default ();
  errand->owner = self;
  self->errand = errand;
  self->func = func;
  self->user_data = user_data;
  self->thread = g_thread_new ("router", run, errand_ref (errand));
  return self;
}

void
port_mapping_free (PortMapping *self)
{
  if (self == NULL)
    return;
  give_order (self, ORDER_END);
  g_thread_join (self->thread);
  self->errand->owner = NULL;
  errand_unref (self->errand);
  g_free (self);
}

void
port_mapping_renew (PortMapping *self)
{
  give_order (self, ORDER_RENEW);
}
