/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/phone/contacts-private.h"
#include <string.h>

/* Who asks to be a buddy waits in the list for this person's decision, which stays. While a key is
 * pinned, only requests that came with it are in the list. */

/* The key that a request came with. */
static const UserKey *
request_key (PealRequest *request)
{
  return g_object_get_data (G_OBJECT (request), "user-key");
}

void
contacts_remove_requests (Contacts *self, const char *address, const UserKey *kept)
{
  GListModel *model = G_LIST_MODEL (self->requests);

  for (guint i = g_list_model_get_n_items (model); i-- > 0;) {
    g_autoptr (PealRequest) request = g_list_model_get_item (model, i);

    if (peal_request_get_kind (request) != PEAL_REQUEST_BUDDY ||
        (address && strcmp (peal_request_get_address (request), address) != 0) ||
        (kept && memcmp (request_key (request), kept, sizeof *kept) == 0))
      continue;
    peal_request_detach (request);
    g_list_store_remove (self->requests, i);
  }
}

static void
decide (Contacts *self, Person *person, const UserKey *key, NodeAcceptance decision)
{
  person->row->key = *key;
  person->row->has_key = true;
  person->row->decision = (int) decision;
  store_put_person (self->store, person->row);
  contacts_tell_decision (self, person);
}

static void
accept_request (gpointer owner, PealRequest *request)
{
  Contacts *self = owner;
  Person *person = contacts_ensure_person (self, peal_request_get_address (request));
  g_autofree char *address = g_strdup (person->row->address);
  g_autofree char *name = g_strdup (peal_request_get_name (request));

  decide (self, person, request_key (request), NODE_ACCEPTANCE_ACCEPTED);
  contacts_remove_requests (self, address, NULL);
  contacts_add (self, address, name);
}

static void
refuse_request (gpointer owner, PealRequest *request)
{
  Contacts *self = owner;
  Person *person = contacts_ensure_person (self, peal_request_get_address (request));

  decide (self, person, request_key (request), NODE_ACCEPTANCE_REFUSED);
  contacts_remove_requests (self, person->row->address, NULL);
}

static const PealRequestActions request_actions = {
  .accept = accept_request,
  .refuse = refuse_request,
};

static void
add_request (Contacts *self, const NodeEvent *event)
{
  g_autofree char *display_address = contacts_display_address (self, event->request.address);
  g_autoptr (PealRequest) request = NULL;

  if (g_list_model_get_n_items (G_LIST_MODEL (self->requests)) >= LIMIT_REQUESTS_PENDING)
    return;
  contacts_remove_requests (self, event->request.address, NULL);
  request = peal_request_new (&(PealRequestStart){ .kind = PEAL_REQUEST_BUDDY,
                                                   .address = event->request.address,
                                                   .display_address = display_address,
                                                   .name = event->request.display_name },
                              &request_actions, self);
  g_object_set_data_full (G_OBJECT (request), "user-key",
                          g_memdup2 (event->request.user_key, sizeof (UserKey)), g_free);
  g_list_store_append (self->requests, request);
}

void
contacts_on_request (Contacts *self, Line *line, const NodeEvent *event)
{
  Person *person = contacts_find_person (self, event->request.address);
  const UserKey *key = event->request.user_key;

  /* Another key than the pinned one is not that person, and is not taken for a new one either. */
  if (person && !contacts_check_key (self, event->request.address, key))
    return;
  if (person && person->row->decision != NODE_ACCEPTANCE_UNDECIDED) {
    contacts_tell_decision (self, person);
    return;
  }
  if (person && person->row->is_contact && !person_is_ambiguous (person)) {
    decide (self, person, key, NODE_ACCEPTANCE_ACCEPTED);
    return;
  }
  add_request (self, event);
}
