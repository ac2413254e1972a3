/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/usage-redir.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/redir-registration.h"

#include <string.h>

/* Our services and the searches under way. What we provide no more is kept until its records are
 * taken back. */

typedef struct Service {
  ListLink all;
  RedirRegistration *registration; /* owned */
  bool is_withdrawn;
} Service;

typedef struct Search {
  ListLink all;
  RedirUsage *usage;
  uint32_t number;
  RedirSearch *search; /* owned */
} Search;

struct RedirUsage {
  Overlay *overlay;
  ServiceFunc found;
  void *owner;
  ListLink services;
  ListLink searches;
};

/* ---- Providing ---- */

static void
service_free (Service *service)
{
  list_remove (&service->all);
  redir_registration_free (service->registration);
  g_free (service);
}

static Service *
find_service (const RedirUsage *self, const char *namespace)
{
  list_for_each (&self->services, l)
  {
    Service *service = list_element (l, Service, all);
    if (strcmp (redir_registration_namespace (service->registration), namespace) == 0)
      return service;
  }
  return NULL;
}

static bool
is_in_ring (const RedirUsage *self)
{
  TopologyState state = overlay_state (self->overlay);

  return state == TOPOLOGY_JOINED || state == TOPOLOGY_ALONE;
}

void
redir_usage_provide (RedirUsage *self, const char *namespace)
{
  Service *service = find_service (self, namespace);

  if (service != NULL && !service->is_withdrawn)
    return;
  if (service == NULL) {
    service = g_new0 (Service, 1);
    service->registration = redir_registration_new (self->overlay, namespace);
    list_append (&self->services, &service->all);
  }
  service->is_withdrawn = false;
  if (is_in_ring (self))
    redir_registration_start (service->registration);
}

void
redir_usage_withdraw (RedirUsage *self, const char *namespace)
{
  Service *service = find_service (self, namespace);

  if (service == NULL || service->is_withdrawn)
    return;
  service->is_withdrawn = true;
  redir_registration_withdraw (service->registration, NULL, NULL);
}

void
redir_usage_start (RedirUsage *self)
{
  list_for_each (&self->services, l)
  {
    Service *service = list_element (l, Service, all);
    if (!service->is_withdrawn)
      redir_registration_start (service->registration);
  }
}

void
redir_usage_refresh (RedirUsage *self, uint64_t within)
{
  list_for_each (&self->services, l)
  {
    Service *service = list_element (l, Service, all);
    if (!service->is_withdrawn)
      redir_registration_refresh (service->registration, within);
  }
}

unsigned
redir_usage_stop (RedirUsage *self, void (*done) (void *owner), void *owner)
{
  unsigned count = 0;

  list_for_each (&self->services, l)
  {
    Service *service = list_element (l, Service, all);
    if (!service->is_withdrawn)
      count += redir_registration_withdraw (service->registration, done, owner);
  }
  return count;
}

unsigned
redir_usage_stored (const RedirUsage *self)
{
  unsigned count = 0;

  list_for_each (&self->services, l)
  {
    Service *service = list_element (l, Service, all);
    if (!service->is_withdrawn)
      count += redir_registration_stored (service->registration);
  }
  return count;
}

/* ---- Finding ---- */

static void
search_free (Search *search)
{
  list_remove (&search->all);
  redir_search_free (search->search);
  g_free (search);
}

static void
on_found (void *owner, const ServiceFound *found)
{
  Search *search = owner;
  RedirUsage *self = search->usage;

  list_remove (&search->all);
  self->found (self->owner, search->number, found);
  search_free (search);
}

void
redir_usage_find (RedirUsage *self, uint32_t number, const char *namespace, const NodeId *key)
{
  Search *search = g_new0 (Search, 1);

  search->usage = self;
  search->number = number;
  list_append (&self->searches, &search->all);
  search->search = redir_search_new (self->overlay, namespace, key, NULL, on_found, search);
}

/* ---- Life ---- */

RedirUsage *
redir_usage_new (Overlay *overlay, ServiceFunc found, void *owner)
{
  RedirUsage *self = g_new0 (RedirUsage, 1);

  self->overlay = overlay;
  self->found = found;
  self->owner = owner;
  list_init (&self->services);
  list_init (&self->searches);
  return self;
}

void
redir_usage_free (RedirUsage *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->services, l) service_free (list_element (l, Service, all));
  list_for_each (&self->searches, l) search_free (list_element (l, Search, all));
  g_free (self);
}
