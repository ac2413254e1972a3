/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/guest.h"

#include "core/node-private.h"
#include "core/overlay/redir-tree.h"
#include "core/phone/phone-private.h"

enum { LIFETIME_S = 600, NEVER_S = 24 * 3600 };

struct Guest {
  PealPhone *phone; /* owned */
};

Guest *
guest_new (const char *state, const char *invitation, const char *name)
{
  PealPhoneOptions options = {
    .state_path = state, .listen = "127.0.0.1:0", .is_user = true, .log_level = 2
  };
  g_autoptr (GError) error = NULL;
  Guest *self = g_new0 (Guest, 1);
  PealAccount *account;

  self->phone = peal_phone_new (&options, &error);
  account =
    self->phone != NULL ? peal_phone_join (self->phone, invitation, name, name, &error) : NULL;
  if (account == NULL)
    g_error ("%s", error->message);
  while (peal_account_get_state (account) != PEAL_ACCOUNT_READY)
    g_main_context_iteration (NULL, TRUE);
  return self;
}

void
guest_free (Guest *self)
{
  if (self == NULL)
    return;
  peal_phone_leave (self->phone);
  g_object_unref (self->phone);
  g_free (self);
}

PealPhone *
guest_phone (Guest *self)
{
  return self->phone;
}

Overlay *
guest_overlay (Guest *self)
{
  return line_get_node (g_ptr_array_index (self->phone->lines, 0))->overlay;
}

NodeId
guest_place (const char *service)
{
  return redir_resource (bytes_of_text (service), 0, 0);
}

Publication *
guest_record (Guest *self, const char *service)
{
  Overlay *overlay = guest_overlay (self);
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Destination here = destination_of_node (&overlay->id);
  RedirServiceProvider record = { .destination_list = { &here, 1 },
                                  .namespace = bytes_of_text (service) };
  PublicationOptions options = {
    .resource = guest_place (service),
    .kind = KIND_REDIR,
    .key = node_id_bytes (&overlay->id),
    .lifetime_s = LIFETIME_S,
    .refresh_s = NEVER_S,
  };

  redir_service_provider_encode (&record, value);
  options.value = (Bytes){ value->data, value->len };
  return publication_new (overlay, &options);
}
