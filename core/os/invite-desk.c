/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/invite-desk.h"

#include "core/os/invite-message.h"

#include <string.h>

/* A newcomer says one thing within the handshake's time, then waits at most LIMIT_NEWCOMER_S. The
 * answer is the last thing said; the newcomer closes. */

typedef struct Newcomer {
  GByteArray *said; /* NULL once it has asked */
} Newcomer;

struct InviteDesk {
  World *world;
  GHashTable *waiting; /* Newcomer by number */
  WorldInviteFunc asked;
  void *user_data;
};

static Newcomer *
newcomer_new (void)
{
  Newcomer *self = g_new0 (Newcomer, 1);

  self->said = g_byte_array_new ();
  return self;
}

static void
newcomer_free (void *data)
{
  Newcomer *self = data;

  g_clear_pointer (&self->said, g_byte_array_unref);
  g_free (self);
}

InviteDesk *
invite_desk_new (World *world)
{
  InviteDesk *self = g_new0 (InviteDesk, 1);

  self->world = world;
  self->waiting = g_hash_table_new_full (NULL, NULL, NULL, newcomer_free);
  return self;
}

void
invite_desk_free (InviteDesk *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->waiting);
  g_free (self);
}

void
invite_desk_set_func (InviteDesk *self, WorldInviteFunc asked, void *user_data)
{
  self->asked = asked;
  self->user_data = user_data;
}

bool
invite_desk_add (InviteDesk *self, Carrier *carrier)
{
  if (self->asked == NULL || g_hash_table_size (self->waiting) >= LIMIT_NEWCOMERS)
    return false;
  g_hash_table_insert (self->waiting, GUINT_TO_POINTER (carrier_number (carrier)), newcomer_new ());
  carrier_set_deadline (carrier, LIMIT_HANDSHAKE_S);
  return true;
}

void
invite_desk_receive (InviteDesk *self, Carrier *carrier, Bytes bytes)
{
  uint32_t number = carrier_number (carrier);
  Newcomer *newcomer = g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (number));
  InviteReading reading = INVITE_READING_BAD;
  InviteMessage message;

  if (newcomer != NULL && newcomer->said != NULL) {
    g_byte_array_append (newcomer->said, bytes.data, (unsigned) bytes.size);
    reading =
      invite_message_decode ((Bytes){ newcomer->said->data, newcomer->said->len }, &message);
  }
  if (reading == INVITE_READING_MORE)
    return;
  if (reading == INVITE_READING_BAD || message.is_answer || self->asked == NULL) {
    carrier_close (carrier);
    return;
  }
  g_clear_pointer (&newcomer->said, g_byte_array_unref);
  carrier_set_deadline (carrier, LIMIT_NEWCOMER_S);
  self->asked (number, carrier_peer_address (carrier), message.user_name, message.computer_name,
               self->user_data);
}

void
invite_desk_answer (InviteDesk *self, Carrier *carrier, const char *invitation)
{
  InviteMessage message = { .is_answer = true };
  g_autoptr (GByteArray) bytes = NULL;

  g_assert (invitation == NULL || strlen (invitation) <= LIMIT_INVITATION_SIZE);
  g_strlcpy (message.invitation, invitation != NULL ? invitation : "", sizeof message.invitation);
  bytes = invite_message_encode (&message);
  carrier_send (carrier, (Bytes){ bytes->data, bytes->len });
  carrier_set_deadline (carrier, LIMIT_HANDSHAKE_S);
}

void
invite_desk_gone (InviteDesk *self, uint32_t number)
{
  g_hash_table_remove (self->waiting, GUINT_TO_POINTER (number));
}
